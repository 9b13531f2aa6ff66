// A journal that was cut off anywhere leads to the same state from its newest snapshot as from its
// start, and snapshots that do not fit are never used.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/journal/journal_verifier.hpp"
#include "core/journal/snapshot.hpp"
#include "daemon/rerun/rerun.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

namespace fs = std::filesystem;

std::string yaml_of(std::string_view schedule, std::string_view market) {
    return "mode: replay\n"
           "run: {seed: 5}\n"
           "account: {currency: USD, cash: 1000000000, type: margin}\n"
           "instruments:\n"
           "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
           "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n"
           "  - {symbol: CCC, asset_class: equity, tick: 0.01, lot: 1}\n"
           "feeds:\n"
           "  - {type: generator, kind: quotes, from: 2024-01-02T14:30:00Z,\n"
           "     to: 2024-01-02T17:30:00Z}\n"
           "venues: [{name: sim, type: simulated, fees: {type: proportional, rate: 0.0001},\n"
           "          latency: {in: 20ms, out: 20ms}}]\n"
           "strategies:\n"
           "  - {name: a, type: ema_cross_ticks, symbols: [AAA], params: {fast: 3, slow: 7}}\n"
           "  - {name: b, type: ema_cross_ticks, symbols: [BBB], params: {fast: 3, slow: 7}}\n"
           "  - {name: c, type: ema_cross_ticks, symbols: [CCC], params: {fast: 4, slow: 9}}\n"
           "risk: {profile: unlimited}\n"
           "journal: {segment_bytes: 65536, market: " +
           std::string(market) + "}\nengine: {shards: 2, schedule: " + std::string(schedule) +
           "}\n";
}

