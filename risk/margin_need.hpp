#pragma once

#include "core/account/account_book.hpp"
#include "core/account/margin.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

class StateArchive;

/// When the margin of what the accounts hold is taken anew: at the first market event a second
/// after the last time. That is linear in the instruments; in between it is what it was then.
class MarginClock {
public:
    static constexpr Duration kRefreshEvery = Duration::seconds(1);

    /// It is time; the next time is counted from here.
    [[nodiscard]] bool due(Timestamp now) noexcept {
        if (refreshed_ != Timestamp::min() && now - refreshed_ < kRefreshEvery) return false;
        refreshed_ = now;
        return true;
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    Timestamp refreshed_ = Timestamp::min();
};

/// Which margin: that to open a position, or that to keep it.
enum class MarginKind : std::uint8_t { kInitial, kMaintenance };

/// The account's margin is that of a model: it is a margin account, and pays for less than all.
[[nodiscard]] inline bool has_margin_model(const MarginModel& model, const AccountBook& accounts,
                                           AccountId a) noexcept {
    return accounts.type(a) == AccountConfig::Type::kMargin &&
           model.model(a) != AccountConfig::Margin::kCash;
}

/// What a position of that size alone needs, as if nothing else were held. Constant.
[[nodiscard]] inline Valued margin_need(const MarginModel& model, MarginKind kind,
                                        const AccountBook& accounts, AccountId a, InstrumentId i,
                                        Side side, WideQuantity quantity, Price price) noexcept {
    if (quantity == 0) return {0, Fault::kNone};
    if (quantity > Quantity::max().raw()) return {kValueMax, Fault::kOverflow};
    const auto size = Quantity::from_raw(static_cast<std::int64_t>(quantity));
    const Quantity position = side == Side::kBuy ? size : -size;
    const auto needed = kind == MarginKind::kInitial
                            ? model.opening(accounts, a, i, position, price)
                            : model.keeping(accounts, a, i, position, price);
    if (!needed) return {kValueMax, Fault::kUnknownEquity};
    return {to_value(*needed), Fault::kNone};
}

/// By how much the request raises what its order needs at the worst price.
[[nodiscard]] inline Valued margin_added(const MarginModel& model, MarginKind kind,
                                         const AccountBook& accounts, const Request& r) noexcept {
    const auto need = [&](WideQuantity open, Price price) {
        return margin_need(model, kind, accounts, r.account, r.instrument_id, r.side, open, price);
    };
    const Valued before = need(r.open_before, r.reserve_before);
    if (before.fault != Fault::kNone) return before;
    Valued after = need(r.open_after, r.worst_reserve());
    if (after.fault == Fault::kNone) after.value = saturating_subtract(after.value, before.value);
    return after;
}

}  // namespace fermata
