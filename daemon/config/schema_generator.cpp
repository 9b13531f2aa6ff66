#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

using generator::GeneratorConfig;
using generator::GeneratorJumps;
using generator::GeneratorKind;
using generator::GeneratorRegime;

Section<GeneratorJumps> jumps_section() {
    Section<GeneratorJumps> s("jumps",
                              "Jumps of each symbol's price at Poisson times (Merton 1976).");
    s.key("intensity", &GeneratorJumps::intensity, "Expected number of jumps a year.",
          {.minimum = 0});
    s.key("mean", &GeneratorJumps::mean, "Mean of the logarithm of a jump.");
    s.key("deviation", &GeneratorJumps::deviation, "Deviation of the logarithm of a jump.",
          {.minimum = 0});
    return s;
}

Section<GeneratorRegime> regime_section() {
    Section<GeneratorRegime> s("regimes",
                               "States of the market, a Markov chain; the first is that at the "
                               "beginning. Without any the volatility is constant.");
    s.key("multiplier", &GeneratorRegime::multiplier, "Of every symbol's volatility.",
          {.minimum = 0});
    s.values(
        "to", &GeneratorRegime::to,
        "Probability of each state at the next step, in the order of the list.",
        {.required = true, .minimum = 0, .maximum = 1, .may_be_empty = false, .may_repeat = true});
    return s;
}

Section<GeneratorConfig> generator_keys() {
    using C = GeneratorConfig;
    Section<C> s("", "");
    s.choice(
        "kind", &C::kind, "What is made of the prices.",
        {{"bars", GeneratorKind::kBars, "Bars."},
         {"quotes", GeneratorKind::kQuotes, "Best bid and offer at Poisson times."},
         {"trades", GeneratorKind::kTrades, "Trades at the bid or the offer at Poisson times."},
         {"depth", GeneratorKind::kDepth, "A book of several levels, changed at Poisson times."}});
    s.values("symbols", &C::symbols, "The instruments; they share one calendar, or have none.",
             {.default_note = "all instruments", .refers_to = kSymbolName});
    for (const generator::GeneratorNumber& n : generator::generator_numbers()) {
        Options<double> o{.maximum = n.high};
        (n.above ? o.above : o.minimum) = n.low;
        s.key(n.name, n.member, n.doc, o);
    }
    s.key("days_a_year", &C::days_a_year, "Sessions a year, by which a year's figures are divided.",
          {.minimum = 1,
           .maximum = 366,
           .default_note = "252; 365 without a calendar or where Saturdays have sessions"});
    s.section("jumps", &C::jumps, jumps_section());
    s.list("regimes", &C::regimes, regime_section());
    s.key("regime_interval", &C::regime_interval,
          "Time from one step of the chain to the next, counted from the open.",
          {.above = Duration{}});
    s.key("interval", &C::interval, "Bars: length of a bar.",
          {.maximum = Duration::days(1), .above = Duration{}});
    s.key("steps", &C::steps, "Bars: steps of the price within a bar.",
          {.minimum = 1, .maximum = generator::kStepsMax});
    s.key("levels", &C::levels, "Depth: levels on each side.",
          {.minimum = 1, .maximum = generator::kLevelsMax});
    return s;
}

}  // namespace

Section<GeneratorFeedSettings> generator_feed_section() {
    using G = GeneratorFeedSettings;
    Section<G> s("generator",
                 "Synthetic market data from a seed: geometric Brownian motion with jumps, regimes "
                 "and correlated symbols. docs/data.md has the formulas.");
    s.key("from", &G::from, "Beginning, in the zone of the symbols' calendar, else UTC.",
          {.required = true});
    s.key("to", &G::to,
          "The last date, included; or the first time that is not generated any more.",
          {.required = true});
    s.key("seed", &G::seed, "Another seed gives other data; the same one gives the same.",
          {.default_note = "run.seed"});
    s.include(generator_keys(), &G::generator);
    return s;
}

}  // namespace fermata::config
