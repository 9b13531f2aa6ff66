// The commands that remove and verify, as an operator calls them, beside a PostgreSQL.

#include "tests/daemon/database/command_fixture.hpp"
#include "tests/daemon/replay/crash_fixture.hpp"

namespace fermata::test {
namespace {

class DatabaseCommands : public CommandsWithDatabase {
protected:
    void SetUp() override {
        CommandsWithDatabase::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        write_text(folder_ / "run.yaml",
                   yaml_of({"2024-01-02T19:30:00Z", "market: record", "schedule: lockstep"}, 7));
        ASSERT_EQ(
            run_command({"replay", folder_ / "run.yaml", "--out", folder_ / "out", "-q"}).code, 0);
        ASSERT_EQ(run_command({"journal", "anchor", journal()}).code, 0);
        ASSERT_GE(segments(), 4U) << "a journal that is worth pruning";
    }
    [[nodiscard]] std::string journal() const { return folder_ / "out/journal"; }
    [[nodiscard]] std::size_t segments() const {
        std::size_t count = 0;
        for (const auto& file : std::filesystem::directory_iterator(journal())) {
            count += file.path().extension() == ".fjl" ? 1 : 0;
        }
        return count;
    }
    [[nodiscard]] Said on_database(std::vector<std::string> command) const {
        command.insert(command.end(), {"--database", database()});
        return run_command(command);
    }
    [[nodiscard]] Said retain() const {
        return on_database({"journal", "retain", journal(), "--keep-segments", "1"});
    }
    [[nodiscard]] Said verify() const { return on_database({"journal", "verify", journal()}); }
};

TEST_F(DatabaseCommands, PruneWhatTheDatabaseHoldsRecordByRecordAndVerifyTheRest) {
    const std::size_t all = segments();
    const Said early = retain();
    EXPECT_EQ(early.code, 0) << early.err;
    EXPECT_NE(early.out.find("kept: it is not loaded into the database"), std::string::npos);
    EXPECT_EQ(segments(), all);

    ASSERT_EQ(on_database({"journal", "load", journal(), "-q"}).code, 0);
    ASSERT_EQ(verify().code, 0) << verify().err;
    // The loader's count still says that all is there.
    cluster_->sql(
        "CREATE TABLE taken AS SELECT * FROM fermata.event WHERE stream = 1 AND "
        "position = 5; DELETE FROM fermata.event WHERE stream = 1 AND position = 5");
    const Said gone = retain();
    EXPECT_EQ(gone.code, 1);
    EXPECT_NE(
        gone.err.find("nothing is removed: table event: stream 1 position 5 is in the journal and "
                      "not in the database"),
        std::string::npos)
        << gone.err;
    EXPECT_EQ(segments(), all);
    cluster_->sql(
        "INSERT INTO fermata.event SELECT * FROM taken; UPDATE fermata.event SET payload "
        "= set_byte(payload, 0, get_byte(payload, 0) # 1) WHERE stream = 1 AND position "
        "= 5");
    const Said other = retain();
    EXPECT_EQ(other.code, 1);
    EXPECT_NE(other.err.find("stream 1 position 5 differs"), std::string::npos) << other.err;
    EXPECT_EQ(segments(), all);
    cluster_->sql(
        "DELETE FROM fermata.event WHERE stream = 1 AND position = 5; "
        "INSERT INTO fermata.event SELECT * FROM taken");

    const Said honest = retain();
    EXPECT_EQ(honest.code, 0) << honest.err;
    EXPECT_EQ(segments(), 1U) << honest.out;
    const Said rest = verify();
    EXPECT_EQ(rest.code, 0) << rest.err;
    EXPECT_EQ(on_database({"journal", "load", journal(), "-q"}).code, 0);
    // And still everything that is left is compared.
    cluster_->sql("UPDATE fermata.run SET build = 'another'");
    const Said changed = verify();
    EXPECT_EQ(changed.code, 1);
    EXPECT_NE(changed.err.find("table run: column build"), std::string::npos) << changed.err;
}

TEST_F(DatabaseCommands, SayWhatIsWrongAndEnd) {
    cluster_->sql("REVOKE INSERT ON fermata.fills FROM fermata_writer");
    const Said load = on_database({"journal", "load", journal(), "--patience", "1", "-q"});
    EXPECT_EQ(load.code, 1);
    // Once when it began, once at the end.
    std::size_t lines = 0;
    for (const char c : load.err) lines += c == '\n' ? 1 : 0;
    EXPECT_EQ(lines, 2U) << load.err;
    EXPECT_NE(load.err.find("permission denied for table fills"), std::string::npos) << load.err;

    cluster_->sql("DELETE FROM fermata.schema_migration WHERE version > 3");
    const Said old = on_database({"journal", "load", journal(), "-q", "--patience", "1"});
    for (const Said& said : {verify(), retain(), old}) {
        EXPECT_EQ(said.code, 1);
        EXPECT_NE(said.err.find("run fermata db migrate"), std::string::npos) << said.err;
    }
}

}  // namespace
}  // namespace fermata::test
