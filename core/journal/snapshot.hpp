#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/journal/format.hpp"
#include "core/journal/manifest.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

class StateArchive;

// A snapshot is the state of a run at one position of its journal, in a file of its own next to the
// segments. Recovery reads the newest one that it may use and runs only what the journal holds
// behind it. No snapshot is ever needed: without one the journal is run from its start.
//
//     snapshot := magic, version (4), byte order mark (4), length of the digest (8),
//                 section "snapshot" (SnapshotHeader), sections of the state, digest (text)
//
// The digest covers everything before it; sections are those of core/base/state_archive.hpp. A
// snapshot is written to a temporary name, synced, renamed, and the directory is synced: a file
// with the right name is whole, and if it is not, the digest says so.

inline constexpr std::array<char, 8> kSnapshotMagic = {'F', 'E', 'R', 'M', 'S', 'N', 'A', 'P'};
inline constexpr std::uint32_t kSnapshotVersion = 1;

/// Of which run, and where in it.
struct SnapshotHeader {
    RunId run{};
    std::uint32_t boot_epoch = 1;
    std::string configuration_hash;  ///< As in the manifest.
    std::string build;               ///< As in the manifest: another build may decide otherwise.
    RunSchedule schedule = RunSchedule::kLockstep;
    /// The end of the journal at that moment: everything before it is in the state, nothing after.
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;
    std::uint64_t records = 0;           ///< In all streams.
    std::uint64_t trading_position = 0;  ///< Of the last record of the trading stream.
    std::uint64_t feed_position = 0;     ///< Of the last market event.
    std::uint64_t chain_block = 0;       ///< Number of the last seal; 0 without a chain.
    Digest chain_head{};                 ///< The chain's head after it; zeros without a chain.

    void persist(StateArchive& a);
    friend bool operator==(const SnapshotHeader&, const SnapshotHeader&) = default;
};

struct SnapshotError {
    std::string message;  ///< For the operator; names the file.
};

struct Snapshot {
    std::uint32_t number = 0;
    SnapshotHeader header;
    std::vector<std::byte> state;  ///< For a StateReader.
};

/// "snapshot-000000007.fjs".
[[nodiscard]] std::string snapshot_file_name(std::uint32_t number);
/// The number in such a name; nothing for every other name.
[[nodiscard]] std::optional<std::uint32_t> snapshot_of_file_name(std::string_view file_name);

/// Writes a snapshot with the next number and returns that. When it returns, the snapshot survives
/// a loss of power; after an error there is none, and those before are untouched. The records that
/// it contains must be synced before.
[[nodiscard]] Result<std::uint32_t, SnapshotError> write_snapshot(
    FileSystem& files, const std::string& directory, SnapshotHeader header,
    std::span<const std::byte> state, const HasherFactory& hasher_factory);

/// Reads one snapshot and verifies its digest.
[[nodiscard]] Result<Snapshot, SnapshotError> read_snapshot(FileSystem& files,
                                                            const std::string& directory,
                                                            std::uint32_t number,
                                                            const HasherFactory& hasher_factory);

/// What a snapshot must fit: the run, and the end of what its journal still holds.
struct SnapshotWanted {
    RunId run{};
    std::string configuration_hash;
    std::string build;
    RunSchedule schedule = RunSchedule::kLockstep;
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;
    std::uint64_t records = 0;  ///< In all streams.
};

struct SnapshotRefusal {
    std::string file;    ///< Its name in the directory.
    std::string reason;  ///< "its digest is wrong"
};

struct SnapshotChoice {
    std::optional<Snapshot> snapshot;      ///< The newest that fits; nothing when none does.
    std::vector<SnapshotRefusal> refused;  ///< Newer ones that do not, and why; the newest first.
};

/// The newest snapshot of the directory that is whole, of that run, and not beyond the journal's
/// end. Fails only when the directory cannot be listed. Refused ones stay where they are: whoever
/// goes on writing the journal removes them first, because one that lies beyond the end today would
/// not do so tomorrow.
[[nodiscard]] Result<SnapshotChoice, SnapshotError> load_newest_snapshot(
    FileSystem& files, const std::string& directory, const SnapshotWanted& wanted,
    const HasherFactory& hasher_factory);

/// Removes all but the `keep` newest snapshots, and what a crash left half written. The removal is
/// not synced: a snapshot that comes back after a loss of power does no harm.
[[nodiscard]] Status<SnapshotError> prune_snapshots(FileSystem& files, const std::string& directory,
                                                    std::size_t keep);

}  // namespace fermata
