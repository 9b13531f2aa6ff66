#include <stdexcept>

#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

// Fill, slippage and fees ------------------------------------------------------------------------

Section<FillConfig> fill_section() {
    using F = FillConfig;
    Section<F> s("fill", "How the simulated exchange fills orders.");
    s.choice("market", &F::market, "Where a market order is filled on bars.",
             {{"next_open", MarketFill::kNextOpen, "At the open of the next bar."},
              {"next_price", MarketFill::kNextPrice,
               "At the next known price: the next bar's open or, inside a bar, its close."}});
    s.choice("limit", &F::limit, "What a resting limit order needs to be filled at its price.",
             {{"touch", LimitFill::kTouch, "The market reaches the price."},
              {"through", LimitFill::kThrough, "The market goes beyond it."}});
    s.choice("path", &F::path, "The way that the price took inside a bar.",
             {{"adverse", BarPath::kAdverse,
               "Where the order of events is open, stops come before limits."},
              {"optimistic", BarPath::kOptimistic,
               "Where the order of events is open, limits come before stops."},
              {"open_high_low_close", BarPath::kOpenHighLowClose, "Open, high, low, close."},
              {"open_low_high_close", BarPath::kOpenLowHighClose, "Open, low, high, close."}});
    s.choice("source", &F::source, "Which data orders meet, where there are several kinds.",
             {{"auto", MatchSource::kAuto, "The finest that the instrument has shown."},
              {"bars", MatchSource::kBars, "The shortest bars only."},
              {"ticks", MatchSource::kTicks, "Quotes and trades only."}});
    s.key(
        "participation", &F::participation,
        "Largest share of a bar's volume, or of a displayed or traded size, that the run's orders "
        "may take together; 0 is no cap on bars.",
        {.minimum = Ratio::zero(), .maximum = Ratio::from_units(1)});
    s.key("outside_session", &F::outside_session,
          "Match on data outside the sessions of the instrument's calendar too.");
    return s;
}

const Options<Ratio> kFraction{
    .required = true, .minimum = Ratio::zero(), .maximum = Ratio::from_units(1)};
const Options<Ratio> kRebateOrFee{
    .required = true, .minimum = -Ratio::from_units(1), .maximum = Ratio::from_units(1)};
const Options<Price> kPositivePrice{.required = true, .minimum = Price::zero()};

template <class T>
T& same(T& value) {
    return value;
}

Section<SlippageConfig> slippage_section() {
    using S = SlippageConfig;
    using M = SlippageModel;
    Section<S> none("none", "Fills at the price that the fill model says.");
    Section<S> fixed("fixed", "A fixed amount of price.");
    fixed.key("amount", &S::amount, "How much worse the price is.", kPositivePrice);
    Section<S> rate("rate", "A share of the price.");
    rate.key("rate", &S::rate, "Share of the price; 0.0001 is one basis point.", kFraction);
    Section<S> spread("spread", "A share of the spread.");
    spread.key("rate", &S::rate, "Share of ask - bid.", kFraction);
    spread.key("amount", &S::amount, "The spread where there is no quote.",
               {.minimum = Price::zero()});
    Section<S> share("volume_share", "Grows with the order's share of the volume.");
    share.key("rate", &S::rate, "Share of the price at a volume share of 1.", kFraction);
    share.choice("impact", &S::impact, "How it grows with the volume share s.",
                 {{"square", ImpactShape::kSquare, "s^2"},
                  {"square_root", ImpactShape::kSquareRoot, "sqrt(s)"}});

    Section<S> s("slippage", "What makes the price of fills worse that take liquidity.");
    s.variants("type", "The slippage model.", "none");
    const auto add = [&s]<M model>(const char* name, const Section<S>& inner,
                                   std::integral_constant<M, model>) {
        s.variant<S>(
            name, inner, same<S>, [](const S& c) { return c.model == model; },
            [](S& c) { c.model = model; });
    };
    add("none", none, std::integral_constant<M, M::kNone>{});
    add("fixed", fixed, std::integral_constant<M, M::kFixed>{});
    add("rate", rate, std::integral_constant<M, M::kRate>{});
    add("spread", spread, std::integral_constant<M, M::kSpread>{});
    add("volume_share", share, std::integral_constant<M, M::kVolumeShare>{});
    return s;
}

