#include "daemon/cli/replay_command.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/progress_line.hpp"
#include "daemon/config/config.hpp"
#include "daemon/replay/replay.hpp"
#include "daemon/replay/summary.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

std::atomic<bool> interrupted{false};

struct Options {
    std::string config;
    std::string out;
    std::string from;
    std::string to;
    std::string speed;
    std::vector<std::string> overrides;
    bool quiet = false;
};

/// The command line's shorthands are overrides like any other, and lose against an explicit --set.
std::vector<std::string> all_overrides(const Options& options) {
    std::vector<std::string> all;
    if (!options.from.empty()) all.push_back("run.from=" + options.from);
    if (!options.to.empty()) all.push_back("run.to=" + options.to);
    if (!options.speed.empty()) all.push_back("run.speed=" + options.speed);
    all.insert(all.end(), options.overrides.begin(), options.overrides.end());
    return all;
}

/// Where the results go: --out, the configuration's run.out, or runs/NAME beside the working
/// directory.
std::filesystem::path output_folder(const Options& options, const Config& config) {
    if (!options.out.empty()) return options.out;
    if (!config.run.out.empty()) return config.run.out;
    return std::filesystem::path("runs") / std::filesystem::path(options.config).stem();
}

/// Puts records into the journal; a refusal ends the run.
class JournalSink final : public RecordSink {
public:
    explicit JournalSink(JournalWriter& writer) : writer_(writer) {}
    void on_record(const OrderEvent& event) override {
        if (!writer_.append(event).ok()) throw std::runtime_error(writer_.failure()->message);
    }

private:
    JournalWriter& writer_;
};

/// The journal of one run, when it is wanted.
class RunJournal {
public:
    RunJournal(const Config& config, const JournalManifest& manifest,
               const std::filesystem::path& out) {
        const std::string directory = (out / "journal").string();
        // A new run into the same folder replaces the files of the run before it.
        if (const auto removed = remove_journal(files_, directory); !removed) {
            throw std::runtime_error(removed.error().message);
        }
        if (!config.journal.enabled) return;
        JournalOptions options;
        options.directory = directory;
        options.segment_bytes = config.journal.segment_bytes;
        options.durable = false;  // a replay can be repeated
        const RunId run = make_run_id(manifest.configuration_hash, manifest.start, sha256_hasher());
        auto writer = JournalWriter::create(files_, options, manifest, run, sha256_hasher());
        if (!writer) throw std::runtime_error(writer.error().message);
        writer_ = std::move(*writer);
        sink_ = std::make_unique<JournalSink>(*writer_);
    }
    [[nodiscard]] RecordSink* sink() { return sink_.get(); }
    /// nullptr when there is no journal.
    [[nodiscard]] const JournalSummary* close() {
        if (!writer_) return nullptr;
        auto closed = writer_->close();
        if (!closed) throw std::runtime_error(closed.error().message);
        summary_ = *closed;
        return &summary_;
    }

private:
    PosixFileSystem files_;
    std::unique_ptr<JournalWriter> writer_;
    std::unique_ptr<JournalSink> sink_;
    JournalSummary summary_;
};

bool wants_progress(const Options& options, const Config& config) {
    if (options.quiet || config.run.progress == ProgressBar::kNever) return false;
    return config.run.progress == ProgressBar::kAlways || ::isatty(STDERR_FILENO) == 1;
}

int run(const Options& options) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const Config config =
        load_config(options.config, all_overrides(options), registry, sha256_hasher());
    for (const ConfigProblem& warning : config.warnings) {
        std::cerr << "warning: " << to_string(warning) << '\n';
    }
    const std::filesystem::path out = output_folder(options, config);
    std::filesystem::create_directories(out);

    Assembly assembly(config, registry);
    ReplayJob job;
    job.feed = assembly.make_feed();
    job.setup = assembly.make_setup();
    job.names = assembly.names();
    job.from = config.run.from;
    job.to = config.run.to;
    job.out = out;
    job.speed = to_double(config.run.speed.factor);
    job.hasher = sha256_hasher();
    job.equity_interval = config.run.equity_interval;
    job.benchmark = config.run.benchmark;
    RunJournal journal(config, assembly.manifest(), out);
    job.journal = journal.sink();
    ProgressLine line(wants_progress(options, config));
    job.progress = [&line](const ReplayProgress& progress) { line.show(progress); };
    job.cancelled = [] { return interrupted.load(std::memory_order_relaxed); };

    const RunNames names = job.names;
    const ReplayResult result = run_replay(std::move(job));
    line.finish();
    const SummaryInput input{config, result, names, assembly.sources(), journal.close()};
    write_summary(out, input);
    if (!options.quiet) std::cout << summary_table(input) << "results in " << out.string() << "/\n";
    if (result.overflowed) {
        std::cerr << "fermata: halted at event " << result.market_events
                  << ": a lane was full. Raise engine.order_lane, orders_max or timers_max.\n";
        return 1;
    }
    if (result.cancelled) {
        std::cerr << "fermata: interrupted; the results end at event " << result.market_events
                  << '\n';
        return 1;
    }
    return 0;
}

}  // namespace

void register_replay_command(CLI::App& app) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "replay", "Run strategies over history through the whole pipeline and write the results");
    command->add_option("CONFIG", options->config, "Configuration (YAML)")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--out", options->out,
                        "Folder for the results (default: run.out, else runs/NAME)");
    command->add_option("--from", options->from, "Only events at or after this date or time");
    command->add_option("--to", options->to, "Only events up to this date (included) or time");
    command->add_option("--speed", options->speed, "max, or a multiple of real time: 1x, 60x");
    command
        ->add_option("--set", options->overrides, "Override one key: strategies.sma.params.fast=10")
        ->type_name("KEY=VALUE");
    command->add_flag("--quiet,-q", options->quiet, "No progress bar, no summary table");
    command->callback([options] {
        std::signal(SIGINT, [](int) { interrupted.store(true); });
        std::signal(SIGTERM, [](int) { interrupted.store(true); });
        throw CLI::RuntimeError(run(*options));
    });
}

}  // namespace fermata
