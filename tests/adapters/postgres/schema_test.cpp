#include <gtest/gtest.h>

#include <string>

#include "adapters/postgres/migrations.hpp"
#include "adapters/postgres/schema_admin.hpp"
#include "tests/support/postgres_cluster.hpp"

namespace fermata::postgres {
namespace {

using testing::PostgresCluster;

class Schema : public ::testing::Test {
protected:
    void SetUp() override {
        FERMATA_NEEDS_POSTGRES();
        cluster_ = std::make_unique<PostgresCluster>();
        vocabulary_.controls = {{"STATE", "trading state is ACTIVE"}, {"FIELD", "complete"}};
    }
    [[nodiscard]] std::unique_ptr<SchemaAdmin> admin() const {
        return std::make_unique<SchemaAdmin>(ConnectOptions{.database = cluster_->conninfo()});
    }
    void initialise() {
        admin()->create_roles_and_schema();
        admin()->migrate(vocabulary_);
    }
    /// The message of what an administrator's command throws; empty when it does not.
    template <class Work>
    std::string refusal(Work work) {
        try {
            work();
        } catch (const AdminError& e) {
            return e.what();
        }
        return {};
    }
    std::string as_writer(const std::string& sql) const {
        const auto done = cluster_->try_sql("SET ROLE fermata_writer; " + sql);
        return done ? "done" : done.error().message.substr(done.error().message.rfind('['));
    }

