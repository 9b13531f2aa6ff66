#include "daemon/cli/journal_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_writer.hpp"
#include "daemon/cli/journal_dump.hpp"
#include "daemon/cli/journal_report.hpp"
#include "risk/controls.hpp"
#include "tests/support/memory_file_system.hpp"

namespace fermata {
namespace {

using testing::HasSubstr;

// 2024-01-02T14:30:00Z.
constexpr std::int64_t kStart = 1'704'205'800'000'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

/// The life of one limit order of the strategy "sma", and a timer of the strategy "rsi".
class JournalCommand : public testing::Test {
protected:
    void SetUp() override {
        JournalManifest manifest;
        manifest.build = "fermata 0.1.0";
        manifest.configuration_hash = "sha256:c0";
        manifest.start = Timestamp{kStart};
        manifest.sources = {{"SPY.csv", "sha256:5b"}};
        manifest.instruments = {"SPY", "Odd, \"name\""};
        manifest.strategies = {"sma", "rsi"};
        manifest.accounts = {"main"};
        manifest.venues = {"sim"};
        manifest.currencies = {"USD"};
        auto writer = JournalWriter::create(
            files_, {"run", 1 << 20, 0, true}, manifest,
            make_run_id(manifest.configuration_hash, manifest.start, make_sha256), make_sha256);
        ASSERT_TRUE(writer.ok());
        put(**writer, new_order());
        put(**writer, verdict());
        put(**writer, execution());
        put(**writer, fill());
        put(**writer, timer());
        ASSERT_TRUE((*writer)->close().ok());
    }

    void put(JournalWriter& writer, const OrderEvent& bare) {
        OrderEvent event = bare;
        event.seq = ++position_;
        event.ts = Timestamp{kStart + static_cast<std::int64_t>(position_ - 1) * kSecond};
        event.feed_position = position_;
        event.cause = make_cause(CauseKind::kMarket, position_);
        ASSERT_TRUE(writer.append(event).ok());
    }

    static constexpr OrderTag kTag = make_order_tag(StrategyId{0}, 3);
    static constexpr ClientOrderId kOrder{42};

