// What is commanded through the control socket.

#include <algorithm>
#include <utility>

#include "core/market/date.hpp"
#include "daemon/control/run_control.hpp"
#include "risk/controls.hpp"
#include "risk/risk_config.hpp"

namespace fermata {
namespace {

using console::Answer;
using console::Error;
using console::Method;
using latch::Level;

constexpr std::int64_t kSecondAdminNs = 300'000'000'000;
constexpr std::size_t kProposalsMax = 32;

std::string_view level_text(Level level) {
    switch (level) {
        case Level::kActive:
            return "active";
        case Level::kReduceOnly:
            return "reduce-only";
        case Level::kNoNewOrders:
            return "no-new-orders";
        case Level::kCancelAll:
            return "cancel-all";
        case Level::kFlatten:
            return "flatten";
    }
    return "?";
}

std::string_view outcome_text(ControlLatch::Outcome outcome) {
    using enum ControlLatch::Outcome;
    switch (outcome) {
        case kNone:
            return "no latch file: it ends with the process";
        case kDone:
            return "on disk";
        case kAlready:
            return "on disk before";
        case kFirm:
            return "could not be latched by itself: the whole firm is halted";
        case kNotOnDisk:
            return "in force, but perhaps lost when the power fails";
        case kStale:
            return "changed meanwhile";
        case kSecondPerson:
            return "noted; another person must ask for the same";
        case kUnreadable:
            return "the latch file cannot be read, which counts as HALTED";
    }
    return "?";
}

bool same(const console::Request& a, const console::Request& b) {
    return a.method == b.method && a.scope == b.scope && a.target == b.target &&
           a.limit == b.limit && a.value == b.value && a.expect == b.expect;
}

OrderEvent risk_input(RiskInputKind kind, std::uint32_t actor) {
    OrderEvent e = make_order_event(OrderEventType::kRiskInput, Timestamp{0}, InstrumentId{0});
    e.data.risk_input = RiskInputData{};
    e.data.risk_input.kind = kind;
    e.data.risk_input.actors[0] = actor;
    return e;
}

}  // namespace

Answer RunControl::command(const Asked& a) {
    switch (a.request.method) {
        case Method::kKill:
        case Method::kCancel:
        case Method::kDisable:
            return stop(a, Level::kCancelAll);
        case Method::kHalt:
            return stop(a, Level::kNoNewOrders);
        case Method::kReduce:
            return stop(a, Level::kReduceOnly);
        case Method::kFlatten:
            return stop(a, Level::kFlatten);
        case Method::kRelease:
        case Method::kEnable:
            return release(a);
        case Method::kTighten:
        case Method::kLoosen:
            return change_limit(a);
        case Method::kAcknowledge:
            return acknowledge(a);
        case Method::kAccept:
            return accept(a);
        default:
            return refuse(Error::kNotAvailable, "not a command");
    }
}

bool RunControl::send_control(const Asked& a, Level level) {
    OrderEvent e = make_order_event(OrderEventType::kControl, Timestamp{0}, InstrumentId{0});
    e.data.control = ControlData{};
    e.data.control.scope = a.scope;
    e.data.control.target = a.target;
    e.data.control.state = latch::state_of(level);
    e.data.control.cancel_orders = static_cast<std::uint8_t>(latch::cancels_of(level));
    e.data.control.flatten = level == Level::kFlatten ? 1 : 0;
    e.data.control.actor = a.peer.uid;
    return queue_.push(e);
}

bool RunControl::log(const Asked& a, const std::string& outcome) {
    Report line;
    line["time"] = format_iso_timestamp(Timestamp{setup_.clock()});
    line["uid"] = a.peer.uid;
    line["gid"] = a.peer.gid;
    line["pid"] = a.peer.pid;
    line["role"] = name(a.peer.role);
    line["command"] = console::definition(a.request.method).name;
    line["scope"] = a.request.scope;
    line["target"] = a.request.target;
    if (!a.request.limit.empty()) line["limit"] = a.request.limit;
    if (!a.request.value.empty()) line["value"] = a.request.value;
    if (a.request.alert) line["alert"] = *a.request.alert;
    line["reason"] = a.request.reason;
    line["expect"] = *a.request.expect;
    line["outcome"] = outcome;
    return log_.append(line.dump(-1, ' ', false, Report::error_handler_t::replace));
}

/// The latch first; then whoever must be told; then the record of who asked for it.
Answer RunControl::stop(const Asked& a, Level level) {
    using enum ControlLatch::Outcome;
    if (level == Level::kReduceOnly &&
        look()->state(a.scope, a.target).state == TradingState::kHalted) {
        return refuse(Error::kNothingToDo,
                      a.request.scope + (a.request.target.empty() ? "" : " ") + a.request.target +
                          " is HALTED, which is more than that: release it first");
    }
    const std::uint64_t rounds = view_.sweeps();
    const ControlLatch::Outcome latched =
        latch_.set(a.scope, a.request.target, level, a.peer.uid, setup_.clock(), a.request.reason);
    ++commands_;
    // The trading stage follows the latch by itself. What did not change there it is told to do
    // again: its orders may have been canceled in vain the first time.
    bool told = true;
    if (latched != kDone && latched != kFirm) told = send_control(a, level);
    const bool logged = log(a, std::string(outcome_text(latched)));
    if (!told && (latched == kNone || latched == kUnreadable)) {
        return refuse(Error::kFailed,
                      "the trading loop does not take commands: kill the daemon's process; it "
                      "starts HALTED where it has a latch file");
    }
    const ControlScope scope = latched == kFirm ? ControlScope::kFirm : a.scope;
    const std::uint64_t target = latched == kFirm ? 0 : a.target;
    Report report;
    report["latched"] = {{"scope", name(scope)},
                         {"target", report_.target_name(scope, target)},
                         {"level", level_text(latched == kFirm ? Level::kCancelAll : level)},
                         {"latch", outcome_text(latched)}};
    report["told_again"] = latched == kAlready;
    report["cancels"] = latch::cancels_of(level) != CancelOrders::kNone;
    if (level == Level::kFlatten) report["flattens"] = latched != kFirm;
    report["logged"] = logged;
    report["cancels_before"] = rounds;
    return done(std::move(report));
}

std::optional<Answer> RunControl::second(const Asked& a, std::uint32_t& other) {
    const std::int64_t now = setup_.clock();
    std::erase_if(proposals_, [&](const Proposal& p) {
        return now - p.at_ns > kSecondAdminNs || *p.request.expect != state_version();
    });
    if (setup_.admins < 2) return std::nullopt;
    const auto found = std::ranges::find_if(proposals_, [&](const Proposal& p) {
        return same(p.request, a.request) && p.actor != a.peer.uid;
    });
    if (found != proposals_.end()) {
        other = found->actor;
        proposals_.erase(found);
        return std::nullopt;
    }
    const bool again = std::ranges::any_of(
        proposals_, [&](const Proposal& p) { return same(p.request, a.request); });
    if (!again) {
        if (proposals_.size() == kProposalsMax) {
            return refuse(Error::kBusy, "too many commands wait for a second admin");
        }
        if (!log(a, "waits for a second admin")) {
            return refuse(Error::kFailed, "the command log cannot be written");
        }
        proposals_.push_back({a.request, a.peer.uid, now});
    }
    Report report;
    report["pending"] = {{"command", console::definition(a.request.method).name},
                         {"by", actor_text(a.peer.uid)},
                         {"seconds", kSecondAdminNs / 1'000'000'000},
                         {"message", "another admin must ask for the same, with expect " +
                                         std::to_string(*a.request.expect)}};
    return done(std::move(report));
}

Answer RunControl::release(const Asked& a) {
    using enum ControlLatch::Outcome;
    const std::uint64_t seen = latch_.version();
    if (*a.request.expect != state_version()) {  // it changed before `seen`
        return refuse(Error::kStale, "the state changed meanwhile: look at it again");
    }
    std::uint32_t other = kNoActor;
    if (auto pending = second(a, other)) return *pending;
    // What loosens is on record before it happens.
    if (!log(a, other == kNoActor ? "accepted" : "accepted with " + actor_text(other))) {
        return refuse(Error::kFailed, "the command log cannot be written; nothing was released");
    }
    const ControlLatch::Outcome latched =
        latch_.set(a.scope, a.request.target, Level::kActive, a.peer.uid, setup_.clock(),
                   a.request.reason, latch_.used() ? std::optional(seen) : std::nullopt, other);
    if (latched == kSecondPerson) {
        Report report;
        report["pending"] = {
            {"command", console::definition(a.request.method).name},
            {"by", actor_text(a.peer.uid)},
            {"seconds", latch::kAgreeWithinNs / 1'000'000'000},
            {"message", "the latch file was made for two people: another must ask for the same"}};
        return done(std::move(report));
    }
    if (latched == kStale) {
        return refuse(Error::kStale, "the latch file was changed meanwhile: look at it again");
    }
    if (latched == kUnreadable) {
        (void)latch_.read();
        return refuse(Error::kFailed, "nothing was released: the latch file " + latch_.path() +
                                          " counts as HALTED: " + latch_.trouble());
    }
    if (latched == kNone || latched == kAlready) {
        // Perhaps a control that is not latched, because its period ends by itself.
        const auto v = look();
        bool held = v->state(a.scope, a.target).state != TradingState::kActive;
        for (std::size_t p = 0; p < v->periods.size(); ++p) {
            const bool concerned = a.scope == ControlScope::kFirm ||
                                   (a.scope == ControlScope::kAccount && p / 2 == a.target);
            held = held || (concerned && v->periods[p].ends_ns > v->now.ns);
        }
        if (!held) {
            return refuse(Error::kNothingToDo, a.request.scope +
                                                   (a.request.target.empty() ? "" : " ") +
                                                   a.request.target + " is not halted");
        }
        if (!send_control(a, Level::kActive)) {
            return refuse(Error::kBusy, "the trading loop does not take commands");
        }
    }
    ++commands_;
    Report report;
    report["released"] = {{"scope", a.request.scope}, {"target", a.request.target}};
    if (other != kNoActor) report["with"] = actor_text(other);
    if (latched == kNotOnDisk) report["latch"] = outcome_text(latched);
    return done(std::move(report));
}

Answer RunControl::change_limit(const Asked& a) {
    const bool loosens = a.request.method == Method::kLoosen;
    const auto* l = std::ranges::find_if(
        kLimits, [&](const LimitDefinition& d) { return limit_key(d.id) == a.request.limit; });
    if (l == kLimits.end()) {
        return refuse(Error::kNotFound,
                      "there is no limit '" + a.request.limit + "': `fermata limits` lists them");
    }
    const auto value = parse_limit(l->unit, a.request.value);
    if (!value) return refuse(Error::kInvalid, a.request.limit + ": " + value.error());
    const auto v = look();
    const auto now = a.scope == ControlScope::kVenue ? std::nullopt
                                                     : v->limits.in_force(a.scope, a.target, l->id);
    const std::string from = now ? format_limit(l->unit, *now) : "off";
    const std::string to = format_limit(l->unit, *value);
    const bool is_looser = now && looser(l->id, *value, *now);
    if (now == *value) {
        return refuse(Error::kNothingToDo, a.request.limit + " is " + from + " already");
    }
    if (is_looser != loosens) {
        return refuse(Error::kInvalid, a.request.limit + " from " + from + " to " + to +
                                           (is_looser ? " loosens: that takes `loosen` and two "
                                                        "admins"
                                                      : " tightens: use `tighten`"));
    }
    if (looser(l->id, *value, v->limits.hard(l->id))) {
        return refuse(Error::kInvalid, a.request.limit + ": " + to + " is beyond the hard limit " +
                                           format_limit(l->unit, v->limits.hard(l->id)));
    }
    OrderEvent e = risk_input(RiskInputKind::kLimit, a.peer.uid);
    if (loosens) {
        if (auto pending = second(a, e.data.risk_input.actors[1])) return *pending;
    }
    if (!log(a, "accepted") && loosens) {
        return refuse(Error::kFailed, "the command log cannot be written; nothing was loosened");
    }
    e.data.risk_input.scope = a.scope;
    e.data.risk_input.target = a.target;
    e.data.risk_input.limit = static_cast<std::uint8_t>(l->id);
    e.data.risk_input.values[0] = *value;
    const std::uint64_t command = ++commands_;
    e.data.risk_input.values[3] = static_cast<std::int64_t>(command);
    if (!queue_.push(e)) return refuse(Error::kBusy, "the trading loop does not take commands");
    Report report;
    report["sent"] = {{"limit", a.request.limit},
                      {"scope", a.request.scope},
                      {"target", a.request.target},
                      {"from", from},
                      {"to", to}};
    report["command"] = command;
    return done(std::move(report));
}

Answer RunControl::acknowledge(const Asked& a) {
    if (!a.request.alert) {
        if (a.scope != ControlScope::kStrategy) {
            return refuse(Error::kInvalid, "say which alert, or which strategy's fills");
        }
        OrderEvent e = risk_input(RiskInputKind::kAcknowledge, a.peer.uid);
        e.data.risk_input.scope = ControlScope::kStrategy;
        e.data.risk_input.target = a.target;
        if (!log(a, "accepted")) {
            return refuse(Error::kFailed, "the command log cannot be written");
        }
        if (!queue_.push(e)) return refuse(Error::kBusy, "the trading loop does not take commands");
        ++commands_;
        Report report;
        report["acknowledged"] = {{"strategy", a.request.target}};
        return done(std::move(report));
    }
    const auto v = look();
    const auto row = std::ranges::find(v->alerts, *a.request.alert, &AlertRow::number);
    if (row == v->alerts.end()) {
        return refuse(Error::kNotFound, "there is no alert " + std::to_string(*a.request.alert) +
                                            " among the newest " + std::to_string(kAlertsMax));
    }
    if (a.scope == ControlScope::kStrategy && row->data.strategy.value != a.target) {
        return refuse(Error::kForbidden, "that alert is not about " + a.request.target);
    }
    if (seen_.contains(row->number)) {
        return refuse(Error::kNothingToDo, "it was acknowledged before");
    }
    if (!log(a, "accepted")) return refuse(Error::kFailed, "the command log cannot be written");
    seen_[row->number] = {a.peer.uid, setup_.clock(), a.request.reason};
    while (seen_.size() > kAlertsMax) seen_.erase(seen_.begin());
    ++commands_;
    Report report;
    report["acknowledged"] = {{"alert", row->number}};
    return done(std::move(report));
}

Answer RunControl::accept(const Asked& a) {
    if (!setup_.accept) {
        return refuse(Error::kNotAvailable, "the venues of this run are simulated");
    }
    std::uint32_t other = kNoActor;
    if (auto pending = second(a, other)) return *pending;
    if (!log(a, other == kNoActor ? "accepted" : "accepted with " + actor_text(other))) {
        return refuse(Error::kFailed, "the command log cannot be written; nothing was accepted");
    }
    Acceptance acceptance = setup_.accept(a.peer.uid, other);
    if (!acceptance.any) return refuse(Error::kNothingToDo, acceptance.problem);
    ++commands_;
    Report report = std::move(acceptance.report);
    report["complete"] = !acceptance.refused;
    if (other != kNoActor) report["with"] = actor_text(other);
    return done(std::move(report));
}

}  // namespace fermata
