#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "core/indicator/to_double.hpp"
#include "tests/adapters/generator/generator_fixture.hpp"

namespace fermata::generator {
namespace {

class GeneratorFeedTest : public Generator {
protected:
    /// The message of the error that generation gives; empty when there is none.
    std::string error() {
        try {
            (void)generate();
        } catch (const FeedError& e) {
            return e.what();
        }
        return "";
    }
    void small(GeneratorKind kind) {
        config_.kind = kind;
        config_.interval = Duration::minutes(30);
        config_.rate = 0.05;
        config_.spread = 3;
        config_.levels = 4;
        config_.jumps = {500, 0, 0.02};
        config_.regimes = {{1, {0.5, 0.5}}, {3, {0.5, 0.5}}};
        config_.regime_interval = Duration::hours(2);
    }
};

constexpr GeneratorKind kKinds[] = {GeneratorKind::kBars, GeneratorKind::kQuotes,
                                    GeneratorKind::kTrades, GeneratorKind::kDepth};

TEST_F(GeneratorFeedTest, TheSameSeedGivesTheSameBytesAndAnotherSeedOthers) {
    calendar_ = weekday_calendar(5);
    add(3, "weekdays");
    days(4);
    for (const GeneratorKind kind : kKinds) {
        small(kind);
        config_.seed = 1;
        const auto first = generate();
        ASSERT_GT(first.size(), 100u);
        EXPECT_TRUE(same(first, generate()));
        config_.seed = 2;
        EXPECT_FALSE(same(first, generate()));
    }
}

TEST_F(GeneratorFeedTest, BatchesDoNotChangeTheEvents) {
    calendar_ = weekday_calendar(5);
    add(3, "weekdays");
    days(4);
    for (const GeneratorKind kind : kKinds) {
        small(kind);
        const auto whole = generate();
        EXPECT_TRUE(same(whole, generate(1)));
        EXPECT_TRUE(same(whole, generate(7)));
    }
}

TEST_F(GeneratorFeedTest, EventsAscendInFeedOrderAndLieInTheirSessions) {
    calendar_ = weekday_calendar(15);
    add(4, "weekdays", Price::from_raw(10'000'000), Quantity::from_units(100));
    days(12);
    for (const GeneratorKind kind : kKinds) {
        small(kind);
        const auto events = generate();
        std::set<std::int32_t> dates;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const MarketEvent& e = events[i];
            if (i > 0) {
                const MarketEvent& before = events[i - 1];
                ASSERT_TRUE(before.ts < e.ts ||
                            (before.ts == e.ts && phase_of(before) <= phase_of(e)));
            }
            ASSERT_EQ(e.seq, 0u);
            ASSERT_EQ(e.flags, 0);
            // A bar's end may be the close, which belongs to the session no more.
            const Timestamp inside =
                e.type == MarketEventType::kBar ? e.ts - Duration::nanoseconds(1) : e.ts;
            const Session* session = calendar_->session_at(inside);
            ASSERT_NE(session, nullptr);
            ASSERT_LT(inside, config_.to);
            dates.insert(session->date.days);
        }
        EXPECT_EQ(dates.size(), 10u);  // 12 days from a Monday
    }
}

TEST_F(GeneratorFeedTest, BarsAreConsistentAndOnTicksAndLots) {
    calendar_ = weekday_calendar(5);
    add(2, "weekdays", Price::from_raw(250'000'000), Quantity::from_units(100));
    days(4);
    small(GeneratorKind::kBars);
    std::map<std::uint32_t, BarOpenData> opens;
    int bars = 0;
    for (const MarketEvent& e : generate()) {
        if (e.type == MarketEventType::kBarOpen) {
            opens[e.instrument.value] = e.data.bar_open;
            continue;
        }
        const BarData& bar = e.data.bar;
        ++bars;
        EXPECT_EQ(opens[e.instrument.value].open, bar.open);
        EXPECT_EQ(opens[e.instrument.value].volume, bar.volume);
        EXPECT_LE(bar.low, std::min(bar.open, bar.close));
        EXPECT_GE(bar.high, std::max(bar.open, bar.close));
        EXPECT_TRUE(bar.low.is_positive());
        for (const Price p : {bar.open, bar.high, bar.low, bar.close}) {
            EXPECT_EQ(p.raw() % 250'000'000, 0);
        }
        EXPECT_TRUE(bar.volume.is_positive());
        EXPECT_EQ(bar.volume.raw() % Quantity::from_units(100).raw(), 0);
    }
    EXPECT_EQ(bars, 2 * 4 * 13);  // half hours of 6.5 hours on 4 days
}

TEST_F(GeneratorFeedTest, ADailyBarIsTheSessionAndTheLastBarEndsWithIt) {
    calendar_ = weekday_calendar(3);
    add(1, "weekdays");
    days(2);
    const Session& session = calendar_->sessions().front();
    auto events = generate();
    ASSERT_EQ(events.size(), 4u);
    EXPECT_EQ(events[0].ts, session.open);
    EXPECT_EQ(events[1].ts, session.close);
    config_.interval = Duration::hours(1);  // 6 hours and a half one
    events = generate();
    ASSERT_EQ(events.size(), 2u * 2 * 7);
    EXPECT_EQ(events[12].type, MarketEventType::kBarOpen);
    EXPECT_EQ(events[12].ts, session.open + Duration::hours(6));
    EXPECT_EQ(events[13].ts, session.close);
}

TEST_F(GeneratorFeedTest, DeliversBarsThatBeginInTheRange) {
    calendar_ = weekday_calendar(3);
    add(1, "weekdays");
    config_.interval = Duration::hours(1);
    const Session& session = calendar_->sessions().front();
    config_.from = session.open + Duration::minutes(90);
    config_.to = session.open + Duration::minutes(210);
    auto events = generate();  // those from 2:00 and 3:00 behind the open
    ASSERT_EQ(events.size(), 4u);
    EXPECT_EQ(events[0].ts, session.open + Duration::hours(2));
    EXPECT_EQ(events[3].ts, session.open + Duration::hours(4));
    config_.interval = Duration::days(1);  // the daily bar of that session began before
    config_.to = calendar_->sessions()[1].close;
    events = generate();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].ts, calendar_->sessions()[1].open);
}

