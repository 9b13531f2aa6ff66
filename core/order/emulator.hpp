#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/market/mark_table.hpp"
#include "core/order/order.hpp"
#include "core/order/order_groups.hpp"
#include "core/order/trigger_book.hpp"
#include "core/types/time.hpp"
#include "core/types/venue_capabilities.hpp"

namespace fermata {

/// What of an order its venue lacks and the order manager does instead.
struct Emulation {
    bool type = false;         ///< Trigger, trail, peg or market-to-limit.
    bool at_open = false;      ///< ATO.
    bool until = false;        ///< GTD: canceled at its time.
    bool iceberg = false;      ///< Sent slice by slice.
    bool post_only = false;    ///< Checked when it is sent.
    bool reduce_only = false;  ///< Checked when it is sent and whenever the position moves.
    bool impossible = false;   ///< Not to be had by other means: refused.

    [[nodiscard]] bool any() const noexcept {
        return type || at_open || until || iceberg || post_only || reduce_only;
    }
};

/// The prices at which triggers of one instrument look, for one market event.
struct PriceReach {
    Price low, high;      ///< For orders that were held before the event's period began.
    Price close;          ///< For all.
    bool is_bar = false;  ///< low, high and close differ.
    bool known = false;
};

/// The books of what the order manager holds or follows: triggers by price, orders that follow the
/// market, all held orders by instrument, deadlines, and what is to be asked again. Knows nothing
/// of reports; the order manager does what follows.
///
/// Owner:    the order manager.
/// Memory:   fixed at construction.
/// Triggers: trades and bars decide where the instrument has shown any, else quotes: the ask for
///           buys, the bid for sales.
class Emulator {
public:
    static constexpr std::uint32_t kNone = OrderGroups::kNone;

    Emulator(std::size_t orders, std::size_t instruments)
        : triggers_(instruments * 4, orders),
          deadlines_(1, orders),
          retries_(1, orders),
          followers_(orders),
          held_(orders),
          watched_(instruments),
          bar_open_(instruments, Timestamp::min()) {}

    [[nodiscard]] static Emulation of(const Order& order, const VenueCapabilities& venue) noexcept;
    /// The type that is sent in the end.
    [[nodiscard]] static OrderType plain(OrderType t) noexcept;

    /// One branch for an instrument of which nothing is held or followed.
    [[nodiscard]] bool watches(InstrumentId i) const noexcept { return watched_[i.value] != 0; }
    [[nodiscard]] Timestamp next_deadline() const noexcept {
        const std::uint32_t first = deadlines_.first(0);
        return first == kNone ? Timestamp::never() : Timestamp{deadlines_.key(first)};
    }
    [[nodiscard]] std::uint32_t first_deadline() const noexcept { return deadlines_.first(0); }
    /// When the first order is due whose venue refused a request; never: none is.
    [[nodiscard]] Timestamp next_retry() const noexcept {
        const std::uint32_t first = retries_.first(0);
        return first == kNone ? Timestamp::never() : Timestamp{retries_.key(first)};
    }
    [[nodiscard]] std::uint32_t first_retry() const noexcept { return retries_.first(0); }

