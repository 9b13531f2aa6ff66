#include "adapters/latch/latch_file.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "core/port/latch.hpp"
#include "tests/adapters/latch/latch_fixture.hpp"

namespace fermata::latch {
namespace {

using test::kFirm;
using test::kStrategy;
using test::LatchFile;

TEST_F(LatchFile, BeginsHaltedAndIsMadeOnce) {
    auto file = File::create(path_, 7, 42, "first start");
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(level(*file, kFirm, ""), Level::kNoNewOrders);
    EXPECT_EQ(state_->latched()[0].reason.view(), "first start");
    EXPECT_EQ(state_->latched()[0].actor, 7U);
    EXPECT_EQ(state_->latched()[0].when_ns, 42);
    const auto again = File::create(path_, 7, 43, "again");
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code, ErrorCode::kExists);
    // Nothing but the file itself is left behind.
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_),
                            std::filesystem::directory_iterator()),
              1);
}

TEST_F(LatchFile, KeepsWhatWasLatchedForWhoeverOpensItNext) {
    {
        File file = ready();
        EXPECT_EQ(latch(file, kStrategy, "alpha", Level::kCancelAll), ErrorCode::kNone);
    }
    auto file = File::open(path_, File::Access::kRead);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(level(*file, kStrategy, "alpha"), Level::kCancelAll);
    EXPECT_EQ(level(*file, kStrategy, "beta"), Level::kActive);
}

TEST_F(LatchFile, IsNeverLoosenedByWhatLatches) {
    File file = ready();
    ASSERT_EQ(latch(file, kStrategy, "alpha", Level::kCancelAll), ErrorCode::kNone);
    for (const Level weaker : {Level::kReduceOnly, Level::kNoNewOrders}) {
        EXPECT_EQ(latch(file, kStrategy, "alpha", weaker), ErrorCode::kNone);
        EXPECT_EQ(level(file, kStrategy, "alpha"), Level::kCancelAll);
    }
    EXPECT_EQ(latch(file, kStrategy, "alpha", Level::kActive), ErrorCode::kNone);
    EXPECT_EQ(level(file, kStrategy, "alpha"), Level::kCancelAll);
    EXPECT_EQ(release(file, kStrategy, "alpha"), ErrorCode::kNone);
    EXPECT_EQ(level(file, kStrategy, "alpha"), Level::kActive);
    EXPECT_EQ(release(file, kStrategy, "alpha"), ErrorCode::kNotLatched);
}

TEST_F(LatchFile, RefusesAReleaseThatWasMeantForAnotherState) {
    File file = ready();
    ASSERT_EQ(latch(file, kStrategy, "alpha"), ErrorCode::kNone);
    const std::uint64_t seen = state_->version();
    ASSERT_EQ(latch(file, kStrategy, "beta"), ErrorCode::kNone);
    Change c;
    c.scope = kStrategy;
    c.target = "alpha";
    c.may_loosen = true;
    c.expected_version = seen;
    EXPECT_EQ(file.change(c, *state_, 0).code, ErrorCode::kStale);
    EXPECT_EQ(level(file, kStrategy, "alpha"), Level::kNoNewOrders);
    c.expected_version = state_->version();
    EXPECT_EQ(file.change(c, *state_, 0).code, ErrorCode::kNone);
    EXPECT_EQ(level(file, kStrategy, "alpha"), Level::kActive);
    EXPECT_EQ(level(file, kStrategy, "beta"), Level::kNoNewOrders);
}