TEST_F(GeneratorFeedTest, MoreSymbolsDoNotChangeTheBarsOfTheFirst) {
    add(5);
    days(30);
    const auto five = generate();
    config_.symbols.resize(2);
    std::vector<MarketEvent> first_two;
    for (const MarketEvent& e : five) {
        if (e.instrument.value < 2) first_two.push_back(e);
    }
    EXPECT_TRUE(same(first_two, generate()));
}

TEST_F(GeneratorFeedTest, QuotesHaveTheirRateSpreadAndSize) {
    add(2, "", Price::from_raw(10'000'000), Quantity::from_units(10));
    days(1);
    config_.kind = GeneratorKind::kQuotes;
    config_.rate = 2;
    config_.spread = 3;
    config_.size = 4;
    double n = 0, ticks = 0, lots = 0, first = 0;
    for (const MarketEvent& e : generate()) {
        const QuoteData& q = e.data.quote;
        ASSERT_TRUE(q.bid.is_positive() && q.bid < q.ask);
        ASSERT_EQ(q.bid.raw() % 10'000'000, 0);
        ASSERT_EQ(q.ask.raw() % 10'000'000, 0);
        ASSERT_EQ(q.bid_quantity.raw() % Quantity::from_units(10).raw(), 0);
        ++n;
        first += e.instrument.value == 0 ? 1 : 0;
        ticks += static_cast<double>((q.ask - q.bid).raw() / 10'000'000);
        lots += to_double(q.bid_quantity) / 10;
    }
    // 2 symbols x 2 a second x 86,400 s = 345,600, Poisson; geometric variances 3 x 2 and 4 x 3.
    EXPECT_NEAR(n, 345'600, kDeviations * std::sqrt(345'600));
    EXPECT_NEAR(first / n, 0.5, kDeviations * std::sqrt(0.25 / n));
    EXPECT_NEAR(ticks / n, 3, kDeviations * std::sqrt(6 / n));
    EXPECT_NEAR(lots / n, 4, kDeviations * std::sqrt(12 / n));
}

// The times of a Poisson process are uniform: the greatest distance of their distribution function
// from the straight line, times sqrt(n), exceeds 2.4 once in 50,000 samples (Kolmogorov).
TEST_F(GeneratorFeedTest, ArrivalsAreSpreadEvenlyOverTheOpenSession) {
    calendar_ = weekday_calendar(1);
    add(1, "weekdays");
    days(1);
    config_.kind = GeneratorKind::kTrades;
    config_.rate = 3;
    const auto events = generate();
    const Session& session = calendar_->sessions().front();
    const auto n = static_cast<double>(events.size());
    EXPECT_NEAR(n, 3 * 23'400, kDeviations * std::sqrt(3 * 23'400));
    double distance = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const double u = static_cast<double>((events[i].ts - session.open).ns) /
                         static_cast<double>((session.close - session.open).ns);
        distance = std::max(distance, std::abs(u - static_cast<double>(i) / n));
    }
    EXPECT_LT(distance * std::sqrt(n), 2.4);
}