Section<FeeConfig> fees_section() {
    using F = FeeConfig;
    using M = FeeModel;
    Section<F> none("none", "No fees.");
    Section<F> per_share("per_share", "An amount a unit, with a minimum and maximum an order.");
    per_share.key("per_share", &F::per_share, "Fee of one unit.", kPositivePrice);
    per_share.key("minimum", &F::minimum, "Least fee of one order.", {.minimum = Money::zero()});
    per_share.key("maximum", &F::maximum,
                  "Largest fee of one order as a share of its value; 0 is no maximum.",
                  {.minimum = Ratio::zero(), .maximum = Ratio::from_units(1)});
    Section<F> proportional("proportional", "A share of the value of each fill.");
    proportional.key("rate", &F::rate, "Share of the value; 0.001 is a tenth of a percent.",
                     kFraction);
    Section<F> maker_taker("maker_taker", "A share of the value, by who took liquidity.");
    maker_taker.key("maker", &F::maker,
                    "Share of the value of a resting order's fill; negative "
                    "is a rebate.",
                    kRebateOrFee);
    maker_taker.key("taker", &F::taker, "Share of the value of a fill that took liquidity.",
                    kRebateOrFee);
    Section<F> maker_taker_share("maker_taker_per_share",
                                 "An amount a unit, by who took liquidity.");
    maker_taker_share.key("maker", &F::maker_per_share,
                          "Fee of one unit of a resting order; negative is a rebate.",
                          {.required = true});
    maker_taker_share.key("taker", &F::taker_per_share,
                          "Fee of one unit of a fill that took liquidity.", {.required = true});

    Section<F> s("fees", "What the exchange and broker charge.");
    s.variants("type", "The fee model.", "none");
    const auto add = [&s]<M model>(const char* name, const Section<F>& inner,
                                   std::integral_constant<M, model>) {
        s.variant<F>(
            name, inner, same<F>, [](const F& c) { return c.model == model; },
            [](F& c) { c.model = model; });
    };
    add("none", none, std::integral_constant<M, M::kNone>{});
    add("per_share", per_share, std::integral_constant<M, M::kPerShare>{});
    add("proportional", proportional, std::integral_constant<M, M::kProportional>{});
    add("maker_taker", maker_taker, std::integral_constant<M, M::kMakerTaker>{});
    add("maker_taker_per_share", maker_taker_share,
        std::integral_constant<M, M::kMakerTakerPerShare>{});
    return s;
}

Section<LatencySettings> latency_section() {
    Section<LatencySettings> s("latency", "Time between the run and the exchange.");
    s.key("in", &LatencySettings::in, "From the sending of a request to its arrival.",
          {.minimum = Duration{}});
    s.key("out", &LatencySettings::out,
          "From an event at the exchange to the arrival of its report.", {.minimum = Duration{}});
    return s;
}

Section<VenueSettings> simulated_section() {
    Section<SimConfig> sim("", "");
    sim.section("fill", &SimConfig::fill, fill_section());
    sim.section("slippage", &SimConfig::slippage, slippage_section());
    sim.section("fees", &SimConfig::fees, fees_section());
    Section<VenueSettings> s("simulated", "The simulated exchange.");
    s.include(sim, &VenueSettings::sim);
    s.section("latency", &VenueSettings::latency, latency_section());
    s.section("supports", &VenueSettings::supports, supports_section());
    s.check([](Reader& reader, const Node& node, VenueSettings& venue) {
        venue.sim.name = venue.name;
        venue.sim.supports = support_of(venue.supports);
        venue.sim.latency_in = venue.latency.in;
        venue.sim.latency_out = venue.latency.out;
        const std::string why = check(venue.sim);
        if (!why.empty()) reader.problem(node.place, why);
    });
    return s;
}

// Strategies --------------------------------------------------------------------------------------

using ParamMap = std::map<std::string, std::string>;

std::string param_label(const ParamSpec& spec) {
    switch (spec.kind) {
        case ParamSpec::Kind::kInteger:
            return "integer";
        case ParamSpec::Kind::kReal:
            return "number";
        case ParamSpec::Kind::kBoolean:
            return "boolean";
        case ParamSpec::Kind::kText:
            return spec.choices.empty() ? "text" : "choice";
    }
    return "text";
}

