#pragma once

#include <string>

#include "daemon/cli/report_text.hpp"
#include "daemon/cli/surveil_run.hpp"

namespace fermata {

enum class SurveilFormat { kTable, kCsv, kJson };

/// The result with the names of the run: what the rules were, what became of each, every finding
/// with its numbers and evidence. Exact decimals and ids are text.
[[nodiscard]] Report make_surveil_report(const SurveilResult& result,
                                         const SurveilRequest& request);

/// The same as text. CSV: one line each for a rule, a finding, a number of it and a row of its
/// evidence; the first column says which.
[[nodiscard]] std::string surveil_report_text(const Report& report, SurveilFormat format);

}  // namespace fermata
