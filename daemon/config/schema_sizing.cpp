#include "core/strategy/exits.hpp"
#include "core/strategy/sizing.hpp"
#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

constexpr double kDistanceMost = 1e9;

template <class T>
T& same(T& value) {
    return value;
}

/// The kinds of distances, as variants of `type`.
void distances(Section<ExitDistance>& s, bool with_risk) {
    using D = ExitDistance;
    using K = D::Kind;
    const auto add = [&s]<K kind>(const char* name, const char* doc, const char* value_doc,
                                  std::integral_constant<K, kind>) {
        Section<D> inner(name, doc);
        if (kind != K::kNone) {
            inner.key("value", &D::value, value_doc,
                      {.required = true, .minimum = -kDistanceMost, .maximum = kDistanceMost});
        }
        s.variant<D>(
            name, inner, same<D>, [](const D& d) { return d.kind == kind; },
            [](D& d) { d.kind = kind; });
    };
    s.variants("type", "What the distance is measured in.", "none");
    add("none", "No such distance.", "", std::integral_constant<K, K::kNone>{});
    add("price", "An amount of price.", "The amount.", std::integral_constant<K, K::kPrice>{});
    add("percent", "A share of the entry price.", "The share; 0.02 is 2%.",
        std::integral_constant<K, K::kPercent>{});
    add("atr", "Average true ranges, as they were at the entry.", "How many.",
        std::integral_constant<K, K::kAtr>{});
    if (!with_risk) return;
    add("risk", "Distances of the stop: the risk:reward ratio.", "How many.",
        std::integral_constant<K, K::kRisk>{});
}

void require_positive(Reader& reader, const Node& node, const ExitDistance& d, const char* what) {
    if (d.kind == ExitDistance::Kind::kNone || d.value > 0) return;
    reader.problem(node.place, std::string("the distance of ") + what + " is " +
                                   std::to_string(d.value) + ", expected a number above 0");
}

/// A level at or below zero for a long position.
void require_below_price(Reader& reader, const Node& node, const ExitDistance& d,
                         const char* what) {
    if (d.kind != ExitDistance::Kind::kPercent || d.value < 1) return;
    reader.problem(node.place, std::string("the distance of ") + what + " is " +
                                   std::to_string(d.value) +
                                   " of the price, expected less than 1 (0.05 is 5%)");
}

}  // namespace

