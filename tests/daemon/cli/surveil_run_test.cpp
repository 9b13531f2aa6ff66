#include "daemon/cli/surveil_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

#include "daemon/cli/surveil_report.hpp"
#include "tests/daemon/cli/suspicious_journal.hpp"
#include "tests/support/memory_file_system.hpp"

namespace fermata {
namespace {

using surveillance::RuleId;
using testing::HasSubstr;

class SurveilRun : public testing::Test {
protected:
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
    SuspiciousJournal journal_{files_, "run"};
    StrategyRegistry registry_;
};

TEST_F(SurveilRun, JudgesAJournalWithItsOwnMarketData) {
    journal_.write(MarketRecord::kRecord);
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

TEST_F(SurveilRun, DoesNotCountFillsThatWereTakenBackLater) {
    journal_.write(MarketRecord::kRecord, 1);
    const SurveilResult result = surveil();
    EXPECT_EQ(result.records, 10U);
    EXPECT_EQ(result.fills, 2U);
    EXPECT_EQ(result.market_events, 3U);
    // The purchase of 10 that met the own sale was no trade: what is left moved the close.
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].rule, RuleId::kMarkingTheClose);
    EXPECT_THAT(result.notes,
                testing::Contains("fills that their venues took back, which do not count: 1"));
}

TEST_F(SurveilRun, SaysWhatCannotBeAppliedWithoutMarketData) {
    journal_.write(
        MarketRecord::kReference);  // and the journal holds no configuration to find it by
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
    journal_.write(MarketRecord::kRecord);
    const SurveilResult result = surveil();
    ASSERT_EQ(result.notes.size(), 1U);
    EXPECT_THAT(result.notes[0], HasSubstr("all accounts are taken to have one owner"));
}

TEST_F(SurveilRun, RefusesAFolderWithoutAJournal) {
    EXPECT_THROW((void)surveil(), std::runtime_error);
}

TEST_F(SurveilRun, JudgesAJournalThatWasNotClosedAndSaysSo) {
    journal_.begin(MarketRecord::kRecord);
    journal_.send(1, Side::kBuy, 10, 1);
    journal_.send(2, Side::kSell, 10, 2);
    journal_.fill(1, Side::kBuy, 10, Liquidity::kMaker, 2);
    journal_.fill(2, Side::kSell, 10, Liquidity::kTaker, 2);
    journal_.flush();
    const SurveilResult result = surveil();
    EXPECT_EQ(result.findings.size(), 1U);
    EXPECT_TRUE(result.damage.empty());
    EXPECT_THAT(result.notes.back(), HasSubstr("not closed"));
}

TEST_F(SurveilRun, ReportsEachFindingWithItsNumbersAndEvidence) {
    journal_.write(MarketRecord::kRecord);
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
    journal_.write(MarketRecord::kRecord);
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
