#include "risk/rate.hpp"

#include <algorithm>

#include "core/order/closing_tag.hpp"

namespace fermata {
namespace {

static_assert(limit_definition(LimitId::kDuplicate).maximum == RepeatTable::kLimitMax);

/// Different orders remembered within one window of DUPLICATE.
constexpr std::size_t kRepeatCapacity = 16'384;

bool counts_equal_orders(LimitTable& limits, std::size_t strategies) {
    if (limits.common().on(LimitId::kDuplicate)) return true;
    for (std::size_t s = 0; s < strategies; ++s) {
        if (limits.of_strategy({static_cast<std::uint16_t>(s)}).on(LimitId::kDuplicate))
            return true;
    }
    return false;
}

}  // namespace

MessageRate::MessageRate(std::int64_t per_second, Duration burst, Ratio reserve) noexcept
    : rate_(per_second) {
    const __int128 capacity = std::max<__int128>(static_cast<__int128>(burst.ns) * rate_, kMessage);
    const __int128 reserved = capacity * reserve.raw() / Ratio::kOne;
    tolerance_ = std::max<__int128>(capacity - reserved - kMessage, 0);
    debt_max_ = capacity + kMessage;
}

void MessageRate::change(std::int64_t per_second, Duration burst, Ratio reserve) noexcept {
    const __int128 before = rate_;
    const __int128 next = next_;
    *this = MessageRate(per_second, burst, reserve);
    if (before == 0 || next == kLongAgo) return;
    // The same time in 1/rate nanoseconds of the new rate, rounded up. A time before 1970 is idle.
    if (next <= 0) return;
    next_ = next / before * rate_ + (next % before * rate_ + before - 1) / before;
}

std::int64_t MessageRate::messages_with_one_more(Timestamp now) const noexcept {
    const __int128 at = static_cast<__int128>(now.ns) * rate_;
    const __int128 backlog = std::max<__int128>(next_ - at, 0);
    return static_cast<std::int64_t>((backlog + kMessage - 1) / kMessage) + 1;
}

MessageRates::MessageRates(LimitTable& limits, std::size_t strategies) : strategies_(strategies) {
    adopt(limits);
}

void MessageRates::adopt(LimitTable& limits) noexcept {
    using enum LimitId;
    const Limits& common = limits.common();
    const Duration burst = common.duration(kMessageRateBurst);
    const Ratio reserve = common.ratio(kMessageRateReserve);
    for (std::size_t s = 0; s < strategies_.size(); ++s) {
        const Limits& own = limits.of_strategy({static_cast<std::uint16_t>(s)});
        if (own.on(kMessageRate)) strategies_[s].change(own.raw(kMessageRate), burst, reserve);
    }
    if (common.on(kMessageRateFirm)) {
        firm_.change(common.raw(kMessageRateFirm), burst, reserve);
    }
}

void MessageRates::check(const Request& r, Findings& out) const noexcept {
    const auto check_one = [&](const MessageRate& rate, Scope scope) {
        if (!rate.on()) return;
        out.checked(ControlId::kMessageRate);
        if (rate.allows(r.now)) {
            if (out.explains()) [[unlikely]]
                out.passes(ControlId::kMessageRate, scope, LimitUnit::kCount,
                           rate.messages_with_one_more(r.now), rate.burst_messages());
            return;
        }
        out.refuse(ControlId::kMessageRate, scope, LimitUnit::kCount,
                   rate.messages_with_one_more(r.now), rate.burst_messages());
    };
    if (r.knows_strategy) check_one(strategies_[r.strategy.value], Scope::kStrategy);
    check_one(firm_, Scope::kFirm);
}

bool MessageRates::watches() const noexcept {
    return firm_.on() ||
           std::ranges::any_of(strategies_, [](const MessageRate& r) { return r.on(); });
}

void MessageRates::count(StrategyId s, Timestamp now) noexcept {
    if (s.value < strategies_.size()) strategies_[s.value].count(now);
    firm_.count(now);
}

Duplicates::Duplicates(LimitTable& limits, std::size_t strategies) : last_tags_(2 * strategies) {
    if (counts_equal_orders(limits, strategies)) {
        repeats_ =
            RepeatTable(kRepeatCapacity, limits.common().duration(LimitId::kDuplicateWindow));
    }
}

void Duplicates::check(const Request& r, Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kDuplicate;
    out.checked(kMe);
    const bool unnumbered = r.order_id.value == 0;
    if (unnumbered ? !r.is_preview : any_order_ && !newer(r.order_id.value, last_order_.value)) {
        out.refuse(kMe, Scope::kOrder, LimitUnit::kIdentifier,
                   static_cast<std::int64_t>(r.order_id.value),
                   static_cast<std::int64_t>(last_order_.value));
    } else if (!r.is_preview) {
        last_order_ = r.order_id;
        any_order_ = true;
    }
    if (!r.knows_strategy) return;
    // What closes a strategy's positions counts for itself: the strategy goes on where it was.
    const std::size_t first = is_closing(r.tag) ? last_tags_.size() / 2 : 0;
    OrderTag& last_tag = last_tags_[first + r.strategy.value];
    if (last_tag.value != 0 && !newer(r.tag.value, last_tag.value)) {
        out.refuse(kMe, Scope::kOrder, LimitUnit::kIdentifier,
                   static_cast<std::int64_t>(r.tag.value),
                   static_cast<std::int64_t>(last_tag.value));
    } else if (!r.is_preview) {
        last_tag = r.tag;
    }
    // Slices of a position that is closed are alike on purpose, and paced by who sends them.
    if (!r.limits->on(LimitId::kDuplicate) || is_closing(r.tag)) return;
    const int limit = static_cast<int>(r.limits->raw(LimitId::kDuplicate));
    const RepeatKey key = key_of(r);
    const int recent = r.is_preview ? repeats_.ask(key, r.now, limit)
                                    : repeats_.note(key, r.repeat_bucket, r.now, limit);
    if (recent == 0) {
        out.refuse(kMe, Scope::kOrder, Fault::kTooManyOrders);
    } else if (recent > limit) {
        out.refuse(kMe, Scope::kOrder, LimitUnit::kCount, recent, limit);
    } else if (out.explains()) [[unlikely]] {
        out.passes(kMe, Scope::kOrder, LimitUnit::kCount, recent, limit);
    }
}

}  // namespace fermata
