#pragma once

#include <cstddef>
#include <vector>

#include "core/account/state_hash.hpp"
#include "core/order/id_index.hpp"
#include "core/types/ids.hpp"

namespace fermata {

class StateArchive;

/// The executions that were taken in, so that a venue's repetition is not booked twice. Remembers
/// the newest `capacity` of them; what is older is forgotten, oldest first.
///
/// Owner:  the order manager. Memory: fixed at construction.
class ExecutionSet {
public:
    explicit ExecutionSet(std::size_t capacity) : ring_(capacity), index_(capacity) {
        FERMATA_ASSERT(capacity > 0);
    }

    [[nodiscard]] bool contains(VenueId venue, ExecId id) const noexcept {
        return index_.find(key(venue, id)) != IdIndex::kNone;
    }
    /// Must not be contained.
    void insert(VenueId venue, ExecId id) noexcept {
        if (index_.size() == ring_.size()) index_.erase(ring_[next_]);
        ring_[next_] = key(venue, id);
        index_.insert(ring_[next_], static_cast<std::uint32_t>(next_));
        next_ = next_ + 1 == ring_.size() ? 0 : next_ + 1;
    }
    /// In the order of insertion.
    void hash(StateHash& h) const noexcept {
        const std::size_t count = index_.size();
        h.add(count);
        for (std::size_t n = 0; n < count; ++n) {
            const IdIndex::Key& k = ring_[(next_ + ring_.size() - count + n) % ring_.size()];
            h.add(k.high);
            h.add(k.low);
        }
    }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    [[nodiscard]] static IdIndex::Key key(VenueId venue, ExecId id) noexcept {
        return {venue.value, id.value};
    }
    std::vector<IdIndex::Key> ring_;
    std::size_t next_ = 0;
    IdIndex index_;
};

}  // namespace fermata
