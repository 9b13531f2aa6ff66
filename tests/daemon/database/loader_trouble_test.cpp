// A store that can be reached and does not take the records: the loader gives up, or ends, and says
// why, once.

#include <gtest/gtest.h>

#include <mutex>
#include <stdexcept>

#include "tests/daemon/database/database_fixture.hpp"

namespace fermata::testing {
namespace {

/// The database behind a store that counts.
class CountingStore final : public EventStore {
public:
    explicit CountingStore(const postgres::ConnectOptions& options)
        : store_(options, database_vocabulary()) {}
    int opens = 0;

    Result<StoredPosition, StoreError> open(const RunDescription& run) override {
        ++opens;
        return store_.open(run);
    }
    Result<std::vector<StoredBatch>, StoreError> batches() override { return store_.batches(); }
    Status<StoreError> store(const RecordBatch& batch) override { return store_.store(batch); }
    Status<StoreError> finish(const std::string& hash) override { return store_.finish(hash); }
    void close() noexcept override { store_.close(); }
    Result<std::unique_ptr<StoreComparison>, StoreError> compare(
        const RunDescription& run, const ComparisonScope& scope) override {
        return store_.compare(run, scope);
    }
    std::string describe() const override { return store_.describe(); }

private:
    postgres::PostgresEventStore store_;
};

/// Has nothing, and cannot take anything.
class ThrowingStore final : public EventStore {
public:
    Result<StoredPosition, StoreError> open(const RunDescription&) override {
        return StoredPosition{};
    }
    Result<std::vector<StoredBatch>, StoreError> batches() override {
        return std::vector<StoredBatch>();
    }
    Status<StoreError> store(const RecordBatch&) override {
        throw std::runtime_error("out of everything");
    }
    Status<StoreError> finish(const std::string&) override { return Unit{}; }
    void close() noexcept override {}
    Result<std::unique_ptr<StoreComparison>, StoreError> compare(const RunDescription&,
                                                                 const ComparisonScope&) override {
        return Err{StoreError{}};
    }
    std::string describe() const override { return "nothing"; }
};

/// Journals without a database.
class LoaderThatThrows : public ::testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/fermata-journals.XXXXXX";
        ASSERT_NE(::mkdtemp(name), nullptr);
        folder_ = name;
        OrderFlow flow;
        flow.order(1);
        FlowJournal writer(folder_ / "run", flow_run(1));
        writer.write(flow.events, 0, flow.events.size());
        writer.close();
        options_.directory = (folder_ / "run").string();
        options_.retry_first = std::chrono::milliseconds(20);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    static void expect_growing_lag(const LoaderStatus& status) {
        EXPECT_EQ(status.state.load(), LoaderState::kEnded);
        EXPECT_GT(status.lag_age(std::chrono::steady_clock::now() + 1h), 59min);
    }

    std::filesystem::path folder_;
    LoaderOptions options_;
};

TEST_F(LoaderThatThrows, EndsAndSaysWhatItsStoreThrew) {
    PosixFileSystem files;
    ThrowingStore store;
    LoaderStatus status;
    std::vector<LoaderReport> reports;
    Loader loader(files, store, options_, status,
                  [&](const LoaderReport& report) { reports.push_back(report); });
    const LoadResult result = loader.run({});
    EXPECT_EQ(result.end, LoadResult::End::kFailed);
    EXPECT_EQ(result.message, "the loader failed: out of everything");
    ASSERT_FALSE(reports.empty());
    EXPECT_EQ(reports.back().kind, LoaderReport::Kind::kFailed);
    EXPECT_EQ(reports.back().trouble, StoreErrorKind::kFault);
    expect_growing_lag(status);
}

TEST_F(LoaderThatThrows, LetsNothingLeaveItsThread) {
    postgres::ConnectOptions nowhere;
    nowhere.database = "host=" + folder_.string() + " dbname=none";
    LoaderThread loader(options_, nowhere, [](const LoaderReport&) {
        throw std::runtime_error("the terminal is gone");
    });
    const auto result = loader.drain(20s);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->end, LoadResult::End::kFailed);
    EXPECT_NE(result->message.find("the terminal is gone"), std::string::npos);
    expect_growing_lag(loader.status());
}

class LoaderInTrouble : public DatabaseTest {
protected:
    /// Loads, for a minute at most: a loader that would go on for ever ends as kStopped.
    LoadResult load(const std::string& directory, EventStore& store,
                    std::chrono::milliseconds patience = 0ms) {
        LoaderOptions how = options(directory);
        how.patience = patience;
        reports_.clear();
        Loader loader(files_, store, how, status_,
                      [this](const LoaderReport& report) { reports_.push_back(report); });
        std::stop_source stop;
        std::mutex mutex;
        std::condition_variable_any wakes;
        std::jthread watch([&](const std::stop_token& ended) {
            std::unique_lock lock(mutex);
            wakes.wait_for(lock, ended, 15s, [] { return false; });
            stop.request_stop();
        });
        return loader.run(stop.get_token());
    }
    LoadResult load(const std::string& directory, std::chrono::milliseconds patience = 0ms) {
        CountingStore store(database());
        return load(directory, store, patience);
    }
    [[nodiscard]] std::size_t count(LoaderReport::Kind kind) const {
        std::size_t count = 0;
        for (const LoaderReport& report : reports_) count += report.kind == kind ? 1 : 0;
        return count;
    }

