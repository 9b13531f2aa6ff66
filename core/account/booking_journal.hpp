#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/assert.hpp"
#include "core/event/market_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// Something that was booked on positions in one instrument, with all that is needed to book it
/// again.
struct Booking {
    enum class Kind : std::uint8_t {
        kFill = 0,        ///< On one account and strategy.
        kAction = 1,      ///< A split or dividend, on every account and strategy.
        kSettlement = 2,  ///< Variation margin at `price`, on one account.
    };

    Timestamp ts;
    std::uint64_t fill_id = 0;
    Price price;        ///< Of the fill or settlement; kAction: the mark before it.
    Quantity quantity;  ///< Of the fill; zero: it was canceled, and counts no more.
    Money fee;
    // What the fill did, so that it need not be worked out again.
    Money value;
    Money cost;      ///< Added to the account's average cost,
    Money realized;  ///< and to its profit.
    Money own_cost;  ///< The same of the strategy.
    Money own_realized;
    CorporateActionData action;
    InstrumentId instrument;
    std::uint32_t number = 0;  ///< Of the fill, as the id of the lot that it opens.
    std::uint32_t named = 0;   ///< Lot that the fill closes first.
    std::uint32_t next = 0;    ///< Of the same instrument.
    AccountId account;
    StrategyId strategy;
    CurrencyId fee_currency;
    Side side = Side::kBuy;
    Kind kind = Kind::kFill;

    void persist(StateArchive& a);
};

/// The newest bookings of all instruments in the order in which they were made.
///
/// Owner:  the account book.
/// Memory: a ring of `capacity`, reserved at construction. The owner takes the oldest out when it
/// is
///         full.
class BookingJournal {
public:
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    BookingJournal(std::size_t capacity, std::size_t instruments);

    [[nodiscard]] bool full() const noexcept { return size_ == capacity_; }
    [[nodiscard]] bool empty(InstrumentId i) const noexcept {
        return chains_[i.value].head == kNone;
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Requires that there is room.
    void add(const Booking& booking) noexcept;
    /// Requires that there is one.
    [[nodiscard]] const Booking& oldest() const noexcept { return ring_[first_]; }
    void drop_oldest() noexcept;
    /// A fill that was not canceled; nullptr when it is not (or no more) here. Linear.
    [[nodiscard]] Booking* find_fill(AccountId a, InstrumentId i, std::uint64_t fill_id) noexcept;
    /// Calls f(const Booking&) for every booking of an instrument, oldest first.
    template <class F>
    void for_each(InstrumentId i, F&& f) const {
        for (std::uint32_t n = chains_[i.value].head; n != kNone; n = ring_[n].next) f(ring_[n]);
    }
    /// The same with f(Booking&), which may change amounts.
    template <class F>
    void for_each(InstrumentId i, F&& f) {
        for (std::uint32_t n = chains_[i.value].head; n != kNone; n = ring_[n].next) f(ring_[n]);
    }

    void persist(StateArchive& a);

private:
    struct Chain {
        std::uint32_t head = kNone;
        std::uint32_t tail = kNone;
    };

    std::vector<Booking> ring_;  // grows to what is reserved
    std::vector<Chain> chains_;  // by InstrumentId
    std::size_t capacity_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace fermata
