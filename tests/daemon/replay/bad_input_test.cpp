// Broken sources through a whole run: either the run stops and says where and why, or, where the
// configuration says so, the record is left out, counted and journaled. Nothing is repaired.

#include <gmock/gmock.h>
#include <zlib.h>

#include "adapters/file/posix_file.hpp"
#include "core/journal/journal_reader.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// One kind of source: its header, good rows, and the keys of its feed.
struct Source {
    const char* header;
    const char* before;  // lines 2 to 4
    const char* after;   // from line 6 on, behind the bad row
    const char* feed;
};

constexpr Source kBars{
    "date,open,high,low,close,volume\n",
    "2020-01-01,10,11,9,10,1000\n2020-01-02,10,12,9,11,1000\n2020-01-03,11,12,10,11,1000\n",
    "2020-01-06,12,14,11,13,1000\n2020-01-07,13,15,12,14,1000\n",
    "kind: bar, interval: 1d, symbol: AAA, time: {column: date, format: '%Y-%m-%d', zone: UTC}, "
    "columns: {volume: volume}"};
constexpr Source kQuotes{"time,bid,ask,bid_size,ask_size\n",
                         "1,10,10.1,5,5\n2,10,10.1,5,5\n3,10,10.1,5,5\n",
                         "5,10.2,10.3,5,5\n6,10.3,10.4,5,5\n",
                         "kind: quote, symbol: AAA, time: {column: time, unit: s}, "
                         "columns: {bid_size: bid_size, ask_size: ask_size}"};
constexpr Source kTrades{
    "time,symbol,price,quantity,id\n", "1,AAA,10,5,1\n2,AAA,10,5,2\n3,AAA,11,5,3\n",
    "5,AAA,12,5,5\n6,AAA,13,5,6\n",
    "kind: trade, time: {column: time, unit: s}, columns: {symbol: symbol, trade_id: id}"};

constexpr int kBadLine = 5;

/// A row that does not belong, as line 5 of an otherwise good source.
struct BadRow {
    const char* title;
    const Source* source;
    std::string row;
    SkipReason reason;
    const char* where;     // the field that the message names; empty: the whole row
    const char* expected;  // what the message says should stand there
};

void PrintTo(const BadRow& bad, std::ostream* out) { *out << bad.title; }

const std::vector<BadRow>& bad_rows() {
    using R = SkipReason;
    static const std::vector<BadRow> rows{
        {"Garbage", &kBars, "@#!;;~~", R::kMalformed, "", "as many fields as in the first line"},
        {"TooManyCells", &kBars, "2020-01-04,1,1,1,1,1,1", R::kMalformed, "",
         "as many fields as in the first line"},
        {"CutRow", &kBars, "2020-01-04,11,1", R::kMalformed, "",
         "as many fields as in the first line"},
        {"OpenQuote", &kBars, "2020-01-04,\"11,12,10,11,1000", R::kMalformed, "", "RFC 4180"},
        {"WordForPrice", &kBars, "2020-01-04,11,twelve,10,11,1000", R::kMalformed, "high",
         "decimal number"},
        {"EmptyPrice", &kBars, "2020-01-04,11,,10,11,1000", R::kMalformed, "high",
         "decimal number"},
        {"NotANumber", &kBars, "2020-01-04,11,nan,10,11,1000", R::kMalformed, "high",
         "decimal number"},
        {"NoSuchDay", &kBars, "2020-02-30,11,12,10,11,1000", R::kMalformed, "date", "%Y-%m-%d"},
        {"StepBack", &kBars, "2019-12-31,11,12,10,11,1000", R::kTimeStepsBack, "date", "time"},
        {"Duplicate", &kBars, "2020-01-03,11,12,10,11,1000", R::kDuplicate, "", "bar"},
        {"NegativePrice", &kBars, "2020-01-04,11,12,-10,11,1000", R::kNegative, "low", "price"},
        {"ZeroPrice", &kBars, "2020-01-04,11,12,0,11,1000", R::kNegative, "low", "price"},
        {"HugePrice", &kBars, "2020-01-04,11,100000000,10,11,1000", R::kPriceOutOfRange, "high",
         "10000000"},
        {"AbsurdPrice", &kBars, "2020-01-04,11,1e300,10,11,1000", R::kPriceOutOfRange, "high",
         "10000000"},
        {"TooManyDigits", &kBars, "2020-01-04,11,99999999999999999999999999,10,11,1000",
         R::kPriceOutOfRange, "high", "10000000"},
        {"HighBelowLow", &kBars, "2020-01-04,11,9,10,11,1000", R::kInconsistentBar, "", "high"},
        {"NegativeVolume", &kBars, "2020-01-04,11,12,10,11,-5", R::kQuantityOutOfRange, "volume",
         "quantity"},
        {"NotUtf8", &kBars, "2020-01-04,\xff\xfe,12,10,11,1000", R::kEncoding, "", "UTF-8"},
        {"NulByte", &kBars, std::string("2020-01-04,1\0,12,10,11,1000", 28), R::kEncoding, "",
         "UTF-8"},
        {"CrossedQuote", &kQuotes, "4,10.2,10.1,5,5", R::kCrossed, "", "ask"},
        {"QuoteStepsBack", &kQuotes, "2,10,10.1,5,5", R::kTimeStepsBack, "time", "time"},
        {"UnknownInstrument", &kTrades, "4,ZZZ,11,5,4", R::kUnknownInstrument, "symbol",
         "instrument of this run"},
        {"SameTrade", &kTrades, "3,AAA,11,5,3", R::kDuplicate, "id", ""},
    };
    return rows;
}

