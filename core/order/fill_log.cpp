#include "core/order/fill_log.hpp"

#include <algorithm>

#include "core/base/state_archive.hpp"

namespace fermata {

using Kind = LoggedExecution::Kind;

static_assert(sizeof(FillLog) == 104, "FillLog::persist must deal with every member");

LoggedExecution* FillLog::find_fill(VenueId venue, ExecId id) noexcept {
    std::uint32_t slot = index_.find(key(venue, root(venue, id)));
    if (slot != IdIndex::kNone && ring_[slot].kind == Kind::kCorrection) {
        slot = index_.find(key(venue, ring_[slot].fill));
    }
    if (slot == IdIndex::kNone) return nullptr;
    LoggedExecution& x = ring_[slot];
    return x.kind == Kind::kFill || x.kind == Kind::kBusted ? &x : nullptr;
}

ExecId FillLog::root(VenueId venue, ExecId id) const noexcept {
    // What names another may itself be named by a third.
    for (std::size_t n = 0; n < unapplied_.size() && !contains(venue, id); ++n) {
        const auto at = std::ranges::find_if(unapplied_, [&](const UnappliedCorrection& c) {
            return c.venue == venue && c.exec_id == id;
        });
        if (at == unapplied_.end()) return id;
        id = at->of;
    }
    return id;
}

void FillLog::note_unapplied(VenueId venue, ExecId id, ExecId of) noexcept {
    if (id.value == 0 || of.value == 0) return;
    const bool known = std::ranges::any_of(unapplied_, [&](const UnappliedCorrection& c) {
        return c.venue == venue && c.exec_id == id;
    });
    if (known || root(venue, of) == id) return;  // it came again, or would name itself
    if (unapplied_.size() == kUnappliedMax) unapplied_.erase(unapplied_.begin());
    unapplied_.push_back({venue, id, of});
}

void FillLog::resolve(LoggedExecution& early, ExecId of) noexcept {
    early.kind = Kind::kCorrection;
    early.fill = of;
}

void FillLog::hash(StateHash& h) const noexcept {
    for (const UnappliedCorrection& c : unapplied_) {
        h.add(static_cast<std::uint64_t>(c.venue.value));
        h.add(c.exec_id);
        h.add(c.of);
    }
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
    if (a.reading()) {
        a.require(held == 0 && unapplied_.empty(), "executions are read over executions");
    }
    const std::size_t corrections = a.count(unapplied_.size(), kUnappliedMax);
    for (std::size_t n = 0; n < corrections && a.ok(); ++n) {
        UnappliedCorrection c;
        if (!a.reading()) c = unapplied_[n];
        a(c.venue, c.exec_id, c.of);
        if (a.reading() && a.ok()) unapplied_.push_back(c);
    }
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
