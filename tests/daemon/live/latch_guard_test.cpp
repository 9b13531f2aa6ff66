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
        release_firm(2);
    }
    [[nodiscard]] LatchGuard guard(std::vector<latch::RunLatch*> loops,
                                   LatchGuard::Watch next = {}) {
        return {path_, std::move(loops), [this](const std::string& text) { said_.push_back(text); },
                std::move(next)};
    }
    void release_firm(std::int64_t when) const {
        auto file = latch::File::open(path_, latch::File::Access::kWrite);
        ASSERT_TRUE(file.ok());
        const auto state = std::make_unique<latch::State>();
        latch::Change release;
        release.may_loosen = true;
        release.actor = 1;
        release.when_ns = when;
        EXPECT_EQ(file->change(release, *state, 0).code, latch::ErrorCode::kNone);
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
    LatchGuard watch = guard({&loop});
    for (int ms = 0; ms < 5'000; ms += 5) EXPECT_FALSE(watch(at(ms)));
    EXPECT_TRUE(said_.empty());
    EXPECT_TRUE(Latch::clear(loop.word()));
    EXPECT_EQ(firm(loop), TradingState::kActive);
}

TEST_F(LatchGuardTest, HaltsThoseWhoHaveAFileOpenThatIsRemoved) {
    latch::RunLatch loop(path_, {});
    LatchGuard watch = guard({&loop});
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
    LatchGuard watch = guard({&loop});
    (void)watch(at(0));
    std::filesystem::copy_file(path_, path_ + ".copy");
    std::filesystem::rename(path_ + ".copy", path_);
    (void)watch(at(200));
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_EQ(firm(loop), TradingState::kHalted);
}

TEST_F(LatchGuardTest, HaltsThoseWhoHaveAFileOpenThatIsWrittenOver) {
    latch::RunLatch loop(path_, {});
    LatchGuard watch = guard({&loop});
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

TEST_F(LatchGuardTest, HaltsAgainWhoeverReleasesInAFileThatWasMovedAway) {
    latch::RunLatch loop(path_, {});
    LatchGuard watch = guard({&loop});
    std::filesystem::rename(path_, path_ + ".moved");
    (void)watch(at(0));
    ASSERT_EQ(firm(loop), TradingState::kHalted);
    ControlData release;
    release.state = TradingState::kActive;
    release.actor = 1;
    EXPECT_TRUE(loop.set(release, at(50)));
    ASSERT_EQ(firm(loop), TradingState::kActive) << "the file that the loops have open";
    (void)watch(at(100));
    EXPECT_EQ(firm(loop), TradingState::kHalted);
    EXPECT_EQ(said_.size(), 1U);
}

TEST_F(LatchGuardTest, TakesUpAFileThatIsMadeAfterTheStart) {
    std::filesystem::remove(path_);
    latch::RunLatch trading(path_, {}), venue(path_, {});
    LatchGuard watch = guard({&trading, &venue});
    (void)watch(at(0));
    EXPECT_TRUE(said_.empty());
    const std::uint64_t word = trading.word();
    ASSERT_TRUE(latch::File::create(path_, 1, 5, "made later").ok());
    EXPECT_EQ(firm(trading), TradingState::kHalted);
    (void)watch(at(100));
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_NE(said_[0].find("stays HALTED until it is released"), std::string::npos);
    EXPECT_NE(trading.word(), word) << "the loop must have a reason to look";
    for (latch::RunLatch* loop : {&trading, &venue}) {
        EXPECT_FALSE(Latch::clear(loop->word()));
        EXPECT_EQ(firm(*loop), TradingState::kHalted);
    }
    release_firm(6);
    for (latch::RunLatch* loop : {&trading, &venue}) {
        EXPECT_TRUE(Latch::clear(loop->word()));
        EXPECT_EQ(firm(*loop), TradingState::kActive);
    }
    // From here on it is looked after as any other.
    std::filesystem::remove(path_);
    (void)watch(at(300));
    EXPECT_EQ(said_.size(), 2U);
    EXPECT_EQ(firm(trading), TradingState::kHalted);
}

TEST_F(LatchGuardTest, ReleasesNothingByAFileThatWasReleasedElsewhere) {
    const std::string prepared = path_ + ".prepared";
    std::filesystem::rename(path_, prepared);  // nothing is latched in it
    latch::RunLatch loop(path_, {});
    LatchGuard watch = guard({&loop});
    (void)watch(at(0));
    std::filesystem::rename(prepared, path_);
    (void)watch(at(100));
    EXPECT_EQ(firm(loop), TradingState::kHalted);
    release_firm(7);
    EXPECT_EQ(firm(loop), TradingState::kActive);
}

TEST_F(LatchGuardTest, KeepsHaltingWhereTheFileThatIsMadeCannotBeRead) {
    std::filesystem::remove(path_);
    latch::RunLatch loop(path_, {});
    LatchGuard watch = guard({&loop});
    std::ofstream(path_) << std::string(latch::kLatchBytes, '?');
    (void)watch(at(100));
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_NE(said_[0].find("--repair"), std::string::npos);
    EXPECT_EQ(firm(loop), TradingState::kHalted);
    ASSERT_TRUE(latch::File::repair(path_, 1, 8, "mended").ok());
    EXPECT_EQ(firm(loop), TradingState::kHalted);
    release_firm(9);
    for (int ms = 200; ms < 3'000; ms += 100) (void)watch(at(ms));
    EXPECT_EQ(firm(loop), TradingState::kActive);
    EXPECT_EQ(said_.size(), 1U);
}

TEST_F(LatchGuardTest, AsksTheNextWatchEveryTime) {
    int asked = 0;
    LatchGuard watch = guard({}, [&](Timestamp) -> std::optional<OrderEvent> {
        ++asked;
        return std::nullopt;
    });
    for (int ms = 0; ms < 100; ms += 5) (void)watch(at(ms));
    EXPECT_EQ(asked, 20);
}

}  // namespace
}  // namespace fermata::test
