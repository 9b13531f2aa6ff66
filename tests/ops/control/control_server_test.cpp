#include "ops/control/control_server.hpp"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cstring>
#include <fstream>

#include "tests/ops/control/server_fixture.hpp"

namespace fermata::console {
namespace {

using namespace testing;

const char kStatus[] = R"({"v":1,"id":1,"method":"status"})";
std::string kill_at(std::uint64_t version) {
    return R"({"v":1,"id":2,"method":"kill","reason":"why","expect":)" + std::to_string(version) +
           "}";
}

TEST(ControlServer, AnswersOneRequestAfterTheOther) {
    Served served;
    ControlClient client = connected(served.socket);
    EXPECT_EQ(ask(client, kStatus), R"({"v":1,"id":1,"state_version":7,"ok":{"rows":"x"}})");
    EXPECT_EQ(ask(client, kill_at(7)), R"({"v":1,"id":2,"state_version":8,"ok":{"done":true}})");
    ASSERT_EQ(served.port.commands().size(), 1u);
    const auto [peer, request] = served.port.commands()[0];
    EXPECT_EQ(peer.uid, ::getuid());
    EXPECT_EQ(peer.pid, ::getpid());
    EXPECT_EQ(peer.role, Role::kAdmin);
    EXPECT_EQ(request.reason, "why");
}

TEST(ControlServer, AnswersRequestsThatCameTogetherInTheirOrder) {
    Served served;
    ControlClient client = connected(served.socket);
    std::string all;
    for (int n = 1; n <= 500; ++n) {
        all += R"({"v":1,"id":)" + std::to_string(n) + R"(,"method":"status"})" + "\r\n";
    }
    ASSERT_TRUE(client.send(all, 10s).ok());
    for (int n = 1; n <= 500; ++n) {
        const auto line = client.receive(10s);
        ASSERT_TRUE(line.ok()) << line.error().message;
        EXPECT_EQ(line->substr(0, 15 + std::to_string(n).size()),
                  R"({"v":1,"id":)" + std::to_string(n) + ",\"s");
    }
}

TEST(ControlServer, TakesARequestThatComesInPieces) {
    Served served;
    ControlClient client = connected(served.socket);
    for (const char c : std::string(kStatus) + "\n") {
        ASSERT_TRUE(client.send({&c, 1}, 10s).ok());
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_TRUE(client.receive(10s).ok());
}

TEST(ControlServer, RefusesACommandThatIsBasedOnAnOldState) {
    Served served;
    ControlClient client = connected(served.socket);
    EXPECT_NE(ask(client, kill_at(6)).find(R"("code":"stale")"), std::string::npos);
    EXPECT_TRUE(served.port.commands().empty());
}

TEST(ControlServer, LetsOneOfManyWhoSawTheSameStateCommand) {
    Served served;
    std::atomic<int> done{0}, stale{0};
    std::vector<std::thread> threads;
    for (int n = 0; n < 8; ++n) {
        threads.emplace_back([&] {
            ControlClient client = connected(served.socket);
            const std::string line = ask(client, kill_at(7));
            done += line.find("done") != std::string::npos;
            stale += line.find("stale") != std::string::npos;
        });
    }
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(done, 1);
    EXPECT_EQ(stale, 7);
}

TEST(ControlServer, TellsWhatBroke) {
    Served served;
    ControlClient client = connected(served.socket);
    EXPECT_NE(ask(client, R"({"v":1,"id":1,"method":"sessions"})")
                  .find(R"("error":{"code":"failed","message":"it broke"})"),
              std::string::npos);
    EXPECT_NE(ask(client, kStatus).find("ok"), std::string::npos);
}

TEST(ControlServer, TellsFollowersWhatHappensUntilTheyLeave) {
    Served served;
    {
        ControlClient client = connected(served.socket);
        EXPECT_FALSE(served.port.followed);
        EXPECT_NE(ask(client, R"({"v":1,"id":1,"method":"tail"})").find("ok"), std::string::npos);
        EXPECT_TRUE(served.port.followed);
        for (int n = 0; n < 3; ++n) served.port.say("{\"seq\":" + std::to_string(n) + "}");
        for (int n = 0; n < 3; ++n) {
            const auto line = client.receive(10s);
            ASSERT_TRUE(line.ok());
            EXPECT_EQ(*line, "{\"v\":1,\"event\":{\"seq\":" + std::to_string(n) + "}}");
        }
        EXPECT_NE(ask(client, kStatus).find("ok"), std::string::npos);  // beside the events
    }
    EXPECT_TRUE(comes([&] { return !served.port.followed; }));
}

TEST(ControlServer, HasASocketForItsUserAndGroupAlone) {
    std::filesystem::path path;
    {
        Served served;
        path = served.socket;
        struct stat s{};
        ASSERT_EQ(::lstat(path.c_str(), &s), 0);
        EXPECT_TRUE(S_ISSOCK(s.st_mode));
        EXPECT_EQ(s.st_mode & 07777, 0660u);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ControlServer, ReplacesASocketThatADeadDaemonLeft) {
    OpenFolder folder;
    const std::filesystem::path path = folder / "c.sock";
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ::close(dead);
    PlainPort port;
    const ControlServer server({.socket = path}, Roles({}, ::getuid()), port);
    ControlClient client = connected(path);
    EXPECT_NE(ask(client, kStatus).find("ok"), std::string::npos);
}

std::string refusal_to_listen(const std::filesystem::path& path) {
    PlainPort port;
    try {
        const ControlServer server({.socket = path}, Roles({}, ::getuid()), port);
    } catch (const std::runtime_error& e) {
        return e.what();
    }
    return {};
}

TEST(ControlServer, LeavesWhatIsNotItsOwnAlone) {
    Served served;
    EXPECT_NE(refusal_to_listen(served.socket).find("another daemon"), std::string::npos);
    ControlClient client = connected(served.socket);
    EXPECT_NE(ask(client, kStatus).find("ok"), std::string::npos);
    const std::filesystem::path file = served.folder / "file";
    std::ofstream(file) << "data";
    EXPECT_NE(refusal_to_listen(file).find("no socket"), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(file));
    EXPECT_NE(refusal_to_listen(served.folder / "none/c.sock").find("c.sock"), std::string::npos);
    EXPECT_NE(refusal_to_listen(std::string(200, 'x')).find("107"), std::string::npos);
}

TEST(Roles, AreThoseOfTheConfigurationAlone) {
    RoleRule by_uid, by_gid;
    by_uid.uid = 10;
    by_uid.role = Role::kTrader;
    by_uid.strategies = {"a"};
    by_gid.gid = 20;
    by_gid.role = Role::kRisk;
    const std::vector<RoleRule> rules = {by_uid, by_gid};
    const Roles roles(rules, 5);
    EXPECT_EQ(roles.peer(5, 5, 1, {}).role, Role::kNone);
    EXPECT_EQ(roles.peer(10, 5, 1, {}).role, Role::kTrader);
    EXPECT_TRUE(roles.peer(10, 5, 1, {}).owns("a"));
    EXPECT_EQ(roles.peer(11, 20, 1, {}).role, Role::kRisk);
    const std::uint32_t groups[] = {7, 20};
    EXPECT_EQ(roles.peer(10, 5, 1, groups).role, Role::kRisk);
    EXPECT_EQ(Roles({}, 5).peer(5, 5, 1, {}).role, Role::kAdmin);
    EXPECT_EQ(Roles({}, 5).peer(0, 0, 1, {}).role, Role::kNone);
    RoleRule unknown;
    unknown.user = "nobody-of-that-name";
    EXPECT_THROW(Roles(std::span(&unknown, 1), 5), std::runtime_error);
    unknown = {};
    unknown.user = "root";
    EXPECT_EQ(Roles(std::span(&unknown, 1), 5).peer(0, 0, 1, {}).role, Role::kViewer);
}

/// What a request gets that another user makes: one byte, the first of what stands for it.
char as_user(std::uint32_t uid, std::uint32_t gid, const std::filesystem::path& socket,
             const std::string& request) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgroups(0, nullptr) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0) ::_exit('!');
        auto client = ControlClient::connect(socket.string());
        if (!client) {
            ::_exit(client.error().code == ControlClient::ErrorCode::kDenied ? 'd' : '?');
        }
        const std::string line = ask(*client, request);
        const bool forbidden = line.find("forbidden") != std::string::npos;
        ::_exit(forbidden ? 'f' : line.find("\"ok\"") != std::string::npos ? 'o' : '?');
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? static_cast<char>(WEXITSTATUS(status)) : '?';
}

TEST(ControlServer, KnowsWhoIsAtTheOtherEnd) {
    if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
    RoleRule viewer, trader, admin;
    viewer.uid = 4001;
    viewer.role = Role::kViewer;
    trader.uid = 4002;
    trader.role = Role::kTrader;
    trader.strategies = {"rsi"};
    admin.uid = 0;
    admin.role = Role::kAdmin;
    Served served({}, {viewer, trader, admin});
    // Only root and root's group may use the socket, whatever role they have.
    EXPECT_EQ(as_user(4001, 4001, served.socket, kStatus), 'd');
    ASSERT_EQ(::chown(served.socket.c_str(), 0, 4000), 0);
    EXPECT_EQ(as_user(4001, 4000, served.socket, kStatus), 'o');
    EXPECT_EQ(as_user(4001, 4000, served.socket, kill_at(7)), 'f');
    EXPECT_EQ(as_user(4003, 4000, served.socket, kStatus), 'f');
    const std::string own = R"({"v":1,"id":2,"method":"kill","reason":"why","expect":7,)"
                            R"("params":{"scope":"strategy","target":"rsi"}})";
    std::string other = own;
    other.replace(other.find("rsi"), 3, "sma");
    EXPECT_EQ(as_user(4002, 4000, served.socket, other), 'f');
    EXPECT_EQ(as_user(4002, 4000, served.socket, own), 'o');
    ASSERT_EQ(served.port.commands().size(), 1u);
    EXPECT_EQ(served.port.commands()[0].first.uid, 4002u);
}

}  // namespace
}  // namespace fermata::console
