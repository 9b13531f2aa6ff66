#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

using portfolio::CovarianceMethod;
using portfolio::StressSettings;

void check_window(Reader& reader, const Node& node, StressWindowConfig& window) {
    if (window.to < window.from) reader.problem(node.place, "'to' lies before 'from'");
}

Section<StressWindowConfig> window_section() {
    Section<StressWindowConfig> s("windows", "Parts of history that happen again.");
    s.key("name", &StressWindowConfig::name, "Name of the scenario.", {.required = true});
    s.key("from", &StressWindowConfig::from,
          "First date: the scenario begins at the close before it.", {.required = true});
    s.key("to", &StressWindowConfig::to, "Last date, included.", {.required = true});
    s.check(check_window);
    return s;
}

Section<StressSettings> scenario_section() {
    Section<StressSettings> s("stress", "");
    const Options<double> share{.minimum = 0.0, .maximum = 1.0};
    s.key("index_shock", &StressSettings::index_shock, "Move of the benchmark, through beta.",
          {.minimum = -1.0, .maximum = 1.0});
    s.key("sector_shock", &StressSettings::sector_shock, "Move of one sector at a time.",
          {.minimum = -1.0, .maximum = 1.0});
    s.key("volatility_multiple", &StressSettings::volatility_multiple,
          "What all deviations are multiplied with.", {.maximum = 100.0, .above = 0.0});
    s.key("flash_fall", &StressSettings::flash_fall,
          "Fall of every price in the flash crash; shorts gain nothing.", share);
    s.key("half_spread", &StressSettings::half_spread, "Half the spread in ordinary times.", share);
    s.key("spread_multiple", &StressSettings::spread_multiple,
          "How much wider the spread is once liquidity is gone.",
          {.minimum = 1.0, .maximum = 10'000.0});
    s.key("impact_coefficient", &StressSettings::impact_coefficient,
          "Y of the impact Y sigma sqrt(value / daily value).",
          {.minimum = 0.0, .maximum = 1'000.0});
    s.key("volume_left", &StressSettings::volume_left,
          "Share of the volume that trades once liquidity is gone.",
          {.maximum = 1.0, .above = 0.0});
    return s;
}

Section<PortfolioStressConfig> stress_section() {
    Section<PortfolioStressConfig> s("stress", "What the stress scenarios assume.");
    s.include(scenario_section(), &PortfolioStressConfig::settings);
    s.list("windows", &PortfolioStressConfig::windows, window_section());
    return s;
}

void check_days(Reader& reader, const Node& node, PortfolioRiskConfig& risk) {
    if (risk.days_min > risk.window) reader.problem(node.place, "days_min is more than window");
    constexpr std::int64_t kDay = 86'400'000'000'000;
    if (kDay % risk.every.ns != 0 && risk.every.ns % kDay != 0) {
        reader.problem(node.place,
                       "'every' is neither a whole part of a day (12h, 30m) nor whole days (24h, "
                       "168h)");
    }
}

}  // namespace

Section<PortfolioRiskConfig> portfolio_risk_section() {
    using P = PortfolioRiskConfig;
    Section<P> s("portfolio_risk",
                 "How the risk of positions is measured: by fermata risk report, whose options "
                 "override these keys, and in the snapshots that the gate's VAR_PARAMETRIC, "
                 "VAR_HISTORICAL, STRESS and CORRELATED read.");
    constexpr std::size_t kDaysMax = 16'384;
    // What the gate's snapshots are made of decides about orders; the rest is for reports.
    constexpr Part kRules = Part::kRules;
    Options<std::size_t> days{.minimum = 2, .maximum = kDaysMax, .unit = "trading days"};
    const Options<std::size_t> report_days = days;
    days.part = kRules;
    s.key("window", &P::window,
          "Days that everything is estimated from; the gate looks at the newest 2048 of them.",
          days);
    s.key("days_min", &P::days_min,
          "Days on which everything has a return, below which nothing is estimated.", days);
    s.key("every", &P::every,
          "Time between two snapshots for the gate: a whole part of a UTC day or whole days. They "
          "are due at multiples of it since 1970.",
          {.minimum = Duration::seconds(60), .part = kRules});
    s.key("correlation_threshold", &P::correlation_threshold,
          "Instruments whose correlation is above it count as correlated in CORRELATED.",
          {.minimum = -1.0, .maximum = 1.0, .part = kRules});
    s.key("benchmark", &P::benchmark,
          "Instrument of the betas, and so of the index scenario. Without one, reports take "
          "run.benchmark, and STRESS has no index scenario.",
          {.default_note = "none", .refers_to = kSymbolName, .part = kRules});
    s.key("confidence", &P::confidence,
          "Of value at risk in reports (the gate's is 99%), and of the scenarios of volatility and "
          "correlation.",
          {.minimum = 0.5, .maximum = 0.9999, .part = kRules});
    s.choice("covariance", &P::covariance, "How it is estimated.",
             {{"sample", CovarianceMethod::kSample, "Every day counts the same."},
              {"ewma", CovarianceMethod::kEwma, "Weights that decay by lambda a day."},
              {"shrunk", CovarianceMethod::kShrunk,
               "The sample drawn towards constant correlation (Ledoit and Wolf 2004)."}},
             {.part = kRules});
    s.key("lambda", &P::lambda, "Decay of exponential weights.",
          {.minimum = 0.5, .maximum = 0.9999, .part = kRules});
    s.key("seed", &P::seed, "Of the simulations; the report repeats it.");
    s.key("paths", &P::paths, "Of each simulation.", {.minimum = 100, .maximum = 10'000'000});
    s.key("fat_tails", &P::fat_tails, "Degrees of freedom of Student's t in the second simulation.",
          {.minimum = 3, .maximum = 100});
    s.key("participation", &P::participation,
          "Share of the average daily volume at which positions are left.",
          {.maximum = 1.0, .above = 0.0});
    s.key("backtest_window", &P::backtest_window,
          "Days that each forecast of the backtest is made from.", report_days);
    s.values("factors", &P::factors, "Instruments whose returns are factors.",
             {.refers_to = kSymbolName});
    s.section("stress", &P::stress, stress_section(), kRules);
    s.check(check_days);
    return s;
}

}  // namespace fermata::config
