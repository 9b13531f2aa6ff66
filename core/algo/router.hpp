#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// A venue that orders can be routed to.
struct RouteVenue {
    VenueId venue;
    Price fee;         ///< In money, of a share or contract that takes; negative is a rebate.
    Ratio fee_rate;    ///< As a share of what it is worth (price x multiplier); both add up.
    Duration latency;  ///< To the venue.
};

/// What routing knows from the configuration; constant during a run.
struct RoutingTable {
    std::vector<RouteVenue> venues;
    std::vector<VenueId> venue_of_stream;  ///< By StreamId; 0xffff: of no venue in particular.

    /// Two venues are quoted: there is something to choose from.
    [[nodiscard]] bool any() const noexcept;
};

/// A venue for the next child, and why.
struct Route {
    VenueId venue;
    Price price;        ///< Quoted there.
    Quantity quantity;  ///< Shown there and not taken by us yet.
    Price fee;          ///< In the terms of the price, as the costs.
    Price cost;         ///< Against the best price anywhere.
    Price next_cost;    ///< Of the next best venue.
    Ratio fill_rate;
    Duration latency;
    VenueId next{0xffff};  ///< The next best; 0xffff: there is none.
    std::uint16_t candidates = 0;
};

/// Chooses among the venues that quote an instrument, for one strategy.
///
/// Expected cost of a unit at venue v in the terms of the price, for a buy (a sale the other way
/// round):
///   (ask_v - best ask) + fee_v + (1 - f_v) (ask_v - bid_v)
/// fee_v = fee / multiplier + fee rate x ask_v: a point of the price is worth the multiplier in
/// money, and what a contract costs in money is so many points less.
/// f_v is the share of what was sent to v that was filled there, beginning at 1: what misses is
/// paid for with the spread. The lowest cost wins; ties go to the lower latency, then to the larger
/// size, then to the lower id. Sizes that were taken are not counted again before the venue's next
/// quote.
class Router {
public:
    void configure(const RoutingTable& table) { table_ = &table; }
    [[nodiscard]] bool any() const noexcept { return table_ != nullptr && table_->any(); }

    /// A quote of stream `stream`. Allocates at the first one of an instrument and venue only.
    void on_quote(StreamId stream, InstrumentId id, const QuoteData& quote);
    /// Where to send a child that may pay at most (sell for at least) `bound` (zero: any price).
    /// Nothing when no venue shows size at such a price. `multiplier` is the instrument's.
    [[nodiscard]] std::optional<Route> choose(InstrumentId id, Side side, Price bound,
                                              Multiplier multiplier) const noexcept;
    void sent(InstrumentId id, Side side, VenueId venue, Quantity quantity) noexcept;
    /// A child is over: so much of it was filled.
    void over(VenueId venue, Quantity sent, Quantity filled) noexcept;

    void persist(StateArchive& a);

private:
    struct Book {  // one instrument at one venue
        InstrumentId instrument;
        VenueId venue;
        Price bid, ask;
        Quantity bid_size, ask_size;  // not taken yet
        void persist(StateArchive& a);
    };
    struct Record {  // of one venue, in units
        VenueId venue;
        double sent = 0, filled = 0;
        void persist(StateArchive& a);
    };
    [[nodiscard]] Book* find(InstrumentId id, VenueId venue) noexcept;
    [[nodiscard]] double fill_rate(VenueId venue) const noexcept;

    const RoutingTable* table_ = nullptr;
    std::vector<Book> books_;
    std::vector<Record> records_;
};

}  // namespace fermata
