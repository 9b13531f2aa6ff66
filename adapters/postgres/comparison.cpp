#include <map>
#include <utility>

#include "adapters/postgres/postgres_event_store.hpp"
#include "adapters/postgres/run_comparison.hpp"
#include "adapters/postgres/stored_batches.hpp"
#include "core/base/assert.hpp"

namespace fermata::postgres {
namespace {

constexpr int kFetch = 2'000;

std::int32_t int4_at(const std::byte* at) {
    std::uint32_t v = 0;
    std::memcpy(&v, at, sizeof v);
    return static_cast<std::int32_t>(__builtin_bswap32(v));
}
std::int64_t read_int8(std::string_view bytes) {
    std::uint64_t v = 0;
    FERMATA_ASSERT(bytes.size() == sizeof v);
    bytes.copy(reinterpret_cast<char*>(&v), sizeof v);
    return static_cast<std::int64_t>(__builtin_bswap64(v));
}

/// The rows of one table in the order of their positions, a few thousand at a time.
class Cursor {
public:
    Cursor(Connection& connection, std::string name, Table table)
        : connection_(connection),
          name_(std::move(name)),
          table_(table),
          position_column_(layout(table).columns.starts_with("run_day, run_no, position") ? 2 : 3) {
    }

    [[nodiscard]] Status<StoreError> declare(const std::string& where) {
        auto declared = connection_.run("DECLARE " + name_ + " NO SCROLL CURSOR FOR SELECT " +
                                        std::string(layout(table_).columns) + " FROM fermata." +
                                        std::string(layout(table_).name) + " WHERE " + where +
                                        " ORDER BY position");
        if (!declared) return Err{declared.error()};
        return fetch();
    }
    [[nodiscard]] Table table() const noexcept { return table_; }
    [[nodiscard]] bool at_end() const { return row_ == rows_.size(); }
    [[nodiscard]] std::uint64_t position() const {
        return static_cast<std::uint64_t>(
            read_int8(rows_.value(row_, position_column_).value_or("")));
    }
    [[nodiscard]] Status<StoreError> advance() {
        if (++row_ < rows_.size() || rows_.size() < kFetch) return Unit{};
        return fetch();
    }
    /// The first column that differs from a row as CopyRows wrote it, or nullptr.
    [[nodiscard]] const char* difference(const CopyRows& expected) const {
        const std::byte* at = expected.data().data() + 2;
        for (int column = 0; column < rows_.columns(); ++column) {
            const std::int32_t length = int4_at(at);
            at += 4;
            const auto value = rows_.value(row_, column);
            if (length < 0) {
                if (value) return rows_.column_name(column);
                continue;
            }
            const std::string_view wanted(reinterpret_cast<const char*>(at),
                                          static_cast<std::size_t>(length));
            if (value != wanted) return rows_.column_name(column);
            at += length;
        }
        return nullptr;
    }

private:
    [[nodiscard]] Status<StoreError> fetch() {
        auto fetched =
            connection_.run("FETCH " + std::to_string(kFetch) + " FROM " + name_, {}, true);
        if (!fetched) return Err{fetched.error()};
        rows_ = std::move(*fetched);
        row_ = 0;
        return Unit{};
    }

    Connection& connection_;
    std::string name_;
    Table table_;
    int position_column_;
    Rows rows_{nullptr};
    int row_ = 0;
};

class Comparison final : public StoreComparison {
public:
    using Difference = Result<std::optional<StoreDifference>, StoreError>;

    Comparison(std::unique_ptr<Connection> connection, const Vocabulary& vocabulary,
               ComparisonScope scope)
        : connection_(std::move(connection)), vocabulary_(vocabulary), scope_(std::move(scope)) {}

