#include "daemon/cli/control_call.hpp"

#include <gtest/gtest.h>

#include <array>

#include "daemon/cli/completion.hpp"
#include "tests/ops/control/server_fixture.hpp"

namespace fermata {
namespace {

using namespace console::testing;

TEST(ControlCall, CommandsWhileItsUserConnectsWithoutEnd) {
    Served served({.socket = {}, .places = {.of_one_user = 4, .silent_of_one_user = 2}});
    std::atomic<bool> stop{false};
    std::vector<std::thread> floods;
    for (int n = 0; n < 3; ++n) {
        floods.emplace_back([&] {
            std::array<int, 4> open{-1, -1, -1, -1};
            for (std::size_t m = 0; !stop; m = (m + 1) % open.size()) {
                if (open[m] >= 0) ::close(open[m]);
                open[m] = raw(served.socket);
            }
            for (const int fd : open) ::close(fd);
        });
    }
    EXPECT_TRUE(comes([&] { return served.server->counts().displaced > 0; }));
    for (std::size_t n = 1; n <= 50; ++n) {
        ControlCall call(served.socket.string());
        const Report done = call.command("kill", {{"scope", "firm"}}, "why", std::nullopt);
        EXPECT_EQ(done.value("done", false), true);
        EXPECT_EQ(served.port.commands().size(), n);  // once each
    }
    stop = true;
    for (std::thread& t : floods) t.join();
}

TEST(ControlCall, ConnectsAnewWhenItsConnectionGaveWayBetweenTwoQuestions) {
    Served served(
        {.socket = {}, .places = {.of_one_user = 2}, .fresh = std::chrono::milliseconds(0)});
    ControlCall call(served.socket.string());
    (void)call.ask("status");
    const int one = raw(served.socket), two = raw(served.socket);
    EXPECT_TRUE(comes([&] { return served.server->counts().displaced == 1; }));
    EXPECT_EQ(call.ask("status").value("rows", ""), "x");
    EXPECT_EQ(call.command("kill", {{"scope", "firm"}}, "why", std::nullopt).value("done", false),
              true);
    ::close(one);
    ::close(two);
}

TEST(ControlCall, EndsATailThatGaveWayWithTheReason) {
    Served served({.socket = {}, .places = {.following_of_one_user = 1}});
    ControlCall first(served.socket.string()), second(served.socket.string());
    (void)first.ask("tail");
    (void)second.ask("tail");
    try {
        (void)first.next_event();
        FAIL() << "no event is due";
    } catch (const ControlFailure& e) {
        EXPECT_EQ(e.code, "busy");
        EXPECT_NE(e.message.find("follow events"), std::string::npos);
    }
}

/// A daemon with rows of everything.
class NamesPort final : public console::ControlPort {
public:
    console::Answer answer(const console::Peer&, const console::Request& request) override {
        using console::Method;
        const char* rows = R"([{"other":1}])";
        if (request.method == Method::kStrategies) {
            rows = R"([{"strategy":"b","account":"main"},{"strategy":"a","account":"main"}])";
        } else if (request.method == Method::kPositions) {
            rows = R"([{"account":"second","instrument":"AAA"}])";
        } else if (request.method == Method::kOrders) {
            rows = R"([{"instrument":"BBB"}])";
        } else if (request.method == Method::kSessions) {
            rows = R"([{"venue":"exchange"}])";
        }
        return {console::Error::kNone, {}, "{\"rows\":" + std::string(rows) + "}", 1};
    }
    std::uint64_t state_version() const noexcept override { return 1; }
    void follow(bool) override {}
    void take_events(std::size_t, std::vector<std::string>&) override {}
};

TEST(Completion, KnowsTheNamesOfARunningDaemon) {
    const OpenFolder folder;
    const std::string socket = folder / "c.sock";
    EXPECT_TRUE(names_in_daemon("strategy", socket).empty()) << "nobody is there";
    NamesPort port;
    const console::ControlServer server({.socket = socket}, console::Roles({}, ::getuid()), port);
    using Names = std::vector<std::string>;
    EXPECT_EQ(names_in_daemon("strategy", socket), (Names{"a", "b"}));
    EXPECT_EQ(names_in_daemon("account", socket), (Names{"main", "second"}));
    EXPECT_EQ(names_in_daemon("instrument", socket), (Names{"AAA", "BBB"}));
    EXPECT_EQ(names_in_daemon("venue", socket), (Names{"exchange"}));
    EXPECT_TRUE(names_in_daemon("limit", socket).empty());
    EXPECT_TRUE(names_in_daemon("firm", socket).empty());
}

}  // namespace
}  // namespace fermata
