// Who connects to an acceptor and is no member, or no longer speaks FIX.

#include "adapters/fix/acceptor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/fix/wire_acceptor.hpp"
#include "tests/adapters/fix/loopback_venue.hpp"
#include "tests/adapters/fix/raw_client.hpp"

namespace fermata::fix {
namespace {

using test::eventually;
using test::fix_message;
using test::RawClient;

/// Keeps what an acceptor tells.
class Members final : public AcceptorClient {
public:
    void on_logon(std::size_t, CancelOnDisconnect) noexcept override {}
    void on_logout(std::size_t) noexcept override {}
    bool on_request(std::size_t, VenueRequest, std::string_view) noexcept override { return true; }
    void on_text(std::size_t, std::string_view) noexcept override {}
    void on_refused(std::string_view peer, std::string_view why) noexcept override {
        const std::lock_guard lock(mutex_);
        refused_.push_back(std::string(peer) + ": " + std::string(why));
    }
    std::vector<std::string> refused() {
        const std::lock_guard lock(mutex_);
        return refused_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> refused_;
};

class AcceptorTest : public ::testing::Test {
protected:
    void open(Duration logon_timeout) {
        AcceptorSettings s;
        s.port = port;
        s.comp_id = "VENUE";
        s.members = {"A", "B"};
        s.store_folder = folder / "sessions";
        s.logon_timeout = logon_timeout;
        acceptor = std::make_unique<Acceptor>(s, members);
        acceptor->start();
    }
    static std::string now() {
        const FIX::UtcTimeStamp time;
        return FIX::UtcTimeStampConvertor::convert(time);
    }
    /// Logs on as the n-th member.
    void log_on(RawClient& client, std::size_t n) {
        client.log_on(n == 0 ? "A" : "B", now());
        EXPECT_TRUE(eventually([&] { return acceptor->logged_on(n); }));
    }
    /// The only one that was refused so far.
    std::string refused() {
        EXPECT_TRUE(eventually([&] { return !members.refused().empty(); }));
        EXPECT_EQ(members.refused().size(), 1U);
        return members.refused().at(0);
    }

