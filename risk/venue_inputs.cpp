#include "risk/venue_inputs.hpp"

namespace fermata {

PriceBands::Outcome PriceBands::set(InstrumentId i, Price lowest, Price highest) noexcept {
    if (i.value >= bands_.size()) return Outcome::kUnknown;
    if (lowest > highest) return Outcome::kUpsideDown;
    bands_[i.value] = {lowest, highest, true};
    return Outcome::kSet;
}

void PriceBands::clear(InstrumentId i) noexcept {
    if (i.value < bands_.size()) bands_[i.value].known = false;
}

void PriceBands::check(const Request& r, Findings& out) const noexcept {
    constexpr ControlId kMe = ControlId::kLuld;
    out.checked(kMe);
    const Band& band = bands_[r.instrument_id.value];
    if (!band.known || !r.limited) return;
    const bool buys = r.side == Side::kBuy;
    const Price edge = buys ? band.highest : band.lowest;
    if (buys ? r.limit > edge : r.limit < edge) {
        out.refuse(kMe, Scope::kOrder, LimitUnit::kPrice, r.limit.raw(), edge.raw());
    } else if (out.explains()) [[unlikely]] {
        out.passes(kMe, Scope::kOrder, LimitUnit::kPrice, r.limit.raw(), edge.raw());
    }
}

}  // namespace fermata
