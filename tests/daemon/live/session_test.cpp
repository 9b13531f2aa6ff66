// The daemon as a process: a session on the machine's clock, stopped, killed and gone on with, is
// what its journal says.

#include "daemon/live/session.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/daemon/live/session_fixture.hpp"

namespace fermata::test {
namespace {

struct OnRecord {
    std::vector<MarketEvent> market;
    std::size_t orders = 0;
    std::uint32_t boots = 0;
};
OnRecord read(const std::filesystem::path& session) {
    OnRecord result;
    PosixFileSystem files;
    auto opened = JournalReader::open(files, (session / "journal").string());
    if (!opened) return result;
    while (const JournalRecord* record = (*opened)->next()) {
        result.boots = std::max(result.boots, record->boot_epoch);
        if (record->is_market) {
            result.market.push_back(record->market);
        } else if (record->event.type == OrderEventType::kNewOrder) {
            ++result.orders;
        }
    }
    return result;
}

std::vector<MarketEvent> recording(const std::string& yaml) {
    const StrategyRegistry registry = shipped_strategies();
    const Config config = parse_config(yaml, "test.yaml", ".", {}, registry, sha256_hasher());
    Assembly assembly(config, registry);
    const auto feed = assembly.make_feed();
    std::vector<MarketEvent> all;
    for (auto batch = feed->next(); !batch.empty(); batch = feed->next()) {
        all.insert(all.end(), batch.begin(), batch.end());
    }
    return all;
}

/// What came is the beginning of the recording, each event once and in its order.
void expect_beginning_of(const std::vector<MarketEvent>& market,
                         const std::vector<MarketEvent>& recorded) {
    std::size_t n = 0;
    for (const MarketEvent& e : market) {
        if (e.type == MarketEventType::kClock) continue;
        ASSERT_LT(n, recorded.size());
        MarketEvent same = e;
        same.ts = recorded[n].ts;
        same.seq = recorded[n].seq;
        ASSERT_EQ(std::memcmp(&same, &recorded[n], sizeof same), 0) << "event " << n;
        ++n;
    }
    EXPECT_GT(n, 0u);
}

/// Stamped when they came, and time never goes back.
void expect_stamped(const std::vector<MarketEvent>& market, Timestamp from, Timestamp to) {
    ASSERT_FALSE(market.empty());
    EXPECT_GE(market.front().ts, from);
    EXPECT_LE(market.back().ts, to);
    for (std::size_t n = 1; n < market.size(); ++n) {
        ASSERT_GE(market[n].ts, market[n - 1].ts);
        ASSERT_EQ(market[n].seq, market[n - 1].seq + 1);
    }
}

Timestamp utc_now() {
    return Timestamp{
        std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()};
}

/// Waits until the session has sent so many orders.
bool wait_for_orders(const std::filesystem::path& out, std::size_t orders) {
    return wait_until([&] {
        const auto all = sessions(out);
        return !all.empty() && read(all.back()).orders >= orders;
    });
}

TEST(Session, OnPaperIsStoppedInOrderAndItsJournalIsReRunEqual) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    const std::string yaml = paper_yaml(1);
    write_text(config, yaml);
    const Timestamp before = utc_now();
    Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt");
    EXPECT_TRUE(wait_for_orders(folder / "out", 60)) << read_text(folder / "err.txt");
    daemon.kill(SIGTERM);
    ASSERT_EQ(daemon.wait(), 0) << read_text(folder / "err.txt");

    const auto all = sessions(folder / "out");
    ASSERT_EQ(all.size(), 1u);
    const std::string journal = all[0] / "journal";
    expect_whole(journal);
    expect_verified_and_equal(journal);
    const OnRecord there = read(all[0]);
    expect_stamped(there.market, before, utc_now());
    expect_beginning_of(there.market, recording(yaml));
    // When nothing comes, time goes on all the same: quotes are farther apart than 10 ms.
    EXPECT_TRUE(std::any_of(there.market.begin(), there.market.end(), [](const MarketEvent& e) {
        return e.type == MarketEventType::kClock;
    }));
}

TEST(Session, ThatIsKilledIsGoneOnWithWhereItsRecordEnds) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    const std::string yaml = paper_yaml(2);
    write_text(config, yaml);
    for (std::size_t kills = 1; kills <= 3; ++kills) {
        Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt");
        EXPECT_TRUE(wait_for_orders(folder / "out", 30 * kills)) << read_text(folder / "err.txt");
        daemon.kill(SIGKILL);
        ASSERT_EQ(daemon.wait(), Daemon::kKilled) << read_text(folder / "err.txt");
    }
    Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt");
    EXPECT_TRUE(wait_for_orders(folder / "out", 120)) << read_text(folder / "err.txt");
    daemon.kill(SIGINT);
    ASSERT_EQ(daemon.wait(), 0) << read_text(folder / "err.txt");