    test::TemporaryFolder folder;
    const std::uint16_t port = test::free_port();
    Members members;
    std::unique_ptr<Acceptor> acceptor;
};

constexpr Duration kShort = Duration::milliseconds(100);
constexpr Duration kLong = Duration::hours(1);

TEST_F(AcceptorTest, ClosesAConnectionThatIsNotLoggedOnInTimeAndNoMember) {
    open(kShort);
    std::unique_ptr<RawClient> member;
    for (int n = 0; n < 50 && !acceptor->logged_on(0); ++n) {  // on a busy machine it may be late
        member = std::make_unique<RawClient>(port);
        member->log_on("A", now());
        (void)member->read_until("35=A");
    }
    RawClient silent(port), slow(port);
    slow.send("8=FIX.4.4\x01");
    EXPECT_TRUE(silent.is_closed());
    EXPECT_TRUE(slow.is_closed());
    for (const RawClient* client : {&silent, &slow}) {
        EXPECT_TRUE(eventually([&] {
            const auto all = members.refused();
            return std::count(all.begin(), all.end(),
                              client->name() + ": it is not logged on in time") == 1;
        }));
    }
    EXPECT_TRUE(acceptor->logged_on(0)) << "which came before them";
}

TEST_F(AcceptorTest, ClosesAConnectionThatDoesNotSpeakFix) {
    open(kLong);
    RawClient browser(port);
    browser.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(browser.is_closed());
    EXPECT_EQ(refused(), browser.name() + ": what came does not begin with 8=FIX");
}

TEST_F(AcceptorTest, ClosesAConnectionWhoseFirstMessageIsTooLong) {
    open(kLong);
    RawClient client(port);
    client.send(
        "8=FIX.4.4\x01"
        "9=2000000000\x01");
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(refused(), client.name() + ": a message of 2000000000 bytes, more than " +
                             std::to_string(WireAcceptor::kLogonMax));
}

TEST_F(AcceptorTest, ClosesAConnectionThatBeginsAsNoMember) {
    open(kLong);
    RawClient unknown(port);
    unknown.log_on("SOMEBODY", now());
    EXPECT_TRUE(unknown.is_closed());
    EXPECT_EQ(refused(), unknown.name() + ": it names no session that is known");
    RawClient hasty(port);
    hasty.send(fix_message("35=0|49=A|56=VENUE|34=1|52=" + now() + "|"));
    EXPECT_TRUE(hasty.is_closed());
    ASSERT_TRUE(eventually([&] { return members.refused().size() == 2; }));
    EXPECT_EQ(members.refused()[1], hasty.name() + ": its first message is no Logon");
}

TEST_F(AcceptorTest, LetsNobodyTakeTheSessionOfAMemberWhoIsThere) {
    open(kLong);
    RawClient member(port);
    log_on(member, 0);
    RawClient thief(port);
    thief.log_on("A", now());
    EXPECT_TRUE(thief.is_closed());
    EXPECT_EQ(refused(), thief.name() + ": its session is connected already");
    member.send(fix_message("35=1|49=A|56=VENUE|34=2|52=" + now() + "|112=still|"));
    EXPECT_NE(member.read_until("112=still").find("112=still"), std::string::npos);
}

TEST_F(AcceptorTest, AMemberComesBackWhenItsConnectionEnded) {
    open(kLong);
    for (int n = 0; n < 3; ++n) {
        RawClient member(port);
        log_on(member, 0);
    }
    RawClient last(port);
    log_on(last, 0);
    EXPECT_TRUE(members.refused().empty());
}

/// What it left unread does not keep it out.
TEST_F(AcceptorTest, AMemberComesBackAtOnceWhateverItLeftUnread) {
    open(kLong);
    for (int n = 0; n < 100; ++n) {
        {
            const RawClient gone(port);
            gone.log_on("A", now());
        }
        RawClient back(port);
        back.log_on("A", now());
        ASSERT_NE(back.read_until("35=A").find("35=A"), std::string::npos) << n;
    }
    EXPECT_TRUE(members.refused().empty());
}

/// As when it was told to log out in the very moment in which its connection ended.
TEST_F(AcceptorTest, AMemberComesBackThatWasToldToLogOutWhileItWasNotThere) {
    open(kLong);
    {
        RawClient first(port);
        log_on(first, 0);
    }
    ASSERT_TRUE(eventually([&] { return !acceptor->logged_on(0); }));
    FIX::Session* const session =
        FIX::Session::lookupSession(FIX::SessionID("FIX.4.4", "VENUE", "A"));
    ASSERT_NE(session, nullptr);
    session->logout();
    ASSERT_FALSE(session->isEnabled());
    RawClient second(port);
    log_on(second, 0);
}

TEST_F(AcceptorTest, ClosesTheConnectionOfAMemberWhoNoLongerSpeaksFix) {
    open(kLong);
    RawClient a(port), b(port);
    log_on(a, 0);
    log_on(b, 1);
    a.send(
        "8=FIX.4.4\x01"
        "9=262145\x01");
    EXPECT_TRUE(a.is_closed());
    EXPECT_EQ(refused(), a.name() + " (A): a message of 262145 bytes, more than 262144");
    EXPECT_TRUE(eventually([&] { return !acceptor->logged_on(0); }));
    // A message that is longer than a Logon may be.
    b.send(fix_message("35=0|49=B|56=VENUE|34=2|52=" + now() +
                       "|58=" + std::string(2 * WireAcceptor::kLogonMax, 'x') + "|"));
    b.send(fix_message("35=1|49=B|56=VENUE|34=3|52=" + now() + "|112=still|"));
    EXPECT_NE(b.read_until("112=still").find("112=still"), std::string::npos);
}

/// The venue has sent its Logon alone: 2 is what it sends next.
TEST_F(AcceptorTest, RefusesToSendAgainWhatWasNeverSent) {
    open(kLong);
    RawClient member(port);
    log_on(member, 0);
    int number = 1;
    int venues = 1;
    const auto ask = [&](const std::string& body) {
        member.send(fix_message(body.substr(0, 4) + "|49=A|56=VENUE|34=" +
                                std::to_string(++number) + "|52=" + now() + body.substr(4)));
        const std::string own = "34=" + std::to_string(++venues) + '\x01';
        const std::string got = member.read_until(own);
        return got.substr(std::min(got.size(), got.rfind("8=FIX.4.4", got.find(own))));
    };
    for (const auto& [request, tag] : {std::pair{"35=2|7=50|16=0|", "371=7"},
                                       {"35=2|7=3|16=0|", "371=7"},  // 2 is sent by now
                                       {"35=2|7=0|16=0|", "371=7"},
                                       {"35=2|7=-1|16=0|", "371=7"},
                                       {"35=2|7=99999999999999999999|16=0|", "371=7"},
                                       {"35=2|7=2|16=1|", "371=16"},
                                       {"35=2|7=1|16=-3|", "371=16"}}) {
        SCOPED_TRACE(request);
        const std::string answer = ask(request);
        EXPECT_NE(answer.find("\00135=3\001"), std::string::npos) << answer;
        EXPECT_NE(answer.find("\001373=5\001"), std::string::npos) << answer;
        EXPECT_NE(answer.find("\001372=2\001"), std::string::npos) << answer;
        EXPECT_NE(answer.find("\00145=" + std::to_string(number) + "\001"), std::string::npos);
        EXPECT_NE(answer.find('\x01' + std::string(tag) + '\x01'), std::string::npos) << answer;
        EXPECT_NE(answer.find("\00158="), std::string::npos) << answer;
    }
    // What was sent can be asked for; the session goes on, each request counted once.
    member.send(fix_message("35=2|49=A|56=VENUE|34=" + std::to_string(++number) + "|52=" + now() +
                            "|7=1|16=0|"));
    const std::string next = "\00136=" + std::to_string(venues + 1) + '\x01';
    EXPECT_NE(member.read_until(next).find(next), std::string::npos) << "a gap up to it";
    EXPECT_NE(ask("35=1|112=still|").find("112=still"), std::string::npos);
    EXPECT_EQ(member.read_until("112=still").find("34=-"), std::string::npos);
}

TEST_F(AcceptorTest, OfTooManyStrangersTheOldestIsClosed) {
    open(kLong);
    RawClient member(port);
    log_on(member, 0);
    std::vector<std::unique_ptr<RawClient>> strangers;
    for (std::size_t n = 0; n <= WireAcceptor::kStrangersMax; ++n) {
        strangers.push_back(std::make_unique<RawClient>(port));
    }
    EXPECT_TRUE(strangers.front()->is_closed());
    EXPECT_EQ(refused(), strangers.front()->name() + ": too many connections are not logged on");
    EXPECT_TRUE(acceptor->logged_on(0));
    log_on(*strangers.back(), 1);
}

}  // namespace
}  // namespace fermata::fix
