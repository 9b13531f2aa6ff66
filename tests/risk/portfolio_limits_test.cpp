// CORRELATED, VAR_PARAMETRIC, VAR_HISTORICAL, STRESS. Every account has 100,000 USD.

#include "risk/portfolio_limits.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"

namespace fermata::testing {
namespace {

/// The instruments of GateWorld: 0 and 1 are measured, with deviations of 2% and 3% a day and a
/// correlation of 0.5; 2 is measured, without any risk; 3 and 4 are not measured. 200 days without
/// any change. The prices are those of the marks.
portfolio::PortfolioSnapshot quiet(std::uint64_t number = 1) {
    portfolio::PortfolioSnapshot s;
    s.number = number;
    s.instruments = 5;
    s.days = 200;
    s.measured = {1, 1, 1, 0, 0};
    s.sectors.assign(5, portfolio::PortfolioSnapshot::kNoSector);
    s.average_daily_volumes.resize(5);
    s.volatilities = {0.02, 0.03, 0, 0, 0};
    s.betas.assign(5, 0);
    s.covariance.assign(25, 0);
    s.covariance[0] = 0.0004;
    s.covariance[1] = s.covariance[5] = 0.0003;
    s.covariance[6] = 0.0009;
    s.returns.assign(1'000, 0);
    s.correlated.assign(5, 0);
    return s;
}
double& return_of(portfolio::PortfolioSnapshot& s, std::size_t day, std::size_t i) {
    return s.returns[day * 5 + i];
}

/// Settings under which no scenario does anything, but the windows that are given.
ScenarioSettings only_windows(std::vector<ScenarioWindow> windows = {}) {
    ScenarioSettings settings;
    settings.windows = std::move(windows);
    settings.numbers.flash_fall = settings.numbers.index_shock = settings.numbers.sector_shock = 0;
    settings.numbers.volatility_multiple = 0;
    settings.numbers.confidence = 0.5;  // no deviation at all
    return settings;
}

struct World : GateWorld {
    explicit World(RiskConfig config) : GateWorld(std::move(config)) {
        trade(0, "100");
        trade(1, "50");
        trade(2, "20");
        gate().use_snapshots(shelf);
    }
    void adopt(const portfolio::PortfolioSnapshot& s, const ScenarioSettings& settings = {},
               std::vector<Price> prices = std::vector<Price>(5)) {
        ASSERT_FALSE(tell_snapshot(gate(), shelf, make_gate_snapshot(s, prices, settings), now));
    }
    /// The gate is told of it, too.
    void hold(std::uint32_t i, const char* size, const char* at, std::uint16_t account = 0) {
        GateWorld::hold(i, size, at, account);
        tell_fill(i, "1", at, 0, account);
    }
    Order open(const OrderEvent& e) {
        const Order live = GateWorld::open(e);
        tell(live);
        return live;
    }
    std::string buy(std::uint32_t i, const char* size) { return text(order(i, Side::kBuy, size)); }
    std::string sell(std::uint32_t i, const char* size) {
        return text(order(i, Side::kSell, size));
    }
    /// What "12 3" in "CODE account 12 3" says of code, observed and limit.
    void expect_refused(const OrderEvent& e, ControlId id, double observed, double limit) {
        const VerdictData v = judge(e);
        EXPECT_EQ(v.failed, bit(id));
        EXPECT_EQ(v.scope, static_cast<std::uint8_t>(Scope::kAccount));
        EXPECT_NEAR(static_cast<double>(v.observed) * 1e-6, observed, observed * 1e-6);
        EXPECT_GT(v.observed, v.limit);
        EXPECT_EQ(v.limit, std::llround(limit * 1e6));
    }
    SnapshotShelf shelf;
};

// --- nothing is measured ---

TEST(PortfolioLimits, TakeAShareOfTheValueForTheLossOfWhatIsNotMeasured) {
    // 10% of 20,000 is 2,000, 2% of the equity.
    for (const char* key : {"var_parametric", "var_historical"}) {
        World w(only({{key, "2%"}}));
        EXPECT_EQ(w.buy(0, "200"), "APPROVED") << key;
        w.expect_refused(w.order(0, Side::kBuy, "201"),
                         key[4] == 'p' ? ControlId::kVarParametric : ControlId::kVarHistorical,
                         2'010, 2'000);
        w.hold(0, "120", "100");
        EXPECT_EQ(w.buy(1, "160"), "APPROVED") << "12,000 and 8,000";
        EXPECT_NE(w.buy(1, "161"), "APPROVED");
        EXPECT_NE(w.buy(0, "81"), "APPROVED");
    }
    World w(only({{"var_parametric", "2%"}, {"var_parametric_unmeasured", "20%"}}));
    EXPECT_EQ(w.buy(0, "100"), "APPROVED");
    EXPECT_NE(w.buy(0, "101"), "APPROVED");
}

TEST(PortfolioLimits, LetWhatIsNotMeasuredFallByAFifth) {
    World w(only({{"stress", "10%"}}));
    EXPECT_EQ(w.buy(0, "500"), "APPROVED");
    w.expect_refused(w.order(0, Side::kBuy, "501"), ControlId::kStress, 10'020, 10'000);
    // Shorts lose by a rise of as much; nothing makes up for anything.
    w.hold(0, "300", "100", 1);
    EXPECT_EQ(w.text(in_account(1, w.order(1, Side::kSell, "400"))), "APPROVED");
    EXPECT_NE(w.text(in_account(1, w.order(1, Side::kSell, "401"))), "APPROVED");
}

TEST(PortfolioLimits, TakeWhatIsNotMeasuredForCorrelatedWithAllThatIsHeld) {
    World w(only({{"correlated", "2"}}));
    w.hold(0, "1", "100");
    EXPECT_EQ(w.buy(1, "1"), "APPROVED");
    w.open(w.limit(1, Side::kBuy, "1", "49"));  // it may come to be held
    EXPECT_EQ(w.buy(2, "1"), "CORRELATED account 3 2");
    EXPECT_EQ(w.buy(0, "5"), "APPROVED") << "no name is added";
    EXPECT_EQ(w.text(in_account(1, w.order(2, Side::kBuy, "1"))), "APPROVED");
}

// --- measured ---

TEST(PortfolioLimits, BoundTheNormalValueAtRisk) {
    World w(only({{"var_parametric", "1%"}}));
    w.adopt(quiet());
    // 2.3263479 x 0.02 x 21,400 = 995.68, of 21,500 it is 1,000.33.
    EXPECT_EQ(w.buy(0, "214"), "APPROVED");
    w.expect_refused(w.order(0, Side::kBuy, "215"), ControlId::kVarParametric, 1'000.3296, 1'000);
    // With 20,000 of AAA and x of BBB: 2.3263479 sqrt(400^2 + 12 x + 0.0009 x^2) is 999.29 at
    // 1,800, 1,001.36 at 1,850; 999.98 at -15,150 and 1,002.05 at -15,200.
    w.hold(0, "200", "100");
    EXPECT_EQ(w.buy(1, "36"), "APPROVED");
    w.expect_refused(w.order(1, Side::kBuy, "37"), ControlId::kVarParametric, 1'001.35765, 1'000);
    EXPECT_EQ(w.sell(1, "303"), "APPROVED") << "a hedge";
    EXPECT_NE(w.sell(1, "304"), "APPROVED");
    EXPECT_EQ(w.buy(2, "900"), "APPROVED") << "900,000 without risk";
    // What is not measured comes on top: 2.3263479 x 400 = 930.54, so 69.46 are left, 10% of 694.6.
    w.trade(4, "1");
    EXPECT_EQ(w.buy(4, "694"), "APPROVED");
    EXPECT_NE(w.buy(4, "695"), "APPROVED");
}

TEST(PortfolioLimits, CountTheDaysOnWhichItWouldHaveLostMore) {
    portfolio::PortfolioSnapshot s = quiet();
    for (std::size_t day = 0; day < 200; ++day) return_of(s, day, 0) = 0.001;
    return_of(s, 3, 0) = return_of(s, 150, 0) = -0.03;
    return_of(s, 199, 0) = -0.02;
    return_of(s, 199, 1) = 0.02;
    World w(only({{"var_historical", "2%"}}));
    w.adopt(s);
    // Two of 200 days may lose more than 2,000. 100,000 lose 2,000 on the third.
    EXPECT_EQ(w.buy(0, "1000"), "APPROVED");
    EXPECT_EQ(w.buy(0, "1001"), "VAR_HISTORICAL account 3 2");
    w.hold(0, "1001", "100");
    EXPECT_EQ(w.buy(1, "1"), "APPROVED") << "less than before on the day that decides";
    EXPECT_EQ(w.sell(1, "1"), "VAR_HISTORICAL account 3 2");
    w.hold(1, "5", "50");  // 250 x 0.02 = 5 that day, of 2,002
    EXPECT_EQ(w.buy(0, "1"), "APPROVED");
    EXPECT_EQ(w.buy(0, "2"), "VAR_HISTORICAL account 3 2");
}

TEST(PortfolioLimits, MeasureTheWorstOfPositionAndOpenOrders) {
    World w(only({{"var_parametric", "1%"}}));
    w.adopt(quiet());
    w.hold(0, "100", "100", 1);
    w.open(in_account(1, w.limit(0, Side::kBuy, "50", "99")));
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kBuy, "64"))), "APPROVED");
    EXPECT_NE(w.text(in_account(1, w.order(0, Side::kBuy, "65"))), "APPROVED");
    // Short at worst: 214 as well, after the 100 are sold.
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kSell, "314"))), "APPROVED");
    EXPECT_NE(w.text(in_account(1, w.order(0, Side::kSell, "315"))), "APPROVED");
}

