// Sessions whose own sequence numbers are behind those that the venue counts.

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "adapters/fix/engine.hpp"
#include "adapters/fix/sequence_store.hpp"
#include "adapters/fix/session_end.hpp"
#include "tests/adapters/fix/loopback_venue.hpp"

namespace fermata::fix {
namespace {

using test::client_settings;
using test::eventually;
using test::limit_order;
using test::Venue;

class LostNumbers : public ::testing::Test {
protected:
    [[nodiscard]] SessionSettings settings() const {
        SessionSettings s = client_settings(port, folder / "client");
        s.run = {7, true};
        return s;
    }
    void start(SessionSettings s) {
        engine = std::make_unique<Engine>(std::vector{std::move(s)}, told);
        engine->start();
    }
    [[nodiscard]] bool is_up() {
        return eventually([&] { return engine->link(0).up() && venue.up; });
    }
    void stop() {
        engine.reset();
        ASSERT_TRUE(eventually([&] { return !venue.up; }));
    }
    /// A session in which the numbers go up to more than `orders`.
    void trade(unsigned orders) {
        start(settings());
        ASSERT_TRUE(is_up());
        for (std::uint32_t n = 1; n <= orders; ++n) {
            ASSERT_EQ(engine->link(0).send(limit_order(n)), OrderReason::kNone);
        }
        ASSERT_TRUE(eventually([&] { return venue.got("D").size() == orders; }));
        stop();
    }
    /// What is on record of all that was said.
    [[nodiscard]] SequenceRecord record() {
        SequenceRecord record;
        for (const bool sent : {true, false}) {
            for (const std::string& bytes : told.raw(sent)) {
                record.on_message(utc_time(), sent, read_sequence(bytes).value());
            }
        }
        return record;
    }
    [[nodiscard]] std::string file() const {
        return folder / "client/FIX.4.4-FERMATA-VENUE.sequence";
    }

    test::TemporaryFolder folder;
    const std::uint16_t port = test::free_port();
    test::Told told;
    Venue venue{port, folder / "venue"};
    std::unique_ptr<Engine> engine;
};

TEST_F(LostNumbers, EndASessionOfOrdersWithItsFirstRefusedLogon) {
    trade(5);
    std::filesystem::remove(file());
    start(settings());
    ASSERT_TRUE(eventually([&] { return !told.events(LinkEventKind::kSequenceReset).empty(); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(2'500));  // two times to connect again
    EXPECT_FALSE(engine->link(0).up());
    const auto ends = told.events(LinkEventKind::kSequenceReset);
    ASSERT_EQ(ends.size(), 1U);
    EXPECT_NE(ends[0].text.find("MsgSeqNum too low, expecting"), std::string::npos) << ends[0].text;
    int tries = 0;
    for (const std::string& bytes : told.raw(true)) {
        const auto m = read_sequence(bytes);
        tries += m && m->type == "A" && m->number < 5 ? 1 : 0;
    }
    EXPECT_EQ(tries, 2) << "one that began, one that was refused";
}

/// A watchdog only wants to be able to cancel, however many numbers it takes.
TEST_F(LostNumbers, AreMadeUpForBySessionsForWhichNobodyKeepsWhatComes) {
    trade(2);
    std::filesystem::remove(file());
    SessionSettings s = settings();
    s.run = {};
    start(std::move(s));
    EXPECT_TRUE(is_up());
    EXPECT_TRUE(told.events(LinkEventKind::kSequenceReset).empty());
}

TEST_F(LostNumbers, AreThoseOnRecordWhereTheFileIsOlder) {
    start(settings());
    ASSERT_TRUE(is_up());
    stop();
    std::filesystem::copy_file(file(), folder / "copy");
    trade(5);
    std::filesystem::copy_file(folder / "copy", file(),
                               std::filesystem::copy_options::overwrite_existing);
    SessionSettings s = settings();
    s.on_record = record();
    std::string said;
    s.report = [&](const std::string& text) { said += text; };
    start(std::move(s));
    EXPECT_TRUE(is_up());
    EXPECT_TRUE(told.events(LinkEventKind::kSequenceReset).empty());
    EXPECT_NE(said.find("behind the messages on record"), std::string::npos) << said;
    EXPECT_TRUE(venue.got("2").empty()) << "none is left out";
}

TEST_F(LostNumbers, AreRefusedBeforeAnythingIsSentWhereTheFileIsGone) {
    trade(2);
    std::filesystem::remove(file());
    SessionSettings s = settings();
    s.on_record = record();
    const std::size_t sent = told.raw(true).size();
    EXPECT_THROW(start(s), SequenceMissing);
    EXPECT_EQ(told.raw(true).size(), sent);
    // Both sides begin with 1, as they agreed.
    s.reset_on_logon = true;
    start(std::move(s));
    EXPECT_TRUE(is_up());
    EXPECT_TRUE(told.events(LinkEventKind::kSequenceReset).empty());
}

/// The count on record is one of an earlier day.
TEST_F(LostNumbers, AreNoneWhereTheScheduleBeganACountSince) {
    SequenceRecord record;
    const auto say = [&](bool sent, const char* type, int number) {
        SequenceMessage m;
        m.type = type;
        m.number = static_cast<std::uint32_t>(number);
        record.on_message(utc_time() - Duration::hours(30), sent, m);
    };
    say(true, "A", 207);
    say(false, "A", 301);
    SessionSettings s = settings();
    s.on_record = record;
    start(std::move(s));
    EXPECT_TRUE(is_up());
}

/// Ours began a new count by schedule, and the venue's clock is behind.
TEST_F(LostNumbers, AreNotThoughtOfAroundTheBeginOfACountBySchedule) {
    trade(5);
    std::filesystem::remove(file());
    {
        SequenceFile yesterday(file(), "FIX.4.4-FERMATA-VENUE",
                               {9, 9, utc_time() - Duration::hours(30)});
    }
    start(settings());
    const auto refused = [&] {
        for (const std::string& bytes : told.raw(false)) {
            if (bytes.find("MsgSeqNum too low") != std::string::npos) return true;
        }
        return false;
    };
    ASSERT_TRUE(eventually(refused));
    Venue::session().reset();
    EXPECT_TRUE(is_up());
    EXPECT_TRUE(told.events(LinkEventKind::kSequenceReset).empty());
}

}  // namespace
}  // namespace fermata::fix
