// Whole runs whose orders are judged by value at risk: from a configuration to a journal, and from
// the journal to the same run again.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "daemon/rerun/recorded_run.hpp"
#include "daemon/rerun/rerun.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "risk/controls.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

namespace fs = std::filesystem;

/// 80 days of bars of half an hour.
constexpr std::string_view kYaml =
    "mode: replay\n"
    "run: {seed: 3}\n"
    "account: {currency: USD, cash: 400000, type: margin}\n"
    "instruments:\n"
    "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1, sector: Tech}\n"
    "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1, sector: Tech}\n"
    "  - {symbol: CCC, asset_class: equity, tick: 0.01, lot: 1}\n"
    "feeds:\n"
    "  - {type: generator, kind: bars, interval: 30m, from: 2024-01-01, to: 2024-03-20,\n"
    "     volatility: 0.5}\n"
    "venues: [{name: sim, type: simulated}]\n"
    "strategies:\n"
    "  - {name: a, type: sma_cross, symbols: [AAA], params: {fast: 3, slow: 7},\n"
    "     sizing: {type: percent, value: 0.15}}\n"
    "  - {name: b, type: sma_cross, symbols: [BBB], params: {fast: 3, slow: 9},\n"
    "     sizing: {type: percent, value: 0.15}}\n"
    "  - {name: c, type: sma_cross, symbols: [CCC, AAA], params: {fast: 4, slow: 9},\n"
    "     sizing: {type: percent, value: 0.15}}\n"
    "risk: {profile: unlimited, limits: {var_parametric: 1.8%, var_historical: 1.8%,\n"
    "       var_parametric_unmeasured: 5%, stress: 4%, correlated: 3}}\n"
    "portfolio_risk: {window: 40, days_min: 10, benchmark: AAA, covariance: ewma}\n"
    "journal: {segment_bytes: 65536}\n";

struct Seen {
    std::vector<RiskSnapshotData> snapshots;
    std::uint64_t refused = 0;   ///< By VAR or STRESS, after the first snapshot.
    std::uint64_t approved = 0;  ///< After it.
    std::uint64_t alerts = 0;    ///< Snapshots that the gate did not take.
};

Seen look(const fs::path& journal) {
    constexpr std::uint64_t kMeasured =
        bit(ControlId::kVarParametric) | bit(ControlId::kVarHistorical) | bit(ControlId::kStress);
    JournalDisk disk;
    const auto reader = open_journal(disk.files(), journal.string());
    Seen seen;
    while (const JournalRecord* record = reader->next()) {
        if (record->is_market || record->stream != JournalStream::kTrading) continue;
        const OrderEvent& e = record->event;
        if (e.type == OrderEventType::kRiskSnapshot) seen.snapshots.push_back(e.data.risk_snapshot);
        if (e.type == OrderEventType::kAlert && e.data.alert.code == AlertCode::kSnapshotRefused) {
            ++seen.alerts;
        }
        if (e.type != OrderEventType::kVerdict || seen.snapshots.empty()) continue;
        seen.approved += e.data.verdict.approved;
        seen.refused += (e.data.verdict.failed & kMeasured) != 0 ? 1 : 0;
    }
    EXPECT_EQ(reader->problem(), nullptr);
    return seen;
}

RerunReport rerun(const fs::path& journal, bool from_snapshot = false,
                  std::optional<SnapshotPlan> plan = std::nullopt) {
    JournalDisk disk;
    RerunRequest request;
    request.directory = journal.string();
    request.from_snapshot = from_snapshot;
    request.snapshots = plan;
    return rerun_journal(disk.files(), request, shipped_strategies());
}

class PortfolioRiskRun : public ::testing::TestWithParam<const char*> {
protected:
    RunReport run(const std::string& name, std::vector<std::string> overrides = {}) {
        overrides.push_back(std::string("engine.schedule=") + GetParam());
        RunReport report = run_yaml(kYaml, folder_.path(), folder_ / name, overrides);
        EXPECT_FALSE(report.result.overflowed);
        return report;
    }
    TemporaryFolder folder_;
};