    LoaderStatus status_;
    std::vector<LoaderReport> reports_;
};

TEST_F(LoaderInTrouble, LosesItsPatienceWithADatabaseThatConnectsAndStoresNothing) {
    const std::string directory = journal("run", 300);
    cluster_->sql("REVOKE INSERT ON fermata.fills FROM fermata_writer");
    CountingStore store(database());
    const LoadResult result = load(directory, store, 1s);
    EXPECT_EQ(result.end, LoadResult::End::kGaveUp);
    EXPECT_NE(result.message.find("permission denied for table fills"), std::string::npos)
        << result.message;
    // Pauses of 20, 40, 80, 160 ms, then of 200 ms: 9 attempts fit into a second at most.
    EXPECT_LE(store.opens, 10);
    EXPECT_GE(store.opens, 2);
    EXPECT_EQ(count(LoaderReport::Kind::kConnected), 1U);
    EXPECT_EQ(count(LoaderReport::Kind::kTrouble), 1U);
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.event"), "0");
    // The end of the run is no other matter than its records.
    cluster_->sql(
        "GRANT INSERT ON fermata.fills TO fermata_writer; REVOKE INSERT ON fermata.run_end FROM "
        "fermata_writer");
    EXPECT_EQ(load(directory, 500ms).end, LoadResult::End::kGaveUp);
    EXPECT_EQ(count(LoaderReport::Kind::kTrouble), 1U);
}

TEST_F(LoaderInTrouble, SaysThatItWorksAgainWhenSomethingIsStored) {
    const std::string directory = journal("run", 300);
    cluster_->sql("REVOKE INSERT ON fermata.fills FROM fermata_writer");
    std::mutex mutex;
    std::vector<LoaderReport> reports;
    const auto reported = [&] {
        const std::lock_guard lock(mutex);
        return reports.size();
    };
    LoaderThread loader(options(directory), database(), [&](const LoaderReport& report) {
        const std::lock_guard lock(mutex);
        reports.push_back(report);
    });
    ASSERT_TRUE(wait_for([&] { return reported() >= 2; }));
    // Some attempts later there is still one report of each.
    const auto attempts = [&] {
        return std::stoi(
            cluster_->sql("SELECT sessions FROM pg_stat_database WHERE datname = "
                          "'fermata'"));
    };
    const int before = attempts();
    ASSERT_TRUE(wait_for([&] { return attempts() > before + 3; }));
    EXPECT_EQ(reported(), 2U);
    cluster_->sql("GRANT INSERT ON fermata.fills TO fermata_writer");
    const auto result = loader.drain(20s);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->end, LoadResult::End::kComplete) << result->message;
    ASSERT_EQ(reported(), 3U);
    EXPECT_EQ(reports[0].kind, LoaderReport::Kind::kConnected);
    EXPECT_EQ(reports[1].kind, LoaderReport::Kind::kTrouble);
    EXPECT_EQ(reports[1].trouble, StoreErrorKind::kRefused);
    EXPECT_EQ(reports[2].kind, LoaderReport::Kind::kConnected);
    expect_equal(directory);
}

TEST_F(LoaderInTrouble, RefusesStoredPositionsThatMakeNoSense) {
    const std::string directory = journal("run", 100);
    ASSERT_EQ(load(directory).end, LoadResult::End::kComplete);
    cluster_->sql("CREATE TABLE saved AS SELECT * FROM fermata.load_position");
    for (const std::string change :
         {"positions = '{1}'", "positions = '{NULL,1,1}'", "streams = '{NULL,NULL,NULL}'",
          "positions = '{1,-1,1}'", "streams = '{64,2,1}'", "streams = '{1,2,70000}'",
          "streams = '{}'", "digest = -1", "total = -5", "records = 0", "segment = 0", "byte = -1",
          "positions = '{1,1,1}'", "positions = '{9000,9000,9000}'"}) {
        cluster_->sql("UPDATE fermata.load_position SET " + change);
        const LoadResult result = load(directory);
        EXPECT_EQ(result.end, LoadResult::End::kFailed) << change;
        EXPECT_NE(result.message.find("load_position"), std::string::npos) << result.message;
        EXPECT_EQ(count(LoaderReport::Kind::kFailed), 1U) << change;
        EXPECT_EQ(count(LoaderReport::Kind::kTrouble), 0U) << change;
        const ComparisonResult compared = compare(directory);
        EXPECT_NE((compared.problem + (compared.difference ? compared.difference->message : ""))
                      .find("load_position"),
                  std::string::npos)
            << change;
        cluster_->sql(
            "TRUNCATE fermata.load_position; INSERT INTO fermata.load_position SELECT * FROM "
            "saved");
    }
    expect_equal(directory);
}

