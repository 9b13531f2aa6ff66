#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/journal/format.hpp"
#include "core/journal/manifest.hpp"

namespace fermata {

// Where the records of journals are kept for questions (adapters/postgres). The journal stays the
// authority: a store never holds what is not on record there, and can always be filled again.

/// Why a store did not do what it was asked to. All but kDiffers and kRejected may pass when
/// somebody or time mends the cause, so a loader tries again.
enum class StoreErrorKind : std::uint8_t {
    kUnavailable,  ///< Absent, unreachable, restarting, cut off, or no answer in time.
    kRefused,      ///< It does not let us in, or a role lacks a right.
    kReadOnly,     ///< A standby, or a database that was made read-only.
    kFull,         ///< Out of disk or of another resource.
    kBusy,         ///< Another loader is at work on the same run.
    kSchema,       ///< The tables are absent, older or newer than this build expects.
    kDiffers,      ///< It holds other bytes for the same run. Final.
    kRejected,     ///< It cannot hold the data, or what it holds makes no sense. Final.
    kExists,       ///< Rows of the records are there already. Final when it recurs at one position.
    kFault,        ///< It failed for another reason.
};
[[nodiscard]] constexpr std::string_view name(StoreErrorKind kind) noexcept {
    constexpr std::string_view kNames[] = {"unavailable", "refused", "read_only", "full",
                                           "busy",        "schema",  "differs",   "rejected",
                                           "exists",      "fault"};
    return kNames[static_cast<std::size_t>(kind)];
}

struct StoreError {
    StoreErrorKind kind = StoreErrorKind::kUnavailable;
    std::string message;  ///< For the operator; never holds a password.
};

/// One record of a journal, as far as a store is concerned. The payload is the stored form of an
/// order event (core/event/codec.hpp) or the 64 bytes of a market event.
struct StoredRecord {
    JournalStream stream = JournalStream::kTrading;
    std::uint64_t position = 0;  ///< In the stream, from 1.
    bool is_market = false;
    std::span<const std::byte> payload;
};

/// Last position of each stream.
using StreamPositions = std::map<JournalStream, std::uint64_t>;

/// Records that follow each other in the journal and are stored together or not at all.
struct RecordBatch {
    std::span<const StoredRecord> records;
    std::uint32_t digest = 0;   ///< Over all records, see extend_digest.
    std::uint32_t segment = 0;  ///< Where the last record stands in the journal.
    std::uint64_t offset = 0;
};

/// CRC-32C over the records of a batch one after the other: stream, position, payload.
[[nodiscard]] std::uint32_t extend_digest(std::uint32_t digest,
                                          const StoredRecord& record) noexcept;

/// What the store knows of an earlier batch.
struct StoredBatch {
    std::uint64_t number = 0;  ///< From 1.
    std::uint64_t records = 0;
    std::uint64_t total = 0;  ///< Records of the run up to and with this batch.
    std::uint32_t digest = 0;
    std::uint32_t segment = 0;  ///< Where its last record stood.
    std::uint64_t offset = 0;
    StreamPositions streams;  ///< At its end.
};

/// Up to where a run is in the store.
struct StoredPosition {
    std::uint64_t batches = 0;
    std::uint64_t records = 0;
    std::uint32_t segment = 0;  ///< Of the last record; 0 when there is none.
    std::uint64_t offset = 0;
    StreamPositions streams;
    bool complete = false;  ///< The run's end is on record.
    friend bool operator==(const StoredPosition&, const StoredPosition&) = default;
};

/// What identifies and explains a run.
struct RunDescription {
    RunId run{};
    JournalManifest manifest;
    std::string configuration;  ///< Its text where it is known, else empty.
};

/// What a journal says about its run as a whole.
struct RunFacts {
    std::map<std::uint32_t, RunDescription> boots;  ///< By epoch; those with records. Not empty.
    std::uint32_t last_boot = 1;                    ///< Epoch of the last segment.
    bool closed = false;
    std::uint64_t records = 0;  ///< Of the run, those that were pruned included.
    std::string hash;           ///< Where it is closed and has one.
};

/// What a comparison looks at.
struct ComparisonScope {
    /// It begins behind these positions; a stream that is not named, with its first record.
    StreamPositions after;
    /// Rather: each stream begins with the first record that is given. Rows before it are not
    /// looked at, for that part of the journal was pruned.
    bool from_given = false;
    /// Only the records themselves, all that a loader may see; else every table.
    bool records_only = false;
};

/// One side of a comparison that found a difference.
struct StoreDifference {
    enum class Kind : std::uint8_t {
        kMissing,  ///< The journal has it, the store does not.
        kSurplus,  ///< The store has it, the journal does not (or has it once only).
        kDiffers,  ///< Both have it, with other content.
    };
    Kind kind = Kind::kMissing;
    JournalStream stream = JournalStream::kTrading;
    std::uint64_t position = 0;
    std::string message;  ///< Names table, stream, position and column.
};

/// Compares the records of a run one by one with what a store holds. Records of each stream are
/// given in order and without gaps.
class StoreComparison {
public:
    StoreComparison() = default;
    StoreComparison(const StoreComparison&) = delete;
    StoreComparison& operator=(const StoreComparison&) = delete;
    virtual ~StoreComparison() = default;

    /// All batches of the run, in order, as of the instant at which the comparison was begun.
    [[nodiscard]] virtual Result<std::vector<StoredBatch>, StoreError> batches() = 0;
    /// Nothing when all that the store says about the run as a whole is what the journal says.
    [[nodiscard]] virtual Result<std::optional<StoreDifference>, StoreError> compare_run(
        const RunFacts& facts) = 0;
    /// Nothing when the record is stored exactly as it is.
    [[nodiscard]] virtual Result<std::optional<StoreDifference>, StoreError> compare(
        const StoredRecord& record) = 0;
    /// Call at the end of the journal: nothing when the store holds no more than was compared.
    [[nodiscard]] virtual Result<std::optional<StoreDifference>, StoreError> finish() = 0;
};

/// A store of one run's records. One thread. After any error the store is closed: `open` again.
class EventStore {
public:
    EventStore() = default;
    EventStore(const EventStore&) = delete;
    EventStore& operator=(const EventStore&) = delete;
    virtual ~EventStore() = default;

    /// Connects, registers the run when it is new, makes sure that no other loader is at work on
    /// it, and says up to where it is stored.
    [[nodiscard]] virtual Result<StoredPosition, StoreError> open(const RunDescription& run) = 0;
    /// All batches of the open run, in order.
    [[nodiscard]] virtual Result<std::vector<StoredBatch>, StoreError> batches() = 0;
    /// Stores the records that follow the open run's position, and the new position, in one
    /// transaction. When it returns without an error they are committed; after an error they may
    /// be, which the next `open` tells.
    [[nodiscard]] virtual Status<StoreError> store(const RecordBatch& batch) = 0;
    /// Notes that the run is stored to its end. `hash` is the journal's, where it has one.
    [[nodiscard]] virtual Status<StoreError> finish(const std::string& hash) = 0;
    virtual void close() noexcept = 0;

    /// Begins a comparison of a run on a connection of its own; a run that the store does not have
    /// gives a comparison that misses everything.
    [[nodiscard]] virtual Result<std::unique_ptr<StoreComparison>, StoreError> compare(
        const RunDescription& run, const ComparisonScope& scope) = 0;

    /// Where it is, without secrets: "fermata on db1:5432,db2:5432".
    [[nodiscard]] virtual std::string describe() const = 0;
};

}  // namespace fermata
