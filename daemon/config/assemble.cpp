#include "daemon/config/assemble.hpp"

#include <set>
#include <string_view>
#include <utility>

#include "daemon/config/draft.hpp"
#include "risk/portfolio_stage.hpp"

namespace fermata::config {
namespace {

/// What the gate's snapshots cannot hold.
void check_snapshots(Draft& d) {
    if (!needs_snapshots(d.config.risk)) return;
    const auto too_many = [&](std::size_t count, std::size_t most, const std::string& what) {
        if (count <= most) return;
        d.problem({"portfolio_risk"}, "found " + std::to_string(count) + " " + what +
                                          ", expected at most " + std::to_string(most) +
                                          ": the gate's VAR_PARAMETRIC, VAR_HISTORICAL, STRESS and "
                                          "CORRELATED cannot look at more");
    };
    too_many(d.config.instruments.size(), GateSnapshot::kInstrumentsMax, "instruments");
    std::set<std::string> sectors;
    for (const Instrument& instrument : d.config.instruments.all()) {
        if (!instrument.sector.empty()) sectors.insert(instrument.sector);
    }
    constexpr std::size_t kOthers = 5;  // index, volatility, two of correlation, flash crash
    too_many(sectors.size() + d.config.portfolio_risk.stress.windows.size(),
             GateSnapshot::kScenariosMax - kOthers, "sectors and windows of history");
}

/// A thread that there will not be is a mistake, not a wish.
void check_threads(Draft& d) {
    constexpr std::string_view kShard = "shard ";
    for (const auto& [name, thread] : d.config.threads.loops) {
        if (name.compare(0, kShard.size(), kShard) != 0) continue;
        const auto number = parse_integer(name.substr(kShard.size()));
        if (number && *number >= 0 && std::cmp_less(*number, d.config.engine.shards)) continue;
        d.problem({"threads", "loops", name},
                  "found a shard that does not exist, expected shards from 0 to " +
                      std::to_string(d.config.engine.shards - 1) + " (engine.shards)");
    }
}

/// Nobody can derive what happens on a real clock: it is on threads of its own, and everything that
/// was consumed is on record.
void run_on_the_clock(Draft& d, Settings& settings) {
    settings.engine.schedule = RunSchedule::kConcurrent;
    settings.journal.market = MarketRecord::kRecord;
    if (!settings.journal.enabled) {
        d.problem({"journal", "enabled"},
                  "found false, expected true: outside of mode replay nothing runs without a "
                  "journal");
    }
    if (settings.mode != Mode::kLive) return;
    settings.live.next_start = NextStart::kGoesOn;
    const auto missing = [&](const char* key, const std::string& why) {
        d.problem({"risk", key},
                  "found nothing, expected a file: mode live does not start without " + why);
    };
    if (!settings.risk.latch) missing("latch", "a latch, which everybody can halt it by");
    if (!settings.risk.approvals) {
        missing("approvals", "an approval of its build and configuration");
    }
    if (settings.journal.sync != JournalSync::kStrict) {
        d.problem({"journal", "sync"},
                  "expected strict: in mode live no order leaves that is not on the disk, so that "
                  "no crash makes one unknown");
    }
}

}  // namespace

namespace {

void assemble_watchdog(Draft& draft, const WatchdogSettings& s) {
    WatchdogConfig& w = draft.config.watchdog;
    w.poll_every = s.poll_every;
    w.hang_after = s.hang_after;
    w.fence_wait = s.fence_wait;
    w.retry_every = s.retry_every;
    w.on_crash = s.on_crash;
    if (s.progress_file) {
        w.progress_file = s.progress_file->resolved;
    } else if (!draft.config.latch.empty()) {
        w.progress_file = draft.config.latch;
        w.progress_file += ".progress";
    }
}

}  // namespace

Config assemble(Reader& reader, const Node& document, Settings& settings) {
    Draft draft(reader, document, settings);
    draft.config.mode = settings.mode;
    if (settings.mode != Mode::kReplay) run_on_the_clock(draft, settings);
    assemble_accounts(draft);
    assemble_instruments(draft);
    assemble_day_end(draft);
    assemble_feeds(draft);
    assemble_trading(draft);
    assemble_positions(draft);
    assemble_sessions(draft);
    assemble_risk(draft);
    assemble_exchange(draft);
    draft.config.journal = settings.journal;
    draft.config.database = settings.database;
    if (settings.control.socket) draft.config.control.socket = settings.control.socket->resolved;
    draft.config.control.roles = settings.control.roles;
    draft.config.control.admins = settings.control.admins;
    draft.config.control.dead_man = settings.control.dead_man;
    draft.config.control.dead_man_level = settings.control.dead_man_level;
    assemble_watchdog(draft, settings.watchdog);
    draft.config.engine = settings.engine;
    draft.config.live = settings.live;
    draft.config.threads = settings.threads;
    check_threads(draft);
    draft.config.portfolio_risk = settings.portfolio_risk;
    check_snapshots(draft);
    return std::move(draft.config);
}

}  // namespace fermata::config
