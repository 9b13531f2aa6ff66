#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/live/sent_book.hpp"

namespace fermata {

/// What a venue counts as filled of an order, and no fill on record says: the positions of the run
/// are without it.
struct UnbookedFill {
    VenueId venue;
    ClientOrderId order;  ///< Zero: it has no name of ours.
    InstrumentId instrument;
    std::optional<Side> side;  ///< None: of an order that the run did not send.
    Quantity quantity;
    bool accepted = false;  ///< By people (fermata accept); else it differed to the end.
};

/// Finds them in the records of a run of mode live. Tell it of every record of the trading stream,
/// in order. Single-threaded.
class UnbookedFills {
public:
    explicit UnbookedFills(std::size_t venues) : book_(venues), venues_(venues) {}

    void on_record(const OrderEvent& event);
    /// As it stands after the last record, by venue and order; accepted ones first.
    [[nodiscard]] std::vector<UnbookedFill> list() const;

private:
    SentBook book_;
    std::size_t venues_;
    std::set<ClientOrderId> accepted_;
    std::vector<ForeignFills> accepted_foreign_;
};

/// For the operator, one line: venue, order, instrument, side and quantity.
[[nodiscard]] std::string describe(const UnbookedFill& fill, const Config& config);

}  // namespace fermata
