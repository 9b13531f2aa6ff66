#pragma once

/// A small market for tests of the whole pipeline, without files and without a configuration.

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"
#include "core/strategy/registry.hpp"
#include "daemon/pipeline/pipeline.hpp"
#include "strategies/register.hpp"

namespace fermata::testing {

/// Instruments, quotes of a seeded random walk, and strategies that trade on them.
class SmallMarket {
public:
    explicit SmallMarket(std::size_t instruments, std::uint64_t seed = 1) : random_(seed) {
        const CurrencyId usd = instruments_.currency("USD");
        for (std::size_t i = 0; i < instruments; ++i) {
            Instrument instrument;
            instrument.symbol = "SYM" + std::to_string(i);
            instrument.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
            instrument.currency = usd;
            instruments_.add(instrument);
            mids_.push_back(10'000);
            streams_.push_back({StreamId{static_cast<std::uint16_t>(i)}, instrument.symbol,
                                MarketEventType::kQuote, Duration{}});
        }
        register_shipped_strategies(registry_);
    }

    /// A setup with `strategies` fast EMA crossers, one instrument each in turn, on one account.
    [[nodiscard]] PipelineSetup setup(std::size_t strategies, std::size_t shards,
                                      RecordSink* sink) {
        PipelineSetup setup;
        setup.instruments = &instruments_;
        setup.streams = streams_;
        const CurrencyId usd{0};
        setup.accounts = {AccountConfig{AccountId{0},
                                        "main",
                                        usd,
                                        {{usd, Money::from_units(100'000'000)}},
                                        AccountConfig::Type::kMargin}};
        SimConfig venue;
        venue.fees.model = FeeModel::kProportional;
        venue.fees.rate = Ratio::from_raw(100'000);
        setup.venues = {venue};
        setup.risk = RiskConfig(RiskProfile::kUnlimited);
        const StrategyType* type = registry_.find("ema_cross_ticks");
        ParamValues params;
        for (const ParamSpec& spec : type->params) params.set(spec.name, spec.default_value);
        params.set("fast", "4");
        params.set("slow", "9");
        for (std::size_t s = 0; s < strategies; ++s) {
            StrategySetup strategy;
            strategy.id = StrategyId{static_cast<std::uint16_t>(s)};
            strategy.sizing = Sizing{Sizing::Type::kFixed, Quantity::from_units(100), {}, {}};
            strategy.instruments = {
                InstrumentId{static_cast<std::uint32_t>(s % instruments_.size())}};
            strategy.strategy = type->make(params);
            setup.strategies.push_back(std::move(strategy));
        }
        setup.limits.shards = shards;
        setup.limits.orders_max = 1024;
        setup.sink = sink;
        return setup;
    }

    /// The next quote: one millisecond after the last, of a random instrument.
    [[nodiscard]] MarketEvent next() {
        now_ = now_ + Duration::milliseconds(1);
        const auto i = static_cast<std::uint32_t>(random_() % mids_.size());
        mids_[i] += static_cast<std::int64_t>(random_() % 5) - 2;
        if (mids_[i] < 100) mids_[i] = 100;
        const auto cents = [](std::int64_t n) { return Price::from_raw(n * 10'000'000); };
        return make_quote(now_, InstrumentId{i}, StreamId{static_cast<std::uint16_t>(i)},
                          QuoteData{cents(mids_[i]), Quantity::from_units(500), cents(mids_[i] + 1),
                                    Quantity::from_units(500), 0});
    }
    [[nodiscard]] const InstrumentTable& instruments() const { return instruments_; }

private:
    InstrumentTable instruments_;
    StreamTable streams_;
    StrategyRegistry registry_;
    std::vector<std::int64_t> mids_;  // in cents
    Timestamp now_{1'700'000'000'000'000'000};
    std::mt19937_64 random_;
};

}  // namespace fermata::testing
