#include "daemon/replay/run_configuration.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "core/indicator/to_double.hpp"
#include "core/market/date.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/database/run_database.hpp"
#include "daemon/replay/concurrent_run.hpp"
#include "daemon/replay/lag_watch.hpp"
#include "daemon/replay/open_latch.hpp"
#include "daemon/replay/risk_input_file.hpp"
#include "daemon/replay/run_journal.hpp"
#include "daemon/replay/summary.hpp"

namespace fermata {

namespace {

/// What the configuration alone could not say where it names no start: see assemble_positions.cpp.
void refuse_later_positions(const Config& config, Timestamp start) {
    std::vector<ConfigProblem> problems;
    for (const AccountConfig& account : config.accounts) {
        for (const OpeningPosition& p : account.positions) {
            if (p.opened <= start) continue;
            ConfigProblem& problem = problems.emplace_back();
            problem.place.origin = std::make_shared<const std::string>(config.file);
            problem.path = "positions";
            problem.message = "found " + config.instruments[p.instrument].symbol + " opened " +
                              format_iso_timestamp(p.opened) +
                              ", expected a time not after the start of the run, " +
                              format_iso_timestamp(start) + ", where its data begins";
        }
    }
    if (!problems.empty()) throw ConfigError(std::move(problems));
}

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
        refuse_later_positions(config, manifest.start);
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
        Placement threads(config.threads, request.report);
        ConcurrentJob concurrent;
        concurrent.threads = &threads;
        Assembly again(config, registry);
        concurrent.market = again.make_feed();
        concurrent.replay = std::move(job);
        concurrent.fresh_setup = fresh_setup;
        concurrent.manifest = manifest;
        concurrent.report = request.report;
        const std::unique_ptr<Latch> latch = open_latch(config, names, request.report);
        concurrent.latch = latch.get();
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
