// However many connections there are, of whomever, a command gets through.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <stdexcept>

#include "tests/ops/control/server_fixture.hpp"

namespace fermata::console {
namespace {

using namespace testing;

const std::string kStatus = R"({"v":1,"id":1,"method":"status"})";
const std::string kTail = R"({"v":1,"id":1,"method":"tail"})";

/// Connections that stay open until the end.
class Crowd {
public:
    Crowd() = default;
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;
    ~Crowd() {
        for (const int fd : open_) ::close(fd);
    }
    /// Says `request` (without its line feed; nothing where it is empty) and waits for an answer.
    void join(const std::filesystem::path& socket, const std::string& request) {
        const int fd = raw(socket);
        ASSERT_GE(fd, 0);
        open_.push_back(fd);
        if (request.empty()) return;
        (void)send_all(fd, request + "\n");  // one that is refused is closed by now
        pollfd answered{fd, POLLIN, 0};
        ASSERT_EQ(::poll(&answered, 1, 10'000), 1);
    }
    [[nodiscard]] int at(std::size_t n) const { return open_.at(n); }

private:
    std::vector<int> open_;
};

/// Descriptors for both ends of so many connections.
void allow_descriptors(rlim_t count) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur >= count) return;
    limit.rlim_cur = std::min(count, limit.rlim_max);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < count) GTEST_SKIP() << "the system allows too few descriptors";
}

/// The way of `fermata kill`: looks at the state, then commands.
std::string kill_switch(const std::filesystem::path& socket) {
    ControlClient client = connected(socket);
    const std::string state = ask(client, kStatus);
    const std::size_t at = state.find("state_version\":");
    if (at == std::string::npos) return state;
    const std::string version = std::to_string(std::stoull(state.substr(at + 15)));
    return ask(client, R"({"v":1,"id":2,"method":"kill","reason":"why","expect":)" + version + "}");
}

struct Crowded {
    std::size_t connections;
    const char* says;
};
class ControlCrowd : public ::testing::TestWithParam<Crowded> {};

TEST_P(ControlCrowd, OfTheSameUserLetsAKillThrough) {
    const auto [connections, says] = GetParam();
    allow_descriptors(2 * connections + 200);
    Served served;
    Crowd crowd;
    for (std::size_t n = 0; n < connections; ++n) {
        ASSERT_NO_FATAL_FAILURE(crowd.join(served.socket, says));
    }
    for (std::size_t n = 1; n <= 20; ++n) {
        EXPECT_NE(kill_switch(served.socket).find(R"("ok":{"done":true})"), std::string::npos);
        EXPECT_EQ(served.port.commands().size(), n);
    }
    EXPECT_EQ(served.server->counts().refused, 0u);
    EXPECT_TRUE(comes([&] { return served.server->counts().accepted == connections + 20; }));
    EXPECT_LE(served.server->counts().connected, 16u);
}

INSTANTIATE_TEST_SUITE_P(
    All, ControlCrowd,
    ::testing::Values(Crowded{16, ""}, Crowded{64, ""}, Crowded{1'000, ""},
                      Crowded{16, kTail.c_str()}, Crowded{64, kTail.c_str()},
                      Crowded{1'000, kTail.c_str()}, Crowded{16, kStatus.c_str()},
                      Crowded{64, kStatus.c_str()}, Crowded{1'000, kStatus.c_str()}),
    [](const auto& test) {
        const std::string_view says = test.param.says;
        return std::to_string(test.param.connections) + (says.empty()    ? "ThatSayNothing"
                                                         : says == kTail ? "ThatFollow"
                                                                         : "ThatAskedSomething");
    });

TEST(ControlCrowd, TellsAFollowerThatClosesWhy) {
    Served served({.socket = {}, .places = {.following_of_one_user = 3}});
    std::vector<ControlClient> followers;
    for (int n = 0; n < 4; ++n) {
        followers.push_back(connected(served.socket));
        ASSERT_NE(ask(followers.back(), kTail).find("ok"), std::string::npos);
    }
    const auto line = followers[0].receive(10s);
    ASSERT_TRUE(line.ok()) << line.error().message;
    EXPECT_EQ(*line,
              R"({"v":1,"id":0,"state_version":0,"error":{"code":"busy","message":"too many )"
              R"(connections of this user follow events: closed in favour of a newer one"}})");
    EXPECT_FALSE(followers[0].receive(10s).ok());
    served.port.say("{\"seq\":1}");
    for (int n = 1; n < 4; ++n) EXPECT_TRUE(followers[static_cast<std::size_t>(n)].receive(10s));
}

TEST(ControlCrowd, OfAsksWithoutEndDelaysNoQuestionForEver) {
    Served served({}, {}, 60'000);
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int n = 0; n < 12; ++n) {
        threads.emplace_back([&] {
            while (!stop) {
                auto client = ControlClient::connect(served.socket.string());
                while (client && !stop && client->ask(kStatus, 10s)) {
                }
            }
        });
    }
    EXPECT_NE(kill_switch(served.socket).find("done"), std::string::npos);
    stop = true;
    for (std::thread& t : threads) t.join();
}

/// Runs as another user, of the calling thread alone.
template <class Do>
void as_user(std::uint32_t uid, Do run) {
    std::exception_ptr failed;
    std::thread([&] {
        try {
            if (::syscall(SYS_setresgid, -1, 4000, -1) != 0 ||
                ::syscall(SYS_setresuid, -1, uid, -1) != 0) {
                throw std::runtime_error("cannot become another user");
            }
            run();
        } catch (...) {
            failed = std::current_exception();
        }
    }).join();
    if (failed) std::rethrow_exception(failed);
}

std::vector<RoleRule> eight_of(Role role) {
    std::vector<RoleRule> rules(9);
    for (std::uint32_t n = 0; n < 8; ++n) {
        rules[n].uid = 4001 + n;
        rules[n].role = role;
    }
    rules[8].uid = 0;
    rules[8].role = Role::kAdmin;
    return rules;
}

TEST(ControlCrowd, OfOtherUsersLetsAnAdminThrough) {
    if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
    for (const Role role : {Role::kViewer, Role::kRisk, Role::kAdmin}) {
        for (const std::string& says : {std::string(), kTail, kStatus, std::string("{\"v\":")}) {
            Served served({}, eight_of(role));
            ASSERT_EQ(::chown(served.socket.c_str(), 0, 4000), 0);
            Crowd crowd;
            for (std::uint32_t n = 0; n < 8; ++n) {
                as_user(4001 + n, [&] {
                    for (int m = 0; m < 40; ++m) {
                        const bool whole = says.empty() || says.back() == '}';
                        crowd.join(served.socket, whole ? says : "");
                        if (!whole)
                            (void)send_all(crowd.at(n * 40 + static_cast<unsigned>(m)), says);
                    }
                });
            }
            EXPECT_NE(kill_switch(served.socket).find("done"), std::string::npos)
                << name(role) << " " << says;
            EXPECT_LE(served.server->counts().connected, 64u);
        }
    }
}

TEST(ControlCrowd, OfAUserWithoutARoleTakesNoPlace) {
    if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
    RoleRule admin;
    admin.uid = 0;
    admin.role = Role::kAdmin;
    Served served({}, {admin});
    ASSERT_EQ(::chown(served.socket.c_str(), 0, 4000), 0);
    ControlClient before = connected(served.socket);
    ASSERT_NE(ask(before, kStatus).find("ok"), std::string::npos);
    Crowd crowd;
    as_user(4001, [&] {
        for (int n = 0; n < 300; ++n) crowd.join(served.socket, kTail);
    });
    EXPECT_NE(kill_switch(served.socket).find("done"), std::string::npos);
    EXPECT_NE(ask(before, kStatus).find("ok"), std::string::npos);
    EXPECT_TRUE(comes([&] { return served.server->counts().refused == 300; }));
    EXPECT_EQ(served.server->counts().displaced, 0u);
}

}  // namespace
}  // namespace fermata::console
