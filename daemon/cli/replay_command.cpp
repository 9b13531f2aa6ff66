#include "daemon/cli/replay_command.hpp"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/interrupt.hpp"
#include "daemon/cli/progress_line.hpp"
#include "daemon/config/config.hpp"
#include "daemon/replay/run_configuration.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

struct Options {
    std::string config;
    std::string out;
    std::string from;
    std::string to;
    std::string speed;
    std::vector<std::string> overrides;
    bool quiet = false;
    bool resume = false;
    bool overwrite = false;
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

bool wants_progress(const Options& options, const Config& config) {
    if (options.quiet || config.run.progress == ProgressBar::kNever) return false;
    return config.run.progress == ProgressBar::kAlways || ::isatty(STDERR_FILENO) == 1;
}

int run(const Options& options) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const Config config =
        load_config(options.config, all_overrides(options), registry, sha256_hasher());
    if (config.mode != Mode::kReplay) {
        std::cerr << "fermata: " << options.config << " is not for a replay: its mode is "
                  << mode_name(config.mode)
                  << ", which fermatad runs. To run it over history: --set mode=replay\n";
        return 2;
    }
    for (const ConfigProblem& warning : config.warnings) {
        std::cerr << "warning: " << to_string(warning) << '\n';
    }
    ProgressLine line(wants_progress(options, config));
    RunRequest request;
    request.out = output_folder(options, config);
    request.progress = [&line](const ReplayProgress& progress) { line.show(progress); };
    request.report = [](const std::string& text) { std::cerr << "fermata: " << text << '\n'; };
    if (options.resume) request.earlier = EarlierJournal::kResume;
    if (options.overwrite) request.earlier = EarlierJournal::kOverwrite;
    request.on_resumed = [&](const ResumeReport& report) {
        if (options.quiet) return;
        std::cerr << "resuming behind " << report.records << " records, as boot "
                  << report.boot_epoch;
        if (report.bytes_cut != 0) {
            std::cerr << "; " << report.bytes_cut << " bytes of a torn record were set aside in "
                      << report.torn_files.back();
        }
        std::cerr << '\n';
    };
    request.on_finished = [&] {
        if (options.quiet) return;
        std::cerr << "the run's journal was closed: nothing to go on with; writing its results\n";
    };
    request.cancelled = interrupted;
    const RunReport report = run_configuration(config, registry, request);
    line.finish();
    if (!options.quiet) {
        std::cout << report.table << "results in " << request.out.string() << "/\n";
    }
    const ReplayResult& result = report.result;
    for (const std::uint32_t fill : result.unmet_lots) {
        std::cerr << "warning: tax.identified." << fill << ": lot "
                  << config.tax.identified.at(std::to_string(fill)) << " was not there for fill "
                  << fill << " to close; the oldest were taken\n";
    }
    if (result.overflowed) {
        std::cerr << "fermata: halted at event " << result.market_events
                  << ": a lane was full. Raise engine.order_lane, orders_max or timers_max.\n";
        return 1;
    }
    if (!result.halted.empty()) {
        std::cerr << "fermata: trading was halted: " << result.halted << '\n';
        return 1;
    }
    if (result.cancelled) {
        std::cerr << "fermata: interrupted; the results end at event " << result.market_events
                  << (config.journal.enabled ? "; --resume goes on from there\n" : "\n");
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
    CLI::Option* resume = command->add_flag(
        "--resume", options->resume,
        "Go on with the run in --out whose journal was not closed, as after a crash; begin "
        "it when nothing is on record");
    command
        ->add_flag("--overwrite", options->overwrite,
                   "Replace whatever journal stands in --out; without it only one of a replay that "
                   "was neither anchored nor pruned")
        ->excludes(resume);
    command->add_flag("--quiet,-q", options->quiet, "No progress bar, no summary table");
    command->callback([options] {
        catch_interrupts();
        throw CLI::RuntimeError(run(*options));
    });
}

}  // namespace fermata
