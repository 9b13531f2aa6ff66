// DAY_TRADE by intraday margin: equity less maintenance margin.

#include "risk/intraday_margin.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/risk/gate_fixture.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::testing {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr Timestamp kMonday{1'699'833'600'000'000'000};  // 2023-11-13

RiskConfig intraday(Timestamp from = Timestamp::min()) {
    RiskConfig config = only({{"day_trade", "0"}});
    config.set_day_trade_regime({from, DayTradeMode::kIntradayMargin, {}});
    EXPECT_TRUE(config.validate().empty());
    return config;
}

/// Account 1 has a Regulation T model: to keep a share needs 25% of its price, to be short of one
/// 30% of it, and at least 5.00. AAA is at 100.
struct IntradayTrader : GateWorld {
    explicit IntradayTrader(const char* cash = "10000", const RiskConfig& config = intraday())
        : GateWorld(config) {
        opening_cash = money(cash);
        now = kMonday;
        models[1].margin = AccountConfig::Margin::kRegT;
        margin = std::make_unique<MarginModel>(instruments, models);
        gate().use_margin(*margin);
        trade(0, "100");
    }
    OrderEvent at(Side side, std::string_view size, std::string_view price = "100") {
        return in_account(1, limit(0, side, size, price));
    }
    OrderEvent buy(std::string_view size) { return at(Side::kBuy, size); }
    std::string ask(Side side, std::string_view size, std::string_view price = "100") {
        return text(at(side, size, price));
    }
    void hold_in_margin(std::string_view size, std::string_view price) { hold(0, size, price, 1); }
    /// The price is this, and the margin of what is held is taken anew.
    void settle(std::string_view price) {
        trade(0, price);
        now = now + Duration::seconds(1);
        trade(0, price);
    }
    void tell_part(const Order& order, std::string_view size, std::string_view price) {
        OrderEvent e = make_order_event(OrderEventType::kFill, now, order.instrument);
        e.data.fill = FillData{};
        e.data.fill.tag = order.tag;
        e.data.fill.account = order.account;
        e.data.fill.side = order.side;
        e.data.fill.price = testing::price(price);
        e.data.fill.quantity = quantity(size);
        gate().on_order_event(e, nullptr);
    }
    void end(Order& order, OrderState state) {
        order.state = state;
        tell(order);
        close(order);
    }
    std::string worst() { return to_string(gate().intraday_margin().largest_shortfall({1})); }
    std::string deficit() { return to_string(gate().intraday_margin().deficit({1})); }

    std::vector<AccountConfig> models = std::vector<AccountConfig>(2);
    std::unique_ptr<MarginModel> margin;
};

TEST(GateIntradayMargin, LetsThroughWhatLeavesTheLevelAtZeroOrAbove) {
    struct Row {
        const char *equity, *size, *price, *verdict;
    };
    // A purchase of n at 100 needs 25 n. However small, no shortfall passes.
    for (const Row& row : {
             Row{"10000", "400", "100", "APPROVED"},  // exactly all of it
             Row{"10000", "401", "100", "DAY_TRADE account -25 0"},
             Row{"10000", "400", "100.01", "DAY_TRADE account -1 0"},  // 25.0025 a share
             Row{"9999.999999", "400", "100", "DAY_TRADE account -0.000001 0"},
             Row{"100000", "4000", "100", "APPROVED"},
             Row{"100000", "4001", "100", "DAY_TRADE account -25 0"},
             Row{"100", "4", "100", "APPROVED"},
             Row{"100", "5", "100", "DAY_TRADE account -25 0"},
             Row{"0", "1", "100", "DAY_TRADE account -25 0"},
             Row{"-100", "1", "100", "DAY_TRADE account -125 0"},
         }) {
        IntradayTrader w(row.equity);
        EXPECT_EQ(w.ask(Side::kBuy, row.size, row.price), row.verdict)
            << row.equity << ": " << row.size << " at " << row.price;
    }
}