TEST(PortfolioLimits, BlockOnlyWhatMakesABreachWorse) {
    portfolio::PortfolioSnapshot s = quiet();
    return_of(s, 0, 0) = return_of(s, 1, 0) = return_of(s, 2, 0) = -0.1;
    World w(only({{"var_parametric", "1%"}, {"var_historical", "1%"}, {"stress", "5%"}}));
    w.hold(0, "900", "100", 1);
    w.adopt(s, only_windows({{"a fall", {-0.2, -0.1, 0, 0, 0}}}));
    constexpr std::uint64_t all =
        bit(ControlId::kVarParametric) | bit(ControlId::kVarHistorical) | bit(ControlId::kStress);
    const auto failed = [&](std::uint32_t i, Side side) {
        return w.judge(in_account(1, w.order(i, side, "1"))).failed;
    };
    EXPECT_EQ(failed(0, Side::kBuy), all);
    EXPECT_EQ(failed(0, Side::kSell), 0U);
    EXPECT_EQ(failed(1, Side::kBuy), bit(ControlId::kVarParametric) | bit(ControlId::kStress))
        << "BBB has no return on the day that decides";
    EXPECT_EQ(failed(1, Side::kSell), 0U) << "a hedge";
    w.trade(4, "1");
    EXPECT_EQ(failed(4, Side::kBuy), all) << "not measured";
}

