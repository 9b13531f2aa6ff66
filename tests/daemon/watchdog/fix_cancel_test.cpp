// The watchdog's own FIX sessions against a venue on loopback.

#include "daemon/watchdog/fix_cancel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/daemon/watchdog/firm_venue.hpp"

namespace fermata::test {
namespace {

using fix::test::eventually;
using ::testing::Contains;
using ::testing::HasSubstr;

class FixCancelTest : public ::testing::Test {
protected:
    void connect() {
        fix::SessionSettings s = fix::test::client_settings(port, folder / "watchdog");
        std::vector<FixCancel::Session> sessions;
        sessions.push_back({"sim watchdog", std::move(s)});
        cancel.emplace(std::move(sessions), [this](bool alarm, const std::string& text) {
            (alarm ? alarms : notes).push_back(text);
        });
        desk.emplace(cancel->ways(), *cancel, Duration::milliseconds(50),
                     [this](bool alarm, const std::string& text) {
                         (alarm ? alarms : notes).push_back(text);
                     });
        cancel->start();
    }
    [[nodiscard]] static std::int64_t now() {
        const auto steady = std::chrono::steady_clock::now().time_since_epoch();
        return std::chrono::nanoseconds(steady).count();
    }
    /// Goes on until it is so.
    [[nodiscard]] bool goes_on_until(const std::function<bool()>& so) {
        return eventually([&] {
            const std::int64_t now =
                std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch())
                    .count();
            cancel->tell(*desk, now);
            desk->step(now);
            return so();
        });
    }

    fix::test::TemporaryFolder folder;
    std::uint16_t port = fix::test::free_port();
    std::optional<FirmVenue> venue;
    std::optional<FixCancel> cancel;
    std::optional<CancelDesk> desk;
    std::vector<std::string> alarms, notes;
};

TEST_F(FixCancelTest, CancelsWhatAnotherSessionOfTheFirmSentByOneMessage) {
    venue.emplace(port, folder / "venue",
                  std::map<std::string, FirmVenue::Order>{{"20779-1-1", {}}, {"20779-1-2", {}}});
    connect();
    ASSERT_TRUE(goes_on_until([&] { return cancel->up(0); }));
    desk->begin(now());
    ASSERT_TRUE(goes_on_until([&] { return !desk->busy(); }));
    EXPECT_EQ(desk->unconfirmed(), 0u);
    EXPECT_EQ(venue->open(), 0u);
    EXPECT_EQ(venue->got("q").size(), 2u);  // once more, for what may have been on its way
    EXPECT_TRUE(venue->got("F").empty());
    EXPECT_TRUE(venue->got("D").empty());
    EXPECT_THAT(notes, Contains(HasSubstr("took the mass cancel, 2 orders")));
    EXPECT_THAT(notes, Contains(HasSubstr("confirmed, no order is open there")));
    EXPECT_TRUE(alarms.empty()) << alarms.front();
}

TEST_F(FixCancelTest, CancelsOneByOneWhatTheMassCancelLeft) {
    venue.emplace(
        port, folder / "venue",
        std::map<std::string, FirmVenue::Order>{
            {"20779-1-1", {}}, {"20779-1-2", {true, "SPY"}}, {"20779-1-3-4", {true, "QQQ"}}});
    connect();
    ASSERT_TRUE(goes_on_until([&] { return cancel->up(0); }));
    desk->begin(now());
    ASSERT_TRUE(goes_on_until([&] { return !desk->busy(); }));
    EXPECT_EQ(desk->unconfirmed(), 0u);
    EXPECT_EQ(venue->open(), 0u);
    const auto single = venue->got("F");
    ASSERT_EQ(single.size(), 2u);
    EXPECT_EQ(single[0].getField(41), "20779-1-2");
    // Order 3 goes by its fourth request at the venue, so that is what is canceled. No id is one
    // that the daemon may have used: those count from 1.
    EXPECT_EQ(single[1].getField(41), "20779-1-3-4");
    EXPECT_EQ(single[0].getField(11), "20779-1-2-2147483649");
    EXPECT_EQ(single[1].getField(11), "20779-1-3-2147483650");
}

TEST_F(FixCancelTest, CancelsOneByOneWhereTheVenueRefusesTheMassCancel) {
    venue.emplace(port, folder / "venue",
                  std::map<std::string, FirmVenue::Order>{{"20779-1-1", {}}, {"20779-1-2", {}}},
                  false);
    connect();
    ASSERT_TRUE(goes_on_until([&] { return cancel->up(0); }));
    desk->begin(now());
    ASSERT_TRUE(goes_on_until([&] { return !desk->busy(); }));
    EXPECT_EQ(venue->open(), 0u);
    EXPECT_THAT(alarms, Contains(HasSubstr("refused the mass cancel: not today")));
}

TEST_F(FixCancelTest, CancelsOnceTheVenueIsThere) {
    connect();
    desk->begin(now());
    ASSERT_TRUE(goes_on_until([&] { return !alarms.empty(); }));
    EXPECT_THAT(alarms, Contains(HasSubstr("the session is down")));
    venue.emplace(port, folder / "venue",
                  std::map<std::string, FirmVenue::Order>{{"20779-1-1", {}}});
    ASSERT_TRUE(goes_on_until([&] { return !desk->busy(); }));
    EXPECT_EQ(venue->open(), 0u);
    EXPECT_EQ(desk->unconfirmed(), 0u);
}

}  // namespace
}  // namespace fermata::test