std::string yaml_of(const Source& source, const std::string& path, const char* on_bad) {
    return std::string(
               "mode: replay\n"
               "account: {currency: USD, cash: 100000, type: cash}\n"
               "instruments: [{symbol: AAA, asset_class: equity, tick: 0.000001, lot: 1}]\n"
               "feeds: [{type: csv, path: ") +
           path + ", " + source.feed + ", on_bad: " + on_bad +
           "}]\n"
           "venues: [{name: sim, type: simulated, fill: {market: next_open}}]\n"
           "strategies: [{name: hold, type: buy_and_hold, symbols: [AAA]}]\n"
           "risk: {profile: unlimited}\n";
}

/// The alert about a refused record: line and reason.
std::vector<std::pair<std::int64_t, SkipReason>> skip_alerts(const std::filesystem::path& out) {
    PosixFileSystem files;
    auto reader = JournalReader::open(files, (out / "journal").string());
    if (!reader) throw std::runtime_error("no journal in " + out.string());
    std::vector<std::pair<std::int64_t, SkipReason>> alerts;
    while (const JournalRecord* record = (*reader)->next()) {
        if (record->event.type != OrderEventType::kAlert) continue;
        const AlertData& alert = record->event.data.alert;
        if (alert.code != AlertCode::kFeedSkipped) continue;
        alerts.emplace_back(alert.detail[0], static_cast<SkipReason>(alert.detail[1]));
    }
    EXPECT_EQ((*reader)->ending(), JournalEnding::kClosed);
    return alerts;
}

/// Answers every answer.
class Echo final : public Strategy {
public:
    void on_quote(StrategyContext& context, InstrumentId, const QuoteData&) override {
        ask(context);
    }
    void on_order(StrategyContext& context, InstrumentId, const OrderUpdateData&) override {
        ask(context);
    }

private:
    static void ask(StrategyContext& context) { context.cancel(OrderTag{1}); }
};

TEST(Replay, EndsWhereWhatFollowsFromAnEventDoesNot) {
    const TemporaryFolder folder;
    StrategyRegistry registry;
    registry.add({"echo", "Answers every answer.", {}, [](const ParamValues&) {
                      return std::make_unique<Echo>();
                  }});
    const RunReport report = run_yaml(
        "mode: replay\n"
        "account: {currency: USD, cash: 1000, type: cash}\n"
        "instruments: [{symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}]\n"
        "feeds: [{type: generator, kind: quotes, from: 2024-01-02, to: 2024-01-03}]\n"
        "venues: [{name: sim, type: simulated}]\n"
        "strategies: [{name: a, type: echo, symbols: [AAA]}]\n"
        "risk: {profile: unlimited}\n",
        folder.path(), folder / "out", {}, registry);
    EXPECT_THAT(report.result.halted, ::testing::StartsWith("what follows from event "));
    EXPECT_THAT(report.result.halted, ::testing::HasSubstr("does not come to an end"));
    EXPECT_FALSE(read_summary(folder / "out").at("complete").get<bool>());
}

