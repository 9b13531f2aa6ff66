#include "risk/surveillance/corrections.hpp"

#include <algorithm>

namespace fermata::surveillance {

void Corrections::take(const OrderEvent& e) {
    if (e.type != OrderEventType::kCorrection) return;
    const CorrectionData& c = e.data.correction;
    if (c.ref_exec_id.value == 0 || is_nonsense(c)) return;
    // A correction of a correction is about the fill of the first.
    const auto earlier = fill_of_.find({c.venue, c.ref_exec_id});
    const ExecId fill = earlier == fill_of_.end() ? c.ref_exec_id : earlier->second;
    if (c.exec_id.value != 0 && !fill_of_.try_emplace({c.venue, c.exec_id}, fill).second) {
        return;  // the venue repeats itself
    }
    Fate& fate = fates_[{c.venue, fill}];
    if (fate.busted) return;
    fate = c.kind == CorrectionKind::kBust ? Fate{true, {}, {}} : Fate{false, c.price, c.quantity};
}

const Corrections::Fate* Corrections::find(VenueId venue, ExecId exec_id) const noexcept {
    const auto found = fates_.find({venue, exec_id});
    return found == fates_.end() ? nullptr : &found->second;
}

std::size_t Corrections::busted() const noexcept {
    return static_cast<std::size_t>(std::count_if(
        fates_.begin(), fates_.end(), [](const auto& each) { return each.second.busted; }));
}

}  // namespace fermata::surveillance
