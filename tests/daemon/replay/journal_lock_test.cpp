// Several commands at one journal: who may do what while a run is at work, and what a new run may
// replace.

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "core/journal/journal_writer.hpp"
#include "tests/daemon/replay/crash_fixture.hpp"

namespace fermata::test {
namespace {

using testing::HasSubstr;

/// A folder with a configuration, and a run that goes on until it is told to end.
class SharedJournal : public testing::Test {
protected:
    void SetUp() override {
        write_text(config_, yaml_of(kTrials[0], 1));
        write_text(slow_, yaml_of(kTrials[4], 1));
        ASSERT_EQ(run_command(run()).code, 0);
    }
    [[nodiscard]] std::vector<std::string> run(const char* option = "-q") const {
        return {"replay", config_, "--out", out_, "-q", option};
    }
    /// Paced, so that it is still at work when the others come; it wrote something when this
    /// returns.
    [[nodiscard]] Child paced() const {
        const std::uint64_t before = lines();
        const Child child({"replay", slow_, "--out", live_, "-q", "--speed", "30x", "--set",
                           "journal.sync=strict"},
                          folder_ / "live.out", folder_ / "live.err");
        while (lines() <= before) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return child;
    }
    /// Bytes in the live journal's first segment.
    [[nodiscard]] std::uint64_t lines() const {
        std::error_code error;
        const auto size =
            std::filesystem::file_size(live_ + "/journal/" + segment_file_name(1), error);
        return error ? 4'096 : size;  // more than the head
    }
    [[nodiscard]] static Said journal(const char* command, const std::string& folder,
                                      std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"journal", command, folder + "/journal"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_command(arguments);
    }
    [[nodiscard]] std::string segments_of(const std::string& folder) const {
        std::string all;
        for (std::uint32_t n = 1;; ++n) {
            const std::filesystem::path path = folder + "/journal/" + segment_file_name(n);
            if (!std::filesystem::exists(path)) return all;
            all += read_text(path);
        }
    }
    void expect_refused(const char* what) {
        const std::string before = segments_of(out_);
        const std::string summary = read_text(out_ + "/summary.json");
        const Said said = run_command(run());
        EXPECT_EQ(said.code, 1);
        EXPECT_THAT(said.err, HasSubstr("fermata: " + out_ + "/journal holds a journal " + what));
        EXPECT_THAT(said.err, HasSubstr("--out"));
        EXPECT_THAT(said.err, HasSubstr("--resume"));
        EXPECT_THAT(said.err, HasSubstr("--overwrite"));
        EXPECT_EQ(segments_of(out_), before);
        EXPECT_EQ(read_text(out_ + "/summary.json"), summary);
    }

