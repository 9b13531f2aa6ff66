#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/port/event_store.hpp"
#include "core/port/file.hpp"
#include "daemon/database/journal_follower.hpp"
#include "daemon/database/lag.hpp"
#include "daemon/database/loader_status.hpp"

namespace fermata {

struct LoaderOptions {
    std::string directory;      ///< Of the journal.
    std::string configuration;  ///< Text of the run's configuration, where it is known.
    bool follow = false;        ///< Waits at the end of an unclosed journal for more.
    std::size_t batch_records = 10'000;
    std::chrono::milliseconds batch_interval{200};  ///< A batch is stored when it is this old.
    std::chrono::milliseconds poll_interval{20};    ///< Between looks at a journal that is at rest.
    std::chrono::milliseconds retry_first{100};     ///< Then twice as long each time, up to ...
    std::chrono::milliseconds retry_max{10'000};
    /// Ends with the store's error when it did not work for this long; 0: never.
    std::chrono::milliseconds patience{0};
};

/// Something an operator wants to know; each change is reported once.
struct LoaderReport {
    enum class Kind : std::uint8_t {
        kConnected,  ///< The first time, and whenever it works again: something was stored.
        kTrouble,    ///< It does not work; the loader goes on trying. Once for each cause.
        kFailed,     ///< The loader ended before its time; the lag's age grows from now on.
    };
    Kind kind = Kind::kConnected;
    StoreErrorKind trouble = StoreErrorKind::kUnavailable;
    std::string message;
};

/// How a loader ended.
struct LoadResult {
    enum class End : std::uint8_t {
        kComplete,  ///< The journal was closed, and all of it is stored.
        kUpToDate,  ///< The journal was not closed (yet); all that it holds is stored.
        kStopped,   ///< On request.
        kDamaged,   ///< The journal is damaged; all before the damage is stored.
        kDiffers,   ///< The store has other records for this run.
        kNoJournal,
        kGaveUp,  ///< The store did not work for longer than the patience.
        kFailed,  ///< The store cannot hold the run for good, or the loader itself failed.
    };
    End end = End::kComplete;
    std::string message;       ///< Says what is wrong; empty when nothing is.
    std::uint64_t loaded = 0;  ///< Records that this loader stored.
};

/// Carries a journal into a store: reads the segments, stores batches, begins again where the store
/// says that it stands. The journal is the only queue: nothing is lost when the store is away for
/// any time, and nothing is stored twice, because position and records are committed together.
///
/// Records that the store has already are read and compared by digest first, so that loading
/// again is without effect and another journal of the same run is noticed.
/// Runs on one thread, which `run` occupies.
class Loader {
public:
    using OnReport = std::function<void(const LoaderReport&)>;
    using OnProgress = std::function<void(const LoaderStatus&)>;

    /// All references outlive the loader.
    Loader(FileSystem& files, EventStore& store, LoaderOptions options, LoaderStatus& status,
           OnReport on_report = {}, OnProgress on_progress = {});

    [[nodiscard]] LoadResult run(const std::stop_token& stop);
    /// From any thread: an unclosed journal's end is an end from now on, as without `follow`.
    void drain() noexcept { draining_.store(true, std::memory_order_relaxed); }

private:
    enum class Step : std::uint8_t { kGoOn, kReopen, kRetry, kEnd };
    void work();
    [[nodiscard]] Step find_run();
    [[nodiscard]] Step connect();
    [[nodiscard]] Step check_stored(const StoredPosition& position);
    [[nodiscard]] Step check_batch(const StoredBatch& batch, const StreamPositions& before,
                                   const StoredPosition& position);
    [[nodiscard]] Step name_difference(const StreamPositions& before);
    [[nodiscard]] Step load();
    [[nodiscard]] Step next_boot();
    [[nodiscard]] std::uint64_t next_position(JournalStream stream) const;
    [[nodiscard]] Step at_end(JournalFollower::State state);
    void take(const FollowedRecord& record);
    [[nodiscard]] Step flush();
    void works();
    void announce();
    [[nodiscard]] Step trouble(const StoreError& error);
    [[nodiscard]] Step end(LoadResult::End how, std::string message = {});
    void pause(std::chrono::milliseconds time);
    void publish();
    void report_failure(StoreErrorKind failure);
    void measure();
    [[nodiscard]] bool waits() const noexcept {
        return options_.follow && !draining_.load(std::memory_order_relaxed);
    }

    using Clock = std::chrono::steady_clock;

    FileSystem& files_;
    EventStore& store_;
    LoaderOptions options_;
    LoaderStatus& status_;
    OnReport on_report_;
    OnProgress on_progress_;
    std::stop_token stop_;
    std::atomic<bool> draining_{false};

    JournalFollower journal_;
    RunDescription run_;
    LagMeter meter_;
    Clock::time_point measured_{};
    bool connected_ = false;
    StoredPosition position_;    // of the store
    std::uint64_t checked_ = 0;  // records of the store that are known to be the journal's
    bool announced_ = false;     // that it is connected
    // The trouble since something was stored last: connecting alone does not end it.
    std::set<StoreErrorKind> reported_;
    Clock::time_point trouble_since_{};
    std::chrono::milliseconds retry_{};
    std::optional<std::uint64_t> exists_at_;  // the store's records when it had rows already
    LoadResult result_;

    // The batch that is being collected.
    std::vector<StoredRecord> batch_;
    std::vector<std::byte> payloads_;
    StreamPositions collected_;  // of the store's records and the batch's
    Clock::time_point batch_begun_{};
    std::uint32_t digest_ = 0;
    std::uint32_t segment_ = 0;
    std::uint64_t offset_ = 0;
};

}  // namespace fermata