    std::unique_ptr<PostgresCluster> cluster_;
    Vocabulary vocabulary_;
};

TEST_F(Schema, InitialisesTwiceWithTheSameResult) {
    initialise();
    EXPECT_EQ(admin()->status().version, schema_version());
    admin()->create_roles_and_schema();
    EXPECT_EQ(admin()->migrate(vocabulary_), 0);
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.schema_migration"),
              std::to_string(migrations().size()));
    EXPECT_EQ(cluster_->sql("SELECT name FROM fermata.event_type WHERE type = 41"), "fill");
    EXPECT_EQ(cluster_->sql("SELECT name FROM fermata.event_type WHERE type = 257"),
              "market_quote");
    EXPECT_EQ(cluster_->sql("SELECT code FROM fermata.control WHERE bit = 1"), "FIELD");
}

TEST_F(Schema, MigratesFromTheFirstVersion) {
    admin()->create_roles_and_schema();
    EXPECT_EQ(admin()->migrate(vocabulary_, 1), 1);
    EXPECT_EQ(admin()->status().version, 1);
    EXPECT_EQ(admin()->migrate(vocabulary_), static_cast<int>(migrations().size()) - 1);
    EXPECT_EQ(admin()->status().version, schema_version());
}

TEST_F(Schema, RefusesANewerDatabase) {
    initialise();
    cluster_->sql("INSERT INTO fermata.schema_migration VALUES (999, 'later', 'x')");
    EXPECT_NE(refusal([&] { admin()->migrate(vocabulary_); }).find("newer build"),
              std::string::npos);
}

TEST_F(Schema, RefusesAnAppliedMigrationOfAnotherForm) {
    initialise();
    cluster_->sql(
        "UPDATE fermata.schema_migration SET checksum = repeat('0', 64) WHERE version = 2");
    EXPECT_NE(refusal([&] { admin()->migrate(vocabulary_); }).find("another form"),
              std::string::npos);
}

TEST_F(Schema, SaysThatItWasNeverInitialised) {
    EXPECT_NE(refusal([&] { admin()->migrate(vocabulary_); }).find("fermata db init"),
              std::string::npos);
    EXPECT_EQ(admin()->status().version, 0);
}

TEST_F(Schema, CommentsEveryTableColumnViewAndFunction) {
    initialise();
    EXPECT_EQ(
        cluster_->sql("SELECT coalesce(string_agg(c.relname, ' '), '') FROM pg_class c WHERE "
                      "c.relnamespace = 'fermata'::regnamespace AND c.relkind IN ('r', 'p', 'v') "
                      "AND NOT c.relispartition AND obj_description(c.oid) IS NULL"),
        "");
    EXPECT_EQ(
        cluster_->sql(
            "SELECT coalesce(string_agg(c.relname || '.' || a.attname, ' '), '') FROM pg_class "
            "c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
            "a.attisdropped WHERE c.relnamespace = 'fermata'::regnamespace AND c.relkind IN "
            "('r', 'p') AND NOT c.relispartition AND col_description(c.oid, a.attnum) IS NULL"),
        "");
    EXPECT_EQ(
        cluster_->sql("SELECT coalesce(string_agg(p.proname, ' '), '') FROM pg_proc p WHERE "
                      "p.pronamespace = 'fermata'::regnamespace AND obj_description(p.oid) IS "
                      "NULL"),
        "");
    EXPECT_EQ(cluster_->sql("SELECT count(*) > 15 FROM pg_class c WHERE c.relnamespace = "
                            "'fermata'::regnamespace AND c.relkind IN ('r', 'p') AND NOT "
                            "c.relispartition"),
              "t");
    EXPECT_NE(cluster_
                  ->sql("SELECT col_description('fermata.alerts'::regclass, attnum) FROM "
                        "pg_attribute WHERE attrelid = 'fermata.alerts'::regclass AND "
                        "attname = 'code'")
                  .find("record_lag"),
              std::string::npos);
}

TEST_F(Schema, LetsTheWriterInsertAndNothingElse) {
    initialise();
    admin()->create_partitions({20'000}, 1);  // October 2024
    const std::string row =
        "INSERT INTO fermata.control_actions VALUES ('2024-10-05', 1, 1, now(), 0, 'firm', 0, "
        "'HALTED', true, 'operator')";
    EXPECT_EQ(as_writer(row), "done");
    for (const std::string table :
         {"event", "orders", "order_events", "fills", "verdicts", "control_actions", "positions",
          "equity", "alerts", "run", "run_name", "run_source", "run_boot", "run_end",
          "load_position"}) {
        EXPECT_EQ(as_writer("DELETE FROM fermata." + table), "[42501]") << table;
        EXPECT_EQ(as_writer("TRUNCATE fermata." + table), "[42501]") << table;
        EXPECT_EQ(as_writer("DROP TABLE fermata." + table), "[42501]") << table;
        EXPECT_EQ(as_writer("UPDATE fermata." + table + " SET run_no = DEFAULT"), "[42501]")
            << table;
        EXPECT_EQ(as_writer("ALTER TABLE fermata." + table + " ADD x integer"), "[42501]") << table;
    }
    EXPECT_EQ(as_writer("DELETE FROM fermata.control_actions_2024_10"), "[42501]");
    EXPECT_EQ(as_writer("CREATE TABLE fermata.mine (x integer)"), "[42501]");
    EXPECT_EQ(as_writer("INSERT INTO fermata.schema_migration VALUES (9, 'x', 'x')"), "[42501]");
    EXPECT_EQ(as_writer("SELECT count(*) FROM fermata.fills"), "[42501]");
    EXPECT_EQ(as_writer("SELECT fermata.ensure_partitions('2030-01-01', 1)"), "done");
}

TEST_F(Schema, MakesPartitionsOnlyForMonthsThatRecordsCanHave) {
    initialise();
    const auto asked = [&](const std::string& arguments) {
        return as_writer("SELECT fermata.ensure_partitions(" + arguments + ")");
    };
    EXPECT_EQ(asked("'1970-01-01', 1"), "done");
    EXPECT_EQ(asked("'2262-04-11', 1"), "done");
    EXPECT_EQ(asked("'2262-03-31', 2"), "done");
    for (const std::string outside :
         {"'0001-01-01', 1", "'1969-12-31', 1", "'0044-03-15 BC', 1", "'2262-05-01', 1",
          "'2262-04-01', 2", "'9999-12-31', 1", "'infinity', 1", "'-infinity', 1", "NULL, 1"}) {
        EXPECT_EQ(asked(outside), "[22008]") << outside;
    }
    EXPECT_EQ(asked("'2030-01-01', 121"), "[22003]");
    EXPECT_EQ(asked("'2030-01-01', NULL"), "[22003]");
    // Two months of 2262 and one of 1970, thirteen tables each.
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.partition"), "39");
}

TEST_F(Schema, LetsTheReaderReadAndNothingElse) {
    initialise();
    const auto as_reader = [&](const std::string& sql) {
        return cluster_->try_sql("SET ROLE fermata_reader; " + sql).ok();
    };
    EXPECT_TRUE(as_reader("SELECT count(*) FROM fermata.event"));
    EXPECT_TRUE(as_reader("SELECT count(*) FROM fermata.open_orders"));
    EXPECT_TRUE(as_reader("SELECT count(*) FROM fermata.around(now())"));
    EXPECT_FALSE(as_reader("DELETE FROM fermata.event"));
    EXPECT_FALSE(as_reader("INSERT INTO fermata.control VALUES (60, 'X', 'x')"));
    EXPECT_FALSE(as_reader("SELECT fermata.ensure_partitions('2030-01-01', 1)"));
}

TEST_F(Schema, DetachesOnlyMonthsWhoseRunsAreComplete) {
    initialise();
    admin()->create_partitions({20'000}, 2);  // October and November 2024
    cluster_->sql(
        "INSERT INTO fermata.run (run_id, run_day, build, configuration_hash, manifest, calendars, "
        "time_zones, schedule, market, shards, start_ts, start_ns, folder) VALUES "
        "('00000000-0000-0000-0000-000000000001', '2024-10-05', '', '', '', '', '', '', '', 1, "
        "now(), 0, '')");
    const Date later{20'100};
    EXPECT_NE(refusal([&] { admin()->detach_before(later); }).find("not loaded to their end"),
              std::string::npos);
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.detached_partition"), "0");
    cluster_->sql("INSERT INTO fermata.run_end (run_no, records) VALUES (1, 0)");
    // 2024-11-05: October is over, November is not.
    EXPECT_EQ(admin()->detach_before({20'032}), std::vector<std::string>{"2024-10"});
    EXPECT_EQ(cluster_->sql("SELECT to_regclass('fermata.event_2024_10') IS NULL"), "t");
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata_detached.event_2024_10"), "0");
    EXPECT_EQ(cluster_->sql("SET ROLE fermata_reader; SELECT count(*) FROM "
                            "fermata_detached.event_2024_10"),
              "0");
    EXPECT_EQ(cluster_->sql("SELECT to_regclass('fermata.event_2024_11') IS NOT NULL"), "t");
    EXPECT_FALSE(cluster_->try_sql("SELECT fermata.ensure_partitions('2024-10-20', 1)").ok());
    EXPECT_EQ(admin()->status().detached, std::vector<std::string>{"2024-10"});
}

}  // namespace
}  // namespace fermata::postgres
