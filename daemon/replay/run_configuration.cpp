#include "daemon/replay/run_configuration.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "adapters/file/posix_file.hpp"
#include "adapters/latch/run_latch.hpp"
#include "core/indicator/to_double.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/database/run_database.hpp"
#include "daemon/replay/concurrent_run.hpp"
#include "daemon/replay/latch_names.hpp"
#include "daemon/replay/risk_input_file.hpp"
#include "daemon/replay/run_journal.hpp"
#include "daemon/replay/summary.hpp"

namespace fermata {
namespace {

/// Turns the database's lag into an alert on record each time it passes its first bound, and into a
/// halt when it passes the second. A halt is not taken back by itself. While it is beyond what the
/// gate's JOURNAL allows, the gate is told of it, once a second: what it is told goes on record, so
/// nothing is said that no decision can rest on.
class LagWatch {
public:
    LagWatch(RunDatabase& database, const Limits& limits) : database_(database), limits_(limits) {}

    std::optional<OrderEvent> operator()(Timestamp now) {
        if (halted()) return std::nullopt;
        const auto wall = std::chrono::steady_clock::now();
        const LagLevel level = database_.lag_level(wall);
        const std::uint64_t bytes = database_.status().lag_bytes.load(std::memory_order_relaxed);
        const auto age = database_.status().lag_age(wall);
        if (is_beyond_gate(age, bytes) && wall >= tell_gate_at_) {
            tell_gate_at_ = wall + std::chrono::seconds(1);
            return lag_input(now, age, bytes);
        }
        if (level == LagLevel::kOk) {
            alerted_ = false;
            return std::nullopt;
        }
        if (!alerted_) {
            alerted_ = true;
            OrderEvent e = make_order_event(OrderEventType::kAlert, now, InstrumentId{0});
            e.data.alert = AlertData{};
            e.data.alert.code = AlertCode::kRecordLag;
            e.data.alert.detail[0] = static_cast<std::int64_t>(bytes);
            e.data.alert.detail[1] = age.count();
            return e;
        }
        if (level != LagLevel::kHalt) return std::nullopt;
        why_ = "the database was " + std::to_string(bytes) + " bytes and " +
               std::to_string(std::chrono::duration_cast<std::chrono::seconds>(age).count()) +
               " s behind the journal (database.lag)";
        return halt_command(now);
    }
    [[nodiscard]] bool halted() const noexcept { return !why_.empty(); }
    [[nodiscard]] const std::string& why() const noexcept { return why_; }

private:
    [[nodiscard]] bool is_beyond_gate(std::chrono::nanoseconds age,
                                      std::uint64_t bytes) const noexcept {
        const bool late =
            limits_.on(LimitId::kJournal) && age.count() > limits_.raw(LimitId::kJournal);
        const bool large = limits_.on(LimitId::kJournalBytes) &&
                           std::cmp_greater(bytes, limits_.raw(LimitId::kJournalBytes));
        return late || large;
    }
    [[nodiscard]] static OrderEvent lag_input(Timestamp now, std::chrono::nanoseconds age,
                                              std::uint64_t bytes) noexcept {
        OrderEvent e = make_order_event(OrderEventType::kRiskInput, now, InstrumentId{0});
        e.data.risk_input = RiskInputData{};
        e.data.risk_input.kind = RiskInputKind::kJournalLag;
        e.data.risk_input.values[0] = age.count();
        e.data.risk_input.values[1] = static_cast<std::int64_t>(bytes);
        return e;
    }

