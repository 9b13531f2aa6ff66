#pragma once

/// A small market over many days, whose orders are judged by value at risk and scenarios.

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "risk/controls.hpp"
#include "tests/daemon/pipeline/pipeline_fixture.hpp"

namespace fermata::testing {

class DailyMarket {
public:
    static constexpr std::size_t kInstruments = 6;
    static constexpr std::size_t kStrategies = 12;
    static constexpr std::size_t kQuotesADay = 48;
    static constexpr std::size_t kDaysMin = 10;

    /// Limits that refuse some orders and let most pass, before and after the first snapshot.
    [[nodiscard]] PipelineSetup setup(std::size_t shards, RecordSink* sink = nullptr) {
        PipelineSetup setup = market_.setup(kStrategies, shards, sink);
        setup.accounts[0].cash = {{CurrencyId{0}, Money::from_units(400'000)}};
        for (const auto& [key, value] :
             {std::pair{"var_parametric", "0.5%"}, std::pair{"var_parametric_unmeasured", "3%"},
              std::pair{"var_historical", "0.5%"}, std::pair{"stress", "6%"},
              std::pair{"correlated", "6"}}) {
            FERMATA_ASSERT(setup.risk.set_limit(key, value).ok());
        }
        setup.portfolio.window = 40;
        setup.portfolio.estimate.days_min = kDaysMin;
        setup.portfolio.benchmark = InstrumentId{0};
        return setup;
    }

    /// Quotes at even times; the prices wander by up to 2% at a time, half of it together.
    [[nodiscard]] static std::vector<MarketEvent> events(std::size_t days, std::uint64_t seed) {
        std::mt19937_64 random(seed);
        const auto pick = [&](std::int64_t n) {
            return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
        };
        const auto cents = [](std::int64_t n) { return Price::from_raw(n * 10'000'000); };
        std::vector<std::int64_t> mids(kInstruments, 10'000);
        std::vector<MarketEvent> events;
        Timestamp now{19'700 * kDayNs};
        for (std::size_t n = 0; n < days * kQuotesADay; ++n) {
            now = now + Duration{kDayNs / static_cast<std::int64_t>(kQuotesADay)};
            const auto i = static_cast<std::uint32_t>(pick(kInstruments));
            if (pick(4) == 0) {
                const std::int64_t together = pick(5) - 2;
                for (std::int64_t& mid : mids) mid += mid * together / 200;
            }
            mids[i] = std::max<std::int64_t>(2'000, mids[i] + mids[i] * (pick(5) - 2) / 200);
            events.push_back(
                make_quote(now, InstrumentId{i}, StreamId{static_cast<std::uint16_t>(i)},
                           QuoteData{cents(mids[i]), Quantity::from_units(500), cents(mids[i] + 1),
                                     Quantity::from_units(500), 0}));
        }
        return events;
    }

private:
    static constexpr std::int64_t kDayNs = 86'400'000'000'000;
    SmallMarket market_{kInstruments};
};

/// What the records of a run say about portfolio risk.
struct PortfolioCounts {
    std::uint64_t snapshots = 0;             ///< Consumed, with ascending numbers.
    std::uint64_t refused_by_snapshots = 0;  ///< Snapshots that the gate did not take.
    std::uint64_t approved_after = 0;        ///< Verdicts after the first snapshot.
    std::uint64_t refused_before = 0;  ///< By one of the controls that read snapshots, before it.
    std::uint64_t refused_after = 0;
    std::uint64_t fills = 0;
};
template <class Events>
[[nodiscard]] PortfolioCounts count_portfolio(const Events& events) {
    constexpr std::uint64_t kVar =
        bit(ControlId::kVarParametric) | bit(ControlId::kVarHistorical) | bit(ControlId::kStress);
    PortfolioCounts counts;
    std::uint64_t number = 0;
    for (const OrderEvent& e : events) {
        if (e.type == OrderEventType::kFill) ++counts.fills;
        if (e.type == OrderEventType::kAlert && e.data.alert.code == AlertCode::kSnapshotRefused) {
            ++counts.refused_by_snapshots;
        }
        if (e.type == OrderEventType::kRiskSnapshot) {
            EXPECT_GT(e.data.risk_snapshot.number, number);
            EXPECT_EQ(e.flags & kFlagInput, kFlagInput);
            number = e.data.risk_snapshot.number;
            ++counts.snapshots;
        }
        if (e.type != OrderEventType::kVerdict) continue;
        const bool var = (e.data.verdict.failed & kVar) != 0;
        if (number == 0) {
            counts.refused_before += var ? 1 : 0;
        } else {
            counts.refused_after += var ? 1 : 0;
            counts.approved_after += e.data.verdict.approved;
        }
    }
    return counts;
}

}  // namespace fermata::testing
