#include "daemon/cli/risk_command.hpp"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/market/date.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/progress_line.hpp"
#include "daemon/cli/report_output.hpp"
#include "daemon/cli/risk_check_command.hpp"
#include "daemon/cli/risk_format.hpp"
#include "daemon/cli/risk_holdings.hpp"
#include "daemon/cli/risk_prices.hpp"
#include "daemon/cli/risk_report.hpp"
#include "daemon/config/config.hpp"
#include "daemon/config/problem.hpp"
#include "daemon/rerun/recorded_run.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

struct Options {
    std::string subject;
    std::vector<std::string> positions;
    std::string cash;
    std::vector<std::string> overrides;
    std::string benchmark;
    std::vector<std::string> factors;
    std::vector<std::string> windows;
    std::string covariance;
    std::optional<std::size_t> window, days_min, paths, backtest_window;
    std::optional<double> confidence, lambda, participation;
    std::optional<std::uint64_t> seed;
    std::optional<std::uint32_t> fat_tails;
    std::optional<double> index_shock, sector_shock, flash_fall;
    std::string format = "table";
    std::string output;
    bool quiet = false;
};

[[noreturn]] void wrong_usage(const std::string& message) { throw CLI::ValidationError(message); }

/// NAME=FROM..TO
StressWindowConfig parse_window(const std::string& text) {
    const std::size_t equals = text.rfind('=');
    const std::size_t dots = text.rfind("..");
    if (equals != std::string::npos && equals > 0 && dots != std::string::npos && dots > equals) {
        const auto from =
            parse_iso_date(std::string_view(text).substr(equals + 1, dots - equals - 1));
        const auto to = parse_iso_date(std::string_view(text).substr(dots + 2));
        if (from && to && *from <= *to) return {text.substr(0, equals), *from, *to};
    }
    wrong_usage("--stress-window: found " + config::in_quotes(text) +
                ", expected NAME=FROM..TO, such as \"crisis 2008=2008-09-02..2008-11-20\"");
}

template <class T, class V>
void take(const std::optional<V>& option, T& setting) {
    if (option) setting = *option;
}

/// Those of the configuration, with what the command line says instead.
RiskReportSettings settings_of(const Options& options, const Config& config) {
    const PortfolioRiskConfig& configured = config.portfolio_risk;
    RiskReportSettings s;
    s.window = configured.window;
    s.days_min = configured.days_min;
    s.confidence = configured.confidence;
    s.covariance = configured.covariance;
    s.lambda = configured.lambda;
    s.monte_carlo = {configured.seed, configured.paths, 0};
    s.fat_tails = configured.fat_tails;
    s.participation = configured.participation;
    s.backtest_window = configured.backtest_window;
    s.stress = configured.stress.settings;
    take(options.window, s.window);
    take(options.days_min, s.days_min);
    take(options.confidence, s.confidence);
    take(options.lambda, s.lambda);
    take(options.seed, s.monte_carlo.seed);
    take(options.paths, s.monte_carlo.paths);
    take(options.fat_tails, s.fat_tails);
    take(options.participation, s.participation);
    take(options.backtest_window, s.backtest_window);
    take(options.index_shock, s.stress.index_shock);
    take(options.sector_shock, s.stress.sector_shock);
    take(options.flash_fall, s.stress.flash_fall);
    if (options.covariance == "sample") s.covariance = portfolio::CovarianceMethod::kSample;
    if (options.covariance == "ewma") s.covariance = portfolio::CovarianceMethod::kEwma;
    if (options.covariance == "shrunk") s.covariance = portfolio::CovarianceMethod::kShrunk;
    s.periods_per_year = config.run.periods_per_year;
    s.stress.confidence = s.confidence;
    s.benchmark = config.run.benchmark;
    if (configured.benchmark) {
        s.benchmark = instrument_of(*configured.benchmark, config.instruments).id;
    }
    if (!options.benchmark.empty()) {
        s.benchmark = instrument_of(options.benchmark, config.instruments).id;
    }
    for (const std::string& factor :
         options.factors.empty() ? configured.factors : options.factors) {
        s.factors.push_back(instrument_of(factor, config.instruments).id);
    }
    s.windows = configured.stress.windows;
    for (const std::string& window : options.windows) s.windows.push_back(parse_window(window));
    if (s.days_min > s.window) wrong_usage("--days-min is more than --window");
    return s;
}

