#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/event/risk_data.hpp"

/// The bytes of a latch file. Pure: no file, no memory of its own.
///
/// Layout (little-endian; the whole file is kLatchBytes long):
///     0       LatchHead: magic, version, sizes, their CRC; the word; who set the emergency bit
///     4096    slot 0: LatchSlot, then its entries
///     36864   slot 1
/// A state is written whole into the slot that is not in force, under the next generation, with a
/// CRC over all that it says. The word is the number of the state in force, with two bits: kLatched
/// (it says that something is latched) and kEmergency (the firm is HALTED whatever the slots say;
/// set without a lock), and with how often the latter was set: a release ends only those halts that
/// it knew of.
///
/// Which state is in force: that of the valid slot with the highest generation. Wherever a write
/// was cut off, that is the state before it or the one that was written, or it shows that a state
/// is lost, and then everything is HALTED:
///     no slot is valid                                    -> halted
///     the word knows a generation that no valid slot has  -> halted (a newer state was lost)
///     the word is more than one behind, or disagrees      -> halted (not written by this code)
///     both slots bear one generation                      -> halted (not written by this code)
namespace fermata::latch {

inline constexpr std::array<char, 8> kMagic = {'F', 'M', 'L', 'A', 'T', 'C', 'H', '\n'};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kEntriesMax = 254;
inline constexpr std::size_t kTextMax = 48;  ///< With at least one zero at the end.

/// How far a kill goes; each includes those before it.
enum class Level : std::uint8_t {
    kActive = 0,
    kReduceOnly = 2,   ///< Cancels what increases.
    kNoNewOrders = 1,  ///< Orders that are open stay.
    kCancelAll = 3,
    kFlatten = 4,  ///< As kCancelAll, and the positions are closed.
};

/// Text of a fixed size, zero-padded; what does not fit is cut off.
struct Text {
    std::array<char, kTextMax> bytes{};
    void assign(std::string_view text) noexcept;
    [[nodiscard]] std::string_view view() const noexcept;
    /// `text`, as far as it fits, is this.
    [[nodiscard]] bool is(std::string_view text) const noexcept;
};

/// One target that is not ACTIVE.
struct Entry {
    Text target;  ///< Name; empty for the firm.
    Text reason;
    std::int64_t when_ns = 0;  ///< UTC, as whoever set it knows it.
    std::uint32_t actor = kNoActor;
    ControlScope scope = ControlScope::kFirm;
    Level level = Level::kActive;
    std::uint8_t control = 0xff;  ///< Number of the control that tripped; 0xff: a person.
    std::uint8_t reserved = 0;
    std::uint64_t generation = 0;  ///< In which it came to this level.
    std::uint64_t reserved2 = 0;
};
static_assert(sizeof(Entry) == 128);

/// What a slot says beside its entries.
struct Slot {
    std::uint64_t generation = 0;  ///< From 1.
    std::uint32_t count = 0;
    std::uint32_t crc = 0;  ///< CRC-32C of the slot with this field zero, and of `count` entries.
    std::int64_t when_ns = 0;
    std::uint32_t actor = kNoActor;  ///< Of the last change.
    std::uint32_t reserved = 0;
    Text reason;
    std::uint64_t reserved2[6] = {};
};
static_assert(sizeof(Slot) == 128);

struct Head {
    std::array<char, 8> magic = kMagic;
    std::uint32_t version = kVersion;
    std::uint32_t entries_max = kEntriesMax;
    std::uint32_t people = 1;  ///< Who must agree before anything is loosened: one, or two.
    std::uint32_t crc = 0;     ///< Of what stands before it.
    std::uint64_t reserved2[5] = {};
    std::uint64_t word = 0;          ///< At kWordAt; see Latch::word.
    std::uint64_t emergency_by = 0;  ///< Actor, and control << 32.
    std::int64_t emergency_when_ns = 0;
    // What the first of two people asked for.
    std::uint32_t asked_by = kNoActor;
    std::uint32_t asked_what = 0;     ///< CRC-32C of scope, level and target.
    std::uint64_t asked_version = 0;  ///< Of the state that was seen; 0: nobody asked.
    std::int64_t asked_when_ns = 0;
};
inline constexpr std::size_t kWordAt = 64;
static_assert(sizeof(Head) == 112 && offsetof(Head, word) == kWordAt);

inline constexpr std::size_t kSlotBytes = 32'768;
inline constexpr std::array<std::size_t, 2> kSlotAt = {4'096, 4'096 + kSlotBytes};
inline constexpr std::size_t kLatchBytes = kSlotAt[1] + kSlotBytes;
static_assert(sizeof(Slot) + kEntriesMax * sizeof(Entry) <= kSlotBytes);
// Of the word.
inline constexpr std::uint64_t kGenerationMask = (std::uint64_t{1} << 46) - 1;
inline constexpr std::uint64_t kHaltUnit = std::uint64_t{1} << 46;  ///< One emergency halt.
inline constexpr std::uint64_t kHaltsMask = ((std::uint64_t{1} << 16) - 1) << 46;  ///< They wrap.

/// Why a file says nothing but HALTED.
enum class Fault : std::uint8_t {
    kNone = 0,
    kAbsent,        ///< There is no file.
    kInputOutput,   ///< It cannot be read.
    kSize,          ///< It has another length.
    kHead,          ///< It does not begin as a latch file does.
    kOtherVersion,  ///< It was written by another version.
    kSlots,         ///< No slot is whole.
    kLost,          ///< A newer state was published than any that is whole.
    kWord,          ///< The word does not belong to the state.
    kTwice,         ///< Both slots bear the same generation.
};
[[nodiscard]] std::string_view name(Fault fault) noexcept;  ///< "no state in it is whole", ...

/// All that a latch says. Large: make it once.
struct State {
    Fault fault = Fault::kNone;
    bool emergency = false;
    std::uint64_t halts = 0;  ///< Emergency halts so far, modulo 65,536, in kHaltUnit.
    std::uint8_t emergency_control = 0xff;
    std::uint32_t emergency_actor = kNoActor;
    std::int64_t emergency_when_ns = 0;
    std::uint32_t people = 1;           ///< Who must agree before anything is loosened.
    std::uint32_t asked_by = kNoActor;  ///< Who asked for what a second person may do now.
    std::int64_t asked_when_ns = 0;
    int in_force = -1;  ///< The slot.
    Slot slot;
    std::array<Entry, kEntriesMax> entries;

