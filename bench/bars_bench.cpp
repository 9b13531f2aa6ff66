/// Ten years of daily bars of 500 symbols with 500 strategies through the whole pipeline on one
/// thread.
///   bars_bench [SYMBOLS] [YEARS]
/// Peer: backtrader reaches 4,300 to 9,300 bars/s on such a machine (docs/performance.md).

#include <cstdio>
#include <cstdlib>

#include "bench/market.hpp"
#include "bench/support.hpp"
#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"
#include "strategies/register.hpp"

namespace fermata::bench {
namespace {

/// Bars of all symbols, day by day, as a feed delivers them: the opens, then the ends.
std::vector<MarketEvent> daily_bars(std::size_t symbols, std::size_t days) {
    std::mt19937_64 random(7);
    std::vector<std::int64_t> close(symbols, 100'000'000'000);
    std::vector<MarketEvent> events;
    events.reserve(symbols * days * 2);
    std::vector<BarData> bars(symbols);
    for (std::size_t day = 0; day < days; ++day) {
        const Timestamp open{static_cast<std::int64_t>(day) * 86'400'000'000'000 +
                             52'200'000'000'000};
        const Timestamp end = open + Duration::minutes(390);
        for (std::uint32_t s = 0; s < symbols; ++s) {
            const auto cent = [](std::int64_t raw) { return raw / 10'000'000 * 10'000'000; };
            const std::int64_t first = cent(close[s]);
            const std::int64_t step =
                (static_cast<std::int64_t>(random() % 401) - 200) * first / 10'000;
            close[s] = std::max<std::int64_t>(cent(first + step), 1'000'000'000);
            const std::int64_t wick = cent(first / 200);
            bars[s] =
                BarData{Price::from_raw(first), Price::from_raw(std::max(first, close[s]) + wick),
                        Price::from_raw(std::min(first, close[s]) - wick),
                        Price::from_raw(close[s]), Quantity::from_units(1'000'000)};
            events.push_back(
                make_bar_open(open, InstrumentId{s}, StreamId{0}, bars[s].open, bars[s].volume));
        }
        for (std::uint32_t s = 0; s < symbols; ++s) {
            events.push_back(make_bar(end, InstrumentId{s}, StreamId{0}, bars[s]));
        }
    }
    return events;
}

void run(std::size_t symbols, std::size_t days, RiskProfile profile, const char* label) {
    const QuoteMarket market(symbols);
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    PipelineSetup setup = market.setup(profile);
    setup.streams = {{StreamId{0}, "daily bars", MarketEventType::kBar, Duration::days(1)}};
    for (std::uint16_t s = 0; s < symbols; ++s) {
        StrategySetup strategy;
        strategy.id = StrategyId{s};
        strategy.instruments = {InstrumentId{s}};
        strategy.sizing.quantity = Quantity::from_units(100);
        strategy.strategy = make_strategy(registry, "sma_cross", {{"fast", "20"}, {"slow", "50"}});
        setup.strategies.push_back(std::move(strategy));
    }
    const std::vector<MarketEvent> events = daily_bars(symbols, days);
    Pipeline pipeline(std::move(setup));
    VirtualClock clock;
    LockstepScheduler scheduler(pipeline, clock);
    pipeline.start(Timestamp{0});
    scheduler.settle();
    const auto begin = std::chrono::steady_clock::now();
    for (const MarketEvent& e : events) scheduler.step(e);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double bars = static_cast<double>(symbols * days);
    std::printf(
        "%zu symbols x %zu daily bars, %zu strategies, %-9s  %6.3f s  %6.2f M bars/s  %8llu order "
        "events  %5.0f x backtrader at 9,300 bars/s\n",
        symbols, days, symbols, label, seconds, bars / seconds / 1e6,
        static_cast<unsigned long long>(pipeline.records()), bars / seconds / 9'300);
    if (pipeline.overflowed()) std::abort();
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata;
    using namespace fermata::bench;
    const std::size_t symbols = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500;
    const std::size_t years = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10;
    print_machine();
    run(symbols, years * 252, RiskProfile::kUnlimited, "unlimited");
    run(symbols, years * 252, RiskProfile::kHouse, "house");
}