    RunDatabase& database_;
    Limits limits_;
    std::chrono::steady_clock::time_point tell_gate_at_{};
    bool alerted_ = false;
    std::string why_;  // of the halt; empty until then
};

}  // namespace

RunReport run_configuration(const Config& config, const StrategyRegistry& registry,
                            const RunRequest& request) {
    // As the journal's directory, the folder must survive a loss of power.
    if (const auto made = PosixFileSystem().create_directories(request.out.string()); !made) {
        throw std::runtime_error(made.error().message);
    }
    Assembly assembly(config, registry);
    ReplayJob job;
    job.feed = assembly.make_feed();
    job.names = assembly.names();
    job.accounts = config.accounts;
    job.lot_rules = assembly.lot_rules();
    job.from = config.run.from;
    job.to = config.run.to;
    job.out = request.out;
    job.speed = to_double(config.run.speed.factor);
    job.hasher = sha256_hasher();
    job.equity_interval = config.run.equity_interval;
    job.benchmark = config.run.benchmark;
    job.progress = request.progress;
    job.cancelled = request.cancelled;
    // The manifest names the first instant of the data, so the data is looked at before the journal
    // begins.
    job.first_batch = job.feed->next();
    JournalManifest manifest = assembly.manifest();
    if (!config.risk_inputs.empty()) {
        RiskInputList told = read_risk_inputs(config.risk_inputs.string(), job.names);
        manifest.sources.push_back(std::move(told.source));
        job.risk_inputs = std::move(told.inputs);
    }
    if (!job.first_batch.empty()) {
        manifest.start = std::max(job.first_batch.front().ts, config.run.from);
    }
    RunJournal journal(config, manifest, request.out, request.earlier);
    std::filesystem::remove(request.out / "summary.json");
    if (request.on_resumed && journal.resumed()) request.on_resumed(*journal.resumed());
    if (request.on_finished && journal.finished()) request.on_finished();
    std::unique_ptr<RunDatabase> database;
    if (config.database.enabled && config.journal.enabled) {
        database =
            std::make_unique<RunDatabase>(config.database, journal.directory(), request.report);
    }
    const auto fresh_setup = [&] {
        PipelineSetup setup = assembly.make_setup();
        setup.durability = journal.durability();
        setup.strict = config.journal.sync == JournalSync::kStrict;
        return setup;
    };
    const RunNames names = job.names;
    RunReport report;
    if (manifest.schedule == RunSchedule::kConcurrent) {
        ConcurrentJob concurrent;
        Assembly again(config, registry);
        concurrent.market = again.make_feed();
        concurrent.replay = std::move(job);
        concurrent.fresh_setup = fresh_setup;
        concurrent.manifest = manifest;
        concurrent.report = request.report;
        std::optional<latch::RunLatch> latch;
        if (!config.latch.empty()) {
            latch.emplace(config.latch.string(), latch_names(names, config.instruments));
            if (latch->opened().code != latch::ErrorCode::kNone && request.report) {
                request.report(latch::describe(config.latch.string(), latch->opened()));
            }
            latch->read();
            if (latch->opened().code == latch::ErrorCode::kNone &&
                latch->fault() != latch::Fault::kNone && request.report) {
                request.report(latch::describe(config.latch.string(),
                                               {latch::ErrorCode::kUnreadable, 0, latch->fault()}));
            }
            concurrent.latch = &*latch;
        }
        concurrent.stall_limit = std::chrono::nanoseconds(config.engine.stall_limit.ns);
        // A run under a virtual clock can be repeated and is never halted for the database.
        std::optional<LagWatch> watch;
        if (database) concurrent.watch = std::ref(watch.emplace(*database, config.risk.limits()));
        report.result = run_concurrent(std::move(concurrent), journal);
        if (watch) report.result.halted = watch->why();
    } else {
        job.setup = fresh_setup();
        job.journal = journal.sink();
        job.market_journal = journal.market_sink();
        report.result = run_replay(std::move(job));
    }
    const JournalSummary* closed = nullptr;
    // One that could not go on ends like one that was killed.
    if (report.result.cancelled ||
        (report.result.overflowed && manifest.schedule == RunSchedule::kConcurrent)) {
        journal.leave_open();
    } else {
        closed = journal.close();
    }
    if (closed != nullptr) report.journal = *closed;
    if (database) report.stored = database->finish();
    const SummaryInput input{config, report.result, names, manifest.sources, closed};
    write_summary(request.out, input);
    report.table = summary_table(input);
    return report;
}

}  // namespace fermata
