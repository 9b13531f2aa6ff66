#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/daemon/live/daemon_process.hpp"
#include "tests/daemon/replay/crash_fixture.hpp"

namespace fermata::test {

/// A session on paper that trades much; `more` is further YAML.
inline std::string paper_yaml(unsigned seed, const std::string& live = "speed: 600x",
                              const std::string& more = "") {
    // What decides about the record is not taken from here: a paper run is concurrent and records.
    const Trial trial{"2024-01-02T21:00:00Z", "sync: none, market: reference",
                      "schedule: lockstep, shards: 2"};
    std::string yaml = yaml_of(trial, seed, "live: {" + live + "}\n" + more);
    const std::string replay = "mode: replay";
    return yaml.replace(yaml.find(replay), replay.size(), "mode: paper");
}

/// The sessions in `out`, in the order in which they began.
inline std::vector<std::filesystem::path> sessions(const std::filesystem::path& out) {
    std::vector<std::filesystem::path> found;
    if (!std::filesystem::is_directory(out)) return found;
    for (const auto& entry : std::filesystem::directory_iterator(out)) {
        found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace fermata::test
