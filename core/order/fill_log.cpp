#include "core/order/fill_log.hpp"

#include "core/base/state_archive.hpp"

namespace fermata {

using Kind = LoggedExecution::Kind;

static_assert(sizeof(FillLog) == 80, "FillLog::persist must deal with every member");

LoggedExecution* FillLog::find_fill(VenueId venue, ExecId id) noexcept {
    std::uint32_t slot = index_.find(key(venue, id));
    if (slot != IdIndex::kNone && ring_[slot].kind == Kind::kCorrection) {
        slot = index_.find(key(venue, ring_[slot].fill));
    }
    if (slot == IdIndex::kNone) return nullptr;
    LoggedExecution& x = ring_[slot];
    return x.kind == Kind::kFill || x.kind == Kind::kBusted ? &x : nullptr;
}

void FillLog::hash(StateHash& h) const noexcept {
    h.add(index_.size());
    for (std::size_t n = 0; n < index_.size(); ++n) {
        const LoggedExecution& x = ring_[at(n)];
        h.add(static_cast<std::uint64_t>(x.venue.value) | static_cast<std::uint64_t>(x.kind) << 16);
        h.add(x.exec_id);
        if (x.kind == Kind::kOther) continue;
        h.add(x.fill);
        h.add(x.fill_id);
        h.add(x.order_id);
        h.add(x.price);
        h.add(x.quantity);
        h.add(x.fee);
        h.add(x.value);
    }
}

void LoggedExecution::persist(StateArchive& a) {
    a(venue, exec_id, choice(kind, 4));
    if (kind == Kind::kOther) return;
    a.all<LoggedExecution>(derived(venue), derived(exec_id), fill, fill_id, order_id, tag, price,
                           quantity, fee, value, instrument, strategy, account, fee_currency,
                           choice(side, 2), derived(kind));
}

/// In the order of insertion; where in the ring they stand does not matter.
void FillLog::persist(StateArchive& a) {
    const std::size_t held = index_.size();
    if (a.reading()) a.require(held == 0, "executions are read over executions");
    const std::size_t count = a.count(held, ring_.size());
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        if (!a.reading()) {
            ring_[(next_ + ring_.size() - count + n) % ring_.size()].persist(a);
            continue;
        }
        LoggedExecution x;
        x.persist(a);
        const bool fill = x.kind == Kind::kFill;
        if (!a.require(!contains(x.venue, x.exec_id), "an execution comes twice") ||
            !a.require(!fill || x.quantity.is_positive(), "a fill is empty")) {
            return;
        }
        insert(x);
    }
}

}  // namespace fermata
