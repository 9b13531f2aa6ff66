#include "adapters/progress/progress_format.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/crc32c.hpp"

namespace fermata::progress {
namespace {

constexpr std::size_t kCrcAt = offsetof(Head, crc);

bool printable(char c) noexcept { return c >= ' ' && c <= '~'; }

/// Zero-terminated and zero-padded text of printable characters; nothing else.
template <std::size_t N>
std::optional<std::string> text_of(const std::array<char, N>& bytes) {
    const auto end = std::find(bytes.begin(), bytes.end(), '\0');
    if (end == bytes.end() || !std::all_of(bytes.begin(), end, printable)) return std::nullopt;
    if (!std::all_of(end, bytes.end(), [](char c) { return c == '\0'; })) return std::nullopt;
    return std::string(bytes.begin(), end);
}

std::optional<State> state_of(std::uint64_t value) noexcept {
    if (value < static_cast<std::uint64_t>(State::kStarting) ||
        value > static_cast<std::uint64_t>(State::kSettled)) {
        return std::nullopt;
    }
    return static_cast<State>(value);
}

bool makes_sense(const Identity& who) {
    return who.pid > 0 && who.reserved == 0 && text_of(who.boot).has_value();
}

template <class T>
T load(std::span<const std::byte> bytes, std::size_t at) noexcept {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

}  // namespace

std::string_view name(State state) noexcept {
    switch (state) {
        case State::kStarting:
            return "starting";
        case State::kRunning:
            return "running";
        case State::kEnding:
            return "ending";
        case State::kEnded:
            return "ended";
        case State::kFailed:
            return "failed";
        case State::kSettled:
            return "settled";
    }
    return "?";
}

std::string_view name(Fault fault) noexcept {
    switch (fault) {
        case Fault::kAbsent:
            return "there is no such file";
        case Fault::kInputOutput:
            return "it cannot be read";
        case Fault::kSize:
            return "it has another length than a progress file";
        case Fault::kHead:
            return "it is no progress file";
        case Fault::kOtherVersion:
            return "it was written by another version";
        case Fault::kDamaged:
            return "it is damaged";
    }
    return "?";
}

Result<Snapshot, Fault> examine(std::span<const std::byte> bytes) {
    if (bytes.size() != kFileBytes) return Err{Fault::kSize};
    const Head head = load<Head>(bytes, 0);
    if (head.magic != kMagic) return Err{Fault::kHead};
    if (head.version != kVersion) return Err{Fault::kOtherVersion};
    if (head.crc != crc32c(bytes.first(kCrcAt))) return Err{Fault::kDamaged};
    const auto state = state_of(load<std::uint64_t>(bytes, kStateAt));
    if (!state || head.loops > kLoopsMax || !makes_sense(head.who)) return Err{Fault::kDamaged};
    Snapshot s;
    s.who = head.who;
    s.state = *state;
    if (head.before.pid != 0) {
        s.state_before = state_of(head.state_before);
        if (!s.state_before || !makes_sense(head.before)) return Err{Fault::kDamaged};
        s.before = head.before;
    }
    for (std::size_t n = 0; n < head.loops; ++n) {
        auto text = text_of(head.names[n]);
        if (!text || text->empty()) return Err{Fault::kDamaged};
        s.loops.push_back(
            {std::move(*text), load<std::uint64_t>(bytes, kCountersAt + n * kCounterBytes)});
    }
    // No checksum covers it: whatever it says is shown, and decides nothing.
    for (std::size_t n = 0; n < kReasonMax; ++n) {
        const auto c = static_cast<char>(bytes[kReasonAt + n]);
        if (c == '\0') break;
        s.reason.push_back(printable(c) ? c : '?');
    }
    return s;
}

std::vector<std::byte> make(const Identity& who, const Identity& before,
                            std::optional<State> state_before, State state,
                            std::span<const std::string> loops) {
    Head head;
    head.loops = static_cast<std::uint32_t>(std::min(loops.size(), kLoopsMax));
    head.who = who;
    if (before.pid != 0 && state_before) {
        head.before = before;
        head.state_before = static_cast<std::uint32_t>(*state_before);
    }
    for (std::size_t n = 0; n < head.loops; ++n) {
        loops[n].copy(head.names[n].data(), kNameMax - 1);
    }
    std::vector<std::byte> bytes(kFileBytes);
    std::memcpy(bytes.data(), &head, sizeof head);
    head.crc = crc32c(std::span<const std::byte>(bytes).first(kCrcAt));
    std::memcpy(bytes.data() + kCrcAt, &head.crc, sizeof head.crc);
    const auto standing = static_cast<std::uint64_t>(state);
    std::memcpy(bytes.data() + kStateAt, &standing, sizeof standing);
    return bytes;
}

}  // namespace fermata::progress
