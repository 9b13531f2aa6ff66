// Any bytes as a latch file: it says what a plain reading of the documented layout says, and a file
// that is not wholly valid never reads as looser than HALTED, neither by itself nor for a run. What
// is latched in it afterwards is in force, and makes nothing looser.
//
// The first byte chooses; the next two are the length of what is meant for slot 0. Then follow the
// head, slot 0 and slot 1, between which there are zeros in the file.
//     1   the rest is the file as it stands, of whatever length
//     2   the checksum of the head is made right
//     4, 8    that of slot 0, 1
//     16  the word is made to fit the slot of the higher generation
//     32  the file is a byte short
//     64  the emergency bit is set

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/latch/run_latch.hpp"
#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"

namespace {

using namespace fermata;

// The layout as it is documented, in numbers of its own.
constexpr std::size_t kFileBytes = 69'632;
constexpr std::size_t kHeadBytes = 88;
constexpr std::size_t kSlots[2] = {4'096, 36'864};
constexpr std::size_t kRecord = 128;
constexpr std::uint64_t kMostEntries = 254;
constexpr std::uint64_t kEmergencyBit = std::uint64_t{1} << 63;
constexpr std::uint64_t kLatchedBit = std::uint64_t{1} << 62;
constexpr std::uint64_t kHaltBits = std::uint64_t{0xffff} << 46;  // emergency halts so far
constexpr std::uint64_t kMostGenerations = std::uint64_t{1} << 46;

using Bytes = std::vector<std::byte>;

template <class T>
T at(const Bytes& bytes, std::size_t offset) {
    return load_little_endian<T>(bytes.data() + offset);
}

std::uint32_t slot_checksum(const Bytes& bytes, std::size_t slot) {
    const std::size_t count = at<std::uint32_t>(bytes, slot + 8);
    Bytes covered(bytes.begin() + static_cast<std::ptrdiff_t>(slot),
                  bytes.begin() + static_cast<std::ptrdiff_t>(slot + kRecord * (1 + count)));
    store_little_endian(covered.data() + 12, std::uint32_t{0});
    return crc32c(covered);
}

/// What is latched, as a person would read it from the bytes.
struct Target {
    std::uint8_t scope = 0;
    std::uint8_t level = 0;
    std::string name;
    friend bool operator==(const Target&, const Target&) = default;
};
struct Reading {
    std::uint64_t generation = 0;
    std::vector<Target> latched;
};

std::optional<std::string> text_at(const Bytes& bytes, std::size_t offset) {
    const std::string all(text_of(std::span(bytes).subspan(offset, 48)));
    const std::size_t end = all.find('\0');
    if (all.back() != '\0') return std::nullopt;
    return all.substr(0, end);
}

std::optional<Reading> read_slot(const Bytes& bytes, std::size_t slot) {
    Reading out;
    out.generation = at<std::uint64_t>(bytes, slot);
    const std::uint32_t count = at<std::uint32_t>(bytes, slot + 8);
    if (out.generation == 0 || out.generation >= kMostGenerations || count > kMostEntries)
        return {};
    if (slot_checksum(bytes, slot) != at<std::uint32_t>(bytes, slot + 12)) return {};
    for (std::size_t n = 1; n <= count; ++n) {
        const std::size_t entry = slot + n * kRecord;
        Target t{at<std::uint8_t>(bytes, entry + 108), at<std::uint8_t>(bytes, entry + 109), {}};
        const auto name = text_at(bytes, entry);
        if (t.scope > 4 || t.level < 1 || t.level > 4 || !name) return {};
        if (!text_at(bytes, entry + 48)) return {};
        t.name = *name;
        out.latched.push_back(t);
    }
    return out;
}

/// The state in force; nothing when the file says HALTED and no more.
std::optional<Reading> read_plainly(const Bytes& bytes) {
    if (bytes.size() != kFileBytes) return {};
    if (text_of(std::span(bytes).first(8)) != "FMLATCH\n") return {};
    if (at<std::uint32_t>(bytes, 8) != 1 || at<std::uint32_t>(bytes, 12) != kMostEntries) return {};
    if (crc32c(std::span(bytes).first(20)) != at<std::uint32_t>(bytes, 20)) return {};
    if (at<std::uint64_t>(bytes, kSlots[0]) == at<std::uint64_t>(bytes, kSlots[1])) return {};
    std::optional<Reading> best;
    for (const std::size_t slot : kSlots) {
        auto found = read_slot(bytes, slot);
        if (found && (!best || found->generation > best->generation)) best = std::move(found);
    }
    if (!best) return {};
    const std::uint64_t word = at<std::uint64_t>(bytes, 64) & ~(kEmergencyBit | kHaltBits);
    const std::uint64_t known = word & ~kLatchedBit;
    if (known != best->generation && known + 1 != best->generation) return {};
    const bool says_latched = (word & kLatchedBit) != 0;
    if (known == best->generation && says_latched != !best->latched.empty()) return {};
    return best;
}

Bytes file_of(std::span<const std::uint8_t> input) {
    const std::span<const std::byte> given = std::as_bytes(input);
    const unsigned choice = input[0];
    if ((choice & 1) != 0) return {given.begin() + 1, given.end()};
    Bytes bytes(kFileBytes);
    const std::size_t first_slot = input[1] | std::size_t{input[2]} << 8;
    std::span<const std::byte> rest = given.subspan(3);
    const auto put = [&](std::size_t offset, std::size_t size) {
        const auto part = rest.first(std::min(size, rest.size()));
        const std::size_t room = std::min(part.size(), kFileBytes - offset);
        std::copy_n(part.begin(), room, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
        rest = rest.subspan(part.size());
    };
    put(0, kHeadBytes);
    put(kSlots[0], std::min(first_slot, kSlots[1] - kSlots[0]));
    put(kSlots[1], rest.size());
    if ((choice & 2) != 0) {
        store_little_endian(bytes.data() + 20, crc32c(std::span(bytes).first(20)));
    }
    for (const std::size_t slot : kSlots) {
        if ((choice & (slot == kSlots[0] ? 4U : 8U)) == 0) continue;
        if (at<std::uint32_t>(bytes, slot + 8) > kMostEntries) continue;
        store_little_endian(bytes.data() + slot + 12, slot_checksum(bytes, slot));
    }
    if ((choice & 16) != 0) {
        const bool second =
            at<std::uint64_t>(bytes, kSlots[1]) > at<std::uint64_t>(bytes, kSlots[0]);
        const std::size_t slot = kSlots[second ? 1 : 0];
        const bool latched = at<std::uint32_t>(bytes, slot + 8) != 0;
        store_little_endian(bytes.data() + 64,
                            at<std::uint64_t>(bytes, slot) | (latched ? kLatchedBit : 0));
    }
    if ((choice & 64) != 0) {
        store_little_endian(bytes.data() + 64, at<std::uint64_t>(bytes, 64) | kEmergencyBit);
    }
    if ((choice & 32) != 0) bytes.pop_back();
    return bytes;
}

void check_reading(const Bytes& bytes, const std::optional<Reading>& plain) {
    static const auto state = std::make_unique<latch::State>();
    latch::examine(bytes, *state);
    FERMATA_ASSERT((state->fault == latch::Fault::kNone) == plain.has_value());
    FERMATA_ASSERT(!latch::name(state->fault).empty() && latch::name(state->fault) != "?");
    const bool emergency =
        bytes.size() == kFileBytes && (at<std::uint64_t>(bytes, 64) & kEmergencyBit) != 0;
    FERMATA_ASSERT(state->emergency == emergency);
    if (!plain) {
        FERMATA_ASSERT(state->latched().empty() && state->in_force == -1);
        return;
    }
    FERMATA_ASSERT(state->slot.generation == plain->generation);
    FERMATA_ASSERT(state->latched().size() == plain->latched.size());
    for (std::size_t n = 0; n < plain->latched.size(); ++n) {
        const latch::Entry& e = state->latched()[n];
        const Target found{static_cast<std::uint8_t>(e.scope), static_cast<std::uint8_t>(e.level),
                           std::string(e.target.view())};
        FERMATA_ASSERT(found == plain->latched[n]);
    }
    // Written and read again, it is the same.
    Bytes again(kFileBytes);
    latch::write_head(again, state->people);
    latch::write_slot(again, 1, *state);
    const std::uint64_t word = state->word();
    std::memcpy(again.data() + 64, &word, sizeof word);
    const auto second = read_plainly(again);
    FERMATA_ASSERT(second && second->generation == plain->generation);
    FERMATA_ASSERT(second->latched == plain->latched);
}

/// How strict: nothing, cancels what increases, no new orders, cancels all (flattening is not told
/// apart where orders are judged).
int strictness(const ControlData& control) {
    switch (control.state) {
        case TradingState::kActive:
            return 0;
        case TradingState::kReducing:
            return 1;
        case TradingState::kHalted:
            break;
    }
    return control.cancel_orders == static_cast<std::uint8_t>(CancelOrders::kAll) ? 3 : 2;
}
int strictness_of_level(std::uint8_t level) {
    constexpr int kOfLevel[] = {0, 2, 1, 3, 3};
    return kOfLevel[level];
}

const latch::Names kNames = {{"main", "other"}, {"rsi", std::string(60, 'x')}, {"A"}, {"sim"}};
const std::array<std::vector<std::string>, 5>& names() {
    static const std::array<std::vector<std::string>, 5> all = [] {
        std::array<std::vector<std::string>, 5> out;
        out[static_cast<std::size_t>(ControlScope::kFirm)] = {""};
        out[static_cast<std::size_t>(ControlScope::kAccount)] = kNames.accounts;
        out[static_cast<std::size_t>(ControlScope::kStrategy)] = kNames.strategies;
        out[static_cast<std::size_t>(ControlScope::kInstrument)] = kNames.instruments;
        out[static_cast<std::size_t>(ControlScope::kVenue)] = kNames.venues;
        return out;
    }();
    return all;
}

/// By scope and target; what a target says or the firm says for it.
std::vector<int> in_force(const Latch& latch) {
    std::vector<int> out;
    const int firm = strictness(latch.find(ControlScope::kFirm, 0));
    for (std::size_t scope = 0; scope < names().size(); ++scope) {
        for (std::size_t id = 0; id < names()[scope].size(); ++id) {
            out.push_back(
                std::max(firm, strictness(latch.find(static_cast<ControlScope>(scope), id))));
        }
    }
    return out;
}

std::vector<int> expected(const std::optional<Reading>& plain, bool emergency) {
    int firm = !plain ? 2 : 0;
    if (emergency) firm = 3;
    std::array<std::vector<int>, 5> of;
    for (std::size_t scope = 0; scope < of.size(); ++scope) {
        of[scope].resize(names()[scope].size());
    }
    for (const Target& t : plain ? plain->latched : std::vector<Target>()) {
        const int strict = strictness_of_level(t.level);
        bool known = false;
        for (std::size_t id = 0; t.scope != 0 && id < of[t.scope].size(); ++id) {
            if (names()[t.scope][id].substr(0, 47) != t.name) continue;
            of[t.scope][id] = std::max(of[t.scope][id], strict);
            known = true;
        }
        if (!known) firm = std::max(firm, strict);
    }
    std::vector<int> out;
    for (const auto& all : of) {
        for (const int strict : all) out.push_back(std::max(firm, strict));
    }
    return out;
}

/// In memory where the system has such a folder; removed at the end.
struct ScratchFile {
    ScratchFile() {
        const char* const folder = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
        path = std::string(folder) + "/latch_fuzz." + std::to_string(::getpid());
    }
    ~ScratchFile() {
        std::error_code ignored;  // it is only a scratch file
        std::filesystem::remove(path, ignored);
    }
    std::string path;
};

void check_run(const Bytes& bytes, const std::optional<Reading>& plain) {
    static const ScratchFile scratch;
    {
        std::ofstream out(scratch.path, std::ios::binary | std::ios::trunc);
        out.write(reinterpret_cast<const char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
        FERMATA_ASSERT(out.good());
    }
    latch::RunLatch latch(scratch.path, kNames);
    latch.read();
    const bool emergency =
        bytes.size() == kFileBytes && (at<std::uint64_t>(bytes, 64) & kEmergencyBit) != 0;
    const std::vector<int> before = in_force(latch);
    FERMATA_ASSERT(before == expected(plain, emergency));

    ControlData halt;
    halt.scope = ControlScope::kStrategy;
    halt.target = 1;
    halt.state = TradingState::kHalted;
    halt.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kNone);
    halt.control = 7;
    const bool done = latch.set(halt, Timestamp{1});
    FERMATA_ASSERT(!done || plain);
    const std::vector<int> after = in_force(latch);
    for (std::size_t n = 0; n < after.size(); ++n) FERMATA_ASSERT(after[n] >= before[n]);
    const int firm = strictness(latch.find(ControlScope::kFirm, 0));
    FERMATA_ASSERT(std::max(firm, strictness(latch.find(ControlScope::kStrategy, halt.target))) >=
                   2);
    // Whoever opens it next finds the same.
    latch::RunLatch next(scratch.path, kNames);
    next.read();
    FERMATA_ASSERT(in_force(next) == after);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const Bytes bytes = file_of({data, size});
    const auto plain = read_plainly(bytes);
    check_reading(bytes, plain);
    check_run(bytes, plain);
    return 0;
}