DailyPrices read_prices(Feed& feed, Assembly& assembly, const Config& config, bool quiet) {
    ProgressLine line(!quiet && ::isatty(STDERR_FILENO) == 1);
    DailyPrices prices = read_daily_prices(
        feed, assembly.streams(), assembly.calendars(), config.run.from, config.run.to,
        [&line](double fraction, Timestamp now, std::uint64_t events) {
            line.show({fraction, now, events});
        });
    line.finish();
    return prices;
}

void warn(const Config& config) {
    for (const ConfigProblem& warning : config.warnings) {
        std::cerr << "warning: " << to_string(warning) << '\n';
    }
}

Report report_of_run(const Options& options) {
    if (!options.positions.empty() || !options.cash.empty() || !options.overrides.empty()) {
        wrong_usage("--position, --cash and --set go with a configuration; " + options.subject +
                    " is the folder of a run, which says itself what it holds");
    }
    const std::filesystem::path run = options.subject;
    if (!std::filesystem::exists(run / "journal")) {
        throw std::runtime_error(options.subject +
                                 ": has no journal/ with the run's configuration; give the "
                                 "configuration with --position and --cash instead");
    }
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    JournalDisk disk;
    RecordedRun recorded(disk.files(), (run / "journal").string(), "", registry);
    const Config& config = recorded.config();
    const RiskReportSettings settings = settings_of(options, config);
    const Holdings holdings = read_holdings(run, config.instruments);
    const DailyPrices prices =
        read_prices(recorded.feed(), recorded.assembly(), config, options.quiet);
    Report report;
    report["run"] = options.subject;
    report["configuration_hash"] = config.hash;
    report.update(make_risk_report(config.instruments, prices, holdings, settings));
    return report;
}

Report report_of_configuration(const Options& options) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const Config config =
        load_config(options.subject, options.overrides, registry, sha256_hasher());
    warn(config);
    const RiskReportSettings settings = settings_of(options, config);
    if (options.positions.empty()) {
        wrong_usage(
            "nothing to measure: name what is held with --position SYMBOL=QUANTITY, or "
            "give the folder of a finished run");
    }
    const Holdings holdings = parse_holdings(options.positions, options.cash, config.instruments);
    Assembly assembly(config, registry);
    const std::unique_ptr<Feed> feed = assembly.make_market_feed();
    const DailyPrices prices = read_prices(*feed, assembly, config, options.quiet);
    Report report;
    report["configuration"] = options.subject;
    report["configuration_hash"] = config.hash;
    report.update(make_risk_report(config.instruments, prices, holdings, settings));
    return report;
}

void report(const Options& options) {
    Report made;
    try {
        made = std::filesystem::is_directory(options.subject) ? report_of_run(options)
                                                              : report_of_configuration(options);
    } catch (const std::invalid_argument& e) {  // what the user named does not exist
        wrong_usage(e.what());
    }
    const RiskFormat format = options.format == "csv"    ? RiskFormat::kCsv
                              : options.format == "json" ? RiskFormat::kJson
                                                         : RiskFormat::kTable;
    write_report(risk_report_text(made, format), options.output);
}

void add_holdings(CLI::App& command, Options& options) {
    command
        .add_option("SUBJECT", options.subject,
                    "Folder of a finished run, or a configuration (YAML)")
        ->required()
        ->check(CLI::ExistingPath)
        ->type_name("CONFIG|RUN");
    command
        .add_option("--position", options.positions,
                    "Configuration: what is held, negative for a short position; repeatable")
        ->type_name("SYMBOL=QUANTITY")
        ->allow_extra_args(false);
    command.add_option("--cash", options.cash, "Configuration: cash beside the positions");
    command.add_option("--set", options.overrides, "Configuration: override one key; repeatable")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
}

