#include "adapters/latch/latch_format.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/base/assert.hpp"
#include "core/base/crc32c.hpp"
#include "core/port/latch.hpp"

namespace fermata::latch {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

std::span<const std::byte> bytes_of(const void* from, std::size_t size) noexcept {
    return {static_cast<const std::byte*>(from), size};
}

std::uint32_t head_crc(const Head& head) noexcept {
    return crc32c(bytes_of(&head, offsetof(Head, crc)));
}

std::uint32_t slot_crc(Slot slot, std::span<const Entry> entries) noexcept {
    slot.crc = 0;
    return crc32c_extend(crc32c(bytes_of(&slot, sizeof(Slot))),
                         bytes_of(entries.data(), entries.size_bytes()));
}

bool sensible(const Entry& e) noexcept {
    return static_cast<int>(e.scope) < kControlScopeCount && e.level != Level::kActive &&
           e.level <= Level::kFlatten && e.target.bytes.back() == 0 && e.reason.bytes.back() == 0;
}

/// A slot that is whole: then `out` has it and its entries.
bool read_slot(std::span<const std::byte> bytes, std::size_t n, State& out) noexcept {
    const std::byte* at = bytes.data() + kSlotAt[n];
    std::memcpy(&out.slot, at, sizeof(Slot));
    if (out.slot.generation == 0 || out.slot.generation > kGenerationMask ||
        out.slot.count > kEntriesMax) {
        return false;
    }
    std::memcpy(out.entries.data(), at + sizeof(Slot), out.slot.count * sizeof(Entry));
    return slot_crc(out.slot, out.latched()) == out.slot.crc &&
           std::all_of(out.latched().begin(), out.latched().end(), sensible);
}

std::uint64_t generation_at(std::span<const std::byte> bytes, std::size_t n) noexcept {
    std::uint64_t generation = 0;
    std::memcpy(&generation, bytes.data() + kSlotAt[n], sizeof(generation));
    return generation;
}

Fault judge(std::span<const std::byte> bytes, State& out) noexcept {
    if (bytes.size() != kLatchBytes) return Fault::kSize;
    Head head;
    std::memcpy(&head, bytes.data(), sizeof(Head));
    // Before anything else: who set it meant it, whatever else may be wrong.
    out.emergency = (head.word & Latch::kEmergency) != 0;
    out.halts = head.word & kHaltsMask;
    out.emergency_actor = static_cast<std::uint32_t>(head.emergency_by);
    out.emergency_control = static_cast<std::uint8_t>(head.emergency_by >> 32);
    out.emergency_when_ns = head.emergency_when_ns;
    const bool ours = head.magic == kMagic && head.crc == head_crc(head);
    if (!ours || head.version != kVersion || head.entries_max != kEntriesMax) {
        // Nor does anybody know by whom.
        out.emergency_actor = kNoActor;
        out.emergency_control = 0xff;
        out.emergency_when_ns = 0;
        return ours ? Fault::kOtherVersion : Fault::kHead;
    }
    out.people = head.people == 0 ? 1 : head.people;  // zero in files of before
    // The newer one first; the other only when that one is not whole.
    const std::size_t newer = generation_at(bytes, 1) > generation_at(bytes, 0) ? 1 : 0;
    std::size_t n = newer;
    if (!read_slot(bytes, n, out)) {
        n = 1 - newer;
        if (!read_slot(bytes, n, out)) return Fault::kSlots;
    }
    // Which of them is in force nobody knows.
    if (generation_at(bytes, 0) == generation_at(bytes, 1)) return Fault::kTwice;
    const std::uint64_t known = head.word & kGenerationMask;
    if (known > out.slot.generation) return Fault::kLost;
    if (known + 1 < out.slot.generation) return Fault::kWord;
    if (known == out.slot.generation &&
        (head.word & ~(Latch::kEmergency | kHaltsMask)) != out.word()) {
        return Fault::kWord;
    }
    out.in_force = static_cast<int>(n);
    if (head.asked_version == out.version()) {
        out.asked_by = head.asked_by;
        out.asked_when_ns = head.asked_when_ns;
    }
    return Fault::kNone;
}

}  // namespace

