#include "daemon/cli/surveil_report.hpp"

#include <array>
#include <set>

#include "core/market/date.hpp"
#include "core/types/decimal.hpp"
#include "daemon/cli/event_names.hpp"
#include "daemon/cli/report_output.hpp"

namespace fermata {
namespace {

using surveillance::Deed;
using surveillance::Evidence;
using surveillance::Finding;
using surveillance::Measure;
using surveillance::Severity;

Report evidence_row(const Evidence& row, const JournalManifest& manifest) {
    const bool market = row.deed == Deed::kMarket;
    const bool counted = row.deed == Deed::kMessages || row.deed == Deed::kTrades;
    Report r;
    r["time"] = format_iso_timestamp(row.ts);
    r["what"] = name(row.deed);
    r["position"] = row.position == 0 ? Report() : Report(row.position);
    r["order"] = row.tag.value == 0 ? Report() : Report(tag_text(row.tag, manifest));
    r["order_id"] = row.order_id.value == 0 ? Report() : Report(std::to_string(row.order_id.value));
    r["side"] = market || counted ? Report() : Report(name(row.side));
    r["price"] = counted ? Report() : Report(to_string(row.price));
    const bool no_quantity = (market || counted) && row.quantity.is_zero();
    r["quantity"] = no_quantity ? Report() : Report(to_string(row.quantity));
    r["count"] = counted ? Report(row.count) : Report();
    r["strategy"] = row.strategy == surveillance::kNoStrategy
                        ? Report()
                        : Report(name_of(manifest.strategies, row.strategy.value));
    r["account"] = row.account == surveillance::kNoAccount
                       ? Report()
                       : Report(name_of(manifest.accounts, row.account.value));
    return r;
}

/// The distinct values of a column of the evidence.
Report distinct(const Report& evidence, const char* column) {
    std::set<std::string> values;
    for (const Report& row : evidence) {
        if (row[column].is_string()) values.insert(row[column].get<std::string>());
    }
    return Report(std::vector<std::string>(values.begin(), values.end()));
}

Report measure_row(const Measure& m) {
    Report r;
    r["measure"] = m.name;
    r["observed"] = surveillance::text_of(m.observed, m.unit);
    r["asked"] = name(m.asked);
    r["threshold"] = surveillance::text_of(m.threshold, m.unit);
    return r;
}

Report finding_of(const Finding& finding, std::size_t number, const JournalManifest& manifest) {
    Report r;
    r["finding"] = number;
    r["rule"] = info(finding.rule).name;
    r["severity"] = name(finding.severity);
    r["instrument"] = name_of(manifest.instruments, finding.party.instrument.value);
    r["begin"] = format_iso_timestamp(finding.begin);
    r["end"] = format_iso_timestamp(finding.end);
    r["episodes"] = finding.episodes;
    Report evidence = Report::array();
    for (const Evidence& row : finding.evidence) evidence.push_back(evidence_row(row, manifest));
    r["strategies"] = distinct(evidence, "strategy");
    r["accounts"] = distinct(evidence, "account");
    r["measures"] = Report::array();
    for (const Measure& m : finding.measures) r["measures"].push_back(measure_row(m));
    r["evidence"] = std::move(evidence);
    r["rows_left_out"] = finding.rows_left_out;
    return r;
}

Report rule_of(const surveillance::RuleOutcome& outcome, const SurveilResult& result,
               const surveillance::Settings& settings) {
    std::array<std::uint64_t, 3> by_severity{};
    for (const Finding& finding : result.findings) {
        if (finding.rule == outcome.rule) {
            ++by_severity[static_cast<std::size_t>(finding.severity)];
        }
    }
    const surveillance::RuleInfo& rule = info(outcome.rule);
    Report r;
    r["rule"] = rule.name;
    r["findings"] = outcome.findings;
    r["high"] = by_severity[static_cast<std::size_t>(Severity::kHigh)];
    r["medium"] = by_severity[static_cast<std::size_t>(Severity::kMedium)];
    r["low"] = by_severity[static_cast<std::size_t>(Severity::kLow)];
    r["applied"] = outcome.wanted && outcome.applied;
    r["note"] = outcome.note.empty() ? Report() : Report(outcome.note);
    r["title"] = rule.title;
    r["source"] = rule.source;
    r["parameters"] = Report::object();
    for (const surveillance::ParameterInfo& p : surveillance::parameters()) {
        if (p.rule != outcome.rule) continue;
        r["parameters"][std::string(p.key)] = surveillance::text_of(settings.count(p.id), p.unit);
    }
    return r;
}

/// The same with what a table has room for.
Report for_people(const Report& report) {
    Report out = report;
    for (Report& rule : out["rules"]) {
        for (const char* key : {"title", "source", "parameters"}) rule.erase(key);
    }
    const Report findings = out["findings"];
    out.erase("findings");
    for (Report finding : findings) {
        const std::string title = "finding " + finding["finding"].dump();
        finding.erase("finding");
        if (finding["rows_left_out"] == 0) finding.erase("rows_left_out");
        out[title] = std::move(finding);
    }
    return out;
}

constexpr std::array<const char*, 25> kColumns{
    "row",       "rule",     "finding",  "severity", "instrument", "begin",    "end",
    "episodes",  "title",    "applied",  "findings", "measure",    "observed", "asked",
    "threshold", "time",     "position", "what",     "order",      "order_id", "side",
    "price",     "quantity", "count",    "strategy"};

std::string csv_cell(const Report& value) {
    if (value.is_null()) return {};
    return csv_field(value.is_string() ? value.get<std::string>() : value.dump());
}

/// `fields` by the names of the columns; what has no column is not in the file.
void csv_line(const char* row, const Report& fields, std::string& out) {
    out += row;
    for (std::size_t i = 1; i < kColumns.size(); ++i) {
        out += ',' + csv_cell(fields.value(kColumns[i], Report()));
    }
    out += ',' + csv_cell(fields.value("account", Report())) + ',' +
           csv_cell(fields.value("note", Report())) + '\n';
}

std::string csv_text(const Report& report) {
    std::string out = kColumns.front();
    for (std::size_t i = 1; i < kColumns.size(); ++i) out += std::string(",") + kColumns[i];
    out += ",account,note\n";
    for (const Report& note : report["notes"]) csv_line("note", {{"note", note}}, out);
    for (const Report& rule : report["rules"]) csv_line("rule", rule, out);
    for (const Report& finding : report["findings"]) {
        csv_line("finding", finding, out);
        for (const char* list : {"measures", "evidence"}) {
            for (Report row : finding[list]) {
                row["rule"] = finding["rule"];
                row["finding"] = finding["finding"];
                csv_line(list == std::string("measures") ? "measure" : "evidence", row, out);
            }
        }
    }
    return out;
}

}  // namespace

Report make_surveil_report(const SurveilResult& result, const SurveilRequest& request) {
    Report report;
    report["journal"] = request.directory;
    report["configuration_hash"] = result.manifest.configuration_hash;
    report["records"] = result.records;
    report["orders"] = result.orders;
    report["fills"] = result.fills;
    report["market_events"] = result.market_events;
    report["notes"] = result.notes;
    if (!result.damage.empty()) report["notes"].push_back("damaged: " + result.damage);
    report["rules"] = Report::array();
    for (const surveillance::RuleOutcome& outcome : result.outcomes) {
        report["rules"].push_back(rule_of(outcome, result, request.settings));
    }
    report["findings"] = Report::array();
    for (const Finding& finding : result.findings) {
        report["findings"].push_back(
            finding_of(finding, report["findings"].size() + 1, result.manifest));
    }
    return report;
}

std::string surveil_report_text(const Report& report, SurveilFormat format) {
    if (format == SurveilFormat::kJson) return report.dump(2) + '\n';
    if (format == SurveilFormat::kCsv) return csv_text(report);
    return report_text(for_people(report), surveillance::kEvidenceMax);
}

}  // namespace fermata