TEST_F(LatchFile, LoosensForTwoDifferentPeopleWhoAskForTheSame) {
    auto made = File::create(path_, 7, 0, "new", 2);
    ASSERT_TRUE(made.ok());
    File& file = *made;
    ASSERT_EQ(latch(file, kStrategy, "alpha", Level::kCancelAll), ErrorCode::kNone);
    const auto ask = [&](std::uint32_t actor, std::int64_t when_ns, const std::string& target,
                         Level level = Level::kActive) {
        Change c;
        c.scope = kStrategy;
        c.target = target;
        c.level = level;
        c.may_loosen = true;
        c.actor = actor;
        c.when_ns = when_ns;
        return file.change(c, *state_, 0).code;
    };
    using enum ErrorCode;
    EXPECT_EQ(ask(7, 0, "alpha"), kSecondPerson);
    EXPECT_EQ(level(file, kStrategy, "alpha"), Level::kCancelAll);
    EXPECT_EQ(state_->asked_by, 7U);
    EXPECT_EQ(state_->people, 2U);
    EXPECT_EQ(ask(7, 1, "alpha"), kSecondPerson) << "nobody is two";
    EXPECT_EQ(ask(kNoActor, 1, "alpha"), kSecondPerson) << "nobody is no second";
    EXPECT_EQ(ask(8, 2, "alpha", Level::kReduceOnly), kSecondPerson) << "not what was asked for";
    EXPECT_EQ(ask(9, 3, "alpha"), kSecondPerson) << "the last who asked wanted something else";
    EXPECT_EQ(ask(8, 3 + kAgreeWithinNs + 1, "alpha"), kSecondPerson) << "too late";
    EXPECT_EQ(ask(9, 3, "alpha"), kSecondPerson) << "before he was asked";
    ASSERT_EQ(latch(file, kStrategy, "beta"), kNone) << "tightening needs nobody";
    EXPECT_EQ(level(file, kStrategy, "alpha"), Level::kCancelAll);
    EXPECT_EQ(state_->asked_by, kNoActor) << "what was seen is not there any more";
    EXPECT_EQ(ask(8, 10, "alpha"), kSecondPerson);
    EXPECT_EQ(ask(9, 10 + kAgreeWithinNs, "alpha"), kNone);
    EXPECT_EQ(level(file, kStrategy, "alpha"), Level::kActive);
    EXPECT_EQ(level(file, kStrategy, "beta"), Level::kNoNewOrders);
    auto again = File::open(path_, File::Access::kWrite);
    ASSERT_TRUE(again.ok());
    again->read(*state_);
    EXPECT_EQ(state_->people, 2U) << "stands in the file";
}

TEST_F(LatchFile, MakesAnEmergencyAnotherVersionThatOnlyTheFirmsReleaseEnds) {
    File file = ready();
    file.read(*state_);
    const std::uint64_t seen = state_->version();
    ASSERT_EQ(file.halt_now(9, 34, 5).code, ErrorCode::kNone);
    file.read(*state_);
    EXPECT_TRUE(state_->emergency);
    EXPECT_EQ(state_->emergency_actor, 9U);
    EXPECT_EQ(state_->emergency_control, 34);
    EXPECT_EQ(state_->emergency_when_ns, 5);
    EXPECT_NE(state_->version(), seen);
    // Other changes leave it alone.
    EXPECT_EQ(latch(file, kStrategy, "alpha"), ErrorCode::kNone);
    EXPECT_EQ(release(file, kStrategy, "alpha"), ErrorCode::kNone);
    file.read(*state_);
    EXPECT_TRUE(state_->emergency);
    EXPECT_EQ(release(file, kFirm, ""), ErrorCode::kNone);
    file.read(*state_);
    EXPECT_FALSE(state_->emergency);
    EXPECT_TRUE(Latch::clear(file.word()->load()));
}

/// The halt comes after the release has looked and before it is in force: between, it waits for the
/// disk.
TEST_F(LatchFile, KeepsAHaltThatComesWhileAnEarlierOneIsReleased) {
    File file = ready();
    ASSERT_EQ(file.halt_now(9, 34, 5).code, ErrorCode::kNone);
    int lost = 0, kept = 0, before = 0;
    for (int round = 0; round < 200; ++round) {
        std::atomic<bool> begin{false};
        std::uint64_t told = 0;
        std::thread halter([&] {
            auto other = File::open(path_, File::Access::kWrite);
            ASSERT_TRUE(other.ok());
            begin = true;
            for (int n = 0; n < round * 50; ++n)
                std::atomic_signal_fence(std::memory_order_seq_cst);
            ASSERT_EQ(other->halt_now(10, 34, round).code, ErrorCode::kNone);
            told = other->word()->load();
        });
        while (!begin) std::this_thread::yield();
        file.read(*state_);
        const std::uint64_t seen = state_->version();
        Change c;
        c.may_loosen = true;
        c.actor = 7;
        c.expected_version = seen;
        const ErrorCode released = file.change(c, *state_, 0).code;
        halter.join();
        file.read(*state_);
        // Whoever released saw the halt in the version, or it is in force.
        const bool knew = state_->version() == seen + 1;
        if (released == ErrorCode::kNone && !knew && !state_->emergency) ++lost;
        (knew ? before : kept) += 1;
        if (!state_->emergency) {
            ASSERT_EQ(file.halt_now(9, 34, 5).code, ErrorCode::kNone);
        }
    }
    EXPECT_EQ(lost, 0);
    EXPECT_GT(kept + before, 0);
}

