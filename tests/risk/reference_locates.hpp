#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "core/event/order_event.hpp"

namespace fermata::testing {

/// Shares to borrow: what was given last less what every order since took and did not give back.
class ReferenceLocates {
public:
    void give(std::uint32_t instrument, Quantity available) {
        given_[instrument] = available.raw();
        takings_[instrument].clear();
    }
    [[nodiscard]] bool knows(std::uint32_t instrument) const { return given_.contains(instrument); }
    [[nodiscard]] std::int64_t left(std::uint32_t instrument) {
        std::int64_t left = given_[instrument];
        for (const Taking& t : takings_[instrument]) left -= t.over ? t.used : t.taken;
        return left;
    }
    /// Less than nothing is nothing: an order that becomes smaller keeps what it took.
    void take(std::uint32_t instrument, std::uint64_t order, std::int64_t quantity) {
        if (knows(instrument) && quantity > 0) takings_[instrument].push_back({order, quantity});
    }
    void see(const OrderUpdateData& update) {
        if (!is_terminal(update.state) || is_terminal(update.previous)) return;
        for (auto& [instrument, takings] : takings_) {
            // All that the order took is one: the last part of it.
            std::int64_t all = 0;
            for (const Taking& t : takings) all += t.order == update.order_id.value ? t.taken : 0;
            const std::int64_t unfilled =
                std::max<std::int64_t>(update.quantity - update.cumulative_quantity > Quantity{}
                                           ? (update.quantity - update.cumulative_quantity).raw()
                                           : 0,
                                       0);
            std::int64_t used =
                std::max<std::int64_t>(0, std::min(all, update.quantity.raw()) - unfilled);
            for (Taking& t : takings) {
                if (t.order != update.order_id.value) continue;
                t.over = true;
                t.used = std::min(used, t.taken);
                used -= t.used;
            }
        }
    }

private:
    struct Taking {
        std::uint64_t order;
        std::int64_t taken;
        std::int64_t used = 0;
        bool over = false;
    };
    std::map<std::uint32_t, std::int64_t> given_;
    std::map<std::uint32_t, std::vector<Taking>> takings_;
};

}  // namespace fermata::testing