void add_estimates(CLI::App& command, Options& options) {
    // Without an option the configuration's section `portfolio_risk` holds.
    Options& s = options;
    command.add_option("--window", s.window, "Trading days that everything is estimated from")
        ->check(CLI::Range(2, 16'384));
    command.add_option("--days-min", s.days_min, "Complete days below which nothing is estimated")
        ->check(CLI::Range(2, 16'384));
    command.add_option("--confidence", s.confidence, "Of VaR and CVaR of one day")
        ->check(CLI::Range(0.5, 0.9999));
    command.add_option("--covariance", options.covariance, "sample, ewma or shrunk")
        ->check(CLI::IsMember({"sample", "ewma", "shrunk"}));
    command.add_option("--lambda", s.lambda, "Decay of the exponentially weighted covariance")
        ->check(CLI::Range(0.5, 0.9999));
    command.add_option("--seed", s.seed, "Of the simulations; stands in the report");
    command.add_option("--paths", s.paths, "Of each simulation")
        ->check(CLI::Range(100, 10'000'000));
    command
        .add_option("--fat-tails", s.fat_tails,
                    "Degrees of freedom of Student's t in the second simulation")
        ->check(CLI::Range(3, 100));
    command.add_option("--benchmark", options.benchmark,
                       "Instrument for beta and the index scenario (default: "
                       "portfolio_risk.benchmark, else run.benchmark)");
    command
        .add_option("--factor", options.factors,
                    "Instrument whose returns are a factor; repeatable")
        ->allow_extra_args(false);
    command
        .add_option("--participation", s.participation,
                    "Share of the average daily volume at which positions are left")
        ->check(CLI::Range(0.0001, 1.0));
    command
        .add_option("--backtest-window", s.backtest_window,
                    "Days that each forecast of the backtest is made from")
        ->check(CLI::Range(2, 16'384));
}

void add_scenarios(CLI::App& command, Options& options) {
    Options& s = options;
    command
        .add_option("--stress-window", options.windows,
                    "A part of history that happens again; repeatable")
        ->type_name("NAME=FROM..TO")
        ->allow_extra_args(false);
    command.add_option("--index-shock", s.index_shock, "Move of the benchmark")
        ->check(CLI::Range(-1.0, 1.0));
    command.add_option("--sector-shock", s.sector_shock, "Move of one sector at a time")
        ->check(CLI::Range(-1.0, 1.0));
    command.add_option("--flash-fall", s.flash_fall, "Fall of every price in the flash crash")
        ->check(CLI::Range(0.0, 1.0));
}

}  // namespace

void register_risk_commands(CLI::App& app) {
    CLI::App* risk =
        app.add_subcommand("risk", "Measure the risk of positions; ask the gate about orders");
    risk->require_subcommand(1);
    add_risk_check(*risk);
    const auto options = std::make_shared<Options>();
    CLI::App* command = risk->add_subcommand(
        "report",
        "VaR and CVaR, covariance, exposures, stress scenarios, liquidity, drawdown and the "
        "backtest of VaR");
    add_holdings(*command, *options);
    add_estimates(*command, *options);
    add_scenarios(*command, *options);
    command->add_option("--format", options->format, "table, csv or json")
        ->check(CLI::IsMember({"table", "csv", "json"}))
        ->capture_default_str();
    command->add_option("--output,-o", options->output, "Write to this file");
    command->add_flag("--quiet,-q", options->quiet, "No progress");
    command->footer(
        "Without an option, section portfolio_risk of the configuration holds.\n"
        "docs/portfolio-risk.md defines every figure.\n"
        "Examples:\n"
        "  fermata risk report runs/demo\n"
        "  fermata risk report config.yaml --position SPY=100 --position AAPL=-50 --cash 20000 \\\n"
        "      --benchmark SPY --stress-window \"crisis 2008=2008-09-02..2008-11-20\" --format "
        "json");
    command->callback([options] { report(*options); });
}

}  // namespace fermata
