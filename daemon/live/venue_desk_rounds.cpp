// A venue is asked, what it tells is compared with what is on record, and what follows from that.
// See venue_desk.hpp.

#include <algorithm>
#include <utility>

#include "core/types/decimal.hpp"
#include "daemon/cli/id_text.hpp"
#include "daemon/live/report_in_place.hpp"
#include "daemon/live/venue_desk.hpp"

namespace fermata {
namespace {

OrderEvent alert(Timestamp now, InstrumentId instrument, const AlertData& data) {
    OrderEvent e = make_order_event(OrderEventType::kAlert, now, instrument);
    e.data.alert = data;
    return e;
}

/// What the venue's answer about an order that is over means, as the report that never came.
OrderEvent ended(Timestamp now, const KnownOrder& order, OrderState state) {
    if (state == OrderState::kRejected && order.cumulative_quantity.is_zero()) {
        return report_in_place(now, order, ExecType::kRejected, OrderReason::kUnknownOrder);
    }
    const bool expired = state == OrderState::kExpired;
    return report_in_place(now, order, expired ? ExecType::kExpired : ExecType::kCanceled,
                           OrderReason::kNone);
}

/// The answer to a cancel that never reached the venue.
OrderEvent not_received(Timestamp now, const KnownOrder& order) {
    OrderEvent e =
        report_in_place(now, order, ExecType::kCancelRejected, OrderReason::kDisconnected);
    e.data.execution.leaves_quantity = order.quantity - order.cumulative_quantity;
    return e;
}

}  // namespace

void VenueDesk::cancel_again(Timestamp now) {
    repeated_ += cancels_.size();
    for (const auto& [target, control] : cancels_) {
        OrderEvent e = make_order_event(OrderEventType::kControl, now, InstrumentId{0});
        e.data.control = control;
        out_.push_back(e);
    }
}

/// A venue refused a cancel of an order that stays open, while a halt stands that cancels: that
/// goes on a while later, for as long as it refuses.
void VenueDesk::repeat_refused(Timestamp now) {
    if (!refused_at_ || now - *refused_at_ < kRepeatAfter) return;
    refused_at_.reset();
    if (!cancels_.empty()) cancel_again(now);
}

void VenueDesk::ask(Venue& v, Timestamp now) {
    v.orders.clear();
    v.questions.clear();
    v.told = false;
    v.asked = true;
    v.asked_at = now;
    v.asked_after = book_.changes();
    if (v.with.tells_all) {
        to_ask_.push_back(static_cast<std::size_t>(&v - venues_.data()));
        return;
    }
    v.told = true;  // it tells of what is asked for alone
    v.told_at = now;
}

void VenueDesk::look(Venue& v, VenueId id, Timestamp now) {
    const bool stale = v.asked && !v.told && now - v.asked_at > settings_.patience;
    if (stale && ++v.silences == kSilencesMax) {
        say(v.with.name + ": it does not tell of its open orders; fermata accept goes on without");
    }
    if (v.freed_some && std::ranges::none_of(book_.outstanding(id), &BookedOrder::canceling)) {
        v.freed_some = false;  // they were answered
        cancel_again(now);
    }
    if (!v.asked || stale) ask(v, now);
    if (!v.told) return;
    const std::vector<BookedOrder> ours = book_.outstanding(id);
    std::vector<Difference> found = compare(id, ours, v.orders);
    forget_ended_strangers(v, found);
    add_foreign_fills(v, id, found);
    const bool answers = settles_replaces(v, id, now);
    if (found.empty()) {
        if (!frees_cancels(v, ours, now) && !answers) agree(v, id, now);
        return;
    }
    if (answers || now - v.told_at < settings_.settle) return;
    // Whatever else differs, its own orders can be canceled.
    (void)frees_cancels(v, ours, now);
    std::vector<Difference> lasting;
    bool waits = false;
    for (const Difference& d : found) {
        Resolved how = Resolved::kNo;
        if (d.kind == DifferenceKind::kNotThere || d.kind == DifferenceKind::kFilledMore) {
            how = resolve(v, d, now);
        }
        waits = waits || how != Resolved::kNo;
        if (how == Resolved::kNo && !settles(v, d, now)) lasting.push_back(d);
    }
    if (waits) return;
    if (lasting.empty()) {
        v.asked = false;  // it told of orders that went on meanwhile
    } else if (now - v.asked_at > settings_.patience || means_strangers(v, id, lasting)) {
        differ(v, std::move(lasting), now);
        v.asked = false;  // and look again
    } else if (awaits_strangers(v, now)) {
        v.asked = false;
    }
}

/// A cancel that is on record and never reached the venue would keep its order from being canceled
/// for ever. Where the venue has the order open and tells of no cancel, it is answered here; what
/// stands halted then cancels the order again. True: that is not on record yet.
bool VenueDesk::frees_cancels(Venue& v, const std::vector<BookedOrder>& ours, Timestamp now) {
    bool waits = false;
    for (const BookedOrder& known : ours) {
        // Asked for since the venue was asked: its answer is under way.
        if (!known.canceling || known.changed > v.asked_after) continue;
        const auto told = std::find_if(v.orders.rbegin(), v.orders.rend(), [&](const ToldOrder& t) {
            return t.status.order_id == known.order.id;
        });
        if (told == v.orders.rend() || is_terminal(told->status.state) ||
            told->status.state == OrderState::kPendingCancel) {
            continue;
        }
        waits = true;
        if (now - v.told_at < settings_.settle ||
            !v.freed.emplace(known.order.id, known.order.requests).second) {
            continue;
        }
        v.with.link->add(not_received(now, known.order));
        v.freed_some = true;
        say(v.with.name + ": a cancel of order " + client_order_text(known.order.id) +
            " was not received there; it is open");
    }
    return waits;
}

/// Whether the difference may be one of time alone: the order went on after the venue was asked, or
/// what it counts as filled may be on its way.
bool VenueDesk::settles(const Venue& v, const Difference& d, Timestamp now) const {
    if (d.kind == DifferenceKind::kFillNotOurs) return false;
    const auto known = book_.find(d.venue, d.order_id);
    if (!known) return false;
    if (!known->missing().is_zero()) return now - known->since < settings_.settle;
    // Requests that the venue refuses all the while say nothing of fills.
    const bool size = d.kind == DifferenceKind::kOtherSize;
    return (size ? known->changed : known->moved) > v.asked_after;
}

/// An order that the venue does not have any more, or of which it counts more as filled than is on
/// record: what does it say of that one alone?
VenueDesk::Resolved VenueDesk::resolve(Venue& v, const Difference& d, Timestamp now) {
    const auto known = book_.find(d.venue, d.order_id);
    if (!known) return Resolved::kNo;
    const auto told = std::find_if(v.orders.rbegin(), v.orders.rend(), [&](const ToldOrder& t) {
        return t.status.order_id == d.order_id;
    });
    if (told != v.orders.rend()) {
        return believe(v, *known, static_cast<std::size_t>(v.orders.rend() - told) - 1, now);
    }
    const auto asked = v.questions.find(d.order_id);
    if (asked != v.questions.end()) {
        // No answer: a person has to look.
        const bool patient = now - asked->second.at < settings_.patience;
        return patient ? Resolved::kWaits : Resolved::kNo;
    }
    v.questions.emplace(d.order_id, Question{now, book_.changes()});
    v.with.link->ask(d.order_id);
    return Resolved::kWaits;
}

/// It told how an order stands. Where that is what is on record, what it reported before counts no
/// more, and an order that is over ends here. A status never becomes a fill.
VenueDesk::Resolved VenueDesk::believe(Venue& v, const BookedOrder& known, std::size_t told,
                                       Timestamp now) {
    const LinkOrderStatus& status = v.orders[told].status;
    const Quantity there = status.cumulative_quantity;
    const bool over = is_terminal(status.state);
    const ClientOrderId id = known.order.id;
    if (there < known.filled() || there > known.filled() + known.excused) return Resolved::kNo;
    const bool withdraws = !known.missing().is_zero();
    if (withdraws) {
        // Not by an answer that may be older than the report, nor by not knowing the order.
        const auto asked = v.questions.find(id);
        const std::uint64_t after =
            asked == v.questions.end() ? v.asked_after : asked->second.after;
        if (status.state == OrderState::kRejected || known.changed > after) return Resolved::kNo;
        put_on_record({DifferenceKind::kWithdrawn,
                       known.order.venue,
                       id,
                       known.order.instrument,
                       known.filled(),
                       known.claimed,
                       {}},
                      DifferenceKind::kWithdrawn, known.claimed, now);
        say(v.with.name + ": order " + client_order_text(id) + " is filled with " +
            to_string(known.filled()) + " there, too; what was said before does not count");
    } else if (!over) {
        return Resolved::kNo;
    }
    v.told_at = now;  // until that is on record
    if (over && !known.over_here) {
        v.with.link->add(ended(now, known.order, status.state));
        say(v.with.name + ": order " + client_order_text(id) +
            " is over there; what was open of it is free again");
    }
    if (over) v.orders.erase(v.orders.begin() + static_cast<std::ptrdiff_t>(told));
    return Resolved::kDone;
}

/// Of a venue whose books agreed, or were accepted: did it report more than its fills come to, or
/// the end of an order in refusing to change it alone?
void VenueDesk::notice_unreported(Venue& v, VenueId id, Timestamp now) {
    const std::vector<BookedOrder> unreported = book_.unreported(id);
    std::erase_if(v.excusing, [&](const auto& excused) {
        return std::ranges::none_of(
            unreported, [&](const BookedOrder& o) { return o.order.id == excused.first; });
    });
    if (v.standing == VenueStanding::kDown || v.standing == VenueStanding::kEnded) return;
    std::vector<Difference> found;
    bool asks = false;
    for (const BookedOrder& o : unreported) {
        if (now - o.since < settings_.settle) continue;
        if (o.missing().is_zero()) {
            asks = v.looked_into.insert(o.order.id).second || asks;
            continue;
        }
        const auto excused = v.excusing.find(o.order.id);
        if (excused != v.excusing.end() && o.claimed <= excused->second) continue;
        found.push_back({DifferenceKind::kFilledMore,
                         id,
                         o.order.id,
                         o.order.instrument,
                         o.filled(),
                         o.claimed,
                         {}});
    }
    asks = (v.with.tells_all && book_.take_surprise(id)) || asks;
    asks = misses_replaces(v, id, now) || asks;
    // A cancel of long ago that is not answered: the venue may never have got it.
    if (v.asks_again && now - v.asked_at > settings_.patience) {
        v.asks_again = false;
        for (const BookedOrder& o : book_.outstanding(id)) {
            asks = asks || (o.canceling && now - o.canceled_at > settings_.patience);
        }
    }
    const std::vector<ForeignFills> foreign = book_.foreign(id);
    std::erase_if(v.excused_fills, [&](const auto& excused) {
        return std::ranges::none_of(foreign, [&](const ForeignFills& f) {
            return std::pair(f.order_id, f.instrument) == excused.first;
        });
    });
    add_foreign_fills(v, id, found);
    if (found.empty() && !(asks && v.standing == VenueStanding::kReconciled)) return;
    v.with.link->open(false);
    v.asked = false;
    if (found.empty()) {
        v.standing = VenueStanding::kAsking;
        v.silences = 0;
        return;
    }
    v.accepted = false;
    differ(v, std::move(found), now);
}

/// Orders whose missing fills were accepted, once their venue is through with them.
void VenueDesk::end_excused(Venue& v, VenueId id, Timestamp now) {
    for (const BookedOrder& o : book_.to_end(id)) {
        if (!v.ending.insert(o.order.id).second) continue;
        v.with.link->add(ended(now, o.order, OrderState::kCanceled));
        say(v.with.name + ": order " + client_order_text(o.order.id) + " ends with " +
            to_string(o.filled()) + " filled, as accepted");
    }
}

void VenueDesk::put_on_record(const Difference& d, DifferenceKind kind, Quantity theirs,
                              Timestamp now) {
    AlertData data;
    data.code = AlertCode::kVenueDiffers;
    data.order_id = d.order_id;
    data.detail[0] = static_cast<std::int64_t>(kind);
    data.detail[1] = theirs.raw();
    const bool known = d.instrument.value < instruments_.size();
    OrderEvent e = alert(now, known ? d.instrument : InstrumentId{0}, data);
    e.source = d.venue.value;
    out_.push_back(e);
}

void VenueDesk::differ(Venue& v, std::vector<Difference> found, Timestamp now) {
    const bool first = v.standing != VenueStanding::kDiffers;
    const std::vector<Difference> before = first ? std::vector<Difference>() : v.differences;
    const auto is_new = [&](const Difference& d) {
        return std::ranges::none_of(before, [&](const Difference& b) {
            return b.kind == d.kind && b.order_id == d.order_id && b.name == d.name &&
                   b.instrument == d.instrument;
        });
    };
    if (v.accepted && std::ranges::any_of(found, is_new)) {
        // Not what people looked at.
        v.accepted = false;
        v.with.link->open(false);
    }
    v.standing = VenueStanding::kDiffers;
    v.differences = std::move(found);
    if (first) cancel_again(now);
    if (v.accepted) return;
    for (const Difference& d : v.differences) {
        if (std::ranges::find(before, d) != before.end()) continue;
        put_on_record(d, d.kind, d.theirs, now);
        say(describe(d, v.with.name, instrument_name(d.instrument)));
    }
}

void VenueDesk::agree(Venue& v, VenueId id, Timestamp now) {
    v.standing = VenueStanding::kReconciled;
    v.accepted = false;
    v.differences.clear();
    v.strangers.clear();
    v.strangers_at = {};
    v.freed_some = v.asks_again = false;
    (void)book_.take_surprise(id);
    v.orders.clear();
    v.questions.clear();
    v.with.link->open(true);
    cancel_again(now);
    AlertData data;
    data.code = AlertCode::kVenueAgrees;
    data.detail[0] = id.value;
    data.detail[1] = static_cast<std::int64_t>(book_.outstanding(id).size());
    out_.push_back(alert(now, InstrumentId{0}, data));
    say(v.with.name + ": reconciled, " + std::to_string(data.detail[1]) + " open orders");
}

}  // namespace fermata
