#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
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

/// Compares what we booked with what the venue says that we did, fill by fill, and says for how
/// long they have differed: the control DROP_COPY halts the firm when that is too long.
///
/// A difference is: a fill of ours without a copy, a copy without a fill of ours, a fill whose
/// instrument, side, price, quantity or account is another one in the copy, and reports that were
/// lost on the way. Fills are matched by venue, ExecID and, where the copy says it, account; in
/// whichever order the two come. A copy that comes twice is one. While a drop copy session is down
/// its copies are missing, and nobody knows what they would say: that counts as a difference, too.
///
/// Corrections (busts and corrected fills) are matched by their own ExecID.
///
/// Owner:  one thread, which is no hot one. It allocates.
/// Memory: fills that differ, and the last `kept` that agree; venues of the last `kept` orders.
class DropCopyReconciler final : public RecordSink {
public:
    struct Settings {
        std::vector<VenueId> venues;  ///< With a drop copy session; fills elsewhere are not asked.
        /// Own fills before it are known, and no copy of them is expected: theirs came to the
        /// process before this one.
        Timestamp from;
        /// The least age at which a difference is told, and how often it is then told again.
        Duration every = Duration::seconds(1);
        std::size_t kept = std::size_t{1} << 20;
    };
    explicit DropCopyReconciler(Settings settings);

    /// A record of the trading stream: kSendNew, kFill and kCorrection count.
    void on_record(const OrderEvent& record) override;
    /// An order that went to a venue before this process began, and may still be filled.
    void on_order(ClientOrderId order, VenueId venue);
    void on_copy(const DropCopyReport& copy);
    /// Everything up to now was compared by hand, or with the venue: it agrees.
    void accept();

    /// For how long the oldest difference has lasted; zero: there is none.
    [[nodiscard]] Duration differs_for(Timestamp now) const noexcept;
    [[nodiscard]] std::size_t differences() const noexcept { return open_.size(); }
    /// What the gate is to be told now, if anything: that all agrees, or a new age of the oldest
    /// difference.
    [[nodiscard]] std::optional<OrderEvent> poll(Timestamp now) noexcept;

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
        InstrumentId instrument;
        AccountId account{0xffff};
        std::uint8_t side = 0xff;
        bool correction = false;
    };
    struct Fill {
        Terms own, copy;
        Timestamp since;  // of the difference
        bool has_own = false, has_copy = false;
        bool expected = true;  // that the other one comes
    };

    [[nodiscard]] bool watches(VenueId venue) const noexcept;
    void take(const Key& key, const Terms& terms, bool own, Timestamp ts);
    static bool agree(const Terms& own, const Terms& copy) noexcept;
    void keep(const Key& key);

    const Settings settings_;
    std::unordered_map<Key, Fill, KeyHash> fills_;
    std::deque<Key> agreed_;  // oldest first
    std::set<std::pair<Timestamp, Key>> open_;
    std::unordered_map<std::uint64_t, VenueId> venue_of_;  // by order
    std::deque<std::uint64_t> orders_;                     // oldest first
    std::optional<Timestamp> lost_since_;
    std::optional<Duration> told_;
};

}  // namespace fermata
