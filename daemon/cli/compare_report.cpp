#include "daemon/cli/compare_report.hpp"

#include <cstdio>
#include <string_view>
#include <utility>

#include "core/types/decimal.hpp"

namespace fermata {
namespace {

using compare::DifferenceKind;
using compare::FactPlace;
using compare::FillStory;
using compare::LatencySummary;
using compare::MarketFact;
using compare::OrderDifference;
using compare::OrderStory;
using compare::RunComparison;
using compare::RunStory;

constexpr std::pair<std::uint8_t, std::string_view> kKinds[] = {
    {compare::kOnlyFirst, "only_first"},   {compare::kOnlySecond, "only_second"},
    {compare::kOtherTerms, "terms"},       {compare::kOtherDecision, "decision"},
    {compare::kOtherRequests, "requests"}, {compare::kOtherFills, "fills"},
};

Report latency_report(const LatencySummary& l) {
    if (l.count == 0) return nullptr;
    return {{"orders", l.count},
            {"median_ns", l.median.ns},
            {"p99_ns", l.p99.ns},
            {"max_ns", l.max.ns}};
}

/// One event of the market, as its run has it.
Report fact_report(const RunStory& run, FactPlace place) {
    const MarketFact& f = run.fact(place);
    const auto& stream = run.market[place.stream];
    Report report = {{"kind", name(stream.kind)},
                     {"instrument", stream.instrument},
                     {"number", place.index + 1},
                     {"feed_position", f.position},
                     {"ts_ns", f.ts.ns}};
    if (stream.kind == MarketEventType::kQuote) {
        report["bid"] = to_string(f.bid());
        report["ask"] = to_string(f.ask());
        if (!f.size_unknown) {
            report["bid_size"] = to_string(f.bid_size());
            report["ask_size"] = to_string(f.ask_size());
        }
    } else if (stream.kind == MarketEventType::kTrade) {
        report["price"] = to_string(Price::from_raw(f.content[0]));
        report["quantity"] = to_string(Quantity::from_raw(f.content[1]));
    } else {
        report["close"] = to_string(Price::from_raw(f.content[3]));
    }
    return report;
}

Report order_report(const RunStory& run, const OrderStory& o, const std::vector<FactPlace>& met) {
    Report fills = Report::array();
    for (const FillStory& f : o.fills) {
        fills.push_back({{"quantity", to_string(f.quantity)},
                         {"price", to_string(f.price)},
                         {"exec_id", std::to_string(f.exec_id.value)}});
    }
    Report report = {{"order", o.name},
                     {"order_id", std::to_string(o.terms.order_id.value)},
                     {"decided_ns", o.decided.ns},
                     {"side", name(o.terms.side)},
                     {"type", name(o.terms.type)},
                     {"quantity", to_string(o.terms.quantity)},
                     {"price", to_string(o.terms.price)},
                     {"state", name(o.state)},
                     {"reason", name(o.reason)}};
    report["latency_ns"] = o.answered ? Report((*o.answered - o.decided).ns) : Report(nullptr);
    const auto decided = run.decided_on(o);
    report["decided_on"] = decided ? fact_report(run, *decided) : Report(nullptr);
    Report places = Report::array();
    for (const FactPlace place : met) places.push_back(fact_report(run, place));
    report["met"] = std::move(places);
    report["fills"] = std::move(fills);
    return report;
}

std::string kinds_text(std::uint8_t kinds) {
    std::string text;
    for (const auto& [bit, word] : kKinds) {
        if ((kinds & bit) != 0) text.append(text.empty() ? "" : ", ").append(word);
    }
    return text;
}

std::string order_text(const OrderStory* o) {
    if (o == nullptr) return "no such order";
    std::string text = o->name + " " + std::string(name(o->terms.side)) + ' ' +
                       to_string(o->terms.quantity) + ' ' + o->instrument + ' ' +
                       std::string(name(o->terms.type));
    if (has_limit_price(o->terms.type)) text += ' ' + to_string(o->terms.price);
    text += ", " + std::string(name(o->state));
    for (const FillStory& f : o->fills) {
        text += ", " + to_string(f.quantity) + " @ " + to_string(f.price);
    }
    return text;
}

std::string latency_text(const LatencySummary& l) {
    if (l.count == 0) return "no answers";
    char text[128];
    const auto ms = [](Duration d) { return static_cast<double>(d.ns) / 1e6; };
    (void)std::snprintf(text, sizeof text, "median %.3f ms, 99%% %.3f ms, longest %.3f ms",
                        ms(l.median), ms(l.p99), ms(l.max));
    return text;
}

const OrderStory* order_of(const RunStory& run, const std::optional<std::size_t>& index) {
    return index ? &run.orders[*index] : nullptr;
}

}  // namespace

Report compare_report(const RunComparison& result, const RunStory& first, const RunStory& second) {
    Report market = Report::array();
    for (const auto& stream : result.market) {
        market.push_back({{"instrument", stream.instrument},
                          {"kind", name(stream.kind)},
                          {"first", stream.to_second.size()},
                          {"second", stream.to_first.size()},
                          {"both", stream.both}});
    }
    Report causes = Report::object();
    for (const auto& [cause, count] : result.causes) causes[std::string(name(cause))] = count;
    Report differences = Report::array();
    for (const OrderDifference& d : result.differences) {
        Report kinds = Report::array();
        for (const auto& [bit, word] : kKinds) {
            if ((d.kinds & bit) != 0) kinds.push_back(word);
        }
        const OrderStory *a = order_of(first, d.orders.first),
                         *b = order_of(second, d.orders.second);
        const OrderStory& any = a != nullptr ? *a : *b;
        differences.push_back(
            {{"strategy", any.strategy},
             {"instrument", any.instrument},
             {"differs_in", std::move(kinds)},
             {"cause", name(d.cause)},
             {"why", d.why},
             {"first", a == nullptr ? Report(nullptr) : order_report(first, *a, d.met_first)},
             {"second", b == nullptr ? Report(nullptr) : order_report(second, *b, d.met_second)}});
    }
    return {{"equal", result.equal()},
            {"orders",
             {{"first", result.orders_first},
              {"second", result.orders_second},
              {"equal", result.orders_equal}}},
            {"fills", {{"first", result.fills_first}, {"second", result.fills_second}}},
            {"market", std::move(market)},
            {"latency",
             {{"first", latency_report(result.latency_first)},
              {"second", latency_report(result.latency_second)}}},
            {"causes", std::move(causes)},
            {"differences", std::move(differences)}};
}

std::string compare_text(const RunComparison& result, const RunStory& first, const RunStory& second,
                         std::size_t differences_max) {
    std::string text = result.equal() ? "equal: " : "different: ";
    text += std::to_string(result.orders_first) + " orders and " +
            std::to_string(result.fills_first) + " fills in the first run, " +
            std::to_string(result.orders_second) + " and " + std::to_string(result.fills_second) +
            " in the second; " + std::to_string(result.orders_equal) + " orders are equal\n";
    for (const auto& stream : result.market) {
        text += "market: " + stream.instrument + ' ' + std::string(name(stream.kind)) +
                "s: " + std::to_string(stream.to_second.size()) + " and " +
                std::to_string(stream.to_first.size()) + ", " + std::to_string(stream.both) +
                " are the same\n";
    }
    text += "decision to answer, first run:  " + latency_text(result.latency_first) + '\n';
    text += "decision to answer, second run: " + latency_text(result.latency_second) + '\n';
    std::size_t shown = 0;
    for (const OrderDifference& d : result.differences) {
        if (differences_max != 0 && shown == differences_max) {
            text += std::to_string(result.differences.size() - shown) +
                    " more differences: --limit 0 shows all\n";
            break;
        }
        ++shown;
        text += kinds_text(d.kinds) + ": " + std::string(name(d.cause)) +
                "\n  first:  " + order_text(order_of(first, d.orders.first)) +
                "\n  second: " + order_text(order_of(second, d.orders.second)) + "\n  " + d.why +
                '\n';
    }
    for (const auto& [cause, count] : result.causes) {
        text += std::to_string(count) + " x " + std::string(name(cause)) + ": " +
                std::string(meaning(cause)) + '\n';
    }
    return text;
}

}  // namespace fermata
