#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/port/order_link.hpp"
#include "core/port/record_sink.hpp"

namespace fermata {

/// An order that was sent, as the records tell it: what was filled of it as far as its fills are on
/// record, and what its venue says beside that.
struct BookedOrder {
    /// `cumulative_quantity`: what its fills on record come to, less what was taken back.
    KnownOrder order;
    Quantity claimed;   ///< The most that its venue reported as filled, less what it took back.
    Quantity excused;   ///< So much of that is not on record, and people accepted it.
    bool over = false;  ///< Its venue said that nothing of it is open any more.
    /// Its venue refused a change because nothing is open any more, and did not say how it ended.
    bool gone = false;
    bool over_here = false;   ///< The order manager expects nothing of it any more.
    bool canceling = false;   ///< A cancel was sent, and is not answered.
    Timestamp canceled_at;    ///< When the newest cancel was sent.
    bool replacing = false;   ///< New terms were asked for, and are not answered.
    Timestamp asked_at;       ///< When those were sent.
    Quantity asked_quantity;  ///< Of the newest ones.
    Price asked_price, asked_stop_price;
    std::uint64_t changed = 0;  ///< SentBook::changes() when something was last said of it.
    std::uint64_t moved = 0;    ///< The same, of what is no request, nor the refusal of one.
    Timestamp since;            ///< When the first report came that leaves something unsaid.

    [[nodiscard]] Quantity filled() const noexcept { return order.cumulative_quantity; }
    /// What its venue counts as filled, and no fill on record says. Never negative.
    [[nodiscard]] Quantity missing() const noexcept {
        const Quantity known = filled() + excused;
        return claimed > known ? claimed - known : Quantity::zero();
    }
    /// A report said that another one did not come: of a fill, or of its end.
    [[nodiscard]] bool unreported() const noexcept {
        return !missing().is_zero() || (gone && !over);
    }
    /// Its venue may still say something that matters.
    [[nodiscard]] bool outstanding() const noexcept { return !over || !missing().is_zero(); }
};

/// What a venue told our session of an order that is unknown to us, and nobody accepted yet.
struct ForeignFills {
    VenueId venue;
    ClientOrderId order_id;   ///< Zero: of all orders that have no name of ours.
    InstrumentId instrument;  ///< Of the newest of them.
    Quantity quantity;        ///< Less than zero: so much of what was accepted was taken back.
};

/// What should be open at venues outside of the process, as the records say: every order that was
/// sent, until its venue said that nothing of it is open any more, and every fill that it counted
/// is on record.
///
/// Owner:  the thread that writes the journal tells it of every record of the trading stream;
///         whoever reconciles asks from another thread. After a restart it is told of all earlier
///         records first, so that it knows of every order that may have left.
/// Orders: placements, under the id that the venue knows (see Order).
/// Fills:  those that the order manager booked (kFill), so that they count once and as it booked
///         them. Corrections of the newest kFillsKept of them are understood.
class SentBook final : public RecordSink {
public:
    static constexpr std::size_t kFillsKept = std::size_t{1} << 18;

    explicit SentBook(std::size_t venues) : surprised_(venues), newest_(venues) {}

    void on_record(const OrderEvent& event) override;

