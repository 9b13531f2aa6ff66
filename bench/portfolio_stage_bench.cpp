/// What the stage that measures portfolio risk costs whoever hosts it: a market event in between,
/// and the event that ends a day, with which a snapshot is made and handed out.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/support.hpp"
#include "core/base/random.hpp"
#include "risk/portfolio_stage.hpp"

namespace fermata::bench {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::size_t kSnapshots = 20;
constexpr std::size_t kQuotesADay = 4;  // of an instrument

InstrumentTable instruments(std::size_t count) {
    InstrumentTable table;
    const CurrencyId usd = table.currency("USD");
    for (std::size_t i = 0; i < count; ++i) {
        Instrument instrument;
        instrument.symbol = "S" + std::to_string(i);
        instrument.currency = usd;
        instrument.sector = "sector " + std::to_string(i % 11);
        instrument.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
        table.add(instrument);
    }
    return table;
}

void run(std::size_t count, std::size_t days) {
    const InstrumentTable table = instruments(count);
    PortfolioStageSettings settings;
    settings.window = days;
    settings.estimate.days_min = days;
    settings.benchmark = InstrumentId{0};
    SnapshotShelf shelf;
    Lane<MarketEvent> market(64);
    Lane<OrderEvent> snapshots(64);
    PortfolioStage stage(table, settings, shelf, {&market, &snapshots});

    Xoshiro256 random(1);
    std::vector<double> prices(count, 100);
    std::vector<double> made, between;
    std::uint64_t position = 0;
    for (std::int64_t day = 0; made.size() < kSnapshots; ++day) {
        const double together = 0.02 * (random.uniform() - 0.5);
        double events = 0, ns = 0;
        for (std::size_t n = 0; n < kQuotesADay * count; ++n) {
            const std::size_t i = n % count;
            if (n < count) prices[i] *= 1 + together + 0.04 * (random.uniform() - 0.5);
            const Price bid = Price::from_raw(static_cast<std::int64_t>(prices[i] * 1e9));
            MarketEvent e = make_quote(
                Timestamp{day * kDayNs + static_cast<std::int64_t>(n + 1)},
                InstrumentId{static_cast<std::uint32_t>(i)}, StreamId{0},
                QuoteData{bid, Quantity::from_units(1), bid, Quantity::from_units(1), 0});
            e.seq = ++position;
            FERMATA_ASSERT(market.try_push(e));
            const std::uint64_t begin = ticks();
            (void)stage.step();
            const double took = static_cast<double>(ticks() - begin) / ticks_per_ns();
            if (n != 0) {
                ns += took;
                events += 1;
            }
            OrderEvent told;
            if (!snapshots.take(told)) continue;
            made.push_back(took / 1e6);
            shelf.release_before(told.data.risk_snapshot.number);
        }
        between.push_back(ns / events);
    }
    std::sort(made.begin(), made.end());
    std::sort(between.begin(), between.end());
    std::printf(
        "%4zu instruments, %4zu days: a snapshot %8.3f ms (fastest %8.3f), another event "
        "%5.1f ns\n",
        count, days, made[made.size() / 2], made.front(), between[between.size() / 2]);
}

}  // namespace
}  // namespace fermata::bench

int main() {
    fermata::bench::print_machine();
    fermata::bench::pin(0);
    for (const std::size_t instruments : {20, 512}) {
        for (const std::size_t days : {252, 512}) fermata::bench::run(instruments, days);
    }
}