    /// The order is held: it is seen at the events of its instrument's sessions.
    void hold(const Order& order, std::uint32_t slot) noexcept;
    /// It waits for its trigger (stop_price); again after that changed.
    void watch(const Order& order, std::uint32_t slot) noexcept;
    /// Its trigger or price follows the market.
    void follow(const Order& order, std::uint32_t slot) noexcept;
    void set_deadline(const Order& order, std::uint32_t slot) noexcept;
    void clear_deadline(std::uint32_t slot) noexcept { deadlines_.remove(slot); }
    /// Nothing is asked of its venue before `at`.
    void set_retry(const Order& order, std::uint32_t slot, Timestamp at) noexcept {
        retries_.remove(slot);
        retries_.insert(0, slot, at.ns, order.id.value);
    }
    void clear_retry(std::uint32_t slot) noexcept { retries_.remove(slot); }
    /// Zero: it does not wait.
    [[nodiscard]] Timestamp retry_at(std::uint32_t slot) const noexcept {
        return retries_.contains(slot) ? Timestamp{retries_.key(slot)} : Timestamp{0};
    }
    [[nodiscard]] bool waits(std::uint32_t slot) const noexcept { return retries_.contains(slot); }
    void unwatch(std::uint32_t slot) noexcept { triggers_.remove(slot); }
    [[nodiscard]] bool watches_trigger(std::uint32_t slot) const noexcept {
        return triggers_.contains(slot);
    }
    [[nodiscard]] bool has_deadline(std::uint32_t slot) const noexcept {
        return deadlines_.contains(slot);
    }
    void unfollow(const Order& order, std::uint32_t slot) noexcept;
    void release(const Order& order, std::uint32_t slot) noexcept;
    /// All of it: the order is over, or forgotten.
    void forget(const Order& order, std::uint32_t slot) noexcept;

    [[nodiscard]] std::uint32_t first_follower(InstrumentId i) const noexcept {
        return followers_.first({0, i.value});
    }
    [[nodiscard]] std::uint32_t next_follower(std::uint32_t slot) const noexcept {
        return followers_.next(slot);
    }
    [[nodiscard]] std::uint32_t first_held(InstrumentId i) const noexcept {
        return held_.first({0, i.value});
    }
    [[nodiscard]] std::uint32_t next_held(std::uint32_t slot) const noexcept {
        return held_.next(slot);
    }

    /// What a market event means to the triggers of one side. `mark` has taken it in.
    [[nodiscard]] static PriceReach reach(const MarketEvent& e, const Mark& mark,
                                          Side side) noexcept;
    /// The next order of one side whose trigger may have been touched: the trigger lies within
    /// `reach`. It is taken out of the book.
    [[nodiscard]] std::uint32_t take_touched(InstrumentId i, Side side,
                                             const PriceReach& reach) noexcept;
    /// A bar of the instrument began.
    void on_bar_open(InstrumentId i, Timestamp ts) noexcept { bar_open_[i.value] = ts; }
    /// Whether the whole of the bar that ends now counts for an order held since `held`.
    [[nodiscard]] bool saw_whole_bar(InstrumentId i, Timestamp held) const noexcept {
        return held <= bar_open_[i.value];
    }

    void persist(StateArchive& a);

private:
    /// Buys and sales, triggers above and below the market.
    [[nodiscard]] static std::size_t heap(InstrumentId i, Side side, bool above) noexcept {
        return i.value * 4 + (side == Side::kSell ? 2U : 0U) + (above ? 1U : 0U);
    }
    void count(const Order& order, std::uint32_t before, std::uint32_t slot) noexcept;
    [[nodiscard]] std::uint32_t uses(std::uint32_t slot) const noexcept {
        return (followers_.contains(slot) ? 1U : 0U) + (held_.contains(slot) ? 1U : 0U);
    }

    TriggerBook triggers_;
    TriggerBook deadlines_;
    TriggerBook retries_;
    OrderGroups followers_;               // by instrument
    OrderGroups held_;                    // by instrument
    std::vector<std::uint32_t> watched_;  // by InstrumentId: memberships of the two above
    std::vector<Timestamp> bar_open_;     // by InstrumentId: when the newest bar began
};

/// Whether the trigger of such an order lies above the market before it is touched.
[[nodiscard]] constexpr bool triggers_above(OrderType t, Side side) noexcept {
    return is_if_touched(t) ? side == Side::kSell : side == Side::kBuy;
}
/// Waits for a price, given or trailing.
[[nodiscard]] constexpr bool has_trigger(OrderType t) noexcept {
    return has_stop_price(t) || is_trailing(t);
}

}  // namespace fermata
