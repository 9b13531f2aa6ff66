#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/port/order_link.hpp"
#include "daemon/live/sent_book.hpp"

namespace fermata {

/// How a venue's books and ours differ about one order. Part of the journal's format
/// (kVenueDiffers).
enum class DifferenceKind : std::uint8_t {
    kNotThere = 1,    ///< Open with us, unknown there or over.
    kNotOurs = 2,     ///< Open there, unknown to us or over.
    kFilledMore = 3,  ///< The venue filled more of it than its fills on record come to.
    kFilledLess = 4,  ///< The venue filled less.
    kOtherSize = 5,   ///< Another total quantity.
    // How a kFilledMore ended. No differences themselves.
    kAccepted = 6,   ///< People accepted that the venue counts so much, and no fill says so.
    kWithdrawn = 7,  ///< The venue counted so much, and now counts what is on record.
    // A difference again; its number came later.
    kFillNotOurs = 8,  ///< It told our session of fills of an order that is unknown to us.
};

struct Difference {
    DifferenceKind kind = DifferenceKind::kNotThere;
    VenueId venue;
    ClientOrderId order_id;  ///< Zero: the venue calls it by a name that is not ours, `name`.
    InstrumentId instrument;
    Quantity ours;    ///< kFilledMore, kFilledLess: filled; kOtherSize: in total; else open.
    Quantity theirs;  ///< The same as the venue says; zero where it has nothing. kFillNotOurs:
                      ///< filled, as far as it was told.
    std::string name;
    Quantity filled = {};  ///< kNotOurs: what the venue counts as filled of it.

    friend bool operator==(const Difference&, const Difference&) = default;
};

/// An order as a venue said it stands, with what it calls it.
struct ToldOrder {
    LinkOrderStatus status;  ///< `client_text` is not valid.
    std::string name;
};

/// What differs between the orders that are outstanding at a venue and those that it told of.
/// Orders that it told of more than once count as last told; those that are over there count as not
/// there, but what was filled of them counts. What it reported as filled counts as told.
[[nodiscard]] std::vector<Difference> compare(VenueId venue, std::span<const BookedOrder> ours,
                                              std::span<const ToldOrder> theirs);

/// For the operator: what differs, about what, and what to do.
[[nodiscard]] std::string describe(const Difference& difference, const std::string& venue,
                                   const std::string& instrument);

}  // namespace fermata
