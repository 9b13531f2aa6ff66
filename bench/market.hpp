#pragma once

/// A synthetic market for benchmarks: quotes of a seeded random walk over a number of instruments.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/market/stream.hpp"
#include "core/strategy/registry.hpp"
#include "core/types/instrument.hpp"
#include "daemon/pipeline/pipeline.hpp"

namespace fermata::bench {

class QuoteMarket {
public:
    explicit QuoteMarket(std::size_t instruments, std::uint64_t seed = 1) : random_(seed) {
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
    }

    /// The next quote, a microsecond after the last, of a random instrument; one cent wide.
    MarketEvent next() {
        now_ = now_ + Duration::microseconds(1);
        const std::uint64_t r = random_();
        const auto i = static_cast<std::uint32_t>((r >> 32) % mids_.size());
        mids_[i] += static_cast<std::int64_t>(r % 3) - 1;
        if (mids_[i] < 1'000) mids_[i] = 1'000;
        const auto cents = [](std::int64_t n) { return Price::from_raw(n * 10'000'000); };
        return make_quote(now_, InstrumentId{i}, StreamId{static_cast<std::uint16_t>(i)},
                          QuoteData{cents(mids_[i]), Quantity::from_units(1'000),
                                    cents(mids_[i] + 1), Quantity::from_units(1'000), 0});
    }

    /// One margin account, one exchange with proportional fees, no strategies yet.
    [[nodiscard]] PipelineSetup setup(RiskProfile profile) const {
        PipelineSetup setup;
        setup.instruments = &instruments_;
        setup.streams = streams_;
        const CurrencyId usd{0};
        setup.accounts = {AccountConfig{AccountId{0},
                                        "main",
                                        usd,
                                        {{usd, Money::from_units(1'000'000'000)}},
                                        AccountConfig::Type::kMargin}};
        SimConfig venue;
        venue.fees.model = FeeModel::kProportional;
        venue.fees.rate = Ratio::from_raw(100'000);
        setup.venues = {venue};
        setup.risk = RiskConfig(profile);
        return setup;
    }

    [[nodiscard]] const InstrumentTable& instruments() const { return instruments_; }
    [[nodiscard]] const StreamTable& streams() const { return streams_; }

private:
    InstrumentTable instruments_;
    StreamTable streams_;
    std::vector<std::int64_t> mids_;  // in cents
    Timestamp now_{1'700'000'000'000'000'000};
    std::mt19937_64 random_;
};

/// A strategy of a registered type with its defaults, except for the parameters given.
inline std::unique_ptr<Strategy> make_strategy(
    const StrategyRegistry& registry, const std::string& type,
    const std::vector<std::pair<std::string, std::string>>& changes) {
    const StrategyType* found = registry.find(type);
    ParamValues params;
    for (const ParamSpec& spec : found->params) params.set(spec.name, spec.default_value);
    for (const auto& [name, value] : changes) params.set(name, value);
    return found->make(params);
}

}  // namespace fermata::bench
