#include "daemon/live/venue_desk.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/types/decimal.hpp"
#include "daemon/cli/id_text.hpp"
#include "risk/controls.hpp"

namespace fermata {
namespace {

/// Trading at one venue ends: what it says cannot be relied on any more.
OrderEvent halt_venue(Timestamp now, VenueId venue) {
    OrderEvent e = make_order_event(OrderEventType::kControl, now, InstrumentId{0});
    e.data.control = ControlData{};
    e.data.control.scope = ControlScope::kVenue;
    e.data.control.target = venue.value;
    e.data.control.state = TradingState::kHalted;
    e.data.control.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kAll);
    e.data.control.control = static_cast<std::uint8_t>(ControlId::kRecovering);
    return e;
}

/// Why, for `fermata alerts`: the record of the halt is no alert.
OrderEvent halt_alert(Timestamp now, VenueId venue) {
    OrderEvent e = make_order_event(OrderEventType::kAlert, now, InstrumentId{0});
    e.data.alert.code = AlertCode::kHalt;
    e.data.alert.control = static_cast<std::uint8_t>(ControlId::kRecovering) + 1U;
    e.data.alert.detail[0] = venue.value;
    return e;
}

OrderEvent recovered_input(Timestamp now, std::uint32_t actor, std::uint32_t other) {
    OrderEvent e = make_order_event(OrderEventType::kRiskInput, now, InstrumentId{0});
    e.data.risk_input = RiskInputData{};
    e.data.risk_input.kind = RiskInputKind::kRecovering;
    e.data.risk_input.actors[0] = actor;
    e.data.risk_input.actors[1] = other;
    return e;
}

}  // namespace

std::string_view name(VenueStanding standing) noexcept {
    constexpr std::string_view kNames[] = {"down", "asking", "differs", "reconciled", "ended"};
    return kNames[static_cast<std::size_t>(standing)];
}

VenueDesk::VenueDesk(std::vector<DeskVenue> venues, std::vector<std::string> instruments,
                     Settings settings, std::function<void(const std::string&)> report)
    : instruments_(std::move(instruments)),
      settings_(settings),
      report_(std::move(report)),
      book_(venues.size()) {
    for (DeskVenue& v : venues) venues_.emplace_back().with = std::move(v);
}

void VenueDesk::begin(bool resumed) {
    for (std::size_t v = 0; v < venues_.size(); ++v) {
        const VenueId id{static_cast<std::uint16_t>(v)};
        VenueLink& link = *venues_[v].with.link;
        for (const BookedOrder& booked : book_.outstanding(id)) {
            KnownOrder order = booked.order;  // the link goes on from what its venue counts
            order.cumulative_quantity = std::max(booked.filled(), booked.claimed);
            if (!link.adopt(order)) {
                say(venues_[v].with.name + ": there is no room for order " +
                    client_order_text(order.id) + " of an earlier process");
            }
        }
        if (resumed) link.resume_after(book_.newest_message(id));
    }
}

std::string VenueDesk::instrument_name(InstrumentId id) const {
    return id.value < instruments_.size() ? instruments_[id.value] : "another instrument";
}

// --- what the links say ---

void VenueDesk::on_link(const LinkEvent& event) noexcept try {
    const std::lock_guard lock(mutex_);
    if (event.venue.value >= venues_.size()) return;
    Venue& v = venues_[event.venue.value];
    const std::string text =
        event.text.empty() ? std::string() : " (" + std::string(event.text) + ")";
    switch (event.kind) {
        case LinkEventKind::kUp:
            if (v.standing == VenueStanding::kEnded) return;
            v.standing = VenueStanding::kAsking;
            v.asked = v.told = v.accepted = false;
            v.silences = 0;
            v.orders.clear();
            v.questions.clear();
            v.excusing.clear();
            v.excused_fills.clear();
            v.strangers.clear();
            v.strangers_at = v.unseen_at = {};
            v.unseen_done = v.freed_some = false;
            v.looked_into.clear();
            v.replaces_asked.clear();
            v.differences.clear();
            return say(v.with.name + ": logged on");
        case LinkEventKind::kDown:
            v.with.link->open(false);
            if (v.standing != VenueStanding::kEnded) v.standing = VenueStanding::kDown;
            return say(v.with.name + ": the session is down" + text +
                       "; nothing new is sent, what is open there counts as open");
        case LinkEventKind::kSequenceReset:
        case LinkEventKind::kUnreadable:
            v.with.link->open(false);
            v.standing = VenueStanding::kEnded;
            out_.push_back(halt_venue(event.ts, event.venue));
            out_.push_back(halt_alert(event.ts, event.venue));
            return say(v.with.name +
                       (event.kind == LinkEventKind::kSequenceReset
                            ? ": sequence numbers do not go on as they should"
                            : ": an answer cannot be understood") +
                       text + "; the venue is halted until this process is started again");
        case LinkEventKind::kStatusEnd:
            v.told = true;
            v.told_at = event.ts;
            return;
        case LinkEventKind::kRefused:
            return say(v.with.name + ": the venue refused a message" + text);
        case LinkEventKind::kMassCanceled:
            v.unseen_done = true;
            return say(v.with.name + ": the venue accepted a mass cancel" + text);
        case LinkEventKind::kMassCancelRefused:
            return say(v.with.name + ": the venue refused a mass cancel" + text);
        case LinkEventKind::kNotResent:
            return say(v.with.name + ": a request was not sent again" + text);
        case LinkEventKind::kBacklog:
            return say(v.with.name + ": reports come faster than they are consumed");
    }
} catch (const std::exception&) {
    // Out of memory: the venue stays as it is, which lets nothing new pass unless it was open.
}

