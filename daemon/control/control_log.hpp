#pragma once

#include <filesystem>
#include <string>

namespace fermata {

/// What was commanded through the control socket, by whom and why: one JSON object a line, synced
/// to the disk. Only ever appended to.
class ControlLog {
public:
    /// Opens or makes the file; an empty path: nothing is kept. Throws std::runtime_error.
    explicit ControlLog(const std::filesystem::path& path);
    ControlLog(const ControlLog&) = delete;
    ControlLog& operator=(const ControlLog&) = delete;
    ~ControlLog();

    /// `line` without a line feed. False: it is not on the disk.
    [[nodiscard]] bool append(std::string line);

private:
    int descriptor_ = -1;
};

}  // namespace fermata