TEST_F(GeneratorFeedTest, TradesAlternateBetweenBidAndOfferAndAreNumbered) {
    add(2);
    days(1);
    config_.kind = GeneratorKind::kTrades;
    std::uint64_t last[2] = {0, 0};
    double buys = 0, n = 0;
    for (const MarketEvent& e : generate()) {
        const TradeData& trade = e.data.trade;
        ASSERT_EQ(trade.trade_id, ++last[e.instrument.value]);
        ASSERT_TRUE(trade.aggressor == 1 || trade.aggressor == 2);
        ASSERT_TRUE(trade.price.is_positive() && trade.quantity.is_positive());
        buys += trade.aggressor == 1 ? 1 : 0;
        ++n;
    }
    EXPECT_NEAR(buys / n, 0.5, kDeviations * std::sqrt(0.25 / n));
}

/// Applies depth events as a consumer would.
struct BookOfTest {
    std::map<std::int64_t, std::int64_t> sides[2];
    void apply(const DepthData& d) {
        if (d.action == 1) {
            sides[0].clear();
            sides[1].clear();
        } else if (d.quantity.is_zero()) {
            ASSERT_EQ(sides[d.side].erase(d.price.raw()), 1u) << "deletes what is not there";
        } else {
            sides[d.side][d.price.raw()] = d.quantity.raw();
        }
    }
};

