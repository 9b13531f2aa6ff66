// `fermata venue` under more connections than it may have descriptors.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/select.h>

#include "tests/daemon/live/live_fixture.hpp"

namespace fermata::test {
namespace {

/// Connections that say nothing. Some are refused, some only wait to be accepted.
class Silent {
public:
    Silent(std::uint16_t port, int count) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int n = 0; n < count; ++n) {
            const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            if (fd < 0) break;
            open_.push_back(fd);
            (void)::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        }
    }
    Silent(const Silent&) = delete;
    Silent& operator=(const Silent&) = delete;
    ~Silent() {
        for (const int fd : open_) ::close(fd);
    }
    [[nodiscard]] std::size_t count() const { return open_.size(); }

private:
    std::vector<int> open_;
};

class CrowdedVenue : public LiveMarket {
public:
    CrowdedVenue() : LiveMarket(5) { approve(); }
    /// The venue may have so many descriptors. False: this system does not allow as many.
    bool start_venue_with(int descriptors) {
        const std::string limit = "ulimit -n " + std::to_string(descriptors);
        Process probe({"/bin/sh", "-c", limit}, file("probe.out"));
        if (probe.wait() != 0) return false;
        venue = std::make_unique<Process>(
            std::vector<std::string>{"/bin/sh", "-c", limit + " && exec \"$0\" \"$@\"",
                                     FERMATA_COMMAND, "venue", file("venue.yaml"), "--log",
                                     file("venue.csv")},
            file("venue.out"));
        return true;
    }
    [[nodiscard]] bool trades() const {
        const std::size_t before = fills_here();
        return wait_until([&] { return fills_here() >= before + 5; });
    }
    /// The soft limit of the venue's descriptors.
    [[nodiscard]] rlim_t descriptors() const {
        rlimit limit{};
        EXPECT_EQ(::prlimit(venue->pid(), RLIMIT_NOFILE, nullptr, &limit), 0);
        return limit.rlim_cur;
    }
    /// Trades through a crowd, and with those who come after it.
    void stands(int connections) {
        start_daemon();
        ASSERT_TRUE(trades()) << read_text(file("daemon.err"));
        {
            const Silent crowd(port(), connections);
            ASSERT_EQ(crowd.count(), static_cast<std::size_t>(connections));
            EXPECT_TRUE(trades()) << read_text(file("daemon.err"));
        }
        daemon->kill(SIGTERM);
        EXPECT_EQ(daemon->wait(), 0) << read_text(file("daemon.err"));
        daemon.reset();
        start_daemon();
        EXPECT_TRUE(wait_until([&] {
            return read_text(file("daemon.err")).find("new orders are accepted") !=
                   std::string::npos;
        })) << read_text(file("daemon.err"));
        venue->kill(SIGTERM);
        EXPECT_EQ(venue->wait(), 0) << read_text(file("venue.out"));
    }
};

TEST(VenueCrowd, OfThreeHundredLeavesMembersServedWithFewDescriptors) {
    CrowdedVenue market;
    ASSERT_TRUE(market.start_venue_with(256));
    market.stands(300);
}

TEST(VenueCrowd, GetsNoDescriptorThatSelectCannotWaitFor) {
    CrowdedVenue market;
    rlimit own{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &own), 0);
    own.rlim_cur = own.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &own) != 0 || own.rlim_cur < 4'096 ||
        !market.start_venue_with(4'096)) {
        GTEST_SKIP() << "the system allows too few descriptors";
    }
    ASSERT_TRUE(wait_until([&] {
        return read_text(market.file("venue.out")).find("listens on port") != std::string::npos;
    }));
    EXPECT_EQ(market.descriptors(), static_cast<rlim_t>(FD_SETSIZE));
    market.stands(1'500);
}

}  // namespace
}  // namespace fermata::test
