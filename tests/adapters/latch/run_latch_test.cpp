#include "adapters/latch/run_latch.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/adapters/latch/latch_fixture.hpp"

namespace fermata::latch {
namespace {

using test::kFirm;
using test::kStrategy;
using test::LatchFile;

class RunLatchFile : public LatchFile {
protected:
    static Names names() { return {{"main"}, {"alpha", "beta"}, {"AAPL"}, {"XNAS"}}; }
    static ControlData halt(ControlScope scope, std::uint64_t target, CancelOrders cancels) {
        ControlData c;
        c.scope = scope;
        c.target = target;
        c.state = TradingState::kHalted;
        c.cancel_orders = static_cast<std::uint8_t>(cancels);
        return c;
    }
};

TEST_F(RunLatchFile, IsHaltedWithoutAFile) {
    RunLatch latch(path_, names());
    EXPECT_EQ(latch.opened().code, ErrorCode::kAbsent);
    EXPECT_FALSE(Latch::clear(latch.word()));
    latch.read();
    EXPECT_EQ(latch.find(kFirm, 0).state, TradingState::kHalted);
    EXPECT_FALSE(latch.set(halt(kFirm, 0, CancelOrders::kAll), Timestamp{1}));
}

TEST_F(RunLatchFile, IsHaltedByAFileThatIsNone) {
    std::ofstream(path_) << "firm: active\n";
    RunLatch short_one(path_, names());
    EXPECT_EQ(short_one.opened().code, ErrorCode::kUnreadable);
    short_one.read();
    EXPECT_EQ(short_one.find(kFirm, 0).state, TradingState::kHalted);
    std::filesystem::resize_file(path_, kLatchBytes);
    RunLatch right_length(path_, names());
    EXPECT_EQ(right_length.opened().code, ErrorCode::kNone);
    right_length.read();
    EXPECT_EQ(right_length.find(kFirm, 0).state, TradingState::kHalted);
}

TEST_F(RunLatchFile, KeepsWhatIsLatchedWhileTheFileCannotBeRead) {
    File file = ready();
    RunLatch latch(path_, names());
    EXPECT_TRUE(latch.set(halt(kStrategy, 1, CancelOrders::kNone), Timestamp{1}));
    std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary)
        << std::string(kLatchBytes, '?');
    latch.read();
    EXPECT_NE(latch.fault(), Fault::kNone);
    EXPECT_EQ(latch.find(kFirm, 0).state, TradingState::kHalted);
    EXPECT_EQ(latch.find(kStrategy, 1).state, TradingState::kHalted);
    EXPECT_EQ(latch.find(kStrategy, 0).state, TradingState::kActive);
}

TEST_F(RunLatchFile, TakesTheFileThatItIsOfferedWithTheNextRead) {
    RunLatch latch(path_, names());
    latch.read();
    File file = ready();  // nothing is latched in it
    const std::uint64_t word = latch.word();
    auto mine = File::open(path_, File::Access::kWrite);
    ASSERT_TRUE(mine.ok());
    latch.offer(std::move(*mine));
    EXPECT_NE(latch.word(), word);
    EXPECT_EQ(latch.find(kFirm, 0).state, TradingState::kHalted) << "nobody has read it";
    latch.read();
    EXPECT_EQ(latch.find(kFirm, 0).state, TradingState::kActive);
    EXPECT_TRUE(Latch::clear(latch.word()));
    EXPECT_TRUE(latch.set(halt(kFirm, 0, CancelOrders::kAll), Timestamp{1}));
    EXPECT_FALSE(Latch::clear(file.word()->load()));
}

TEST_F(RunLatchFile, SeesWhatAnotherProcessLatchesAndReleases) {
    {
        File file = ready();
    }
    RunLatch mine(path_, names());
    mine.read();
    const std::uint64_t before = mine.word();
    EXPECT_TRUE(Latch::clear(before));
    const auto in_child = [&](const std::function<bool(File&)>& act) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto file = File::open(path_, File::Access::kWrite);
            ::_exit(file.ok() && act(*file) ? 0 : 1);
        }
        int status = 0;
        return ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
               WEXITSTATUS(status) == 0;
    };
    ASSERT_TRUE(in_child([&](File& file) {
        return latch(file, kStrategy, "beta", Level::kCancelAll) == ErrorCode::kNone;
    }));
    EXPECT_NE(mine.word(), before);
    EXPECT_FALSE(Latch::clear(mine.word()));
    mine.read();
    EXPECT_EQ(mine.find(kStrategy, 1).state, TradingState::kHalted);
    EXPECT_EQ(mine.find(kStrategy, 1).cancel_orders, 1);
    EXPECT_EQ(mine.find(kStrategy, 0).state, TradingState::kActive);
    ASSERT_TRUE(
        in_child([&](File& file) { return release(file, kStrategy, "beta") == ErrorCode::kNone; }));
    mine.read();
    EXPECT_EQ(mine.find(kStrategy, 1).state, TradingState::kActive);
    EXPECT_EQ(mine.find(kStrategy, 1).actor, 7U);
    EXPECT_TRUE(Latch::clear(mine.word()));
}

