#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>

#include "tests/daemon/database/database_fixture.hpp"
#include "tests/support/fault_proxy.hpp"

/// What may befall a database in the middle of the day. After each, the database equals the
/// journal record by record: nothing is lost, nothing doubled.

namespace fermata::testing {
namespace {

constexpr std::uint32_t kOrders = 5'000;  // some 60,000 records, 60 batches

class LoaderInChaos : public DatabaseTest {
protected:
    /// A loader whose reports are kept.
    class Running {
    public:
        Running(const LoaderOptions& options, const postgres::ConnectOptions& database)
            : thread_(options, database, [this](const LoaderReport& report) {
                  const std::lock_guard lock(mutex_);
                  reports_.push_back(report);
              }) {}
        [[nodiscard]] std::uint64_t records() const { return thread_.status().records.load(); }
        [[nodiscard]] const LoaderStatus& status() const { return thread_.status(); }
        [[nodiscard]] bool reported(StoreErrorKind kind) {
            const std::lock_guard lock(mutex_);
            return std::any_of(reports_.begin(), reports_.end(), [kind](const LoaderReport& r) {
                return r.kind == LoaderReport::Kind::kTrouble && r.trouble == kind;
            });
        }
        [[nodiscard]] std::size_t troubles() {
            const std::lock_guard lock(mutex_);
            return static_cast<std::size_t>(std::count_if(
                reports_.begin(), reports_.end(),
                [](const LoaderReport& r) { return r.kind == LoaderReport::Kind::kTrouble; }));
        }
        void expect_complete() {
            const auto result = thread_.drain(40s);
            std::string log;
            {
                const std::lock_guard lock(mutex_);
                for (const LoaderReport& r : reports_) log += r.message + "\n";
            }
            ASSERT_TRUE(result.has_value()) << log;
            EXPECT_EQ(result->end, LoadResult::End::kComplete) << result->message << log;
        }

    private:
        std::mutex mutex_;
        std::vector<LoaderReport> reports_;
        LoaderThread thread_;  // last: it reports until it ends
    };

