#include "daemon/cli/risk_format.hpp"

#include <cmath>
#include <limits>
#include <set>

#include "daemon/cli/report_output.hpp"

namespace fermata {
namespace {

constexpr std::size_t kColumnsMax = 13;

double rounded(double value) {
    if (value == 0 || !std::isfinite(value)) return value;
    if (std::fabs(value) >= 1000) return std::round(value * 100) / 100;
    const int digits = 6 - static_cast<int>(std::ceil(std::log10(std::fabs(value))));
    const double scale = std::pow(10.0, digits);
    return std::isfinite(scale) ? std::round(value * scale) / scale : value;
}

Report for_people(const Report& value) {
    if (value.is_number_float()) return rounded(value.get<double>());
    if (value.is_array()) {
        if (!value.empty() && value.front().is_object() && value.front().size() > kColumnsMax) {
            return "too wide for a table: see --format csv or json";
        }
        Report list = Report::array();
        for (const Report& item : value) list.push_back(for_people(item));
        return list;
    }
    if (value.is_object()) {
        Report object = Report::object();
        for (const auto& [key, item] : value.items()) object[key] = for_people(item);
        return object;
    }
    return value;
}

std::string csv_value(const Report& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return csv_field(value.get<std::string>());
    return value.dump();
}

void csv_row(const std::string& section, const std::string& item, const std::string& measure,
             const Report& value, std::string& out) {
    out += csv_field(section) + ',' + csv_field(item) + ',' + csv_field(measure) + ',' +
           csv_value(value) + '\n';
}

/// How many of a table's first columns name its rows: one, or two where the first repeats itself.
std::size_t name_columns(const Report& table) {
    if (!table.front().is_object() || !table.front().front().is_string()) return 0;
    std::set<std::string> names;
    for (const Report& row : table) names.insert(row.front().get<std::string>());
    return names.size() == table.size() ? 1 : 2;
}

void csv_section(const std::string& section, const Report& value, std::string& out) {
    if (value.is_object()) {
        for (const auto& [key, item] : value.items()) {
            if (item.is_structured()) {
                csv_section(section + "." + key, item, out);
            } else {
                csv_row(section, "", key, item, out);
            }
        }
        return;
    }
    const std::size_t names = value.empty() ? 0 : name_columns(value);
    for (std::size_t k = 0; k < value.size(); ++k) {
        if (!value[k].is_object()) {
            csv_row(section, std::to_string(k + 1), "", value[k], out);
            continue;
        }
        std::string name;
        std::size_t column = 0;
        for (const auto& [key, item] : value[k].items()) {
            if (column++ < names) {
                name += (name.empty() ? "" : " / ") + item.get<std::string>();
            } else {
                csv_row(section, name, key, item, out);
            }
        }
    }
}

}  // namespace

std::string risk_report_text(const Report& report, RiskFormat format) {
    if (format == RiskFormat::kJson) return report.dump(2) + '\n';
    if (format == RiskFormat::kTable) {
        return report_text(for_people(report), std::numeric_limits<std::size_t>::max());
    }
    std::string out = "section,item,measure,value\n";
    for (const auto& [key, value] : report.items()) {
        if (value.is_structured()) {
            csv_section(key, value, out);
        } else {
            csv_row("report", "", key, value, out);
        }
    }
    return out;
}

}  // namespace fermata
