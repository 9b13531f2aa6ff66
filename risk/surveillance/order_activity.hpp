#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/event/order_event.hpp"
#include "risk/surveillance/corrections.hpp"
#include "risk/surveillance/finding.hpp"
#include "risk/surveillance/market_view.hpp"

namespace fermata::surveillance {

/// An order as a venue has it. An order that is held here and placed several times (an emulated
/// iceberg) is one of these for each placement.
struct PlacedOrder {
    ClientOrderId id;  ///< With which it was sent.
    OrderTag tag;
    Party party;
    StrategyId strategy;
    AccountId account;
    VenueId venue;
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    Price price;                            ///< In force.
    Quantity open;                          ///< Zero once it is over.
    Wide filled = 0;                        ///< Of this placement, raw Quantity.
    Quantity display;                       ///< Shown at a time; zero: all of it.
    Timestamp since;                        ///< When it came into the book with its present terms.
    std::uint64_t shown_position = 0;       ///< Position of the record that says so.
    std::uint64_t terms_position = 0;       ///< Of the record that sent its present terms.
    std::uint64_t sent_terms_position = 0;  ///< Of the last request to change them.
    std::optional<Price> entry_mark;        ///< The market's price when it was sent.
    bool live = false;                      ///< Acknowledged, at work, not over.
    bool triggered = false;
    bool cancel_requested = false;

    /// What others see of it in the book; an order that never rests there shows nothing.
    [[nodiscard]] Quantity shown() const noexcept;
    /// Wants to trade now: a stop that waits does not.
    [[nodiscard]] bool at_work() const noexcept {
        return live && (triggered || !(has_stop_price(type) || is_trailing(type)));
    }
};

/// What one record of the journal means for surveillance.
struct Activity {
    enum class Kind : std::uint8_t {
        kSent,              ///< A new order goes to the venue.
        kReplaceRequested,  ///< A change of it does.
        kCancelRequested,   ///< Its cancellation does.
        kShown,             ///< The venue has it.
        kAmended,           ///< Its terms changed; `withdrawn` is what it lost by that.
        kFilled,
        kWithdrawn,  ///< Canceled by its owner; `withdrawn` is what was open.
        kOver,       ///< Ended by the venue, the session or the run, or is not at work any more.
    };
    Kind kind = Kind::kSent;
    Timestamp ts;
    std::uint64_t position = 0;
    PlacedOrder order;  ///< After the record.
    Quantity withdrawn;
    Quantity requested;  ///< kReplaceRequested: the new total quantity.
    Price fill_price;
    Quantity fill_quantity;
    Liquidity liquidity = Liquidity::kUnknown;
};

/// Something that happened to an order, as evidence.
[[nodiscard]] Evidence row_of(Deed deed, Timestamp ts, std::uint64_t position,
                              const PlacedOrder& order, Price price, Quantity quantity);
/// A message about an order: the order as it was before the venue's answer.
[[nodiscard]] Evidence message_row(const Activity& a);
/// A fill of it.
[[nodiscard]] Evidence fill_row(const Activity& a);

/// Follows every order at the venues through the trading stream.
///
/// Fills count when the trading stage booked them (once, even if a venue repeats itself), with the
/// numbers that their venue corrected them to; a fill that was taken back later counts for nothing
/// but that its order was not in the book meanwhile. A change of terms withdraws what it takes off
/// the quantity, and all of what was open when it moves the price away from the market: the order
/// does not offer any more what it offered.
///
/// Memory: the orders that are open and the last `kEndedMax` that ended, for fills that come late.
class OrderTracker {
public:
    static constexpr std::size_t kEndedMax = 4096;

    /// `owners` by account; an account without an entry belongs to owner 0. `corrections` of the
    /// whole run.
    explicit OrderTracker(std::vector<std::uint16_t> owners, Corrections corrections = {})
        : owners_(std::move(owners)), corrections_(std::move(corrections)) {}

    [[nodiscard]] std::optional<Activity> take(const OrderEvent& e, const MarketView& market);

    /// Calls `fn(const PlacedOrder&)` for each order of the party on that side that is live, in the
    /// order of their ids.
    template <class Fn>
    void for_each_live(const Party& party, Side side, Fn&& fn) const {
        const auto found = live_.find(party);
        if (found == live_.end()) return;
        for (const std::uint64_t id : found->second[static_cast<std::size_t>(side)]) {
            fn(orders_.at(id));
        }
    }
    [[nodiscard]] std::size_t remembered() const noexcept { return orders_.size(); }

private:
    using LiveIds = std::array<std::set<std::uint64_t>, 2>;

    [[nodiscard]] Party party_of(AccountId account, InstrumentId instrument) const noexcept;
    [[nodiscard]] PlacedOrder* find(ClientOrderId id);
    [[nodiscard]] PlacedOrder* find(OrderTag tag);
    Activity take_new(const OrderEvent& e, const MarketView& market);
    [[nodiscard]] std::optional<Activity> take_change(const OrderEvent& e);
    [[nodiscard]] std::optional<Activity> take_report(const OrderEvent& e);
    [[nodiscard]] std::optional<Activity> take_fill(const OrderEvent& e);
    [[nodiscard]] std::optional<Activity> take_correction(const OrderEvent& e);
    [[nodiscard]] std::optional<Activity> amend(PlacedOrder& order, const OrderEvent& e);
    void set_live(PlacedOrder& order, bool live);
    void end(PlacedOrder& order);

    std::vector<std::uint16_t> owners_;
    Corrections corrections_;
    std::set<std::pair<VenueId, ExecId>> corrections_taken_;
    std::pair<VenueId, ExecId> last_trade_;  // report, of which the fill does not name the venue
    std::map<std::uint64_t, PlacedOrder> orders_;            // by id
    std::map<std::uint64_t, std::uint64_t> last_placement_;  // id by tag
    std::map<Party, LiveIds> live_;
    std::deque<std::uint64_t> ended_;
};

}  // namespace fermata::surveillance
