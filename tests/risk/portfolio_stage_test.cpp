#include "risk/portfolio_stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/risk/portfolio_stage_fixture.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using namespace portfolio_stage_test;

TEST(PortfolioStage, IsNeededByTheControlsThatReadSnapshots) {
    EXPECT_FALSE(needs_snapshots(RiskConfig(RiskProfile::kUnlimited)));
    RiskConfig position(RiskProfile::kUnlimited);
    ASSERT_TRUE(position.set_limit("position", "5%").ok());
    EXPECT_FALSE(needs_snapshots(position));
    EXPECT_TRUE(needs_snapshots(RiskConfig(RiskProfile::kHouse)));
    for (const char* key : {"var_parametric", "var_historical", "stress", "correlated"}) {
        const std::string value = std::string(key) == "correlated" ? "3" : "1%";
        RiskConfig common(RiskProfile::kUnlimited), one(RiskProfile::kUnlimited);
        ASSERT_TRUE(common.set_limit(key, value).ok());
        EXPECT_TRUE(needs_snapshots(common)) << key;
        ASSERT_TRUE(one.set_override(Scope::kAccount, 1, key, value).ok());
        EXPECT_TRUE(needs_snapshots(one)) << key;
    }
}

TEST(PortfolioStage, MakesASnapshotAtTheFirstEventOfADayOnceThereAreEnoughDays) {
    Bench bench(2, settings(2));
    // Closes of instrument 0: 100, 110, 99; of instrument 1: 50, 50, 60. What is traded earlier in
    // the day does not matter.
    bench.give(trade(kMidnight + hours(10), 0, 7));
    bench.give(trade(kMidnight + hours(20), 0, 100));
    bench.give(trade(kMidnight + hours(21), 1, 50));
    bench.give(trade(kMidnight + kDay + hours(9), 0, 110));
    bench.give(trade(kMidnight + kDay + hours(9), 1, 50));
    EXPECT_TRUE(bench.sent.empty());
    bench.give(trade(kMidnight + kDay * 2 + hours(9), 1, 60));  // one return so far
    bench.give(trade(kMidnight + kDay * 2 + hours(10), 0, 99));
    EXPECT_TRUE(bench.sent.empty());
    bench.give(trade(kMidnight + kDay * 3 + hours(9), 0, 1'000));
    ASSERT_EQ(bench.sent.size(), 1U);
    const OrderEvent& e = bench.sent[0].event;
    const RiskSnapshotData& data = e.data.risk_snapshot;
    EXPECT_EQ(data.number, 1U);
    EXPECT_EQ(e.ts, kMidnight + kDay * 3 + hours(9));
    EXPECT_EQ(data.as_of, kMidnight + kDay * 2 + hours(10));
    EXPECT_EQ(data.feed_position, 7U);
    EXPECT_EQ(data.instruments, 2U);
    EXPECT_EQ(data.measured, 2U);
    EXPECT_EQ(data.days, 2U);
    const GateSnapshot& s = bench.sent[0].content;
    EXPECT_EQ(data.digest, s.compute_digest());
    EXPECT_EQ(s.number, 1U);
    // 110 / 100 - 1 = 0.1, 99 / 110 - 1 = -0.1; 50 / 50 - 1 = 0, 60 / 50 - 1 = 0.2.
    EXPECT_EQ(returns_of(s, 0), (std::vector<std::int32_t>{100'000'000, -100'000'000}));
    EXPECT_EQ(returns_of(s, 1), (std::vector<std::int32_t>{0, 200'000'000}));
    // The event that ends the day is not in it.
    EXPECT_EQ(s.prices, (std::vector<Price>{dollars(99), dollars(60)}));
    EXPECT_EQ(bench.stage().number(), 1U);
}

TEST(PortfolioStage, CountsABarThatEndsAtMidnightToTheDayThatItIsOf) {
    Bench bench(1, settings(2));
    for (int day = 0; day < 3; ++day) {
        const Timestamp midnight = kMidnight + kDay * day;
        bench.give(bar_open(midnight, 0, 1));  // an opening at midnight is of the new day
        bench.give(bar(midnight + kDay, 0, day == 1 ? 150 : 100));
    }
    EXPECT_TRUE(bench.sent.empty());  // the third day is not over before something behind it
    bench.give(bar_open(kMidnight + kDay * 3, 0, 1));
    ASSERT_EQ(bench.sent.size(), 1U);
    // 150 / 100 - 1 and 100 / 150 - 1.
    EXPECT_EQ(returns_of(bench.sent[0].content, 0),
              (std::vector<std::int32_t>{500'000'000, -333'333'333}));
    EXPECT_EQ(bench.sent[0].content.prices[0], dollars(100));
    EXPECT_EQ(bench.sent[0].event.ts, kMidnight + kDay * 3);
}

TEST(PortfolioStage, TakesSplitsAndDividendsOutOfTheReturns) {
    Bench bench(2, settings(2));
    bench.give(trade(kMidnight + hours(20), 0, 100));
    bench.give(trade(kMidnight + hours(20), 1, 40));
    const Timestamp ex = kMidnight + kDay + hours(14);
    bench.give(split(ex, 0, 4, 1));  // 100 becomes 25
    bench.give(dividend(ex, 1, 2));  // 40 becomes 38
    bench.give(trade(ex + hours(1), 0, 26));
    bench.give(trade(ex + hours(1), 1, 38));
    // An action in the middle of a day also rescales what was traded on it before.
    bench.give(trade(kMidnight + kDay * 2 + hours(1), 0, 52));
    bench.give(trade(kMidnight + kDay * 2 + hours(1), 1, 19));
    bench.give(split(kMidnight + kDay * 2 + hours(2), 0, 2, 1));
    bench.give(trade(kMidnight + kDay * 3 + hours(1), 0, 26));
    ASSERT_EQ(bench.sent.size(), 1U);
    const GateSnapshot& s = bench.sent[0].content;
    // 26 / 25 - 1 = 0.04, then (52 / 2) / (26 / 2) - 1 = 1; 38 / 38 - 1 = 0, 19 / 38 - 1 = -0.5.
    EXPECT_EQ(returns_of(s, 0), (std::vector<std::int32_t>{40'000'000, 1'000'000'000}));
    EXPECT_EQ(returns_of(s, 1), (std::vector<std::int32_t>{0, -500'000'000}));
    EXPECT_EQ(s.prices[0], dollars(26));
}

TEST(PortfolioStage, SkipsDaysWithoutAPriceAndAnInstrumentWithTooFewDays) {
    Bench bench(3, settings(2));
    double price = 100;
    for (const int day : {0, 4, 5, 11}) {  // weekends between them
        bench.give(trade(kMidnight + kDay * day + hours(12), 0, price));
        // A session is an event, and no price.
        MarketEvent session =
            make_event(MarketEventType::kSession, kMidnight + kDay * (day + 1) + hours(1),
                       InstrumentId{0}, StreamId{0});
        session.data.session = SessionData{};
        bench.give(session);
        price *= 1.1;
    }
    ASSERT_EQ(bench.sent.size(), 2U);
    const GateSnapshot& s = bench.sent[1].content;
    EXPECT_EQ(bench.sent[1].event.data.risk_snapshot.measured, 1U);
    EXPECT_EQ(s.measured, (std::vector<std::uint8_t>{1, 0, 0}));
    EXPECT_EQ(returns_of(s, 0), (std::vector<std::int32_t>{100'000'000, 100'000'000, 100'000'000}));
    EXPECT_EQ(s.prices[1], Price{});
}

TEST(PortfolioStage, MakesSnapshotsMoreOrLessOftenThanDays) {
    PortfolioStageSettings s = settings(2);
    s.every = hours(6);
    Bench often(1, s);
    s.every = kDay * 2;
    Bench seldom(1, s);
    for (Bench* bench : {&often, &seldom}) {
        for (int hour = 0; hour <= 24 * 6; hour += 3) {
            bench->give(trade(kMidnight + hours(hour) + hours(1), 0, 100 + hour % 7));
        }
    }
    // Days 0, 1 and 2 must be over: from the event at 3 d 1 h on, every six hours.
    ASSERT_EQ(often.sent.size(), 13U);
    for (std::size_t n = 0; n < often.sent.size(); ++n) {
        const auto& data = often.sent[n].event.data.risk_snapshot;
        const auto hour = static_cast<std::int64_t>(72 + 6 * n);
        EXPECT_EQ(often.sent[n].event.ts, kMidnight + hours(hour + 1));
        EXPECT_EQ(data.as_of, kMidnight + hours(hour - 2));
        EXPECT_EQ(data.days, 2 + n / 4);
        // The price of three hours before.
        EXPECT_EQ(often.sent[n].content.prices[0], dollars(100 + (hour - 3) % 7));
    }
    // Multiples of two days since 1970: 2024-01-01 is the day 19723, so at 3 d and 5 d.
    static_assert(kFirstDay % 2 == 1);
    ASSERT_EQ(seldom.sent.size(), 2U);
    EXPECT_EQ(seldom.sent[0].event.ts, kMidnight + kDay * 3 + hours(1));
    EXPECT_EQ(seldom.sent[0].event.data.risk_snapshot.days, 2U);
    EXPECT_EQ(seldom.sent[1].event.ts, kMidnight + kDay * 5 + hours(1));
    EXPECT_EQ(seldom.sent[1].event.data.risk_snapshot.days, 4U);
}

TEST(PortfolioStage, KeepsTheNewestWhileTheShelfIsFullAndNeverUsesANumberAgain) {
    Bench bench(1, settings(2), 2);
    bench.consumes = false;
    for (int day = 0; day < 8; ++day) {  // numbers 1 to 5 become due on days 3 to 7
        bench.give(trade(kMidnight + kDay * day + hours(1), 0, 100 + day));
    }
    EXPECT_EQ(bench.stage().number(), 5U);
    bench.consume();  // 1 and 2 were on the shelf; 2 is in force
    ASSERT_EQ(bench.sent.size(), 2U);
    bench.give(trade(kMidnight + kDay * 7 + hours(2), 0, 1));
    bench.consume();
    ASSERT_EQ(bench.sent.size(), 3U);
    EXPECT_EQ(bench.sent[2].event.data.risk_snapshot.number, 5U);
    EXPECT_EQ(bench.sent[2].event.ts, kMidnight + kDay * 7 + hours(1));
    EXPECT_EQ(bench.sent[2].content.prices[0], dollars(106));
    // Number 5 is what it would have been without the wait.
    Bench free(1, settings(2));
    for (int day = 0; day < 8; ++day) {
        free.give(trade(kMidnight + kDay * day + hours(1), 0, 100 + day));
    }
    ASSERT_EQ(free.sent.size(), 5U);
    EXPECT_EQ(free.sent[4].content, bench.sent[2].content);
}

TEST(PortfolioStage, HandsOutFromANumberOnForWhoFollowsARecord) {
    Bench bench(1, settings(2), 2);
    bench.stage().hand_out_from(4);
    for (int day = 0; day < 8; ++day) {
        bench.give(trade(kMidnight + kDay * day + hours(1), 0, 100 + day));
    }
    ASSERT_EQ(bench.sent.size(), 2U);
    EXPECT_EQ(bench.sent[0].event.data.risk_snapshot.number, 4U);
    EXPECT_EQ(bench.sent[1].event.data.risk_snapshot.number, 5U);
}

TEST(PortfolioStage, MakesAPartOfHistoryAScenarioOnceItIsOver) {
    PortfolioStageSettings s = settings(2, 4);
    s.windows = {{"fall", Date{kFirstDay + 2}, Date{kFirstDay + 3}},
                 {"before the data", Date{kFirstDay - 9}, Date{kFirstDay - 8}}};
    Bench bench(2, s);
    const double closes[] = {100, 100, 80, 60, 90, 90, 90, 90, 90, 90};
    for (int day = 0; day < 10; ++day) {
        for (std::uint32_t i = 0; i < 2; ++i) {
            bench.give(trade(kMidnight + kDay * day + hours(1), i, closes[day] + i));
        }
    }
    const auto has = [](const GateSnapshot& g, const char* name) {
        return std::any_of(g.scenario_names.begin(), g.scenario_names.end(),
                           [&](const std::string& x) { return x.find(name) != x.npos; });
    };
    ASSERT_EQ(bench.sent.size(), 7U);  // of the days 2 to 8
    EXPECT_FALSE(has(bench.sent[0].content, "fall"));
    for (std::size_t n = 1; n < 7; ++n) {
        const GateSnapshot& g = bench.sent[n].content;
        const auto at = std::find(g.scenario_names.begin(), g.scenario_names.end(), "fall");
        ASSERT_NE(at, g.scenario_names.end()) << n;
        const auto scenario = at - g.scenario_names.begin();
        // 60 / 100 - 1, and 61 / 101 - 1 = -0.39603960396, also when those days have left the
        // window of four returns.
        EXPECT_EQ(g.long_row(0)[scenario], -400'000'000) << n;
        EXPECT_EQ(g.long_row(1)[scenario], -396'039'604) << n;
        EXPECT_FALSE(has(g, "before the data"));
    }
}

/// Random events of some instruments over many days, with everything in it.
std::vector<MarketEvent> random_market(std::uint64_t seed, std::size_t count) {
    std::mt19937_64 random(seed);
    const auto pick = [&](std::int64_t n) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
    };
    std::vector<MarketEvent> events;
    std::vector<double> prices(5, 100);
    Timestamp now = kMidnight;
    while (events.size() < count) {
        now = now + Duration::seconds(pick(10) == 0 ? pick(200'000) : pick(9'000));
        const auto i = static_cast<std::uint32_t>(pick(5));
        prices[i] *= 1 + static_cast<double>(pick(41) - 20) / 1000;
        switch (pick(8)) {
            case 0:
                events.push_back(dividend(now, i, 0.25));
                break;
            case 1:
                events.push_back(split(now, i, 3, 2));
                prices[i] *= 2.0 / 3;
                break;
            case 2: {
                const Price bid = dollars(prices[i]);
                events.push_back(
                    make_quote(now, InstrumentId{i}, StreamId{0},
                               QuoteData{bid, Quantity::from_units(1), bid + dollars(0.02),
                                         Quantity::from_units(1), 0}));
                break;
            }
            case 3:
                events.push_back(bar(now, i, prices[i]));
                break;
            default:
                events.push_back(trade(now, i, prices[i]));
        }
    }
    return events;
}

TEST(PortfolioStage, GoesOnAfterARestartAsIfNothingHadHappened) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        PortfolioStageSettings s = settings(3, 20);
        s.every = seed % 2 == 0 ? kDay : hours(8);
        s.benchmark = InstrumentId{1};
        s.windows = {{"a week", Date{kFirstDay + 20}, Date{kFirstDay + 26}}};
        Bench whole(5, s), cut(5, s);
        const std::vector<MarketEvent> events = random_market(seed, 1'500);
        std::mt19937_64 random(seed);
        for (const MarketEvent& e : events) {
            whole.give(e);
            // Sometimes with a snapshot under way.
            cut.consumes = random() % 2 == 0;
            cut.give(e);
            if (random() % 8 == 0 || !cut.consumes) cut.restart();
            cut.consume();
            ASSERT_FALSE(HasFailure());
        }
        ASSERT_GT(whole.sent.size(), 40U);
        ASSERT_EQ(whole.sent.size(), cut.sent.size());
        for (std::size_t n = 0; n < whole.sent.size(); ++n) {
            EXPECT_EQ(std::memcmp(&whole.sent[n].event, &cut.sent[n].event, sizeof(OrderEvent)), 0);
            EXPECT_EQ(whole.sent[n].content, cut.sent[n].content);
            EXPECT_EQ(whole.sent[n].event.data.risk_snapshot.number, n + 1);
        }
    }
}

TEST(PortfolioStage, RefusesAStateThatMakesNoSense) {
    Bench bench(5, settings(3, 20));
    for (const MarketEvent& e : random_market(1, 400)) bench.give(e);
    const std::vector<std::byte> state = test::state_of(bench.stage());
    std::mt19937_64 random(3);
    Bench other(5, settings(3, 10));
    EXPECT_NE(test::load_state(other.stage(), state), "");
    for (int n = 0; n < 300; ++n) {
        const std::vector<std::byte> bad = test::damaged(state, random, n);
        Bench into(5, settings(3, 20));
        EXPECT_NE(test::load_state(into.stage(), bad), "");
    }
}

TEST(PortfolioStage, DoesNotRestoreASnapshotThatItDidNotMake) {
    Bench bench(5, settings(3, 20));
    bench.consumes = false;
    for (const MarketEvent& e : random_market(1, 2'000)) {
        bench.give(e);
        if (bench.stage().number() != 0) break;
    }
    bench.consume();
    ASSERT_EQ(bench.sent.size(), 1U);
    OrderEvent wrong = bench.sent[0].event;
    wrong.data.risk_snapshot.digest ^= 1;
    EXPECT_FALSE(bench.stage().restore_on_shelf(wrong));
    wrong = bench.sent[0].event;
    ++wrong.data.risk_snapshot.number;
    EXPECT_FALSE(bench.stage().restore_on_shelf(wrong));
}

}  // namespace
}  // namespace fermata