    Status<StoreError> open(const RunDescription& run) {
        // One snapshot for all tables, whoever writes meanwhile.
        auto begun = connection_->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        if (!begun) return Err{begun.error()};
        if (auto checked = check_schema(*connection_); !checked) return checked;
        auto found = connection_->run(
            "SELECT r.run_no, r.run_day - date '1970-01-01', r.run_day, EXISTS (SELECT FROM "
            "fermata.detached_partition d WHERE d.month = date_trunc('month', r.run_day)) "
            "FROM fermata.run r WHERE r.run_id = $1",
            std::vector<std::optional<std::string>>{to_hex(run.run)});
        if (!found) return Err{found.error()};
        if (found->size() == 0) return Unit{};  // everything will be missing
        if (found->text(0, 3) == "t") {
            return Err{StoreError{StoreErrorKind::kRejected,
                                  "the rows of this run were detached (schema fermata_detached): "
                                  "attach them again to compare"}};
        }
        rows_.emplace(static_cast<std::int32_t>(found->integer(0, 1)),
                      static_cast<std::int32_t>(found->integer(0, 0)), vocabulary_);
        run_no_ = found->text(0, 0);
        where_ = "run_day = '" + found->text(0, 2) + "' AND run_no = " + run_no_;
        return Unit{};
    }

    Result<std::vector<StoredBatch>, StoreError> batches() override {
        if (!rows_) return std::vector<StoredBatch>();
        return read_batches(*connection_, run_no_);
    }

    Difference compare_run(const RunFacts& facts) override {
        if (rows_) return postgres::compare_run(*connection_, run_no_, facts);
        return std::optional(StoreDifference{
            StoreDifference::Kind::kMissing, JournalStream::kControl, 0,
            "table run: run " + to_hex(facts.boots.begin()->second.run) + " is not there"});
    }

    Difference compare(const StoredRecord& record) override {
        if (!rows_) return missing(Table::kEvent, record.stream, record.position);
        if (record.stream == JournalStream::kTrading) {
            if (auto opened = open_typed(record.position - 1); !opened) return Err{opened.error()};
        }
        auto cursor = events_of(record.stream, record.position - 1);
        if (!cursor) return Err{cursor.error()};
        for (CopyRows& buffer : expected_) buffer.clear();
        if (!rows_->add(record, expected_)) {
            return Err{StoreError{StoreErrorKind::kRejected,
                                  "position " + std::to_string(record.position) +
                                      " of the journal is no event that this build knows"}};
        }
        auto difference = compare(**cursor, record, expected_[0]);
        if (!difference || *difference) return difference;
        for (const auto& typed : typed_) {
            const CopyRows& rows = expected_[static_cast<std::size_t>(typed->table())];
            if (rows.rows() == 0) continue;
            difference = compare(*typed, record, rows);
            if (!difference || *difference) return difference;
        }
        return difference;
    }

    Difference finish() override {
        std::optional<StoreDifference> none;
        if (!rows_) return none;
        // Of a stream without a record that was given, all that the loader put on record may have
        // been pruned; nothing can be there behind that.
        StreamPositions loaded = scope_.after;
        if (scope_.from_given) {
            auto last = read_batches(*connection_, run_no_, true);
            if (!last) return Err{last.error()};
            if (!last->empty()) loaded = last->back().streams;
        }
        if (auto opened = open_typed(loaded[JournalStream::kTrading]); !opened) {
            return Err{opened.error()};
        }
        for (const auto& [stream, cursor] : events_) {
            if (!cursor->at_end()) return surplus(*cursor, stream);
        }
        for (const auto& typed : typed_) {
            if (!typed->at_end()) return surplus(*typed, JournalStream::kTrading);
        }
        return other_streams(loaded);
    }

private:
    /// Where a stream begins, `given` being the position before its first record that was given.
    [[nodiscard]] std::uint64_t begin_of(JournalStream stream, std::uint64_t given) const {
        if (scope_.from_given) return given;
        const auto after = scope_.after.find(stream);
        return after == scope_.after.end() ? 0 : after->second;
    }

    [[nodiscard]] Status<StoreError> open_typed(std::uint64_t given) {
        if (typed_open_ || scope_.records_only) return Unit{};
        typed_open_ = true;
        const std::string behind =
            " AND position > " + std::to_string(begin_of(JournalStream::kTrading, given));
        for (std::size_t i = 1; i < kTableCount; ++i) {
            const auto table = static_cast<Table>(i);
            typed_.push_back(std::make_unique<Cursor>(
                *connection_, "c_" + std::string(layout(table).name), table));
            if (auto declared = typed_.back()->declare(where_ + behind); !declared) return declared;
        }
        return Unit{};
    }

