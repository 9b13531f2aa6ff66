#pragma once

#include <string>

#include "daemon/cli/report_text.hpp"

namespace fermata {

enum class RiskFormat { kTable, kCsv, kJson };

/// A risk report as text. Table: numbers to six significant digits (from a thousand on to two
/// decimals), matrices of more than 12 columns left out with a word about it. CSV: one row a
/// figure, `section,item,measure,value`, every digit; a null is an empty value. JSON: as it is.
[[nodiscard]] std::string risk_report_text(const Report& report, RiskFormat format);

}  // namespace fermata
