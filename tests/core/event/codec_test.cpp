#include "core/event/codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstring>

#include "core/base/bytes.hpp"

namespace fermata {
namespace {

using Buffer = std::array<std::byte, kOrderEventBytesMax>;

CodecError error_of(std::span<const std::byte> bytes) {
    OrderEvent event;
    return decode(bytes, event).error();
}

OrderEvent timer_event() {
    OrderEvent event = make_order_event(OrderEventType::kTimer, Timestamp{1}, InstrumentId{2});
    event.data.timer = TimerData{};
    event.data.timer.timer_id = 7;
    return event;
}

TEST(OrderEventCodec, DropsTheZeroWordsAtTheEnd) {
    Buffer bytes;
    // Five words before the payload, and the one word of the payload that is not zero.
    EXPECT_EQ(encode(timer_event(), bytes.data()), 48U);
}

TEST(OrderEventCodec, KeepsTheWholeHeadOfAnEventWithoutPayload) {
    OrderEvent event = timer_event();
    event.data.timer.timer_id = 0;
    Buffer bytes;
    EXPECT_EQ(encode(event, bytes.data()), kOrderEventBytesMin);
}

TEST(OrderEventCodec, KeepsZeroWordsBeforeTheLastUsedOne) {
    OrderEvent event = timer_event();
    event.data.words[10] = 1;
    Buffer bytes;
    EXPECT_EQ(encode(event, bytes.data()), kOrderEventBytesMax);
}

TEST(OrderEventCodec, ClearsTheBitOfTheLane) {
    OrderEvent event = timer_event();
    event.flags = 0x81;
    Buffer bytes;
    const std::size_t length = encode(event, bytes.data());
    OrderEvent back;
    ASSERT_TRUE(decode(std::span(bytes).first(length), back).ok());
    EXPECT_EQ(back.flags, 0x01);
}

TEST(OrderEventCodec, RefusesLengthsThatNoEventHas) {
    Buffer bytes;
    (void)encode(timer_event(), bytes.data());
    std::array<std::byte, kOrderEventBytesMax + 8> longer{};
    for (const std::size_t length : {0U, 8U, 32U, 41U, 47U, 49U}) {
        EXPECT_EQ(error_of(std::span(bytes).first(length)), CodecError::kLength) << length;
    }
    EXPECT_EQ(error_of(longer), CodecError::kLength);
}

TEST(OrderEventCodec, RefusesASecondFormOfTheSameEvent) {
    Buffer bytes;
    const std::size_t length = encode(timer_event(), bytes.data());
    EXPECT_EQ(error_of(std::span(bytes).first(length + 8)), CodecError::kNotCanonical);
    bytes[39] |= std::byte{0x80};  // the lane's bit
    EXPECT_EQ(error_of(std::span(bytes).first(length)), CodecError::kNotCanonical);
}

TEST(OrderEventCodec, RefusesATypeThatItDoesNotKnow) {
    Buffer bytes;
    const std::size_t length = encode(timer_event(), bytes.data());
    for (const int type : {0, 11, 12, 19, 67, 255}) {
        bytes[38] = static_cast<std::byte>(type);
        EXPECT_EQ(error_of(std::span(bytes).first(length)), CodecError::kUnknownType) << type;
    }
}

TEST(OrderEventCodec, KnowsTheSameTypesAsTheirNames) {
    for (std::uint16_t type = 1; type < 256; ++type) {
        EXPECT_EQ(is_order_event_type(type),
                  name(static_cast<OrderEventType>(type)) != std::string_view("?"))
            << type;
    }
    EXPECT_FALSE(is_order_event_type(0));
    EXPECT_FALSE(is_order_event_type(256 + 1));
}

RC_GTEST_PROP(OrderEventCodec, GivesBackEveryByteThatItWasGiven,
              (std::array<std::uint64_t, 16> words, bool sparse)) {
    words[4] = (words[4] & ~OrderEvent::kLaneMask & ~(std::uint64_t{0xff} << 48)) |
               (std::uint64_t{static_cast<std::uint8_t>(OrderEventType::kFill)} << 48);
    if (sparse) {
        for (std::size_t i = 16 - words[0] % 12; i < 16; ++i) words[i] = 0;
    }
    OrderEvent event;
    std::memcpy(static_cast<void*>(&event), words.data(), sizeof event);
    Buffer bytes;
    const std::size_t length = encode(event, bytes.data());
    OrderEvent back;
    RC_ASSERT(decode(std::span(bytes).first(length), back).ok());
    RC_ASSERT(std::memcmp(&back, words.data(), sizeof event) == 0);
}

}  // namespace
}  // namespace fermata