TEST(PortfolioLimits, BoundEveryScenario) {
    struct Row {
        const char* what;
        std::function<void(portfolio::PortfolioSnapshot&, ScenarioSettings&)> make;
        Side side;
        const char* passes;
        const char* too_much;
    };
    const Row rows[] = {
        {"a sector falls by 20%",
         [](auto& s, auto& x) { s.sectors[0] = 1, x.numbers.sector_shock = -0.2; }, Side::kBuy,
         "500", "501"},
        {"the index falls by 10%, beta 2",
         [](auto& s, auto& x) { s.betas[0] = 2, x.numbers.index_shock = -0.1; }, Side::kBuy, "500",
         "501"},
        {"beta -2: shorts lose",
         [](auto& s, auto& x) { s.betas[0] = -2, x.numbers.index_shock = -0.1; }, Side::kSell,
         "500", "501"},
        {"a flash crash of 25%", [](auto&, auto& x) { x.numbers.flash_fall = 0.25; }, Side::kBuy,
         "400", "401"},
        {"a flash crash gives shorts nothing and takes nothing",
         [](auto&, auto& x) { x.numbers.flash_fall = 0.25; }, Side::kSell, "9000", nullptr},
        {"a rise of 40% once", [](auto&, auto& x) { x.windows[0].returns[0] = 0.4; }, Side::kSell,
         "250", "251"},
        // 2 x 2.3263479 x 0.02 = 0.0930539 and 10,000 / 0.0930539 = 107,465; 2.3263479 x 0.02 alone
        // is half of it.
        {"twice the volatility",
         [](auto&, auto& x) { x.numbers.confidence = 0.99, x.numbers.volatility_multiple = 2; },
         Side::kBuy, "1074", "1075"},
        {"correlations to one",
         [](auto&, auto& x) { x.numbers.confidence = 0.99, x.numbers.volatility_multiple = 0; },
         Side::kSell, "2149", "2150"},
    };
    for (const Row& row : rows) {
        World w(only({{"stress", "10%"}}));
        portfolio::PortfolioSnapshot s = quiet();
        ScenarioSettings settings = only_windows({{"once", {0, 0, 0, 0, 0}}});
        row.make(s, settings);
        w.adopt(s, settings);
        const auto judge = [&](const char* size) {
            return w.text(in_account(1, w.order(0, row.side, size)));
        };
        EXPECT_EQ(judge(row.passes), "APPROVED") << row.what;
        if (row.too_much == nullptr) continue;
        EXPECT_EQ(judge(row.too_much).substr(0, 6), "STRESS") << row.what;
    }
}