std::vector<fs::path> files_of(const fs::path& journal, std::string_view suffix) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(journal)) {
        if (entry.path().extension() == suffix) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// Cuts what a loss of power would take: the bytes of the journal behind a fraction of it.
void cut(const fs::path& journal, double fraction) {
    const std::vector<fs::path> segments = files_of(journal, ".fjl");
    const double at = fraction * static_cast<double>(segments.size());
    const auto whole = static_cast<std::size_t>(at);
    for (std::size_t n = whole + 1; n < segments.size(); ++n) fs::remove(segments[n]);
    const auto size = static_cast<double>(fs::file_size(segments[whole]));
    fs::resize_file(segments[whole],
                    static_cast<std::uintmax_t>(size * (at - static_cast<double>(whole))));
}

/// Cuts the journal behind the last record that a snapshot contains.
void lose_records_behind(const fs::path& journal, const std::string& snapshot) {
    JournalDisk disk;
    const auto found = read_snapshot(disk.files(), journal.string(),
                                     *snapshot_of_file_name(snapshot), sha256_hasher());
    ASSERT_TRUE(found.ok());
    const std::vector<fs::path> segments = files_of(journal, ".fjl");
    for (std::size_t n = found->header.segment; n < segments.size(); ++n) fs::remove(segments[n]);
    fs::resize_file(segments[found->header.segment - 1], found->header.offset);
}

RerunReport rerun(const fs::path& journal, bool from_snapshot,
                  std::optional<SnapshotPlan> plan = std::nullopt) {
    JournalDisk disk;
    RerunRequest request;
    request.directory = journal.string();
    request.from_snapshot = from_snapshot;
    request.snapshots = plan;
    RerunReport report = rerun_journal(disk.files(), request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what
                                                      : report.problem->message);
    return report;
}

struct Case {
    std::string_view schedule, market;
};

class Recovery : public ::testing::TestWithParam<Case> {
protected:
    void SetUp() override {
        run_yaml(yaml_of(GetParam().schedule, GetParam().market), folder_.path(), folder_ / "out");
        whole_ = rerun(folder_ / "out/journal", false);
        ASSERT_GT(whole_.trading_position, 100u);
    }
    /// Such that the run's journal gets `snapshots` of them: threads make a run longer or shorter.
    [[nodiscard]] std::uint64_t every(std::uint64_t snapshots) const {
        return whole_.trading_position / snapshots;
    }
    /// A copy of the run's journal that ends at a fraction of it.
    [[nodiscard]] fs::path torn(const std::string& name, double fraction) const {
        const fs::path journal = folder_ / name / "journal";
        fs::create_directories(journal.parent_path());
        fs::copy(folder_ / "out/journal", journal, fs::copy_options::recursive);
        cut(journal, fraction);
        return journal;
    }
    TemporaryFolder folder_;
    RerunReport whole_;
};

TEST_P(Recovery, FromASnapshotLeadsToTheStateThatTheWholeJournalLeadsTo) {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> fraction(0.3, 0.99);
    for (int n = 0; n < 6; ++n) {
        const double end = fraction(random);
        SCOPED_TRACE("cut at " + std::to_string(end));
        const fs::path journal = torn("cut-" + std::to_string(n), end);
        const RerunReport whole = rerun(journal, false);
        ASSERT_GT(whole.compared, 100u);

        const SnapshotPlan often{.every = every(8 + random() % 40), .at_end = true, .keep = 3};
        const RerunReport writing = rerun(journal, false, often);
        ASSERT_GE(writing.written.size(), 3u);
        EXPECT_EQ(files_of(journal, ".fjs").size(), 3u);
        EXPECT_EQ(writing.state_hash, whole.state_hash);

        const RerunReport rest = rerun(journal, true);
        EXPECT_EQ(rest.began_with, writing.written.back());
        EXPECT_TRUE(rest.refused.empty());
        EXPECT_EQ(rest.state_hash, whole.state_hash);
        EXPECT_EQ(rest.trading_position, whole.trading_position);
        EXPECT_LT(rest.compared, whole.compared / 4);
        EXPECT_LE(rest.market_events, whole.market_events);
    }
}

TEST_P(Recovery, WritesTheSameSnapshotWhetherItBeganWithOneOrWithTheStart) {
    const fs::path journal = torn("cut", 0.8);
    const RerunReport first =
        rerun(journal, false, SnapshotPlan{.every = every(10), .at_end = true});
    ASSERT_GE(first.written.size(), 2u);
    const std::string last = read_text(journal / first.written.back());
    fs::remove(journal / first.written.back());
    const RerunReport second = rerun(journal, true, SnapshotPlan{.at_end = true});
    EXPECT_EQ(second.began_with, first.written[first.written.size() - 2]);
    ASSERT_EQ(second.written.size(), 1u);
    EXPECT_TRUE(read_text(journal / second.written.front()) == last);
}

TEST_P(Recovery, PassesOverSnapshotsThatAreDamagedOrBeyondTheEnd) {
    const fs::path journal = torn("cut", 0.9);
    const RerunReport whole = rerun(journal, false, SnapshotPlan{.every = every(20), .keep = 4});
    ASSERT_GE(whole.written.size(), 4u);
    const auto snapshot = [&](std::size_t from_end) {
        return whole.written[whole.written.size() - from_end];
    };
    std::string bytes = read_text(journal / snapshot(1));
    bytes[bytes.size() / 2] ^= 1;
    write_text(journal / snapshot(1), bytes);
    RerunReport rest = rerun(journal, true);
    EXPECT_EQ(rest.began_with, snapshot(2));
    ASSERT_EQ(rest.refused.size(), 1u);
    EXPECT_EQ(rest.refused.front().file, snapshot(1));
    EXPECT_NE(rest.refused.front().reason.find("digest"), std::string::npos);
    EXPECT_EQ(rest.state_hash, whole.state_hash);

    lose_records_behind(journal, snapshot(3));
    const RerunReport shorter = rerun(journal, false);
    rest = rerun(journal, true);
    EXPECT_EQ(rest.began_with, snapshot(3));
    ASSERT_EQ(rest.refused.size(), 2u);
    EXPECT_EQ(rest.refused.back().file, snapshot(2));
    EXPECT_EQ(rest.state_hash, shorter.state_hash);
}

TEST_P(Recovery, ResumesARunFromItsSnapshotAndRemovesThoseThatItOutlived) {
    const fs::path journal = torn("cut", 0.7);
    const RerunReport whole = rerun(journal, false, SnapshotPlan{.every = every(20), .keep = 3});
    ASSERT_GE(whole.written.size(), 3u);
    const std::string& kept = whole.written[whole.written.size() - 2];
    lose_records_behind(journal, kept);

    const StrategyRegistry registry = shipped_strategies();
    const Config config = parse_config(yaml_of(GetParam().schedule, GetParam().market), "test.yaml",
                                       folder_.path(), {}, registry, sha256_hasher());
    std::string said;
    RunRequest request;
    request.out = journal.parent_path();
    request.earlier = EarlierJournal::kResume;
    request.report = [&](const std::string& text) { said += text + '\n'; };
    EXPECT_EQ(run_configuration(config, registry, request).result.overflowed, false);
    if (GetParam().schedule == "concurrent") {
        EXPECT_NE(said.find("began with " + kept), std::string::npos) << said;
    }
    EXPECT_FALSE(fs::exists(journal / whole.written.back()));
    EXPECT_TRUE(fs::exists(journal / kept));

    JournalDisk disk;
    JournalVerifierOptions options;
    options.chain_hasher = chain_hashers();
    const JournalVerification verified = verify_journal(disk.files(), journal.string(), options);
    EXPECT_TRUE(verified.ok()) << verified.problems.front().message;
    EXPECT_EQ(rerun(journal, false).ending, JournalEnding::kClosed);
    EXPECT_EQ(rerun(journal, true).began_with, kept);
}

TEST_P(Recovery, ANewRunIntoTheSameFolderLeavesNoSnapshotOfTheOldOne) {
    const fs::path journal = folder_ / "out/journal";
    ASSERT_FALSE(rerun(journal, false, SnapshotPlan{.every = every(4)}).written.empty());
    run_yaml(yaml_of(GetParam().schedule, GetParam().market), folder_.path(), folder_ / "out");
    EXPECT_TRUE(files_of(journal, ".fjs").empty());
}

INSTANTIATE_TEST_SUITE_P(
    Journals, Recovery,
    ::testing::Values(Case{"lockstep", "reference"}, Case{"lockstep", "record"},
                      Case{"concurrent", "reference"}, Case{"concurrent", "record"}),
    [](const auto& parameter) {
        return std::string(parameter.param.schedule) + "_" + std::string(parameter.param.market);
    });

}  // namespace
}  // namespace fermata::test
