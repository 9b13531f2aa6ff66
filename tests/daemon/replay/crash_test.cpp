// SIGKILL at any instant: a run that is resumed loses nothing, doubles nothing and ends as if
// nothing had happened.

#include "tests/daemon/replay/crash_fixture.hpp"

namespace fermata::test {
namespace {

TEST(Crash, AKilledRunIsResumedWithoutLossOrRepetition) {
    unsigned kills = 0;
    for (unsigned seed = 1; seed <= crash_seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Trial& trial = trial_of(seed);
        const TemporaryFolder folder;
        const std::string config = folder / "run.yaml";
        const std::string out = folder / "out";
        const std::string whole = folder / "whole";
        write_text(config, yaml_of(trial, seed));

        const auto start = std::chrono::steady_clock::now();
        ASSERT_EQ(Child({"replay", config, "--out", whole, "-q"}).wait(), 0);
        const auto length = std::chrono::steady_clock::now() - start;
        kills += kill_until_done({"replay", config, "--out", out, "-q"},
                                 {"replay", config, "--out", out, "-q", "--resume"}, length, seed);

        expect_whole(out + "/journal");
        expect_verified_and_equal(out + "/journal");
        if (trial.lockstep()) {
            const auto a = read_summary(whole), b = read_summary(out);
            EXPECT_EQ(a["journal_sha256"], b["journal_sha256"]);
            for (const char* file : {"orders.csv", "executions.csv", "fills.csv", "algos.csv",
                                     "equity.csv", "positions.csv", "lots.csv"}) {
                EXPECT_EQ(read_text(folder / "whole" / file), read_text(folder / "out" / file))
                    << file;
            }
        }
        if (HasFailure()) return;  // the first seed that fails says enough
    }
    EXPECT_GT(kills, 0u);
}

}  // namespace
}  // namespace fermata::test