TEST(GateIntradayMargin, TakesWhatAShortPositionNeeds) {
    IntradayTrader w;
    EXPECT_EQ(w.ask(Side::kSell, "334"), "DAY_TRADE account -20 0") << "30 a share";
    EXPECT_EQ(w.ask(Side::kSell, "333"), "APPROVED");
    IntradayTrader cheap;
    cheap.settle("10");
    EXPECT_EQ(cheap.ask(Side::kSell, "2001", "10"), "DAY_TRADE account -5 0")
        << "5.00 a share, and not 3.00";
    EXPECT_EQ(cheap.ask(Side::kSell, "2000", "10"), "APPROVED");
}

TEST(GateIntradayMargin, CountsNoDayTradesAndLeavesCashAccountsAlone) {
    IntradayTrader w;
    for (int n = 0; n < 5; ++n) {
        w.hold_in_margin("10", "100");
        EXPECT_EQ(w.ask(Side::kSell, "10"), "APPROVED") << "the limit is none at all";
        w.hold_in_margin("-10", "100");
    }
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "500", "100")), "APPROVED") << "a cash account";
}

TEST(GateIntradayMargin, BlocksOnlyWhatIncreasesWhenPricesTakeItBelowZero) {
    IntradayTrader w("30000");
    w.hold_in_margin("1000", "100");
    w.settle("80");  // equity 10,000; 20,000 are needed
    EXPECT_EQ(w.ask(Side::kBuy, "1", "80"), "DAY_TRADE account -10020 0");
    EXPECT_EQ(w.ask(Side::kSell, "1000", "80"), "APPROVED");
    EXPECT_EQ(w.ask(Side::kSell, "2000", "80"), "APPROVED") << "as many short as long";
    // 10,000 - 20,000 - 2,001 x 24
    EXPECT_EQ(w.ask(Side::kSell, "2001", "80"), "DAY_TRADE account -58024 0");
    w.settle("60");  // equity -10,000; 15,000 are needed
    EXPECT_EQ(w.ask(Side::kBuy, "1", "60"), "DAY_TRADE account -25015 0");
    EXPECT_EQ(w.ask(Side::kSell, "1000", "60"), "APPROVED");
}

TEST(GateIntradayMargin, TakesEquityAsItIsAndTheMarginOfWhatIsHeldOnceASecond) {
    IntradayTrader w("30000");
    w.hold_in_margin("1000", "100");
    w.settle("100");  // 25,000 of 30,000 are needed
    w.trade(0, "101");
    EXPECT_EQ(w.ask(Side::kBuy, "300", "101"), "DAY_TRADE account -1575 0")
        << "31,000 - 25,000 - 300 x 25.25";
    w.settle("101");
    EXPECT_EQ(w.ask(Side::kBuy, "300", "101"), "DAY_TRADE account -1825 0")
        << "31,000 - 25,250 - 7,575";
}

TEST(GateIntradayMargin, CountsWhatWasApprovedUntilItEndsOrIsHeld) {
    IntradayTrader w;
    const OrderEvent e = w.buy("400");
    ASSERT_EQ(w.text(e), "APPROVED");
    EXPECT_EQ(w.ask(Side::kBuy, "1"), "DAY_TRADE account -25 0");
    Order live = w.open(e);
    w.settle("100");
    EXPECT_EQ(w.ask(Side::kBuy, "1"), "DAY_TRADE account -25 0") << "still open";
    w.fill(live, "100");
    w.tell_part(live, "100", "100");
    w.end(live, OrderState::kCanceled);
    EXPECT_EQ(w.ask(Side::kBuy, "301"), "DAY_TRADE account -25 0") << "300 are given back";
    w.settle("100");
    EXPECT_EQ(w.ask(Side::kBuy, "301"), "DAY_TRADE account -25 0") << "100 are held";
    EXPECT_EQ(w.ask(Side::kBuy, "300"), "APPROVED");
}

