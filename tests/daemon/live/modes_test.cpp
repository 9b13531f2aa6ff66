// The modes beside paper: what shadow sends to nobody, and what live does not start without.

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/journal/journal_reader.hpp"
#include "daemon/assembly/assembly.hpp"
#include "tests/daemon/live/session_fixture.hpp"

namespace fermata::test {
namespace {

struct Counts {
    std::size_t sent = 0, ended = 0, fills = 0;
};
Counts counts_of(const std::filesystem::path& session) {
    Counts counts;
    PosixFileSystem files;
    auto opened = JournalReader::open(files, (session / "journal").string());
    if (!opened) return counts;
    while (const JournalRecord* record = (*opened)->next()) {
        if (record->is_market) continue;
        const OrderEvent& e = record->event;
        counts.sent += e.type == OrderEventType::kSendNew ? 1 : 0;
        counts.fills += e.type == OrderEventType::kFill ? 1 : 0;
        counts.ended += e.type == OrderEventType::kExecution &&
                                e.data.execution.exec_type == ExecType::kCanceled
                            ? 1
                            : 0;
    }
    return counts;
}

std::string in_mode(const std::string& mode, std::string yaml) {
    const std::string paper = "mode: paper";
    return yaml.replace(yaml.find(paper), paper.size(), "mode: " + mode);
}

TEST(Shadow, PutsOrdersOnRecordAndFillsNone) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    write_text(config, in_mode("shadow", paper_yaml(1)));
    Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt");
    EXPECT_TRUE(wait_until([&] {
        const auto all = sessions(folder / "out");
        return !all.empty() && counts_of(all.back()).ended >= 40;
    })) << read_text(folder / "err.txt");
    daemon.kill(SIGTERM);
    ASSERT_EQ(daemon.wait(), 0) << read_text(folder / "err.txt");
    const auto all = sessions(folder / "out");
    ASSERT_EQ(all.size(), 1u);
    const Counts counts = counts_of(all[0]);
    EXPECT_EQ(counts.fills, 0u);
    EXPECT_EQ(counts.sent, counts.ended);
    expect_whole(all[0] / "journal");
    expect_verified_and_equal(all[0] / "journal");
}

TEST(Shadow, GoesOnWithTheSameSessionWhereThatIsAskedFor) {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    write_text(config, in_mode("shadow", paper_yaml(3, "speed: 600x, next_start: goes_on")));
    std::size_t before = 0;
    for (const int signal : {SIGTERM, SIGKILL, SIGTERM}) {
        Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt");
        EXPECT_TRUE(wait_until([&] {
            const auto all = sessions(folder / "out");
            return !all.empty() && counts_of(all.back()).ended >= before + 20;
        })) << read_text(folder / "err.txt");
        daemon.kill(signal);
        ASSERT_EQ(daemon.wait(), signal == SIGKILL ? Daemon::kKilled : 0)
            << read_text(folder / "err.txt");
        const auto all = sessions(folder / "out");
        ASSERT_EQ(all.size(), 1u);
        before = counts_of(all[0]).ended;
    }
    PosixFileSystem files;
    RerunRequest request;
    request.directory = sessions(folder / "out")[0] / "journal";
    const RerunReport report = rerun_journal(files, request, shipped_strategies());
    EXPECT_TRUE(report.equal()) << (report.divergence ? report.divergence->what : "");
    EXPECT_EQ(report.ending, JournalEnding::kTorn) << "it is open: the next start goes on with it";
    EXPECT_GT(report.compared, 500u);
}

/// What the daemon says of a configuration that it does not run, and its exit code.
std::pair<int, std::string> refusal(const TemporaryFolder& folder, const std::string& yaml) {
    const std::string config = folder / "run.yaml";
    write_text(config, yaml);
    Daemon daemon({config, "--out", folder / "out"}, folder / "err.txt");
    const int code = daemon.wait();
    return {code, read_text(folder / "err.txt")};
}

TEST(Live, DoesNotStartWithoutLatchApprovalsAndADurableJournal) {
    const TemporaryFolder folder;
    const auto [code, said] = refusal(folder, in_mode("live", paper_yaml(1)));
    EXPECT_EQ(code, 2);
    for (const char* key : {"risk.latch", "risk.approvals", "journal.sync"}) {
        EXPECT_NE(said.find(key), std::string::npos) << said;
    }
    EXPECT_TRUE(sessions(folder / "out").empty());
}

}  // namespace
}  // namespace fermata::test
