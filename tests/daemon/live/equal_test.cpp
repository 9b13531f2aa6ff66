// Live equals replay: the fills of a session over FIX, beside PostgreSQL, are those of a replay of
// the same data, or each difference is explained, and the venue's log agrees with the explanation.

#include "tests/daemon/live/equal_fixture.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata::test {
namespace {

using compare::Cause;
using compare::FactPlace;
using compare::OrderDifference;
using compare::OrderStory;
using compare::RunComparison;

/// Quotes and trades of two instruments by our own generator, so many milliseconds apart.
std::string evenly_spaced(const std::string& folder, int apart_ms) {
    const std::string out = folder + "/generated-";
    const char* const kinds[] = {"quotes", "trades"};
    std::vector<std::tuple<std::int64_t, int, std::string>> all;
    std::string heads[2];
    for (int n = 0; n < 2; ++n) {
        const std::string name = out + kinds[n] + ".csv";
        const Said said = run_command(
            {"data", "generate", "--out", name, "--kind", kinds[n], "--symbols", "AAA,BBB",
             "--from", "2024-01-02T14:30:00Z", "--to", "2024-01-02T15:30:00Z", "--rate",
             n == 0 ? "0.055" : "0.01", "--size", "50", "--seed", "5", "-q"});
        EXPECT_EQ(said.code, 0) << said.err;
        std::ifstream in(name);
        std::getline(in, heads[n]);
        for (std::string line; std::getline(in, line);) {
            const std::size_t comma = line.find(',');
            all.emplace_back(std::stoll(line.substr(0, comma)), n, line.substr(comma));
        }
    }
    std::sort(all.begin(), all.end());
    std::ofstream files[2];
    for (int n = 0; n < 2; ++n) {
        files[n].open(folder + "/" + kinds[n] + ".csv");
        files[n] << heads[n] << '\n';
    }
    std::int64_t now = 1'704'205'800'000'000'000;
    for (const auto& [time, kind, rest] : all) {
        files[kind] << now << rest << '\n';
        now += std::int64_t{apart_ms} * 1'000'000;
    }
    return "  - {type: csv, kind: quote, path: quotes.csv, columns: {time: ts_ns, symbol: symbol, "
           "bid_size: bid_size, ask_size: ask_size}, symbols: [AAA, BBB]}\n"
           "  - {type: csv, kind: trade, path: trades.csv, columns: {time: ts_ns, symbol: symbol}, "
           "symbols: [AAA, BBB]}\n";
}

constexpr const char* kInstruments =
    "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
    "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n";
constexpr const char* kStrategies =
    "  - {name: a, type: ema_cross_ticks, symbols: [AAA], params: {fast: 2, slow: 5, source: "
    "quotes}}\n"
    "  - {name: b, type: ema_cross_ticks, symbols: [BBB], params: {fast: 2, slow: 5}}\n";

class LiveEqualsReplay : public EqualMarket {
protected:
    /// The venue's log against what the command found. Fills that the venue did at the very quote
    /// that the replay did them at must be equal; every other difference must be explained by what
    /// the log or the record shows.
    void check() {
        ASSERT_GE(replay.orders.size(), 10u);
        const auto met = met_at_the_venue();
        const RunComparison result = compare::compare_runs(live, replay);
        const compare::MarketAlignment market(live, replay);
        for (const auto& stream : result.market) {
            EXPECT_TRUE(stream.alone_first.empty()) << "quotes that nobody played";
        }
        for (const OrderDifference& d : result.differences) {
            SCOPED_TRACE(d.why);
            switch (d.cause) {
                case Cause::kMetOtherQuote:
                    check_met(d, market, met);
                    break;
                case Cause::kEarlier:
                    EXPECT_GT(&d - result.differences.data(), 0);
                    break;
                case Cause::kReportTiming:
                    EXPECT_TRUE(has_late_news(d, market));
                    break;
                case Cause::kSawOtherData:
                    EXPECT_FALSE(all_seen(result));
                    break;
                default:
                    ADD_FAILURE() << "not explained: " << name(d.cause);
            }
        }
        // Fills that the venue did at the very quote at which the replay did them are the same; and
        // where all of them are, there is nothing from which a difference could follow.
        std::size_t same = 0;
        for (const auto& pair : compare::pair_orders(live, replay, market)) {
            if (!pair.same_decision) continue;
            const OrderStory &a = live.orders[*pair.first], &b = replay.orders[*pair.second];
            for (std::size_t n = 0; n < a.fills.size() && n < b.fills.size(); ++n) {
                if (met.at(a.fills[n].exec_id.value) != met_in_the_replay(b, b.fills[n])) break;
                ++same;
                EXPECT_EQ(a.fills[n].price, b.fills[n].price) << a.name;
                EXPECT_EQ(a.fills[n].quantity, b.fills[n].quantity) << a.name;
            }
        }
        if (same == result.fills_first && same == result.fills_second) {
            EXPECT_TRUE(result.equal());
        }
        RecordProperty("orders", static_cast<int>(result.orders_first));
        RecordProperty("differences", static_cast<int>(result.differences.size()));
        RecordProperty("fills_at_the_same_quote", static_cast<int>(same));

        const Said compared =
            run_command({"journal", "compare", journal(), file("replay"), "--json"});
        EXPECT_EQ(compared.code, result.equal() ? 0 : 1) << compared.err;
        const Said rerun = run({"journal", "rerun", journal(), "-q"});
        EXPECT_NE(rerun.out.find("equal: "), std::string::npos);
        // The journal of mode live stays open for the next start: nothing else is wrong with it.
        const Said verified =
            run_command({"journal", "verify", journal(), "--open", "--database", database()});
        EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
        EXPECT_NE(verified.out.find("open: "), std::string::npos) << verified.out;
        EXPECT_NE(verified.out.find("holds the same " + std::to_string(live.records) + " records"),
                  std::string::npos)
            << verified.out << verified.err;
    }
    /// The event of the explanation is the one that the venue's log has.
    void check_met(const OrderDifference& d, const compare::MarketAlignment& market,
                   const std::map<std::uint64_t, std::uint64_t>& met) const {
        const OrderStory &a = live.orders.at(*d.orders.first),
                         &b = replay.orders.at(*d.orders.second);
        std::size_t n = 0;
        while (a.fills.at(n).price == b.fills.at(n).price &&
               a.fills.at(n).quantity == b.fills.at(n).quantity) {
            ++n;
        }
        const std::uint64_t at = met.at(a.fills[n].exec_id.value);
        const bool there = std::any_of(d.met_first.begin(), d.met_first.end(), [&](FactPlace p) {
            const auto replayed = market.to_second(p);
            return replayed && replay.fact(*replayed).position == at;
        });
        EXPECT_TRUE(there) << a.name << " met event " << at;
        EXPECT_NE(met_in_the_replay(b, b.fills[n]), at) << a.name;
    }
    /// The newest quote of the instrument when the replay filled the order: without latency on the
    /// way back, a report is consumed when it is made.
    [[nodiscard]] std::uint64_t met_in_the_replay(const OrderStory& order,
                                                  const compare::FillStory& fill) const {
        const std::size_t quotes =
            replay.stream_of(order.instrument, MarketEventType::kQuote).value();
        const std::size_t newest = replay.newest(quotes, fill.position).value();
        return replay.market[quotes].facts[newest].position;
    }
    /// Whether the live strategy had an order before the decision of which a fill came behind it.
    [[nodiscard]] bool has_late_news(const OrderDifference& d,
                                     const compare::MarketAlignment& market) const {
        const OrderStory& any =
            d.orders.first ? live.orders[*d.orders.first] : replay.orders[*d.orders.second];
        std::uint64_t decision = any.decision();
        if (!d.orders.first) {
            const auto here = market.to_first(replay.decided_on(any).value());
            if (!here) return false;
            decision = live.fact(*here).position;
        }
        return std::any_of(live.orders.begin(), live.orders.end(), [&](const OrderStory& o) {
            return o.strategy == any.strategy && o.decision() < decision && !o.fills.empty() &&
                   o.fills.back().known >= decision;
        });
    }
    static bool all_seen(const RunComparison& result) {
        return std::all_of(result.market.begin(), result.market.end(),
                           [](const auto& s) { return s.alone_second.empty(); });
    }
};

TEST_F(LiveEqualsReplay, WithQuotesAndTradesOfOurOwn) {
    EqualShape shape;
    shape.instruments = kInstruments;
    shape.feeds = evenly_spaced(folder_ / "", 20);
    shape.strategies = kStrategies;
    shape.watched = "AAA, BBB";
    begin(shape);
    trade();
    check();
}

TEST_F(LiveEqualsReplay, OrEachDifferenceIsExplainedWhereQuotesComeFasterThanAnswers) {
    EqualShape shape;
    shape.instruments = kInstruments;
    shape.feeds = evenly_spaced(folder_ / "", 20);
    shape.strategies = kStrategies;
    shape.watched = "AAA, BBB";
    shape.speed = "10x";     // 2 ms from event to event ...
    shape.latency = "15ms";  // ... and in the replay 20
    begin(shape);
    trade();
    check();
    const RunComparison result = compare::compare_runs(live, replay);
    EXPECT_GE(result.causes.count(Cause::kMetOtherQuote), 1u);
}

TEST_F(LiveEqualsReplay, WithTheQuotesOfADayInEurUsd) {
    const auto data = data_file("fx/EURUSD_tick_20140505.csv.gz");
    if (!data) GTEST_SKIP() << kNoData;
    EqualShape shape;
    shape.instruments = "  - {symbol: EURUSD, asset_class: forex, tick: 0.00001, lot: 1}\n";
    shape.feeds = "  - {type: csv, kind: quote, symbol: EURUSD, path: " + data->string() +
                  ", columns: {time: ts_ns}, from: 2014-05-05T12:00:00Z, to: "
                  "2014-05-05T12:08:00Z}\n";
    shape.strategies =
        "  - {name: a, type: ema_cross_ticks, symbols: [EURUSD], params: {fast: 2, slow: 5}}\n";
    shape.watched = "EURUSD";
    shape.speed = "40x";
    begin(shape);
    trade();
    check();
}

}  // namespace
}  // namespace fermata::test
