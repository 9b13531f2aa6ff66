#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/journal/journal_writer.hpp"
#include "core/journal/manifest.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// What a journal held when it was resumed.
struct ResumeReport {
    RunId run{};
    std::uint32_t boot_epoch = 0;                    ///< Of the boot that begins.
    std::uint32_t segment = 0;                       ///< In which it begins.
    std::uint64_t records = 0;                       ///< That were there, of all streams.
    std::vector<SegmentFooter::Position> positions;  ///< Of every stream with records.
    std::uint64_t bytes_cut = 0;  ///< Behind the last whole frame; they stand in the files below.
    std::vector<std::string> torn_files;  ///< "journal-000007.torn": names in the directory.
};

struct ResumedJournal {
    std::unique_ptr<JournalWriter> writer;
    ResumeReport report;
};

/// Goes on with the journal of a run that ended without being closed, as after a crash:
///
/// 1. reads it to its last whole frame, and refuses what is damaged and not just torn (kDamaged), a
///    run that was closed (kFinished), another run than the manifest's (kDifferent), and one that
///    was begun as often as order ids can tell apart (kTooLarge);
/// 2. copies what follows that frame to a file of its own, journal-00000N.torn, and syncs it; a
/// last
///    segment whose head was never written whole is renamed to such a name instead. A name that is
///    taken gets a number behind it. No byte is lost silently;
/// 3. cuts the segment behind that frame and closes it with a footer that says so; one that has its
///    footer is synced (where the journal is durable);
/// 4. begins the next segment with the next boot epoch, and this boot's manifest and configuration.
///
/// A crash in any step leaves a journal that can be resumed again, with all records that were
/// synced before. Positions go on without a gap. The writer takes the hashes that `hashers` names;
/// the chain that the journal has must be among those that make_chain knows.
[[nodiscard]] Result<ResumedJournal, JournalError> resume_journal(FileSystem& files,
                                                                  const JournalOptions& options,
                                                                  const JournalManifest& manifest,
                                                                  const JournalHashers& hashers);

}  // namespace fermata
