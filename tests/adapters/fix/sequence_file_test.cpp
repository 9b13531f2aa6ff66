#include "adapters/fix/sequence_file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "adapters/fix/sequence_store.hpp"
#include "tests/adapters/fix/loopback_venue.hpp"

namespace fermata::fix {
namespace {

constexpr Timestamp kMonday{1'767'623'400'000'000'000};  // 2026-01-05 14:30:00
constexpr Timestamp kTuesday{1'767'709'800'000'000'000};

class SequenceFileTest : public ::testing::Test {
protected:
    [[nodiscard]] SequenceFile open(std::string_view name = "FIX.4.4-US-VENUE") const {
        return SequenceFile(path, name, {1, 1, kTuesday});
    }
    /// What opening says, empty when it succeeds.
    [[nodiscard]] std::string refusal(std::string_view name = "FIX.4.4-US-VENUE") const {
        try {
            static_cast<void>(open(name));
            return "";
        } catch (const std::runtime_error& e) {
            return e.what();
        }
    }
    void make() const { SequenceFile(path, "FIX.4.4-US-VENUE", {17, 23, kMonday}); }
    void overwrite(std::size_t at, const std::string& bytes) const {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(at));
        file << bytes;
    }
    static bool contains(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
    test::TemporaryFolder folder;
    const std::string path = folder / "numbers.sequence";
};

TEST_F(SequenceFileTest, BeginsWithOneAndGoesOnWhereItEnded) {
    {
        SequenceFile file = open();
        EXPECT_EQ(file.to_send(), 1U);
        EXPECT_EQ(file.to_receive(), 1U);
        EXPECT_EQ(file.begun(), kTuesday);
        file.set_to_send(0x7fff'ffff);
        file.set_to_receive(2);
    }
    const SequenceFile file(path, "FIX.4.4-US-VENUE", {5, 5, kMonday});
    EXPECT_EQ(file.to_send(), 0x7fff'ffffU);
    EXPECT_EQ(file.to_receive(), 2U);
    EXPECT_EQ(file.begun(), kTuesday);
}

TEST_F(SequenceFileTest, BeginsAnewWithBothNumbersAndATime) {
    make();
    {
        SequenceFile file = open();
        file.begin_anew(kTuesday);
    }
    const SequenceFile file = open();
    EXPECT_EQ(file.to_send(), 1U);
    EXPECT_EQ(file.to_receive(), 1U);
    EXPECT_EQ(file.begun(), kTuesday);
}

TEST_F(SequenceFileTest, FinishesABeginThatDeathInterrupted) {
    make();
    overwrite(280, std::string(8, '\0'));                // the begin of the count
    overwrite(264, std::string("\1\0\0\0\0\0\0\0", 8));  // one number half way
    const SequenceFile file = open();
    EXPECT_EQ(file.to_send(), 1U);
    EXPECT_EQ(file.to_receive(), 1U);
    EXPECT_EQ(file.begun(), kTuesday);
}

TEST_F(SequenceFileTest, KnowsWithWhichMessageEachRunBegan) {
    make();
    const auto first_of = [this](std::uint64_t run, bool goes_on) {
        return SequenceFile(path, "FIX.4.4-US-VENUE", {1, 1, kTuesday}, {run, goes_on})
            .first_of_run();
    };
    EXPECT_EQ(first_of(7, false), 23U);
    open().set_to_receive(30);
    EXPECT_EQ(first_of(7, true), 23U);
    EXPECT_EQ(open().first_of_run(), 23U);  // nobody takes it over
    EXPECT_EQ(first_of(8, false), 30U);
    open().begin_anew(kTuesday);
    EXPECT_EQ(first_of(8, true), 1U);
    open().set_to_receive(5);
    EXPECT_EQ(first_of(8, true), 1U);
    EXPECT_EQ(first_of(9, true), 5U);  // it died before it ever opened the file
    overwrite(288, "x");
    EXPECT_TRUE(contains(refusal(), "the next number to receive, of its run, is damaged"));
}

TEST_F(SequenceFileTest, IsAllOfTheRunThatGoesOnWhereNoneIsNamed) {
    make();
    EXPECT_EQ(open().first_of_run(), 1U);
    const SequenceFile file(path, "FIX.4.4-US-VENUE", {1, 1, kTuesday}, {7, true});
    EXPECT_EQ(file.first_of_run(), 1U);
}

/// The file is one of Monday with 17 and 23.
TEST_F(SequenceFileTest, GoesOnWithWhatIsOnRecordWhereThatIsAhead) {
    SequenceRecord::Count on_record{20, 30, 21, kMonday, kMonday + Duration::hours(1), {}};
    const auto open_with = [&] {
        std::filesystem::remove(path);
        make();
        return SequenceFile(path, "FIX.4.4-US-VENUE", {1, 1, kTuesday}, {7, true}, on_record);
    };
    {
        const SequenceFile file = open_with();
        EXPECT_EQ(file.to_send(), 20U);
        EXPECT_EQ(file.to_receive(), 30U);
        EXPECT_EQ(file.begun(), kMonday);
        EXPECT_EQ(file.first_of_run(), 21U);
        ASSERT_TRUE(file.behind());
        EXPECT_EQ(file.behind()->to_send, 17U);
        EXPECT_EQ(file.behind()->to_receive, 23U);
    }
    EXPECT_EQ(open().to_send(), 20U) << "it is kept";
    on_record.to_send = 10;
    {
        const SequenceFile file = open_with();
        EXPECT_EQ(file.to_send(), 17U);
        EXPECT_EQ(file.to_receive(), 30U);
    }
    on_record.to_receive = 23;
    EXPECT_FALSE(open_with().behind()) << "the file knows better";
    // A count of before the one in the file.
    on_record = {90, 90, 1, kMonday - Duration::hours(9), kMonday - Duration::hours(1), {}};
    {
        const SequenceFile file = open_with();
        EXPECT_EQ(file.to_send(), 17U);
        EXPECT_FALSE(file.behind());
    }
    // One that began on record behind the one in the file.
    on_record = {5, 6, 1, kTuesday, kTuesday + Duration::hours(1), kMonday + Duration::hours(1)};
    const SequenceFile file = open_with();
    EXPECT_EQ(file.to_send(), 5U);
    EXPECT_EQ(file.to_receive(), 6U);
    EXPECT_EQ(file.begun(), kTuesday);
    EXPECT_EQ(file.first_of_run(), 1U);
}

TEST_F(SequenceFileTest, IsForOneProcessAtATime) {
    make();
    const SequenceFile first = open();
    EXPECT_TRUE(contains(refusal(), path));
    EXPECT_TRUE(contains(refusal(), "another process"));
}

TEST_F(SequenceFileTest, RefusesWhatIsDamagedOrOfSomebodyElse) {
    make();
    EXPECT_EQ(refusal(), "");
    EXPECT_TRUE(contains(refusal("FIX.4.4-US-OTHER"), "expected those of FIX.4.4-US-OTHER"));
    EXPECT_TRUE(contains(refusal("FIX.4.4-US-OTHER"), "found the numbers of session FIX.4.4-US-V"));
    overwrite(264, "\x12");  // 17 became 18, its complement did not
    EXPECT_TRUE(contains(refusal(), "the next number to send is damaged"));
    overwrite(264, "\x11");
    overwrite(272 + 4, "x");
    EXPECT_TRUE(contains(refusal(), "the next number to receive is damaged"));
    overwrite(30, "x");
    EXPECT_TRUE(contains(refusal(), "head is damaged"));
    overwrite(8, "\x02");
    EXPECT_TRUE(contains(refusal(), "found version 2, expected 1"));
    overwrite(0, "0000000017");
    EXPECT_TRUE(contains(refusal(), "does not begin with FERMASEQ"));
    std::ofstream(path) << "0000000017 : 0000000023";
    EXPECT_TRUE(contains(refusal(), "found 23 bytes, expected 4096"));
    EXPECT_TRUE(contains(refusal(), path));
}

/// The parent sees every number that the child said it had stored, whenever it is killed.
TEST_F(SequenceFileTest, KeepsWhatWasStoredThroughSigkill) {
    make();
    for (int round = 0; round < 5; ++round) {
        int said[2];
        ASSERT_EQ(::pipe(said), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            SequenceFile file = open();
            for (;;) {
                file.set_to_send(file.to_send() + 1);
                const std::uint32_t number = file.to_send();
                if (::write(said[1], &number, sizeof number) != sizeof number) ::_exit(1);
                file.set_to_receive(number);
            }
        }
        ::close(said[1]);
        std::uint32_t number = 0;
        for (int n = 0; n < 1'000; ++n) ASSERT_EQ(::read(said[0], &number, 4), 4);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        while (::read(said[0], &number, 4) == 4) {
        }
        ::close(said[0]);
        // Death came behind the last number that was said and before the one after the next.
        const SequenceFile file = open();
        EXPECT_GE(file.to_send(), number);
        EXPECT_LE(file.to_send(), number + 1);
        EXPECT_GE(file.to_receive(), number - 1);
        EXPECT_LE(file.to_receive(), number);
    }
}

TEST(SequenceStores, TakesOverTheNumbersOfQuickfixFilesOnce) {
    test::TemporaryFolder folder;
    const FIX::SessionID id("FIX.4.4", "US", "VENUE");
    FIX::FileStoreFactory old(folder / "store");
    FIX::MessageStore* const before = old.create(id);
    before->setNextSenderMsgSeqNum(17);
    before->setNextTargetMsgSeqNum(23);
    const time_t begun = before->getCreationTime().getTimeT();
    old.destroy(before);
    for (int round = 0; round < 2; ++round) {
        SequenceStores stores;
        stores.open(id, folder / "store");
        FIX::MessageStore* const store = stores.create(id);
        EXPECT_EQ(store->getNextSenderMsgSeqNum(), 17);
        EXPECT_EQ(store->getNextTargetMsgSeqNum(), 23 + round);
        EXPECT_EQ(store->getCreationTime().getTimeT(), begun);
        store->incrNextTargetMsgSeqNum();
        stores.destroy(store);
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "store/FIX.4.4-US-VENUE.seqnums"));
}

TEST(SequenceStores, RefusesQuickfixFilesThatItCannotRead) {
    test::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "store");
    std::ofstream(folder / "store/FIX.4.4-US-VENUE.seqnums") << "0000000017";
    SequenceStores stores;
    EXPECT_THROW(stores.open(FIX::SessionID("FIX.4.4", "US", "VENUE"), folder / "store"),
                 std::runtime_error);
    EXPECT_FALSE(std::filesystem::exists(folder / "store/FIX.4.4-US-VENUE.sequence"));
}

TEST(SequenceStores, RefusesToBeginACountAnewThatGoesOnOnRecord) {
    test::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "store");
    const FIX::SessionID id("FIX.4.4", "US", "VENUE");
    const std::string prefix = folder / "store/FIX.4.4-US-VENUE";
    const SequenceRecord::Count on_record{208, 301, 1, kMonday, kMonday, {}};
    const auto open = [&] {
        SequenceStores stores;
        stores.open(id, folder / "store", {7, true}, on_record);
        return std::pair(stores.file(id).to_send(), stores.file(id).to_receive());
    };
    try {
        (void)open();
        FAIL() << "it began with 1";
    } catch (const SequenceMissing& e) {
        const std::string why = e.what();
        EXPECT_NE(why.find(prefix + ".sequence"), std::string::npos) << why;
        EXPECT_NE(why.find("208 : 301"), std::string::npos) << why;
    }
    EXPECT_FALSE(std::filesystem::exists(prefix + ".sequence"));
    // As agreed with the venue, in the way that the message names.
    std::ofstream(prefix + ".seqnums") << "250 : 301";
    std::ofstream(prefix + ".session") << "20260106-14:30:00";
    EXPECT_EQ(open(), std::pair(250U, 301U));
    EXPECT_EQ(open(), std::pair(250U, 301U)) << "the file is there";
}

}  // namespace
}  // namespace fermata::fix