TEST_F(RunLatchFile, LetsNobodyOutByANameThatTheRunDoesNotKnow) {
    {
        File file = ready();
        ASSERT_EQ(latch(file, kStrategy, "gamma"), ErrorCode::kNone);
    }
    RunLatch mine(path_, names());
    mine.read();
    EXPECT_EQ(mine.find(kFirm, 0).state, TradingState::kHalted);
}

TEST_F(RunLatchFile, ReleasesForAnOperatorWithANameOnly) {
    {
        File file = ready();
    }
    RunLatch mine(path_, names());
    ASSERT_TRUE(mine.set(halt(kStrategy, 0, CancelOrders::kAll), Timestamp{1}));
    ControlData active;
    active.scope = kStrategy;
    EXPECT_FALSE(mine.set(active, Timestamp{2}));
    active.control = 34;
    active.actor = 1000;
    EXPECT_FALSE(mine.set(active, Timestamp{3}));
    EXPECT_EQ(mine.find(kStrategy, 0).state, TradingState::kHalted);
    active.control = 0xff;
    EXPECT_TRUE(mine.set(active, Timestamp{4}));
    EXPECT_EQ(mine.find(kStrategy, 0).state, TradingState::kActive);
}

TEST_F(RunLatchFile, HaltsTheFirmWhenAnotherWriterDoesNotLetGo) {
    {
        File file = ready();
    }
    RunLatch mine(path_, names());
    mine.read();
    const int other = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::flock(other, LOCK_EX), 0);
    EXPECT_FALSE(mine.set(halt(kStrategy, 0, CancelOrders::kNone), Timestamp{1}))
        << "the strategy itself is not latched: who releases the firm does not release it";
    EXPECT_EQ(mine.find(kFirm, 0).state, TradingState::kHalted);
    EXPECT_TRUE(mine.set(halt(kFirm, 0, CancelOrders::kAll), Timestamp{2}));
    ::close(other);
}

TEST_F(RunLatchFile, SaysWhenATargetStaysLatchedMoreStrictlyThanAsked) {
    {
        File file = ready();
    }
    RunLatch mine(path_, names());
    ASSERT_TRUE(mine.set(halt(kStrategy, 0, CancelOrders::kNone), Timestamp{1}));
    ControlData reducing;
    reducing.scope = kStrategy;
    reducing.state = TradingState::kReducing;
    reducing.control = 34;  // not a person
    EXPECT_FALSE(mine.set(reducing, Timestamp{2}));
    EXPECT_EQ(mine.find(kStrategy, 0).state, TradingState::kHalted);
    reducing.control = 0xff;
    reducing.actor = 1000;
    EXPECT_FALSE(mine.set(reducing, Timestamp{3})) << "a person releases, and then reduces";
    EXPECT_EQ(mine.find(kStrategy, 0).state, TradingState::kHalted);
}

TEST_F(RunLatchFile, IsHaltedOnceItsFileIsGone) {
    {
        File file = ready();
    }
    RunLatch mine(path_, names());
    std::filesystem::remove(path_);
    mine.read();
    EXPECT_EQ(mine.find(kFirm, 0).state, TradingState::kHalted);
}

}  // namespace
}  // namespace fermata::latch
