#include "daemon/fix/fix_sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class FixSessionsTest : public testing::Test {
protected:
    FixSessionsTest() {
        std::string name = (std::filesystem::temp_directory_path() / "sessions-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        folder_ = name;
    }
    ~FixSessionsTest() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    std::string file(const std::string& text, ::mode_t mode) {
        const std::string path = (folder_ / "secret").string();
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
        return path;
    }
    static Config config(const std::string& more) {
        return config_test::parse(
            std::string(config_test::kMinimal) +
            "sessions:\n"
            "  - {name: copy, role: drop_copy, host: h, port: 1, sender_comp_id: A, "
            "target_comp_id: B, store: s}\n"
            "  - {name: broker, role: orders, host: 10.0.0.1, port: 4101, sender_comp_id: FIRM, "
            "target_comp_id: BROKER, store: /var/lib/fermata/fix" +
            more + "}\n");
    }
    static std::string why(const Config& c) {
        try {
            static_cast<void>(make_fix_sessions(c, SessionRole::kOrders));
        } catch (const std::runtime_error& e) {
            return e.what();
        }
        return "";
    }
    std::filesystem::path folder_;
};

TEST_F(FixSessionsTest, MakesTheSessionsOfARole) {
    const Config c = config(
        ", qualifier: Q, heartbeat: 10s, reconnect: 2s, start_time: '13:00:00', end_time: "
        "'21:00:00', start_day: sunday, end_day: friday, logon_tags: [{tag: 553, value: me}], "
        "cancel_on_disconnect: {tag: 8013, value: Y}, mass_cancel: true, order_tags: [{tag: 100, "
        "value: SMART}], accounts: {main: U1}, symbols: {SPY: SPX}");
    const auto made = make_fix_sessions(c, SessionRole::kOrders);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].index, 1U);
    const fix::SessionSettings& s = made[0].settings;
    EXPECT_EQ(s.host, "10.0.0.1");
    EXPECT_EQ(s.port, 4101);
    EXPECT_EQ(s.sender_comp_id, "FIRM");
    EXPECT_EQ(s.target_comp_id, "BROKER");
    EXPECT_EQ(s.qualifier, "Q");
    EXPECT_EQ(s.heartbeat_s, 10);
    EXPECT_EQ(s.reconnect_s, 2);
    EXPECT_EQ(s.start_time, "13:00:00");
    EXPECT_EQ(s.end_day, "friday");
    EXPECT_EQ(s.store_folder, "/var/lib/fermata/fix");
    EXPECT_THAT(s.logon_tags, ElementsAre(Pair(553, "me")));
    EXPECT_THAT(s.secret_tags, ElementsAre());
    EXPECT_THAT(s.cancel_on_disconnect, Pair(8013, "Y"));
    EXPECT_EQ(s.dialect.venue, VenueId{0});
    EXPECT_THAT(s.dialect.symbols, ElementsAre("SPX"));
    EXPECT_THAT(s.dialect.accounts, ElementsAre("U1"));
    EXPECT_THAT(s.dialect.currencies, ElementsAre("USD"));
    EXPECT_THAT(s.dialect.order_tags, ElementsAre(Pair(100, "SMART")));
    EXPECT_TRUE(s.dialect.mass_cancel);
    EXPECT_FALSE(s.dialect.mass_status);
    EXPECT_EQ(s.kind, fix::SessionKind::kOrders);
    const auto copies = make_fix_sessions(c, SessionRole::kDropCopy);
    EXPECT_EQ(copies.at(0).index, 0U);
    EXPECT_EQ(copies.at(0).settings.kind, fix::SessionKind::kDropCopy);
    EXPECT_TRUE(make_fix_sessions(c, SessionRole::kWatchdog).empty());
}

TEST_F(FixSessionsTest, SaysWhatAMarketDataSessionSubscribesTo) {
    const Config c = config_test::parse(
        std::string(config_test::kMinimal) +
            "sessions: [{name: md, role: market_data, host: h, port: 1, sender_comp_id: A, "
            "target_comp_id: B, store: s, trades: false, lane: 32}]\n",
        {"mode=paper"});
    const auto made = make_fix_sessions(c, SessionRole::kMarketData);
    const fix::SessionSettings& s = made.at(0).settings;
    EXPECT_EQ(s.kind, fix::SessionKind::kMarketData);
    EXPECT_THAT(s.market.instruments, ElementsAre(InstrumentId{0}));
    EXPECT_TRUE(s.market.quotes);
    EXPECT_FALSE(s.market.trades);
    EXPECT_EQ(s.market.quote_stream, StreamId{1});
    EXPECT_EQ(s.market.lane, 32U);
}

TEST_F(FixSessionsTest, ReadsASecretFromAFileThatOthersCannotRead) {
    const std::string path = file("open sesame\nnot this\n", 0640);
    const Config c = config(", logon_tags: [{tag: 554, file: " + path + "}]");
    EXPECT_THAT(c.effective, Not(HasSubstr("sesame")));
    const auto made = make_fix_sessions(c, SessionRole::kOrders);
    EXPECT_THAT(made.at(0).settings.logon_tags, ElementsAre(Pair(554, "open sesame")));
    EXPECT_THAT(made.at(0).settings.secret_tags, ElementsAre(554));
}

TEST_F(FixSessionsTest, RefusesASecretThatEverybodyCanRead) {
    const Config c =
        config(", logon_tags: [{tag: 554, file: " + file("open sesame\n", 0644) + "}]");
    EXPECT_THAT(why(c), HasSubstr("session 'broker': field 554"));
    EXPECT_THAT(why(c), HasSubstr("chmod o="));
    EXPECT_THAT(why(c), Not(HasSubstr("sesame")));
}

TEST_F(FixSessionsTest, RefusesASecretThatIsNotThere) {
    EXPECT_THAT(
        why(config(", logon_tags: [{tag: 554, file: " + (folder_ / "none").string() + "}]")),
        HasSubstr("cannot be read"));
    EXPECT_THAT(why(config(", logon_tags: [{tag: 554, file: " + file("\n", 0600) + "}]")),
                HasSubstr("is empty"));
    ::unsetenv("FERMATA_TEST_SECRET");
    const Config c = config(", logon_tags: [{tag: 554, environment: FERMATA_TEST_SECRET}]");
    EXPECT_THAT(why(c), HasSubstr("FERMATA_TEST_SECRET is not set"));
    ::setenv("FERMATA_TEST_SECRET", "sesame", 1);
    EXPECT_THAT(make_fix_sessions(c, SessionRole::kOrders).at(0).settings.logon_tags,
                ElementsAre(Pair(554, "sesame")));
    ::setenv("FERMATA_TEST_SECRET",
             "ses\x01"
             "ame",
             1);
    EXPECT_THAT(why(c), HasSubstr("visible ASCII"));
    ::unsetenv("FERMATA_TEST_SECRET");
}

}  // namespace
}  // namespace fermata
