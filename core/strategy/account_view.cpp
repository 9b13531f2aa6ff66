#include "core/strategy/account_view.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"

namespace fermata {
namespace {

constexpr InstrumentId kNoPair{std::numeric_limits<InstrumentId::rep>::max()};

/// The pair FIRST/SECOND in either spelling, or kNoPair.
InstrumentId find_pair(const InstrumentTable& instruments, const std::string& first,
                       const std::string& second) {
    for (const std::string& symbol : {first + second, first + "/" + second}) {
        if (const Instrument* found = instruments.find(symbol)) return found->id;
    }
    return kNoPair;
}

/// Wide enough for any sum of positions; clamped to Money once, at the end. An amount that a Money
/// cannot hold counts as the largest one, so that sizing sees "too much", never a wrapped sign.
__int128 value_of(Price price, Quantity position, Multiplier multiplier) noexcept {
    const auto value = notional(price, position, multiplier);
    if (value) return value->raw();
    return price.is_negative() == position.is_negative() ? Money::max().raw() : Money::min().raw();
}

Money clamp(__int128 raw) noexcept {
    return Money::from_raw(static_cast<std::int64_t>(std::clamp<__int128>(
        raw, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max())));
}

/// `amount` in the other currency of a pair quoted at `rate` (1e-9, positive).
__int128 convert(__int128 amount, Price rate, bool inverse) noexcept {
    const __int128 numerator = clamp(amount).raw();
    const auto converted = inverse ? divide_half_even(numerator * Price::kOne, rate.raw())
                                   : divide_half_even(numerator * rate.raw(), Price::kOne);
    if (converted) return *converted;
    return amount < 0 ? Money::min().raw() : Money::max().raw();
}

}  // namespace

AccountView::AccountView(const InstrumentTable& instruments, const MarkTable& marks,
                         CurrencyId base, Money cash)
    : instruments_(instruments),
      marks_(marks),
      base_(base),
      cash_(instruments.currencies().size()),
      positions_(instruments.size()),
      fx_(instruments.currencies().size(), kNoPair),
      fx_inverse_(instruments.currencies().size(), false) {
    FERMATA_ASSERT(base.value < cash_.size() && marks.size() >= instruments.size());
    cash_[base.value] = cash;
    held_.reserve(instruments.size());
    const std::vector<std::string>& codes = instruments.currencies();
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (i == base.value) continue;
        fx_[i] = find_pair(instruments, codes[i], codes[base.value]);
        if (fx_[i] != kNoPair) continue;
        fx_[i] = find_pair(instruments, codes[base.value], codes[i]);
        fx_inverse_[i] = fx_[i] != kNoPair;
    }
}

Money AccountView::equity() const noexcept {
    __int128 total = 0;
    for (std::size_t currency = 0; currency < cash_.size(); ++currency) {
        __int128 local = cash_[currency].raw();
        for (const InstrumentId id : held_) {
            const Instrument& instrument = instruments_[id];
            if (instrument.currency.value != currency || !marks_[id].valid()) continue;
            local += value_of(marks_[id].price(), positions_[id.value], instrument.multiplier);
        }
        if (currency == base_.value) {
            total += local;
            continue;
        }
        const InstrumentId pair = fx_[currency];
        if (pair == kNoPair || !marks_[pair].valid()) continue;
        const Price rate = marks_[pair].price();
        if (rate.is_positive()) total += convert(local, rate, fx_inverse_[currency]);
    }
    return clamp(total);
}

std::optional<Money> AccountView::equity_in(CurrencyId currency) const noexcept {
    if (currency == base_) return equity();
    const InstrumentId pair = fx_[currency.value];
    if (pair == kNoPair || !marks_[pair].valid() || !marks_[pair].price().is_positive()) {
        return std::nullopt;
    }
    return clamp(convert(equity().raw(), marks_[pair].price(), !fx_inverse_[currency.value]));
}

void AccountView::set_position(InstrumentId id, Quantity position) noexcept {
    positions_[id.value] = position;
    const auto place = std::lower_bound(held_.begin(), held_.end(), id);
    const bool listed = place != held_.end() && *place == id;
    if (position.is_zero() && listed) {
        held_.erase(place);
    } else if (!position.is_zero() && !listed) {
        held_.insert(place, id);  // within the capacity reserved at construction
    }
}

static_assert(sizeof(AccountView) == 160, "AccountView::persist must deal with every member");

void AccountView::persist(StateArchive& a) {
    a(cash_, positions_);
    if (!a.reading()) return;
    held_.clear();
    for (std::uint32_t i = 0; i < positions_.size(); ++i) {
        if (!positions_[i].is_zero()) held_.push_back(InstrumentId{i});
    }
}

}  // namespace fermata