/// The message of the FeedError that the run ends with.
std::string error_of(const std::string& yaml, const TemporaryFolder& folder) {
    try {
        run_yaml(yaml, folder.path(), folder / "out");
    } catch (const FeedError& error) {
        EXPECT_FALSE(std::filesystem::exists(folder / "out" / "summary.json"));
        return error.what();
    }
    ADD_FAILURE() << "the run did not stop";
    return {};
}

class BadRowOfASource : public testing::TestWithParam<BadRow> {
protected:
    void SetUp() override {
        const Source& source = *GetParam().source;
        const std::string head = std::string(source.header) + source.before;
        write_text(folder_ / "bad.csv", head + GetParam().row + "\n" + source.after);
        write_text(folder_ / "clean.csv", head + source.after);
    }
    TemporaryFolder folder_;
};

TEST_P(BadRowOfASource, StopsTheRunAndNamesThePlace) {
    const BadRow& bad = GetParam();
    const std::string place = (folder_ / "bad.csv").string() + ":" + std::to_string(kBadLine);
    EXPECT_THAT(error_of(yaml_of(*bad.source, "bad.csv", "error"), folder_),
                AllOf(HasSubstr(place), HasSubstr(bad.where), HasSubstr("expected "),
                      HasSubstr(bad.expected), HasSubstr(name(bad.reason))));
}

TEST_P(BadRowOfASource, IsLeftOutCountedAndJournaledWhereThatIsConfigured) {
    const BadRow& bad = GetParam();
    run_yaml(yaml_of(*bad.source, "bad.csv", "skip"), folder_.path(), folder_ / "bad");
    run_yaml(yaml_of(*bad.source, "clean.csv", "error"), folder_.path(), folder_ / "clean");

    const nlohmann::json summary = read_summary(folder_ / "bad");
    const nlohmann::json clean = read_summary(folder_ / "clean");
    const nlohmann::json one{{std::string(name(bad.reason)), 1}};
    EXPECT_EQ(summary["skipped_records"], one);
    EXPECT_EQ(clean["skipped_records"], nlohmann::json::object());
    // The run goes on, as if the row were not there.
    EXPECT_EQ(summary["fills"], 1);
    EXPECT_EQ(summary["fills_sha256"], clean["fills_sha256"]);
    EXPECT_EQ(summary["final_equity"], clean["final_equity"]);
    EXPECT_EQ(read_text(folder_ / "bad" / "equity.csv"), read_text(folder_ / "clean/equity.csv"));

    const std::vector<std::pair<std::int64_t, SkipReason>> alert{{kBadLine, bad.reason}};
    EXPECT_EQ(skip_alerts(folder_ / "bad"), alert);
}

INSTANTIATE_TEST_SUITE_P(Csv, BadRowOfASource, testing::ValuesIn(bad_rows()),
                         [](const auto& row) { return std::string(row.param.title); });

