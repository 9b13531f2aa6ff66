#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "daemon/config/config.hpp"
#include "daemon/database/lag.hpp"
#include "daemon/database/loader_thread.hpp"

namespace fermata {

/// The database beside a run: loads the run's journal while it is written, and judges how far it is
/// behind. Construction starts it; destruction stops it, whatever is left.
class RunDatabase {
public:
    /// Lines for the operator; called on the loader's thread and by `finish`.
    using Report = std::function<void(const std::string&)>;

    RunDatabase(const DatabaseConfig& config, const std::string& journal_directory, Report report);

    /// From one thread: ok, alert or halt, by `database.lag`.
    [[nodiscard]] LagLevel lag_level(std::chrono::steady_clock::time_point now) {
        return guard_.evaluate(status().lag_bytes.load(std::memory_order_relaxed),
                               status().lag_age(now));
    }
    [[nodiscard]] const LoaderStatus& status() const noexcept { return loader_.status(); }
    /// When the journal was closed: waits for the rest, `database.drain_timeout` at most. Reports
    /// and returns false when not all of it is stored.
    bool finish();

private:
    std::string directory_;
    std::chrono::milliseconds patience_;
    Report report_;
    LagGuard guard_;
    LoaderThread loader_;
};

}  // namespace fermata