void VenueDesk::on_status(const LinkOrderStatus& status) noexcept try {
    const std::lock_guard lock(mutex_);
    if (status.venue.value >= venues_.size()) return;
    Venue& v = venues_[status.venue.value];
    ToldOrder told{status, std::string(status.client_text)};
    told.status.client_text = {};
    v.orders.push_back(std::move(told));
} catch (const std::exception&) {  // as above: an order less is a difference
}

// --- the feed's thread ---

void VenueDesk::on_record(const OrderEvent& event) {
    book_.on_record(event);
    if (event.type == OrderEventType::kExecution) {
        const ExecutionData& x = event.data.execution;
        if (x.exec_type != ExecType::kCancelRejected || x.leaves_quantity.is_zero() ||
            x.reason == OrderReason::kDisconnected) {
            return;  // after a logon the desk cancels again anyway
        }
        const std::lock_guard lock(mutex_);
        if (!cancels_.empty() && !refused_at_) refused_at_ = event.ts;
        return;
    }
    if (event.type != OrderEventType::kControl) return;
    const std::lock_guard lock(mutex_);
    const ControlData& c = event.data.control;
    // A process that stops cancels once, and halts nothing.
    if (c.scope == ControlScope::kFirm &&
        c.control == static_cast<std::uint8_t>(ControlId::kRecovering)) {
        return;
    }
    if (c.state == TradingState::kActive) {
        stopped_.erase({c.scope, c.target});
        cancels_.erase({c.scope, c.target});
        return;
    }
    stopped_[{c.scope, c.target}] = c.state;
    if (c.cancel_orders != static_cast<std::uint8_t>(CancelOrders::kNone)) {
        cancels_[{c.scope, c.target}] = c;
        if (repeated_ != 0) {  // the desk's own word, and no news
            --repeated_;
            return;
        }
        for (Venue& v : venues_) {
            v.unseen_done = false;
            v.unseen_at = {};
            v.asks_again = c.control == 0xff;
        }
    }
}

/// Of new orders, when no venue stands in their way any more.
std::string VenueDesk::what_follows(bool released) const {
    const auto firm = stopped_.find({ControlScope::kFirm, 0});
    const bool halted = firm != stopped_.end() && firm->second == TradingState::kHalted;
    const std::string state = firm == stopped_.end() ? "" : std::string(name(firm->second));
    const bool accepted = std::ranges::any_of(venues_, [](const Venue& v) { return v.accepted; });
    const std::string reconciled = accepted ? "every venue is reconciled, or accepted as it is; "
                                            : "reconciled with every venue; ";
    if (!released) {
        return reconciled + "fermata accept ends RECOVERING" +
               (state.empty() ? "" : ", and the firm stands " + state + " besides");
    }
    if (halted) {
        return reconciled + "the firm stands HALTED: no new order passes until people release it " +
               "(fermata release)";
    }
    if (!state.empty()) {
        return reconciled + "the firm stands " + state + ": new orders pass if they reduce";
    }
    if (stopped_.empty()) return "new orders are accepted";
    return "new orders are accepted where trading is not stopped (fermata status)";
}