TEST(GateIntradayMargin, TakesAReplaceByWhatItAdds) {
    IntradayTrader w;
    const OrderEvent e = w.buy("380");
    ASSERT_EQ(w.text(e), "APPROVED");
    const Order live = w.open(e);
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "401", "100"), live)),
              "DAY_TRADE account -25 0");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "400", "100"), live)), "APPROVED");
    EXPECT_EQ(w.ask(Side::kBuy, "1"), "DAY_TRADE account -25 0");
}

TEST(GateIntradayMargin, RefusesWhatItCannotMeasure) {
    GateWorld nothing(intraday());
    nothing.trade(0, "100");
    EXPECT_EQ(nothing.text(in_account(1, nothing.limit(0, Side::kBuy, "1", "100"))),
              "DAY_TRADE account unknown_equity -")
        << "there is no model";
    GateWorld early(intraday());
    std::vector<AccountConfig> models(2);
    models[1].margin = AccountConfig::Margin::kHouse;
    const MarginModel margin(early.instruments, models);
    early.gate().use_margin(margin);
    EXPECT_EQ(early.text(in_account(1, early.limit(0, Side::kBuy, "1", "100"))),
              "DAY_TRADE account unknown_equity -")
        << "the margin was not taken yet";
    early.trade(0, "100");
    EXPECT_EQ(early.text(in_account(1, early.limit(1, Side::kBuy, "1", "100"))),
              "DAY_TRADE account no_mark -")
        << "of another instrument";
    EXPECT_EQ(early.text(in_account(1, early.limit(0, Side::kBuy, "1", "100"))), "APPROVED");
}

