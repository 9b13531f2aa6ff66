#include "daemon/cli/risk_check_command.hpp"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "core/market/date.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/interrupt.hpp"
#include "daemon/cli/journal_folder.hpp"
#include "daemon/cli/progress_line.hpp"
#include "daemon/cli/report_output.hpp"
#include "daemon/cli/risk_check.hpp"
#include "daemon/cli/time_option.hpp"
#include "daemon/config/problem.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

constexpr int kRefused = 3;

struct Options {
    std::string subject;
    std::vector<std::string> orders;
    std::vector<std::string> overrides;
    std::string at;
    bool without_strategies = false;
    bool basket = false;
    std::string format = "table";
    std::string output;
    bool quiet = false;
};

[[noreturn]] void wrong_usage(const std::string& message) { throw CLI::ValidationError(message); }

bool check(const Options& options) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    ProgressLine line(!options.quiet && ::isatty(STDERR_FILENO) == 1);
    RiskCheckRequest request;
    request.orders = options.orders;
    request.basket = options.basket;
    request.at = time_option("--at", options.at);
    request.strategies = !options.without_strategies;
    request.progress = [&line](const ReplayProgress& progress) { line.show(progress); };
    request.cancelled = interrupted;
    RiskCheck made;
    Config config;
    if (std::filesystem::is_directory(options.subject)) {
        if (request.at || options.without_strategies || !options.overrides.empty()) {
            wrong_usage("--at, --no-strategies and --set go with a configuration; " +
                        options.subject + " is a folder, whose run is asked at its end");
        }
        JournalDisk disk;
        made =
            check_journal(disk.files(), journal_folder(options.subject), registry, request, config);
    } else {
        config = load_config(options.subject, options.overrides, registry, sha256_hasher());
        for (const ConfigProblem& warning : config.warnings) {
            std::cerr << "warning: " << to_string(warning) << '\n';
        }
        made = check_configuration(config, registry, request);
    }
    line.finish();
    const RiskFormat format = options.format == "csv"    ? RiskFormat::kCsv
                              : options.format == "json" ? RiskFormat::kJson
                                                         : RiskFormat::kTable;
    write_report(risk_check_text(made, config, format), options.output);
    return made.approved();
}

}  // namespace

void add_risk_check(CLI::App& risk) {
    CLI::App* command = risk.add_subcommand(
        "check", "The verdict that an order would get, control by control, without sending it");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("SUBJECT", options->subject,
                     "A configuration (YAML), or the folder of a run or of its journal")
        ->required()
        ->check(CLI::ExistingPath)
        ->type_name("CONFIG|RUN");
    command->add_option("--order", options->orders, "\"SIDE QUANTITY SYMBOL ...\"; repeatable")
        ->required()
        ->type_name("TEXT")
        ->allow_extra_args(false);
    command->add_flag("--basket", options->basket,
                      "Judge the orders as one basket; otherwise each as if it were the only one");
    command
        ->add_option("--at", options->at,
                     "Configuration: after everything up to this time (UTC, or ns since 1970); "
                     "default: the end of the data")
        ->type_name("TIME");
    command->add_flag("--no-strategies", options->without_strategies,
                      "Configuration: nothing was traded before");
    command->add_option("--set", options->overrides, "Configuration: override one key; repeatable")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    command->add_option("--format", options->format, "table, csv or json")
        ->check(CLI::IsMember({"table", "csv", "json"}))
        ->capture_default_str();
    command->add_option("--output,-o", options->output, "Write to this file");
    command->add_flag("--quiet,-q", options->quiet, "No progress");
    command->footer(
        "An order: buy|sell QUANTITY SYMBOL, then any of limit PRICE, stop PRICE, type NAME,\n"
        "tif NAME, expires TIME, display QUANTITY, trail PRICE, trail_percent NUMBER,\n"
        "peg_mid|peg_primary|peg_market PRICE, account NAME, strategy NAME, venue NAME,\n"
        "post_only, reduce_only; \"word=value\" does as well. docs/risk.md explains the answer.\n"
        "Exit codes: 0 all approved; 3 one refused; 2 wrong usage, configuration or data.\n"
        "Examples:\n"
        "  fermata risk check config.yaml --order \"buy 100 SPY limit 450 strategy=rsi\"\n"
        "  fermata risk check config.yaml --at 2020-02-26T15:00:00Z --order \"sell 10 AAPL\"\n"
        "  fermata risk check runs/demo --order \"buy 5 SPY\" --order \"buy 5 QQQ\" --basket");
    command->callback([options] {
        bool approved = false;
        try {
            approved = check(*options);
        } catch (const std::invalid_argument& e) {  // what the user named does not exist
            wrong_usage(e.what());
        }
        if (!approved) throw CLI::RuntimeError(kRefused);
    });
}

}  // namespace fermata
