#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

using generator::GeneratorConfig;
using generator::GeneratorJumps;
using generator::GeneratorKind;
using generator::GeneratorRegime;

// Bounds that depend on other keys are checked by the generator's own problem_of.

Section<GeneratorJumps> jumps_section() {
    using J = GeneratorJumps;
    Section<J> s("jumps",
                 "Jumps of each price: it is multiplied by exp(J), J normal (Merton 1976).");
    s.key("intensity", &J::intensity, "Expected number of jumps a year; 0 is none.",
          {.minimum = 0.0});
    s.key("mean", &J::mean, "Mean of J.");
    s.key("deviation", &J::deviation, "Standard deviation of J.", {.minimum = 0.0});
    return s;
}

Section<GeneratorRegime> regime_section() {
    using R = GeneratorRegime;
    Section<R> s("regimes", "States of the market, between which a Markov chain moves.");
    s.key("multiplier", &R::multiplier, "Of every volatility while the market is in this state.",
          {.minimum = 0.0});
    s.values("to", &R::to, "Probability of each state at the next step; they sum to 1.",
             {.required = true,
              .minimum = 0.0,
              .maximum = 1.0,
              .may_be_empty = false,
              .may_repeat = true});
    return s;
}

Section<GeneratorConfig> price_keys() {
    using G = GeneratorConfig;
    Section<G> s("", "");
    s.choice(
        "kind", &G::kind, "What is made of the prices.",
        {{"bars", GeneratorKind::kBars, "Bars."},
         {"quotes", GeneratorKind::kQuotes, "Best bid and offer at Poisson times."},
         {"trades", GeneratorKind::kTrades, "Trades at the bid or the offer at Poisson times."},
         {"depth", GeneratorKind::kDepth, "A book of several levels, changed at Poisson times."}});
    s.values("symbols", &G::symbols, "The instruments; they share one calendar, or have none.",
             {.required = true, .refers_to = kSymbolName, .may_be_empty = false});
    s.key("price", &G::price, "Price at the beginning.", {.above = 0.0});
    s.key("price_dispersion", &G::price_dispersion,
          "Standard deviation of the logarithm of the first prices.", {.minimum = 0.0});
    s.key("drift", &G::drift, "Growth of the expected price a year.");
    s.key("volatility", &G::volatility, "Standard deviation of the log return a year.",
          {.minimum = 0.0});
    s.key("correlation", &G::correlation, "Correlation of the log returns of any two symbols.",
          {.minimum = 0.0, .maximum = 1.0});
    s.key("overnight_share", &G::overnight_share,
          "Share of a day's variance that lies between two sessions.",
          {.minimum = 0.0, .maximum = 1.0});
    s.key("days_a_year", &G::days_a_year, "Sessions a year.",
          {.above = 0.0,
           .default_note = "252, or 365 without a calendar or where Saturdays have sessions"});
    s.section("jumps", &G::jumps, jumps_section());
    s.list("regimes", &G::regimes, regime_section());
    s.key("regime_interval", &G::regime_interval, "One step of the chain.", {.above = Duration{}});
    s.key("interval", &G::interval, "Bars: length of a bar.",
          {.maximum = Duration::days(1), .above = Duration{}});
    s.key("steps", &G::steps, "Bars: steps of the price within a bar.", {.minimum = 1});
    s.key("volume", &G::volume, "Bars: mean volume of a day.", {.above = 0.0});
    s.key("volume_deviation", &G::volume_deviation,
          "Bars: standard deviation of the logarithm of the volume.", {.minimum = 0.0});
    s.key("rate", &G::rate, "Quotes, trades, depth: mean number a second and symbol.",
          {.above = 0.0});
    s.key("spread", &G::spread, "Quotes, trades, depth: mean distance of bid and offer in ticks.",
          {.minimum = 1.0});
    s.key("size", &G::size, "Quotes, trades, depth: mean size in lots.", {.minimum = 1.0});
    s.key("levels", &G::levels, "Depth: levels on each side.", {.minimum = 1});
    return s;
}

}  // namespace

Section<GeneratorFeedSettings> generator_feed_section() {
    using F = GeneratorFeedSettings;
    Section<F> s("generator", "Seeded synthetic market data.");
    s.key("from", &F::from, "Beginning, in the zone of the symbols' calendar, else UTC.",
          {.required = true});
    s.key("to", &F::to, "The last date, included; or the first time that is not generated.",
          {.required = true});
    s.key("seed", &F::seed, "Seed of its random numbers.", {.default_note = "run.seed"});
    s.include(price_keys(), &F::generator);
    return s;
}

}  // namespace fermata::config
