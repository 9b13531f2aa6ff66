// Against a venue that is not QuickFIX: what both ends of one library agree on may still be wrong.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "adapters/fix/engine.hpp"
#include "tests/adapters/fix/loopback_venue.hpp"

namespace fermata::fix {
namespace {

/// The acceptor as a process; killed at the end.
class Peer {
public:
    explicit Peer(std::uint16_t port) {
        const std::string script = FERMATA_SOURCE_DIR "/tests/adapters/fix/peer_acceptor.cjs";
        const std::string modules = FERMATA_SOURCE_DIR "/build/fix-peer/node_modules";
        pid_ = ::fork();
        if (pid_ != 0) return;
        const int null = ::open("/dev/null", O_RDWR);
        ::dup2(null, 0);
        ::dup2(null, 1);
        ::dup2(null, 2);
        ::setenv("NODE_PATH", modules.c_str(), 1);
        ::setenv("PORT", std::to_string(port).c_str(), 1);
        ::execlp("node", "node", script.c_str(), static_cast<char*>(nullptr));
        std::_Exit(127);
    }
    ~Peer() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    static bool installed() {
        return std::system("node --version >/dev/null 2>&1") == 0 &&
               std::filesystem::exists(FERMATA_SOURCE_DIR "/build/fix-peer/node_modules/jspurefix");
    }

private:
    pid_t pid_ = -1;
};

TEST(Engine, TradesWithAVenueThatIsNotQuickFix) {
    if (!Peer::installed()) {
        GTEST_SKIP() << "needs node and the npm package jspurefix: ops/install/install.sh test";
    }
    const std::uint16_t port = test::free_port();
    const Peer peer(port);
    test::TemporaryFolder folder;
    test::Told told;
    SessionSettings s = test::client_settings(port, folder / "client");
    s.reset_on_logon = true;
    s.heartbeat_s = 5;
    s.logon_tags = {{553, "u"}, {554, "p"}};
    Engine engine({s}, told);
    OrderLink& link = engine.link(0);
    engine.start();
    ASSERT_TRUE(test::eventually([&] { return link.up(); }));
    constexpr std::uint32_t kOrders = 50;
    for (std::uint32_t n = 1; n <= kOrders; ++n) {
        OrderEvent e = test::limit_order(n);
        e.data.new_order.quantity = Quantity::from_units(n);
        ASSERT_EQ(link.send(e), OrderReason::kNone);
    }
    for (std::uint32_t n = 1; n <= kOrders; ++n) {
        OrderEvent e;
        ASSERT_TRUE(test::eventually([&] { return link.poll(e); }));
        EXPECT_EQ(e.data.execution.exec_type, ExecType::kNew);
        EXPECT_EQ(e.data.execution.order_id, make_client_order_id(20'779, 1, n));
        ASSERT_TRUE(test::eventually([&] { return link.poll(e); }));
        EXPECT_EQ(e.data.execution.exec_type, ExecType::kTrade);
        EXPECT_EQ(e.data.execution.last_price.raw(), 187'250'000'000);
        EXPECT_EQ(e.data.execution.last_quantity, Quantity::from_units(n));
        EXPECT_TRUE(e.data.execution.leaves_quantity.is_zero());
    }
    ASSERT_EQ(link.send(test::change_of(1, 1, OrderEventType::kSendCancel)), OrderReason::kNone);
    OrderEvent e;
    ASSERT_TRUE(test::eventually([&] { return link.poll(e); }));
    EXPECT_EQ(e.data.execution.exec_type, ExecType::kCancelRejected);
    EXPECT_EQ(e.data.execution.reason, OrderReason::kTooLateToCancel);
    EXPECT_TRUE(told.events(LinkEventKind::kUnreadable).empty());
    EXPECT_TRUE(told.events(LinkEventKind::kRefused).empty());
}

}  // namespace
}  // namespace fermata::fix