    static OrderEvent new_order() {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, {}, InstrumentId{1});
        NewOrderData d;
        d.tag = kTag;
        d.order_id = kOrder;
        d.side = Side::kSell;
        d.type = OrderType::kLimit;
        d.tif = TimeInForce::kGtd;
        d.price = Price::from_raw(187'250'000'000);
        d.quantity = Quantity::from_units(100);
        d.expire_time = Timestamp{kStart + 60 * kSecond};
        e.data.new_order = d;
        return e;
    }
    static OrderEvent verdict() {
        OrderEvent e = make_order_event(OrderEventType::kVerdict, {}, InstrumentId{1});
        VerdictData d;
        d.tag = kTag;
        d.order_id = kOrder;
        d.approved = 0;
        d.failed = bit(ControlId::kMaxNotional) | bit(ControlId::kPosition);
        d.checked = d.failed | bit(ControlId::kState);
        d.first_failed = static_cast<std::uint8_t>(ControlId::kMaxNotional);
        d.unit = static_cast<std::uint8_t>(LimitUnit::kMoney);
        d.observed = Money::from_units(18'725).raw();
        d.limit = Money::from_units(2'000).raw();
        d.action = static_cast<std::uint8_t>(OrderEventType::kNewOrder);
        d.equity = Money::from_units(100'000);
        e.data.verdict = d;
        return e;
    }
    static OrderEvent execution() {
        OrderEvent e = make_order_event(OrderEventType::kExecution, {}, InstrumentId{1});
        ExecutionData d;
        d.order_id = kOrder;
        d.exec_type = ExecType::kTrade;
        d.last_price = Price::from_raw(187'500'000'000);
        d.last_quantity = Quantity::from_units(40);
        d.leaves_quantity = Quantity::from_units(60);
        d.cumulative_quantity = Quantity::from_units(40);
        d.fee = Money::from_raw(-1'500'000);
        d.liquidity = Liquidity::kMaker;
        e.data.execution = d;
        return e;
    }
    static OrderEvent fill() {
        OrderEvent e = make_order_event(OrderEventType::kFill, {}, InstrumentId{1});
        FillData d;
        d.tag = kTag;
        d.order_id = kOrder;
        d.side = Side::kSell;
        d.price = Price::from_raw(187'500'000'000);
        d.quantity = Quantity::from_units(40);
        d.position_after = Quantity::from_units(-40);
        e.data.fill = d;
        return e;
    }
    static OrderEvent timer() {
        OrderEvent e = make_order_event(OrderEventType::kTimer, {}, InstrumentId{0});
        TimerData d;
        d.timer_id = 7;
        d.strategy = StrategyId{1};
        d.due = Timestamp{kStart};
        e.data.timer = d;
        return e;
    }

    struct Output {
        int code = 0;
        std::string out;
        std::string err;
        [[nodiscard]] std::vector<nlohmann::json> objects() const {
            std::vector<nlohmann::json> all;
            std::istringstream lines(out);
            for (std::string line; std::getline(lines, line);) {
                all.push_back(nlohmann::json::parse(line));
            }
            return all;
        }
    };
    Output dump(DumpOptions options) {
        options.directory = "run";
        std::ostringstream out;
        std::ostringstream err;
        const int code = dump_journal(files_, options, out, err);
        return {code, out.str(), err.str()};
    }
    /// Positions of the records that the options choose.
    std::vector<int> chosen(DumpOptions options) {
        options.format = DumpFormat::kJson;
        std::vector<int> positions;
        for (const auto& object : dump(options).objects()) positions.push_back(object["position"]);
        return positions;
    }

    MemoryFileSystem files_;
    std::uint64_t position_ = 0;
};

TEST_F(JournalCommand, DumpPrintsALineForEachRecordWithNames) {
    const Output output = dump({});
    EXPECT_EQ(output.code, 0);
    std::istringstream lines(output.out);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(
        line,
        "       1  2024-01-02T14:30:00Z            new_order     Odd, \"name\"  cause=market:1 "
        "feed=1 source=0 order_id=42 tag=sma#3 strategy=sma account=main venue=sim side=SELL "
        "order_type=LIMIT quantity=100 price=187.25 time_in_force=GTD "
        "expire_time=2024-01-02T14:31:00Z");
    std::getline(lines, line);
    EXPECT_THAT(line, HasSubstr("verdict=refused failed=\"MAX_NOTIONAL POSITION\" observed=18725 "
                                "limit=2000"));
    EXPECT_THAT(line, HasSubstr("checked=\"STATE MAX_NOTIONAL POSITION\""));
    EXPECT_EQ(std::count(output.out.begin(), output.out.end(), '\n'), 5);
}

TEST_F(JournalCommand, DumpWritesJsonWithExactDecimalsAsText) {
    DumpOptions options;
    options.format = DumpFormat::kJson;
    const auto objects = dump(options).objects();
    ASSERT_EQ(objects.size(), 5U);
    const auto& execution = objects[2];
    EXPECT_EQ(execution["type"], "execution");
    EXPECT_EQ(execution["ts_ns"], kStart + 2 * kSecond);
    EXPECT_EQ(execution["instrument"], "Odd, \"name\"");
    EXPECT_EQ(execution["order_id"], "42");
    EXPECT_EQ(execution["exec_type"], "Trade");
    EXPECT_EQ(execution["last_price"], "187.5");
    EXPECT_EQ(execution["fee"], "-1.5");
    EXPECT_EQ(execution["liquidity"], "maker");
    EXPECT_TRUE(execution["price"].is_null()) << "a trade does not change the order's price";
    EXPECT_TRUE(objects[4]["instrument"].is_null()) << "a timer belongs to no instrument";
    EXPECT_EQ(objects[4]["due"], "2024-01-02T14:30:00Z");
}

TEST_F(JournalCommand, DumpWritesCsvWithTheColumnsOfTheChosenTypes) {
    DumpOptions options;
    options.format = DumpFormat::kCsv;
    options.types = {OrderEventType::kFill};
    EXPECT_EQ(
        dump(options).out,
        "stream,position,time,ts_ns,type,instrument,cause,feed_position,source,flags,order_id,"
        "tag,exec_id,strategy,account,side,quantity,price,fee,fee_currency,liquidity,realized,"
        "cash_after,position_after,strategy_position_after\n"
        "1,4,2024-01-02T14:30:03Z,1704205803000000000,fill,\"Odd, \"\"name\"\"\",market:4,4,0,"
        "0,42,sma#3,,sma,main,SELL,40,187.5,0,USD,,0,0,-40,0\n");
}

TEST_F(JournalCommand, DumpChoosesByTypeStrategyOrderTimeAndNumber) {
    DumpOptions by_type;
    by_type.types = {OrderEventType::kTimer, OrderEventType::kNewOrder};
    EXPECT_EQ(chosen(by_type), (std::vector{1, 5}));
    DumpOptions by_strategy;
    by_strategy.strategy = "sma";
    // The venue's report names no strategy; the order that it names does.
    EXPECT_EQ(chosen(by_strategy), (std::vector{1, 2, 3, 4}));
    by_strategy.strategy = "rsi";
    EXPECT_EQ(chosen(by_strategy), (std::vector{5}));
    for (const char* order : {"42", "sma#3"}) {
        DumpOptions by_order;
        by_order.order = order;
        EXPECT_EQ(chosen(by_order), (std::vector{1, 2, 3, 4})) << order;
    }
    DumpOptions by_time;
    by_time.from = Timestamp{kStart + kSecond};
    by_time.to = Timestamp{kStart + 3 * kSecond};
    EXPECT_EQ(chosen(by_time), (std::vector{2, 3}));
    DumpOptions by_number;
    by_number.limit = 2;
    EXPECT_EQ(chosen(by_number), (std::vector{1, 2}));
}

TEST_F(JournalCommand, DumpNamesTheStrategiesThatThereAre) {
    DumpOptions options;
    options.strategy = "smaa";
    const Output output = dump(options);
    EXPECT_EQ(output.code, 2);
    EXPECT_EQ(output.err, "no strategy is called \"smaa\" in this run; there are: sma rsi\n");
}

TEST_F(JournalCommand, DumpPrintsWhatIsWholeAndThenTheProblem) {
    files_.files.at("run/journal-000001.fjl")
        .bytes.resize(files_.files.at("run/journal-000001.fjl").bytes.size() - 200);
    const Output output = dump({});
    EXPECT_EQ(output.code, 1);
    EXPECT_THAT(output.out, HasSubstr("new_order"));
    EXPECT_THAT(output.err, HasSubstr("journal-000001.fjl at byte "));
}

TEST_F(JournalCommand, StatSummarisesTheJournal) {
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(print_journal_statistics(files_, "run", out, err), 0);
    EXPECT_EQ(err.str(), "");
    for (const char* line :
         {"build           fermata 0.1.0\n", "source          SPY.csv  sha256:5b\n",
          "instruments     SPY Odd, \"name\"\n", "strategies      sma rsi\n", "records         5\n",
          "first           2024-01-02T14:30:00Z\n", "last            2024-01-02T14:30:04Z\n",
          "ending          closed\n", "  fill                     1\n"}) {
        EXPECT_THAT(out.str(), HasSubstr(line));
    }
}

TEST_F(JournalCommand, VerifySaysOkWithTheHashOrNamesTheProblems) {
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(print_journal_verification(files_, "run", out, err), 0);
    EXPECT_THAT(out.str(), HasSubstr("ok: 5 records in 1 segment, sha256:"));
    EXPECT_EQ(err.str(), "");
    files_.files.at("run/journal-000001.fjl").bytes[200] ^= std::byte{1};
    EXPECT_EQ(print_journal_verification(files_, "run", out, err), 1);
    EXPECT_THAT(err.str(), HasSubstr("bad_checksum: journal-000001.fjl at byte 128: "));
    EXPECT_THAT(err.str(), HasSubstr("1 problem, 5 whole records\n"));
}

/// The exit code of a command line, as the program's main sees it; -1 for a usage error.
int exit_code(std::vector<std::string> arguments) {
    CLI::App app;
    register_journal_commands(app);
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(arguments);
    } catch (const CLI::RuntimeError& e) {
        return e.get_exit_code();
    } catch (const CLI::ParseError&) {
        return -1;
    }
    return 0;
}

TEST(JournalCommandLine, RefusesWhatItDoesNotUnderstand) {
    EXPECT_EQ(exit_code({"journal"}), -1);
    EXPECT_EQ(exit_code({"journal", "dump"}), -1);
    EXPECT_EQ(exit_code({"journal", "verify"}), -1);
    EXPECT_EQ(exit_code({"journal", "dump", "x", "--type", "fil"}), -1);
    EXPECT_EQ(exit_code({"journal", "dump", "x", "--from", "yesterday"}), -1);
    EXPECT_EQ(exit_code({"journal", "dump", "x", "--format", "xml"}), -1);
    EXPECT_EQ(exit_code({"journal", "dump", "x", "--limit", "-1"}), -1);
}

TEST(JournalCommandLine, ReportsADirectoryThatIsNotThereAsAProblem) {
    for (const char* command : {"dump", "stat", "verify"}) {
        EXPECT_EQ(exit_code({"journal", command, "/nonexistent/journal"}), 1) << command;
    }
}

}  // namespace
}  // namespace fermata
