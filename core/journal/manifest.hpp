#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/journal/format.hpp"
#include "core/port/hasher.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Where market data of the run came from. The journal refers to it by hash and does not copy it.
struct JournalSource {
    std::string name;  ///< "SPY.csv"
    std::string hash;  ///< Feed::source_hash()
    friend bool operator==(const JournalSource&, const JournalSource&) = default;
};

/// How the stages of the run were driven.
enum class RunSchedule : std::uint8_t {
    kLockstep,    ///< One thread, virtual clock: the order of everything follows from the feed.
    kConcurrent,  ///< Threads of their own: the order in which stages consumed is on record.
};
[[nodiscard]] std::string_view name(RunSchedule schedule) noexcept;  ///< "lockstep", "concurrent"

/// Where the market events of the run are found.
enum class MarketRecord : std::uint8_t {
    kReference,  ///< In the sources that the manifest names.
    kRecord,     ///< In the journal's feed stream.
};
[[nodiscard]] std::string_view name(MarketRecord market) noexcept;  ///< "reference", "record"

/// What a reader needs to understand the records of a run and to run it again. Stands at the head
/// of every segment, so that each can be read alone; it is not part of the journal's hash.
struct JournalManifest {
    std::string build;               ///< Version and commit of the binary.
    std::string configuration_hash;  ///< "sha256:..."
    Timestamp start;                 ///< First instant of the run's data.
    std::string
        calendars;  ///< Names of the exchange calendars in use; their rules belong to the build.
    std::string time_zones;  ///< Version of the time-zone database.
    std::uint32_t shards = 1;
    std::string parent;            ///< Run id in hex of the run that this one came from, or empty.
    std::uint32_t boot_epoch = 1;  ///< Counts the starts of the run, from 1.
    /// Epochs of order ids that earlier runs of the day may have taken: boot N of this one numbers
    /// its orders in epoch `order_epochs_taken + N`.
    std::uint16_t order_epochs_taken = 0;
    RunSchedule schedule = RunSchedule::kLockstep;
    MarketRecord market = MarketRecord::kReference;
    /// Feed position of the first market event on record, where the journal records them.
    std::uint64_t feed_start = 1;
    std::string folder;  ///< Against which relative paths of the configuration are resolved.
    std::vector<JournalSource> sources;    ///< In the order of the configuration.
    std::vector<std::string> instruments;  ///< Symbols by InstrumentId.
    std::vector<std::string> strategies;   ///< By StrategyId; the other tables likewise.
    std::vector<std::string> accounts;
    std::vector<std::string> venues;
    std::vector<std::string> currencies;
    /// Keys that this build does not know, in the order of the text.
    std::vector<std::pair<std::string, std::string>> other;

    friend bool operator==(const JournalManifest&, const JournalManifest&) = default;
};

/// The id of a run that can be repeated: of everything that decides about its records, and of what
/// else its journal holds. The same run has it wherever and whenever it is done.
[[nodiscard]] RunId repeatable_run_id(const JournalManifest& manifest,
                                      const HasherFactory& hasher_factory);
/// Whether two boots of one run may have these manifests: schedule, configuration, sources and
/// tables of ids are the same, for the records of all boots depend on them or refer to them.
[[nodiscard]] bool same_run(const JournalManifest& a, const JournalManifest& b);
/// In what they are not of the same run, for a message: "schedule (lockstep, concurrent)"; empty
/// when they are.
[[nodiscard]] std::string difference(const JournalManifest& a, const JournalManifest& b);

/// Lines `key=value`, in a fixed order: the same manifest gives the same text. In a value `\\`
/// stands for a backslash and `\n` for a line feed.
[[nodiscard]] std::string to_text(const JournalManifest& manifest);

/// Reads such a text; empty lines are skipped. The error says what is wrong in which line.
struct ManifestError {
    std::string message;
};
[[nodiscard]] Result<JournalManifest, ManifestError> parse_manifest(std::string_view text);

}  // namespace fermata