TEST(PortfolioLimits, LetHedgesFailInOneScenarioAndHelpInAnother) {
    // Long 50,000 at 2% and short x at 3%: together they move against each other, and apart they
    // lose 2.3263479 (1,000 + 0.03 x) of 3,000: x = 9,652.4.
    ScenarioSettings settings = only_windows();
    settings.numbers.confidence = 0.99;
    World w(only({{"stress", "3%"}}));
    w.hold(0, "500", "100", 1);
    w.adopt(quiet(), settings);
    EXPECT_EQ(w.text(in_account(1, w.order(1, Side::kSell, "193"))), "APPROVED");
    EXPECT_NE(w.text(in_account(1, w.order(1, Side::kSell, "194"))), "APPROVED");
}

TEST(PortfolioLimits, CountNamesThatAreCorrelatedWithTheCandidate) {
    portfolio::PortfolioSnapshot s = quiet();
    s.correlated = {0b010, 0b101, 0b010, 0, 0};  // 1 with 0 and with 2
    World w(only({{"correlated", "2"}}));
    w.adopt(s);
    w.hold(1, "1", "50");
    EXPECT_EQ(w.buy(0, "1"), "APPROVED");
    w.hold(0, "1", "100");
    EXPECT_EQ(w.buy(2, "1"), "APPROVED") << "2 is not correlated with 0";
    w.trade(4, "1");
    EXPECT_EQ(w.buy(4, "1"), "CORRELATED account 3 2") << "nobody knows";
}

// --- prices ---

TEST(PortfolioLimits, ValueAtThePricesOfTheSnapshotUntilACorporateAction) {
    World w(only({{"var_parametric", "1%"}}));
    std::vector<Price> prices(5);
    prices[0] = price("80");  // the mark is 100
    w.adopt(quiet(), {}, prices);
    // 1,000 / (2.3263479 x 0.02) = 21,492.9
    EXPECT_EQ(w.buy(0, "268"), "APPROVED");
    EXPECT_NE(w.buy(0, "269"), "APPROVED");
    w.trade(0, "200");
    EXPECT_EQ(w.buy(0, "268"), "APPROVED") << "the market moves, the measure stays";
    MarketEvent split = make_event(MarketEventType::kCorporateAction, w.now, {0}, {});
    split.data.corporate_action = CorporateActionData{};
    split.data.corporate_action.numerator = 4;
    w.market(split);
    w.trade(0, "50");
    EXPECT_EQ(w.buy(0, "429"), "APPROVED");
    EXPECT_NE(w.buy(0, "430"), "APPROVED");
}

TEST(PortfolioLimits, ValueWhatHasNoOtherPriceAtTheMarkOfItsOwnNewestRequest) {
    World w(only({{"var_parametric", "2%"}}));
    EXPECT_EQ(w.buy(0, "200"), "APPROVED");
    EXPECT_NE(w.buy(0, "201"), "APPROVED");
    w.trade(0, "49999");  // the middle of a stub quote
    EXPECT_NE(w.buy(0, "1"), "APPROVED");
    w.trade(0, "200");
    EXPECT_EQ(w.buy(0, "100"), "APPROVED");
    EXPECT_NE(w.buy(0, "101"), "APPROVED");
}

TEST(PortfolioLimits, ConvertOtherCurrencies) {
    World w(only({{"var_parametric", "2%"}}));
    w.trade(3, "100");
    EXPECT_EQ(w.buy(3, "1"), "VAR_PARAMETRIC account unknown_equity -") << "there is no rate";
    w.trade(4, "1.25");
    EXPECT_EQ(w.buy(3, "160"), "APPROVED");  // 20,000 USD
    EXPECT_NE(w.buy(3, "161"), "APPROVED");
}

TEST(PortfolioLimits, CountNegativePricesByTheirSize) {
    World w(only({{"var_parametric", "2%"}, {"stress", "10%"}}));
    w.trade(2, "-20");  // multiplier 50
    EXPECT_EQ(w.buy(2, "20"), "APPROVED");
    EXPECT_NE(w.buy(2, "21"), "APPROVED");
    EXPECT_EQ(w.text(in_account(1, w.order(2, Side::kSell, "20"))), "APPROVED");
    EXPECT_NE(w.text(in_account(1, w.order(2, Side::kSell, "21"))), "APPROVED");
}

