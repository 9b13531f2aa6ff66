#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"

namespace fermata {

/// The order, strategy, account and instrument that an event is about.
struct EventSubject {
    ClientOrderId order_id;
    OrderTag tag;
    std::optional<StrategyId> strategy;
    std::optional<AccountId> account;
    std::optional<InstrumentId> instrument;
};

/// What the event itself says. A venue's report, for example, names the order only.
[[nodiscard]] EventSubject subject_of(const OrderEvent& event) noexcept;
[[nodiscard]] EventSubject subject_of(const MarketEvent& event) noexcept;

/// Completes what events do not say themselves from what earlier events said about the same order.
/// Remembers the orders that are open and the last `finished_max` that ended, so memory does not
/// grow with the run. Feed it every record of the trading stream in order.
class SubjectResolver {
public:
    explicit SubjectResolver(std::size_t finished_max = 65'536) : finished_max_(finished_max) {}
    [[nodiscard]] EventSubject resolve(const OrderEvent& event);
    [[nodiscard]] std::size_t remembered() const noexcept { return orders_.size(); }

private:
    struct Owner {
        OrderTag tag;
        StrategyId strategy;
        AccountId account;
        bool finished = false;
    };
    void forget_oldest();

    std::size_t finished_max_;
    std::unordered_map<std::uint64_t, Owner> orders_;  // by order id; looked up only
    std::deque<std::uint64_t> finished_;               // in the order in which they ended
};

}  // namespace fermata
