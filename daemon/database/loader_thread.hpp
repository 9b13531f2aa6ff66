#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/postgres/postgres_event_store.hpp"
#include "daemon/database/loader.hpp"
#include "daemon/retention/journal_disk.hpp"

namespace fermata {

/// A loader on a thread of its own, beside a run that is writing its journal. The run never waits
/// for it, and never knows when it fails: whatever is thrown ends it with kFailed.
class LoaderThread {
public:
    /// Starts at once. `on_report` is called on the loader's thread. `options.follow` is set here.
    LoaderThread(LoaderOptions options, const postgres::ConnectOptions& database,
                 Loader::OnReport on_report = {});
    LoaderThread(const LoaderThread&) = delete;
    LoaderThread& operator=(const LoaderThread&) = delete;
    /// Stops, whatever is still to be loaded; waits for the server's current answer at most.
    ~LoaderThread() = default;

    [[nodiscard]] const LoaderStatus& status() const noexcept { return status_; }
    /// Waits until all that the journal holds is loaded, when nobody writes it any more. Nothing
    /// when that took longer: the loader goes on, and `fermata journal load` can finish the rest.
    [[nodiscard]] std::optional<LoadResult> drain(std::chrono::milliseconds patience);
    void request_stop() noexcept { thread_.request_stop(); }

private:
    JournalDisk disk_;
    postgres::PostgresEventStore store_;
    LoaderStatus status_;
    Loader loader_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::optional<LoadResult> result_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace fermata
