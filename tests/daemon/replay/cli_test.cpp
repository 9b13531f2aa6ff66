// The built command: exit codes, and what goes to which stream.

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/daemon/replay/command.hpp"

namespace fermata::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kDone = 0;
constexpr int kFailed = 1;   // the run failed, or a check found problems
constexpr int kRefused = 2;  // wrong usage, configuration or data

class Command : public testing::Test {
protected:
    void SetUp() override {
        write_text(folder_ / "good.yaml", kGoodYaml);
        write_text(folder_ / "AAA.csv", kGoodCsv);
    }

    static Said fermata(std::vector<std::string> arguments) {
        return run_command(std::move(arguments));
    }
    [[nodiscard]] std::string path(const char* name) const { return folder_ / name; }

    /// Refused with a message on standard error that holds `text`, and nothing else.
    void expect_refused(const std::vector<std::string>& arguments, const char* text) {
        SCOPED_TRACE(testing::PrintToString(arguments));
        const Said said = fermata(arguments);
        EXPECT_EQ(said.code, kRefused);
        EXPECT_THAT(said.out, IsEmpty());
        EXPECT_THAT(said.err, HasSubstr(text));
    }

    TemporaryFolder folder_;
};

TEST_F(Command, HelpOfEverySubcommandGoesToStandardOutput) {
    const std::vector<std::vector<std::string>> commands{{},
                                                         {"replay"},
                                                         {"config"},
                                                         {"config", "check"},
                                                         {"config", "schema"},
                                                         {"journal"},
                                                         {"journal", "query"},
                                                         {"journal", "stat"},
                                                         {"journal", "verify"}};
    for (std::vector<std::string> arguments : commands) {
        SCOPED_TRACE(testing::PrintToString(arguments));
        arguments.emplace_back("--help");
        const Said said = fermata(arguments);
        EXPECT_EQ(said.code, kDone);
        EXPECT_THAT(said.out, HasSubstr("--help"));
        EXPECT_THAT(said.err, IsEmpty());
    }
}

TEST_F(Command, WrongUsageIsRefused) {
    expect_refused({}, "subcommand");
    expect_refused({"replya"}, "did you mean 'replay'?");
    expect_refused({"journal", "veryfy", path("x")}, "did you mean 'verify'?");
    expect_refused({"journal"}, "subcommand");
    expect_refused({"replay"}, "CONFIG");
    expect_refused({"replay", path("none.yaml")}, "none.yaml");
    expect_refused({"replay", path("good.yaml"), "--sped", "max"}, "--sped");
    expect_refused({"replay", path("good.yaml"), "--out"}, "--out");
    expect_refused({"journal", "query"}, "DIR");
    expect_refused({"journal", "query", path("x"), "--format", "xml"}, "xml");
}

TEST_F(Command, ABadConfigurationIsRefusedWithItsPlace) {
    std::string yaml = kGoodYaml;
    yaml.replace(yaml.find("tick: 0.01"), 10, "tikc: 0.01");
    write_text(folder_ / "typo.yaml", yaml);
    expect_refused({"replay", path("typo.yaml")}, "typo.yaml:3:");
    expect_refused({"replay", path("typo.yaml")}, "did you mean 'tick'?");
    write_text(folder_ / "broken.yaml", "mode: [replay\n");
    expect_refused({"replay", path("broken.yaml")}, "broken.yaml:");
    write_text(folder_ / "empty.yaml", "");
    expect_refused({"replay", path("empty.yaml")}, "empty.yaml");
    write_text(folder_ / "binary.yaml", std::string("\0\xff\x01", 3));
    expect_refused({"replay", path("binary.yaml")}, "binary.yaml");
    expect_refused({"replay", path("good.yaml"), "--set", "engine.shards=many"}, "engine.shards");
    expect_refused({"replay", path("good.yaml"), "--set", "nonsense"}, "nonsense");
    expect_refused({"replay", path("good.yaml"), "--speed", "backwards"}, "backwards");
    expect_refused({"replay", path("good.yaml"), "--from", "yesterday"}, "yesterday");
    expect_refused({"replay", folder_.path().string()}, "");
}

TEST_F(Command, BadDataIsRefusedWithItsPlace) {
    write_text(folder_ / "AAA.csv", std::string(kGoodCsv) + "2020-01-04,1,2\n");
    expect_refused({"replay", path("good.yaml"), "--out", path("out")}, "AAA.csv:5: ");
    std::filesystem::remove(folder_ / "AAA.csv");
    expect_refused({"replay", path("good.yaml"), "--out", path("out")}, "AAA.csv");
}

TEST_F(Command, AnOutputFolderThatCannotBeWrittenFailsTheRun) {
    write_text(folder_ / "file", "");
    const Said said = fermata({"replay", path("good.yaml"), "--out", path("file")});
    EXPECT_EQ(said.code, kFailed);
    EXPECT_THAT(said.out, IsEmpty());
    EXPECT_THAT(said.err, HasSubstr("file"));
}

