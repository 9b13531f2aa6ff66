#pragma once

#include "daemon/replay/replay.hpp"

namespace fermata {

/// One line on standard error that shows where a run stands; nothing when `enabled` is false.
class ProgressLine {
public:
    explicit ProgressLine(bool enabled) : enabled_(enabled) {}
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    /// Leaves a clean line also when the run failed, for the message about it.
    ~ProgressLine() { finish(); }
    void show(const ReplayProgress& progress);
    /// Clears the line.
    void finish();

private:
    bool enabled_;
    bool shown_ = false;
};

}  // namespace fermata
