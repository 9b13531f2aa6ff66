#include "daemon/live/latch_guard.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "adapters/latch/run_latch.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

class LatchGuardTest : public testing::Test {
protected:
    LatchGuardTest() {
        auto made = latch::File::create(path_, 1, 1, "test");
        EXPECT_TRUE(made.ok());
        const auto state = std::make_unique<latch::State>();
        latch::Change release;
        release.may_loosen = true;
        release.actor = 1;
        release.when_ns = 2;
        EXPECT_EQ(made->change(release, *state, 0).code, latch::ErrorCode::kNone);
    }
    [[nodiscard]] LatchGuard guard(LatchGuard::Watch next = {}) {
        return {path_, [this](const std::string& text) { said_.push_back(text); }, std::move(next)};
    }
    [[nodiscard]] static TradingState firm(latch::RunLatch& latch) {
        latch.read();
        return latch.find(ControlScope::kFirm, 0).state;
    }
    static Timestamp at(int ms) { return Timestamp{1'000'000'000'000 + ms * 1'000'000LL}; }

    TemporaryFolder folder_;
    std::string path_ = folder_ / "latch";
    std::vector<std::string> said_;
};

TEST_F(LatchGuardTest, SaysNothingOfAFileThatIsAsItWas) {
    latch::RunLatch loop(path_, {});
    LatchGuard watch = guard();
    for (int ms = 0; ms < 5'000; ms += 5) EXPECT_FALSE(watch(at(ms)));
    EXPECT_TRUE(said_.empty());
    EXPECT_TRUE(Latch::clear(loop.word()));
    EXPECT_EQ(firm(loop), TradingState::kActive);
}

TEST_F(LatchGuardTest, HaltsThoseWhoHaveAFileOpenThatIsRemoved) {
    latch::RunLatch loop(path_, {});
    LatchGuard watch = guard();
    (void)watch(at(0));
    std::filesystem::remove(path_);
    (void)watch(at(50));
    EXPECT_TRUE(said_.empty()) << "it looks every 100 ms";
    for (int ms = 100; ms < 400; ms += 5) (void)watch(at(ms));
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_NE(said_[0].find(path_), std::string::npos);
    EXPECT_FALSE(Latch::clear(loop.word()));
    EXPECT_EQ(firm(loop), TradingState::kHalted);
}

TEST_F(LatchGuardTest, HaltsThoseWhoHaveAFileOpenThatWasReplaced) {
    latch::RunLatch loop(path_, {});
    LatchGuard watch = guard();
    (void)watch(at(0));
    std::filesystem::copy_file(path_, path_ + ".copy");
    std::filesystem::rename(path_ + ".copy", path_);
    (void)watch(at(200));
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_EQ(firm(loop), TradingState::kHalted);
}

TEST_F(LatchGuardTest, HaltsThoseWhoHaveAFileOpenThatIsWrittenOver) {
    latch::RunLatch loop(path_, {});
    LatchGuard watch = guard();
    (void)watch(at(0));
    {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.write("garbage", 7);
    }
    EXPECT_TRUE(Latch::clear(loop.word())) << "no loop has seen it";
    (void)watch(at(1'100));
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_NE(said_[0].find("damaged"), std::string::npos);
    EXPECT_EQ(firm(loop), TradingState::kHalted);
}

TEST_F(LatchGuardTest, AsksTheNextWatchEveryTime) {
    int asked = 0;
    LatchGuard watch = guard([&](Timestamp) -> std::optional<OrderEvent> {
        ++asked;
        return std::nullopt;
    });
    for (int ms = 0; ms < 100; ms += 5) (void)watch(at(ms));
    EXPECT_EQ(asked, 20);
}

}  // namespace
}  // namespace fermata::test
