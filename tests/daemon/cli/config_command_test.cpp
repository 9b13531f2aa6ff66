#include "daemon/cli/config_command.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "daemon/config/reference.hpp"
#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
};

/// Runs `fermata ARGS`.
Outcome run(std::vector<std::string> arguments) {
    CLI::App app{"fermata"};
    register_config_commands(app);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    Outcome outcome;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
        app.parse(arguments);
    } catch (const CLI::RuntimeError& e) {
        outcome.code = e.get_exit_code();
    } catch (const CLI::ParseError& e) {
        outcome.code = 2;
        outcome.err = e.what();
    }
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err += testing::internal::GetCapturedStderr();
    return outcome;
}

class ConfigCommand : public testing::Test {
protected:
    void SetUp() override {
        file_ = std::filesystem::temp_directory_path() /
                ("fermata_config_" + std::to_string(::getpid()) + ".yaml");
        write(config_test::kMinimal);
    }
    void TearDown() override { std::filesystem::remove(file_); }
    void write(const std::string& text) { std::ofstream(file_) << text; }

    std::filesystem::path file_;
};

TEST_F(ConfigCommand, PrintsOkWithHashesAndASummary) {
    const Outcome o = run({"config", "check", file_.string()});
    EXPECT_EQ(o.code, 0);
    const Config c = load_config(file_, {}, config_test::registry(), make_sha256);
    EXPECT_EQ(o.out, file_.string() + ": OK\n  configuration  " + c.hash + "\n  rules          " +
                         c.rules_hash +
                         "\n"
                         "  accounts       1  main 100000.00 USD\n"
                         "  instruments    1  SPY\n"
                         "  feeds          1  csv SPY\n"
                         "  venues         1  sim\n"
                         "  strategies     1  sma (sma_cross)\n");
    EXPECT_NE(o.err.find("warning: " + file_.string() +
                         ":6:50: feeds.0.path: found 'SPY.csv', but "
                         "there is no such file or folder"),
              std::string::npos)
        << o.err;
}

TEST_F(ConfigCommand, PrintsEveryProblemAndExitsWithTwo) {
    const Outcome o = run({"config", "check", file_.string(), "--set", "run.seed=x", "--set",
                           "strategies.sma.params.fats=1"});
    EXPECT_EQ(o.code, 2);
    EXPECT_EQ(o.out, "");
    EXPECT_EQ(o.err,
              "--set run.seed=x: run.seed: found 'x', expected an integer\n"
              "--set strategies.sma.params.fats=1: strategies.0.params.fats: unknown key; did you "
              "mean 'fast'?\n"
              "2 problems\n");
}

TEST_F(ConfigCommand, ExitsWithTwoWhereThereIsNoFile) {
    const Outcome o = run({"config", "check", "/no/such.yaml"});
    EXPECT_EQ(o.code, 2);
    EXPECT_EQ(o.err, "/no/such.yaml: no such file\n1 problem\n");
}

TEST_F(ConfigCommand, PrintsAnEffectiveConfigurationThatItAccepts) {
    const Outcome printed = run(
        {"config", "check", "--print", file_.string(), "--set", "strategies.sma.params.fast=7"});
    EXPECT_EQ(printed.code, 0);
    EXPECT_NE(printed.out.find("fast: 7\n"), std::string::npos);
    write(printed.out);
    EXPECT_EQ(run({"config", "check", "--print", file_.string()}).out, printed.out);
}

TEST_F(ConfigCommand, PrintsTheSchemaInThreeFormats) {
    for (const auto& [name, format] :
         std::vector<std::pair<std::string, SchemaFormat>>{{"text", SchemaFormat::kText},
                                                           {"markdown", SchemaFormat::kMarkdown},
                                                           {"json", SchemaFormat::kJson}}) {
        EXPECT_EQ(run({"config", "schema", "--format", name}).out,
                  config_schema(format, config_test::registry()));
    }
    EXPECT_EQ(run({"config", "schema"}).out,
              config_schema(SchemaFormat::kText, config_test::registry()));
    EXPECT_EQ(run({"config", "schema", "--format", "xml"}).code, 2);
}

}  // namespace
}  // namespace fermata
