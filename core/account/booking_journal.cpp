#include "core/account/booking_journal.hpp"

#include "core/base/state_archive.hpp"

namespace fermata {

static_assert(sizeof(BookingJournal) == 72, "BookingJournal::persist must deal with every member");

BookingJournal::BookingJournal(std::size_t capacity, std::size_t instruments)
    : chains_(instruments), capacity_(capacity) {
    FERMATA_ASSERT(capacity > 0 && capacity < kNone);
    ring_.reserve(capacity);
}

void BookingJournal::add(const Booking& booking) noexcept {
    FERMATA_ASSERT(!full() && booking.instrument.value < chains_.size());
    std::size_t at = first_ + size_;
    if (at >= capacity_) at -= capacity_;
    if (at == ring_.size()) {
        ring_.push_back(booking);
    } else {
        ring_[at] = booking;
    }
    ring_[at].next = kNone;
    ++size_;
    const auto index = static_cast<std::uint32_t>(at);
    Chain& chain = chains_[booking.instrument.value];
    (chain.head == kNone ? chain.head : ring_[chain.tail].next) = index;
    chain.tail = index;
}

void BookingJournal::drop_oldest() noexcept {
    FERMATA_ASSERT(size_ > 0);
    const Booking& b = ring_[first_];
    Chain& chain = chains_[b.instrument.value];
    chain.head = b.next;
    if (chain.head == kNone) chain.tail = kNone;
    first_ = first_ + 1 == capacity_ ? 0 : first_ + 1;
    --size_;
}

Booking* BookingJournal::find_fill(AccountId a, InstrumentId i, std::uint64_t fill_id) noexcept {
    for (std::uint32_t n = chains_[i.value].head; n != kNone; n = ring_[n].next) {
        Booking& b = ring_[n];
        if (b.kind == Booking::Kind::kFill && b.account == a && b.fill_id == fill_id &&
            b.quantity.is_positive()) {
            return &b;
        }
    }
    return nullptr;
}

void Booking::persist(StateArchive& a) {
    a.all<Booking>(ts, fill_id, price, quantity, fee, value, cost, realized, own_cost, own_realized,
                   derived(action), instrument, number, named, derived(next), account, strategy,
                   fee_currency, choice(side, 2), choice(kind, 3));
    a(action.numerator, action.denominator, action.cash, choice(action.kind, 3));
}

void BookingJournal::persist(StateArchive& a) {
    const std::size_t count = a.count(size_, capacity_);
    if (!a.reading()) {
        for (std::size_t n = 0; n < size_; ++n) {
            const std::size_t at = first_ + n;
            a(ring_[at >= capacity_ ? at - capacity_ : at]);
        }
        return;
    }
    a.require(size_ == 0, "bookings are read over bookings");
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        Booking b;
        a(b);
        if (!a.require(b.instrument.value < chains_.size(), "an instrument is not known")) return;
        add(b);
    }
}

}  // namespace fermata
