// Any bytes from a socket: what is cut out of them are messages as they came, the same however the
// bytes arrive, and never more is kept than the bound allows. What such messages say of sequence
// numbers is a count that can go on, whichever side sent which of them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/sequence_record.hpp"
#include "adapters/fix/wire_frames.hpp"
#include "core/base/assert.hpp"

namespace {

using fermata::fix::WireFrames;

constexpr std::size_t kBodyMax = 512;
constexpr std::size_t kAroundMax = 64;  // BeginString, BodyLength and CheckSum of a message

struct Cut {
    std::vector<std::string> messages;
    std::string problem;
    friend bool operator==(const Cut&, const Cut&) = default;
};

/// In pieces of 1 to `most` bytes, whose lengths follow from what is in them.
Cut cut(std::string_view bytes, std::size_t most) {
    WireFrames frames(kBodyMax);
    Cut out;
    while (!bytes.empty()) {
        const auto wanted = 1 + static_cast<unsigned char>(bytes.front()) % most;
        const std::size_t count = std::min<std::size_t>(wanted, bytes.size());
        frames.add(bytes.data(), count);
        bytes.remove_prefix(count);
        for (std::string message; frames.next(message);) out.messages.push_back(message);
    }
    out.problem = frames.problem();
    return out;
}

/// `sides`: of each message in turn, a bit says whether it was ours.
void count_numbers(const std::vector<std::string>& messages, unsigned sides) {
    fermata::fix::SequenceRecord record;
    std::int64_t now = 0;
    for (const std::string& message : messages) {
        const auto read = fermata::fix::read_sequence(message);
        if (!read) continue;
        FERMATA_ASSERT(read->number > 0 && !read->type.empty());
        ++now;
        record.on_message(fermata::Timestamp{now}, (sides >> (now % 8) & 1) != 0, *read,
                          now % 5 == 0);
        const auto count = record.count();
        FERMATA_ASSERT(!count || (count->to_send >= 1 && count->to_receive >= 1 &&
                                  count->first >= 1 && count->begun <= count->newest));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // People and libFuzzer's dictionaries write '|' more easily.
    std::string bytes(reinterpret_cast<const char*>(data), size);
    std::replace(bytes.begin(), bytes.end(), '|', '\x01');
    WireFrames frames(kBodyMax);
    Cut whole;
    frames.add(bytes.data(), bytes.size());
    for (std::string message; frames.next(message);) whole.messages.push_back(message);
    whole.problem = frames.problem();

    std::size_t at = 0;
    for (const std::string& message : whole.messages) {
        FERMATA_ASSERT(bytes.compare(at, message.size(), message) == 0);
        FERMATA_ASSERT(message.size() <= kBodyMax + kAroundMax);
        FERMATA_ASSERT(message.starts_with("8=FIX") && message.back() == '\x01');
        FERMATA_ASSERT(message.substr(message.size() - 7, 3) == "10=");
        at += message.size();
    }
    // With no problem, what is left is the beginning of a message.
    FERMATA_ASSERT(!whole.problem.empty() || bytes.size() - at < kBodyMax + kAroundMax);
    (void)fermata::fix::read_sequence(bytes);
    const unsigned sides = size == 0 ? 0U : data[size - 1];
    for (const unsigned s : {sides, 0x55U, 0xf0U}) count_numbers(whole.messages, s);
    for (const std::size_t most : {1U, 7U, 64U}) FERMATA_ASSERT(cut(bytes, most) == whole);
    return 0;
}