    const TemporaryFolder folder_;
    const std::string config_ = folder_ / "run.yaml";
    const std::string slow_ = folder_ / "slow.yaml";
    const std::string out_ = folder_ / "out";
    const std::string live_ = folder_ / "live";
};

TEST_F(SharedJournal, ARunThatIsAtWorkKeepsOtherRunsAwayAndLetsReadersIn) {
    const Child live = paced();
    const std::string pid = std::to_string(live.pid());
    for (const char* option : {"-q", "--resume", "--overwrite"}) {
        const Said said = run_command(
            {"replay", slow_, "--out", live_, "-q", option, "--set", "journal.sync=strict"});
        EXPECT_EQ(said.code, 1) << option;
        EXPECT_THAT(said.err, HasSubstr("cannot lock " + live_ + "/journal: process " + pid +
                                        " is at work on it; a run needs a folder (--out) of its "
                                        "own"))
            << option;
    }
    EXPECT_EQ(
        run_command({"replay", slow_, "--out", live_, "-q", "--set", "journal.enabled=false"}).code,
        1);
    const Said retained = journal("retain", live_, {"--compress"});
    EXPECT_EQ(retained.code, 1);
    EXPECT_THAT(retained.err, HasSubstr("process " + pid));

    // The first block may not be sealed yet, however slow the run is.
    Said anchored = journal("anchor", live_);
    for (int tries = 0; anchored.code != 0 && tries < 1'000; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        anchored = journal("anchor", live_);
    }
    EXPECT_EQ(anchored.code, 0) << anchored.err;
    EXPECT_EQ(journal("query", live_, {"--limit", "1"}).code, 0);
    EXPECT_THAT(journal("stat", live_).out, HasSubstr("build           fermata "));
    const Said verified = journal("verify", live_);
    EXPECT_EQ(verified.code, 1) << "it is not closed";
    EXPECT_THAT(verified.err, HasSubstr(" (torn tail): "));
    EXPECT_THAT(verified.err, HasSubstr("1 problem, "));
    const Said snapshot = journal("snapshot", live_, {"-q"});
    EXPECT_EQ(snapshot.code, 0) << snapshot.err;

    live.kill();
    EXPECT_EQ(live.wait(), Child::kKilled);
    // The lock died with the process, and nothing was lost to those who knocked.
    const Said resumed = run_command(
        {"replay", slow_, "--out", live_, "--resume", "-q", "--set", "journal.sync=strict"});
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    expect_verified_and_equal(live_ + "/journal");
    EXPECT_EQ(journal("retain", live_, {"--compress"}).code, 0);
}

TEST_F(SharedJournal, ARunReplacesTheReplayBeforeIt) {
    const std::string before = segments_of(out_);
    EXPECT_EQ(run_command(run()).code, 0);
    EXPECT_EQ(segments_of(out_), before);
    // Also one of another configuration, and one that was killed.
    const std::string other = folder_ / "other.yaml";
    write_text(other, yaml_of(kTrials[0], 2));
    EXPECT_EQ(run_command({"replay", other, "--out", out_, "-q"}).code, 0);
    EXPECT_NE(segments_of(out_), before);
    const std::filesystem::path last = out_ + "/journal/" + segment_file_name(1);
    std::filesystem::resize_file(last, 50);
    for (std::uint32_t n = 2; std::filesystem::remove(out_ + "/journal/" + segment_file_name(n));) {
        ++n;
    }
    EXPECT_EQ(run_command(run()).code, 0) << "killed while its head was written";
    EXPECT_EQ(segments_of(out_), before);
}

TEST_F(SharedJournal, AnAnchoredJournalIsNotReplacedUnlessThatIsMeant) {
    const std::string before = segments_of(out_);
    ASSERT_EQ(journal("anchor", out_).code, 0);
    expect_refused("that was anchored (anchors.jsonl)");
    const Said said = run_command(run("--overwrite"));
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_EQ(segments_of(out_), before);
    EXPECT_FALSE(std::filesystem::exists(out_ + "/journal/anchors.jsonl"));
    EXPECT_EQ(run_command({"replay", config_, "--out", out_, "--overwrite", "--resume"}).code, 2);
}

TEST_F(SharedJournal, APrunedJournalIsNeitherReplacedNorResumedNorRunAgain) {
    ASSERT_EQ(journal("anchor", out_).code, 0);
    ASSERT_EQ(journal("retain", out_, {"--keep-segments", "1", "--without-database"}).code, 0);
    std::filesystem::remove(out_ + "/journal/anchors.jsonl");
    expect_refused("of which segments were removed on purpose (retention.jsonl)");
    const Said resumed = run_command(run("--resume"));
    EXPECT_EQ(resumed.code, 1);
    EXPECT_THAT(resumed.err,
                HasSubstr("removed on purpose (retention.jsonl), so the run cannot be resumed"));
    EXPECT_THAT(resumed.err, HasSubstr("can still be asked, verified and loaded"));
    const Said rerun = journal("rerun", out_, {"-q"});
    EXPECT_EQ(rerun.code, 1);
    EXPECT_THAT(rerun.err, HasSubstr("so the run cannot be re-run"));
}

TEST_F(SharedJournal, AJournalOfAnotherModeOrThatIsDamagedIsNotReplaced) {
    const std::filesystem::path first = out_ + "/journal/" + segment_file_name(1);
    std::string bytes = read_text(first);
    bytes.at(bytes.find("build=") + 6) ^= 1;  // in the manifest
    write_text(first, bytes);
    expect_refused("whose beginning cannot be read (journal-000001.fjl at byte ");

    for (std::uint32_t n = 1; std::filesystem::remove(out_ + "/journal/" + segment_file_name(n));) {
        ++n;
    }
    JournalOptions options;
    options.directory = out_ + "/journal";
    options.configuration = "venues:\n  mode: replay\nmode: live\n";
    JournalManifest manifest;
    manifest.build = "test";
    PosixFileSystem files;
    auto live = JournalWriter::create(files, options, manifest, RunId{},
                                      {sha256_hasher(), kDefaultChain, chain_hashers()});
    ASSERT_TRUE(live.ok());
    ASSERT_TRUE((*live)->close().ok());
    expect_refused("that is not of a replay");
}

}  // namespace
}  // namespace fermata::test
