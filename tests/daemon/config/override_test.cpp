#include "daemon/config/override.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fermata::config {
namespace {

constexpr const char* kBase = R"(run: {seed: 1}
empty:
strategies:
  - {name: sma, params: {fast: 20}}
  - {name: rsi, params: {period: 14}}
instruments:
  - {symbol: BRK.B, lot: 1}
  - {symbol: BRK, lot: 1}
feeds:
  - {symbol: SPY, path: a}
  - {symbol: SPY, path: b}
risk: {instruments: {BRK.B: {position: 0.1}}}
)";

std::string applied(const std::string& override_text) {
    Node root = parse_document(kBase, "f");
    apply_override(root, override_text);
    return to_yaml(root);
}
std::string refusal(const std::string& override_text) {
    try {
        static_cast<void>(applied(override_text));
    } catch (const ConfigError& e) {
        return e.what();
    }
    return "accepted";
}
/// What kBase becomes when one piece of its canonical text is another.
std::string expected(const std::string& from, const std::string& to) {
    std::string text = to_yaml(parse_document(kBase, "f"));
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(Override, ReplacesAValueByKeyIndexOrName) {
    EXPECT_EQ(applied("run.seed=7"), expected("seed: 1", "seed: 7"));
    EXPECT_EQ(applied("strategies.0.params.fast=10"), expected("fast: 20", "fast: 10"));
    EXPECT_EQ(applied("strategies.sma.params.fast=10"), expected("fast: 20", "fast: 10"));
    EXPECT_EQ(applied("feeds.1.path=c"), expected("path: b", "path: c"));
}

TEST(Override, FindsNamesThatHoldDots) {
    EXPECT_EQ(applied("instruments.BRK.B.lot=5"),
              expected("lot: 1\n    symbol: BRK.B", "lot: 5\n    symbol: BRK.B"));
    EXPECT_EQ(applied("instruments.BRK.lot=5"),
              expected("lot: 1\n    symbol: BRK\n", "lot: 5\n    symbol: BRK\n"));
    EXPECT_EQ(applied("risk.instruments.BRK.B.position=0.2"),
              expected("position: 0.1", "position: 0.2"));
}

TEST(Override, TakesAnyYamlValue) {
    EXPECT_EQ(applied("run={seed: 9, out: x}"), expected("seed: 1", "out: x\n  seed: 9"));
    EXPECT_EQ(applied("run.seed=[1, 2]"), expected("seed: 1", "seed:\n    - 1\n    - 2"));
    EXPECT_EQ(applied("run.seed='a=b'"), expected("seed: 1", "seed: \"a=b\""));
    EXPECT_EQ(applied("run.seed=a=b"), expected("seed: 1", "seed: \"a=b\""));
}

TEST(Override, MakesMapsThatAreMissingAndAppendsAtTheEndOfAList) {
    EXPECT_EQ(applied("run.new.key=x"), expected("run:\n", "run:\n  new:\n    key: x\n"));
    EXPECT_EQ(applied("empty.key=x"), expected("empty: null\n", "empty:\n  key: x\n"));
    EXPECT_EQ(applied("feeds.2.path=c"),
              expected("path: b\n    symbol: SPY\n", "path: b\n    symbol: SPY\n  - path: c\n"));
}

TEST(Override, RemovesAKeyByNull) {
    EXPECT_EQ(applied("strategies.sma.params.fast=null"),
              expected("params:\n      fast: 20", "params: {}"));
    EXPECT_EQ(applied("risk.instruments.BRK.B=~"),
              expected("instruments:\n    BRK.B:\n      position: 0.1", "instruments: {}"));
    EXPECT_EQ(applied("empty=null"), expected("empty: null\n", ""));
}

TEST(Override, NamesItselfAsThePlace) {
    Node root = parse_document(kBase, "f");
    apply_override(root, "run.seed=x");
    EXPECT_EQ(root.find("run")->find("seed")->place.text(), "--set run.seed=x");
}

struct Refused {
    const char* text;
    const char* message;
};
class OverrideRefuses : public testing::TestWithParam<Refused> {};

TEST_P(OverrideRefuses, AndSaysWhichOne) {
    EXPECT_EQ(refusal(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Override, OverrideRefuses,
    testing::Values(
        Refused{"run.seed", "--set run.seed: found 'run.seed', expected key.path=value"},
        Refused{"=1", "--set =1: found '=1', expected key.path=value"},
        Refused{"run.seed=",
                "--set run.seed=: run.seed: found nothing behind '=', expected a value"},
        Refused{"run..seed=1",
                "--set run..seed=1: run..seed: found an empty key, expected keys separated by "
                "single dots"},
        Refused{"strategies.smb.params.fast=1",
                "--set strategies.smb.params.fast=1: strategies.smb.params.fast: found 'smb', "
                "expected the index or the name of an element of the list; did you mean 'sma'?"},
        Refused{"feeds.SPY.path=x",
                "--set feeds.SPY.path=x: feeds.SPY.path: found 2 elements named 'SPY', expected an "
                "index from 0"},
        Refused{"feeds.9.path=x",
                "--set feeds.9.path=x: feeds.9.path: found the index 9, expected 0 to 2"},
        Refused{"feeds.-1.path=x",
                "--set feeds.-1.path=x: feeds.-1.path: found the index -1, expected 0 to 2"},
        Refused{
            "run.seed.deep=1",
            "--set run.seed.deep=1: run.seed.deep: found a plain value above 'deep', expected a "
            "map or a list"},
        Refused{"run.sed=null",
                "--set run.sed=null: run.sed: found 'sed', expected a key that the configuration "
                "says; did you mean 'seed'?"},
        Refused{"nowhere.seed=null",
                "--set nowhere.seed=null: nowhere.seed: found 'nowhere', expected a key that the "
                "configuration says"},
        Refused{"run.seed=[1",
                "--set run.seed=[1: run.seed: not valid YAML: end of sequence flow "
                "not found"}));

TEST(Override, BoundsItsDepth) {
    std::string path = "a";
    for (int i = 0; i < 1'000; ++i) path += ".a";
    EXPECT_NE(refusal(path + "=1").find("nested deeper than 24 levels"), std::string::npos);
}

}  // namespace
}  // namespace fermata::config
