// Everything goes wrong at once: the venue loses, repeats, delays, refuses and takes back what it
// says, and every process is killed. FERMATA_CHAOS_SEEDS says how many seeds (3; `make nightly`
// takes more), FERMATA_CHAOS_SEED=n runs that one alone.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <random>
#include <utility>

#include "tests/daemon/live/chaos_market.hpp"

namespace fermata::test {
namespace {

unsigned number_in(const char* variable, unsigned usual) {
    const char* text = std::getenv(variable);
    return text == nullptr ? usual : static_cast<unsigned>(std::stoul(text));
}

/// Every kind of fault; how often depends on the seed.
std::string faults_of(unsigned seed) {
    const auto every = [seed](unsigned n) { return std::to_string(n + seed % 3); };
    return "  faults:\n    seed: " + std::to_string(seed) +
           "\n    list:\n"
           "      - {kind: drop, member: FERMATA, every: " +
           every(9) +
           "}\n"
           "      - {kind: duplicate, every: " +
           every(6) +
           "}\n"
           "      - {kind: delay, every: " +
           every(5) +
           ", delay: 150ms}\n"
           "      - {kind: disconnect, member: FERMATA, every: " +
           every(17) +
           "}\n"
           "      - {kind: lose_request, member: FERMATA, every: " +
           every(13) +
           "}\n"
           "      - {kind: reject, member: FERMATA, every: " +
           every(11) +
           "}\n"
           "      - {kind: bust, member: FERMATA, every: " +
           every(7) +
           "}\n"
           "      - {kind: correct, member: FERMATA, every: " +
           every(5) +
           "}\n"
           "      - {kind: halt, at: 1500ms, delay: 300ms}\n";
}

class Chaos : public ::testing::Test {
protected:
    /// Trades on until there are so many more fills and it is `so`, and does what people would:
    /// releases what the watchdog halted, and starts a daemon again that goes on no more. A request
    /// that the venue lost is never sent again, and its strategy waits until the venue is asked,
    /// which a start does. How long they look on decides how often they do it, nothing else; each
    /// time they have more patience, so that a slow machine gets there, too.
    static void trade_on(
        ChaosMarket& market, std::size_t fills,
        const std::function<bool()>& so = [] { return true; }) {
        const auto now = [] { return std::chrono::steady_clock::now(); };
        const std::size_t before = market.fills_here();
        std::size_t seen = before;
        auto since = now();
        auto patience = std::chrono::milliseconds(2'500);
        const auto look_after = [&](std::size_t count) {
            if (count != std::exchange(seen, count)) since = now();
            if (now() - since < patience || !daemon_runs(market)) return;
            kill_and_restart(market, 'd');
            patience *= 2;
            since = now();
        };
        EXPECT_TRUE(wait_until([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(80));
            if (!market.latched().empty()) market.release();
            const std::size_t count = market.fills_here();
            if (count >= before + fills && so()) return true;
            look_after(count);
            return false;
        })) << read_text(market.file("daemon.err"))
            << read_text(market.file("venue.out")) << read_text(market.file("dog.err"));
    }
    static bool daemon_runs(const ChaosMarket& market) {
        return read_text(market.file("daemon.err")).find("fermatad: running") != std::string::npos;
    }
    /// What the seed is for happened: every kind of fault, executions that the copies alone told
    /// of, and orders enough.
    static bool everything_went_wrong(const ChaosMarket& market) {
        std::set<std::string> faults;
        for (const LogLine& line : venue_log(market.file("venue.csv"))) {
            if (line.what == "fault") faults.insert(line.text);
        }
        for (const char* kind : {"delay", "drop", "duplicate", "lose_request", "reject",
                                 "disconnect", "halt", "bust", "correct"}) {
            if (!faults.contains(kind)) return false;
        }
        std::size_t from_copies = 0;
        market.for_each_record([&](const OrderEvent& e, const JournalManifest&) {
            // The reports of the session of orders carry the numbers of their messages.
            const bool execution = e.type == OrderEventType::kCorrection ||
                                   (e.type == OrderEventType::kExecution &&
                                    e.data.execution.exec_type == ExecType::kTrade);
            from_copies += execution && cause_kind(e.cause) != CauseKind::kMessage;
        });
        return from_copies != 0 && market.orders_there().size() >= 20;
    }
    static void kill_and_restart(ChaosMarket& market, char victim) {
        const auto die = [](Process& process) {
            process.kill(SIGKILL);
            (void)process.wait();
        };
        switch (victim) {
            case 'v':
                die(*market.venue);
                return market.start_venue();
            case 'd':
                die(*market.daemon);
                return market.start_daemon();
            default:
                die(*market.watchdog);
                return market.start_watchdog();
        }
    }
    static void run(unsigned seed);
};

void Chaos::run(unsigned seed) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ": FERMATA_CHAOS_SEED=" + std::to_string(seed));
    LiveShape shape;
    shape.faults = faults_of(seed);
    shape.limits = "drop_copy: 60s";
    ChaosMarket market(seed, shape, ", missing: book, book_after: 300ms");
    market.approve();
    market.start_venue();
    market.start_watchdog();
    market.start_daemon();
    std::mt19937_64 random(seed);
    std::array victims{'v', 'd', 'w', "vd"[random() % 2]};
    std::shuffle(victims.begin(), victims.end(), random);
    for (const char victim : victims) {
        trade_on(market, 8);
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
        kill_and_restart(market, victim);
    }
    trade_on(market, 8, [&] { return everything_went_wrong(market); });
    // The faults end, and what they left is put in order: by the reconciliation, and by the copies.
    market.venue->kill(SIGTERM);
    EXPECT_EQ(market.venue->wait(), 0) << read_text(market.file("venue.out"));
    market.write_venue("");
    market.start_venue();
    trade_on(market, 4);
    market.run({FERMATA_COMMAND, "latch", "halt", market.file("latch"), "--level", "no-new-orders",
                "--reason", "the end"});
    EXPECT_TRUE(wait_until([&] { return market.books_agree(); }))
        << read_text(market.file("daemon.err"));
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << read_text(market.file("daemon.err"));
    market.watchdog->kill(SIGTERM);
    // 4: people released the firm before every venue had confirmed that nothing is open.
    EXPECT_THAT(market.watchdog->wait(), testing::AnyOf(0, 4)) << read_text(market.file("dog.err"));
    market.venue->kill(SIGTERM);
    EXPECT_EQ(market.venue->wait(), 0) << read_text(market.file("venue.out"));

