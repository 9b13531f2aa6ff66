#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "risk/surveillance/corrections.hpp"
#include "risk/surveillance/deceptive_orders.hpp"
#include "risk/surveillance/finding.hpp"
#include "risk/surveillance/market_view.hpp"
#include "risk/surveillance/marking_the_close.hpp"
#include "risk/surveillance/momentum_ignition.hpp"
#include "risk/surveillance/order_activity.hpp"
#include "risk/surveillance/order_to_trade.hpp"
#include "risk/surveillance/quote_stuffing.hpp"
#include "risk/surveillance/rules.hpp"
#include "risk/surveillance/wash_trades.hpp"

namespace fermata::surveillance {

struct SurveillanceSetup {
    std::size_t instruments = 0;
    std::vector<std::uint16_t> owners;  ///< By AccountId; empty: all accounts have one owner.
    Corrections corrections;            ///< Of all the events that will follow.
    Settings settings;
    std::array<bool, kRuleCount> wanted{true, true, true, true, true, true, true};
    /// Why there are no market events; empty: there are.
    std::string without_market;
};

/// What became of a rule. Never silent: a rule that was wanted and could not judge everything says
/// what and why.
struct RuleOutcome {
    RuleId rule = RuleId::kSpoofing;
    bool wanted = true;
    bool applied = true;
    std::uint64_t findings = 0;
    std::uint64_t not_judged = 0;  ///< Fills or bursts without a price or volume.
    std::string note;              ///< Empty when there is nothing to say.
};

/// All rules over one run. Feed it the records of the trading stream in the journal's order, each
/// after the market events up to its feed position, then call `finish`. A pure function of that:
/// no clock, no input or output. Findings go to the sink as they are complete; the order of the
/// calls is that of completion, for one rule and party also that of time.
///
/// One thread. Memory: what is open and the windows of the rules; findings belong to the sink.
class Surveillance {
public:
    Surveillance(const SurveillanceSetup& setup, const FindingSink& sink);
    Surveillance(const Surveillance&) = delete;
    Surveillance& operator=(const Surveillance&) = delete;

    void take(const MarketEvent& e);
    void take(const OrderEvent& e);
    void finish();

    /// By rule. After `finish`.
    [[nodiscard]] std::vector<RuleOutcome> outcomes() const;
    [[nodiscard]] std::uint64_t orders() const noexcept { return orders_; }
    [[nodiscard]] std::uint64_t fills() const noexcept { return fills_; }
    [[nodiscard]] std::uint64_t market_events() const noexcept { return market_events_; }

private:
    [[nodiscard]] bool applied(RuleId rule) const noexcept;

    SurveillanceSetup setup_;
    MarketView market_;
    OrderTracker orders_at_venues_;
    std::array<std::uint64_t, kRuleCount> findings_{};
    std::uint64_t orders_ = 0;
    std::uint64_t fills_ = 0;
    std::uint64_t market_events_ = 0;
    std::optional<DeceptiveOrders> spoofing_;
    std::optional<DeceptiveOrders> layering_;
    std::optional<WashTrades> wash_trades_;
    std::optional<MarkingTheClose> marking_the_close_;
    std::optional<MomentumIgnition> momentum_ignition_;
    std::optional<OrderToTrade> order_to_trade_;
    std::optional<QuoteStuffing> quote_stuffing_;
};

}  // namespace fermata::surveillance
