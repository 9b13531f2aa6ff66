// SIGKILL of Fermata at any instant, beside a PostgreSQL: in the end the database holds what the
// journal holds, record by record.

#include "tests/daemon/database/command_fixture.hpp"
#include "tests/daemon/replay/crash_fixture.hpp"

namespace fermata::test {
namespace {

class CrashWithDatabase : public CommandsWithDatabase {
protected:
    [[nodiscard]] std::string section(unsigned batch_records) const {
        return "database: {enabled: true, url: '" + database() +
               "', batch_interval: 10ms, batch_records: " + std::to_string(batch_records) + "}\n";
    }
    void expect_equal(const std::string& journal) {
        const Said said = run_command({"journal", "verify", journal, "--database", database()});
        EXPECT_EQ(said.code, 0) << said.err;
    }
    /// The rows are those of so many runs that were loaded to their end, and no others; nothing is
    /// there twice.
    void expect_complete(unsigned runs) {
        EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.run_status WHERE complete"),
                  std::to_string(runs));
        EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.event"),
                  cluster_->sql("SELECT sum(records) FROM fermata.load_position"));
        EXPECT_EQ(cluster_->sql("SELECT count(*) - count(DISTINCT (run_no, stream, position)) "
                                "FROM fermata.event"),
                  "0");
        EXPECT_EQ(cluster_->sql("SELECT count(*) - count(DISTINCT (run_no, order_id)) "
                                "FROM fermata.orders"),
                  "0");
    }
};

TEST_F(CrashWithDatabase, AKilledRunIsResumedAndStoredWithoutLossOrRepetition) {
    unsigned kills = 0;
    for (unsigned seed = 1; seed <= crash_seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Trial& trial = trial_of(seed);
        const TemporaryFolder folder;
        const std::string config = folder / "run.yaml";
        const std::string out = folder / "out";
        write_text(config, yaml_of(trial, seed, section(100 + 97 * (seed % 20))));

        // How long it takes, in a run that is no part of the trial.
        const auto start = std::chrono::steady_clock::now();
        ASSERT_EQ(Child({"replay", config, "--out", folder / "whole", "-q", "--set",
                         "database.enabled=false"})
                      .wait(),
                  0);
        const auto length = 3 * (std::chrono::steady_clock::now() - start) / 2;
        kills += kill_until_done({"replay", config, "--out", out, "-q"},
                                 {"replay", config, "--out", out, "-q", "--resume"}, length, seed);
        expect_whole(out + "/journal");
        expect_equal(out + "/journal");
        if (HasFailure()) return;  // the first seed that fails says enough
    }
    EXPECT_GT(kills, 0u);
    expect_complete(crash_seeds());
}

TEST_F(CrashWithDatabase, AKilledLoadGoesOnWhereItWas) {
    const std::string config = folder_ / "run.yaml";
    const std::string journal = folder_ / "out/journal";
    unsigned kills = 0;
    const unsigned rounds = std::max(2u, crash_seeds() / 5);
    for (unsigned seed = 1; seed <= rounds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        write_text(config, yaml_of(kTrials[seed % 2], seed));
        ASSERT_EQ(Child({"replay", config, "--out", folder_ / "out", "-q"}).wait(), 0);
        const std::vector<std::string> load = {"journal",  "load",    journal, "--database",
                                               database(), "--batch", "250",   "-q"};
        kills += kill_until_done(load, load, std::chrono::milliseconds(400), seed);
        expect_equal(journal);
        // Once more changes nothing.
        EXPECT_EQ(run_command(load).out.find("0 records loaded, "), 0u);
        if (HasFailure()) return;
    }
    EXPECT_GT(kills, 0u);
    expect_complete(rounds);
}

}  // namespace
}  // namespace fermata::test
