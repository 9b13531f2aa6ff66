#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "tests/risk/reference_portfolio.hpp"

namespace fermata::testing {

/// SHORT: how a sale is marked, what of it is short, and when Rule 201 is in force, from all that
/// was ever printed.
class ReferenceShorts : public ReferencePortfolio {
public:
    using ReferencePortfolio::ReferencePortfolio;

    /// A price was printed at `when`. The flow's instruments have no calendar: each day with a
    /// print is a session, besides those that are said to end.
    void print(std::uint32_t i, Price at, Timestamp when) {
        const std::int64_t day = when.ns / (std::int64_t{86'400} * 1'000'000'000);
        const bool later = print_day_.contains(i) && day > print_day_[i];
        if (later && !prints[i].empty() && prints[i].back()) prints[i].push_back(std::nullopt);
        print_day_[i] = day;
        prints[i].push_back(at);
    }

    static constexpr std::uint8_t kMarks = kOrderShort | kOrderShortExempt;
    /// How an approved order must be marked. Account 1 is the margin account.
    std::uint8_t mark_of(const OrderEvent& e) const {
        const NewOrderData& o = e.data.new_order;
        const std::int64_t sells = open(o.account, e.instrument).sells + o.quantity.raw();
        if (o.side == Side::kBuy || o.account.value != 1) return 0;
        if (position(o.account, e.instrument) >= sells) return 0;
        return (o.flags & kOrderShortExempt) != 0 ? kOrderShortExempt : kOrderShort;
    }

protected:
    std::int64_t short_part(const Case& c, std::int64_t own) const {
        if (c.side == Side::kBuy) return 0;
        const std::int64_t others = open(c.account, c.instrument).sells - c.before;
        const std::int64_t owned = std::max<std::int64_t>(position(c.account, c.instrument), 0);
        return std::min(own, std::max<std::int64_t>(others + own - owned, 0));
    }
    /// Ten percent below the newest close, in this session or the one before it.
    bool declined(InstrumentId i) {
        std::vector<std::vector<Price>> sessions(1);
        for (const auto& print : prints[i.value]) {
            if (print) {
                sessions.back().push_back(*print);
            } else {
                sessions.emplace_back();
            }
        }
        const auto fell = [&](std::size_t n) {
            std::optional<Price> close;
            for (std::size_t before = 0; before < n; ++before) {
                if (!sessions[before].empty()) close = sessions[before].back();
            }
            if (!close) return false;
            const auto bound =
                static_cast<__int128>(close->raw()) * (Ratio::kOne - limits_.raw(LimitId::kShort));
            return std::ranges::any_of(sessions[n], [&](Price p) {
                return static_cast<__int128>(p.raw()) * Ratio::kOne <= bound;
            });
        };
        const std::size_t now = sessions.size() - 1;
        return fell(now) || (now > 0 && fell(now - 1));
    }
    bool bad_short(const Case& c) {
        if (!c.replace && c.exempt && (c.side == Side::kBuy || !declined(c.instrument)))
            return true;
        if (c.side == Side::kBuy) return false;
        const std::uint32_t i = c.instrument.value;
        const std::int64_t more = short_part(c, c.after) - short_part(c, c.before);
        if (locates.knows(i) && more > locates.left(i)) return true;
        if (c.replace && more > 0 && (c.order->flags & kMarks) == 0) return true;
        if (c.exempt || !declined(c.instrument) || short_part(c, c.after) == 0) return false;
        const bool limit = c.type == OrderType::kLimit || c.type == OrderType::kStopLimit;
        return !limit || !quotes.contains(i) || c.price <= quotes[i].bid;
    }

private:
    std::map<std::uint32_t, std::int64_t> print_day_;  // of the newest print
};

}  // namespace fermata::testing