    const auto all = sessions(folder / "out");
    ASSERT_EQ(all.size(), 1u);
    expect_whole(all[0] / "journal");
    expect_verified_and_equal(all[0] / "journal");
    const OnRecord there = read(all[0]);
    EXPECT_EQ(there.boots, 4u);
    expect_stamped(there.market, Timestamp{0}, utc_now());
    expect_beginning_of(there.market, recording(yaml));
}

TEST(Session, BeginsANewOneBehindOneThatWasClosedAlsoIfItWasCompressed) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    write_text(config, paper_yaml(3, "speed: max"));
    for (int n = 0; n < 3; ++n) {  // the data ends by itself
        Daemon daemon({config, "--out", folder / "out", "--set", "run.to=2024-01-02T14:40:00Z"},
                      folder / "err.txt");
        ASSERT_EQ(daemon.wait(), 0) << read_text(folder / "err.txt");
        if (n == 1) {
            const std::string newest = sessions(folder / "out").back() / "journal";
            ASSERT_EQ(run_command({"journal", "retain", newest, "--compress"}).code, 0);
        }
    }
    EXPECT_EQ(sessions(folder / "out").size(), 3u);
}

TEST(Session, IsRefusedToTheWrongProgramWithTheRightOne) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    write_text(config, paper_yaml(4));
    const Said replay = run_command({"replay", config, "--out", folder / "out"});
    EXPECT_EQ(replay.code, 2);
    EXPECT_NE(replay.err.find("its mode is paper, which fermatad runs"), std::string::npos)
        << replay.err;
    Daemon daemon({config, "--out", folder / "out", "--set", "mode=replay"}, folder / "err.txt");
    EXPECT_EQ(daemon.wait(), 2);
    EXPECT_NE(read_text(folder / "err.txt").find("which fermata replay runs"), std::string::npos);
    EXPECT_TRUE(sessions(folder / "out").empty());
}

/// What a service manager hears.
class NotifySocket {
public:
    explicit NotifySocket(const std::string& path) {
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("cannot bind " + path);
        }
    }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;
    ~NotifySocket() { ::close(socket_); }
    /// Everything that was said so far.
    [[nodiscard]] const std::string& heard() {
        char buffer[4096];
        for (;;) {
            const ssize_t length = ::recv(socket_, buffer, sizeof buffer, 0);
            if (length <= 0) return heard_;
            heard_.append(buffer, static_cast<std::size_t>(length)).push_back('\n');
        }
    }

private:
    int socket_ = -1;
    std::string heard_;
};

TEST(Session, TellsTheServiceManagerWhenItRunsThatItGoesOnAndThatItStops) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    write_text(config, paper_yaml(5));
    const std::string path = folder / "notify";
    NotifySocket manager(path);
    Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt",
                  {"NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=300000"});
    const auto hears = [&](const char* what) {
        return wait_until([&] { return manager.heard().find(what) != std::string::npos; });
    };
    EXPECT_TRUE(hears("READY=1\nSTATUS=paper, running"));
    EXPECT_TRUE(hears("WATCHDOG=1"));
    EXPECT_EQ(manager.heard().find("STOPPING=1"), std::string::npos);
    daemon.kill(SIGTERM);
    ASSERT_EQ(daemon.wait(), 0) << read_text(folder / "err.txt");
    EXPECT_NE(manager.heard().find("STOPPING=1"), std::string::npos);
    EXPECT_LT(manager.heard().find("READY=1"), manager.heard().find("WATCHDOG=1"));
}

}  // namespace
}  // namespace fermata::test
