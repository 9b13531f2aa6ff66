#include "daemon/live/reconciliation.hpp"

#include <algorithm>
#include <map>

#include "core/types/decimal.hpp"
#include "core/types/order_enums.hpp"
#include "daemon/cli/id_text.hpp"

namespace fermata {

std::vector<Difference> compare(VenueId venue, std::span<const BookedOrder> ours,
                                std::span<const ToldOrder> theirs) {
    std::vector<Difference> found;
    std::map<ClientOrderId, const ToldOrder*> told;
    for (const ToldOrder& t : theirs) {
        if (t.status.order_id.value != 0) {
            told[t.status.order_id] = &t;
        } else if (!is_terminal(t.status.state)) {
            found.push_back({DifferenceKind::kNotOurs,
                             venue,
                             {},
                             t.status.instrument,
                             {},
                             t.status.leaves_quantity,
                             t.name,
                             t.status.cumulative_quantity});
        }
    }
    for (const BookedOrder& booked : ours) {
        const KnownOrder& order = booked.order;
        const auto at = told.find(order.id);
        Difference d{DifferenceKind::kNotThere, venue, order.id, order.instrument, {}, {}, {}};
        const ToldOrder* t = at == told.end() ? nullptr : at->second;
        if (at != told.end()) told.erase(at);
        const Quantity filled = booked.filled();
        const Quantity there = t == nullptr ? filled : t->status.cumulative_quantity;
        if (!booked.missing().is_zero() || there > filled + booked.excused) {
            d.kind = DifferenceKind::kFilledMore;
            d.ours = filled;
            d.theirs = std::max(booked.claimed, there);
        } else if (there < filled) {
            d.kind = DifferenceKind::kFilledLess;
            d.ours = filled;
            d.theirs = there;
        } else if (t == nullptr || is_terminal(t->status.state)) {
            d.ours = order.quantity - filled;
        } else if (there + t->status.leaves_quantity != order.quantity) {
            d.kind = DifferenceKind::kOtherSize;
            d.ours = order.quantity;
            d.theirs = there + t->status.leaves_quantity;
        } else {
            continue;
        }
        found.push_back(std::move(d));
    }
    for (const auto& [id, t] : told) {
        if (is_terminal(t->status.state)) continue;
        found.push_back({DifferenceKind::kNotOurs,
                         venue,
                         id,
                         t->status.instrument,
                         {},
                         t->status.leaves_quantity,
                         t->name,
                         t->status.cumulative_quantity});
    }
    return found;
}

std::string describe(const Difference& d, const std::string& venue, const std::string& instrument) {
    const std::string order = d.order_id.value != 0 ? "order " + client_order_text(d.order_id)
                              : d.name.empty()      ? "an order that has no name of ours"
                                                    : "order " + d.name;
    const std::string about = venue + ": " + order + " (" + instrument + ") ";
    const std::string ours = to_string(d.ours), theirs = to_string(d.theirs);
    switch (d.kind) {
        case DifferenceKind::kNotThere:
            return about + "is open here with " + ours + ", and the venue has nothing open of it";
        case DifferenceKind::kNotOurs:
            return about + "is open at the venue with " + theirs +
                   ", and nothing of it is open here: cancel it there" +
                   (d.filled.is_zero() ? std::string()
                                       : " (" + to_string(d.filled) +
                                             " of it were filled: do the positions here have "
                                             "that?)");
        case DifferenceKind::kFilledMore:
            return about + "is filled with " + theirs + " at the venue, and " + ours +
                   " is on record: a fill was not reported";
        case DifferenceKind::kFilledLess:
            return about + "is filled with " + theirs + " at the venue, with " + ours +
                   " here: a fill was taken back, or is not on the venue's books yet";
        case DifferenceKind::kOtherSize:
            return about + "has a quantity of " + theirs + " at the venue, of " + ours + " here";
        case DifferenceKind::kFillNotOurs:
            if (d.theirs.is_negative()) {
                return about + "is unknown here, and the venue took back " +
                       to_string(Quantity::zero() - d.theirs) +
                       " of what it had filled of it and people accepted";
            }
            return about + "is unknown here, and the venue filled " + theirs +
                   " of it: the positions here do not have that";
        case DifferenceKind::kAccepted:
        case DifferenceKind::kWithdrawn:
            break;
    }
    return about + "differs";
}

}  // namespace fermata
