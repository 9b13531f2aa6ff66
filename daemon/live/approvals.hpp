#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.hpp"

namespace fermata {

/// That a build may run a configuration in mode live, and who said so. One line of a file each:
///
///     sha256:9f3c... | fermata 0.1.0 1a2b3c4d5e6f | mara, 2026-03-02: change of the stop distance
///
/// the hash of the configuration (approval_hash), the build, who and why. Empty lines and lines
/// that begin with '#' say nothing.
struct Approval {
    std::string configuration_hash;
    std::string build;
    std::string who;
};

/// `origin` stands for the file in messages. Throws std::runtime_error, with line, what was found
/// and what was expected.
[[nodiscard]] std::vector<Approval> parse_approvals(std::string_view text,
                                                    const std::string& origin);
/// Throws as parse_approvals, and when there is no such file.
[[nodiscard]] std::vector<Approval> read_approvals(const std::string& file);
/// The newest one; nullptr: nobody approved it.
[[nodiscard]] const Approval* find_approval(const std::vector<Approval>& approvals,
                                            const std::string& configuration_hash,
                                            const std::string& build);
[[nodiscard]] std::string approval_line(const Approval& approval);

/// What is approved of a configuration ("sha256:..."): all that decides about results, and
/// `control`, `live` and `watchdog`, which say who may command the run and what starts and stops
/// it.
[[nodiscard]] std::string approval_hash(const Config& config);

}  // namespace fermata
