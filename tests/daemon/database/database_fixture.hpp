#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/postgres/schema_admin.hpp"
#include "daemon/database/compare.hpp"
#include "daemon/database/loader_thread.hpp"
#include "daemon/database/vocabulary.hpp"
#include "tests/support/order_flow.hpp"
#include "tests/support/postgres_cluster.hpp"

namespace fermata::testing {

using namespace std::chrono_literals;

inline void initialise(const PostgresCluster& cluster) {
    postgres::SchemaAdmin admin({.database = cluster.conninfo()});
    admin.create_roles_and_schema();
    admin.migrate(database_vocabulary());
    cluster.sql("CREATE ROLE loader LOGIN; GRANT fermata_writer, fermata_reader TO loader");
}

/// A cluster with Fermata's schema, and a folder for journals.
class DatabaseTest : public ::testing::Test {
protected:
    void SetUp() override {
        FERMATA_NEEDS_POSTGRES();
        char name[] = "/tmp/fermata-journals.XXXXXX";
        ASSERT_NE(::mkdtemp(name), nullptr);
        folder_ = name;
        cluster_ = std::make_unique<PostgresCluster>(settings());
        initialise(*cluster_);
    }
    void TearDown() override {
        cluster_.reset();
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }
    virtual std::vector<std::string> settings() const { return {}; }

    /// A closed journal of so many orders.
    std::string journal(const std::string& name, std::uint32_t orders, std::uint8_t run = 1,
                        std::int64_t later = 0) {
        OrderFlow flow({1'700'000'000'123'456'789 + later});
        for (std::uint32_t i = 1; i <= orders; ++i) flow.order(i);
        flow.others();
        FlowJournal writer(folder_ / name, flow_run(run));
        writer.write(flow.events, 0, flow.events.size());
        writer.close();
        return (folder_ / name).string();
    }
    [[nodiscard]] postgres::ConnectOptions database() const {
        return database(cluster_->conninfo("loader"));
    }
    static postgres::ConnectOptions database(const std::string& conninfo) {
        postgres::ConnectOptions options;
        options.database = conninfo;
        options.connect_timeout = 2s;
        options.answer_timeout = 1'500ms;
        return options;
    }
    static LoaderOptions options(const std::string& directory) {
        LoaderOptions options;
        options.directory = directory;
        options.batch_records = 1'000;
        options.batch_interval = 20ms;
        options.poll_interval = 5ms;
        options.retry_first = 20ms;
        options.retry_max = 200ms;
        return options;
    }
    LoadResult load(const std::string& directory) {
        postgres::PostgresEventStore store(database(), database_vocabulary());
        LoaderStatus status;
        LoaderOptions how = options(directory);
        how.patience = 5s;
        return Loader(files_, store, how, status).run({});
    }
    [[nodiscard]] ComparisonResult compare(const std::string& directory) {
        return compare_at(directory, database());
    }
    [[nodiscard]] ComparisonResult compare_at(const std::string& directory,
                                              const postgres::ConnectOptions& where) {
        postgres::PostgresEventStore store(where, database_vocabulary());
        return compare_with_database(files_, directory, store);
    }
    void expect_equal(const std::string& directory) {
        const ComparisonResult result = compare(directory);
        EXPECT_TRUE(result.equal())
            << (result.difference ? result.difference->message : "") << result.problem;
        EXPECT_GT(result.records, 0u);
        // What the comparison cannot see: rows of streams or runs that nobody wrote.
        EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.event"),
                  cluster_->sql("SELECT sum(records) FROM fermata.load_position"));
    }
    template <class Condition>
    static bool wait_for(Condition condition, std::chrono::milliseconds patience = 20s) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(2ms);
        }
        return true;
    }

    PosixFileSystem files_;
    std::filesystem::path folder_;
    std::unique_ptr<PostgresCluster> cluster_;
};

}  // namespace fermata::testing