// --- nothing can be said ---

TEST(PortfolioLimits, RefuseIncreasesWhenNothingCanBeMeasured) {
    {
        GateWorld w(only({{"stress", "10%"}}));
        EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "STRESS account no_mark -");
    }
    {
        World w(only({{"var_historical", "2%"}}));
        EXPECT_EQ(w.buy(0, "1000000"), "VAR_HISTORICAL account overflow -");
        EXPECT_EQ(w.buy(0, "1"), "APPROVED");
    }
}

TEST(PortfolioLimits, LetOnlyReductionsPassWithoutEquity) {
    World w(only({{"var_parametric", "2%"}, {"var_historical", "2%"}, {"stress", "10%"}}));
    w.hold(0, "2000", "100", 1);           // on credit
    for (const char* at : {"50", "40"}) {  // equity 0 and -20,000
        w.trade(0, at);
        constexpr std::uint64_t all = bit(ControlId::kVarParametric) |
                                      bit(ControlId::kVarHistorical) | bit(ControlId::kStress);
        EXPECT_EQ(w.judge(in_account(1, w.order(0, Side::kBuy, "1"))).failed, all);
        EXPECT_EQ(w.judge(in_account(1, w.order(1, Side::kBuy, "1"))).failed, all);
        EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kSell, "2000"))), "APPROVED");
    }
}

TEST(PortfolioLimits, DoNotJudgeWhenTheyAreOff) {
    World w(only({}));
    const VerdictData v = w.judge(w.order(0, Side::kBuy, "5"));
    for (const ControlId id : {ControlId::kCorrelated, ControlId::kVarParametric,
                               ControlId::kVarHistorical, ControlId::kStress}) {
        EXPECT_EQ(v.checked & bit(id), 0U);
    }
    w.adopt(quiet());  // is taken all the same
}

// --- the snapshot in force ---

TEST(PortfolioLimits, KeepTheSnapshotWhenAnotherIsNotTheOneThatWasMeant) {
    World w(only({{"var_parametric", "1%"}}));
    w.adopt(quiet(5));
    const auto refusal = [&](GateSnapshot s, bool meant) {
        const auto alert = tell_snapshot(w.gate(), w.shelf, std::move(s), w.now, meant);
        EXPECT_TRUE(alert.has_value());
        if (!alert) return RiskSnapshotRefusal{};
        EXPECT_EQ(alert->code, AlertCode::kSnapshotRefused);
        return static_cast<RiskSnapshotRefusal>(alert->detail[1]);
    };
    portfolio::PortfolioSnapshot wild = quiet(6);
    wild.covariance[0] = 1;
    const std::vector<Price> prices(5);
    const GateSnapshot next = make_gate_snapshot(wild, prices, {});
    for (std::uint64_t n = 6; n < 20; ++n) {  // more than there are slots
        GateSnapshot s = next;
        s.number = n;
        s.digest = s.compute_digest();
        ASSERT_EQ(refusal(s, false), RiskSnapshotRefusal::kDigest);
    }
    GateSnapshot small = GateSnapshot::unknown(4, 0.1);
    small.number = 20;
    EXPECT_EQ(refusal(small, true), RiskSnapshotRefusal::kShape);
    OrderEvent e = make_order_event(OrderEventType::kRiskSnapshot, w.now, {});
    e.data.risk_snapshot = RiskSnapshotData{};
    e.data.risk_snapshot.number = 21;
    EXPECT_EQ(w.gate().on_snapshot(e)->detail[1],
              static_cast<std::int64_t>(RiskSnapshotRefusal::kNotThere));
    EXPECT_EQ(w.buy(0, "214"), "APPROVED");
    EXPECT_NE(w.buy(0, "215"), "APPROVED");
    w.adopt(quiet(22));
    e.data.risk_snapshot.number = 22;
    e.data.risk_snapshot.digest = w.shelf.find(22)->digest;
    EXPECT_EQ(w.gate().on_snapshot(e)->detail[1],
              static_cast<std::int64_t>(RiskSnapshotRefusal::kNotNewer));
    EXPECT_EQ(w.shelf.find(5), nullptr) << "given back";
}

}  // namespace
}  // namespace fermata::testing