    [[nodiscard]] std::span<const Entry> latched() const noexcept {
        return {entries.data(), slot.count};
    }
    [[nodiscard]] Entry* find(ControlScope scope, std::string_view target) noexcept;
    /// The number that a change must name: it differs after everything that anyone did.
    [[nodiscard]] std::uint64_t version() const noexcept {
        return slot.generation + halts / kHaltUnit;
    }
    /// The word that belongs to it, without what tells of emergency halts.
    [[nodiscard]] std::uint64_t word() const noexcept;
};

/// Judges the bytes of a file. `out` is overwritten; with a fault it has no entries.
void examine(std::span<const std::byte> bytes, State& out) noexcept;

/// The head of a new file; word and slots are zero.
void write_head(std::span<std::byte> bytes, std::uint32_t people = 1) noexcept;
/// Writes `state` (its slot number and generation are the caller's) with its CRC.
void write_slot(std::span<std::byte> bytes, int slot, State& state) noexcept;

/// Where a level stands as a trading state and by which orders go.
[[nodiscard]] TradingState state_of(Level level) noexcept;
[[nodiscard]] CancelOrders cancels_of(Level level) noexcept;
[[nodiscard]] Level level_of(const ControlData& control) noexcept;
/// How strict: kActive < kReduceOnly < kNoNewOrders < kCancelAll < kFlatten.
[[nodiscard]] int rank(Level level) noexcept;

}  // namespace fermata::latch
