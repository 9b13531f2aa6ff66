#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/file/directory_lock.hpp"
#include "core/event/market_event.hpp"
#include "core/port/file.hpp"
#include "core/types/time.hpp"

namespace fermata::venue {

/// What stands in the journal of a venue, in the order in which it happened.
enum class EntryKind : std::uint8_t {
    kBegin = 1,      ///< The first one: which exchange it is. `text`, `number` is the epoch.
    kMarket = 2,     ///< The matching thread consumed `market`.
    kArrived = 3,    ///< A member's request came in: bytes in `text`, called `number`.
    kConsumed = 4,   ///< The matching thread consumed request `number`; `value` is its Verdict.
    kLogon = 5,      ///< `value`: 0 no, 1 yes, 2 nothing was said about cancel on disconnect.
    kLogout = 6,     ///<
    kAdvance = 7,    ///< What was due was done.
    kDelivered = 8,  ///< `number` more reports were handed to the session.
    kHalt = 9,       ///< Of instrument `session`; `value` 1 halted for `number` ns, 0 not.
    kBust = 10,      ///< Of the newest fill.
    kCorrect = 11,   ///< Of the newest fill, by `number` ticks.
};

struct Entry {
    EntryKind kind = EntryKind::kBegin;
    std::uint8_t value = 0;
    std::uint32_t session = 0;
    std::uint64_t number = 0;
    Timestamp ts;
    std::string_view text;  ///< Valid during the call.
    MarketEvent market;     ///< kMarket only.
};

/// The inputs of a venue on disk, so that a venue that was killed comes back as it was.
///
/// Format: one file of records, little-endian: u32 size of what follows the CRC, u32 CRC-32C of it,
///         u8 kind, u8 value, u16 zero, u32 session, u64 number, i64 time, then the text or the 64
///         bytes of the market event. A torn record at the end is cut off when it is opened.
/// Safety: what was flushed survives the process, and not a loss of power.
/// Threads: `append` and `flush` from any.
/// Owner:   one at a time: whoever opens it to write holds the `lock` of its folder.
/// Errors:  std::runtime_error with a message for the operator.
class VenueJournal {
public:
    /// Keeps everybody else out of `folder`, which is made if it is not there, until it is
    /// destroyed or the process ends: two would write over each other's entries. Then `fresh` sets
    /// a journal that is there aside. When another process has the folder, nothing in it is
    /// touched, and the error names both.
    [[nodiscard]] static DirectoryLock lock(FileSystem& files, const std::filesystem::path& folder,
                                            bool fresh);
    /// Opens or makes the file in `folder`, and shows what stands in it.
    VenueJournal(FileSystem& files, const std::filesystem::path& folder,
                 const std::function<void(const Entry&)>& show);

    void append(const Entry& entry);
    /// Hands everything appended to the system.
    void flush();

    /// Sets the journal in `folder` aside, if there is one.
    static void set_aside(const std::filesystem::path& folder);

private:
    std::mutex mutex_;
    std::string path_;
    std::unique_ptr<WritableFile> file_;
    std::vector<std::byte> buffer_;
};

}  // namespace fermata::venue
