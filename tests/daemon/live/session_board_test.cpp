#include "daemon/live/session_board.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fermata {
namespace {

Config config_in(Mode mode) {
    Config config;
    config.mode = mode;
    const SessionRole roles[] = {SessionRole::kOrders, SessionRole::kMarketData,
                                 SessionRole::kDropCopy, SessionRole::kWatchdog};
    for (const SessionRole role : roles) {
        SessionConfig s;
        s.name = std::string("my ") + session_role_name(role);
        s.role = role;
        s.venue = VenueId{3};
        config.sessions.push_back(s);
    }
    return config;
}

std::string message(const std::string& type, const std::string& number, const std::string& rest) {
    return "8=FIX.4.4\x01"
           "9=99\x01"
           "35=" +
           type +
           "\x01"
           "34=" +
           number + "\x01" + rest + "10=000\x01";
}

LinkEvent event(std::int64_t at, LinkEventKind kind, std::string_view text = {}) {
    return {Timestamp{at}, VenueId{3}, kind, 0, text};
}

TEST(SessionBoard, ShowsTheSessionsThatThisProcessOpens) {
    const auto names = [](Mode mode) {
        std::string all;
        for (const auto& row : SessionBoard(config_in(mode), Timestamp{1}).rows()) {
            all += row.name + ";";
        }
        return all;
    };
    EXPECT_EQ(names(Mode::kLive), "my orders;my market_data;my drop_copy;");
    EXPECT_EQ(names(Mode::kShadow), "my market_data;");
    EXPECT_EQ(names(Mode::kPaper), "my market_data;");
}

TEST(SessionBoard, SaysSinceWhenASessionIsUpOrDown) {
    SessionBoard board(config_in(Mode::kLive), Timestamp{5});
    EXPECT_FALSE(board.rows()[1].up);
    EXPECT_EQ(board.rows()[1].since, Timestamp{5});
    board.on_link(1, event(7, LinkEventKind::kUp, "logged on"));
    EXPECT_TRUE(board.rows()[1].up);
    EXPECT_EQ(board.rows()[1].since, Timestamp{7});
    EXPECT_TRUE(board.rows()[1].error.empty());
    EXPECT_FALSE(board.rows()[0].up);
    board.on_link(1, event(8, LinkEventKind::kRefused, "no such symbol"));
    EXPECT_TRUE(board.rows()[1].up);
    EXPECT_EQ(board.rows()[1].error, "the venue refused a message: no such symbol");
    board.on_link(1, event(9, LinkEventKind::kDown, "Socket\nReset"));
    EXPECT_FALSE(board.rows()[1].up);
    EXPECT_EQ(board.rows()[1].since, Timestamp{9});
    EXPECT_EQ(board.rows()[1].error, "session ended: Socket?Reset");
    EXPECT_EQ(board.rows()[1].error_at, Timestamp{9});
    board.on_link(1, event(11, LinkEventKind::kUp));
    EXPECT_EQ(board.rows()[1].error, "session ended: Socket?Reset");  // the last one stays
}

TEST(SessionBoard, ReadsTheNumbersOfBothDirections) {
    SessionBoard board(config_in(Mode::kLive), Timestamp{5});
    EXPECT_EQ(board.rows()[0].sent, 0u);
    board.on_raw(0, Timestamp{6}, true, message("A", "12", ""));
    board.on_raw(0, Timestamp{6}, false, message("A", "4711", ""));
    EXPECT_EQ(board.rows()[0].sent, 12u);
    EXPECT_EQ(board.rows()[0].received, 4711u);
    // Said once more: not the newest one.
    board.on_raw(0, Timestamp{7}, false, message("8", "17", "43=Y\x01"));
    EXPECT_EQ(board.rows()[0].received, 4711u);
    // The venue begins anew.
    board.on_raw(0, Timestamp{8}, false, message("A", "1", "141=Y\x01"));
    EXPECT_EQ(board.rows()[0].received, 1u);
    board.on_raw(0, Timestamp{8}, false, message("0", "x", ""));
    board.on_raw(0, Timestamp{8}, false, "");
    board.on_raw(99, Timestamp{8}, false, message("0", "3", ""));
    EXPECT_EQ(board.rows()[0].received, 1u);
    EXPECT_EQ(board.rows()[2].received, 0u);
}

TEST(SessionBoard, SaysWhyALogonWasRefused) {
    SessionBoard board(config_in(Mode::kLive), Timestamp{5});
    board.on_raw(2, Timestamp{6}, false, message("5", "1", "58=unknown CompID\x01"));
    EXPECT_FALSE(board.rows()[2].up);
    EXPECT_EQ(board.rows()[2].error, "the venue logged out: unknown CompID");
    EXPECT_EQ(board.rows()[2].error_at, Timestamp{6});
    board.on_raw(2, Timestamp{7}, true, message("5", "2", "58=ours\x01"));
    EXPECT_EQ(board.rows()[2].error, "the venue logged out: unknown CompID");
}

TEST(SessionBoard, ReportsARefusedLogonOncePerReasonUntilTheSessionIsUp) {
    std::vector<std::string> told;
    SessionBoard board(config_in(Mode::kLive), Timestamp{5},
                       [&](const std::string& text) { told.push_back(text); });
    const auto refuse = [&](std::size_t session, const std::string& text) {
        board.on_raw(session, Timestamp{6}, false, message("5", "1", text));
    };
    // Each try has the next number, and so another text.
    for (const char* received : {"3", "4", "10"}) {
        refuse(0, std::string("58=MsgSeqNum too low, expecting 208 but received ") + received +
                      "\x01");
    }
    const std::string low =
        "my orders: the venue refused the logon (MsgSeqNum too low, expecting 208 but received 3); "
        "compare the sequence numbers (docs/fix.md)";
    EXPECT_EQ(told, std::vector<std::string>{low});
    refuse(0, "58=unknown\nCompID\x01");
    refuse(0, "58=unknown\nCompID\x01");
    refuse(1, "");
    EXPECT_EQ(told, (std::vector<std::string>{
                        low, "my orders: the venue refused the logon (unknown?CompID)",
                        "my market_data: the venue refused the logon (it gave no reason)"}));
    told.clear();
    board.on_link(0, event(7, LinkEventKind::kUp));
    refuse(0, "58=end of day\x01");  // of a session that is up: its observer tells that it is down
    EXPECT_TRUE(told.empty());
    board.on_link(0, event(8, LinkEventKind::kDown));
    refuse(0, "58=MsgSeqNum too low, expecting 208 but received 3\x01");
    EXPECT_EQ(told, std::vector<std::string>{low});
    refuse(3, "58=of another process\x01");  // the watchdog's
    EXPECT_EQ(told.size(), 1U);
}

TEST(SessionBoard, ReportsNoMoreThanSixteenReasonsOfARefusedLogon) {
    std::size_t told = 0;
    SessionBoard board(config_in(Mode::kLive), Timestamp{5}, [&](const std::string&) { ++told; });
    for (char c = 'a'; c <= 'z'; ++c) {
        board.on_raw(0, Timestamp{6}, false, message("5", "1", std::string("58=") + c + "\x01"));
    }
    EXPECT_EQ(told, 16U);
}

}  // namespace
}  // namespace fermata