TEST_P(PortfolioRiskRun, JudgesOrdersByTheSnapshotsOnRecordAndIsDoneAgain) {
    run("out");
    const Seen seen = look(folder_ / "out/journal");
    ASSERT_FALSE(seen.snapshots.empty());
    EXPECT_EQ(seen.alerts, 0U);
    EXPECT_EQ(seen.snapshots.front().instruments, 3U);
    if (std::string_view(GetParam()) == "lockstep") {
        EXPECT_GT(seen.refused, 10U);
        EXPECT_GT(seen.approved, 50U);
        // 80 days, of which eleven must be over before the first; one a day.
        EXPECT_EQ(seen.snapshots.size(), 80U - 11);
        EXPECT_EQ(seen.snapshots.back().number, 80U - 11);
        EXPECT_EQ(seen.snapshots.back().days, 40U);
    }
    const RerunReport again = rerun(folder_ / "out/journal");
    EXPECT_TRUE(again.equal()) << (again.divergence ? again.divergence->what : "a problem");
    EXPECT_EQ(again.ending, JournalEnding::kClosed);
}

TEST_P(PortfolioRiskRun, IsDoneAgainFromASnapshotOfItsState) {
    run("out");
    const fs::path journal = folder_ / "out/journal";
    const RerunReport whole = rerun(journal);
    ASSERT_TRUE(whole.equal());
    const RerunReport writing =
        rerun(journal, false, SnapshotPlan{.every = whole.trading_position / 7, .keep = 100});
    ASSERT_TRUE(writing.equal());
    ASSERT_GE(writing.written.size(), 3U);
    // From each of them: the newest is removed each time.
    for (std::size_t n = writing.written.size(); n-- > 0;) {
        const RerunReport rest = rerun(journal, true);
        EXPECT_TRUE(rest.equal()) << (rest.divergence ? rest.divergence->what : "a problem");
        EXPECT_EQ(rest.began_with, writing.written[n]);
        EXPECT_TRUE(rest.refused.empty());
        EXPECT_EQ(rest.state_hash, whole.state_hash);
        fs::remove(journal / writing.written[n]);
    }
}

INSTANTIATE_TEST_SUITE_P(Schedules, PortfolioRiskRun, ::testing::Values("lockstep", "concurrent"),
                         [](const auto& parameter) { return std::string(parameter.param); });

using PortfolioRiskLockstep = PortfolioRiskRun;

TEST_P(PortfolioRiskLockstep, HasTheSameJournalWhateverTheNumberOfShards) {
    const RunReport one = run("one", {"engine.shards=1"});
    const RunReport four = run("four", {"engine.shards=4"});
    ASSERT_TRUE(one.journal && four.journal);
    EXPECT_EQ(one.journal->hash, four.journal->hash);
    const RunReport again = run("again", {"engine.shards=3"});
    EXPECT_EQ(one.journal->hash, again.journal->hash);
}

TEST_P(PortfolioRiskLockstep, DependsOnHowTheRiskIsMeasured) {
    // Orders, not hashes: those would differ by the configuration's hash in every verdict.
    const auto fills = [&](std::vector<std::string> overrides) {
        fs::remove_all(folder_ / "out");
        run("out", std::move(overrides));
        return read_text(folder_ / "out/fills.csv");
    };
    const std::string plain = fills({});
    EXPECT_NE(fills({"portfolio_risk.covariance=sample"}), plain);
    EXPECT_NE(fills({"portfolio_risk.window=15"}), plain);
    EXPECT_NE(fills({"portfolio_risk.lambda=0.6"}), plain);
    EXPECT_NE(fills({"portfolio_risk.days_min=30"}), plain);
    EXPECT_EQ(fills({"portfolio_risk.paths=500"}), plain);
}

INSTANTIATE_TEST_SUITE_P(Lockstep, PortfolioRiskLockstep, ::testing::Values("lockstep"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace fermata::test
