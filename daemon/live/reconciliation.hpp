#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/port/order_link.hpp"

namespace fermata {

/// How a venue's books and ours differ about one order. Part of the journal's format
/// (kVenueDiffers).
enum class DifferenceKind : std::uint8_t {
    kNotThere = 1,    ///< Open with us, unknown there or over.
    kNotOurs = 2,     ///< Open there, unknown to us or over.
    kFilledMore = 3,  ///< The venue filled more of it than we know of.
    kFilledLess = 4,  ///< The venue filled less.
    kOtherSize = 5,   ///< Another total quantity.
};

struct Difference {
    DifferenceKind kind = DifferenceKind::kNotThere;
    VenueId venue;
    ClientOrderId order_id;  ///< Zero: the venue calls it by a name that is not ours, `name`.
    InstrumentId instrument;
    Quantity ours;    ///< kFilledMore, kFilledLess: filled; kOtherSize: in total; else open.
    Quantity theirs;  ///< The same as the venue says; zero where it has nothing.
    std::string name;

    friend bool operator==(const Difference&, const Difference&) = default;
};

/// An order as a venue said it stands, with what it calls it.
struct ToldOrder {
    LinkOrderStatus status;  ///< `client_text` is not valid.
    std::string name;
};

/// What differs between the orders that should be open at a venue and those that it told of. Orders
/// that it told of more than once count as last told; those that are over there count as not there,
/// but what was filled of them counts.
[[nodiscard]] std::vector<Difference> compare(VenueId venue, std::span<const KnownOrder> ours,
                                              std::span<const ToldOrder> theirs);

/// For the operator: what differs, about what, and what to do.
[[nodiscard]] std::string describe(const Difference& difference, const std::string& venue,
                                   const std::string& instrument);

}  // namespace fermata