TEST_F(LoaderInTrouble, NamesARowThatNoBatchAccountsFor) {
    OrderFlow flow;
    for (std::uint32_t i = 1; i <= 100; ++i) flow.order(i);
    const std::string directory = (folder_ / "run").string();
    FlowJournal writer(directory, flow_run(1));
    writer.write(flow.events, 0, 450);
    writer.flush();
    ASSERT_EQ(load(directory).end, LoadResult::End::kUpToDate);
    writer.write(flow.events, 450, flow.events.size());
    writer.close();
    // Somebody put a record there that the loader has not come to yet.
    cluster_->sql(
        "INSERT INTO fermata.event SELECT run_day, run_no, stream, 461, ts, ts_ns, type, flags, "
        "source, instrument, cause, feed_position, crc, payload FROM fermata.event WHERE stream = "
        "1 AND position = 450");
    const LoadResult event = load(directory);
    EXPECT_EQ(event.end, LoadResult::End::kDiffers);
    EXPECT_EQ(event.message.find("table event: stream 1 position 461 is in the database already"),
              0U)
        << event.message;
    EXPECT_EQ(count(LoaderReport::Kind::kTrouble), 0U);
    cluster_->sql("DELETE FROM fermata.event WHERE stream = 1 AND position = 461");
    // The next order's request.
    std::size_t ask = 450;
    while (flow.events[ask].type != OrderEventType::kNewOrder) ++ask;
    const std::string position = std::to_string(ask + 1);
    cluster_->sql("INSERT INTO fermata.orders SELECT run_day, run_no, " +
                  std::to_string(flow.events[ask].data.new_order.order_id.value) + ", " + position +
                  ", ts, ts_ns, order_tag, strategy, account, venue, instrument, side, order_type, "
                  "time_in_force, quantity, price, stop_price, expires, feed_position FROM "
                  "fermata.orders LIMIT 1");
    const LoadResult order = load(directory);
    EXPECT_EQ(order.end, LoadResult::End::kDiffers);
    EXPECT_EQ(order.message.find("table orders: stream 1 position " + position), 0U)
        << order.message;
    cluster_->sql("DELETE FROM fermata.orders WHERE position = " + position);
    EXPECT_EQ(load(directory).end, LoadResult::End::kComplete);
    expect_equal(directory);
}

TEST_F(LoaderInTrouble, EndsAtATextThatPostgresqlCannotHold) {
    OrderFlow flow;
    flow.order(1);
    const auto refused = [&](const std::string& name, JournalManifest manifest) {
        FlowJournal writer(folder_ / name, flow_run(9), std::uint64_t{1} << 20, manifest);
        writer.write(flow.events, 0, flow.events.size());
        writer.close();
        const LoadResult result = load((folder_ / name).string());
        EXPECT_EQ(result.end, LoadResult::End::kFailed);
        EXPECT_EQ(reports_.size(), 1U) << "told once";
        EXPECT_EQ(reports_.back().kind, LoaderReport::Kind::kFailed);
        EXPECT_EQ(reports_.back().trouble, StoreErrorKind::kRejected);
        EXPECT_GT(status_.lag_age(std::chrono::steady_clock::now() + 1h), 59min);
        return result.message;
    };
    JournalManifest manifest = flow_manifest();
    manifest.instruments[1] = "S\xffY";
    EXPECT_EQ(refused("latin", manifest),
              "the run cannot be registered: its name of instrument 1 is not valid UTF-8 at byte "
              "2, which PostgreSQL cannot hold");
    manifest = flow_manifest();
    manifest.sources[0].name = std::string("quotes\0.csv", 11);
    EXPECT_EQ(refused("nul", manifest),
              "the run cannot be registered: its name of source 0 has a NUL byte at byte 7, which "
              "PostgreSQL cannot hold");
    // What only the server can judge.
    manifest = flow_manifest();
    manifest.parent = "no uuid";
    EXPECT_NE(refused("parent", manifest).find("[22P02]"), std::string::npos);
    EXPECT_EQ(cluster_->sql("SELECT count(*) FROM fermata.run"), "0");
}

TEST_F(LoaderInTrouble, NamesAStreamThatTheJournalLacks) {
    ASSERT_EQ(load(journal("run", 200)).end, LoadResult::End::kComplete);
    OrderFlow flow;
    for (std::uint32_t i = 1; i <= 200; ++i) flow.order(i);
    flow.others();
    FlowJournal other(folder_ / "other", flow_run(1));
    other.with_shard = false;
    other.write(flow.events, 0, flow.events.size());
    other.close();
    const LoadResult result = load((folder_ / "other").string());
    EXPECT_EQ(result.end, LoadResult::End::kDiffers);
    EXPECT_EQ(result.message.find("table event: stream 64 position 1 is "), 0U) << result.message;
}

}  // namespace
}  // namespace fermata::testing
