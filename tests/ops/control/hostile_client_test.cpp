// Clients that mean harm, or do it: whatever they do, others are answered and memory is bounded.

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/socket.h>

#include <random>

#include "tests/ops/control/server_fixture.hpp"

namespace fermata::console {
namespace {

using namespace testing;

const std::string kStatus = R"({"v":1,"id":1,"method":"status"})";

bool serves_others(const Served& served) {
    ControlClient client = connected(served.socket);
    return ask(client, kStatus).find("\"ok\"") != std::string::npos;
}

TEST(HostileClient, SendsGarbage) {
    Served served;
    std::mt19937_64 random(5);
    const int fd = raw(served.socket);
    std::string garbage(1 << 18, '\0');
    for (char& c : garbage) c = static_cast<char>(random());
    (void)send_all(fd, garbage);
    EXPECT_TRUE(serves_others(served));
    ::close(fd);
    EXPECT_TRUE(comes([&] { return served.server->counts().bad_requests > 0; }));
}

TEST(HostileClient, SendsALineWithoutEnd) {
    Served served;
    const int fd = raw(served.socket);
    (void)send_all(fd, std::string(kLineMax, 'x'));
    EXPECT_TRUE(comes([&] { return is_closed(fd); }));
    EXPECT_TRUE(serves_others(served));
    ::close(fd);
}

TEST(HostileClient, IsToldThatItsLineIsTooLong) {
    Served served;
    ControlClient client = connected(served.socket);
    ASSERT_TRUE(client.send(std::string(kLineMax, 'x'), 10s).ok());
    const auto line = client.receive(10s);
    ASSERT_TRUE(line.ok());
    EXPECT_NE(line->find("longer than 65536"), std::string::npos);
    EXPECT_FALSE(client.receive(10s).ok());
}

TEST(HostileClient, SendsHalfARequest) {
    Served served({.socket = {}, .half_sent = 200ms});
    const int fd = raw(served.socket);
    ASSERT_TRUE(send_all(fd, kStatus));
    EXPECT_TRUE(comes([&] { return is_closed(fd); }));
    // A byte now and then does not help it.
    const int drip = raw(served.socket);
    EXPECT_TRUE(comes([&] {
        (void)::send(drip, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        return is_closed(drip);
    }));
    EXPECT_TRUE(serves_others(served));
    ::close(fd);
    ::close(drip);
}

TEST(HostileClient, SaysNothing) {
    Served served({.socket = {}, .idle = 200ms});
    const int fd = raw(served.socket);
    EXPECT_TRUE(comes([&] { return is_closed(fd); }));
    EXPECT_TRUE(serves_others(served));
    ::close(fd);
}

TEST(HostileClient, AsksAndNeverReads) {
    Served served({.socket = {}, .unread = 500ms}, {}, 60'000);
    const int fd = raw(served.socket);
    for (int n = 0; n < 20'000; ++n) {
        if (::send(fd, (kStatus + "\n").data(), kStatus.size() + 1, MSG_NOSIGNAL | MSG_DONTWAIT) <
            0) {
            break;
        }
    }
    EXPECT_TRUE(serves_others(served));
    std::size_t most = 0;
    EXPECT_TRUE(comes([&] {
        const ServerCounts counts = served.server->counts();
        most = std::max(most, counts.output_bytes);
        return counts.dropped > 0;
    }));
    // The pause at 128 KiB, and the answer that was under way.
    EXPECT_LT(most, std::size_t{256} << 10);
    ::close(fd);
}

TEST(HostileClient, FollowsEventsAndNeverReads) {
    Served served({.socket = {}, .output_max = 256 << 10, .unread = 60s});
    const int fd = raw(served.socket);
    ASSERT_TRUE(send_all(fd, R"({"v":1,"id":1,"method":"tail"})"
                             "\n"));
    ControlClient good = connected(served.socket);
    ASSERT_NE(ask(good, R"({"v":1,"id":1,"method":"tail"})").find("ok"), std::string::npos);
    const std::string event = "{\"x\":\"" + std::string(1'000, 'x') + "\"}";
    int received = 0;
    EXPECT_TRUE(comes([&] {
        for (int n = 0; n < 100; ++n) served.port.say(event);
        for (int n = 0; n < 100; ++n) received += good.receive(10s).ok();
        return served.server->counts().dropped > 0;
    }));
    EXPECT_GT(received, 0);
    EXPECT_TRUE(served.port.followed);  // by the one that reads
    ::close(fd);
}

TEST(HostileClient, OpensConnectionsWithoutEnd) {
    Served served({.socket = {}, .places = {.all = 64, .of_one_user = 16}});
    ControlClient before = connected(served.socket);
    ASSERT_NE(ask(before, kStatus).find("ok"), std::string::npos);
    std::vector<int> all;
    for (int n = 0; n < 3'000; ++n) {
        const int fd = raw(served.socket);
        if (fd >= 0) all.push_back(fd);
        if (all.size() == 500) {
            for (const int open : all) ::close(open);
            all.clear();
        }
    }
    EXPECT_NE(ask(before, kStatus).find("ok"), std::string::npos);
    EXPECT_TRUE(comes([&] { return served.server->counts().displaced > 2'000; }));
    EXPECT_LE(served.server->counts().connected, 16u);
    for (const int open : all) ::close(open);
    EXPECT_TRUE(comes([&] { return served.server->counts().connected == 1; }));
    EXPECT_TRUE(serves_others(served));
}

TEST(HostileClient, LeavesInTheMiddleOfEverything) {
    Served served({}, {}, 60'000);
    for (int n = 0; n < 300; ++n) {
        const int fd = raw(served.socket);
        ASSERT_GE(fd, 0);
        for (int m = 0; m < n % 7; ++m) (void)send_all(fd, kStatus + "\n");
        if (n % 2 == 0) (void)send_all(fd, "{\"v\":");
        ::close(fd);
    }
    // Of one user only so many are served at a time, and the questions of those who left wait their
    // turn.
    EXPECT_TRUE(comes([&] { return serves_others(served); }));
    EXPECT_TRUE(comes([&] { return served.server->counts().connected == 0; }));
}

#if !defined(__SANITIZE_ADDRESS__)
TEST(HostileClient, MakesTheServerKeepNoMemory) {
    Served served;
    const auto round = [&] {
        std::mt19937_64 random(5);
        for (int n = 0; n < 50; ++n) {
            const int fd = raw(served.socket);
            std::string garbage(40'000, '\0');
            for (char& c : garbage) c = random() % 97 == 0 ? '\n' : static_cast<char>(random());
            (void)send_all(fd, garbage);
            (void)send_all(fd, "\n" + std::string(30'000, '[') + "\n");
            ::close(fd);
        }
        // Of one user only so many are served at a time.
        EXPECT_TRUE(comes([&] { return serves_others(served); }));
        EXPECT_TRUE(comes([&] { return served.server->counts().connected == 0; }));
    };
    round();
    const std::size_t before = ::mallinfo2().uordblks;
    for (int n = 0; n < 5; ++n) round();
    EXPECT_LT(::mallinfo2().uordblks, before + (std::size_t{1} << 20));
}
#endif

}  // namespace
}  // namespace fermata::console