/// The same with the order forced: the bytes are those that a halt leaves behind.
TEST_F(LatchFile, EndsOnlyTheHaltsThatTheReleaseKnewOf) {
    File file = ready();
    ASSERT_EQ(file.halt_now(9, 34, 5).code, ErrorCode::kNone);
    file.read(*state_);
    const std::uint64_t first = state_->version();
    ASSERT_EQ(file.halt_now(9, 34, 6).code, ErrorCode::kNone);
    file.read(*state_);
    EXPECT_NE(state_->version(), first) << "a halt of what is halted is another state";
    Change c;
    c.may_loosen = true;
    c.actor = 7;
    c.expected_version = first;
    EXPECT_EQ(file.change(c, *state_, 0).code, ErrorCode::kStale);
    file.read(*state_);
    EXPECT_TRUE(state_->emergency);
    c.expected_version = state_->version();
    EXPECT_EQ(file.change(c, *state_, 0).code, ErrorCode::kNone);
    EXPECT_TRUE(Latch::clear(file.word()->load()));
}

TEST_F(LatchFile, IsMadeAlthoughADraftOfADeadProcessIsThere) {
    std::ofstream(path_ + ".new." + std::to_string(::getpid())) << "half a file";
    EXPECT_TRUE(File::create(path_, 7, 42, "first start").ok());
}

TEST_F(LatchFile, HaltsTheFirmWhenThereIsNoRoomForOneMoreTarget) {
    File file = ready();
    for (std::size_t n = 0; n + 1 < kEntriesMax; ++n) {
        ASSERT_EQ(latch(file, kStrategy, "s" + std::to_string(n)), ErrorCode::kNone);
    }
    EXPECT_EQ(level(file, kFirm, ""), Level::kActive);
    ASSERT_EQ(latch(file, kStrategy, "one too many", Level::kCancelAll), ErrorCode::kNone);
    EXPECT_EQ(level(file, kFirm, ""), Level::kCancelAll);
    ASSERT_EQ(latch(file, kStrategy, "s0", Level::kCancelAll), ErrorCode::kNone);
    EXPECT_EQ(level(file, kStrategy, "s0"), Level::kCancelAll);
}

TEST_F(LatchFile, RepairsOnlyWhatCannotBeRead) {
    {
        File file = ready();
    }
    const auto healthy = File::repair(path_, 7, 0, "why");
    ASSERT_FALSE(healthy.ok());
    EXPECT_EQ(healthy.error().code, ErrorCode::kExists);
    std::filesystem::resize_file(path_, 100);
    const auto cut = File::open(path_, File::Access::kWrite);
    ASSERT_FALSE(cut.ok());
    EXPECT_EQ(cut.error().code, ErrorCode::kUnreadable);
    EXPECT_EQ(cut.error().fault, Fault::kSize);
    auto repaired = File::repair(path_, 7, 0, "was cut");
    ASSERT_TRUE(repaired.ok());
    EXPECT_EQ(level(*repaired, kFirm, ""), Level::kNoNewOrders);
}

/// What a child has been told is latched is there after it was killed, and of what it was about to
/// do there is all or nothing.
TEST_F(LatchFile, HoldsWhatWasAcknowledgedWhenItsWriterIsKilled) {
    {
        File file = ready();
    }
    int latched = 0;
    for (int round = 0; round < 12; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto file = File::open(path_, File::Access::kWrite);
            if (!file.ok()) ::_exit(1);
            for (int n = latched;; ++n) {
                if (latch(*file, kStrategy, "s" + std::to_string(n)) != ErrorCode::kNone) {
                    ::_exit(1);
                }
                const char byte = 'x';
                if (::write(ends[1], &byte, 1) != 1) ::_exit(1);
            }
        }
        ::close(ends[1]);
        char byte = 0;
        int acknowledged = 0;
        for (; acknowledged < 1 + round % 5; ++acknowledged)
            ASSERT_EQ(::read(ends[0], &byte, 1), 1);
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
        while (::read(ends[0], &byte, 1) == 1) ++acknowledged;
        ::close(ends[0]);

        auto file = File::open(path_, File::Access::kWrite);
        ASSERT_TRUE(file.ok());
        file->read(*state_);
        ASSERT_EQ(state_->fault, Fault::kNone);
        const int found = static_cast<int>(state_->latched().size());
        EXPECT_GE(found, latched + acknowledged);
        EXPECT_LE(found, latched + acknowledged + 1);
        for (int n = 0; n < found; ++n) {
            EXPECT_NE(state_->find(kStrategy, "s" + std::to_string(n)), nullptr);
        }
        // The lock died with its owner, and the next change goes on from there.
        EXPECT_EQ(latch(*file, kStrategy, "s" + std::to_string(found)), ErrorCode::kNone);
        latched = found + 1;
    }
}

}  // namespace
}  // namespace fermata::latch
