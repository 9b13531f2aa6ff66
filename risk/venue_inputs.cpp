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
    if (!band.known) return;
    const bool buys = r.side == Side::kBuy;
    Price at = r.limit;
    if (!r.limited) {  // where it would begin to trade
        const bool waits = r.type == OrderType::kStop || r.type == OrderType::kTrailingStop;
        const bool trades = r.type == OrderType::kMarket || r.type == OrderType::kMarketToLimit;
        if ((!waits && !trades) || r.mark == nullptr) return;
        at = !r.mark->has_quote ? r.reference : buys ? r.mark->ask : r.mark->bid;
        if (waits) at = buys ? std::max(at, r.trigger) : std::min(at, r.trigger);
    }
    const Price edge = buys ? band.highest : band.lowest;
    if (buys ? at > edge : at < edge) {
        out.refuse(kMe, Scope::kOrder, LimitUnit::kPrice, at.raw(), edge.raw());
    } else if (out.explains()) [[unlikely]] {
        out.passes(kMe, Scope::kOrder, LimitUnit::kPrice, at.raw(), edge.raw());
    }
}

}  // namespace fermata
