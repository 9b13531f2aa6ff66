#include "daemon/live/unbooked_fills.hpp"

#include "core/types/decimal.hpp"
#include "daemon/live/reconciliation.hpp"

namespace fermata {

void UnbookedFills::on_record(const OrderEvent& event) {
    book_.on_record(event);
    if (event.type != OrderEventType::kAlert) return;
    const AlertData& d = event.data.alert;
    if (d.code == AlertCode::kVenueDiffers &&
        d.detail[0] == static_cast<std::int64_t>(DifferenceKind::kAccepted)) {
        accepted_.insert(d.order_id);
    }
}

std::vector<UnbookedFill> UnbookedFills::list() const {
    std::vector<UnbookedFill> all;
    const auto add = [&](const BookedOrder& o, Quantity quantity, bool accepted) {
        if (quantity.is_zero()) return;
        all.push_back(
            {o.order.venue, o.order.id, o.order.instrument, o.order.side, quantity, accepted});
    };
    for (std::size_t v = 0; v < venues_; ++v) {
        const VenueId venue{static_cast<std::uint16_t>(v)};
        for (const ClientOrderId id : accepted_) {
            if (const auto order = book_.find(venue, id)) add(*order, order->excused, true);
        }
        for (const BookedOrder& order : book_.unreported(venue)) add(order, order.missing(), false);
    }
    return all;
}

std::string describe(const UnbookedFill& fill, const Config& config) {
    return config.venues[fill.venue.value].name + ": order " + std::to_string(fill.order.value) +
           " (" + config.instruments[fill.instrument].symbol + ", " + std::string(name(fill.side)) +
           ") is filled with " + to_string(fill.quantity) +
           " more at the venue than on record here" +
           (fill.accepted ? ", as people accepted" : ", and nobody accepted that");
}

}  // namespace fermata