TEST(GateIntradayMargin, HoldsFromItsDateOnForWhatWasApprovedBeforeToo) {
    IntradayTrader w("10000", intraday(Timestamp{kMonday.ns + 1'000'000'000}));
    const OrderEvent e = w.buy("500");
    ASSERT_EQ(w.text(e), "APPROVED") << "it opens; the house counts day trades";
    w.open(e);
    w.now = Timestamp{kMonday.ns + 999'999'999};
    EXPECT_EQ(w.ask(Side::kBuy, "1"), "APPROVED");
    w.now = Timestamp{kMonday.ns + 1'000'000'000};
    // 10,000 - 500 x 25 - 25 - 25
    EXPECT_EQ(w.ask(Side::kBuy, "1"), "DAY_TRADE account -2550 0");
}

TEST(GateIntradayMargin, KeepsTheLargestShortfallOfTheDay) {
    IntradayTrader w("30000");
    EXPECT_EQ(w.worst(), "0");
    w.hold_in_margin("1000", "100");
    w.settle("94");  // equity 24,000; 23,500 are needed
    EXPECT_EQ(w.worst(), "0");
    w.settle("92");  // equity 22,000; 23,000 are needed; 5% of equity are 1,100
    EXPECT_EQ(w.worst(), "1000");
    EXPECT_EQ(w.deficit(), "0") << "1,000 do not count";
    w.settle("91.99");  // equity 21,990; 22,997.5 are needed
    EXPECT_EQ(w.worst(), "1007.5");
    EXPECT_EQ(w.deficit(), "1007.5");
    w.settle("120");
    EXPECT_EQ(w.deficit(), "1007.5") << "it was that much";
    w.now = Timestamp{kMonday.ns + kDay};
    w.trade(0, "120");
    EXPECT_EQ(w.worst(), "0") << "another day";
    EXPECT_EQ(w.deficit(), "0");
}

TEST(GateIntradayMargin, NotesTheShortfallThatAnApprovalBeforeItsDateLeaves) {
    IntradayTrader w("10000", intraday(Timestamp{kMonday.ns + 1'000'000'000}));
    ASSERT_EQ(w.ask(Side::kBuy, "410"), "APPROVED");
    EXPECT_EQ(w.worst(), "250");
    w.now = Timestamp{kMonday.ns + 1'000'000'000};
    ASSERT_EQ(w.ask(Side::kBuy, "1000"), "DAY_TRADE account -25250 0");
    EXPECT_EQ(w.worst(), "250") << "it was refused";
    EXPECT_EQ(w.deficit(), "0") << "5% of 10,000 are 500";
}

TEST(GateIntradayMargin, OutlivesARestart) {
    IntradayTrader w;
    w.hold_in_margin("300", "100");
    w.settle("80");   // equity 4,000; 6,000 are needed
    w.settle("100");  // equity 10,000; 7,500 are needed
    const OrderEvent e = w.buy("100");
    ASSERT_EQ(w.text(e), "APPROVED");
    Order live = w.open(e);
    w.tell_part(live, "10", "100");
    test::restart(w.gate(), intraday(), w.instruments, w.marks(), w.book(), w.exposures(),
                  kConfigHash);
    w.gate().use_margin(*w.margin);
    EXPECT_EQ(w.worst(), "2000");
    EXPECT_EQ(w.ask(Side::kBuy, "1"), "DAY_TRADE account -25 0");
    w.end(live, OrderState::kCanceled);
    // 10,000 - 7,500 - 10 x 25 - 91 x 25
    EXPECT_EQ(w.ask(Side::kBuy, "91"), "DAY_TRADE account -25 0") << "ten were filled";
    EXPECT_EQ(w.ask(Side::kBuy, "90"), "APPROVED");
}

// --- random flow against adding everything up again ---

/// What the account holds and was approved for, in plain lists. Money in micros; prices in cents.
struct PlainMargin {
    struct Open {
        Order order;
        std::int64_t left, need, filled;
    };
    std::int64_t cash = 100'000'000'000;
    std::int64_t position[2] = {0, 0};
    std::int64_t cents[2] = {10'000, 10'000};
    std::vector<Open> open;
    std::int64_t spent = 0, held_needs = 0, worst = 0, day = 0;
    std::int64_t taken_ns = 0;

    static std::int64_t keep(std::int64_t signed_units, std::int64_t at_cents) {
        const std::int64_t value = std::abs(signed_units) * at_cents * 10'000;
        return signed_units > 0 ? value / 100 * 25 : value / 100 * 30;  // above 16.67 a share
    }
    std::int64_t equity() const {
        return cash + (position[0] * cents[0] + position[1] * cents[1]) * 10'000;
    }
    std::int64_t needed() const {
        std::int64_t sum = held_needs + spent;
        for (const Open& o : open) sum += o.need;
        return sum;
    }
    bool increases(std::uint32_t i, bool buys, std::int64_t units) const {
        std::int64_t up = position[i], down = position[i];
        for (const Open& o : open) {
            if (o.order.instrument.value != i) continue;
            (o.order.side == Side::kBuy ? up : down) +=
                o.order.side == Side::kBuy ? o.left : -o.left;
        }
        const std::int64_t before = std::max(up, -down);
        (buys ? up : down) += buys ? units : -units;
        return std::max(up, -down) > before;
    }
    void see(std::int64_t ns, std::int64_t shortfall) {
        if (ns / kDay != day) worst = 0;
        day = ns / kDay;
        worst = std::max(worst, shortfall);
    }
    void market(std::int64_t ns) {
        if (ns - taken_ns < 1'000'000'000) return;
        taken_ns = ns;
        held_needs = keep(position[0], cents[0]) + keep(position[1], cents[1]);
        spent = 0;
        see(ns, held_needs - equity());
    }
};

class IntradayMarginFlow : public ::testing::TestWithParam<std::uint64_t> {
protected:
    IntradayMarginFlow() : random_(GetParam()) {
        plain_.market(w_.now.ns);
        mark(1, 10'000);
    }
    std::int64_t pick(std::int64_t n) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
    }
    static std::string in_cents(std::int64_t c) {
        return to_string(Price::from_raw(c * 10'000'000));
    }
    void mark(std::uint32_t i, std::int64_t cents) {
        plain_.market(w_.now.ns);  // with what was booked before
        w_.trade(i, in_cents(cents));
        plain_.cents[i] = cents;
    }
    void new_order() {
        const auto i = static_cast<std::uint32_t>(pick(2));
        const bool buys = pick(2) == 0;
        const std::int64_t units = 1 + pick(pick(4) == 0 ? 1'500 : 200);
        const std::int64_t at = plain_.cents[i] - 300 + pick(601);
        const OrderEvent e = in_account(
            1, w_.limit(i, buys ? Side::kBuy : Side::kSell, std::to_string(units), in_cents(at)));
        // A sale may be filled at the mark when its limit is below.
        const std::int64_t worst_at = buys ? at : std::max(at, plain_.cents[i]);
        const std::int64_t need = PlainMargin::keep(buys ? units : -units, worst_at);
        const bool increases = plain_.increases(i, buys, units);
        const std::int64_t left = plain_.equity() - plain_.needed() - need;
        const bool fits = plain_.equity() >= 0 && left >= 0;
        const VerdictData v = w_.judge(e);
        ASSERT_EQ(v.approved != 0, !increases || fits) << render_verdict(v);
        ++(v.approved != 0 ? approved : refused);
        if (v.approved == 0) {
            ASSERT_EQ(v.observed, left);
            ASSERT_EQ(v.limit, 0);
            return;
        }
        plain_.open.push_back({w_.open(e), units, increases ? need : 0, 0});
        if (increases) plain_.see(w_.now.ns, plain_.needed() - plain_.equity());
    }
    void fill() {
        PlainMargin::Open& o = some();
        const std::uint32_t i = o.order.instrument.value;
        const std::int64_t units = 1 + pick(o.left);
        const std::int64_t bought = o.order.side == Side::kBuy ? units : -units;
        plain_.position[i] += bought;
        plain_.cash -= bought * plain_.cents[i] * 10'000;
        plain_.market(w_.now.ns);  // the fixture's fill is a trade, too
        w_.fill(o.order, std::to_string(units));
        w_.tell_part(o.order, std::to_string(units), in_cents(plain_.cents[i]));
        o.filled += PlainMargin::keep(bought, plain_.cents[i]);
        o.left -= units;
        if (o.left == 0) end(o, OrderState::kFilled);
    }
    void end(PlainMargin::Open& o, OrderState state) {
        w_.end(o.order, state);
        plain_.spent += std::min(o.filled, o.need);
        plain_.open.erase(plain_.open.begin() + (&o - plain_.open.data()));
    }
    PlainMargin::Open& some() {
        return plain_
            .open[static_cast<std::size_t>(pick(static_cast<std::int64_t>(plain_.open.size())))];
    }
    void step() {
        w_.now = w_.now + Duration::milliseconds(pick(200));
        const std::int64_t what = pick(100);
        if (what < 20) {
            const auto i = static_cast<std::uint32_t>(pick(2));
            mark(i, std::clamp<std::int64_t>(plain_.cents[i] - 200 + pick(401), 5'000, 15'000));
        } else if (what < 60 || plain_.open.empty()) {
            new_order();
        } else if (what < 85) {
            fill();
        } else if (what < 99) {
            end(some(), OrderState::kCanceled);
        } else {
            w_.now = w_.now + Duration::seconds(3'600 * pick(12));
        }
        ASSERT_EQ(w_.book().equity({1}).raw(), plain_.equity());
        ASSERT_EQ(w_.gate().intraday_margin().largest_shortfall({1}).raw(), plain_.worst);
    }

    IntradayTrader w_{"100000"};
    PlainMargin plain_;
    std::mt19937_64 random_;
    int approved = 0, refused = 0;
};

TEST_P(IntradayMarginFlow, AgreesWithAddingEverythingUpAgain) {
    for (int n = 0; n < 20'000 && !HasFatalFailure(); ++n) step();
    EXPECT_GT(approved, 1'000);
    EXPECT_GT(refused, 300);
}

INSTANTIATE_TEST_SUITE_P(Seeds, IntradayMarginFlow, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace fermata::testing
