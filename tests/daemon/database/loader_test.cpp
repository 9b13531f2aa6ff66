#include "daemon/database/loader.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/daemon/database/database_fixture.hpp"

namespace fermata::testing {
namespace {

using LoaderOnPostgres = DatabaseTest;

TEST_F(LoaderOnPostgres, StoresEveryRecordOfEveryStreamOnceAndCommitsThePosition) {
    const std::string directory = journal("run", 300);
    const LoadResult result = load(directory);
    ASSERT_EQ(result.end, LoadResult::End::kComplete) << result.message;
    expect_equal(directory);
    // 270 orders of nine records, 30 denied ones of three, seven others.
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.event WHERE stream = 1"), "2527");
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.orders"), "300");
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.fills"), "270");
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.verdicts WHERE NOT approved"), "30");
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.order_events"), "842");
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.event WHERE stream = 64"), "840");
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.event WHERE stream = 2"), "506");
    EXPECT_EQ(cluster_->sql("SELECT positions FROM fermata.run_status"), "{2527,506,840}");
    EXPECT_EQ(cluster_->sql("SELECT complete FROM fermata.run_status"), "t");
    EXPECT_EQ(cluster_->sql("SELECT configuration FROM fermata.run"), "run:\n  name: test\n");
    EXPECT_EQ(
        cluster_->sql("SELECT name FROM fermata.run_name WHERE kind = 'instrument' AND id = 1"),
        "it's \"odd\"");
}

TEST_F(LoaderOnPostgres, WritesNumbersAndTimesExactly) {
    load(journal("run", 8));
    const auto one = [&](const std::string& what) { return cluster_->sql("SELECT " + what); };
    // Order 3: 4.00000003 at 187.25 - 0.03; the seventh was denied.
    EXPECT_EQ(one("quantity::text FROM fermata.orders WHERE order_tag & 65535 = 3"), "4.00000003");
    EXPECT_EQ(one("price::text FROM fermata.orders WHERE order_tag & 65535 = 3"), "187.220000000");
    EXPECT_EQ(one("fee::text FROM fermata.fills LIMIT 1"), "-1.250000");
    EXPECT_EQ(one("realized::text FROM fermata.fills LIMIT 1"), "0.123456");
    EXPECT_EQ(one("cash_after::text FROM fermata.fills LIMIT 1"), "-5.000000");
    EXPECT_EQ(one("ts_ns FROM fermata.orders ORDER BY position LIMIT 1"), "1700000000123458566");
    EXPECT_EQ(one("ts AT TIME ZONE 'UTC' FROM fermata.orders ORDER BY position LIMIT 1"),
              "2023-11-14 22:13:20.123458");
    EXPECT_EQ(one("state_hash FROM fermata.equity WHERE kind = 'mark'"), "-81985529216486896");
    EXPECT_EQ(one("price::text FROM fermata.order_events WHERE event = 'replace_request'"),
              "-37.630000000");
    EXPECT_EQ(one("failed_codes FROM fermata.denied_orders"), "{MAX_NOTIONAL,POSITION}");
    EXPECT_EQ(one("observed::text || ' ' || limit_value || ' ' || unit || ' ' || scope FROM "
                  "fermata.verdicts WHERE NOT approved"),
              "5120.500000 5000.000000 money order");
    EXPECT_EQ(one("explanation FROM fermata.denied_orders"),
              "MAX_NOTIONAL order 5120.5 5000 0000000000000000");
    EXPECT_EQ(one("control || ' ' || state FROM fermata.control_actions"), "DRAWDOWN HALTED");
    EXPECT_EQ(one("code || ' ' || detail_0 FROM fermata.alerts"), "overfill -7");
    EXPECT_EQ(one("last_price::numeric(20,2) || ' ' || exec_type FROM fermata.venue_reports WHERE "
                  "exec_type = 'Trade' ORDER BY position LIMIT 1"),
              "187.24 Trade");
    EXPECT_EQ(one("count(*) FROM fermata.order_state WHERE state = 'Filled'"), "7");
    EXPECT_EQ(one("count(*) FROM fermata.around('2023-11-14 22:13:20.1234Z', '1 second')"), "50");
}

TEST_F(LoaderOnPostgres, DoesNothingWhenAJournalIsLoadedAgain) {
    const std::string directory = journal("run", 200);
    ASSERT_EQ(load(directory).end, LoadResult::End::kComplete);
    const std::string before = cluster_->sql("SELECT sum(hashtext(e::text)) FROM fermata.event e");
    const LoadResult again = load(directory);
    EXPECT_EQ(again.end, LoadResult::End::kComplete) << again.message;
    EXPECT_EQ(again.loaded, 0u);
    EXPECT_EQ(cluster_->sql("SELECT sum(hashtext(e::text)) FROM fermata.event e"), before);
    expect_equal(directory);
}

TEST_F(LoaderOnPostgres, NamesTheFirstRecordOfAnotherJournalOfTheSameRun) {
    ASSERT_EQ(load(journal("run", 200)).end, LoadResult::End::kComplete);
    // Another order 150. Of the 149 before it 134 have nine records and 15, denied, three.
    OrderFlow flow;
    for (std::uint32_t i = 1; i <= 200; ++i) flow.order(i == 150 ? 151 : i);
    flow.others();
    FlowJournal other(folder_ / "other", flow_run(1));
    other.write(flow.events, 0, flow.events.size());
    other.close();
    const LoadResult result = load((folder_ / "other").string());
    EXPECT_EQ(result.end, LoadResult::End::kDiffers);
    const std::uint64_t first = 9 * 134 + 3 * 15 + 1;
    EXPECT_NE(result.message.find("stream 1 position " + std::to_string(first) + " differs"),
              std::string::npos)
        << result.message;
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.run"), "1");
}

TEST_F(LoaderOnPostgres, ReportsAFailureAndLetsTheLagGrow) {
    ASSERT_EQ(load(journal("run", 50)).end, LoadResult::End::kComplete);
    const std::string other = journal("other", 60, 1, 1'000);
    postgres::PostgresEventStore store(database(), database_vocabulary());
    LoaderStatus status;
    std::vector<LoaderReport> reports;
    Loader loader(files_, store, options(other), status,
                  [&](const LoaderReport& report) { reports.push_back(report); });
    EXPECT_EQ(loader.run({}).end, LoadResult::End::kDiffers);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].kind, LoaderReport::Kind::kFailed);
    EXPECT_EQ(reports[0].trouble, StoreErrorKind::kDiffers);
    EXPECT_EQ(status.state.load(), LoaderState::kEnded);
    EXPECT_GT(status.lag_age(std::chrono::steady_clock::now() + 1h), 59min);
}

TEST_F(LoaderOnPostgres, SaysThatAJournalLostItsEnd) {
    ASSERT_EQ(load(journal("run", 200)).end, LoadResult::End::kComplete);
    const LoadResult result = load(journal("shorter", 100));
    EXPECT_EQ(result.end, LoadResult::End::kDiffers);
    EXPECT_FALSE(result.message.empty());
}

TEST_F(LoaderOnPostgres, GoesOnWhereAnEarlierLoaderStopped) {
    OrderFlow flow;
    for (std::uint32_t i = 1; i <= 300; ++i) flow.order(i);
    FlowJournal writer(folder_ / "run", flow_run(1), 65'536);
    writer.write(flow.events, 0, 1'000);
    writer.flush();
    const std::string directory = (folder_ / "run").string();
    const LoadResult first = load(directory);
    EXPECT_EQ(first.end, LoadResult::End::kUpToDate) << first.message;
    expect_equal(directory);
    EXPECT_EQ(cluster_->sql("SELECT complete FROM fermata.run_status"), "f");
    writer.write(flow.events, 1'000, flow.events.size());
    writer.close();
    const LoadResult second = load(directory);
    EXPECT_EQ(second.end, LoadResult::End::kComplete) << second.message;
    EXPECT_GT(second.loaded, 0u);
    expect_equal(directory);
}

TEST_F(LoaderOnPostgres, FollowsAJournalThatIsBeingWrittenAndKnowsItsLag) {
    OrderFlow flow;
    for (std::uint32_t i = 1; i <= 400; ++i) flow.order(i);
    const std::string directory = (folder_ / "run").string();
    LoaderThread loader(options(directory), database());
    std::this_thread::sleep_for(50ms);  // it waits for a journal that is not there yet
    FlowJournal writer(directory, flow_run(1), 65'536);
    for (std::size_t at = 0; at < flow.events.size(); at += 500) {
        writer.write(flow.events, at, 500);
        writer.flush();
        ASSERT_TRUE(wait_for([&] { return loader.status().records.load() >= at; }));
    }
    ASSERT_TRUE(wait_for([&] {
        return loader.status().lag_bytes.load() == 0 && loader.status().behind_since.load() == 0;
    }));
    writer.close();
    const auto result = loader.drain(20s);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->end, LoadResult::End::kComplete) << result->message;
    EXPECT_GT(loader.status().whole_segment.load(), 0u);
    expect_equal(directory);
}

TEST_F(LoaderOnPostgres, LoadsEveryBootOfARunThatCrashed) {
    OrderFlow flow;
    for (std::uint32_t i = 1; i <= 300; ++i) flow.order(i);
    const std::string directory = (folder_ / "run").string();
    LoaderThread loader(options(directory), database());
    FlowJournal writer(directory, flow_run(1));
    writer.write(flow.events, 0, 1'000);
    writer.flush();
    ASSERT_TRUE(wait_for([&] { return loader.status().records.load() >= 1'000; }));
    writer.crash_and_resume(directory, 1);
    writer.write(flow.events, 1'000, flow.events.size());
    writer.close();
    const auto result = loader.drain(20s);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->end, LoadResult::End::kComplete) << result->message;
    expect_equal(directory);
    EXPECT_EQ(cluster_->sql("SELECT string_agg(boot || ' ' || build, ', ' ORDER BY boot) FROM "
                            "fermata.run_boot"),
              "1 fermata test, 2 fermata test 2");
}

TEST_F(LoaderOnPostgres, LoadsTheRestAfterOldSegmentsWerePruned) {
    OrderFlow flow;
    for (std::uint32_t i = 1; i <= 600; ++i) flow.order(i);
    const std::string directory = (folder_ / "run").string();
    FlowJournal writer(directory, flow_run(1), 65'536);
    writer.write(flow.events, 0, 3'000);
    writer.flush();
    ASSERT_EQ(load(directory).end, LoadResult::End::kUpToDate);
    writer.write(flow.events, 3'000, flow.events.size());
    writer.close();
    std::filesystem::copy(directory, folder_ / "whole");
    for (int segment = 1; segment <= 3; ++segment) {
        std::filesystem::remove(directory + "/journal-00000" + std::to_string(segment) + ".fjl");
    }
    const LoadResult result = load(directory);
    EXPECT_EQ(result.end, LoadResult::End::kComplete) << result.message;
    expect_equal((folder_ / "whole").string());
}

TEST_F(LoaderOnPostgres, RefusesAJournalOfWhichUnloadedSegmentsAreGone) {
    OrderFlow flow;
    for (std::uint32_t i = 1; i <= 300; ++i) flow.order(i);
    const std::string directory = (folder_ / "run").string();
    FlowJournal writer(directory, flow_run(1), 65'536);
    writer.write(flow.events, 0, flow.events.size());
    writer.close();
    std::filesystem::remove(directory + "/journal-000001.fjl");
    const LoadResult result = load(directory);
    EXPECT_EQ(result.end, LoadResult::End::kDamaged);
    EXPECT_FALSE(result.message.empty());
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.event"), "0");
}

TEST_F(LoaderOnPostgres, KeepsSeveralRunsApart) {
    const std::string one = journal("one", 50, 1);
    const std::string two = journal("two", 60, 2, 1'000);
    ASSERT_EQ(load(one).end, LoadResult::End::kComplete);
    ASSERT_EQ(load(two).end, LoadResult::End::kComplete);
    expect_equal(one);
    expect_equal(two);
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.run"), "2");
}

TEST_F(LoaderOnPostgres, LetsNoSecondLoaderWorkOnTheSameRun) {
    const std::string directory = journal("run", 20);
    postgres::PostgresEventStore first(database(), database_vocabulary());
    JournalFollower follower(files_, directory, false);
    follower.start(0, {});
    ASSERT_EQ(follower.next(), JournalFollower::State::kRecord);
    ASSERT_TRUE(first.open(*follower.run()).ok());
    postgres::PostgresEventStore second(database(), database_vocabulary());
    const auto refused = second.open(*follower.run());
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, StoreErrorKind::kBusy);
    first.close();
    EXPECT_TRUE(wait_for([&] { return second.open(*follower.run()).ok(); }));
}

TEST_F(LoaderOnPostgres, ComparisonNamesWhatIsMissingSurplusOrChanged) {
    const std::string directory = journal("run", 100);
    ASSERT_EQ(load(directory).end, LoadResult::End::kComplete);
    const auto finds = [&](const std::string& sql, const std::string& message,
                           StoreDifference::Kind kind) {
        cluster_->sql(sql);
        const ComparisonResult result = compare(directory);
        ASSERT_TRUE(result.difference.has_value()) << sql << result.problem;
        EXPECT_EQ(result.difference->kind, kind);
        EXPECT_EQ(result.difference->message.find(message), 0u) << result.difference->message;
    };
    using Kind = StoreDifference::Kind;
    finds(
        "UPDATE fermata.event SET payload = set_byte(payload, 17, 255) WHERE stream = 1 AND "
        "position = 700",
        "table event: stream 1 position 700 differs from the journal in column payload",
        Kind::kDiffers);
    finds("UPDATE fermata.event SET feed_position = 9999 WHERE stream = 1 AND position = 650",
          "table event: stream 1 position 650 differs from the journal in column feed_position",
          Kind::kDiffers);
    finds("DELETE FROM fermata.event WHERE stream = 64 AND position = 200",
          "table event: stream 64 position 200 is in the journal", Kind::kMissing);
    finds(
        "UPDATE fermata.fills SET price = price + 0.000000001 WHERE position = (SELECT "
        "min(position) FROM fermata.fills WHERE position > 400)",
        "table fills: stream 1 position ", Kind::kDiffers);
    finds(
        "INSERT INTO fermata.alerts SELECT run_day, run_no, 20, ts, ts_ns, code, order_id, "
        "strategy, account, instrument, 1, 1 FROM fermata.alerts",
        "table fills: stream 1 position ", Kind::kDiffers);
    finds("DELETE FROM fermata.orders WHERE position = 1",
          "table orders: stream 1 position 1 is in the journal", Kind::kMissing);
}

TEST_F(LoaderOnPostgres, ComparisonFindsRecordsThatNoJournalHas) {
    const std::string directory = journal("run", 30);
    ASSERT_EQ(load(directory).end, LoadResult::End::kComplete);
    cluster_->sql(
        "INSERT INTO fermata.event SELECT run_day, run_no, 65, 1, ts, ts_ns, type, flags, source, "
        "instrument, cause, feed_position, crc, payload FROM fermata.event WHERE stream = 1 AND "
        "position = 1");
    const ComparisonResult result = compare(directory);
    ASSERT_TRUE(result.difference.has_value());
    EXPECT_EQ(result.difference->kind, StoreDifference::Kind::kSurplus);
    EXPECT_EQ(result.difference->message.find("table event: stream 65 position 1"), 0u);
}

}  // namespace
}  // namespace fermata::testing
