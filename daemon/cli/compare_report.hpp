#pragma once

#include <string>

#include "daemon/cli/report_text.hpp"
#include "daemon/compare/comparison.hpp"

namespace fermata {

/// What `fermata journal compare` found, for programs.
[[nodiscard]] Report compare_report(const compare::RunComparison& result,
                                    const compare::RunStory& first,
                                    const compare::RunStory& second);

/// The same for people: the verdict first, then at most `differences_max` differences (0: all).
[[nodiscard]] std::string compare_text(const compare::RunComparison& result,
                                       const compare::RunStory& first,
                                       const compare::RunStory& second,
                                       std::size_t differences_max);

}  // namespace fermata
