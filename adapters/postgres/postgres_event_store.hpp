#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/connection.hpp"
#include "adapters/postgres/event_rows.hpp"
#include "adapters/postgres/vocabulary.hpp"
#include "core/port/event_store.hpp"

namespace fermata::postgres {

/// Stores runs in PostgreSQL: rows by COPY BINARY, and the position in the same transaction.
///
/// Connects as fermata_writer, which can insert and nothing else, whoever logs in. A lock that ends
/// with the connection keeps two loaders from the same run; the primary keys would stop them too.
/// Every error closes the connection.
class PostgresEventStore final : public EventStore {
public:
    /// `options.role` is set here. `vocabulary` outlives the store.
    PostgresEventStore(ConnectOptions options, const Vocabulary& vocabulary);

    [[nodiscard]] Result<StoredPosition, StoreError> open(const RunDescription& run) override;
    [[nodiscard]] Result<std::vector<StoredBatch>, StoreError> batches() override;
    [[nodiscard]] Status<StoreError> store(const RecordBatch& batch) override;
    [[nodiscard]] Status<StoreError> finish(const std::string& hash) override;
    void close() noexcept override;
    [[nodiscard]] Result<std::unique_ptr<StoreComparison>, StoreError> compare(
        const RunDescription& run, const ComparisonScope& scope) override;
    [[nodiscard]] std::string describe() const override;

private:
    using Values = std::vector<std::optional<std::string>>;
    [[nodiscard]] Result<Rows, StoreError> find_run(const RunDescription& run);
    [[nodiscard]] Status<StoreError> register_run(const RunDescription& run);
    [[nodiscard]] Status<StoreError> insert_run(const RunDescription& run);
    [[nodiscard]] Status<StoreError> take_lock();
    [[nodiscard]] Result<StoredPosition, StoreError> read_position();
    [[nodiscard]] Status<StoreError> copy(Table table, bool begins_transaction);
    [[nodiscard]] Status<StoreError> copy_events(const RecordBatch& batch);
    [[nodiscard]] Status<StoreError> end_copy(Table table, const RecordBatch& batch);
    [[nodiscard]] Status<StoreError> commit(const RecordBatch& batch,
                                            const StoredPosition& reached);
    template <class T>
    T closing(T result);

    ConnectOptions options_;
    const Vocabulary& vocabulary_;
    std::unique_ptr<Connection> connection_;
    std::string run_no_;  ///< As it stands in SQL.
    std::optional<EventRows> rows_;
    EventRows::Buffers buffers_;
    StoredPosition position_;
};

/// Compares a journal with every table. Connects as fermata_reader; for `records_only` as
/// fermata_writer, which sees `event` and the tables of the loader alone.
[[nodiscard]] Result<std::unique_ptr<StoreComparison>, StoreError> open_comparison(
    ConnectOptions options, const Vocabulary& vocabulary, const RunDescription& run,
    const ComparisonScope& scope);

}  // namespace fermata::postgres
