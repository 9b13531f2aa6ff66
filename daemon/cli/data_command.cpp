#include "daemon/cli/data_command.hpp"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "core/market/date.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/data_generate.hpp"
#include "daemon/cli/data_info.hpp"
#include "daemon/cli/error_output.hpp"
#include "daemon/cli/progress_line.hpp"
#include "daemon/cli/tape_out.hpp"
#include "daemon/config/config.hpp"
#include "daemon/config/problem.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

void print(const Report& report, bool json, std::size_t rows_max = 20) {
    if (json) {
        std::cout << report.dump(2) << '\n';
    } else {
        std::cout << report_text(report, rows_max);
    }
    std::cout.flush();
}

/// Progress on a terminal, unless --quiet.
class Progress {
public:
    explicit Progress(bool quiet) : line_(!quiet && ::isatty(STDERR_FILENO) == 1) {}
    ~Progress() { line_.finish(); }
    [[nodiscard]] WriteProgress callback() {
        return [this](double fraction, Timestamp now, std::uint64_t events) {
            line_.show({fraction, now, events});
        };
    }

private:
    ProgressLine line_;
};

// info --------------------------------------------------------------------------------------------

struct InfoOptions {
    std::string file;
    std::vector<std::string> overrides;
    bool verify = false;
    std::size_t head = 0;
    bool json = false;
};

Report report_of(const InfoOptions& options) {
    switch (data_file_kind(options.file)) {
        case DataFileKind::kTape:
            return tape_report(options.file, {options.verify, options.head});
        case DataFileKind::kConfig:
            return config_report(options.file, options.overrides, options.head);
        case DataFileKind::kZip:
            return lean_zip_report(options.file, options.head);
        case DataFileKind::kCsv:
            break;
    }
    return csv_report(options.file, options.head);
}

void info(const InfoOptions& options) {
    try {
        print(report_of(options), options.json, std::max<std::size_t>(20, options.head));
    } catch (const FeedError& e) {
        if (!options.verify) throw;
        std::cerr << "fermata: " << e.what() << '\n';
        if (options.json) print_json_error("data", e.what());
        throw CLI::RuntimeError(1);  // a check that found a problem
    }
}

void add_info(CLI::App& data) {
    const auto options = std::make_shared<InfoOptions>();
    CLI::App* command = data.add_subcommand(
        "info", "Describe a tape, a CSV file, a LEAN archive, or the feeds of a configuration");
    command->add_option("FILE", options->file, "The tape, CSV file, zip archive or configuration")
        ->required();
    command->add_flag("--verify", options->verify,
                      "Tape: recompute checksums, order and content hash; exit code 1 when one is "
                      "wrong");
    command->add_option("--head", options->head, "Show this many of the first events or rows")
        ->check(CLI::NonNegativeNumber);
    command
        ->add_option("--set", options->overrides,
                     "Configuration: override one key; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    command->add_flag("--json", options->json,
                      "Print JSON, with every instrument; of an error too");
    command->footer(
        "Examples:\n"
        "  fermata data info universe.tape --verify\n"
        "  fermata data info trades.csv.gz --head 5    # guesses the columns, suggests a feed\n"
        "  fermata data info config/demo.yaml          # reads every feed to its end");
    command->callback([options] { info(*options); });
}

// pack --------------------------------------------------------------------------------------------

struct PackOptions {
    std::string config;
    std::string out;
    std::vector<std::string> overrides;
    bool force = false;
    bool quiet = false;
    bool json = false;
};

void pack(const PackOptions& options) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const Config config = load_config(options.config, options.overrides, registry, sha256_hasher());
    for (const ConfigProblem& warning : config.warnings) {
        std::cerr << "warning: " << to_string(warning) << '\n';
    }
    Assembly assembly(config, registry);
    const std::unique_ptr<Feed> feed = assembly.make_market_feed();
    WrittenData written;
    {
        Progress progress(options.quiet);
        written = write_tape(*feed, tables_of(config.instruments, assembly.streams()), options.out,
                             options.force, progress.callback());
    }
    if (options.quiet) return;
    const FeedStats stats = feed->stats();
    Report report;
    report["file"] = options.out;
    report["feeds"] = std::uint64_t{config.feeds.size()};
    report["records"] = stats.records;
    report["skipped"] = stats.skipped_total();
    report["events"] = written.events;
    report["first"] = format_iso_timestamp(written.first);
    report["last"] = format_iso_timestamp(written.last);
    report["bytes"] = written.bytes;
    report["content_hash"] = written.hash;
    std::string use = "feeds:\n  - {type: tape, path: " + options.out + "}\n";
    const bool actions = !config.corporate_actions.file.empty() &&
                         config.corporate_actions.mode == CorporateActionMode::kRaw;
    if (actions)
        use += "# without corporate_actions.file: the tape holds the splits and dividends\n";
    report["to_replay_it"] = use;
    print(report, options.json);
}

