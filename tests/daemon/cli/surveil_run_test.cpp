#include "daemon/cli/surveil_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_writer.hpp"
#include "daemon/cli/surveil_report.hpp"
#include "tests/support/memory_file_system.hpp"

namespace fermata {
namespace {

using surveillance::RuleId;
using testing::HasSubstr;

/// A journal in memory: a strategy that trades with itself, and a purchase that lifts the close.
class SurveilRun : public testing::Test {
protected:
    // 2024-01-02T20:50:00Z.
    static constexpr std::int64_t kStart = 1'704'228'600'000'000'000;

    static JournalManifest manifest(MarketRecord market) {
        JournalManifest m;
        m.build = "fermata 0.1.0";
        m.configuration_hash = "sha256:c0";
        m.start = Timestamp{kStart};
        m.sources = {{"SPY.csv", "sha256:5b"}};
        m.instruments = {"SPY"};
        m.strategies = {"sma", "rsi"};
        m.accounts = {"main", "second"};
        m.venues = {"sim"};
        m.currencies = {"USD"};
        m.market = market;
        return m;
    }
    static Price dollars(std::int64_t d) { return Price::from_units(d); }

    void begin(MarketRecord market) {
        const JournalManifest names = manifest(market);
        auto writer =
            JournalWriter::create(files_, {"run", 1 << 20, 0, true}, names,
                                  make_run_id(names.configuration_hash, names.start, make_sha256),
                                  {make_sha256, kDefaultChain, make_hasher});
        ASSERT_TRUE(writer.ok());
        writer_ = std::move(*writer);
        market_ = market;
    }
    void print(MarketEvent e) {
        e.seq = ++feed_position_;
        if (market_ != MarketRecord::kRecord) return;
        ASSERT_TRUE(writer_->append(e).ok());
    }
    void trade(std::int64_t second, Price price, std::int64_t units) {
        TradeData d;
        d.price = price;
        d.quantity = Quantity::from_units(units);
        print(make_trade(time(second), {}, {}, d));
    }
    void close_session(std::int64_t second) {
        MarketEvent e = make_event(MarketEventType::kSession, time(second), {}, {});
        e.data.session = SessionData{};
        print(e);
    }
    void put(OrderEvent e, std::int64_t second) {
        e.ts = time(second);
        e.seq = ++position_;
        e.feed_position = feed_position_;
        e.cause = make_cause(CauseKind::kMarket, feed_position_);
        ASSERT_TRUE(writer_->append(e).ok());
    }
    static Timestamp time(std::int64_t second) { return {kStart + second * 1'000'000'000}; }
    void send(std::uint64_t id, Side side, std::int64_t units, std::int64_t second) {
        OrderEvent e = make_order_event(OrderEventType::kSendNew, {}, {});
        NewOrderData d;
        d.tag = make_order_tag(StrategyId{0}, id);
        d.order_id = {id};
        d.price = dollars(100);
        d.quantity = Quantity::from_units(units);
        d.side = side;
        d.type = OrderType::kLimit;
        e.data.new_order = d;
        put(e, second);
    }
    void fill(std::uint64_t id, Side side, std::int64_t units, Liquidity liquidity,
              std::int64_t second) {
        OrderEvent e = make_order_event(OrderEventType::kFill, {}, {});
        FillData d;
        d.tag = make_order_tag(StrategyId{0}, id);
        d.order_id = {id};
        d.price = dollars(100);
        d.quantity = Quantity::from_units(units);
        d.side = side;
        d.liquidity = liquidity;
        e.data.fill = d;
        put(e, second);
    }
    void write(MarketRecord market) {
        begin(market);
        trade(0, dollars(100), 1'000);
        send(1, Side::kBuy, 10, 1);
        send(2, Side::kSell, 10, 2);
        fill(1, Side::kBuy, 10, Liquidity::kMaker, 2);
        fill(2, Side::kSell, 10, Liquidity::kTaker, 2);
        send(3, Side::kBuy, 500, 300);
        fill(3, Side::kBuy, 500, Liquidity::kTaker, 300);
        trade(590, dollars(101), 1'000);
        close_session(600);
        ASSERT_TRUE(writer_->close().ok());
    }
    static SurveilRequest request() {
        SurveilRequest r;
        r.directory = "run";
        r.wanted.fill(true);
        return r;
    }
    SurveilResult surveil() { return surveil_journal(files_, request(), registry_); }
    static const surveillance::RuleOutcome& outcome(const SurveilResult& result, RuleId rule) {
        return result.outcomes.at(static_cast<std::size_t>(rule));
    }

    MemoryFileSystem files_;
    StrategyRegistry registry_;
    std::unique_ptr<JournalWriter> writer_;
    MarketRecord market_ = MarketRecord::kRecord;
    std::uint64_t position_ = 0;
    std::uint64_t feed_position_ = 0;
};

TEST_F(SurveilRun, JudgesAJournalWithItsOwnMarketData) {
    write(MarketRecord::kRecord);
    const SurveilResult result = surveil();
    EXPECT_EQ(result.records, 9U);
    EXPECT_EQ(result.orders, 3U);
    EXPECT_EQ(result.fills, 3U);
    EXPECT_EQ(result.market_events, 3U);
    ASSERT_EQ(result.findings.size(), 2U);
    EXPECT_EQ(result.findings[0].rule, RuleId::kWashTrades);
    // Bought 510 and sold 10 in the last ten minutes, 500 net of 520 gross; the price went from
    // 100 to 101 over a market of 1,000.
    EXPECT_EQ(result.findings[1].rule, RuleId::kMarkingTheClose);
    EXPECT_TRUE(result.damage.empty());
}

TEST_F(SurveilRun, SaysWhatCannotBeAppliedWithoutMarketData) {
    write(MarketRecord::kReference);  // and the journal holds no configuration to find it by
    const SurveilResult result = surveil();
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].rule, RuleId::kWashTrades);
    for (const RuleId rule : {RuleId::kMarkingTheClose, RuleId::kMomentumIgnition}) {
        EXPECT_FALSE(outcome(result, rule).applied);
        EXPECT_THAT(outcome(result, rule).note, HasSubstr("needs prices"));
        EXPECT_THAT(outcome(result, rule).note, HasSubstr("configuration"));
    }
    EXPECT_TRUE(outcome(result, RuleId::kSpoofing).applied);
    // In every form of the report.
    const Report report = make_surveil_report(result, request());
    for (const SurveilFormat format :
         {SurveilFormat::kTable, SurveilFormat::kCsv, SurveilFormat::kJson}) {
        EXPECT_THAT(surveil_report_text(report, format), HasSubstr("needs prices"));
    }
}

TEST_F(SurveilRun, SaysThatTheOwnersAreNotKnown) {
    write(MarketRecord::kRecord);
    const SurveilResult result = surveil();
    ASSERT_EQ(result.notes.size(), 1U);
    EXPECT_THAT(result.notes[0], HasSubstr("all accounts are taken to have one owner"));
}

TEST_F(SurveilRun, RefusesAFolderWithoutAJournal) {
    EXPECT_THROW((void)surveil(), std::runtime_error);
}

TEST_F(SurveilRun, JudgesAJournalThatWasNotClosedAndSaysSo) {
    begin(MarketRecord::kRecord);
    send(1, Side::kBuy, 10, 1);
    send(2, Side::kSell, 10, 2);
    fill(1, Side::kBuy, 10, Liquidity::kMaker, 2);
    fill(2, Side::kSell, 10, Liquidity::kTaker, 2);
    ASSERT_TRUE(writer_->flush().ok());
    const SurveilResult result = surveil();
    EXPECT_EQ(result.findings.size(), 1U);
    EXPECT_TRUE(result.damage.empty());
    EXPECT_THAT(result.notes.back(), HasSubstr("not closed"));
}

TEST_F(SurveilRun, ReportsEachFindingWithItsNumbersAndEvidence) {
    write(MarketRecord::kRecord);
    const Report report = make_surveil_report(surveil(), request());
    ASSERT_EQ(report["rules"].size(), surveillance::kRuleCount);
    ASSERT_EQ(report["findings"].size(), 2U);
    const Report& wash = report["findings"][0];
    EXPECT_EQ(wash["rule"], "wash_trades");
    EXPECT_EQ(wash["severity"], "high");
    EXPECT_EQ(wash["instrument"], "SPY");
    EXPECT_EQ(wash["strategies"], Report::array({"sma"}));
    EXPECT_EQ(wash["accounts"], Report::array({"main"}));
    ASSERT_EQ(wash["evidence"].size(), 2U);
    EXPECT_EQ(wash["evidence"][0]["order"], "sma#1");
    EXPECT_EQ(wash["evidence"][0]["order_id"], "1");
    EXPECT_EQ(wash["evidence"][0]["time"], "2024-01-02T20:50:02Z");
    EXPECT_EQ(wash["evidence"][0]["position"], 3);
    EXPECT_EQ(wash["evidence"][1]["side"], "SELL");
    EXPECT_EQ(wash["evidence"][1]["price"], "100");
    EXPECT_EQ(wash["evidence"][1]["quantity"], "10");
    const Report& close = report["findings"][1];
    EXPECT_EQ(close["measures"][2]["measure"], "move_min");
    EXPECT_EQ(close["measures"][2]["observed"], "0.01");
    EXPECT_EQ(close["measures"][2]["threshold"], "0.005");
}

TEST_F(SurveilRun, GivesEveryCsvRowTheSameColumns) {
    write(MarketRecord::kRecord);
    const std::string text =
        surveil_report_text(make_surveil_report(surveil(), request()), SurveilFormat::kCsv);
    std::istringstream lines(text);
    std::size_t columns = 0;
    std::size_t evidence = 0;
    for (std::string line; std::getline(lines, line);) {
        std::size_t commas = 0;
        bool quoted = false;
        for (const char c : line) {
            if (c == '"') quoted = !quoted;
            if (c == ',' && !quoted) ++commas;
        }
        if (columns == 0) columns = commas;
        EXPECT_EQ(commas, columns) << line;
        if (line.starts_with("evidence,")) ++evidence;
    }
    // Two fills; the market, three fills and the market.
    EXPECT_EQ(evidence, 7U);
}

}  // namespace
}  // namespace fermata
