#pragma once

#include <cstddef>
#include <map>
#include <utility>

#include "core/event/order_event.hpp"

namespace fermata::surveillance {

/// A correction whose numbers cannot mean anything: the order manager does not book it either.
[[nodiscard]] constexpr bool is_nonsense(const CorrectionData& c) noexcept {
    return c.leaves_quantity.is_negative() ||
           (c.kind == CorrectionKind::kCorrect && !c.quantity.is_positive());
}

/// What became of the fills of a run that their venues took back or changed later. It is known
/// before the rules see the fills: a trade that was none is no part of any pattern.
///
/// Memory: one entry a correction.
class Corrections {
public:
    struct Fate {
        bool busted = false;
        Price price;  ///< What they really are; of a fill that was taken back, nothing.
        Quantity quantity;
    };

    /// Any event of the trading stream, in its order; only corrections matter.
    void take(const OrderEvent& e);

    /// Of the fill with that execution id; nullptr when it stands as it was reported.
    [[nodiscard]] const Fate* find(VenueId venue, ExecId exec_id) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return fates_.empty(); }
    /// How many fills were taken back.
    [[nodiscard]] std::size_t busted() const noexcept;

private:
    using Key = std::pair<VenueId, ExecId>;
    std::map<Key, Fate> fates_;      // by fill
    std::map<Key, ExecId> fill_of_;  // by the correction's own id
};

}  // namespace fermata::surveillance