TEST_F(Command, AReplayPrintsItsSummaryAndQuietPrintsNothing) {
    const Said said = fermata({"replay", path("good.yaml"), "--out", path("out")});
    EXPECT_EQ(said.code, kDone);
    // 1 share from the second day's open of 10 to the last close of 12.
    EXPECT_THAT(said.out, HasSubstr("100002.00"));
    EXPECT_THAT(said.err, IsEmpty()) << "no progress bar without a terminal";
    const Said quiet = fermata({"replay", path("good.yaml"), "--out", path("out"), "--quiet"});
    EXPECT_EQ(quiet.code, kDone);
    EXPECT_THAT(quiet.out, IsEmpty());
    EXPECT_THAT(quiet.err, IsEmpty());
}

TEST_F(Command, ReplayTwiceIntoOneFolderGivesTheSameFiles) {
    const auto replay = [this] {
        EXPECT_EQ(fermata({"replay", path("good.yaml"), "--out", path("out")}).code, kDone);
        std::vector<std::pair<std::string, std::string>> files;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "out")) {
            // The summary says how long the run took.
            if (!entry.is_regular_file() || entry.path().filename() == "summary.json") continue;
            files.emplace_back(entry.path().string(), read_text(entry.path()));
        }
        std::sort(files.begin(), files.end());
        return files;
    };
    const auto first = replay();
    EXPECT_GE(first.size(), 5u);  // orders, fills, equity, positions, one segment of the journal
    EXPECT_EQ(first, replay());
}

TEST_F(Command, OutputThatCannotBeWrittenFailsEveryCommand) {
    ASSERT_EQ(fermata({"replay", path("good.yaml"), "--out", path("out"), "-q"}).code, kDone);
    const std::string journal = path("out/journal");
    const std::vector<std::vector<std::string>> commands{
        {"--version"},
        {"--help"},
        {"config", "schema"},
        {"data", "info", path("AAA.csv")},
        {"replay", path("good.yaml"), "--out", path("out")},
        {"journal", "query", journal},
        {"journal", "stat", journal},
        {"journal", "verify", journal},
        {"journal", "rerun", journal},
        {"journal", "anchor", journal}};
    for (const auto& command : commands) {
        SCOPED_TRACE(testing::PrintToString(command));
        EXPECT_EQ(fermata(command).code, kDone);
        const std::string errors = path("errors.txt");
        EXPECT_EQ(Child(command, "/dev/full", errors).wait(), kFailed);
        EXPECT_THAT(read_text(errors),
                    testing::StartsWith("fermata: cannot write to the standard output"));
    }
}

TEST_F(Command, VersionAndManifestNameTheCommitOfTheBuild) {
    const std::string version = fermata({"--version"}).out;
    EXPECT_THAT(version, testing::MatchesRegex(
                             "fermata [0-9.]+ ([0-9a-f]{12}(-dirty)?|sources-[0-9a-f]{12})\n"));
    ASSERT_EQ(fermata({"replay", path("good.yaml"), "--out", path("out"), "-q"}).code, kDone);
    EXPECT_THAT(fermata({"journal", "stat", path("out/journal")}).out,
                HasSubstr("build           " + version));
}

TEST_F(Command, ConfigCheckTellsGoodFromBad) {
    EXPECT_EQ(fermata({"config", "check", path("good.yaml")}).code, kDone);
    write_text(folder_ / "bad.yaml", "mode: replay\ncolour: red\n");
    const Said said = fermata({"config", "check", path("bad.yaml")});
    EXPECT_NE(said.code, kDone);
    EXPECT_THAT(said.err, HasSubstr("bad.yaml:2:"));
}

TEST_F(Command, JournalVerifyFindsOneFlippedByte) {
    ASSERT_EQ(fermata({"replay", path("good.yaml"), "--out", path("out"), "-q"}).code, kDone);
    const std::filesystem::path journal = folder_ / "out" / "journal";
    const Said whole = fermata({"journal", "verify", journal.string()});
    EXPECT_EQ(whole.code, kDone) << whole.err;
    EXPECT_EQ(fermata({"journal", "stat", journal.string()}).code, kDone);
    EXPECT_EQ(fermata({"journal", "query", journal.string()}).code, kDone);

    std::filesystem::path segment;
    for (const auto& entry : std::filesystem::directory_iterator(journal)) segment = entry.path();
    std::string bytes = read_text(segment);
    bytes[bytes.size() / 2] ^= 0x10;
    write_text(segment, bytes);
    const Said damaged = fermata({"journal", "verify", journal.string()});
    EXPECT_EQ(damaged.code, kFailed);
    EXPECT_THAT(damaged.out + damaged.err, HasSubstr(segment.filename().string()));
}

TEST_F(Command, AJournalThatIsNotThereIsAProblem) {
    const Said said = fermata({"journal", "verify", path("nowhere")});
    EXPECT_EQ(said.code, kFailed);
    EXPECT_THAT(said.err, HasSubstr("nowhere"));
}

}  // namespace
}  // namespace fermata::test