std::optional<OrderEvent> VenueDesk::work(Timestamp now) {
    std::unique_lock lock(mutex_);
    bool all = true;
    for (std::size_t n = 0; n < venues_.size(); ++n) {
        Venue& v = venues_[n];
        const VenueId id{static_cast<std::uint16_t>(n)};
        if (v.standing == VenueStanding::kReconciled || v.accepted) notice_unreported(v, id, now);
        if (v.standing == VenueStanding::kAsking || v.standing == VenueStanding::kDiffers) {
            look(v, id, now);
        }
        end_excused(v, id, now);
        cancel_strangers(v, id, now);
        cancel_unseen(v, id, now);
        all = all && (v.standing == VenueStanding::kReconciled || v.accepted);
    }
    repeat_refused(now);
    if (all && !recovered_) {
        recovered_ = true;
        say(what_follows(settings_.release_when_equal || actor_ != kNoActor));
    }
    if (recovered_ && !released_ && (settings_.release_when_equal || actor_ != kNoActor)) {
        released_ = true;
        out_.push_back(recovered_input(now, actor_, other_));
    }
    std::optional<OrderEvent> next;
    if (!out_.empty()) {
        next = out_.front();
        out_.pop_front();
        next->ts = now;
    }
    const std::vector<std::size_t> asked = std::exchange(to_ask_, {});
    const std::vector<std::size_t> canceled = std::exchange(to_cancel_, {});
    lock.unlock();
    // Not under the lock: the links' threads wait for it while they hold what sending needs. Not
    // sent: asked again after a while, or with the next logon.
    for (const std::size_t n : canceled) (void)venues_[n].with.cancel_all();
    for (const std::size_t n : asked) (void)venues_[n].with.ask_all();
    return next;
}

// --- on any thread ---

VenueStanding VenueDesk::standing(VenueId venue) const {
    const std::lock_guard lock(mutex_);
    return venues_.at(venue.value).standing;
}

std::vector<Difference> VenueDesk::differences() const {
    const std::lock_guard lock(mutex_);
    std::vector<Difference> all;
    for (const Venue& v : venues_) {
        all.insert(all.end(), v.differences.begin(), v.differences.end());
    }
    return all;
}

std::vector<VenueReport> VenueDesk::reports() const {
    const std::lock_guard lock(mutex_);
    std::vector<VenueReport> all;
    for (const Venue& v : venues_) {
        VenueReport& r = all.emplace_back();
        r.standing = v.standing;
        r.accepted = v.accepted;
        for (const Difference& d : v.differences) {
            r.differences.push_back(describe(d, v.with.name, instrument_name(d.instrument)));
        }
    }
    return all;
}

DeskAcceptance VenueDesk::accept(std::uint32_t actor, std::uint32_t other) {
    using Outcome = VenueAcceptance::Outcome;
    const std::lock_guard lock(mutex_);
    DeskAcceptance answer;
    for (std::size_t n = 0; n < venues_.size(); ++n) {
        Venue& v = venues_[n];
        VenueAcceptance& row = answer.venues.emplace_back();
        row.venue = VenueId{static_cast<std::uint16_t>(n)};
        if (v.standing == VenueStanding::kReconciled) {
            row.said = "its books agree with ours";
        } else if (v.accepted) {
            row.said = "it was accepted before";
        } else if (v.standing == VenueStanding::kAsking && v.silences < kSilencesMax) {
            row.outcome = Outcome::kNot;
            row.said = "it is being asked for its open orders: look again in a moment";
            answer.waits = !released_;
        } else {
            row.outcome = Outcome::kAccepted;
            row.said = accept_one(v);
            say(v.with.name + ": accepted as it is");
        }
    }
    if (answer.waits || released_ || actor_ != kNoActor) return answer;
    answer.ends_recovering = true;
    actor_ = actor;
    other_ = other;
    return answer;
}

/// What it means.
std::string VenueDesk::accept_one(Venue& v) {
    v.accepted = true;
    switch (v.standing) {
        case VenueStanding::kDiffers:
            break;
        case VenueStanding::kEnded:
            return "its session is over until the next start; the others go on without it";
        case VenueStanding::kDown:
            return "it is down; the others go on without it";
        default:
            return "it does not tell of its open orders; the others go on without it";
    }
    v.with.link->open(true);
    cancel_again(v.told_at);
    std::string said = "new orders are sent to it";
    for (const Difference& d : v.differences) {
        if (d.kind == DifferenceKind::kFillNotOurs) {
            put_on_record(d, DifferenceKind::kAccepted, d.theirs, v.told_at);
            v.excused_fills[{d.order_id, d.instrument}] = d.theirs;
            said += "; the " + to_string(d.theirs) + " " + instrument_name(d.instrument) +
                    " that it filled of an order that is not ours stay out of the positions here";
        }
        if (d.kind != DifferenceKind::kFilledMore) continue;
        put_on_record(d, DifferenceKind::kAccepted, d.theirs, v.told_at);
        v.excusing[d.order_id] = d.theirs;
        said += "; order " + client_order_text(d.order_id) + " (" + instrument_name(d.instrument) +
                ") counts here as filled with " + to_string(d.ours) +
                ", as on record: the positions here stay without the " +
                to_string(d.theirs - d.ours) +
                " that the venue counts beyond that, and the order ends here when it is over there";
    }
    return said;
}

}  // namespace fermata
