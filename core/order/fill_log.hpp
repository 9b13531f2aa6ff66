#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/account/state_hash.hpp"
#include "core/base/assert.hpp"
#include "core/order/id_index.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"

namespace fermata {

class StateArchive;

/// A report that was taken in: of a fill with all that its reversal needs, of a correction with the
/// fill that it is about, of anything else with its id alone.
struct LoggedExecution {
    enum class Kind : std::uint8_t { kOther = 0, kFill = 1, kBusted = 2, kCorrection = 3 };

    VenueId venue;
    ExecId exec_id;
    ExecId fill;                ///< kCorrection: the execution id of the fill.
    std::uint64_t fill_id = 0;  ///< kFill, kBusted: its number in the account book.
    ClientOrderId order_id;
    OrderTag tag;
    Price price;
    Quantity quantity;
    Money fee;
    Money value;  ///< As it was added to the order.
    InstrumentId instrument;
    StrategyId strategy;
    AccountId account;
    CurrencyId fee_currency;
    Side side = Side::kBuy;
    Kind kind = Kind::kOther;
    void persist(StateArchive& a);
};

/// A correction that could not be applied, because its fill is not known. A later one may name it.
struct UnappliedCorrection {
    VenueId venue;
    ExecId exec_id;
    ExecId of;  ///< The execution that it names itself.
};

/// The reports that were taken in, so that a venue's repetition is not booked twice and a fill can
/// be taken back. Remembers the newest `capacity` of them; what is older is forgotten, oldest
/// first.
///
/// Owner:    the order manager. Memory: fixed at construction, about 170 bytes a report.
/// Pointers: valid until the next `insert`.
class FillLog {
public:
    /// So many corrections that could not be applied are remembered.
    static constexpr std::size_t kUnappliedMax = 1'024;

    explicit FillLog(std::size_t capacity) : ring_(capacity), index_(capacity, 4) {
        FERMATA_ASSERT(capacity > 0);
        unapplied_.reserve(kUnappliedMax);
    }

    [[nodiscard]] bool contains(VenueId venue, ExecId id) const noexcept {
        return index_.find(key(venue, id)) != IdIndex::kNone;
    }
    /// The fill that `id` names, itself or by a correction of it; nullptr when there is none.
    [[nodiscard]] LoggedExecution* find_fill(VenueId venue, ExecId id) noexcept;
    /// What `id` is about: itself, or, of a correction that could not be applied, what that named.
    [[nodiscard]] ExecId root(VenueId venue, ExecId id) const noexcept;
    /// A correction that is not contained was about a fill that is not known.
    void note_unapplied(VenueId venue, ExecId id, ExecId of) noexcept;
    /// A bust that named `id`, which was not known then, turns out to have been about a correction
    /// of `of`.
    void resolve(LoggedExecution& early, ExecId of) noexcept;
    /// Must not be contained.
    void insert(const LoggedExecution& x) noexcept {
        if (index_.size() == ring_.size()) {
            index_.erase(key(ring_[next_].venue, ring_[next_].exec_id));
        }
        ring_[next_] = x;
        index_.insert(key(x.venue, x.exec_id), static_cast<std::uint32_t>(next_));
        step();
    }
    /// The same for a report that is no fill: writes no more than it must.
    void insert(VenueId venue, ExecId id) noexcept {
        if (index_.size() == ring_.size()) {
            index_.erase(key(ring_[next_].venue, ring_[next_].exec_id));
        }
        LoggedExecution& x = ring_[next_];
        x.venue = venue;
        x.exec_id = id;
        x.kind = LoggedExecution::Kind::kOther;
        index_.insert(key(venue, id), static_cast<std::uint32_t>(next_));
        step();
    }
    /// In the order of insertion.
    void hash(StateHash& h) const noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    [[nodiscard]] static IdIndex::Key key(VenueId venue, ExecId id) noexcept {
        return {venue.value, id.value};
    }
    [[nodiscard]] std::size_t at(std::size_t n) const noexcept {
        return (next_ + ring_.size() - index_.size() + n) % ring_.size();
    }
    /// To the place of the next report, and to the entry of what it takes the place of.
    void step() noexcept {
        next_ = next_ + 1 == ring_.size() ? 0 : next_ + 1;
        if (index_.size() == ring_.size()) {
            index_.prefetch(key(ring_[next_].venue, ring_[next_].exec_id));
        }
    }

    std::vector<LoggedExecution> ring_;
    std::size_t next_ = 0;
    IdIndex index_;
    std::vector<UnappliedCorrection> unapplied_;  // oldest first
};

}  // namespace fermata
