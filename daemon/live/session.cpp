#include "daemon/live/session.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include "core/indicator/to_double.hpp"
#include "core/journal/journal_reader.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/assembly/start_refusal.hpp"
#include "daemon/control/dead_man_watch.hpp"
#include "daemon/control/session_control.hpp"
#include "daemon/database/run_database.hpp"
#include "daemon/live/approvals.hpp"
#include "daemon/live/fix_market.hpp"
#include "daemon/live/fix_venues.hpp"
#include "daemon/live/halt_log.hpp"
#include "daemon/live/latch_guard.hpp"
#include "daemon/live/outside_report.hpp"
#include "daemon/live/raw_tap.hpp"
#include "daemon/live/record_tee.hpp"
#include "daemon/live/shadow_venues.hpp"
#include "daemon/replay/lag_watch.hpp"
#include "daemon/replay/open_latch.hpp"
#include "daemon/retention/journal_disk.hpp"

namespace fermata {
namespace {

Timestamp utc_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp{std::chrono::nanoseconds(now).count()};
}

std::string session_name(Timestamp now) {
    const auto seconds = static_cast<std::time_t>(now.ns / 1'000'000'000);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    char text[32];
    const std::size_t length = std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
    return {text, length};
}

bool looks_like_session(const std::string& name) {
    return name.size() >= 16 && name[8] == 'T' && name[15] == 'Z' &&
           name.find_first_not_of("0123456789TZ.") == std::string::npos;
}

struct Found {
    bool closed = false;
    std::optional<JournalManifest> run;  ///< Of the newest boot on record.
};

/// What stands in the journal of a session. What cannot be read is not closed: resuming it says
/// why.
/// `on_raw` is shown the messages on the way.
Found look_at(FileSystem& files, const std::filesystem::path& folder,
              std::function<void(const RawMessage&)> on_raw = {}) {
    Found found;
    JournalReaderOptions options;
    options.on_raw = std::move(on_raw);
    auto opened = JournalReader::open(files, (folder / "journal").string(), options);
    if (!opened) return found;
    JournalReader& reader = **opened;
    while (reader.next() != nullptr) {
    }
    if (const JournalManifest* newest = reader.manifest()) found.run = *newest;
    found.closed = reader.ending() == JournalEnding::kClosed && reader.problem() == nullptr;
    return found;
}

/// The newest session in `out`, of those before `before` where that is given; empty: there is none.
std::string newest_session(const std::filesystem::path& out, const std::string& before = "") {
    std::string newest;
    if (!std::filesystem::is_directory(out)) return newest;
    for (const auto& entry : std::filesystem::directory_iterator(out)) {
        const std::string name = entry.path().filename().string();
        if (!entry.is_directory() || !looks_like_session(name)) continue;
        if (before.empty() || name < before) newest = std::max(newest, name);
    }
    return newest;
}

/// A venue takes an order id once a day, and the day and the epoch in it have to tell sessions of
/// one day apart, also those whose journal is elsewhere. An epoch passes every two seconds of the
/// day, and a start takes one, so that those of an earlier session are behind. Where that one is at
/// hand, its own count says so.
std::uint16_t order_epochs_taken(FileSystem& files, const std::filesystem::path& folder,
                                 Timestamp start) {
    constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86'400 * kSecond;
    std::int64_t taken = start.ns % kDay / (2 * kSecond);
    const std::string name = folder.filename().string();
    const std::string earlier = newest_session(folder.parent_path(), name);
    if (!earlier.empty()) {
        const auto found = look_at(files, folder.parent_path() / earlier);
        if (found.run && found.run->start.ns / kDay == start.ns / kDay) {
            taken = std::max<std::int64_t>(
                taken, std::int64_t{found.run->order_epochs_taken} + found.run->boot_epoch);
        }
    }
    constexpr std::int64_t kMost = std::numeric_limits<std::uint16_t>::max() - 1;
    if (taken > kMost) {
        throw StartRefusal(folder.string() + ": sessions of this day took all " +
                           std::to_string(kMost + 1) +
                           " epochs of order ids, and a venue takes an id once; begin it tomorrow");
    }
    return static_cast<std::uint16_t>(taken);
}

/// Sessions take the place of recorded data.
std::unique_ptr<LiveSource> market_source(const Config& config, const FixRun& run,
                                          Assembly& assembly, RawTap* tap, SessionBoard& board,
                                          const std::function<void(const std::string&)>& report) {
    auto recorded = assembly.make_feed();  // also declares the streams, wherever they come from
    const bool sessions = std::ranges::any_of(
        config.sessions, [](const SessionConfig& s) { return s.role == SessionRole::kMarketData; });
    if (sessions) {
        return std::make_unique<FixMarketSource>(
            config, run, config.journal.market_messages ? tap : nullptr, board, report);
    }
    return std::make_unique<RecordedSource>(std::move(recorded), config.run.from, config.run.to,
                                            to_double(config.live.speed.factor),
                                            config.live.start == LiveStart::kAligned);
}

/// Nothing in mode paper. Adds its reader of the latch file to `latches`.
std::unique_ptr<OutsideVenues> outside_venues(
    const Config& config, const Assembly& assembly, const FixRun& run, RawTap* tap,
    SessionBoard& board, std::vector<latch::RunLatch*>& latches,
    const std::function<void(const std::string&)>& report) {
    switch (config.mode) {
        case Mode::kShadow:
            return std::make_unique<ShadowVenues>(config.venues.size());
        case Mode::kLive: {
            // The venue loop has a reader of its own.
            auto latch = open_latch(config, assembly.names(), report);
            if (latch != nullptr) latches.push_back(latch.get());
            return std::make_unique<FixVenues>(config, assembly.names(), run, std::move(latch), tap,
                                               board, report);
        }
        default:
            return nullptr;
    }
}

/// Mode live: throws StartRefusal unless this build may run this configuration.
/// `asked`: the approval hash of what the file says, of which the rules may have to wait
/// (session_config.hpp) while the rest is in force.
void check_approval(const Config& config, const std::string& asked,
                    const std::function<void(const std::string&)>& say) {
    const auto approvals = [&] {
        try {
            return read_approvals(config.approvals.string());
        } catch (const std::runtime_error& e) {
            throw StartRefusal(e.what());
        }
    }();
    const Approval* found = find_approval(approvals, asked, build_id());
    if (found == nullptr) {
        throw StartRefusal(config.approvals.string() + ": no line approves that " + build_id() +
                           " runs " + asked +
                           "; whoever answers for it adds one with: fermata config approve " +
                           config.file + " --by NAME --why TEXT");
    }
    const std::string rules = approval_hash(config);
    if (rules != asked &&
        std::ranges::find(approvals, rules, &Approval::configuration_hash) == approvals.end()) {
        throw StartRefusal(config.approvals.string() + ": no line approves " + rules +
                           ", the rules of the session that goes on");
    }
    say("configuration and build are approved by " + found->who);
}

/// Puts a run behind its control socket.
void hear_commands(LiveJob& job, SessionControl& control) {
    job.records = &control.records();
    job.commands = &control.commands();
    job.progress = &control.feed();
    job.serve = [&control] { control.serve(); };
    job.started = [&control, next = std::move(job.started)](auto loops) {
        control.set_phase(SessionPhase::kRunning);
        if (next) next(std::move(loops));
    };
    job.stopping = [&control, next = std::move(job.stopping)] {
        control.set_phase(SessionPhase::kStopping);
        if (next) next();
    };
    job.ending = [&control, next = std::move(job.ending)] {
        control.close();
        if (next) next();
    };
}

}  // namespace

std::filesystem::path session_folder(const std::filesystem::path& out, Timestamp now) {
    const std::string newest = newest_session(out);
    JournalDisk disk;
    if (!newest.empty() && !look_at(disk.files(), out / newest).closed) return out / newest;
    // Two sessions of one second; names sort as the sessions began.
    std::string name = session_name(now);
    if (!newest.empty() && name <= newest) {
        const std::size_t dot = newest.find('.');
        const unsigned long n = dot == newest.npos ? 0 : std::stoul(newest.substr(dot + 1));
        char number[16];
        (void)std::snprintf(number, sizeof number, ".%06lu", n + 1);
        name = newest.substr(0, dot) + number;
    }
    return out / name;
}

std::string what_is_left(const SessionReport& report) {
    const auto count = [](std::size_t n, const std::string& one, const std::string& many) {
        return (n == 0 ? "no" : std::to_string(n)) + " " + (n == 1 ? one : many);
    };
    std::string text = count(report.result.open_orders, "order is open", "orders are open") + ", " +
                       count(report.result.positions, "position is held", "positions are held");
    if (report.differences.empty()) return text;
    return text + ", " +
           count(report.differences.size(), "difference with venues is not settled",
                 "differences with venues are not settled");
}

SessionReport run_session(const Config& config, const StrategyRegistry& registry,
                          const SessionRequest& request) {
    JournalDisk disk;
    SessionReport report;
    const auto say = [&](const std::string& text) {
        if (request.report) request.report(text);
    };
    const Config& asked = request.asked != nullptr ? *request.asked : config;
    if (config.mode == Mode::kLive) {
        check_approval(config, approval_hash(asked), say);
    }
    report.folder = session_folder(request.out, utc_now());
    if (const auto made = disk.files().create_directories(report.folder.string()); !made) {
        throw std::runtime_error(made.error().message);
    }
    Placement threads(config.threads, request.report);
    Assembly assembly(config, registry);
    std::unique_ptr<RawTap> tap;
    if (!config.sessions.empty()) tap = std::make_unique<RawTap>(request.report);
    SessionBoard board(config, utc_now(), request.report);
    LiveJob job;
    job.raw = tap == nullptr ? nullptr : &tap->lane();
    SequenceSurvey survey(config);
    const auto earlier = look_at(disk.files(), report.folder, [&](const RawMessage& message) {
                             survey.on_raw(message);
                         }).run;
    const Timestamp start = earlier ? earlier->start : utc_now();
    std::uint16_t epochs_taken = 0;
    if (earlier) {
        epochs_taken = earlier->order_epochs_taken;
    } else if (config.mode == Mode::kLive) {
        epochs_taken = order_epochs_taken(disk.files(), report.folder, start);
    }
    // A session's start tells it from every other one that has its FIX sessions.
    const FixRun run{{static_cast<std::uint64_t>(start.ns), earlier.has_value()},
                     start,
                     static_cast<std::uint16_t>(epochs_taken + 1),
                     std::move(survey).take()};
    job.source = market_source(config, run, assembly, tap.get(), board, request.report);
    job.live = config.live;
    job.manifest = assembly.manifest();
    job.manifest.start = start;
    job.manifest.order_epochs_taken = epochs_taken;
    RunJournal journal(config, job.manifest, report.folder, EarlierJournal::kResume);
    if (journal.finished()) {
        throw std::runtime_error(journal.directory() + " was closed while it was looked at");
    }
    if (const auto& resumed = journal.resumed()) {
        say("going on with " + report.folder.string() + " behind " +
            std::to_string(resumed->records) + " records, as boot " +
            std::to_string(resumed->boot_epoch) +
            (resumed->bytes_cut == 0
                 ? std::string()
                 : "; " + std::to_string(resumed->bytes_cut) +
                       " bytes of a torn record were set aside in " + resumed->torn_files.back()));
    } else {
        say("session " + report.folder.string());
    }
    std::unique_ptr<RunDatabase> database;
    std::optional<LagWatch> watch;
    if (config.database.enabled) {
        const Placement::Lent lent = threads.lend("database");
        database =
            std::make_unique<RunDatabase>(config.database, journal.directory(), request.report);
        job.watch = std::ref(watch.emplace(*database, config.risk.limits()));
    }
    job.fresh_setup = [&] {
        PipelineSetup setup = assembly.make_setup();
        setup.durability = journal.durability();
        setup.strict = config.journal.sync == JournalSync::kStrict;
        return setup;
    };
    const auto latch = open_latch(config, assembly.names(), request.report);
    std::vector<latch::RunLatch*> latches;
    if (latch != nullptr) latches.push_back(latch.get());
    job.latch = latch.get();
    job.stall_limit = std::chrono::nanoseconds(config.engine.stall_limit.ns);
    job.report = request.report;
    job.threads = &threads;
    job.stopped = request.stopped;
    job.started = request.started;
    job.ending = request.ending;
    job.stopping = request.stopping;
    const std::unique_ptr<OutsideVenues> venues =
        outside_venues(config, assembly, run, tap.get(), board, latches, request.report);
    job.outside = venues.get();
    const bool reconciled = venues != nullptr && venues->desk() != nullptr;
    std::optional<RecordTee> records;
    if (reconciled) job.records = &records.emplace(*venues->desk(), venues->copies());
    std::optional<SessionControl> control;
    if (!config.control.socket.empty()) {
        SessionControl::Outside outside;
        outside.sessions = [all = venues.get(), &board, names = assembly.names().venues] {
            return standing_of(all, board, names);
        };
        if (reconciled) {
            outside.drop_copy = [&all = *venues] { return copies_report(all, utc_now()); };
            outside.elsewhere = [&all = *venues](ControlScope scope, std::uint64_t target) {
                return elsewhere_report(all, scope, target);
            };
            outside.venues = [&all = *venues, names = assembly.names().venues] {
                return venues_report(all, names);
            };
            outside.accept = [&all = *venues, names = assembly.names().venues](
                                 std::uint32_t actor, std::uint32_t other) {
                return accept_all(all, names, actor, other);
            };
        }
        const Placement::Lent lent = threads.lend("control");
        hear_commands(job, control.emplace(config, assembly.names(), report.folder, job.records,
                                           std::move(outside)));
        say("control socket " + config.control.socket.string());
        if (DeadManSwitch* people = control->people()) {
            job.watch = DeadManWatch(*people, config.control.dead_man_level, config.latch.string(),
                                     request.report, std::move(job.watch));
        }
    }
    if (!config.latch.empty()) {
        job.watch = LatchGuard(config.latch.string(), std::move(latches), request.report,
                               std::move(job.watch));
    }
    ControlQueue reloaded;
    if (job.commands == nullptr) job.commands = &reloaded;
    std::optional<ReloadWatch> reload;
    if (request.reload) reload.emplace(config, asked, *request.reload, *job.commands);
    if (reconciled) {
        // Before the sessions end, which makes every venue one that is down.
        job.ending = [&report, &all = *venues, names = assembly.names().venues,
                      next = std::move(job.ending)] {
            report.differences = unsettled(all, names, utc_now());
            if (next) next();
        };
    }
    HaltLog halts(job.manifest, job.records, request.report);
    job.records = &halts;
    job.followed = [&halts] { halts.begin(); };
    report.result = run_live(std::move(job), journal);
    reload.reset();
    if (watch) report.halted = watch->why();
    if (report.result.end == LiveEnd::kStalled || report.result.goes_on) {
        journal.leave_open();
    } else if (const JournalSummary* closed = journal.close()) {
        report.journal = *closed;
    }
    if (database) report.stored = database->finish();
    return report;
}

}  // namespace fermata
