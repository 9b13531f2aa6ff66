// A configuration that is edited while its daemon runs.

#include <gmock/gmock.h>

#include "tests/daemon/live/session_fixture.hpp"

namespace fermata::test {
namespace {

/// Limit changes on record, in order: who, and the value as raw number.
std::vector<std::pair<std::uint32_t, std::int64_t>> changes(const std::filesystem::path& session) {
    std::vector<std::pair<std::uint32_t, std::int64_t>> found;
    PosixFileSystem files;
    auto opened = JournalReader::open(files, (session / "journal").string());
    if (!opened) return found;
    while (const JournalRecord* record = (*opened)->next()) {
        if (record->is_market || record->event.type != OrderEventType::kRiskInput) continue;
        const RiskInputData& input = record->event.data.risk_input;
        if (input.kind == RiskInputKind::kLimit) {
            found.emplace_back(input.actors[0], input.values[0]);
        }
    }
    return found;
}

class Edited {
public:
    explicit Edited(const TemporaryFolder& folder) : folder_(folder) {}
    void write(const std::string& limit, unsigned seed = 9,
               const std::string& live = "speed: 60x") const {
        std::string yaml = paper_yaml(seed, live);
        const std::string risk = "risk: {profile: unlimited";
        yaml.replace(yaml.find(risk), risk.size(),
                     risk + ", limits: {max_quantity: " + limit + "}");
        write_text(config(), yaml);
    }
    [[nodiscard]] std::string config() const { return folder_ / "run.yaml"; }
    [[nodiscard]] std::vector<std::string> arguments() const {
        return {config(), "--out", folder_ / "out"};
    }
    [[nodiscard]] std::string err() const { return folder_ / "err.txt"; }
    [[nodiscard]] bool says(const std::string& what) const {
        return wait_until([&] { return read_text(err()).find(what) != std::string::npos; });
    }

private:
    const TemporaryFolder& folder_;
};

/// Of the trading stream, so far.
std::size_t records(const std::filesystem::path& session) {
    PosixFileSystem files;
    auto opened = JournalReader::open(files, (session / "journal").string());
    std::size_t count = 0;
    while (opened) {
        const JournalRecord* record = (*opened)->next();
        if (record == nullptr) break;
        if (record->stream == JournalStream::kTrading && !record->is_market) ++count;
    }
    return count;
}

TEST(Reload, TightensTheLimitsOfARunAndRefusesToLoosenThem) {
    const TemporaryFolder folder;
    const Edited file(folder);
    file.write("5000");
    Daemon daemon(file.arguments(), file.err());
    ASSERT_TRUE(file.says("fermatad: running")) << read_text(file.err());
    file.write("4000");
    daemon.kill(SIGHUP);
    EXPECT_TRUE(file.says("reload: max_quantity from 5000 to 4000: at once\n"))
        << read_text(file.err());
    file.write("4500");
    daemon.kill(SIGHUP);
    EXPECT_TRUE(file.says("reload: max_quantity from 4000 to 4500 loosens: refused"));
    file.write("4000", 10, "speed: 60x, stop: keep");
    daemon.kill(SIGHUP);
    EXPECT_TRUE(file.says("reload: run.seed from 9 to 10 waits for the next session\n"));
    EXPECT_TRUE(file.says("reload: live.stop from cancel to keep waits for the next start\n"));
    file.write("[");
    daemon.kill(SIGHUP);
    EXPECT_TRUE(file.says("the configuration is not taken over"));
    daemon.kill(SIGTERM);
    ASSERT_EQ(daemon.wait(), 0) << read_text(file.err());
    const auto all = sessions(folder / "out");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_THAT(changes(all[0]),
                testing::ElementsAre(std::pair(::getuid(), Quantity::from_units(4000).raw())));
    expect_verified_and_equal(all[0] / "journal");
}

TEST(Reload, LeavesASessionThatIsGoneOnWithItsRulesAndTakesTighterLimits) {
    const TemporaryFolder folder;
    const Edited file(folder);
    file.write("5000");
    {
        Daemon daemon(file.arguments(), file.err());
        ASSERT_TRUE(file.says("fermatad: running")) << read_text(file.err());
        daemon.kill(SIGKILL);
        ASSERT_EQ(daemon.wait(), Daemon::kKilled);
    }
    file.write("3000");
    {
        Daemon daemon(file.arguments(), file.err());
        ASSERT_TRUE(file.says("changed since the session")) << read_text(file.err());
        ASSERT_TRUE(file.says("reload: max_quantity from 5000 to 3000: at once\n"))
            << read_text(file.err());
        EXPECT_TRUE(wait_until([&] { return records(sessions(folder / "out").at(0)) >= 100; }));
        daemon.kill(SIGTERM);
        ASSERT_EQ(daemon.wait(), 0) << read_text(file.err());
    }
    const auto all = sessions(folder / "out");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(changes(all[0]).size(), 1U);
    expect_verified_and_equal(all[0] / "journal");
    // The session after it begins with the file.
    Daemon daemon(file.arguments(), file.err());
    ASSERT_TRUE(file.says("fermatad: running")) << read_text(file.err());
    EXPECT_EQ(read_text(file.err()).find("changed since"), std::string::npos);
    daemon.kill(SIGTERM);
    EXPECT_EQ(daemon.wait(), 0) << read_text(file.err());
    EXPECT_EQ(sessions(folder / "out").size(), 2U);
}

}  // namespace
}  // namespace fermata::test
