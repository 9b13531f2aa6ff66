#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/port/drop_copy_link.hpp"
#include "core/port/record_sink.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A fill, bust or correction about which we and a venue's drop copy differ.
struct CopyDifference {
    enum class Kind : std::uint8_t {
        kNoCopy,      ///< On record here; the drop copy does not have it.
        kNotHere,     ///< In the drop copy; not on record here.
        kOtherTerms,  ///< In both, and not the same.
    };
    VenueId venue;
    ExecId exec_id;
    Kind kind = Kind::kNoCopy;
    bool correction = false;
    ClientOrderId order_id;   ///< As the venue knows it; zero: no order of ours.
    InstrumentId instrument;  ///< 0xffffffff: not known here.
    Price price;
    Quantity quantity;
    Timestamp since;
};

/// Compares what we booked with what the venue says that we did, fill by fill, and says for how
/// long they have differed: the control DROP_COPY halts the firm when that is too long.
///
/// A difference is: a fill of ours without a copy, a copy without a fill of ours, a fill whose
/// instrument, side, price, quantity or account is another one in the copy, and reports that were
/// lost on the way. Fills are matched by venue, ExecID and, where the copy says it, account; in
/// whichever order the two come. A copy that comes twice is one. While a drop copy session is down
/// its copies are missing, and nobody knows what they would say: that counts as a difference, too.
///
/// Busts and corrected fills are matched by their own ExecID. One that we could not apply, because
/// its fill is not on record, counts as not here; a fill that we will not book because its bust
/// came first counts as agreed, also where the bust named a correction of it.
///
/// After a restart: it is told of all earlier records, then of the copies that come again. Which
/// fills were compared by an earlier process stands on record as the input kDropCopy that
/// `agreed` makes: those up to its position are settled.
///
/// Owner:  one thread at a time, which is no hot one. It allocates.
/// Memory: fills that differ, and the last `kept` that agree; the last `kept` orders.
class DropCopyReconciler final : public RecordSink {
public:
    struct Watched {
        VenueId venue;  ///< With a drop copy session; fills elsewhere are not asked.
        /// A copy of a fill of our own order that is not on record here for so long is given out
        /// by `book`; nullopt: never.
        std::optional<Duration> book_after;
    };
    struct Settings {
        std::vector<Watched> venues;
        /// The least age at which a difference is told, and how often it is then told again.
        Duration every = Duration::seconds(1);
        std::size_t kept = std::size_t{1} << 18;
    };
    explicit DropCopyReconciler(Settings settings);

    /// Every record of the trading stream, in order.
    void on_record(const OrderEvent& record) override;
    /// All earlier records were told: what differs has differed since now, until its copy comes.
    void begin(Timestamp now);
    void on_copy(const DropCopyReport& copy);
    /// Copies were lost, and will not come again.
    void lost(Timestamp ts);
    /// Everything up to now was compared by hand, or with the venue: it agrees.
    void accept();

    /// For how long the oldest difference has lasted; zero: there is none.
    [[nodiscard]] Duration differs_for(Timestamp now) const noexcept;
    [[nodiscard]] std::size_t differences() const noexcept { return open_.size(); }
    /// Those that have lasted for `age`, oldest first.
    [[nodiscard]] std::vector<CopyDifference> differing(Timestamp now, Duration age) const;
    /// What the gate is to be told now, if anything: that all agrees, or a new age of the oldest
    /// difference.
    [[nodiscard]] std::optional<OrderEvent> poll(Timestamp now) noexcept;
    /// The next report that is to be given to the trading stage in the venue's place, because only
    /// the drop copy told it; in the order in which the copies came. Each once.
    [[nodiscard]] std::optional<OrderEvent> book(Timestamp now);
    /// While nothing differs: the input of DROP_COPY that says so, and puts on record that the
    /// copies up to `message` of session `session` and all fills on record so far were compared.
    [[nodiscard]] std::optional<OrderEvent> agreed(Timestamp now, std::size_t session,
                                                   std::uint64_t message) const noexcept;
    /// Fills and copies that were taken so far.
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

private:
    struct Key {
        ExecId exec_id;
        VenueId venue;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept {
            return static_cast<std::size_t>(key.exec_id.value * 0x9e37'79b9'7f4a'7c15ULL +
                                            key.venue.value);
        }
    };
    struct Terms {
        Price price;
        Quantity quantity;
        ClientOrderId order_id;
        ExecId reference;  // of a correction: what it is about
        InstrumentId instrument{0xffff'ffff};
        AccountId account{0xffff};
        std::uint8_t side = 0xff;
        bool correction = false;
        bool bust = false;
    };
    struct Fill {
        Terms own, copy;
        Timestamp since;             // of the difference
        std::uint64_t position = 0;  // of the own one on record
        std::uint64_t arrival = 0;   // of the copy; zero: it waits for nothing
        bool has_own = false, has_copy = false;
        bool expected = true;  // that the other one comes
        bool never = false;    // it will not be booked here: its bust came first
        bool busted = false;   // a correction whose bust came first, and which is yet to come
    };
    struct Sent {
        VenueId venue;
        AccountId account;
        InstrumentId instrument;
        std::uint8_t side = 0xff;
    };
    struct Waiting {
        Key key;
        OrderEvent report;
        bool counts = false;
        bool given = false;
    };

    [[nodiscard]] const Watched* watched(VenueId venue) const noexcept;
    void on_sent(const NewOrderData& order, InstrumentId instrument);
    void on_own_fill(const OrderEvent& record);
    void on_own_correction(const OrderEvent& record);
    void on_alert(const AlertData& alert, Timestamp ts);
    void take(const Key& key, const Terms& terms, bool own, Timestamp ts, std::uint64_t position);
    void never(Key key);
    void settle(const Key& key, Fill& fill);
    void settle_up_to(std::uint64_t position);
    static bool agree(const Terms& own, const Terms& copy) noexcept;
    void keep(const Key& key);
    void reopen(const Key& key, Fill& fill, Timestamp ts);
    [[nodiscard]] bool bookable(const Waiting& waiting) const;

    const Settings settings_;
    std::unordered_map<Key, Fill, KeyHash> fills_;
    std::deque<Key> agreed_;  // oldest first
    std::set<std::pair<Timestamp, Key>> open_;
    std::map<std::uint64_t, Waiting> waiting_;        // copies without one of ours, by arrival
    std::unordered_map<std::uint64_t, Sent> sent_;    // by order
    std::deque<std::uint64_t> orders_;                // oldest first
    std::optional<Key> execution_;                    // the newest trade that was consumed
    ClientOrderId executed_;                          // and its order
    std::optional<Key> correction_;                   // the newest correction that was consumed
    std::optional<Waiting> set_aside_;                // its copy, which waited until then
    std::unordered_map<Key, ExecId, KeyHash> about_;  // corrections consumed: what they named
    std::deque<Key> corrections_;                     // oldest first
    std::optional<Timestamp> lost_since_;
    std::optional<Duration> told_;
    std::uint64_t position_ = 0;  // of the newest record that counted
    std::uint64_t arrivals_ = 0;
    std::uint64_t taken_ = 0;
};

}  // namespace fermata
