#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/types/decimal.hpp"
#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

namespace fs = std::filesystem;

/// A folder with a configuration that reads its instruments from files.
class InstrumentFile : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() /
                  ("fermata_instruments_" + std::to_string(::getpid()) + "_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name());
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }
    Config load(const std::string& entry = "{file: i.csv, ticks: t.csv}") {
        const std::string text =
            "account: {currency: USD, cash: 1}\n"
            "instruments:\n  - " +
            entry +
            "\nfeeds: [{type: tape, path: x}]\nvenues: [{name: v}]\n"
            "strategies: [{name: s, type: buy_and_hold, symbols: [A]}]\n";
        return parse_config(text, "test.yaml", folder_, {}, config_test::registry(), make_sha256);
    }
    std::string refusal(const std::string& entry = "{file: i.csv, ticks: t.csv}") {
        try {
            static_cast<void>(load(entry));
        } catch (const ConfigError& e) {
            return e.what();
        }
        return "accepted";
    }

    fs::path folder_;
};

TEST_F(InstrumentFile, IsReadLikeInstrumentsInTheConfiguration) {
    write("i.csv",
          "\xEF\xBB\xBFsymbol,tick,lot,asset_class,sector\r\n"
          "A,0.01,,equity,\"tools, heavy\"\r\n"
          "# a comment\r\n"
          "\r\n"
          "\"B\",0.5,100,future,\r\n"
          "\"C\",1,,,\"a \"\"quoted\"\" word\"");
    write("t.csv", "symbol,from,tick\nB,2020-07-01,0.25\nB,2021-07-01,0.1\n");
    const Config c = load();
    ASSERT_EQ(c.instruments.size(), 3U);
    EXPECT_EQ(c.instruments.find("C")->sector, "a \"quoted\" word");
    const Instrument* a = c.instruments.find("A");
    EXPECT_EQ(a->sector, "tools, heavy");
    EXPECT_EQ(a->lot, Quantity::from_units(1));  // an empty cell takes the default
    const Instrument* b = c.instruments.find("B");
    EXPECT_EQ(b->lot, Quantity::from_units(100));
    EXPECT_EQ(b->asset_class, AssetClass::kFuture);
    ASSERT_EQ(b->ticks.size(), 3U);
    EXPECT_EQ(to_string(b->ticks[0].tick), "0.5");
    EXPECT_EQ(b->ticks[0].from, Timestamp::min());
    // No calendar: dates are in UTC. 2020-07-01 is 1,593,561,600 s after 1970.
    EXPECT_EQ(b->ticks[1].from.ns, 1'593'561'600LL * 1'000'000'000);
    EXPECT_EQ(to_string(b->ticks[2].tick), "0.1");
}

TEST_F(InstrumentFile, IsPartOfTheHash) {
    write("i.csv", "symbol,tick\nA,0.01\n");
    const std::string before = load("{file: i.csv}").rules_hash;
    EXPECT_EQ(before, load("{symbol: A, tick: 0.01}").rules_hash);
    write("i.csv", "symbol,tick\nA,0.02\n");
    EXPECT_NE(load("{file: i.csv}").rules_hash, before);
}

TEST_F(InstrumentFile, NamesItsOwnLinesInErrors) {
    write("i.csv", "symbol,tick\nA,x\nA B,0.01\nC,0.01,9\nA,0.01\n");
    EXPECT_EQ(refusal("{file: i.csv}"),
              "i.csv:2:3: instruments.0.tick: found 'x', expected a price with at most 9 decimals, "
              "more than 0\n"
              "i.csv:3:1: instruments.0.symbol: found 'A B', expected a symbol: up to 64 visible "
              "ASCII characters without blanks, quotes and commas\n"
              "i.csv:4:1: instruments.0: found 3 cells, expected 2 as in the header\n"
              "i.csv:5:1: instruments.0.symbol: found 'A' again, expected an instrument of another "
              "name (first at i.csv:2:1)");
}

TEST_F(InstrumentFile, RefusesWhatIsNoTable) {
    EXPECT_EQ(refusal("{file: i.csv}"),
              "test.yaml:3:5: instruments.0.file: found 'i.csv': no such file");
    fs::create_directory(folder_ / "folder");
    EXPECT_EQ(refusal("{file: folder}"),
              "test.yaml:3:5: instruments.0.file: found 'folder', expected a regular file");
    write("i.csv", "");
    EXPECT_EQ(refusal("{file: i.csv}"),
              "test.yaml:3:5: instruments.0.file: found the empty file 'i.csv', expected a header "
              "and rows");
    write("i.csv", "symbol,tick\n\"A,0.01\n");
    EXPECT_NE(refusal("{file: i.csv}").find("found a quoted cell that does not end"),
              std::string::npos);
    write("i.csv", "symbol,tick,tick\nA,1,2\n");
    EXPECT_NE(refusal("{file: i.csv}").find("found the column 'tick' twice in the header"),
              std::string::npos);
    write("i.csv", "symbol,tikc\nA,1\n");
    EXPECT_NE(refusal("{file: i.csv}").find("unknown key; did you mean 'tick'?"),
              std::string::npos);
    write("i.csv", "symbol,tick\nA\xFF,1\n");
    EXPECT_NE(refusal("{file: i.csv}").find("i.csv:2:2: instruments.0: found the byte 0xFF"),
              std::string::npos);
}

TEST_F(InstrumentFile, RefusesTicksOfUnknownSymbolsAndDatesThatStepBack) {
    write("i.csv", "symbol,tick\nA,0.01\n");
    write("t.csv", "symbol,from,tick\nB,2020-07-01,0.25\n");
    EXPECT_EQ(refusal(),
              "t.csv:2:1: instruments.0: found ticks of 'B', expected a symbol of 'i.csv'");
    write("t.csv", "symbol,from,tick\nA,2020-07-01,0.25\nA,2020-07-01,0.5\n");
    EXPECT_NE(refusal().find(
                  "t.csv:3:1: instruments.0.tick: found a tick of A that does not begin after"),
              std::string::npos);
}

}  // namespace
}  // namespace fermata