    const Books here = market.books_here(), there = market.books_there();
    EXPECT_EQ(here.fills(), there.fills()) << read_text(market.file("daemon.err"));
    auto held = market.positions_here();
    auto expected = there.positions();
    for (const char* symbol : {"AAA", "BBB"}) EXPECT_EQ(held[symbol], expected[symbol]) << symbol;
    const auto orders = market.orders_there();
    EXPECT_EQ(std::set<std::string>(orders.begin(), orders.end()).size(), orders.size());
    long long number = 0;
    for (const LogLine& line : venue_log(market.file("venue.csv"))) {
        if (line.what != "in" || line.member != "FERMATA" || !line.fields.contains(34)) continue;
        EXPECT_GT(std::stoll(line.fields.at(34)), number) << "sequence numbers go on";
        number = std::stoll(line.fields.at(34));
    }
    market.for_each_record([](const OrderEvent& e, const JournalManifest&) {
        if (e.type != OrderEventType::kControl) return;
        EXPECT_NE(e.data.control.control, static_cast<std::uint8_t>(ControlId::kDropCopy));
    });
    // A session of mode live goes on at the next start: that its journal is not closed is all that
    // there is to say about it.
    const Said verified = run_command({"journal", "verify", market.journal(), "--open"});
    EXPECT_EQ(verified.code, 0) << verified.err;
    EXPECT_THAT(verified.out, testing::HasSubstr("open: "));
    PosixFileSystem files;
    RerunRequest request;
    request.directory = market.journal();
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
}

TEST_F(Chaos, NoFillIsLostAndNoOrderSentTwiceWhateverGoesWrongAndWhoeverIsKilled) {
    if (const unsigned seed = number_in("FERMATA_CHAOS_SEED", 0); seed != 0) return run(seed);
    const unsigned seeds = number_in("FERMATA_CHAOS_SEEDS", 3);
    for (unsigned seed = 1; seed <= seeds && !HasFailure(); ++seed) run(seed);
}

}  // namespace
}  // namespace fermata::test
