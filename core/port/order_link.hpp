#pragma once

#include <cstdint>
#include <string_view>

#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// An order that was sent to a venue, as far as its answers are known.
struct KnownOrder {
    ClientOrderId id;
    InstrumentId instrument;
    AccountId account;
    VenueId venue;
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    std::uint8_t flags = 0;  ///< OrderFlag bits.
    bool acknowledged = false;
    Quantity quantity;
    Quantity cumulative_quantity;
    Price price;
    Price stop_price;
    Timestamp expire_time;
    std::uint32_t requests = 0;  ///< change_id of the newest cancel or replace that was sent.
    std::uint32_t asked = 0;     ///< Of the newest replace.
    std::uint32_t accepted = 0;  ///< Of the replace whose terms are in force; 0: the order's own.
};

/// The way to one venue outside of the process: orders out, execution reports in.
///
/// Owner:    one venue loop calls `send`, `poll` and `up`; what comes in is received on threads of
///           the link's own and waits until it is polled, in its order, nothing lost.
/// Blocking: never for the network. No allocation after the link's start but in its library.
/// Reports:  kExecution and kCorrection, of this link's venue, stamped with the UTC time at which
///           they arrived; their cause is the number of the message of the session. A report about
///           an order that is not known here is given all the same.
class OrderLink {
public:
    OrderLink() = default;
    OrderLink(const OrderLink&) = delete;
    OrderLink& operator=(const OrderLink&) = delete;
    virtual ~OrderLink() = default;

    /// Before the link starts: an order that an earlier process sent becomes known, so that it can
    /// be changed, canceled and asked for. False: there is no room for it.
    [[nodiscard]] virtual bool adopt(const KnownOrder& order) noexcept = 0;
    /// Before the link starts: what the venue said behind this message is not on record. It is
    /// asked to say that again; what is known already changes nothing. 0: nothing at all is on
    /// record.
    virtual void resume_after(std::uint64_t message) noexcept = 0;
    /// Hands over a kSendNew, kSendCancel or kSendReplace. kNone: it is on its way, and may still
    /// be lost with the connection (IN_FLIGHT finds that out). Anything else: it was not sent and
    /// never will be: kDisconnected, or kUnsupported for what the protocol cannot say.
    [[nodiscard]] virtual OrderReason send(const OrderEvent& request) noexcept = 0;
    /// The next report that arrived; false when there is none.
    [[nodiscard]] virtual bool poll(OrderEvent& report) noexcept = 0;
    /// The session is logged on.
    [[nodiscard]] virtual bool up() const noexcept = 0;
};

/// What a link tells beside reports about orders.
enum class LinkEventKind : std::uint8_t {
    kUp = 0,             ///< Logged on.
    kDown = 1,           ///< Logged out, or disconnected: `text` says why, as far as known.
    kSequenceReset = 2,  ///< The venue's numbers went back: disconnected for good. Halt the venue.
    kUnreadable = 3,     ///< A report could not be understood; nothing of it was used. Halt.
    kRefused = 4,        ///< The venue refused a message that is about no order of ours.
    kMassCanceled = 5,   ///< A mass cancel was accepted; `count` orders, -1 unknown.
    kMassCancelRefused = 6,
    kStatusEnd = 7,  ///< Every order of a mass status request was told; `count` of them.
    kNotResent = 8,  ///< The venue asked again for a request of ours: a gap was sent instead.
    kBacklog = 9,    ///< Reports wait beyond the lane's capacity: the venue loop is late.
};
inline constexpr int kLinkEventKindCount = 10;

struct LinkEvent {
    Timestamp ts;
    VenueId venue;
    LinkEventKind kind = LinkEventKind::kUp;
    std::int64_t count = 0;
    std::string_view text;  ///< Valid during the call. What a counterparty wrote: untrusted.
};

/// An order as the venue says it stands (FIX ExecType I), in answer to a status request.
struct LinkOrderStatus {
    Timestamp ts;
    ClientOrderId order_id;  ///< Zero: the venue calls it by a name that is not ours.
    VenueOrderId venue_order_id;
    Price price;
    Quantity quantity;
    Quantity cumulative_quantity;
    Quantity leaves_quantity;
    InstrumentId instrument;
    VenueId venue;
    Side side = Side::kBuy;
    OrderState state = OrderState::kUnknown;
    std::string_view client_text;  ///< ClOrdID as the venue has it; valid during the call.
};

/// Who is told. Called on the link's threads, several at a time: the receiver makes itself safe,
/// returns soon and does not call the link.
class LinkObserver {
public:
    LinkObserver() = default;
    LinkObserver(const LinkObserver&) = delete;
    LinkObserver& operator=(const LinkObserver&) = delete;
    virtual ~LinkObserver() = default;

    virtual void on_link(const LinkEvent& event) noexcept = 0;
    virtual void on_status(const LinkOrderStatus& status) noexcept = 0;
    /// Every message as it was sent or received, for the audit trail.
    virtual void on_raw(Timestamp ts, VenueId venue, bool sent,
                        std::string_view bytes) noexcept = 0;
};

}  // namespace fermata
