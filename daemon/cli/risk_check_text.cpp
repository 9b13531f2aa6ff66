// The answers of `fermata risk check` as table, JSON and CSV.

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/market/date.hpp"
#include "daemon/cli/order_text.hpp"
#include "daemon/cli/report_output.hpp"
#include "daemon/cli/risk_check.hpp"
#include "risk/findings.hpp"
#include "risk/verdict_text.hpp"

namespace fermata {
namespace {

/// One line: a comparison of a control, or the control alone when it compared nothing.
struct Line {
    const Control* control;
    std::string scope, result, observed, limit, room, unit;
};

std::string number(LimitUnit unit, std::int64_t raw) {
    if (unit == LimitUnit::kFault) return std::string(name(static_cast<Fault>(raw)));
    if (unit == LimitUnit::kState) return std::string(name(static_cast<TradingState>(raw)));
    return format_limit(unit, raw);
}

/// How far it is to the limit; negative beyond it.
std::string room_of(const Comparison& f) {
    if (f.unit == LimitUnit::kFault || f.unit == LimitUnit::kState || f.unit == LimitUnit::kNone ||
        f.unit == LimitUnit::kIdentifier) {
        return {};
    }
    const __int128 difference = static_cast<__int128>(f.limit) - f.observed;
    const __int128 size = difference < 0 ? -difference : difference;
    const auto room = static_cast<std::int64_t>(
        std::min<__int128>(size, std::numeric_limits<std::int64_t>::max()));
    return format_limit(f.unit, f.failed ? -room : room);
}

/// Comparisons in the order of the controls' numbers; then those that are on and had nothing to
/// compare.
std::vector<Line> lines_of(const WhatIfAnswer& answer) {
    std::vector<Line> lines;
    for (const Control& control : kControls) {
        const bool checked = (answer.verdict.checked & bit(control.id)) != 0;
        if (!checked) continue;
        const std::size_t before = lines.size();
        for (const Comparison& f : answer.explanation.comparisons()) {
            if (f.control != control.id) continue;
            const bool fault = f.unit == LimitUnit::kFault;
            lines.push_back({&control, std::string(name(f.scope)), f.failed ? "refuses" : "passes",
                             number(f.unit, f.observed),
                             fault ? std::string() : number(f.unit, f.limit), room_of(f),
                             std::string(name(f.unit))});
        }
        if (lines.size() == before) lines.push_back({&control, "", "passes", "", "", "", ""});
    }
    return lines;
}

/// In force nowhere, or not for such an order.
std::string not_checked(const VerdictData& verdict) {
    return render_codes(kAllControls & ~verdict.checked);
}

std::string padded(const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, text.size()), ' ');
}

std::string table(const std::vector<Line>& lines) {
    using Row = std::array<std::string, 8>;
    std::vector<Row> rows{
        {"control", "scope", "result", "observed", "limit", "room", "unit", "rule"}};
    for (const Line& l : lines) {
        rows.push_back({std::string(l.control->code), l.scope, l.result, l.observed, l.limit,
                        l.room, l.unit, std::string(l.control->rule)});
    }
    std::array<std::size_t, 8> widths{};
    for (const Row& row : rows) {
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    }
    std::string out;
    for (const Row& row : rows) {
        std::string line = " ";
        for (std::size_t c = 0; c < row.size(); ++c) line += " " + padded(row[c], widths[c]) + " ";
        out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return out;
}

std::string verdict_line(const VerdictData& verdict) {
    if (verdict.approved != 0) return render_verdict(verdict);
    if (verdict.failed == 0) return "REFUSED there is no room for another order";
    return "REFUSED " + render_verdict(verdict);
}

std::string as_table(const RiskCheck& check, const Config& config) {
    std::string out = "at " + format_iso_timestamp(check.at) + '\n';
    for (const WhatIfAnswer& answer : check.answers) {
        const VerdictData& v = answer.verdict;
        out += '\n' + order_in_words(answer.order, config) + '\n' + verdict_line(v) + '\n';
        out += "equity " + to_string(v.equity);
        if (!v.reference.is_zero()) out += ", reference " + to_string(v.reference);
        if (const auto quote = quote_of(v)) {
            out += ", quote " + to_string(quote->bid) + " to " + to_string(quote->ask);
        }
        out += '\n' + table(lines_of(answer));
        const std::string off = not_checked(v);
        if (!off.empty()) out += "  not checked: " + off + '\n';
    }
    return out;
}

Report text_or_null(const std::string& text) { return text.empty() ? Report() : Report(text); }

std::string as_json(const RiskCheck& check, const Config& config) {
    Report report;
    report["at"] = format_iso_timestamp(check.at);
    report["approved"] = check.approved();
    report["configuration_hash"] = config.hash;
    report["orders"] = Report::array();
    for (const WhatIfAnswer& answer : check.answers) {
        const VerdictData& v = answer.verdict;
        Report& order = report["orders"].emplace_back();
        order["order"] = order_in_words(answer.order, config);
        order["approved"] = v.approved != 0;
        order["verdict"] = verdict_line(v);
        order["equity"] = to_string(v.equity);
        order["reference"] = v.reference.is_zero() ? Report() : Report(to_string(v.reference));
        const auto quote = quote_of(v);
        order["bid"] = quote ? Report(to_string(quote->bid)) : Report();
        order["ask"] = quote ? Report(to_string(quote->ask)) : Report();
        order["failed"] = render_codes(v.failed);
        order["checked"] = render_codes(v.checked);
        order["not_checked"] = not_checked(v);
        order["controls"] = Report::array();
        for (const Line& l : lines_of(answer)) {
            Report& row = order["controls"].emplace_back();
            row["control"] = l.control->code;
            row["result"] = l.result;
            row["scope"] = text_or_null(l.scope);
            row["observed"] = text_or_null(l.observed);
            row["limit"] = text_or_null(l.limit);
            row["room"] = text_or_null(l.room);
            row["unit"] = text_or_null(l.unit);
            row["rule"] = l.control->rule;
        }
    }
    return report.dump(2) + '\n';
}

std::string as_csv(const RiskCheck& check) {
    std::string out = "order,approved,control,result,scope,observed,limit,room,unit,rule\n";
    std::size_t number = 0;
    for (const WhatIfAnswer& answer : check.answers) {
        ++number;
        for (const Line& l : lines_of(answer)) {
            out += std::to_string(number) + ',' + (answer.verdict.approved != 0 ? "yes" : "no");
            for (const std::string_view field :
                 {std::string_view(l.control->code), std::string_view(l.result),
                  std::string_view(l.scope), std::string_view(l.observed),
                  std::string_view(l.limit), std::string_view(l.room), std::string_view(l.unit),
                  l.control->rule}) {
                out += ',' + csv_field(field);
            }
            out += '\n';
        }
    }
    return out;
}

}  // namespace

std::string risk_check_text(const RiskCheck& check, const Config& config, RiskFormat format) {
    if (format == RiskFormat::kJson) return as_json(check, config);
    if (format == RiskFormat::kCsv) return as_csv(check);
    return as_table(check, config);
}

}  // namespace fermata