/// One parameter of a strategy type as a key; its text is kept as it was written.
KeySpec param_key(const ParamSpec& spec) {
    KeySpec key;
    key.name = spec.name;
    key.doc = spec.doc;
    key.type = param_label(spec);
    key.json_type = key.type == "text" || key.type == "choice" ? "string" : key.type;
    key.default_text = spec.default_value;
    for (const std::string& choice : spec.choices) key.choices.push_back({choice, "", true});
    if (spec.kind == ParamSpec::Kind::kInteger || spec.kind == ParamSpec::Kind::kReal) {
        const bool whole = spec.kind == ParamSpec::Kind::kInteger;
        const auto text = [whole](double bound) {
            return whole ? std::to_string(static_cast<std::int64_t>(bound)) : format_real(bound);
        };
        key.minimum = text(spec.minimum);
        key.maximum = text(spec.maximum);
    }
    key.read = [spec](Reader& reader, const Node& node, void* target) {
        const auto expected =
            node.is(Node::Kind::kScalar) ? param_error(spec, node.text) : param_error(spec, "");
        if (node.is(Node::Kind::kScalar) && !expected) {
            detail::of<ParamMap>(target)[spec.name] = node.text;
        } else {
            reader.unexpected(node, expected.value_or("text"));
        }
    };
    key.dump = [name = spec.name](const void* target, const std::vector<Part>&, Part) {
        const auto& values = detail::of<ParamMap>(target);
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(Node::scalar(found->second));
    };
    return key;
}

/// Fills in the defaults and lets the strategy judge what its parameters mean together.
void check_params(Reader& reader, const Node& node, const StrategyType& type,
                  StrategySettings& strategy) {
    const Entry* params = node.find_entry("params");
    const Reader::Step step(reader, "params");
    const Place place = params == nullptr ? node.place : params->place;
    try {
        const ParamValues values = complete_params(type, strategy.params);
        strategy.params = values.all();
        static_cast<void>(type.make(values));
    } catch (const std::exception& e) {
        reader.problem(place, e.what());
    }
}

VariantSpec strategy_variant(const StrategyType& type) {
    Section<ParamMap> params("params", "Parameters of the strategy.");
    for (const ParamSpec& spec : type.params) params.add(param_key(spec));
    VariantSpec variant;
    variant.name = type.name;
    variant.doc = type.doc;
    variant.keys = {
        Section<StrategySettings>::section_key("params", &StrategySettings::params, params)};
    variant.select = [name = type.name](void* target) {
        detail::of<StrategySettings>(target).type = name;
    };
    variant.selected = [name = type.name](const void* target) {
        return detail::of<StrategySettings>(target).type == name;
    };
    variant.checks = {[&type](Reader& reader, const Node& node, void* target) {
        check_params(reader, node, type, detail::of<StrategySettings>(target));
    }};
    return variant;
}

}  // namespace

Section<VenueSettings> venue_section() {
    Section<VenueSettings> s("venues", "Where orders go.");
    s.key("name", &VenueSettings::name, "Name of the venue.",
          {.required = true, .valid = is_name, .expected = kNamePhrase, .defines = kVenueName});
    s.variants("type", "What kind of venue it is.", "simulated");
    s.variant<VenueSettings>("simulated", simulated_section(), same<VenueSettings>,
                             [](const VenueSettings&) { return true; });
    s.variant_not_built("fix", "A broker or exchange by FIX.");
    return s;
}

Section<StrategySettings> strategy_section(const StrategyRegistry& registry) {
    using S = StrategySettings;
    Section<S> s("strategies", "The strategies of the run, side by side.");
    s.key("name", &S::name, "Name of the strategy.",
          {.required = true, .valid = is_name, .expected = kNamePhrase, .defines = kStrategyName});
    s.values("symbols", &S::symbols, "The instruments that it sees and trades, in its own order.",
             {.required = true, .refers_to = kSymbolName, .may_be_empty = false});
    s.key("account", &S::account, "The account that it trades in.",
          {.default_note = "the only account", .refers_to = kAccountName});
    s.key("venue", &S::venue, "The venue that its orders go to.",
          {.default_note = "the first venue", .refers_to = kVenueName});
    s.section("sizing", &S::sizing, sizing_section());
    s.section("exits", &S::exits, exits_section());
    s.variants("type", "The kind of strategy.");
    for (const auto& [name, type] : registry.all()) s.add_variant(strategy_variant(type));
    return s;
}

}  // namespace fermata::config
