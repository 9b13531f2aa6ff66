#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata::venue {

/// A cancel or replace that the matching engine has not answered.
struct PendingChange {
    std::string client_id;  ///< Empty: of a mass cancel or a disconnect.
    std::string original_id;
    Quantity display_quantity;  ///< Of a replace; zero: as it was.
    std::uint32_t session = 0;  ///< Who asked.
    bool replace = false;
};

struct BookedFill {
    ExecId exec_id;  ///< Of the fill, or of its last correction.
    Price price;
    Quantity quantity;
};

/// An order as its member knows it, from its arrival on and after its end.
struct VenueOrder {
    ClientOrderId id;  ///< What the matching engine calls it.
    VenueOrderId venue_order_id;
    std::string client_id;  ///< ClOrdID in force.
    std::string list_id;
    std::uint32_t session = 0;
    std::uint32_t firm = 0;
    AccountId account;
    InstrumentId instrument;
    Price price, stop_price;
    Quantity quantity, display_quantity, cumulative, leaves;
    Timestamp expire_time;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    char side_code = '1';
    char type_code = '1';
    char status = 'A';                   ///< OrdStatus (39): A until the engine has answered.
    std::vector<PendingChange> pending;  ///< In the order in which they were sent.
    std::vector<BookedFill> fills;

    [[nodiscard]] bool live() const noexcept {
        return status == 'A' || status == '0' || status == '1';
    }
    /// Rounded half to even; zero when nothing was filled.
    [[nodiscard]] Price average_price() const noexcept;
};

/// All orders of a venue.
///
/// Owner:      the matching thread.
/// Memory:     orders stay when they are over, for status requests and for the names that must not
///             be used again: `full` says when there is no room for another.
/// Invariants: a ClOrdID names one order of a firm, or none; a replace adds a name and takes none.
class OrderLedger {
public:
    explicit OrderLedger(std::size_t orders_max) : orders_max_(orders_max) {}

    [[nodiscard]] bool full() const noexcept { return orders_.size() >= orders_max_; }
    /// Requires that the name is free, and not full(). The reference stays valid for ever.
    VenueOrder& add(VenueOrder order);
    /// Another name of an order; requires that it is free.
    void name(const VenueOrder& order, const std::string& client_id);

    /// nullptr when there is none.
    [[nodiscard]] VenueOrder* find(ClientOrderId id) noexcept;
    [[nodiscard]] VenueOrder* find(std::uint32_t firm, const std::string& client_id) noexcept;
    [[nodiscard]] VenueOrder* find_by_order_id(std::uint32_t firm, std::string_view text) noexcept;
    /// Was used, by an order or a request about one.
    [[nodiscard]] bool used(std::uint32_t firm, const std::string& client_id) const noexcept {
        return names_.contains(key(firm, client_id));
    }
    /// In the order of their arrival.
    [[nodiscard]] std::deque<VenueOrder>& all() noexcept { return orders_; }
    /// Live orders, in the order of their arrival.
    [[nodiscard]] std::vector<VenueOrder*> live();

private:
    [[nodiscard]] static std::string key(std::uint32_t firm, const std::string& client_id);
    const std::size_t orders_max_;
    std::deque<VenueOrder> orders_;
    std::unordered_map<std::uint64_t, std::size_t> by_id_;
    std::unordered_map<std::string, std::size_t> names_;
    std::size_t first_live_ = 0;  // all before it are over
};

/// The name of an order of the engine in OrderID (37).
[[nodiscard]] std::string order_id_text(const VenueOrder& order);

}  // namespace fermata::venue
