#include "daemon/live/venue_desk.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "risk/controls.hpp"

namespace fermata {
namespace {

/// So often a venue is asked in vain before a person may go on without its answer.
constexpr unsigned kSilencesMax = 3;

OrderEvent alert(Timestamp now, InstrumentId instrument, const AlertData& data) {
    OrderEvent e = make_order_event(OrderEventType::kAlert, now, instrument);
    e.data.alert = data;
    return e;
}

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

OrderEvent recovered_input(Timestamp now, std::uint32_t actor, std::uint32_t other) {
    OrderEvent e = make_order_event(OrderEventType::kRiskInput, now, InstrumentId{0});
    e.data.risk_input = RiskInputData{};
    e.data.risk_input.kind = RiskInputKind::kRecovering;
    e.data.risk_input.actors[0] = actor;
    e.data.risk_input.actors[1] = other;
    return e;
}

/// What the venue's answer about an order that is over means, as the report that never came.
OrderEvent ended(Timestamp now, const KnownOrder& order, OrderState state) {
    OrderEvent e = make_order_event(OrderEventType::kExecution, now, order.instrument);
    e.source = order.venue.value;
    e.data.execution = ExecutionData{};
    ExecutionData& x = e.data.execution;
    x.venue = order.venue;
    x.order_id = order.id;
    x.cumulative_quantity = order.cumulative_quantity;
    if (state == OrderState::kRejected && order.cumulative_quantity.is_zero()) {
        x.exec_type = ExecType::kRejected;
        x.reason = OrderReason::kUnknownOrder;
    } else {
        x.exec_type = state == OrderState::kExpired ? ExecType::kExpired : ExecType::kCanceled;
    }
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
        for (const KnownOrder& order : book_.open(id)) {
            if (!link.adopt(order)) {
                say(venues_[v].with.name + ": there is no room for order " +
                    std::to_string(order.id.value) + " of an earlier process");
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
    if (event.type != OrderEventType::kControl) return;
    const std::lock_guard lock(mutex_);
    const ControlData& c = event.data.control;
    // A process that stops cancels once, and halts nothing.
    if (c.scope == ControlScope::kFirm &&
        c.control == static_cast<std::uint8_t>(ControlId::kRecovering)) {
        return;
    }
    if (c.state == TradingState::kActive) {
        cancels_.erase({c.scope, c.target});
    } else if (c.cancel_orders != static_cast<std::uint8_t>(CancelOrders::kNone)) {
        cancels_[{c.scope, c.target}] = c;
    }
}

std::optional<OrderEvent> VenueDesk::work(Timestamp now) {
    std::unique_lock lock(mutex_);
    bool all = true;
    for (std::size_t n = 0; n < venues_.size(); ++n) {
        Venue& v = venues_[n];
        const VenueId id{static_cast<std::uint16_t>(n)};
        if (v.standing == VenueStanding::kAsking || v.standing == VenueStanding::kDiffers) {
            look(v, id, now);
        }
        all = all && (v.standing == VenueStanding::kReconciled || v.accepted);
    }
    if (all && !recovered_) {
        recovered_ = true;
        say(settings_.release_when_equal || actor_ != kNoActor
                ? "new orders are accepted"
                : "reconciled with every venue; fermata accept ends RECOVERING");
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
    lock.unlock();
    // Not under the lock: the links' threads wait for it while they hold what sending needs. Not
    // sent: asked again after a while, or with the next logon.
    for (const std::size_t n : asked) (void)venues_[n].with.ask_all();
    return next;
}

void VenueDesk::cancel_again(Timestamp now) {
    for (const auto& [target, control] : cancels_) {
        OrderEvent e = make_order_event(OrderEventType::kControl, now, InstrumentId{0});
        e.data.control = control;
        out_.push_back(e);
    }
}

void VenueDesk::ask(Venue& v, Timestamp now) {
    v.orders.clear();
    v.questions.clear();
    v.told = false;
    v.asked = true;
    v.asked_at = now;
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
    if (!v.asked || stale) ask(v, now);
    if (!v.told) return;
    const std::vector<Difference> found = compare(id, book_.open(id), v.orders);
    if (found.empty()) return agree(v, id, now);
    if (now - v.told_at < settings_.settle) return;
    bool waits = false;
    for (const Difference& d : found) {
        waits = (d.kind == DifferenceKind::kNotThere && resolve(v, d, now)) || waits;
    }
    if (waits) return;
    if (now - v.asked_at > settings_.patience) {
        differ(v, found, now);
        v.asked = false;  // and look again
    }
}

/// An order that the venue does not have any more: how did it end? True while that is open.
bool VenueDesk::resolve(Venue& v, const Difference& d, Timestamp now) {
    const auto told = std::find_if(v.orders.rbegin(), v.orders.rend(), [&](const ToldOrder& t) {
        return t.status.order_id == d.order_id;
    });
    const auto known = book_.find(d.venue, d.order_id);
    if (!known) return false;
    if (told != v.orders.rend()) {
        if (!is_terminal(told->status.state)) return false;
        if (told->status.cumulative_quantity != known->cumulative_quantity) return false;
        v.with.link->add(ended(now, *known, told->status.state));
        say(v.with.name + ": order " + std::to_string(d.order_id.value) +
            " is over there; what was open of it is free again");
        v.orders.erase(std::next(told).base());
        v.told_at = now;  // until that is on record
        return true;
    }
    const auto asked = v.questions.find(d.order_id);
    if (asked != v.questions.end() && now - asked->second < settings_.patience) return true;
    if (asked != v.questions.end()) return false;  // no answer: a person has to look
    v.questions.emplace(d.order_id, now);
    v.with.link->ask(d.order_id);
    return true;
}

void VenueDesk::differ(Venue& v, std::vector<Difference> found, Timestamp now) {
    const bool same = v.standing == VenueStanding::kDiffers && v.differences == found;
    if (v.accepted) return;
    v.standing = VenueStanding::kDiffers;
    v.differences = std::move(found);
    if (same) return;
    for (const Difference& d : v.differences) {
        AlertData data;
        data.code = AlertCode::kVenueDiffers;
        data.order_id = d.order_id;
        data.detail[0] = static_cast<std::int64_t>(d.kind);
        data.detail[1] = d.theirs.raw();
        out_.push_back(alert(
            now, d.instrument.value < instruments_.size() ? d.instrument : InstrumentId{0}, data));
        say(describe(d, v.with.name, instrument_name(d.instrument)));
    }
}

void VenueDesk::agree(Venue& v, VenueId id, Timestamp now) {
    v.standing = VenueStanding::kReconciled;
    v.differences.clear();
    v.orders.clear();
    v.questions.clear();
    v.with.link->open(true);
    cancel_again(now);
    AlertData data;
    data.code = AlertCode::kVenueAgrees;
    data.detail[0] = id.value;
    data.detail[1] = static_cast<std::int64_t>(book_.open(id).size());
    out_.push_back(alert(now, InstrumentId{0}, data));
    say(v.with.name + ": reconciled, " + std::to_string(data.detail[1]) + " open orders");
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

std::string VenueDesk::accept(std::uint32_t actor, std::uint32_t other) {
    const std::lock_guard lock(mutex_);
    bool any = recovered_ && !released_;
    for (Venue& v : venues_) {
        if (v.standing == VenueStanding::kAsking && v.silences < kSilencesMax) {
            return v.with.name + " is being asked for its open orders: look again in a moment";
        }
    }
    for (Venue& v : venues_) {
        if (v.standing == VenueStanding::kReconciled || v.accepted) continue;
        any = true;
        v.accepted = true;
        if (v.standing == VenueStanding::kDiffers) {
            v.with.link->open(true);
            cancel_again(v.told_at);
        }
        say(v.with.name + ": accepted as it is");
    }
    if (!any) return "nothing differs, and RECOVERING is over";
    actor_ = actor;
    other_ = other;
    return {};
}

}  // namespace fermata
