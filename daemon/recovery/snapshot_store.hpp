#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "core/journal/snapshot.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// A place in a journal right behind one of its records.
struct JournalPlace {
    std::uint32_t boot_epoch = 1;
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;   ///< Behind the record's frame.
    std::uint64_t records = 0;  ///< In all streams, up to it.
    std::uint64_t chain_block = 0;
    Digest chain_head{};
};

/// Where `reader` stands. `record` is what it returned last, and no market event.
[[nodiscard]] JournalPlace place_behind(const JournalRecord& record, const JournalReader& reader);

/// The snapshots of one run's journal: offers those that may be begun with, the newest first, and
/// writes new ones.
///
/// Throws std::runtime_error with a message for the operator when the directory cannot be read or a
/// snapshot cannot be written.
class SnapshotStore {
public:
    /// Of the run that `manifest` describes.
    SnapshotStore(FileSystem& files, std::string directory, const RunId& run,
                  const JournalManifest& manifest);

    struct Start {
        Snapshot snapshot;
        std::unique_ptr<JournalReader> reader;  ///< Stands behind the snapshot's last record.
    };
    /// The newest one that was not offered before, is whole, fits the run, and is of a place that
    /// the journal still has. Nothing: begin at the journal's beginning.
    [[nodiscard]] std::optional<Start> next();
    /// The one offered last cannot be read by the stages after all.
    void refuse(std::string reason);
    /// Those that were passed over and why.
    [[nodiscard]] const std::vector<SnapshotRefusal>& refused() const noexcept { return refused_; }

    /// Writes one and keeps the `keep` newest. The file's name.
    std::string write(const JournalPlace& place, std::uint64_t trading_position,
                      std::uint64_t feed_position, std::span<const std::byte> state,
                      std::size_t keep);

    /// Removes those that lie beyond `records`, the end of a journal that is about to grow: they
    /// would seem to fit later.
    void remove_beyond(std::uint64_t records);

private:
    [[nodiscard]] std::unique_ptr<JournalReader> reach(const SnapshotHeader& header,
                                                       std::string& reason);
    void pass_over(std::vector<SnapshotRefusal> refusals);

    FileSystem& files_;
    std::string directory_;
    SnapshotWanted wanted_;
    std::string offered_;  // name of the file
    std::vector<SnapshotRefusal> refused_;
};

}  // namespace fermata
