// What `journal verify --database` and `journal retain --database` rest on.

#include <gtest/gtest.h>

#include "tests/daemon/database/database_fixture.hpp"

namespace fermata::testing {
namespace {

class DatabaseVerification : public DatabaseTest {
protected:
    /// A closed journal in many segments, loaded.
    std::string loaded_journal() {
        OrderFlow flow;
        for (std::uint32_t i = 1; i <= 250; ++i) flow.order(i);
        const std::string directory = (folder_ / "run").string();
        FlowJournal writer(directory, flow_run(1), 65'536);
        writer.write(flow.events, 0, flow.events.size());
        writer.close();
        const LoadResult result = load(directory);
        EXPECT_EQ(result.end, LoadResult::End::kComplete) << result.message;
        return directory;
    }
    static void prune(const std::string& directory, int segments) {
        for (int segment = 1; segment <= segments; ++segment) {
            std::filesystem::remove(directory + "/journal-00000" + std::to_string(segment) +
                                    ".fjl");
        }
    }
    std::string difference(const std::string& directory) {
        const ComparisonResult result = compare(directory);
        EXPECT_EQ(result.problem, "");
        return result.difference ? result.difference->message : "";
    }
    Result<std::uint64_t, std::string> held(const std::string& directory, std::uint64_t wanted) {
        postgres::PostgresEventStore store(database(), database_vocabulary());
        return records_held(files_, directory, store, wanted);
    }
};

TEST_F(DatabaseVerification, ComparesWhatIsLeftOfAPrunedJournal) {
    const std::string directory = loaded_journal();
    ASSERT_EQ(difference(directory), "");
    prune(directory, 3);
    ASSERT_EQ(difference(directory), "");
    EXPECT_GT(compare(directory).records, 1'000U);
    // Behind the part that is gone, everything is still seen.
    const auto finds = [&](const std::string& sql, const std::string& message) {
        cluster_->sql(sql);
        EXPECT_EQ(difference(directory).find(message), 0U) << difference(directory);
    };
    const auto finds_and_mends = [&](const std::string& sql, const std::string& message,
                                     const std::string& mend) {
        finds(sql, message);
        cluster_->sql(mend);
    };
    finds_and_mends(
        "INSERT INTO fermata.event SELECT run_day, run_no, 65, 1, ts, ts_ns, type, flags, source, "
        "instrument, cause, feed_position, crc, payload FROM fermata.event WHERE stream = 1 AND "
        "position = 1",
        "table event: stream 65 position 1 is not in the journal",
        "DELETE FROM fermata.event WHERE stream = 65");
    finds_and_mends(
        "INSERT INTO fermata.alerts SELECT run_day, run_no, 100000, ts, ts_ns, 'gap', NULL, NULL, "
        "NULL, 0, 0, 0 FROM fermata.event WHERE stream = 1 AND position = 1",
        "table alerts: stream 1 position 100000 is in the database and not in the journal",
        "DELETE FROM fermata.alerts");
    finds("DELETE FROM fermata.event WHERE stream = 1 AND position = 1900",
          "table event: stream 1 position 1900 is in the journal and not in the database");
    finds("DELETE FROM fermata.fills WHERE position > 1800", "table fills: stream 1 position 18");
}

TEST_F(DatabaseVerification, ComparesWhatTheDatabaseSaysAboutTheRun) {
    const std::string directory = loaded_journal();
    cluster_->sql("CREATE SCHEMA saved");
    const std::vector<std::string> tables = {"run",      "run_name", "run_source",
                                             "run_boot", "run_end",  "load_position"};
    for (const std::string& table : tables) {
        cluster_->sql("CREATE TABLE saved." + table + " AS SELECT * FROM fermata." + table);
    }
    const auto finds = [&](const std::string& sql, const std::string& message) {
        cluster_->sql(sql);
        const std::string found = difference(directory);
        EXPECT_EQ(found.find("table " + message), 0U) << sql << "\n" << found;
        std::string mend = "TRUNCATE fermata.run CASCADE";
        for (const std::string& table : tables) {
            mend += "; INSERT INTO fermata." + table +
                    (table == "run" ? " OVERRIDING SYSTEM VALUE" : "") + " SELECT * FROM saved." +
                    table;
        }
        cluster_->sql(mend);
    };
    const auto sets = [&](const std::string& column, const std::string& value) {
        finds("UPDATE fermata.run SET " + column + " = " + value, "run: column " + column);
    };
    sets("build", "'another'");
    sets("configuration_hash", "'sha256:01'");
    sets("configuration", "'run: {}'");
    sets("configuration", "NULL");
    sets("manifest", "manifest || 'more=1' || chr(10)");
    sets("manifest", "'nonsense'");
    sets("parent", "'00000000-0000-0000-0000-000000000001'");
    sets("calendars", "''");
    sets("time_zones", "'2024a'");
    sets("schedule", "'concurrent'");
    sets("market", "'reference'");
    sets("shards", "2");
    sets("start_ns", "start_ns + 1");
    sets("start_ts", "start_ts + interval '1 microsecond'");
    sets("folder", "'/'");
    finds("UPDATE fermata.run_name SET name = 'QQQ' WHERE kind = 'instrument' AND id = 0",
          "run_name: instrument 0 is \"QQQ\" in the database, \"SPY\" in the journal");
    finds("DELETE FROM fermata.run_name WHERE kind = 'venue'",
          "run_name: venue 0 is in the journal");
    finds("INSERT INTO fermata.run_name SELECT run_no, 'account', 1, 'mine' FROM fermata.run",
          "run_name: account 1 is in the database and not");
    finds("UPDATE fermata.run_source SET hash = 'sha256:12'", "run_source: source 0 is ");
    finds("DELETE FROM fermata.run_source", "run_source: source 0 is in the journal");
    finds("UPDATE fermata.run_boot SET build = 'another'", "run_boot: boot 1 is \"another\"");
    finds("DELETE FROM fermata.run_boot", "run_boot: boot 1 is in the journal");
    finds("INSERT INTO fermata.run_boot SELECT run_no, 2, 'x' FROM fermata.run",
          "run_boot: boot 2 is in the database and not");
    finds("UPDATE fermata.run_end SET hash = 'sha256:00'", "run_end: column hash");
    finds("UPDATE fermata.run_end SET records = records - 1", "run_end: column records");
    finds("DELETE FROM fermata.run_end", "run_end: the journal is closed");
    const auto batch = [&](const std::string& change, const std::string& message) {
        finds("UPDATE fermata.load_position SET " + change, "load_position: batch " + message);
    };
    batch("digest = digest # 1 WHERE batch = 2", "2 digest is ");
    batch("byte = byte + 8 WHERE batch = 3", "3 ends in segment ");
    batch("segment = segment + 1 WHERE batch = 3", "3 ends in segment ");
    batch("positions[2] = positions[2] + 1 WHERE batch = 1", "1 ends at position ");
    batch("total = total + 1 WHERE batch = 2", "2 total is ");
    finds("DELETE FROM fermata.load_position WHERE batch = 2", "load_position: batch 2 is missing");
    finds(
        "DELETE FROM fermata.load_position WHERE batch = (SELECT max(batch) FROM "
        "saved.load_position)",
        "load_position: batch ");
    ASSERT_EQ(difference(directory), "");
    // All of it is seen in a pruned journal too, except the digests of what is gone.
    prune(directory, 2);
    ASSERT_EQ(difference(directory), "");
    sets("build", "'another'");
    batch("digest = digest # 1 WHERE batch = (SELECT max(batch) FROM saved.load_position)", "");
    batch("total = total + 1 WHERE batch = 1", "1 total is ");
}

TEST_F(DatabaseVerification, CountsOnlyRecordsThatWereCompared) {
    OrderFlow flow;
    for (std::uint32_t i = 1; i <= 100; ++i) flow.order(i);
    const std::string directory = (folder_ / "run").string();
    FlowJournal writer(directory, flow_run(1));
    writer.write(flow.events, 0, 500);
    writer.flush();
    EXPECT_EQ(*held(directory, 5), 0U) << "the database does not know the run";
    ASSERT_EQ(load(directory).end, LoadResult::End::kUpToDate);
    writer.write(flow.events, 500, flow.events.size());
    writer.close();
    // 500 trading records, every fifth with a quote, and what the shard consumed of them.
    const std::uint64_t there = std::stoull(cluster_->sql("SELECT count(*) FROM fermata.event"));
    ASSERT_GT(there, 600U);
    EXPECT_EQ(*held(directory, 600), 600U);
    EXPECT_EQ(*held(directory, there + 50), there) << "the rest is not loaded yet";
    // Another journal of the same run has as many records and is no evidence for these.
    const std::string other = journal("other", 100, 1, 1'000);
    const auto compared = held(other, 10);
    ASSERT_FALSE(compared.ok());
    EXPECT_EQ(compared.error().find("table event: stream 1 position 1 differs"), 0U)
        << compared.error();
    // The count still says that it is there.
    cluster_->sql("DELETE FROM fermata.event WHERE stream = 1 AND position = 77");
    const auto deleted = held(directory, 600);
    ASSERT_FALSE(deleted.ok());
    EXPECT_EQ(deleted.error().find("table event: stream 1 position 77 is in the journal"), 0U)
        << deleted.error();
    EXPECT_EQ(*held(directory, 20), 20U) << "what is not asked about is not looked at";
}

}  // namespace
}  // namespace fermata::testing