/// Sources that are broken as a whole: never anything but an error.
class BadSource : public testing::Test {
protected:
    [[nodiscard]] std::string error(const char* file, const char* on_bad) {
        return error_of(yaml_of(kBars, file, on_bad), folder_);
    }
    void expect_error(const char* file, const char* text) {
        for (const char* const on_bad : {"error", "skip"}) {
            SCOPED_TRACE(on_bad);
            EXPECT_THAT(error(file, on_bad),
                        AllOf(HasSubstr((folder_ / file).string()), HasSubstr(text)));
        }
    }
    /// Good bars, compressed.
    static std::string compressed() {
        const std::string text = std::string(kBars.header) + kBars.before + kBars.after;
        std::string packed(4096, '\0');
        z_stream stream{};
        constexpr int kGzip = 15 + 16;  // zlib: window bits, with a gzip header
        deflateInit2(&stream, 9, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
        stream.avail_in = static_cast<uInt>(text.size());
        stream.next_out = reinterpret_cast<Bytef*>(packed.data());
        stream.avail_out = static_cast<uInt>(packed.size());
        EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
        packed.resize(stream.total_out);
        deflateEnd(&stream);
        return packed;
    }
    TemporaryFolder folder_;
};

TEST_F(BadSource, AWholeGzipFileIsRead) {
    write_text(folder_ / "a.csv.gz", compressed());
    run_yaml(yaml_of(kBars, "a.csv.gz", "error"), folder_.path(), folder_ / "out");
    EXPECT_EQ(read_summary(folder_ / "out")["source_records"], 5);
}

TEST_F(BadSource, AGzipFileThatIsCutAnywhereIsRefused) {
    const std::string whole = compressed();
    for (std::size_t size = 2; size < whole.size(); size += 3) {
        SCOPED_TRACE(size);
        write_text(folder_ / "cut.csv.gz", whole.substr(0, size));
        expect_error("cut.csv.gz", "gzip");
    }
}

TEST_F(BadSource, AGzipFileWithAFlippedBitIsRefused) {
    std::string damaged = compressed();
    damaged[damaged.size() - 6] ^= 1;  // in the checksum, of which RFC 1952 has 4 bytes before 4
    write_text(folder_ / "flipped.csv.gz", damaged);
    expect_error("flipped.csv.gz", "gzip");
}

TEST_F(BadSource, AnEmptyFileIsRefused) {
    write_text(folder_ / "empty.csv", "");
    expect_error("empty.csv", "empty");
}

TEST_F(BadSource, AHeaderWithoutRowsIsRefused) {
    write_text(folder_ / "header.csv", kBars.header);
    expect_error("header.csv", "no rows");
}

TEST_F(BadSource, AMissingFileIsRefused) { expect_error("nowhere.csv", "o such file"); }

TEST_F(BadSource, AMissingColumnIsRefused) {
    write_text(folder_ / "columns.csv", "date,open,high,low,volume\n2020-01-01,1,1,1,1\n");
    expect_error("columns.csv", "close");
}

TEST_F(BadSource, Utf16IsRefused) {
    write_text(folder_ / "wide.csv", std::string("\xff\xfe"
                                                 "d\0a\0t\0e\0\n\0",
                                                 12));
    expect_error("wide.csv", "UTF-16");
}

TEST_F(BadSource, ALineOf100MegabytesIsRefusedOrLeftOutInBoundedMemory) {
    std::string text = std::string(kBars.header) + kBars.before;
    text.append(100'000'000, 'x');
    text += "\n";
    text += kBars.after;
    write_text(folder_ / "long.csv", text);
    const std::string message = error("long.csv", "error");
    EXPECT_THAT(message, AllOf(HasSubstr("long.csv:5"), HasSubstr("max_line_bytes"),
                               HasSubstr("line_too_long")));
    EXPECT_LT(message.size(), 1000u);

    run_yaml(yaml_of(kBars, "long.csv", "skip"), folder_.path(), folder_ / "skip");
    const nlohmann::json one{{"line_too_long", 1}};
    EXPECT_EQ(read_summary(folder_ / "skip")["skipped_records"], one);
    const std::vector<std::pair<std::int64_t, SkipReason>> alert{
        {kBadLine, SkipReason::kLineTooLong}};
    EXPECT_EQ(skip_alerts(folder_ / "skip"), alert);
}

TEST_F(BadSource, ASourceOfNothingButBadRowsIsRefusedEvenWhereBadRowsMayBeLeftOut) {
    write_text(folder_ / "all.csv", std::string(kBars.header) + "a\nb\nc\n");
    EXPECT_THAT(error("all.csv", "skip"),
                HasSubstr("all.csv: none of the 3 records could be read"));
}

}  // namespace
}  // namespace fermata::test