void Text::assign(std::string_view text) noexcept {
    bytes.fill(0);
    std::copy_n(text.begin(), std::min(text.size(), kTextMax - 1), bytes.begin());
}

std::string_view Text::view() const noexcept {
    return {bytes.data(), std::min(kTextMax, std::strlen(bytes.data()))};
}

bool Text::is(std::string_view text) const noexcept {
    return view() == text.substr(0, kTextMax - 1);
}

std::string_view name(Fault fault) noexcept {
    switch (fault) {
        case Fault::kNone:
            return "none";
        case Fault::kAbsent:
            return "there is no such file";
        case Fault::kInputOutput:
            return "it cannot be read";
        case Fault::kSize:
            return "it has not the length of a latch file";
        case Fault::kHead:
            return "it does not begin as a latch file does";
        case Fault::kOtherVersion:
            return "another version of this program wrote it";
        case Fault::kSlots:
            return "no state in it is whole";
        case Fault::kLost:
            return "its newest state is lost";
        case Fault::kWord:
            return "its word does not belong to its state";
        case Fault::kTwice:
            return "two states in it bear the same number";
    }
    return "?";
}

Entry* State::find(ControlScope scope, std::string_view target) noexcept {
    for (std::size_t n = 0; n < slot.count; ++n) {
        Entry& e = entries[n];
        if (e.scope == scope && (scope == ControlScope::kFirm || e.target.is(target))) return &e;
    }
    return nullptr;
}

std::uint64_t State::word() const noexcept {
    return slot.generation | (slot.count != 0 ? Latch::kLatched : 0);
}

void examine(std::span<const std::byte> bytes, State& out) noexcept {
    out.emergency = false;
    out.halts = 0;
    out.people = 1;
    out.asked_by = kNoActor;
    out.in_force = -1;
    out.fault = judge(bytes, out);
    if (out.fault != Fault::kNone) out.slot = Slot{};
}

void write_head(std::span<std::byte> bytes, std::uint32_t people) noexcept {
    FERMATA_ASSERT(bytes.size() == kLatchBytes);
    Head head;
    head.people = people;
    head.crc = head_crc(head);
    std::memcpy(bytes.data(), &head, offsetof(Head, word));
}

void write_slot(std::span<std::byte> bytes, int slot, State& state) noexcept {
    FERMATA_ASSERT(bytes.size() == kLatchBytes && (slot == 0 || slot == 1));
    state.slot.crc = slot_crc(state.slot, state.latched());
    std::byte* at = bytes.data() + kSlotAt[static_cast<std::size_t>(slot)];
    std::memcpy(at, &state.slot, sizeof(Slot));
    std::memcpy(at + sizeof(Slot), state.entries.data(), state.latched().size_bytes());
}

TradingState state_of(Level level) noexcept {
    return level == Level::kActive       ? TradingState::kActive
           : level == Level::kReduceOnly ? TradingState::kReducing
                                         : TradingState::kHalted;
}

CancelOrders cancels_of(Level level) noexcept {
    switch (level) {
        case Level::kReduceOnly:
            return CancelOrders::kIncreasing;
        case Level::kCancelAll:
        case Level::kFlatten:
            return CancelOrders::kAll;
        default:
            return CancelOrders::kNone;
    }
}

Level level_of(const ControlData& control) noexcept {
    switch (control.state) {
        case TradingState::kActive:
            return Level::kActive;
        case TradingState::kReducing:
            return Level::kReduceOnly;
        case TradingState::kHalted:
            break;
    }
    if (control.flatten != 0) return Level::kFlatten;
    return control.cancel_orders == static_cast<std::uint8_t>(CancelOrders::kNone)
               ? Level::kNoNewOrders
               : Level::kCancelAll;
}

int rank(Level level) noexcept {
    switch (level) {
        case Level::kActive:
            return 0;
        case Level::kReduceOnly:
            return 1;
        case Level::kNoNewOrders:
            return 2;
        case Level::kCancelAll:
            return 3;
        case Level::kFlatten:
            break;
    }
    return 4;
}

}  // namespace fermata::latch
