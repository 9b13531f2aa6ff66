// The disk below the journal fills up, or cannot be written any more: the run ends and says why,
// what is on record stays whole, and the run goes on where there is room again.

#include <gmock/gmock.h>
#include <unistd.h>

#include <sstream>

#include "tests/daemon/replay/crash_fixture.hpp"

namespace fermata::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

bool shell(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

/// A file system of its own at a folder; unmounted at the end.
class Mount {
public:
    Mount() = default;
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;
    ~Mount() { unmount(); }

    [[nodiscard]] bool small(const std::filesystem::path& at, const std::string& options) {
        return ::geteuid() == 0 && mount("-t tmpfs -o " + options + " none", at);
    }
    /// Of ext4 in a file, which stays when it is unmounted.
    [[nodiscard]] bool ext4(const std::filesystem::path& at, const std::filesystem::path& image) {
        if (::geteuid() != 0) return false;
        if (!std::filesystem::exists(image) &&
            !(shell("truncate -s 48M " + image.string()) && shell("mkfs.ext4 " + image.string()))) {
            return false;
        }
        return mount("-o loop " + image.string(), at);
    }
    [[nodiscard]] bool change(const std::string& options) const {
        return shell("mount -o remount," + options + " " + at_.string());
    }
    void unmount() {
        if (at_.empty()) return;
        EXPECT_TRUE(shell("umount " + at_.string()));
        at_.clear();
    }

private:
    bool mount(const std::string& what, const std::filesystem::path& at) {
        std::filesystem::create_directories(at);
        if (!shell("mount " + what + " " + at.string())) return false;
        at_ = at;
        return true;
    }
    std::filesystem::path at_;
};

constexpr Trial kDiskTrials[] = {
    {"2024-01-02T19:30:00Z", "sync: none", "schedule: lockstep, shards: 2"},
    {"2024-01-02T19:30:00Z", "sync: none, market: record", "schedule: concurrent, shards: 2"},
    {"2024-01-02T14:40:00Z", "sync: strict", "schedule: lockstep"},
    {"2024-01-02T19:30:00Z", "sync: group", "schedule: concurrent"},
};

class JournalDiskFault : public ::testing::TestWithParam<Trial> {
protected:
    void SetUp() override { write_text(config_, yaml_of(GetParam(), 5)); }

    [[nodiscard]] std::vector<std::string> replay(std::vector<std::string> more = {}) const {
        std::vector<std::string> command = {"replay", config_, "--out", out_.string(), "-q"};
        command.insert(command.end(), more.begin(), more.end());
        return command;
    }
    /// The run failed and said which file it was, and why.
    void expect_refused(const Said& said, const ::testing::Matcher<const std::string&>& cause) {
        EXPECT_EQ(said.code, 1);
        EXPECT_THAT(said.out, "");
        EXPECT_THAT(said.err, StartsWith("fermata: "));
        EXPECT_THAT(said.err, HasSubstr(journal_.string() + "/journal-"));
        EXPECT_THAT(said.err, cause);
        EXPECT_FALSE(std::filesystem::exists(out_ / "summary.json"));
    }
    /// Nothing but an end that is missing is wrong with the journal.
    void expect_whole_up_to_its_end(const char* or_this = "not_closed") const {
        const Said said = run_command({"journal", "verify", journal_.string()});
        EXPECT_EQ(said.code, 1);
        std::istringstream lines(said.err);
        std::string line;
        unsigned problems = 0;
        while (std::getline(lines, line)) {
            if (line.ends_with(" whole records")) continue;
            EXPECT_THAT(line, AnyOf(HasSubstr("(torn tail)"), StartsWith("not_closed"),
                                    StartsWith(or_this)))
                << said.err;
            ++problems;
        }
        EXPECT_GE(problems, 1u);
    }
    void expect_resumed() {
        const Said said = run_command(replay({"--resume"}));
        ASSERT_EQ(said.code, 0) << said.err;
        expect_whole(journal_);
        expect_verified_and_equal(journal_);
        if (!GetParam().lockstep()) return;
        const std::filesystem::path whole = folder_ / "whole";
        ASSERT_EQ(Child({"replay", config_, "--out", whole.string(), "-q"}).wait(), 0);
        EXPECT_EQ(read_summary(whole)["journal_sha256"], read_summary(out_)["journal_sha256"]);
        for (const char* file : {"orders.csv", "executions.csv", "fills.csv", "algos.csv",
                                 "equity.csv", "positions.csv", "lots.csv"}) {
            EXPECT_EQ(read_text(whole / file), read_text(out_ / file)) << file;
        }
    }

    TemporaryFolder folder_;
    std::string config_ = folder_ / "run.yaml";
    std::filesystem::path out_ = folder_ / "out";
    std::filesystem::path journal_ = out_ / "journal";
};

TEST_P(JournalDiskFault, AFullDiskEndsTheRunWhichGoesOnWhereThereIsRoomAgain) {
    // Within the first segment; where the second begins (a segment has 256 KiB); later.
    for (const char* size : {"20k", "256k", "600k"}) {
        if (GetParam().journal == "sync: strict" && size != std::string("20k")) break;  // slow
        SCOPED_TRACE(size);
        std::filesystem::remove_all(out_);
        Mount disk;
        if (!disk.small(journal_, std::string("size=") + size)) {
            GTEST_SKIP() << "cannot mount a small file system here";
        }
        expect_refused(run_command(replay()), HasSubstr("No space left on device"));
        expect_whole_up_to_its_end();
        // Too early: it is as full as before. Nothing is lost by the attempt.
        expect_refused(run_command(replay({"--resume"})), HasSubstr("No space left on device"));
        expect_whole_up_to_its_end();
        ASSERT_TRUE(disk.change("size=64m"));
        expect_resumed();
    }
}

TEST_P(JournalDiskFault, AFileSystemThatIsReadOnlyRefusesTheRun) {
    Mount disk;
    if (!disk.small(journal_, "size=64m,ro")) GTEST_SKIP() << "cannot mount a file system here";
    expect_refused(run_command(replay()), HasSubstr("Read-only file system"));
    expect_refused(run_command(replay({"--resume"})), HasSubstr("Read-only file system"));
    ASSERT_TRUE(disk.change("rw"));
    expect_resumed();
}

// As after an error of the disk: the file system shuts itself off from writing while the run
// writes, and what was not synced may be gone.
TEST_P(JournalDiskFault, AFileSystemThatTurnsReadOnlyEndsTheRunWhichGoesOnAfterwards) {
    const std::filesystem::path image = folder_ / "image";
    Mount disk;
    if (!disk.ext4(journal_, image)) GTEST_SKIP() << "cannot mount a file system in a file here";
    const std::string err = folder_ / "stderr.txt";
    const std::string out = folder_ / "stdout.txt";
    // At a pace at which the data would last for six seconds, so that it cannot end before.
    const bool short_one = GetParam().to == "2024-01-02T14:40:00Z";
    const Child child(replay({"--speed", short_one ? "100x" : "3000x"}), out, err);
    // Records are there, and many more are to come.
    while (run_command({"journal", "query", journal_.string(), "--limit", "1"}).code != 0) {
    }
    if (!disk.change("abort")) {
        child.kill();
        child.wait();
        GTEST_SKIP() << "cannot shut a file system off here";
    }
    const int code = child.wait();
    expect_refused({code, read_text(out), read_text(err)},
                   AnyOf(HasSubstr("Read-only file system"), HasSubstr("Input/output error")));
    disk.unmount();
    ASSERT_TRUE(disk.ext4(journal_, image));
    // Where nothing is synced, all may be gone.
    expect_whole_up_to_its_end(
        GetParam().journal.find("none") != std::string_view::npos ? "no_segments" : "not_closed");
    expect_resumed();
}

INSTANTIATE_TEST_SUITE_P(Runs, JournalDiskFault, ::testing::ValuesIn(kDiskTrials),
                         [](const auto& trial) {
                             std::string name(trial.param.lockstep() ? "Lockstep" : "Concurrent");
                             return name + std::to_string(trial.index);
                         });

}  // namespace
}  // namespace fermata::test
