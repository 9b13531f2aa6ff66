// Interest, borrow fees and variation margin at the end of a day. See financing.hpp.

#include "core/account/account_book.hpp"

namespace fermata {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kYearDays = 360;

bool is_borrowed(AssetClass c) noexcept {
    return c == AssetClass::kEquity || c == AssetClass::kEtf || c == AssetClass::kBond ||
           c == AssetClass::kCrypto;
}

/// Amount x rate x days / 360; nullopt when it does not fit.
std::optional<Money> accrued(__int128 amount, Ratio rate, std::int32_t days) noexcept {
    __int128 product = 0;
    if (__builtin_mul_overflow(amount, static_cast<__int128>(rate.raw()) * days, &product)) {
        return std::nullopt;
    }
    const auto raw = divide_half_even(product, static_cast<__int128>(Ratio::kOne) * kYearDays);
    return raw ? std::optional<Money>(Money::from_raw(*raw)) : std::nullopt;
}

}  // namespace

/// The nights to book interest for, which are booked from now on.
std::int32_t AccountBook::days_to(AccountId a, Timestamp next) {
    FERMATA_ASSERT(contains(a));
    Account& x = accounts_[a.value];
    const auto day = static_cast<std::int32_t>(next.ns / kDayNs - (next.ns % kDayNs < 0 ? 1 : 0));
    const std::int32_t days = x.accrued_to == kNever || day < x.accrued_to ? 0 : day - x.accrued_to;
    if (x.accrued_to == kNever || day > x.accrued_to) x.accrued_to = day;
    return days;
}

std::optional<Accrual> AccountBook::accrue_interest(AccountId a, CurrencyId c, std::int32_t days,
                                                    const FinancingRates& rates) {
    if (days == 0 || c.value >= rates.interest.size()) return std::nullopt;
    Balance& b = balance(a, c);
    __int128 amount = b.cash.raw();
    for (std::uint32_t n = 0; n < marks_.size(); ++n) {
        const InstrumentId i{n};
        if (marks_[n].currency != c) continue;
        const Holding& h = holding(a, i);
        const AssetClass asset = instruments_[i].asset_class;
        if (asset == AssetClass::kFuture || (h.value.is_negative() && is_borrowed(asset))) {
            amount += h.value.raw();
        }
    }
    const InterestRates& r = rates.interest[c.value];
    const auto interest = accrued(amount, amount < 0 ? r.debit : r.credit, days);
    if (!interest || interest->is_zero() ||
        !fits(static_cast<__int128>(b.cash.raw()) + interest->raw()) ||
        !fits(static_cast<__int128>(b.interest.raw()) + interest->raw())) {
        return std::nullopt;
    }
    b.interest += *interest;
    add_cash(a, c, *interest);
    return Accrual{PositionChange::kFinancing, a, InstrumentId{0}, c, *interest, b.cash};
}

std::optional<Accrual> AccountBook::accrue_borrow(AccountId a, InstrumentId i, std::int32_t days,
                                                  const FinancingRates& rates) {
    const Holding& h = holding(a, i);
    if (days == 0 || !h.average.quantity.is_negative() ||
        !is_borrowed(instruments_[i].asset_class)) {
        return std::nullopt;
    }
    const Ratio rate = i.value < rates.borrow.size() ? rates.borrow[i.value] : rates.borrow_default;
    // A negative price is no reason to be paid for borrowing.
    if (!h.value.is_negative()) return std::nullopt;
    const auto fee = accrued(-static_cast<__int128>(h.value.raw()), rate, days);
    const CurrencyId c = marks_[i.value].currency;
    Balance& b = balance(a, c);
    if (!fee || fee->is_zero() || !fits(static_cast<__int128>(b.cash.raw()) - fee->raw()) ||
        !fits(static_cast<__int128>(b.borrow.raw()) + fee->raw())) {
        return std::nullopt;
    }
    b.borrow += *fee;
    add_cash(a, c, -*fee);
    return Accrual{PositionChange::kBorrow, a, i, c, -*fee, b.cash};
}

std::optional<Accrual> AccountBook::settle(AccountId a, InstrumentId i, Timestamp now) {
    const MarkSlot& m = marks_[i.value];
    if (instruments_[i].asset_class != AssetClass::kFuture || !m.known) return std::nullopt;
    Holding& h = holdings_[holding_index(a, i)];
    // A flat position may turn out not to have been flat: then the settlement must be known.
    if (h.average.quantity.is_zero() && journal_.empty(i)) return std::nullopt;
    Booking booking;
    booking.kind = Booking::Kind::kSettlement;
    booking.ts = now;
    booking.instrument = i;
    booking.account = a;
    booking.price = m.price;
    remember(booking);
    if (h.average.quantity.is_zero() || h.unvalued || !h.average.has_room(h.value) ||
        !h.lots.has_room(h.value)) {
        return std::nullopt;
    }
    const Money variation = h.average.settle(h.value);
    h.lots.settle(lots_, h.average.quantity, h.value);
    if (variation.is_zero()) return std::nullopt;
    return Accrual{PositionChange::kSettlement, a, i, m.currency, variation, cash(a, m.currency)};
}

Money AccountBook::settled_cash(AccountId a, CurrencyId c) const noexcept {
    __int128 raw = cash(a, c).raw();
    for (std::uint32_t n = 0; n < marks_.size(); ++n) {
        const InstrumentId i{n};
        if (marks_[n].currency == c && instruments_[i].asset_class == AssetClass::kFuture) {
            raw += holding(a, i).value.raw();
        }
    }
    return clamp(raw);
}

}  // namespace fermata
