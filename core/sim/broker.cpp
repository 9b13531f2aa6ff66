#include "core/sim/broker.hpp"

#include "core/account/state_hash.hpp"
#include "core/base/assert.hpp"
#include "core/market/corporate_action.hpp"

namespace fermata {

SimBroker::SimBroker(const InstrumentTable& instruments, std::span<const SimAccount> accounts)
    : instruments_(instruments),
      currencies_(instruments.currencies().size()),
      cash_(accounts.size() * currencies_),
      positions_(accounts.size() * instruments.size()) {
    for (const SimAccount& account : accounts) {
        FERMATA_ASSERT(account.cash.size() <= currencies_ && !contains(account.id));
        const auto row = static_cast<std::uint32_t>(kinds_.size());
        if (account.id.value >= rows_.size()) rows_.resize(account.id.value + 1U, kNoRow);
        rows_[account.id.value] = row;
        kinds_.push_back(account.kind);
        for (std::size_t c = 0; c < account.cash.size(); ++c) {
            cash_[row * currencies_ + c] = account.cash[c];
        }
        for (const SimPosition& held : account.positions) {
            FERMATA_ASSERT(instruments.contains(held.instrument));
            positions_[row * instruments.size() + held.instrument.value] += held.quantity;
        }
    }
}

OrderReason SimBroker::book(const SimOrder& order, Quantity quantity, Money value, Money fee) {
    const std::uint32_t row = rows_[order.account.value];
    const CurrencyId currency = instruments_[order.instrument].currency;
    Money& cash = cash_[row * currencies_ + currency.value];
    Quantity& position = positions_[row * instruments_.size() + order.instrument.value];
    const bool buy = order.side == Side::kBuy;

    std::int64_t cost = 0;  // what leaves the account, fee included; negative for most sales
    std::int64_t cash_after = 0;
    std::int64_t position_after = 0;
    const std::int64_t change = buy ? quantity.raw() : -quantity.raw();
    if ((buy ? __builtin_add_overflow(fee.raw(), value.raw(), &cost)
             : __builtin_sub_overflow(fee.raw(), value.raw(), &cost)) ||
        __builtin_sub_overflow(cash.raw(), cost, &cash_after) ||
        __builtin_add_overflow(position.raw(), change, &position_after)) {
        return OrderReason::kInvalidQuantity;
    }
    if (kinds_[row] == AccountKind::kCash) {
        if (buy && cost > cash.raw()) return OrderReason::kInsufficientFunds;
        if (!buy && order.leaves() > position) return OrderReason::kInsufficientPosition;
    }
    cash = Money::from_raw(cash_after);
    position = Quantity::from_raw(position_after);
    return OrderReason::kNone;
}

bool SimBroker::rebook(const TapedFill& fill, Quantity quantity, Money value, Money fee) {
    const std::uint32_t row = rows_[fill.account.value];
    const CurrencyId currency = instruments_[fill.instrument].currency;
    Money& cash = cash_[row * currencies_ + currency.value];
    Quantity& position = positions_[row * instruments_.size() + fill.instrument.value];
    const int buys = sign(fill.side);
    const __int128 paid = (static_cast<__int128>(value.raw()) - fill.value.raw()) * buys;
    const __int128 cash_after =
        cash.raw() - paid - (static_cast<__int128>(fee.raw()) - fill.fee.raw());
    const __int128 position_after =
        position.raw() + static_cast<__int128>(buys) * (quantity.raw() - fill.quantity.raw());
    const auto fits = [](__int128 raw) {
        return raw <= Money::max().raw() && raw >= Money::min().raw();
    };
    if (!fits(cash_after) || !fits(position_after)) return false;
    cash = Money::from_raw(static_cast<std::int64_t>(cash_after));
    position = Quantity::from_raw(static_cast<std::int64_t>(position_after));
    return true;
}

void SimBroker::on_corporate_action(InstrumentId instrument, const CorporateActionData& action,
                                    Price price) {
    const Instrument& traded = instruments_[instrument];
    for (std::size_t row = 0; row < kinds_.size(); ++row) {
        Quantity& position = positions_[row * instruments_.size() + instrument.value];
        if (position.is_zero()) continue;
        const auto adjusted =
            adjust_position(action, position, traded.lot, traded.multiplier, price);
        Money& cash = cash_[row * currencies_ + traded.currency.value];
        std::int64_t cash_after = 0;
        // Numbers that do not fit leave the account as it was; the order manager, which applies the
        // same action to the same position, raises the alert.
        if (!adjusted || __builtin_add_overflow(cash.raw(), adjusted->cash.raw(), &cash_after)) {
            continue;
        }
        position = adjusted->quantity;
        cash = Money::from_raw(cash_after);
    }
}

std::uint64_t SimBroker::state_hash() const noexcept {
    StateHash hash;
    for (const Money cash : cash_) hash.add(cash);
    for (const Quantity position : positions_) hash.add(position);
    return hash.value();
}

}  // namespace fermata
