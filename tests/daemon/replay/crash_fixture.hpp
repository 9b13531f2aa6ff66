#pragma once

#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "adapters/file/posix_file.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/journal_verifier.hpp"
#include "daemon/rerun/rerun.hpp"
#include "tests/daemon/replay/command.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {

/// What a run of a crash test is like.
struct Trial {
    std::string_view to, journal, engine;
    [[nodiscard]] bool lockstep() const { return engine.find("lockstep") != engine.npos; }
};
inline constexpr Trial kTrials[] = {
    {"2024-01-02T19:30:00Z", "sync: none", "schedule: lockstep, shards: 2"},
    {"2024-01-02T19:30:00Z", "sync: none, market: record", "schedule: concurrent, shards: 2"},
    {"2024-01-02T19:30:00Z", "sync: group, market: record", "schedule: lockstep"},
    {"2024-01-02T19:30:00Z", "sync: group", "schedule: concurrent, shards: 3"},
    {"2024-01-02T15:00:00Z", "sync: strict", "schedule: lockstep"},
    {"2024-01-02T15:00:00Z", "sync: strict, market: record", "schedule: concurrent"},
};
[[nodiscard]] inline const Trial& trial_of(unsigned seed) {
    return kTrials[seed % std::size(kTrials)];
}

/// Strategies that trade much, one of them with managed exits, and orders that algorithms work;
/// `more` is further YAML.
inline std::string yaml_of(const Trial& trial, unsigned seed, const std::string& more = "") {
    return "mode: replay\n"
           "run: {seed: " +
           std::to_string(seed) +
           "}\n"
           "account: {currency: USD, cash: 1000000000, type: margin}\n"
           "instruments:\n"
           "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
           "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n"
           "  - {symbol: CCC, asset_class: equity, tick: 0.01, lot: 1}\n"
           "feeds:\n"
           "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z, to: " +
           std::string(trial.to) +
           "}\n"
           "venues: [{name: sim, type: simulated, fees: {type: proportional, rate: 0.0001},\n"
           "          latency: {in: 20ms, out: 20ms}}]\n"
           "strategies:\n"
           "  - {name: a, type: ema_cross_ticks, symbols: [AAA], params: {fast: 3, slow: 7}}\n"
           "  - {name: b, type: ema_cross_ticks, symbols: [BBB], params: {fast: 3, slow: 7},\n"
           "     exits: {stop: {type: percent, value: 0.0005}, trail: order,\n"
           "             trail_distance: {type: percent, value: 0.001},\n"
           "             targets: [{distance: {type: risk, value: 2}}]}}\n"
           "  - {name: c, type: ema_cross_ticks, symbols: [CCC], params: {fast: 4, slow: 9}}\n"
           "  - {name: d, type: execute, symbols: [AAA, CCC], sizing: {type: fixed, value: 500},\n"
           "     params: {algorithm: twap, over: 900, slices: 60, randomness: 0.5}}\n"
           "  - {name: e, type: execute, symbols: [BBB], sizing: {type: fixed, value: 400},\n"
           "     params: {algorithm: peg, side: sell, over: 1200, slice: 20}}\n"
           "risk: {profile: unlimited}\n"
           "journal: {segment_bytes: 262144, " +
           std::string(trial.journal) + "}\nengine: {" + std::string(trial.engine) + "}\n" + more;
}

/// How many seeds are tried: FERMATA_CRASH_SEEDS, 20 without it.
[[nodiscard]] inline unsigned crash_seeds() {
    const char* text = std::getenv("FERMATA_CRASH_SEEDS");
    return text == nullptr ? 20 : static_cast<unsigned>(std::stoul(text));
}

/// Starts `first`, kills it at an instant within `length`, starts `again`, and so on; after the
/// fourth kill it is left alone. The number of kills; fails the test unless the last one ends well.
inline unsigned kill_until_done(const std::vector<std::string>& first,
                                const std::vector<std::string>& again,
                                std::chrono::steady_clock::duration length, unsigned seed) {
    constexpr int kKills = 4;
    const TemporaryFolder folder;
    const std::string out = folder / "stdout.txt";
    const std::string err = folder / "stderr.txt";
    std::mt19937_64 random(seed);
    unsigned kills = 0;
    for (int attempt = 0;; ++attempt) {
        const Child child(attempt == 0 ? first : again, out, err);
        if (attempt < kKills) {
            std::this_thread::sleep_for(length * (random() % 1000) / 1000);
            child.kill();
        }
        const int code = child.wait();
        if (code != Child::kKilled) {
            EXPECT_EQ(code, 0) << read_text(err);
            return kills;
        }
        ++kills;
    }
}

/// Every stream's positions are without gap or repetition, and no order id is given twice.
inline void expect_whole(const std::string& directory) {
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

/// Nothing is wrong with the journal, and its run can be done again to the last record.
inline void expect_verified_and_equal(const std::string& directory) {
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

}  // namespace fermata::test
