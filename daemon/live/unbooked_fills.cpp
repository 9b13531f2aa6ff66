#include "daemon/live/unbooked_fills.hpp"

#include <algorithm>

#include "core/types/decimal.hpp"
#include "daemon/live/reconciliation.hpp"

namespace fermata {

void UnbookedFills::on_record(const OrderEvent& event) {
    const AlertData& d = event.data.alert;
    if (event.type == OrderEventType::kAlert && d.code == AlertCode::kVenueDiffers &&
        d.detail[0] == static_cast<std::int64_t>(DifferenceKind::kAccepted)) {
        for (ForeignFills f : book_.foreign(VenueId{event.source})) {
            if (f.order_id != d.order_id || f.instrument != event.instrument) continue;
            f.quantity = Quantity::from_raw(d.detail[1]);
            accepted_foreign_.push_back(f);
        }
        accepted_.insert(d.order_id);
    }
    book_.on_record(event);
}

std::vector<UnbookedFill> UnbookedFills::list() const {
    std::vector<UnbookedFill> all;
    const auto add = [&](const BookedOrder& o, Quantity quantity, bool accepted) {
        if (quantity.is_zero()) return;
        all.push_back(
            {o.order.venue, o.order.id, o.order.instrument, o.order.side, quantity, accepted});
    };
    const auto add_foreign = [&](const ForeignFills& f, bool accepted) {
        all.push_back({f.venue, f.order_id, f.instrument, std::nullopt, f.quantity, accepted});
    };
    for (const ForeignFills& f : accepted_foreign_) add_foreign(f, true);
    for (std::size_t v = 0; v < venues_; ++v) {
        const VenueId venue{static_cast<std::uint16_t>(v)};
        for (const ClientOrderId id : accepted_) {
            if (const auto order = book_.find(venue, id)) add(*order, order->excused, true);
        }
        for (const BookedOrder& order : book_.unreported(venue)) add(order, order.missing(), false);
        for (const ForeignFills& f : book_.foreign(venue)) add_foreign(f, false);
    }
    return all;
}

std::string describe(const UnbookedFill& fill, const Config& config) {
    const std::string venue = config.venues[fill.venue.value].name;
    const std::string symbol = config.instruments[fill.instrument].symbol;
    const std::string quantity = to_string(fill.quantity);
    const std::string order = fill.order.value == 0 ? "an order that has no name of ours"
                                                    : "order " + std::to_string(fill.order.value);
    return venue + ": " + order + " (" + symbol +
           (fill.side ? ", " + std::string(name(*fill.side)) + ") is filled with " + quantity +
                            " more at the venue than on record here"
                      : ") is unknown here, and was filled with " + quantity + " at the venue") +
           (fill.accepted ? ", as people accepted" : ", and nobody accepted that");
}

}  // namespace fermata
