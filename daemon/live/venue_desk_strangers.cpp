// Orders that are open at a venue and are not ours, and fills of such orders. See venue_desk.hpp.

#include <algorithm>
#include <string>

#include "daemon/live/venue_desk.hpp"

namespace fermata {
namespace {

/// Cancels of orders that are not ours are numbered beyond what the order manager (from 1) and a
/// watchdog (from 2^31) use: by the time of day, so that a later process does not repeat one.
constexpr std::uint64_t kChangesFrom = 0x4000'0000;
constexpr std::int64_t kDayMs = 86'400'000;
/// So often one is canceled again soon; then with more patience.
constexpr unsigned kSoon = 3;

OrderEvent cancel_of(const Difference& d, Timestamp now) {
    OrderEvent e = make_order_event(OrderEventType::kSendCancel, now, d.instrument);
    e.data.change = ChangeOrderData{};
    e.data.change.order_id = d.order_id;
    e.data.change.change_id =
        kChangesFrom + static_cast<std::uint64_t>(now.ns / 1'000'000 % kDayMs);
    e.data.change.venue = d.venue;
    e.data.change.quantity = d.theirs;
    return e;
}

bool concerns(ControlScope scope, std::uint64_t target, const Difference& d) {
    switch (scope) {
        case ControlScope::kFirm:
            return true;
        case ControlScope::kVenue:
            return target == d.venue.value;
        case ControlScope::kInstrument:
            return target == d.instrument.value;
        default:
            return false;  // whose it is nobody here knows
    }
}

}  // namespace

/// A halt that cancels everything means these, too: by name where the name is one that the link can
/// say, else all that the venue has of our session, where the halt is as wide as that.
void VenueDesk::cancel_strangers(Venue& v, VenueId id, Timestamp now) {
    if (v.standing != VenueStanding::kDiffers || cancels_.empty()) return;
    for (const Difference& d : v.differences) {
        if (d.kind != DifferenceKind::kNotOurs) continue;
        bool meant = false, all = false;
        for (const auto& [at, control] : cancels_) {
            const auto& [scope, target] = at;
            if (control.cancel_orders != static_cast<std::uint8_t>(CancelOrders::kAll) ||
                !concerns(scope, target, d)) {
                continue;
            }
            meant = true;
            all = all || scope != ControlScope::kInstrument;
        }
        const auto key = std::pair(d.order_id, d.name);
        if (!meant) continue;
        Stranger& stranger = v.strangers[key];
        const Duration again =
            stranger.times < kSoon ? settings_.settle + settings_.settle : settings_.patience;
        if (stranger.times != 0 && now - stranger.at < again) continue;
        const bool first = stranger.times++ == 0;
        stranger.at = now;
        const std::string order = v.with.name + ": order " + d.name + " (" +
                                  instrument_name(d.instrument) + "), which is not ours, ";
        if (d.order_id.value != 0) {
            v.with.link->cancel(cancel_of(d, now));
            if (first) say(order + "is canceled there");
        } else if (all && v.with.cancel_all) {
            const auto n = static_cast<std::size_t>(id.value);
            if (std::ranges::find(to_cancel_, n) == to_cancel_.end()) to_cancel_.push_back(n);
            if (first) say(order + "is canceled there with all that is open for our session");
        } else {
            if (first) say(order + "cannot be canceled from here: cancel it there");
            continue;
        }
        v.asked = false;  // is it over?
        if (stranger.times <= kSoon) v.strangers_at = now;
    }
}

/// The firm or the venue is halted, and everything is to be canceled.
bool VenueDesk::all_is_canceled(VenueId id) const {
    return std::ranges::any_of(cancels_, [&](const auto& entry) {
        const auto& [scope, target] = entry.first;
        return entry.second.cancel_orders == static_cast<std::uint8_t>(CancelOrders::kAll) &&
               (scope == ControlScope::kFirm ||
                (scope == ControlScope::kVenue && target == id.value));
    });
}

/// Some are to be canceled there that were not told of before: that is not waited for.
bool VenueDesk::means_strangers(const Venue& v, VenueId id,
                                const std::vector<Difference>& found) const {
    if (!all_is_canceled(id)) return false;
    return std::ranges::any_of(found, [&](const Difference& f) {
        return f.kind == DifferenceKind::kNotOurs &&
               std::ranges::none_of(v.differences, [&](const Difference& d) {
                   return d.kind == f.kind && d.order_id == f.order_id && d.name == f.name;
               });
    });
}

/// Where a venue is up and does not tellwhat is open there, a halt as wide as that cancels
/// everything, known or not, until the venue says that it did.
void VenueDesk::cancel_unseen(Venue& v, VenueId id, Timestamp now) {
    const bool up = v.standing != VenueStanding::kDown && v.standing != VenueStanding::kEnded;
    const bool silent = v.standing == VenueStanding::kAsking && v.silences != 0;
    if (!up || v.unseen_done || (v.with.tells_all && !silent) || !v.with.cancel_all ||
        !all_is_canceled(id) || (v.unseen_at.ns != 0 && now - v.unseen_at < settings_.patience)) {
        return;
    }
    if (v.unseen_at.ns == 0) {
        say(v.with.name +
            ": it does not tell what is open there: everything of our session is "
            "canceled");
    }
    v.unseen_at = now;
    to_cancel_.push_back(static_cast<std::size_t>(id.value));
}

/// Whether orders that are not ours werecanceled so short a time ago that it is worth to look
/// often.
bool VenueDesk::awaits_strangers(const Venue& v, Timestamp now) const {
    return v.strangers_at.ns != 0 && now - v.strangers_at < settings_.patience &&
           now - v.told_at >= settings_.settle;
}

/// What is not open there any more is no difference, whatever else there is.
void VenueDesk::forget_ended_strangers(Venue& v, const std::vector<Difference>& found) const {
    std::erase_if(v.differences, [&](const Difference& d) {
        return d.kind == DifferenceKind::kNotOurs &&
               std::ranges::none_of(found, [&](const Difference& f) {
                   return f.kind == d.kind && f.order_id == d.order_id && f.name == d.name;
               });
    });
}

void VenueDesk::add_foreign_fills(const Venue& v, VenueId id, std::vector<Difference>& to) const {
    for (const ForeignFills& f : book_.foreign(id)) {
        const auto excused = v.excused_fills.find({f.order_id, f.instrument});
        if (excused != v.excused_fills.end() && f.quantity == excused->second) continue;
        to.push_back(
            {DifferenceKind::kFillNotOurs, id, f.order_id, f.instrument, {}, f.quantity, {}});
    }
}

ElsewhereOpen VenueDesk::open_elsewhere(ControlScope scope, std::uint64_t target) const {
    const std::lock_guard lock(mutex_);
    ElsewhereOpen open;
    for (std::size_t n = 0; n < venues_.size(); ++n) {
        const Venue& v = venues_[n];
        for (const Difference& d : v.differences) {
            open.not_ours +=
                d.kind == DifferenceKind::kNotOurs && concerns(scope, target, d) ? 1 : 0;
        }
        const bool wide = scope == ControlScope::kFirm || scope == ControlScope::kInstrument ||
                          (scope == ControlScope::kVenue && target == n);
        if (!wide) continue;
        // Whether people accepted it says nothing of what is open there.
        const bool seen =
            v.standing == VenueStanding::kReconciled || v.standing == VenueStanding::kDiffers;
        const bool blind = !v.with.tells_all && v.with.cancel_all && !v.unseen_done;
        if (!seen || (blind && all_is_canceled(VenueId{static_cast<std::uint16_t>(n)}))) {
            open.not_compared.push_back(v.with.name);
        }
        if (!v.with.tells_all && !v.with.cancel_all) open.cannot_tell.push_back(v.with.name);
    }
    return open;
}

}  // namespace fermata
