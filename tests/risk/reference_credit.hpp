#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "tests/risk/reference_in_flight.hpp"

namespace fermata::testing {

/// CREDIT by polls: what was approved since, order by order.
class ReferenceCredit : public ReferenceInFlight {
public:
    using ReferenceInFlight::ReferenceInFlight;

    void polled(AccountId a, std::int64_t granted, std::int64_t asked) {
        Polled& p = polls_[a.value];
        if (p.granted && asked < p.asked) return;
        p.granted = granted;
        p.asked = asked;
        std::erase_if(p.orders, [&](const auto& o) { return o.second.approved <= asked; });
        if (p.spent_at <= asked) p.spent = 0;
    }
    /// A venue reported about an order, which stands like this now.
    void note_report(const Order& o, const ExecutionData& x) {
        answered(o.id, x.exec_type, is_terminal(o.state));
        Polled& p = polls_[o.account.value];
        const auto order = p.orders.find(o.tag.value);
        if (order == p.orders.end()) return;
        if (x.exec_type == ExecType::kTrade) {
            order->second.filled += worth(x.last_price, o.instrument, x.last_quantity.raw());
        }
        if (!is_terminal(o.state)) return;
        p.spent += std::min(order->second.filled, order->second.cost);
        if (order->second.filled > 0) p.spent_at = std::max(p.spent_at, order->second.approved);
        p.orders.erase(order);
    }

protected:
    bool beyond_credit(const Case& c) {
        const Polled& p = polls_[c.account.value];
        if (!p.granted || worst(c, c.after) <= worst(c, c.before)) return false;
        if (c.now.ns - p.asked > limits_.raw(LimitId::kCredit)) return true;
        __int128 used = p.spent;
        for (const auto& [tag, order] : p.orders) used += order.cost;
        const __int128 cost = credit_cost(c);
        return cost > 0 &&
               used + cost > static_cast<__int128>(std::max<std::int64_t>(*p.granted, 0)) * kMoney;
    }
    void credit_approved(const Case& c, OrderTag tag) {
        Polled& p = polls_[c.account.value];
        if (!p.granted || worst(c, c.after) <= worst(c, c.before)) return;
        const __int128 cost = credit_cost(c);
        if (cost <= 0) return;
        p.orders[tag.value].cost += cost;
        p.orders[tag.value].approved = c.now.ns;
    }

private:
    struct Approved {
        __int128 cost = 0, filled = 0;
        std::int64_t approved = 0;
    };
    struct Polled {
        std::optional<std::int64_t> granted;
        std::int64_t asked = 0;
        std::map<std::uint64_t, Approved> orders;
        __int128 spent = 0;
        std::int64_t spent_at = 0;
    };
    __int128 credit_cost(const Case& c) const {
        const Price at = std::max(reserve(c, c.price, c.stop), old_reserve(c));
        const __int128 before =
            c.replace ? static_cast<__int128>(c.order->reserved_value.raw()) * kMoney : 0;
        return std::max<__int128>(worth(at, c.instrument, c.after) - before, 0);
    }
    std::map<std::uint16_t, Polled> polls_;
};

}  // namespace fermata::testing
