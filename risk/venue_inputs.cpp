#include "risk/venue_inputs.hpp"

namespace fermata {

void PriceBands::set(InstrumentId i, Price lowest, Price highest) noexcept {
    if (i.value < bands_.size()) bands_[i.value] = {lowest, highest, lowest <= highest};
}

void PriceBands::clear(InstrumentId i) noexcept {
    if (i.value < bands_.size()) bands_[i.value].known = false;
}

void PriceBands::check(const Request& r, Findings& out) const noexcept {
    constexpr ControlId kMe = ControlId::kLuld;
    out.checked(kMe);
    const Band& band = bands_[r.instrument_id.value];
    if (!band.known || !r.is_limit()) return;
    if (r.side == Side::kBuy && r.price > band.highest) {
        out.refuse(kMe, Scope::kOrder, LimitUnit::kPrice, r.price.raw(), band.highest.raw());
    } else if (r.side == Side::kSell && r.price < band.lowest) {
        out.refuse(kMe, Scope::kOrder, LimitUnit::kPrice, r.price.raw(), band.lowest.raw());
    }
}

}  // namespace fermata
