#include "adapters/fix/wire.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/adapters/fix/loopback_venue.hpp"

namespace fermata::fix {
namespace {

using Stage = WireConnection::Stage;

/// A connection to a peer that reads when the test says so.
class WireConnectionTest : public ::testing::Test {
protected:
    void SetUp() override {
        listening_ = ::socket(AF_INET, SOCK_STREAM, 0);
        const int small = 4'096;
        ::setsockopt(listening_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ASSERT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&address), size), 0);
        ASSERT_EQ(::listen(listening_, 1), 0);
        ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
        ASSERT_TRUE(connection.begin_connect("127.0.0.1", ntohs(address.sin_port)));
        EXPECT_EQ(connection.stage(), Stage::kConnecting);
        peer_ = ::accept(listening_, nullptr, nullptr);
        ASSERT_GE(peer_, 0);
        ASSERT_TRUE(test::eventually([&] { return ready(POLLOUT); }));
        ASSERT_TRUE(connection.finish_connect());
    }
    void TearDown() override {
        ::close(listening_);
        ::close(peer_);
    }
    [[nodiscard]] bool ready(short events) {
        pollfd p = connection.wanted();
        ::poll(&p, 1, 0);
        return (p.revents & events) != 0;
    }
    [[nodiscard]] bool something_waits() { return (connection.wanted().events & POLLOUT) != 0; }
    /// What has arrived at the peer.
    [[nodiscard]] std::string read() const {
        std::string all(1 << 20, '\0');
        const ssize_t got = ::recv(peer_, all.data(), all.size(), MSG_DONTWAIT);
        all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return all;
    }
    /// A message of its own that is long enough to fill buffers.
    static std::string message(int number) {
        return std::to_string(number) + std::string(10'000, static_cast<char>('a' + number % 26));
    }

    WakeUp wake_up;
    WireConnection connection{wake_up};
    int peer_ = -1;

private:
    int listening_ = -1;
};

TEST_F(WireConnectionTest, SendsWhatASlowPeerDidNotTakeLaterWholeAndInOrder) {
    std::string sent;
    int number = 0;
    while (!something_waits()) {
        const std::string m = message(number++);
        ASSERT_TRUE(connection.send(m));
        sent += m;
    }
    for (int n = 0; n < 10; ++n) {
        const std::string m = message(number++);
        ASSERT_TRUE(connection.send(m));
        sent += m;
    }
    std::string got;
    ASSERT_TRUE(test::eventually([&] {
        for (int n = 0; n < 100; ++n) {
            got += read();
            connection.send_waiting();
        }
        return got.size() >= sent.size();
    }));
    EXPECT_TRUE(got == sent);
    EXPECT_FALSE(something_waits());
    EXPECT_FALSE(connection.ended());
}

TEST_F(WireConnectionTest, EndsWithAPeerThatNeverReads) {
    int number = 0;
    while (connection.send(message(number))) ASSERT_LT(++number, 100'000);
    EXPECT_TRUE(connection.ended());
    EXPECT_GT(static_cast<std::size_t>(number) * 10'000, WireConnection::kWaitingMax);
    EXPECT_FALSE(connection.send(message(0)));
}

TEST_F(WireConnectionTest, TellsThatThePeerIsGone) {
    ASSERT_EQ(::send(peer_, "8=FIX", 5, 0), 5);
    ASSERT_TRUE(test::eventually([&] { return ready(POLLIN); }));
    EXPECT_TRUE(connection.receive());
    ::shutdown(peer_, SHUT_RDWR);
    ASSERT_TRUE(test::eventually([&] { return ready(POLLIN); }));
    EXPECT_FALSE(connection.receive());
    connection.close();
    EXPECT_EQ(connection.stage(), Stage::kClosed);
    EXPECT_FALSE(connection.send("x"));
}

TEST(WireConnection, SaysThatNobodyListens) {
    WakeUp wake_up;
    WireConnection connection(wake_up);
    if (!connection.begin_connect("127.0.0.1", test::free_port())) return;
    pollfd p = connection.wanted();
    ASSERT_TRUE(test::eventually([&] { return ::poll(&p, 1, 0) == 1; }));
    EXPECT_FALSE(connection.finish_connect());
}

/// A venue that answers a Logon with something else.
TEST(Wire, ClosesAConnectionThatDoesNotSpeakFixOrSaysTooMuchAtOnce) {
    for (const auto& [answer, why] :
         {std::pair{std::string("220 mail server ready\r\n"), "does not begin with 8=FIX"},
          std::pair{std::string("8=FIX.4.4\x01"
                                "9=4194305\x01"),
                    "more than 4194304"}}) {
        const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
        ASSERT_EQ(::listen(listening, 1), 0);
        ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size);
        test::TemporaryFolder folder;
        test::Told told;
        Engine engine({test::client_settings(ntohs(address.sin_port), folder / "client")}, told);
        engine.start();
        const int peer = ::accept(listening, nullptr, nullptr);
        ASSERT_GE(peer, 0);
        ASSERT_EQ(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(answer.size()));
        char bytes[1'024];
        while (::recv(peer, bytes, sizeof bytes, 0) > 0) {  // the Logon, and then the end
        }
        const std::string port = std::to_string(ntohs(address.sin_port));
        EXPECT_TRUE(test::eventually([&] {
            const auto refused = told.events(LinkEventKind::kRefused);
            return std::any_of(refused.begin(), refused.end(), [&](const test::Told::Event& e) {
                return e.text.find("Closing the connection to 127.0.0.1:" + port) == 0 &&
                       e.text.find(why) != std::string::npos;
            });
        })) << why;
        ::close(peer);
        ::close(listening);
    }
}

}  // namespace
}  // namespace fermata::fix
