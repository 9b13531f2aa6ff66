// Questions, and what every request passes. The commands are in control_commands.cpp.

#include "daemon/control/run_control.hpp"

#include <algorithm>
#include <utility>

#include "core/market/date.hpp"
#include "daemon/cli/event_names.hpp"
#include "daemon/cli/event_text.hpp"
#include "risk/limit_change.hpp"

namespace fermata {
namespace {

using console::Answer;
using console::Error;
using console::Method;

/// However often somebody asks, the state is copied no more often than this.
constexpr std::chrono::milliseconds kFresh{20};
/// The journal's thread is busy with the disk, or stands still: then the newest copy is shown.
constexpr std::chrono::milliseconds kPatience{50};

std::string text_of(const Report& report) {
    return report.dump(-1, ' ', false, Report::error_handler_t::replace);
}

std::optional<ControlScope> scope_of(std::string_view text) {
    for (int s = 0; s < kControlScopeCount; ++s) {
        if (text == name(static_cast<ControlScope>(s))) return static_cast<ControlScope>(s);
    }
    return std::nullopt;
}

JournalManifest tables_of(const RunNames& names) {
    JournalManifest tables;
    tables.strategies = names.strategies;
    tables.accounts = names.accounts;
    tables.venues = names.venues;
    for (const Instrument& i : names.instruments->all()) tables.instruments.push_back(i.symbol);
    for (const std::string& c : names.instruments->currencies()) tables.currencies.push_back(c);
    return tables;
}

}  // namespace

RunControl::RunControl(RunControlSetup setup, RunView& view, ControlQueue& queue)
    : setup_(std::move(setup)),
      view_(view),
      queue_(queue),
      report_(setup_.names, setup_.strategy_accounts, setup_.strategy_venues),
      latch_(setup_.latch.string()),
      log_(setup_.log),
      base_(static_cast<std::uint64_t>(setup_.clock() / 1'000'000'000) * 1'024),
      tables_(tables_of(setup_.names)) {}

std::uint64_t RunControl::state_version() const noexcept {
    return base_ + view_.changes() + latch_.version() + commands_;
}

Answer RunControl::done(Report report) const {
    return {Error::kNone, {}, text_of(report), state_version()};
}
Answer RunControl::refuse(Error error, std::string message) const {
    return {error, std::move(message), {}, state_version()};
}
std::shared_ptr<const ViewState> RunControl::look() { return view_.read(kFresh, kPatience); }

Answer RunControl::answer(const console::Peer& peer, const console::Request& request) {
    // Before any version is named: a file found in the middle of an answer would make that stale.
    latch_.take_up();
    const auto scope = scope_of(request.scope);
    if (!scope) return refuse(Error::kInvalid, "there is no scope '" + request.scope + "'");
    std::optional<std::uint64_t> target = 0;
    if (*scope != ControlScope::kFirm) {
        target = report_.find_target(*scope, request.target);
        if (!target) {
            return refuse(Error::kNotFound,
                          "there is no " + request.scope + " '" + request.target + "' in this run");
        }
    }
    const Asked asked{peer, request, *scope, *target};
    if (!console::definition(request.method).command) return question(asked);
    if (*request.expect != state_version()) {
        return refuse(Error::kStale, "the state is not the one that this was based on (" +
                                         std::to_string(*request.expect) + ", now " +
                                         std::to_string(state_version()) + "): look at it again");
    }
    return command(asked);
}

Answer RunControl::question(const Asked& a) {
    const Page page{a.request.after, a.request.count};
    switch (a.request.method) {
        case Method::kStatus:
            return status();
        case Method::kPositions:
            return done(report_.positions(*look(), page));
        case Method::kOrders:
            return done(report_.orders(*look(), page));
        case Method::kStrategies:
            return done(report_.strategies(*look(), page));
        case Method::kLimits:
            return done(report_.limits(*look(), page));
        case Method::kAlerts:
            return done(report_.alerts(*look(), page, seen_));
        case Method::kCancels: {
            Report report = report_.cancels(*look(), a.scope, a.target);
            if (setup_.elsewhere) report.update(setup_.elsewhere(a.scope, a.target));
            return done(std::move(report));
        }
        case Method::kSessions: {
            Report report;
            report["rows"] = setup_.sessions ? setup_.sessions() : Report::array();
            return done(std::move(report));
        }
        case Method::kLatency: {
            if (!setup_.latency) {
                return refuse(Error::kNotAvailable, "this daemon does not measure its latency");
            }
            Report report;
            report["rows"] = setup_.latency();
            return done(std::move(report));
        }
        case Method::kAlive:
            if (!setup_.alive) {
                return refuse(Error::kNotAvailable,
                              "this daemon has no dead-man switch (control.dead_man)");
            }
            return done(setup_.alive());
        default:
            return refuse(Error::kNotAvailable, "not a question");
    }
}

/// First in one word what holds for a new order of the firm, then what that comes from.
void RunControl::add_state(Report& report, const ViewState& v) const {
    const SessionPhase phase = setup_.phase ? setup_.phase() : SessionPhase::kRunning;
    const TradingState firm = v.state(ControlScope::kFirm, 0).state;
    const bool recovering = v.recovering || phase == SessionPhase::kRecovering;
    std::string_view state = name(firm);
    if (phase == SessionPhase::kStopping) {
        state = "STOPPING";
    } else if (recovering && firm != TradingState::kHalted) {
        state = "RECOVERING";
    }
    report["state"] = state;
    report["firm"] = name(firm);
    report["recovering"] = recovering;
}

/// The feed goes on while nothing is ordered; the trading record does not.
void RunControl::add_times(Report& report, const ViewState& v) const {
    const auto text = [](Timestamp t) {
        return t.ns == 0 ? Report() : Report(format_iso_timestamp(t));
    };
    const FeedProgress* const feed = setup_.feed;
    report["now"] = text(Timestamp{setup_.clock()});
    report["time"] = text(feed == nullptr ? v.now : std::max(v.now, feed->now()));
    report["market_data"] = text(feed == nullptr ? Timestamp{} : feed->data());
    report["newest_record"] = text(v.now);
    report["records"] = v.records;
    report["market_events"] =
        feed == nullptr ? v.feed_position : std::max(v.feed_position, feed->position());
}

Answer RunControl::status() {
    // Before the copy: whoever acts on an older picture than the version's is refused.
    const std::uint64_t version = state_version();
    const auto v = look();
    Report report;
    add_state(report, *v);
    report["state_version"] = version;
    if (setup_.about) report["run"] = setup_.about();
    add_times(report, *v);
    report["open_orders"] = v->live.size();
    report["orders"] = v->orders;
    report["fills"] = v->fills;
    report["denied"] = v->denied;
    report["rejected"] = v->rejected;
    report["alerts"] = v->alert_count;
    std::size_t unseen = 0;
    for (const AlertRow& row : v->alerts) unseen += seen_.contains(row.number) ? 0 : 1;
    report["unacknowledged"] = unseen;
    const latch::State* state = latch_.read();
    Report not_active = report_.states(*v);
    for (Report& row : not_active) {
        const bool unsigned_halt = row["scope"] == name(ControlScope::kFirm) && row["by"] == "-";
        if (unsigned_halt && latch_.unreadable()) row["by"] = "the latch file, which is unreadable";
    }
    report["not_active"] = std::move(not_active);
    if (setup_.venues) report["venues"] = setup_.venues();
    if (setup_.drop_copy) {
        if (Report copies = setup_.drop_copy(); !copies.is_null()) {
            report["drop_copy"] = std::move(copies);
        }
    }
    Report latched;
    latched["file"] = latch_.path();
    Report entries = Report::array();
    latched["readable"] = state != nullptr && state->fault == latch::Fault::kNone;
    if (state != nullptr && state->fault == latch::Fault::kNone) {
        latched["emergency"] = state->emergency;
        for (const latch::Entry& e : state->latched()) {
            entries.push_back({{"scope", name(e.scope)},
                               {"target", std::string(e.target.view())},
                               {"state", name(latch::state_of(e.level))},
                               {"since", format_iso_timestamp(Timestamp{e.when_ns})},
                               {"by", actor_text(e.actor, e.control)},
                               {"reason", std::string(e.reason.view())}});
        }
    }
    latched["entries"] = std::move(entries);
    if (const std::string trouble = latch_.trouble(); !trouble.empty()) {
        latched["trouble"] = trouble;
    }
    if (latch_.used()) report["latch"] = std::move(latched);
    Report waiting = Report::array();
    for (const Proposal& p : proposals_) {
        waiting.push_back({{"command", console::definition(p.request.method).name},
                           {"scope", p.request.scope},
                           {"target", p.request.target},
                           {"limit", p.request.limit},
                           {"value", p.request.value},
                           {"by", actor_text(p.actor)},
                           {"reason", p.request.reason},
                           {"expect", *p.request.expect}});
    }
    report["waiting_for_second_admin"] = std::move(waiting);
    Report outcomes = Report::array();
    for (const LimitOutcome& o : v->limit_outcomes) {
        if (o.command == 0) continue;
        const bool changed = o.code == AlertCode::kLimitChanged;
        outcomes.push_back(
            {{"command", o.command},
             {"outcome",
              changed ? "changed" : std::string(name(static_cast<LimitRefusal>(o.detail)))}});
    }
    report["limit_commands"] = std::move(outcomes);
    report["ended"] = v->ended;
    return {Error::kNone, {}, text_of(report), version};
}

void RunControl::follow(bool on) {
    if (on) {
        // What an earlier follower left.
        OrderEvent old;
        while (view_.take(old)) {
        }
        (void)view_.take_lost();
    }
    view_.follow(on);
}

void RunControl::take_events(std::size_t most, std::vector<std::string>& out) {
    if (const std::uint64_t lost = view_.take_lost(); lost != 0) {
        Report report;
        report["lost"] = lost;
        out.push_back(text_of(report));
    }
    OrderEvent e;
    for (; most > 0 && view_.take(e); --most) {
        Report report;
        report["seq"] = e.seq;
        report["time"] = format_iso_timestamp(e.ts);
        report["type"] = name(e.type);
        report["consumed"] = (e.flags & kFlagInput) != 0;
        report["instrument"] = instrument_text(e, tables_);
        report["text"] = fermata::text_of(e, tables_);
        out.push_back(text_of(report));
    }
}

}  // namespace fermata
