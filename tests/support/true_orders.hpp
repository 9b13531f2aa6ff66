#pragma once

#include <cstdint>

#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"

namespace fermata::test {

/// An order as its venue knows it. Quantities are whole units.
struct TrueOrder {
    NewOrderData terms;  // with the quantity and price in force
    InstrumentId instrument;
    VenueOrderId venue_order_id;
    std::int64_t total = 0;
    std::int64_t filled = 0;
    std::int64_t told = 0;  // of the fills, as delivered: busts take away, corrections change
    bool open = false;
    bool over_told = false;  // that it is over was delivered
    bool arrived = false;    // false: still on the wire, or lost there
    bool lost = false;
    std::int64_t wanted = 0;  // by replaces on the wire: the largest
};

/// A fill as its venue knows it.
struct TrueFill {
    std::uint64_t order = 0;  // client order id
    ExecId first;             // of the fill itself
    ExecId last;              // of it or its last correction
    std::int64_t quantity = 0;
    Price price;
    Money fee;
    bool busted = false;
    std::int64_t known = 0;         // the quantity that Fermata was told last
    bool told = false;              // the fill was delivered
    bool under_correction = false;  // a bust or correction is not delivered yet
};

}  // namespace fermata::test
