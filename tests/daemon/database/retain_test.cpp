// What is removed of a journal is in the database first.

#include <gmock/gmock.h>

#include "tests/daemon/database/command_fixture.hpp"
#include "tests/daemon/replay/crash_fixture.hpp"

namespace fermata::test {
namespace {

using ::testing::HasSubstr;

class RetainWithDatabase : public CommandsWithDatabase {
protected:
    void SetUp() override {
        CommandsWithDatabase::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        const std::string config = folder_ / "run.yaml";
        write_text(config,
                   yaml_of({"2024-01-02T15:30:00Z", "sync: none", "schedule: lockstep"}, 1));
        const Said said =
            run_command({"replay", config, "--out", (folder_ / "out").string(), "-q"});
        ASSERT_EQ(said.code, 0) << said.err;
        ASSERT_EQ(run_command({"journal", "anchor", journal_}).code, 0);
    }
    [[nodiscard]] Said load(const std::string& journal) const {
        return run_command({"journal", "load", journal, "--database", database(), "-q"});
    }
    [[nodiscard]] Said retain() const {
        return run_command(
            {"journal", "retain", journal_, "--keep-segments", "1", "--database", database()});
    }
    [[nodiscard]] bool holds(std::uint32_t segment) const {
        return std::filesystem::exists(std::filesystem::path(journal_) /
                                       segment_file_name(segment));
    }
    /// Of the journal in `directory`, as far as it goes; and of which run it is.
    static std::uint64_t records_of(const std::string& directory, RunId& run) {
        PosixFileSystem files;
        auto reader = JournalReader::open(files, directory);
        if (!reader) throw std::runtime_error(reader.error().message);
        while ((*reader)->next() != nullptr) {
        }
        run = *(*reader)->run();
        return (*reader)->records();
    }
    /// What the loader has put on record.
    [[nodiscard]] std::uint64_t loaded() const {
        return std::stoull(
            cluster_->sql("SELECT coalesce(max(total), 0) FROM fermata.load_position"));
    }

    std::string journal_ = folder_ / "out/journal";
};

TEST_F(RetainWithDatabase, RemovesWhatIsCommittedAndNothingElse) {
    RunId run{};
    const std::uint64_t whole = records_of(journal_, run);
    std::uint32_t last = 0;
    while (holds(last + 1)) ++last;
    ASSERT_GE(last, 4u);

    // Nothing is loaded: nothing goes.
    EXPECT_EQ(loaded(), 0u);
    EXPECT_THAT(retain().out, HasSubstr("not loaded into the database"));
    EXPECT_TRUE(holds(1));

    // A part of it, as a loader has committed it that ended in between.
    const std::filesystem::path part = folder_ / "part";
    std::filesystem::create_directory(part);
    for (const std::uint32_t segment : {1u, 2u}) {
        std::filesystem::copy(journal_ / std::filesystem::path(segment_file_name(segment)), part);
    }
    RunId same{};
    const std::uint64_t some = records_of(part.string(), same);
    ASSERT_EQ(load(part.string()).code, 0);
    EXPECT_EQ(same, run);
    EXPECT_EQ(loaded(), some);
    EXPECT_GT(some, 0u);
    EXPECT_LT(some, whole);
    EXPECT_EQ(retain().code, 0);
    EXPECT_FALSE(holds(1));
    EXPECT_FALSE(holds(2));
    for (std::uint32_t segment = 3; segment <= last; ++segment) EXPECT_TRUE(holds(segment));

    // The loader goes on with what is left; then all but the last may go.
    const Said rest = load(journal_);
    EXPECT_EQ(rest.code, 0) << rest.err;
    EXPECT_EQ(loaded(), whole);
    EXPECT_EQ(retain().code, 0);
    for (std::uint32_t segment = 1; segment < last; ++segment) EXPECT_FALSE(holds(segment));
    EXPECT_TRUE(holds(last));
    const Said verified = run_command({"journal", "verify", journal_});
    EXPECT_EQ(verified.code, 0) << verified.err;
}

TEST_F(RetainWithDatabase, RemovesNothingWhileTheDatabaseDoesNotAnswer) {
    ASSERT_EQ(load(journal_).code, 0);
    cluster_->stop();
    const Said said = retain();
    EXPECT_EQ(said.code, 1);
    EXPECT_THAT(said.err, HasSubstr("nothing is removed"));
    EXPECT_TRUE(holds(1));
}

}  // namespace
}  // namespace fermata::test