Section<Sizing> sizing_section() {
    using Type = Sizing::Type;
    const Options<Ratio> share{
        .required = true, .maximum = Ratio::from_units(100), .above = Ratio::zero()};
    Section<Sizing> fixed("fixed", "A fixed quantity.");
    fixed.key("value", &Sizing::quantity, "Quantity of an order.", {.above = Quantity::zero()});
    Section<Sizing> value("value", "As many whole lots as an amount of money buys.");
    value.key("value", &Sizing::value, "Amount in the instrument's currency.",
              {.required = true, .above = Money::zero()});
    Section<Sizing> percent("percent",
                            "As many whole lots as a fraction of the account's equity buys.");
    percent.key("value", &Sizing::fraction, "Fraction of equity; 0.95 is 95%.", share);
    Section<Sizing> volatility(
        "volatility",
        "So many whole lots that a move by some average true ranges (ATR) costs a fraction of the "
        "equity. Nothing before the ATR is known.");
    volatility.key("value", &Sizing::fraction, "Fraction of equity at risk; 0.01 is 1%.", share);
    volatility.key("atrs", &Sizing::multiple, "The move, in ATRs.",
                   {.minimum = 0.01, .maximum = 1'000.0});
    volatility.key("period", &Sizing::period, "Bars of the ATR.",
                   {.minimum = 1, .maximum = 100'000});
    Section<Sizing> kelly(
        "kelly",
        "A fraction of equity by the Kelly criterion, p - (1 - p) / b with the share p of winning "
        "trades and the ratio b of average win to average loss, of the strategy's own closed "
        "trades.");
    kelly.key("value", &Sizing::fraction, "Share of what the criterion says; 0.5 is half Kelly.",
              share);
    kelly.key("maximum", &Sizing::maximum, "Never more of the equity than this.",
              {.maximum = Ratio::from_units(100), .above = Ratio::zero()});
    kelly.key("period", &Sizing::period, "Closed trades before the criterion is used.",
              {.minimum = 1, .maximum = 100'000});
    kelly.key("initial", &Sizing::initial, "Fraction of equity until then.",
              {.required = true, .minimum = Ratio::zero(), .maximum = Ratio::from_units(100)});
    Section<Sizing> parity(
        "risk_parity",
        "A fraction of equity over the strategy's instruments, so that each has the same share of "
        "the variance of all. Nothing before every instrument has shown its returns.");
    parity.key("value", &Sizing::fraction, "Fraction of equity; 0.95 is 95%.", share);
    parity.key("period", &Sizing::period, "Returns, from bar to bar, of each instrument.",
               {.minimum = 2, .maximum = 10'000});

    Section<Sizing> s("sizing", "How a signal becomes a quantity.");
    s.variants("type", "What the size is derived from.", "fixed");
    const auto add = [&s]<Type type>(const char* name, const Section<Sizing>& inner,
                                     std::integral_constant<Type, type>) {
        s.variant<Sizing>(
            name, inner, same<Sizing>, [](const Sizing& c) { return c.type == type; },
            [](Sizing& c) { c.type = type; });
    };
    add("fixed", fixed, std::integral_constant<Type, Type::kFixed>{});
    add("value", value, std::integral_constant<Type, Type::kValue>{});
    add("percent", percent, std::integral_constant<Type, Type::kPercent>{});
    add("volatility", volatility, std::integral_constant<Type, Type::kVolatility>{});
    add("kelly", kelly, std::integral_constant<Type, Type::kKelly>{});
    add("risk_parity", parity, std::integral_constant<Type, Type::kRiskParity>{});
    return s;
}

Section<ExitRules> exits_section() {
    using R = ExitRules;
    using T = R::Target;
    Section<ExitDistance> stop("stop", "Stop-loss: how far from the entry.");
    distances(stop, false);
    Section<ExitDistance> distance("distance", "How far from the entry.");
    distances(distance, true);
    Section<ExitDistance> trail("trail_distance",
                                "How far the trailing stop stays from the best price.");
    distances(trail, false);
    Section<ExitDistance> further(
        "add_distance",
        "How far the price must have moved from the last entry; negative: against the position.");
    distances(further, false);
    Section<T> target("targets",
                      "Take-profits, in their order; several scale out of the position.");
    target.section("distance", &T::distance, distance);
    target.key("fraction", &T::fraction, "Share of the position at its largest; 1 is all.",
               {.maximum = 1.0, .above = 0.0});

    Section<R> s("exits",
                 "Orders that close the strategy's positions (and add to them) beside what it does "
                 "itself; docs/exits.md.");
    s.section("stop", &R::stop, stop);
    s.list("targets", &R::targets, target);
    s.choice("trail", &R::trail, "A stop that follows the market.",
             {{"none", R::Trail::kNone, "None."},
              {"order", R::Trail::kOrder, "A trailing stop order, moved by every price."},
              {"chandelier", R::Trail::kChandelier,
               "The highest high since the entry (a short position: the lowest low) less so many "
               "ATRs, at the end of each bar, never back."}});
    s.section("trail_distance", &R::trail_distance, trail);
    s.key("bars", &R::bars, "Out at the end of so many bars; 0 is never.",
          {.minimum = 0, .maximum = 1'000'000'000});
    s.key("after", &R::after, "Out so long after the entry; 0 is never.", {.minimum = Duration{}});
    s.key("atr_period", &R::atr_period, "Bars of the average true range.",
          {.minimum = 1, .maximum = 100'000});
    s.key("adds", &R::adds, "So many times at most the position is added to.",
          {.minimum = 0, .maximum = 1'000});
    s.section("add_distance", &R::add_distance, further);
    s.key("add_fraction", &R::add_fraction, "What is added, as a share of the first entry.",
          {.maximum = 100.0, .above = 0.0});
    s.check([](Reader& reader, const Node& node, R& r) {
        using K = ExitDistance::Kind;
        require_positive(reader, node, r.stop, "the stop");
        require_positive(reader, node, r.trail_distance, "the trailing stop");
        require_below_price(reader, node, r.stop, "the stop");
        require_below_price(reader, node, r.trail_distance, "the trailing stop");
        double sum = 0;
        for (const T& t : r.targets) {
            if (t.distance.kind == K::kNone) {
                reader.problem(node.place, "a target has no distance, expected one");
            }
            if (t.distance.kind == K::kRisk && r.stop.kind == K::kNone) {
                reader.problem(node.place,
                               "a target's distance is a multiple of the stop's, and there is no "
                               "stop; expected one");
            }
            require_positive(reader, node, t.distance, "a target");
            sum += t.fraction;
        }
        if (sum > 1 + 1e-9) {
            reader.problem(node.place, "the targets' fractions come to " + std::to_string(sum) +
                                           ", expected at most 1");
        }
        if (r.trail != R::Trail::kNone && r.trail_distance.kind == K::kNone) {
            reader.problem(node.place, "'trail' needs 'trail_distance'");
        }
        if (r.trail == R::Trail::kChandelier && r.trail_distance.kind != K::kAtr) {
            reader.problem(node.place, "'trail: chandelier' needs 'trail_distance' in atr");
        }
        if (r.adds > 0 && (r.add_distance.kind == K::kNone || r.add_distance.value == 0)) {
            reader.problem(node.place, "'adds' needs 'add_distance', not 0");
        }
    });
    return s;
}

}  // namespace fermata::config