    /// Waits until the loader is in the middle of its work.
    void reach_the_middle(Running& loader, std::uint64_t records = 5'000) {
        ASSERT_TRUE(wait_for([&] { return loader.records() >= records; })) << cluster_->log();
    }
};

TEST_F(LoaderInChaos, SurvivesTheDeathOfTheServerInTheMiddleOfCopy) {
    const std::string directory = journal("run", kOrders);
    Running loader(options(directory), database());
    for (const std::uint64_t records : {5'000u, 15'000u, 30'000u}) {
        reach_the_middle(loader, records);
        cluster_->kill_server();
        ASSERT_TRUE(wait_for([&] { return loader.reported(StoreErrorKind::kUnavailable); }));
        cluster_->start();
    }
    loader.expect_complete();
    EXPECT_GE(loader.troubles(), 3u);
    expect_equal(directory);
}

TEST_F(LoaderInChaos, SurvivesTheDeathOfItsBackend) {
    const std::string directory = journal("run", kOrders);
    Running loader(options(directory), database());
    reach_the_middle(loader);
    const std::string pid = cluster_->sql(
        "SELECT pid FROM pg_stat_activity WHERE usename = 'loader' AND backend_type = 'client "
        "backend'");
    ASSERT_EQ(::kill(static_cast<pid_t>(std::stol(pid)), SIGKILL), 0);
    loader.expect_complete();
    EXPECT_GE(loader.troubles(), 1u);
    expect_equal(directory);
}

TEST_F(LoaderInChaos, SurvivesAServerThatStopsAndGoesOn) {
    const std::string directory = journal("run", kOrders);
    Running loader(options(directory), database());
    reach_the_middle(loader);
    cluster_->signal_all(SIGSTOP);
    // It gives the silent server up instead of waiting for ever, and the lag's age grows.
    EXPECT_TRUE(wait_for([&] { return loader.reported(StoreErrorKind::kUnavailable); }));
    EXPECT_TRUE(wait_for(
        [&] { return loader.status().lag_age(std::chrono::steady_clock::now()) > 500ms; }));
    EXPECT_GT(loader.status().lag_bytes.load(), 0u);
    cluster_->signal_all(SIGCONT);
    loader.expect_complete();
    expect_equal(directory);
}

TEST_F(LoaderInChaos, SurvivesAServerThatStopsAndDies) {
    const std::string directory = journal("run", kOrders);
    Running loader(options(directory), database());
    reach_the_middle(loader);
    cluster_->signal_all(SIGSTOP);
    EXPECT_TRUE(wait_for([&] { return loader.reported(StoreErrorKind::kUnavailable); }));
    cluster_->kill_server();
    cluster_->start();
    loader.expect_complete();
    expect_equal(directory);
}

TEST_F(LoaderInChaos, SurvivesConnectionsThatAreCut) {
    const std::string directory = journal("run", kOrders);
    FaultProxy proxy(cluster_->socket_file());
    Running loader(options(directory),
                   database("host=127.0.0.1 port=" + std::to_string(proxy.port()) +
                            " user=loader dbname=fermata"));
    // At places that fall into COPY, between statements, and into the handshake.
    for (const std::uint64_t bytes : {700'000u, 40u, 123'457u, 2'000'001u, 5u}) {
        const int before = proxy.cuts();
        proxy.cut_after(bytes);
        ASSERT_TRUE(wait_for([&] { return proxy.cuts() > before; }));
    }
    loader.expect_complete();
    EXPECT_GE(loader.troubles(), 1u);
    expect_equal(directory);
}

TEST_F(LoaderInChaos, SurvivesANetworkThatSwallowsEverything) {
    const std::string directory = journal("run", kOrders);
    FaultProxy proxy(cluster_->socket_file());
    Running loader(options(directory),
                   database("host=127.0.0.1 port=" + std::to_string(proxy.port()) +
                            " user=loader dbname=fermata"));
    reach_the_middle(loader);
    proxy.swallow(true);
    EXPECT_TRUE(wait_for([&] { return loader.reported(StoreErrorKind::kUnavailable); }));
    proxy.swallow(false);
    loader.expect_complete();
    expect_equal(directory);
}

TEST_F(LoaderInChaos, WaitsForAServerThatIsAbsentAtTheStart) {
    const std::string directory = journal("run", 500);
    cluster_->stop();
    Running loader(options(directory), database());
    EXPECT_TRUE(wait_for([&] { return loader.reported(StoreErrorKind::kUnavailable); }));
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(loader.troubles(), 1u) << "a state is reported once";
    cluster_->start();
    loader.expect_complete();
    expect_equal(directory);
}

TEST_F(LoaderInChaos, SurvivesARegularRestart) {
    const std::string directory = journal("run", kOrders);
    Running loader(options(directory), database());
    reach_the_middle(loader);
    cluster_->stop();
    cluster_->start();
    loader.expect_complete();
    expect_equal(directory);
}

TEST_F(LoaderInChaos, WaitsWhileTheDatabaseIsReadOnly) {
    const std::string directory = journal("run", kOrders);
    Running loader(options(directory), database());
    reach_the_middle(loader);
    cluster_->sql("ALTER SYSTEM SET default_transaction_read_only = on");
    cluster_->sql("SELECT pg_reload_conf()");
    EXPECT_TRUE(wait_for([&] { return loader.reported(StoreErrorKind::kReadOnly); }));
    auto admin = postgres::Connection::open(
        {.database = cluster_->conninfo() + " options='-c default_transaction_read_only=off'"});
    ASSERT_TRUE(admin.ok());
    ASSERT_TRUE((*admin)->run("ALTER SYSTEM RESET default_transaction_read_only").ok());
    ASSERT_TRUE((*admin)->run("SELECT pg_reload_conf()").ok());
    loader.expect_complete();
    expect_equal(directory);
}

TEST_F(LoaderInChaos, SaysThatTheSchemaIsAbsentAndGoesOnWhenItIsThere) {
    const std::string directory = journal("run", 200);
    cluster_->sql("CREATE DATABASE empty");
    Running loader(options(directory), database(cluster_->conninfo("loader", "empty")));
    EXPECT_TRUE(wait_for([&] { return loader.reported(StoreErrorKind::kSchema); }));
    postgres::SchemaAdmin admin({.database = cluster_->conninfo("postgres", "empty")});
    admin.create_roles_and_schema();
    admin.migrate(database_vocabulary());
    loader.expect_complete();
    EXPECT_TRUE(compare_at(directory, database(cluster_->conninfo("loader", "empty"))).equal());
}

TEST_F(LoaderInChaos, FindsThePromotedStandby) {
    const std::string directory = journal("run", kOrders);
    const auto standby = PostgresCluster::standby_of(*cluster_);
    const std::string both = "host=" + cluster_->socket_directory() + "," +
                             standby->socket_directory() +
                             " port=5432,5432 user=loader dbname=fermata "
                             "target_session_attrs=read-write";
    Running loader(options(directory), database(both));
    reach_the_middle(loader);
    cluster_->kill_server();
    // Now only the standby is there, which refuses to be written.
    EXPECT_TRUE(wait_for([&] { return loader.troubles() >= 1; }));
    standby->promote();
    loader.expect_complete();
    const ComparisonResult result = compare_at(directory, database(standby->conninfo("loader")));
    EXPECT_TRUE(result.equal()) << (result.difference ? result.difference->message : "")
                                << result.problem;
    EXPECT_EQ(standby->sql("SELECT count(*) FROM fermata.event"),
              standby->sql("SELECT sum(records) FROM fermata.load_position"));
}

TEST_F(LoaderInChaos, WaitsWhileTheTablespaceIsFull) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to mount a small file system";
    const std::filesystem::path small = std::filesystem::path(cluster_->directory()) / "small";
    std::filesystem::create_directory(small);
    const std::string mount = "mount -t tmpfs -o size=6m,mode=0777 none " + small.string();
    if (std::system(mount.c_str()) != 0) GTEST_SKIP() << "cannot mount a small file system";
    std::filesystem::create_directory(small / "space");
    ASSERT_EQ(std::system(("chown -R postgres " + small.string()).c_str()), 0);
    {
        cluster_->sql("CREATE TABLESPACE small LOCATION '" + (small / "space").string() + "'");
        cluster_->sql("GRANT CREATE ON TABLESPACE small TO fermata_owner");
        cluster_->sql("SELECT fermata.ensure_partitions(current_date, 1)");
        const std::string month =
            cluster_->sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')");
        cluster_->sql("ALTER TABLE fermata.event_" + month + " SET TABLESPACE small");
        const std::string directory = journal("run", kOrders);
        Running loader(options(directory), database());
        EXPECT_TRUE(wait_for([&] { return loader.reported(StoreErrorKind::kFull); }));
        ASSERT_EQ(std::system(("mount -o remount,size=200m " + small.string()).c_str()), 0);
        loader.expect_complete();
        expect_equal(directory);
        cluster_->kill_server();
    }
    EXPECT_EQ(std::system(("umount " + small.string()).c_str()), 0);
}

}  // namespace
}  // namespace fermata::testing
