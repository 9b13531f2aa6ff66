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

/// The bytes of a progress file. Pure: no file, no memory of its own.
///
/// Layout (little-endian; the whole file is kFileBytes long):
///     0       Head: magic, version, whose file it is, the names of its loops, a CRC of all that.
///             Written once, before the file has its name.
///     3840    Standing: the state, and in words why; grows stricter only as long as the file lives
///     4096    one cache line a loop: how often it has passed
namespace fermata::progress {

inline constexpr std::array<char, 8> kMagic = {'F', 'M', 'P', 'R', 'O', 'G', 'R', '\n'};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kLoopsMax = 64;
inline constexpr std::size_t kNameMax = 32;     ///< With at least one zero at the end.
inline constexpr std::size_t kReasonMax = 200;  ///< With at least one zero at the end.

/// A process, told from every other that ever had its number: by when it started, and in which run
/// of the machine.
struct Identity {
    std::int32_t pid = 0;  ///< 0: nobody.
    std::uint32_t reserved = 0;
    std::uint64_t start_ticks = 0;   ///< Clock ticks after the machine's start (/proc/PID/stat).
    std::array<char, 40> boot = {};  ///< /proc/sys/kernel/random/boot_id, zero-padded.
    friend bool operator==(const Identity&, const Identity&) = default;
};
static_assert(sizeof(Identity) == 56);

/// Where the process stands, as it says itself.
enum class State : std::uint32_t {
    kStarting = 1,  ///< No loop runs yet.
    kRunning = 2,   ///< Every loop goes on, or hangs.
    kEnding = 3,    ///< The loops end, in order.
    kEnded = 4,     ///< What comes now is the end of the process; it left nothing behind.
    kFailed = 5,    ///< The same, but it could not bring everything to its end.
    kSettled = 6,   ///< A watchdog did what its death asked for.
};
[[nodiscard]] std::string_view name(State state) noexcept;  ///< "running", ...

struct Head {
    std::array<char, 8> magic = kMagic;
    std::uint32_t version = kVersion;
    std::uint32_t loops = 0;
    Identity who;
    Identity before;                 ///< Whose file it replaced.
    std::uint32_t state_before = 0;  ///< Where that one stood in the end.
    std::uint32_t reserved = 0;
    std::array<std::array<char, kNameMax>, kLoopsMax> names = {};
    std::uint32_t reserved2 = 0;
    std::uint32_t crc = 0;  ///< CRC-32C of what stands before it.
};
static_assert(sizeof(Head) == 2'192);

inline constexpr std::size_t kStateAt = 3'840;
inline constexpr std::size_t kReasonAt = kStateAt + 8;
inline constexpr std::size_t kCountersAt = 4'096;
inline constexpr std::size_t kCounterBytes = 64;
inline constexpr std::size_t kFileBytes = kCountersAt + kLoopsMax * kCounterBytes;
static_assert(sizeof(Head) <= kStateAt && kReasonAt + kReasonMax <= kCountersAt);

/// Why a file says nothing.
enum class Fault : std::uint8_t {
    kAbsent,        ///< There is no file.
    kInputOutput,   ///< It cannot be read.
    kSize,          ///< It has another length.
    kHead,          ///< It does not begin as a progress file does.
    kOtherVersion,  ///< It was written by another version.
    kDamaged,       ///< What it says of itself does not fit its checksum, or makes no sense.
};
[[nodiscard]] std::string_view name(Fault fault) noexcept;  ///< "it was cut short or ...", ...

struct Loop {
    std::string name;
    std::uint64_t passes = 0;
};

/// All that a progress file says.
struct Snapshot {
    Identity who;
    Identity before;
    std::optional<State> state_before;  ///< Absent: nobody was before.
    State state = State::kStarting;
    std::string reason;
    std::vector<Loop> loops;
};

/// Judges the bytes of a file; any bytes.
[[nodiscard]] Result<Snapshot, Fault> examine(std::span<const std::byte> bytes);

/// The bytes of a new file: all counters zero. Names that are too long are cut off, those beyond
/// kLoopsMax left out: the caller does not have so many.
[[nodiscard]] std::vector<std::byte> make(const Identity& who, const Identity& before,
                                          std::optional<State> state_before, State state,
                                          std::span<const std::string> loops);

}  // namespace fermata::progress