    [[nodiscard]] Result<Cursor*, StoreError> events_of(JournalStream stream, std::uint64_t given) {
        auto& cursor = events_[stream];
        if (cursor) return cursor.get();
        const std::string number = std::to_string(static_cast<unsigned>(stream));
        cursor = std::make_unique<Cursor>(*connection_, "c_event_" + number, Table::kEvent);
        auto declared = cursor->declare(where_ + " AND stream = " + number + " AND position > " +
                                        std::to_string(begin_of(stream, given)));
        if (!declared) return Err{declared.error()};
        return cursor.get();
    }

    Difference compare(Cursor& cursor, const StoredRecord& record, const CopyRows& expected) {
        if (cursor.at_end() || cursor.position() > record.position) {
            return missing(cursor.table(), record.stream, record.position);
        }
        if (cursor.position() < record.position) return surplus(cursor, record.stream);
        if (const char* column = cursor.difference(expected)) {
            return found(StoreDifference::Kind::kDiffers, cursor.table(), record.stream,
                         record.position,
                         "differs from the journal in column " + std::string(column));
        }
        if (auto advanced = cursor.advance(); !advanced) return Err{advanced.error()};
        return std::optional<StoreDifference>();
    }

    /// Streams of which no record was given, behind these positions.
    Difference other_streams(const StreamPositions& after) {
        std::string others;
        for (const auto& [stream, cursor] : events_) {
            others += " AND stream <> " + std::to_string(static_cast<unsigned>(stream));
        }
        for (const auto& [stream, last] : after) {
            others += " AND NOT (stream = " + std::to_string(static_cast<unsigned>(stream)) +
                      " AND position <= " + std::to_string(last) + ")";
        }
        auto rows = connection_->run("SELECT stream, position FROM fermata.event WHERE " + where_ +
                                     others + " ORDER BY stream, position LIMIT 1");
        if (!rows) return Err{rows.error()};
        if (rows->size() == 0) return std::optional<StoreDifference>();
        return found(StoreDifference::Kind::kSurplus, Table::kEvent,
                     static_cast<JournalStream>(rows->integer(0, 0)),
                     static_cast<std::uint64_t>(rows->integer(0, 1)), "is not in the journal");
    }

    static Difference missing(Table table, JournalStream stream, std::uint64_t position) {
        return found(StoreDifference::Kind::kMissing, table, stream, position,
                     "is in the journal and not in the database");
    }
    static Difference surplus(const Cursor& cursor, JournalStream stream) {
        return found(StoreDifference::Kind::kSurplus, cursor.table(), stream, cursor.position(),
                     "is in the database and not in the journal, or is there twice");
    }
    static Difference found(StoreDifference::Kind kind, Table table, JournalStream stream,
                            std::uint64_t position, const std::string& what) {
        return std::optional(
            StoreDifference{kind, stream, position,
                            "table " + std::string(layout(table).name) + ": stream " +
                                std::to_string(static_cast<unsigned>(stream)) + " position " +
                                std::to_string(position) + " " + what});
    }

    std::unique_ptr<Connection> connection_;
    const Vocabulary& vocabulary_;
    ComparisonScope scope_;
    std::optional<EventRows> rows_;  // nothing: the run is not in the database
    std::string run_no_;
    std::string where_;
    bool typed_open_ = false;
    std::map<JournalStream, std::unique_ptr<Cursor>> events_;
    std::vector<std::unique_ptr<Cursor>> typed_;
    EventRows::Buffers expected_;
};

}  // namespace

Result<std::unique_ptr<StoreComparison>, StoreError> open_comparison(ConnectOptions options,
                                                                     const Vocabulary& vocabulary,
                                                                     const RunDescription& run,
                                                                     const ComparisonScope& scope) {
    options.role = scope.records_only ? "fermata_writer" : "fermata_reader";
    auto connection = Connection::open(options);
    if (!connection) return Err{connection.error()};
    auto comparison = std::make_unique<Comparison>(std::move(*connection), vocabulary, scope);
    if (auto opened = comparison->open(run); !opened) return Err{opened.error()};
    return std::unique_ptr<StoreComparison>(std::move(comparison));
}

}  // namespace fermata::postgres
