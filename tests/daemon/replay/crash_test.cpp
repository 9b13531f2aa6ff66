// SIGKILL at any instant: a run that is resumed loses nothing, doubles nothing and ends as if
// nothing had happened. The number of seeds comes from FERMATA_CRASH_SEEDS (20 without it).

#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "adapters/file/posix_file.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/journal_verifier.hpp"
#include "daemon/rerun/rerun.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

extern char** environ;

namespace fermata::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string yaml_of(std::string_view to, std::string_view journal, std::string_view engine) {
    return "mode: replay\n"
           "run: {seed: 5}\n"
           "account: {currency: USD, cash: 1000000000, type: margin}\n"
           "instruments:\n"
           "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
           "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n"
           "  - {symbol: CCC, asset_class: equity, tick: 0.01, lot: 1}\n"
           "feeds:\n"
           "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z, to: " +
           std::string(to) +
           "}\n"
           "venues: [{name: sim, type: simulated, fees: {type: proportional, rate: 0.0001},\n"
           "          latency: {in: 20ms, out: 20ms}}]\n"
           "strategies:\n"
           "  - {name: a, type: ema_cross_ticks, symbols: [AAA], params: {fast: 3, slow: 7}}\n"
           "  - {name: b, type: ema_cross_ticks, symbols: [BBB], params: {fast: 3, slow: 7}}\n"
           "  - {name: c, type: ema_cross_ticks, symbols: [CCC], params: {fast: 4, slow: 9}}\n"
           "risk: {profile: unlimited}\n"
           "journal: {segment_bytes: 262144, " +
           std::string(journal) + "}\nengine: {" + std::string(engine) + "}\n";
}

/// What a seed tries.
struct Trial {
    std::string_view to, journal, engine;
};
constexpr Trial kTrials[] = {
    {"2024-01-02T19:30:00Z", "sync: none", "schedule: lockstep, shards: 2"},
    {"2024-01-02T19:30:00Z", "sync: none, market: record", "schedule: concurrent, shards: 2"},
    {"2024-01-02T19:30:00Z", "sync: group, market: record", "schedule: lockstep"},
    {"2024-01-02T19:30:00Z", "sync: group", "schedule: concurrent, shards: 3"},
    {"2024-01-02T15:00:00Z", "sync: strict", "schedule: lockstep"},
    {"2024-01-02T15:00:00Z", "sync: strict, market: record", "schedule: concurrent"},
};

class Child {
public:
    explicit Child(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), FERMATA_COMMAND);
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        if (::posix_spawn(&pid_, FERMATA_COMMAND, nullptr, nullptr, argv.data(), environ) != 0) {
            throw std::runtime_error("cannot start " FERMATA_COMMAND);
        }
    }
    void kill() const { ::kill(pid_, SIGKILL); }
    /// Exit code; -1 when a signal ended it.
    int wait() const {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_ = 0;
};

/// Every stream's positions are without gap or repetition, and no order id is given twice.
void expect_whole(const std::string& directory) {
    PosixFileSystem files;
    auto opened = JournalReader::open(files, directory);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    std::map<JournalStream, std::uint64_t> last;
    std::set<std::uint64_t> ids;
    while (const JournalRecord* record = (*opened)->next()) {
        ASSERT_EQ(record->position, ++last[record->stream]);
        if (record->is_market || record->event.type != OrderEventType::kNewOrder) continue;
        ASSERT_TRUE(ids.insert(record->event.data.new_order.order_id.value).second);
    }
    ASSERT_EQ((*opened)->problem(), nullptr) << (*opened)->problem()->message;
    EXPECT_EQ((*opened)->ending(), JournalEnding::kClosed);
    EXPECT_FALSE(ids.empty());
    EXPECT_EQ(last[JournalStream::kFeed] != 0,
              (*opened)->manifest()->market == MarketRecord::kRecord);
}

void expect_verified_and_equal(const std::string& directory) {
    PosixFileSystem files;
    JournalVerifierOptions options;
    options.records_hasher = sha256_hasher();
    options.chain_hasher = chain_hashers();
    const JournalVerification verified = verify_journal(files, directory, options);
    EXPECT_TRUE(verified.ok()) << verified.problems.front().message;
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    RerunRequest request;
    request.directory = directory;
    const RerunReport report = rerun_journal(files, request, registry);
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
    EXPECT_EQ(report.ending, JournalEnding::kClosed);
    EXPECT_GT(report.compared, 50u);
}

unsigned seeds() {
    const char* text = std::getenv("FERMATA_CRASH_SEEDS");
    return text == nullptr ? 20 : static_cast<unsigned>(std::stoul(text));
}

TEST(Crash, AKilledRunIsResumedWithoutLossOrRepetition) {
    unsigned kills = 0;
    std::map<std::string, std::string> hashes;  // of uninterrupted runs, by configuration
    for (unsigned seed = 1; seed <= seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Trial& trial = kTrials[seed % std::size(kTrials)];
        const TemporaryFolder folder;
        const std::string config = (folder / "run.yaml").string();
        const std::string out = (folder / "out").string();
        write_text(config, yaml_of(trial.to, trial.journal, trial.engine));
        const bool lockstep = trial.engine.find("lockstep") != std::string_view::npos;

        const std::string whole = (folder / "whole").string();
        const auto start = Clock::now();
        ASSERT_EQ(Child({"replay", config, "--out", whole, "-q"}).wait(), 0);
        const auto length = Clock::now() - start;

        std::mt19937_64 random(seed);
        std::vector<std::string> command{"replay", config, "--out", out, "-q"};
        int code = -1;
        for (int attempt = 0; code == -1; ++attempt) {
            const Child child(command);
            if (attempt < 4) {
                std::this_thread::sleep_for(length * (random() % 1000) / 1000);
                child.kill();
            }
            code = child.wait();
            kills += code == -1 ? 1 : 0;
            command = {"replay", config, "--out", out, "-q", "--resume"};
        }
        ASSERT_EQ(code, 0);
        const std::string journal = out + "/journal";
        expect_whole(journal);
        expect_verified_and_equal(journal);
        if (lockstep) {
            const auto a = read_summary(folder / "whole"), b = read_summary(folder / "out");
            EXPECT_EQ(a["journal_sha256"], b["journal_sha256"]);
            for (const char* file : {"orders.csv", "fills.csv", "equity.csv", "positions.csv"}) {
                EXPECT_EQ(read_text(folder / "whole" / file), read_text(folder / "out" / file))
                    << file;
            }
        }
    }
    EXPECT_GT(kills, seeds());
}

}  // namespace
}  // namespace fermata::test
