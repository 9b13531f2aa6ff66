#include "core/event/codec.hpp"

#include <array>
#include <cstring>

#include "core/base/bytes.hpp"

namespace fermata {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kWords = sizeof(OrderEvent) / kWord;

}  // namespace

std::size_t encode(const OrderEvent& event, std::byte* out) noexcept {
    std::array<std::uint64_t, kWords> words;
    std::memcpy(words.data(), &event, sizeof event);
    words[OrderEvent::kLaneWord] &= ~OrderEvent::kLaneMask;
    std::size_t count = kWords;
    while (count > kOrderEventBytesMin / kWord && words[count - 1] == 0) --count;
    // All 128 bytes: a copy of fixed size is one run of vector moves.
    std::memcpy(out, words.data(), sizeof event);
    return count * kWord;
}

std::string_view describe(CodecError error) noexcept {
    switch (error) {
        case CodecError::kLength:
            return "has a length that no event has";
        case CodecError::kNotCanonical:
            return "is not in the one form that a writer makes";
        case CodecError::kUnknownType:
            return "is of a type that this build does not know";
    }
    return "?";
}

Status<CodecError> decode(std::span<const std::byte> bytes, OrderEvent& out) noexcept {
    if (bytes.size() % kWord != 0 || bytes.size() < kOrderEventBytesMin ||
        bytes.size() > kOrderEventBytesMax) {
        return Err{CodecError::kLength};
    }
    std::array<std::uint64_t, kWords> words{};
    std::memcpy(words.data(), bytes.data(), bytes.size());
    const std::size_t count = bytes.size() / kWord;
    if (count > kOrderEventBytesMin / kWord && words[count - 1] == 0) {
        return Err{CodecError::kNotCanonical};
    }
    if ((words[OrderEvent::kLaneWord] & OrderEvent::kLaneMask) != 0) {
        return Err{CodecError::kNotCanonical};
    }
    std::memcpy(static_cast<void*>(&out), words.data(), sizeof out);
    if (!is_order_event_type(static_cast<std::uint16_t>(out.type))) {
        return Err{CodecError::kUnknownType};
    }
    return Unit{};
}

bool is_order_event_type(std::uint16_t number) noexcept {
    if (number > 0xff) return false;
    switch (static_cast<OrderEventType>(number)) {
        case OrderEventType::kNone:
            return false;
        case OrderEventType::kNewOrder:
        case OrderEventType::kCancel:
        case OrderEventType::kReplace:
        case OrderEventType::kTimerSet:
        case OrderEventType::kBasket:
        case OrderEventType::kAlgo:
        case OrderEventType::kAlgoReport:
        case OrderEventType::kRoute:
        case OrderEventType::kCorrection:
        case OrderEventType::kVerdict:
        case OrderEventType::kSendNew:
        case OrderEventType::kSendCancel:
        case OrderEventType::kSendReplace:
        case OrderEventType::kExecution:
        case OrderEventType::kOrderUpdate:
        case OrderEventType::kFill:
        case OrderEventType::kAccount:
        case OrderEventType::kTimer:
        case OrderEventType::kControl:
        case OrderEventType::kAlert:
        case OrderEventType::kPosition:
        case OrderEventType::kMark:
        case OrderEventType::kConsumed:
        case OrderEventType::kEquity:
        case OrderEventType::kPreview:
        case OrderEventType::kRiskInput:
        case OrderEventType::kRiskSnapshot:
            return true;
    }
    return false;
}

}  // namespace fermata
