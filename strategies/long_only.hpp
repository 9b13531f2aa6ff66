#pragma once

#include <utility>

#include "core/indicator/to_double.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/strategy.hpp"
#include "strategies/per_instrument.hpp"
#include "strategies/signal.hpp"

namespace fermata {

/// Acts on a signal the way every shipped strategy does: flat or long, one order at a time.
///   enter  flat:  buys `context.size` at the market; nothing if that is zero
///   exit   long:  sells the whole position at the market
/// While an order of this strategy in this instrument is open, nothing. `price` is the price that
/// the signal was taken at: it decides the size, not the fill.
void act_long_only(StrategyContext& context, InstrumentId id, Signal signal, Price price) noexcept;

/// New shares per old share turned into the factor by which raw prices change; 1 for a dividend.
[[nodiscard]] double price_factor(const CorporateActionData& action) noexcept;

/// A strategy made of a rule on closes: it hands every close to the rule of that instrument and
/// acts on the answer.
///
/// A split rescales what the rule remembers, so that the jump of raw prices is no signal. A
/// dividend is left in: holders do see the price drop. After lost events a rule starts over,
/// because a crossing may have happened in between.
template <CloseRule Rule>
class CloseRuleStrategy final : public Strategy {
public:
    explicit CloseRuleStrategy(Rule prototype) : prototype_(std::move(prototype)) {}

    void on_start(StrategyContext& context) override {
        rules_.start(context.instruments(), prototype_);
    }
    void on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) override {
        act_long_only(context, id, rules_[id].update(to_double(bar.close)), bar.close);
    }
    void on_corporate_action(StrategyContext&, InstrumentId id,
                             const CorporateActionData& action) override {
        rules_[id].rescale(price_factor(action));
    }
    void on_gap(StrategyContext&, InstrumentId id, std::uint64_t) override { rules_[id].reset(); }
    bool persist(StateArchive& a) override {
        a(rules_);
        return true;
    }

private:
    Rule prototype_;
    PerInstrument<Rule> rules_;
};

}  // namespace fermata
