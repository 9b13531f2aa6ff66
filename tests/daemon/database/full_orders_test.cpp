// Rows of orders with all their terms, corrections, algorithms and routing.

#include "tests/daemon/database/database_fixture.hpp"

namespace fermata::testing {
namespace {

class FullOrders : public DatabaseTest {
protected:
    /// Loads a journal with OrderFlow::in_full and gives its folder.
    std::string loaded() {
        OrderFlow flow;
        flow.order(1);
        flow.in_full();
        FlowJournal writer(folder_ / "run", flow_run(1));
        writer.write(flow.events, 0, flow.events.size());
        writer.close();
        const std::string directory = (folder_ / "run").string();
        const LoadResult result = load(directory);
        EXPECT_EQ(result.end, LoadResult::End::kComplete) << result.message;
        return directory;
    }
    std::string one(const std::string& what) { return cluster_->sql("SELECT " + what); }
};

TEST_F(FullOrders, AreStoredWithEveryTermAndCompareEqual) {
    const std::string directory = loaded();
    expect_equal(directory);
    EXPECT_EQ(one("flags::text || ' ' || display_quantity || ' ' || offset_kind || ' ' || "
                  "offset_value || "
                  "' ' || (parent & 65535) || ' ' || link || ' ' || link_role || ' ' || order_type "
                  "FROM fermata.orders WHERE order_tag & 65535 = 8"),
              "{post_only,exit} 20.00000000 peg_primary -0.010000000 7 7 ouo PEGGED");
    EXPECT_EQ(one("count(*) FROM fermata.orders WHERE price IS NULL AND order_tag & 65535 = 8"),
              "1");
    // An order without any of it.
    EXPECT_EQ(
        one("concat_ws(' ', flags, display_quantity, offset_kind, offset_value, parent, link, "
            "link_role) FROM fermata.orders WHERE order_tag & 65535 = 1"),
        "{}");
    EXPECT_EQ(one("display_quantity || ' ' || offset_value FROM fermata.order_events WHERE event = "
                  "'replace_request'"),
              "10.00000000 0.020000000");
}

TEST_F(FullOrders, AnswersToQuestionsAreEventsAndNoVerdicts) {
    OrderFlow flow;
    flow.order(7);  // its seventh is denied
    const std::size_t before = flow.events.size();
    for (std::size_t n = 0; n < before; ++n) {
        if (flow.events[n].type != OrderEventType::kVerdict) continue;
        OrderEvent answer = flow.events[n];
        answer.seq = flow.events.back().seq + 1;
        answer.flags = 0;
        answer.data.verdict.order_id = ClientOrderId{};
        answer.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kPreview);
        flow.events.push_back(answer);
    }
    const std::size_t answers = flow.events.size() - before;
    ASSERT_GT(answers, 0u);
    FlowJournal writer(folder_ / "run", flow_run(1));
    writer.write(flow.events, 0, flow.events.size());
    writer.close();
    const std::string directory = (folder_ / "run").string();
    const LoadResult result = load(directory);
    EXPECT_EQ(result.end, LoadResult::End::kComplete) << result.message;
    expect_equal(directory);
    EXPECT_EQ(one("count(*) FROM fermata.event WHERE type = 10"), std::to_string(2 * answers));
    EXPECT_EQ(one("count(*) FROM fermata.verdicts"), std::to_string(answers));
    EXPECT_EQ(one("count(*) FROM fermata.verdicts WHERE request = 'preview'"), "0");
    EXPECT_EQ(one("count(*) FROM fermata.denied_orders"), "1");
}

TEST_F(FullOrders, CorrectionsNameTheFillAndWhatItReallyWas) {
    loaded();
    EXPECT_EQ(one("concat_ws(' ', exec_id, ref_exec_id, quantity, price, fee, fee_currency, "
                  "leaves_quantity) FROM fermata.corrections WHERE kind = 'bust'"),
              "12 9 100.00000000");
    EXPECT_EQ(one("concat_ws(' ', quantity, price, fee, fee_currency) FROM fermata.corrections "
                  "WHERE kind = 'correct'"),
              "30.00000000 187.400000000 -1.250000 0");
    EXPECT_EQ(one("kind FROM fermata.positions"), "correction");
}

TEST_F(FullOrders, AlgorithmsAndRoutesAreRowsOfTheirOwn) {
    loaded();
    EXPECT_EQ(one("concat_ws(' ', algorithm, action, quantity, price, begins, rate, slice, seed) "
                  "FROM fermata.algo_events"),
              "pov begin 1000.00000000 0.100000000 42");
    EXPECT_EQ(one("ends AT TIME ZONE 'UTC' FROM fermata.algo_events"), "2023-11-14 22:14:20");
    EXPECT_EQ(one("concat_ws(' ', filled, children, arrival, average, interval_vwap, "
                  "interval_twap, shortfall) FROM fermata.algo_reports"),
              "900.00000000 12 200.000000000 200.100000000 120.000000");
    // 0.1 / 200 = 5 basis points.
    EXPECT_EQ(one("strategy || ' ' || trim_scale(arrival_slippage_bp) FROM fermata.algorithms"),
              "rsi 5");
    EXPECT_EQ(
        one("concat_ws(' ', order_tag & 65535, parent & 65535, venue, price, fee, next_venue, "
            "next_cost, latency_ns) FROM fermata.routes"),
        "8 7 0 187.000000000 -0.002000000 120000");
}

TEST_F(FullOrders, AMigratedDatabaseHasTheNewTablesInTheMonthsThatExist) {
    cluster_->sql("DROP SCHEMA fermata CASCADE; DROP SCHEMA fermata_detached CASCADE");
    postgres::SchemaAdmin admin({.database = cluster_->conninfo()});
    admin.create_roles_and_schema();
    admin.migrate(database_vocabulary(), 4);
    admin.create_partitions({19'675}, 2);  // November and December 2023
    EXPECT_EQ(one("to_regclass('fermata.corrections_2023_11') IS NULL"), "t");
    admin.migrate(database_vocabulary());
    for (const std::string table : {"corrections", "algo_events", "algo_reports", "routes"}) {
        for (const std::string month : {"2023_11", "2023_12"}) {
            EXPECT_EQ(one("to_regclass('fermata." + table + "_" + month + "') IS NOT NULL"), "t")
                << table << month;
        }
    }
    expect_equal(loaded());
}

}  // namespace
}  // namespace fermata::testing
