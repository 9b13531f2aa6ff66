#include "adapters/progress/progress_format.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>

#include "core/base/crc32c.hpp"

namespace fermata::progress {
namespace {

Identity somebody(int pid) {
    Identity who;
    who.pid = pid;
    who.start_ticks = 77;
    std::string("0f4b1c2e-0000-4000-8000-0123456789ab").copy(who.boot.data(), 36);
    return who;
}

std::vector<std::byte> file_of(const std::vector<std::string>& loops) {
    return make(somebody(4711), {}, std::nullopt, State::kRunning, loops);
}

template <class T>
void put(std::vector<std::byte>& bytes, std::size_t at, T value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}
/// As a writer that says something else would have written it.
void seal(std::vector<std::byte>& bytes) {
    constexpr std::size_t kCrcAt = offsetof(Head, crc);
    put(bytes, kCrcAt, crc32c(std::span<const std::byte>(bytes).first(kCrcAt)));
}

TEST(ProgressFormat, SaysWhoseItIsAndHowOftenEachLoopPassed) {
    auto bytes = make(somebody(4711), somebody(99), State::kFailed, State::kRunning,
                      std::vector<std::string>{"venues", "shard 0"});
    put(bytes, 4096, std::uint64_t{12});
    put(bytes, 4096 + 64, std::uint64_t{0xffff'ffff'ffff});
    put(bytes, 3840 + 8, std::array<char, 4>{'w', 'h', 'y', '\x07'});
    const auto s = examine(bytes);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->who, somebody(4711));
    EXPECT_EQ(s->before, somebody(99));
    EXPECT_EQ(s->state_before, State::kFailed);
    EXPECT_EQ(s->state, State::kRunning);
    EXPECT_EQ(s->reason, "why?");  // nothing but text reaches a log
    ASSERT_EQ(s->loops.size(), 2u);
    EXPECT_EQ(s->loops[0].name, "venues");
    EXPECT_EQ(s->loops[0].passes, 12u);
    EXPECT_EQ(s->loops[1].name, "shard 0");
    EXPECT_EQ(s->loops[1].passes, 0xffff'ffff'ffffu);
}

TEST(ProgressFormat, IsRefusedWithWhatIsWrongWithIt) {
    const auto fault = [](std::vector<std::byte> bytes) {
        const auto s = examine(bytes);
        return s ? std::string("none") : std::string(name(s.error()));
    };
    const auto good = file_of({"trading"});
    EXPECT_EQ(fault(good), "none");
    EXPECT_EQ(fault({}), name(Fault::kSize));
    auto longer = good;
    longer.push_back(std::byte{0});
    EXPECT_EQ(fault(longer), name(Fault::kSize));
    EXPECT_EQ(fault({good.begin(), good.end() - 1}), name(Fault::kSize));
    EXPECT_EQ(fault(std::vector<std::byte>(kFileBytes)), name(Fault::kHead));

    auto other = good;
    put(other, 8, std::uint32_t{2});
    EXPECT_EQ(fault(other), name(Fault::kOtherVersion));
    auto damaged = good;
    damaged[20] ^= std::byte{1};
    EXPECT_EQ(fault(damaged), name(Fault::kDamaged));
    auto lost = good;
    put(lost, kStateAt, std::uint64_t{7});
    EXPECT_EQ(fault(lost), name(Fault::kDamaged));
    put(lost, kStateAt, std::uint64_t{0});
    EXPECT_EQ(fault(lost), name(Fault::kDamaged));
    // Sealed by a writer that makes no sense.
    auto many = good;
    put(many, offsetof(Head, loops), std::uint32_t{65});
    seal(many);
    EXPECT_EQ(fault(many), name(Fault::kDamaged));
    auto nobody = good;
    put(nobody, offsetof(Head, who), std::int32_t{-1});  // a signal to it would reach everybody
    seal(nobody);
    EXPECT_EQ(fault(nobody), name(Fault::kDamaged));
    auto nameless = good;
    put(nameless, offsetof(Head, names), std::array<char, kNameMax>{});
    seal(nameless);
    EXPECT_EQ(fault(nameless), name(Fault::kDamaged));
    auto endless = good;
    std::array<char, kNameMax> full{};
    full.fill('x');
    put(endless, offsetof(Head, names), full);
    seal(endless);
    EXPECT_EQ(fault(endless), name(Fault::kDamaged));
}

TEST(ProgressFormat, ReadsWhatItWroteForAnyNames) {
    rc::check([] {
        const auto names = *rc::gen::container<std::vector<std::string>>(
            rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange(' ', '\x7f'))));
        const auto s = examine(file_of(names));
        RC_ASSERT(static_cast<bool>(s));
        RC_ASSERT(s->loops.size() == std::min<std::size_t>(names.size(), 64));
        for (std::size_t n = 0; n < s->loops.size(); ++n) {
            RC_ASSERT(s->loops[n].name == names[n].substr(0, 31));
        }
    });
}

TEST(ProgressFormat, NeverTakesAHeadWithOneWrongByteForAnother) {
    const auto good = file_of({"venues", "trading"});
    for (std::size_t at = 0; at < sizeof(Head); ++at) {
        auto bytes = good;
        bytes[at] ^= std::byte{0x20};
        EXPECT_FALSE(examine(bytes)) << at;
    }
}

}  // namespace
}  // namespace fermata::progress