    /// Those of one venue that are outstanding, by id.
    [[nodiscard]] std::vector<BookedOrder> outstanding(VenueId venue) const;
    /// Those of one venue of which fills or the end were not reported, by id. Costs little when
    /// there are none.
    [[nodiscard]] std::vector<BookedOrder> unreported(VenueId venue) const;
    /// Those that are over, that the order manager waits for and whose missing fills people
    /// accepted.
    [[nodiscard]] std::vector<BookedOrder> to_end(VenueId venue) const;
    /// Those that the order manager waits for, whose newest replace is not answered, by id. Costs
    /// little when there are none.
    [[nodiscard]] std::vector<BookedOrder> replacing(VenueId venue) const;
    /// Whether the venue said, since this was asked last, that an order is open that is unknown
    /// here, or was over: what else is open there? Of each order once.
    [[nodiscard]] bool take_surprise(VenueId venue);
    /// Fills at one venue that are nobody's here, by id. Costs little when there are none.
    [[nodiscard]] std::vector<ForeignFills> foreign(VenueId venue) const;
    [[nodiscard]] std::optional<BookedOrder> find(VenueId venue, ClientOrderId id) const;
    /// Number of the newest message of the venue's session that is on record; 0: none is.
    [[nodiscard]] std::uint64_t newest_message(VenueId venue) const;
    /// Grows with every record that says something of an order.
    [[nodiscard]] std::uint64_t changes() const noexcept {
        return changes_.load(std::memory_order_acquire);
    }

private:
    struct Key {
        VenueId venue;
        ClientOrderId id;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    struct ForeignKey {
        Key order;
        InstrumentId instrument;
        VenueOrderId at_venue;  // of a surprise
        friend auto operator<=>(const ForeignKey&, const ForeignKey&) = default;
    };
    struct FillKey {
        VenueId venue;
        ExecId id;
        friend bool operator==(const FillKey&, const FillKey&) = default;
    };
    struct FillHash {
        std::size_t operator()(const FillKey& key) const noexcept {
            return static_cast<std::size_t>(key.id.value * 0x9e37'79b9'7f4a'7c15ULL +
                                            key.venue.value);
        }
    };
    struct Fill {
        ExecId of;  ///< A correction: what it is about; zero: this is a fill.
        Quantity quantity;
        bool busted = false;  ///< Taken back before it was booked.
    };
    /// The report in hand: what follows it on record says what became of it.
    struct InHand {
        Key key;
        ExecId exec_id;
        BookedOrder before;
        std::optional<FillKey> corrected;
        Quantity corrected_from;
        bool awaits_fill = false;
    };

    void on_sent(const OrderEvent& event);
    void on_foreign(const OrderEvent& event);
    void on_foreign_correction(const CorrectionData& d);
    void add_foreign(const ForeignKey& key, Quantity quantity);
    void note_surprise(const ExecutionData& x, const BookedOrder* known);
    void on_accepted(const OrderEvent& event);
    void on_execution(const OrderEvent& event);
    void on_fill(const OrderEvent& event);
    void on_correction(const OrderEvent& event);
    void on_alert(const OrderEvent& event);
    void note_message(const OrderEvent& event, VenueId venue);
    void take_back_correction();
    void keep(const FillKey& key, const Fill& fill);
    [[nodiscard]] Fill* fill_of(FillKey& key);
    [[nodiscard]] bool overtaken(const CorrectionData& d);
    [[nodiscard]] BookedOrder* order_of(ClientOrderId id, Key* key = nullptr);
    void changed(const Key& key, BookedOrder& order, Timestamp ts, bool moved = true);
    [[nodiscard]] std::vector<BookedOrder> listed(const std::set<Key>& keys, VenueId venue) const;

    mutable std::mutex mutex_;
    std::map<Key, BookedOrder> orders_;
    std::set<Key> outstanding_, unreported_, to_end_, replacing_;
    std::unordered_map<FillKey, Fill, FillHash> fills_;
    std::deque<FillKey> fill_order_;  // oldest first
    std::optional<InHand> in_hand_;
    std::optional<OrderEvent> unknown_;  // the same, of a fill of an order that is not known
    std::map<ForeignKey, ForeignFills> foreign_;
    std::unordered_map<FillKey, ForeignKey, FillHash> foreign_of_;  // by fill
    std::set<ForeignKey> surprises_;  // told of once: open, and unknown here or over
    std::vector<bool> surprised_;     // by venue: since it was looked at last
    std::vector<std::uint64_t> newest_;
    std::atomic<std::uint64_t> changes_{0};
    std::atomic<std::size_t> unreported_count_{0}, to_end_count_{0}, replacing_count_{0};
    std::atomic<std::size_t> foreign_count_{0};
    std::atomic<bool> any_surprise_{false};
};

}  // namespace fermata