TEST_F(GeneratorFeedTest, DepthGivesAFullUncrossedBookAfterEveryPublication) {
    calendar_ = weekday_calendar(3);
    const std::int64_t tick = 10'000'000;
    add(2, "weekdays", Price::from_raw(tick));
    days(2);
    small(GeneratorKind::kDepth);
    config_.rate = 1;
    config_.volatility = 0.8;
    BookOfTest books[2];
    bool fresh[2] = {true, true};
    std::uint64_t publications = 0, clears = 0;
    for (const MarketEvent& e : generate()) {
        const DepthData& d = e.data.depth;
        BookOfTest& book = books[e.instrument.value];
        ASSERT_TRUE(d.action == 1 || !fresh[e.instrument.value]);
        fresh[e.instrument.value] = false;
        clears += d.action;
        book.apply(d);
        if (!book.sides[0].empty() && !book.sides[1].empty()) {
            ASSERT_LT(book.sides[0].rbegin()->first, book.sides[1].begin()->first);
        }
        if (d.last == 0) continue;
        ++publications;
        for (const auto& side : book.sides) {
            ASSERT_EQ(side.size(), 4u);
            ASSERT_GT(side.begin()->first, 0);
            ASSERT_EQ(side.begin()->first % tick, 0);
            ASSERT_EQ(side.rbegin()->first - side.begin()->first, 3 * tick);
        }
    }
    EXPECT_EQ(clears, 4u);  // two symbols, two sessions
    EXPECT_GT(publications, 80'000u);
}

// An independent program (in Python, from the formulas in docs/data.md: SplitMix64, xoshiro256**,
// ziggurats, exponential and logarithm of its own) gave these bars for the same settings. That they
// agree to the last tick over 3,000 days shows that nothing depends on compiler or library.
TEST_F(GeneratorFeedTest, GivesTheSameBarsAsAnIndependentProgram) {
    add(1, "", Price::from_raw(10'000'000));
    config_.from = Timestamp{0};
    config_.to = Timestamp{Duration::days(3000).ns};
    config_.seed = 42;
    config_.volatility = 0.3;
    config_.correlation = 0.4;
    config_.drift = 0.1;
    config_.price_dispersion = 0.2;
    config_.jumps = {200, -0.01, 0.04};
    const std::int64_t expected[5][5] = {{11742, 12294, 11742, 12217, 885719},
                                         {12217, 12984, 12217, 12959, 355986},
                                         {12959, 13064, 12800, 13058, 641134},
                                         {13058, 13105, 12821, 12881, 1071465},
                                         {12881, 12928, 12029, 12029, 802013}};
    std::size_t n = 0;
    std::int64_t closes = 0, volumes = 0;
    for (const MarketEvent& e : generate()) {
        if (e.type != MarketEventType::kBar) continue;
        const BarData& bar = e.data.bar;
        const std::int64_t row[5] = {bar.open.raw() / 10'000'000, bar.high.raw() / 10'000'000,
                                     bar.low.raw() / 10'000'000, bar.close.raw() / 10'000'000,
                                     bar.volume.raw() / Quantity::kOne};
        for (std::size_t i = 0; n < 5 && i < 5; ++i) EXPECT_EQ(row[i], expected[n][i]) << n;
        closes += row[3];
        volumes += row[4];
        ++n;
    }
    EXPECT_EQ(n, 3000u);
    EXPECT_EQ(closes, 6'797'406);
    EXPECT_EQ(volumes, 2'970'331'540);
}

TEST_F(GeneratorFeedTest, PricesStayPositiveAndFiniteHoweverWildTheSettings) {
    add(2, "", Price::from_raw(10'000'000));
    days(200);
    config_.volatility = 10;
    config_.drift = -10;
    config_.levels = 3;
    config_.rate = 0.001;
    config_.interval = Duration::hours(6);
    for (const GeneratorKind kind : kKinds) {
        config_.kind = kind;
        for (const MarketEvent& e : generate()) {
            if (e.type == MarketEventType::kBar) {
                ASSERT_TRUE(e.data.bar.low.is_positive());
            } else if (e.type == MarketEventType::kQuote) {
                ASSERT_TRUE(e.data.quote.bid.is_positive());
            } else if (e.type == MarketEventType::kTrade) {
                ASSERT_TRUE(e.data.trade.price.is_positive());
            } else if (e.type == MarketEventType::kDepth && e.data.depth.action == 0) {
                ASSERT_TRUE(e.data.depth.price.is_positive());
            }
        }
    }
    config_.drift = 10;
    config_.price = 1e6;
    config_.kind = GeneratorKind::kBars;
    for (const MarketEvent& e : generate()) {
        if (e.type == MarketEventType::kBar) {
            ASSERT_LE(e.data.bar.high.raw(), kPriceMaxRaw);
        }
    }
}

TEST_F(GeneratorFeedTest, RefusesWhatItCannotGenerateAndSaysWhy) {
    calendar_ = weekday_calendar(3);
    add(1, "weekdays");
    days(2);
    EXPECT_EQ(error(), "");
    const GeneratorConfig good = config_;
    config_.symbols.push_back("NOPE");
    EXPECT_NE(error().find("'NOPE'"), std::string::npos);
    config_ = good;
    config_.symbols.push_back("S0");
    EXPECT_NE(error().find("twice"), std::string::npos);
    config_ = good;
    add(1, "");
    EXPECT_NE(error().find("different calendars"), std::string::npos);
    config_ = good;
    config_.to = config_.from + Duration::days(30);
    EXPECT_NE(error().find("2001-01-03"), std::string::npos) << error();
    config_ = good;
    config_.from = calendar_->sessions()[0].close;
    config_.to = calendar_->sessions()[1].open;
    EXPECT_NE(error().find("no session begins"), std::string::npos);
    config_ = good;
    config_.spread = 1e6;
    config_.kind = GeneratorKind::kQuotes;
    add(1, "weekdays", Price::from_units(10'000));
    EXPECT_NE(error().find("too large for the tick"), std::string::npos);
}

TEST_F(GeneratorFeedTest, NamesTheSettingThatIsWrong) {
    add(1);
    days(1);
    const GeneratorConfig good = config_;
    const auto problem = [&](auto change) {
        GeneratorConfig c = good;
        change(c);
        return problem_of(c);
    };
    EXPECT_EQ(problem([](auto&) {}), "");
    EXPECT_EQ(problem([](auto& c) { c.correlation = 1.5; }),
              "correlation: found 1.5, expected 0 to 1");
    EXPECT_EQ(problem([](auto& c) { c.volatility = NAN; }).substr(0, 11), "volatility:");
    EXPECT_EQ(problem([](auto& c) { c.price = 0; }),
              "price: found 0, expected more than 0, at most 1e+06");
    EXPECT_EQ(problem([](auto& c) { c.symbols.clear(); }).substr(0, 8), "symbols:");
    EXPECT_EQ(problem([](auto& c) { c.to = c.from; }).substr(0, 3), "to:");
    EXPECT_EQ(problem([](auto& c) { c.interval = Duration::days(2); }).substr(0, 9), "interval:");
    EXPECT_EQ(problem([](auto& c) { c.regime_interval = Duration::hours(36); }).substr(0, 16),
              "regime_interval:");
    EXPECT_EQ(problem([](auto& c) { c.regimes = {{1, {0.5, 0.5}}}; }).substr(0, 13),
              "regimes.0.to:");
    EXPECT_EQ(problem([](auto& c) { c.regimes = {{1, {0.5, 0.5}}, {2, {0.5, 0.6}}}; }),
              "regimes.1.to: found 1.1, expected probabilities that sum to 1");
}

}  // namespace
}  // namespace fermata::generator