void add_pack(CLI::App& data) {
    const auto options = std::make_shared<PackOptions>();
    CLI::App* command =
        data.add_subcommand("pack", "Write all feeds of a configuration, merged, to one tape");
    command->add_option("CONFIG", options->config, "Configuration (YAML)")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--out", options->out, "The tape to write")->required();
    command->add_option("--set", options->overrides, "Override one key; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    command->add_flag("--force", options->force, "Overwrite an existing file");
    command->add_flag("--quiet,-q", options->quiet, "No progress bar, no summary");
    command->add_flag("--json", options->json, "Print the summary as JSON; an error too");
    command->footer(
        "The whole range of the feeds is written, whatever run.from and run.to say: a replay of "
        "the\n"
        "tape with the same configuration gives the same orders, fills and journal.\n"
        "Example:\n"
        "  fermata data pack config/demo.yaml --out demo.tape\n"
        "  fermata replay config/demo.yaml --set 'feeds=[{type: tape, path: demo.tape}]'");
    command->callback([options] { pack(*options); });
}

// generate ----------------------------------------------------------------------------------------

/// An option of the feed: stored under the key's name when it is given.
void add_key(CLI::App& command, const std::shared_ptr<GenerateOptions>& options,
             const std::string& key, const std::string& doc, const std::string& type) {
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', '-');
    command
        .add_option_function<std::string>(
            "--" + name, [options, key](const std::string& text) { options->feed[key] = text; },
            doc)
        ->type_name(type);
}

std::string number_text(double value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

void add_model(CLI::App& command, const std::shared_ptr<GenerateOptions>& options) {
    const generator::GeneratorConfig defaults;
    for (const generator::GeneratorNumber& n : generator::generator_numbers()) {
        const std::string doc = std::string(n.doc) + " [" + number_text(defaults.*n.member) + "]";
        add_key(command, options, n.name, doc, "NUMBER");
    }
    add_key(command, options, "days_a_year", "Sessions a year [252, or 365 without a calendar]",
            "NUMBER");
    command.add_option("--jump-intensity", options->jump_intensity,
                       "Expected number of jumps a year and symbol [0]");
    command.add_option("--jump-mean", options->jump_mean, "Mean of the logarithm of a jump [0]");
    command.add_option("--jump-deviation", options->jump_deviation,
                       "Deviation of the logarithm of a jump [0.05]");
    command
        .add_option("--regime", options->regimes,
                    "A state of the market: multiplier of the volatility and the probability of "
                    "each state at the next step; once a state, the first is that at the beginning")
        ->type_name("MULTIPLIER:P1,P2,...")
        ->allow_extra_args(false);
    add_key(command, options, "regime_interval", "Time from one step of the chain to the next [1d]",
            "DURATION");
    add_key(command, options, "steps",
            "Bars: steps of the price within a bar [" + std::to_string(defaults.steps) + "]",
            "INT");
    add_key(command, options, "levels",
            "Depth: levels on each side [" + std::to_string(defaults.levels) + "]", "INT");
}

void add_generate(CLI::App& data) {
    const auto options = std::make_shared<GenerateOptions>();
    const auto quiet = std::make_shared<bool>(false);
    const auto json = std::make_shared<bool>(false);
    CLI::App* command = data.add_subcommand(
        "generate", "Write synthetic market data from a seed: the same options, the same bytes");
    command->add_option("--out", options->out, "The .tape or .csv file to write")->required();
    command->add_option("--symbols", options->symbols, "How many symbols, or their names: AAA,BBB")
        ->required();
    add_key(*command, options, "kind", "bars, quotes, trades or depth [bars]", "KIND");
    add_key(*command, options, "from", "Beginning: a date or a time", "TIME");
    add_key(*command, options, "to", "Last date, included, or the time of the end", "TIME");
    add_key(*command, options, "seed", "Seed of the random numbers [1]", "INT");
    add_key(*command, options, "interval", "Bars: length of a bar [1d]", "DURATION");
    command->add_option("--calendar", options->calendar,
                        "Calendar of the sessions: us_equity, us_futures, fx, 24x7 [none: always "
                        "open]");
    command->add_option("--asset-class", options->asset_class, "Asset class of the instruments")
        ->capture_default_str();
    command->add_option("--tick", options->tick, "Tick of the prices")->capture_default_str();
    command->add_option("--lot", options->lot, "Lot of the quantities")->capture_default_str();
    add_model(*command, options);
    command->add_flag("--force", options->force, "Overwrite an existing file");
    command->add_flag("--quiet,-q", *quiet, "No progress bar, no summary");
    command->add_flag("--json", *json, "Print the summary as JSON; an error too");
    command->footer(
        "docs/data.md has the formulas of the model.\n"
        "Examples:\n"
        "  fermata data generate --out universe.tape --symbols 500 --calendar us_equity \\\n"
        "      --from 2010-01-01 --to 2019-12-31 --volatility 0.25 --correlation 0.4\n"
        "  fermata data generate --out quotes.tape --symbols AAA,BBB --kind quotes --rate 100 \\\n"
        "      --from 2024-01-02T14:30:00Z --to 2024-01-02T21:00:00Z --seed 7\n"
        "  fermata data generate --out calm_and_wild.csv --symbols 10 --from 2020-01-01 \\\n"
        "      --to 2020-12-31 --regime 1:0.98,0.02 --regime 3:0.1,0.9 --jump-intensity 4");
    command->callback([options, quiet, json] {
        Report report;
        {
            Progress progress(*quiet);
            report = generate_data(*options, progress.callback());
        }
        if (!*quiet) print(report, *json);
    });
}

}  // namespace

void register_data_commands(CLI::App& app) {
    CLI::App* data = app.add_subcommand("data", "Describe, pack and generate market data");
    data->require_subcommand(1);
    add_info(*data);
    add_pack(*data);
    add_generate(*data);
}

}  // namespace fermata
