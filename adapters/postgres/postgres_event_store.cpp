#include "adapters/postgres/postgres_event_store.hpp"

#include <algorithm>
#include <utility>

#include "adapters/postgres/storable_text.hpp"
#include "adapters/postgres/stored_batches.hpp"
#include "core/base/assert.hpp"

namespace fermata::postgres {
namespace {

/// Rows are handed to libpq in pieces of about this size.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
/// First key of the advisory locks that loaders take; the second is the run's number.
constexpr const char* kLoadLock = "hashtext('fermata load')";

/// The hex digits of a run's id, which PostgreSQL takes as a uuid.
std::string uuid(const RunId& run) { return to_hex(run); }

Status<StoreError> not_storable(const std::string& what, const std::string& why) {
    return Err{StoreError{StoreErrorKind::kRejected, "the run cannot be registered: its " + what +
                                                         " " + why +
                                                         ", which PostgreSQL cannot hold"}};
}

/// Texts come from configurations and file names, so any bytes may be in them.
Status<StoreError> check_texts(const RunDescription& run) {
    const JournalManifest& m = run.manifest;
    std::vector<std::pair<std::string, std::string_view>> texts = {
        {"build", m.build},           {"configuration hash", m.configuration_hash},
        {"parent", m.parent},         {"calendars", m.calendars},
        {"time zones", m.time_zones}, {"folder", m.folder}};
    const auto add = [&](const std::string& kind, const std::vector<std::string>& names) {
        for (std::size_t id = 0; id < names.size(); ++id) {
            texts.emplace_back("name of " + kind + " " + std::to_string(id), names[id]);
        }
    };
    add("instrument", m.instruments);
    add("strategy", m.strategies);
    add("account", m.accounts);
    add("venue", m.venues);
    add("currency", m.currencies);
    for (std::size_t i = 0; i < m.sources.size(); ++i) {
        texts.emplace_back("name of source " + std::to_string(i), m.sources[i].name);
        texts.emplace_back("hash of source " + std::to_string(i), m.sources[i].hash);
    }
    for (const auto& [key, value] : m.other) {
        texts.emplace_back("unknown key", key);
        texts.emplace_back("value of an unknown key", value);
    }
    for (const auto& [what, text] : texts) {
        if (const auto why = why_not_storable(text)) return not_storable(what, *why);
    }
    if (const auto why = why_not_storable(run.configuration)) {
        return not_storable("configuration", *why);
    }
    return Unit{};
}

}  // namespace

PostgresEventStore::PostgresEventStore(ConnectOptions options, const Vocabulary& vocabulary)
    : options_(std::move(options)), vocabulary_(vocabulary) {
    options_.role = "fermata_writer";
}

std::string PostgresEventStore::describe() const { return describe_target(options_.database); }

void PostgresEventStore::close() noexcept { connection_.reset(); }

/// Hands on a result and closes the connection when it is an error.
template <class T>
T PostgresEventStore::closing(T result) {
    if (!result) close();
    return result;
}

Result<StoredPosition, StoreError> PostgresEventStore::open(const RunDescription& run) {
    close();
    auto opened = Connection::open(options_);
    if (!opened) return Err{opened.error()};
    connection_ = std::move(*opened);
    const std::string timeout = std::to_string(options_.answer_timeout.count());
    // A transaction of ours that nobody continues must not hold its lock for ever.
    auto settings =
        connection_->run("SET statement_timeout = " + timeout + "; SET lock_timeout = " + timeout +
                         "; SET idle_in_transaction_session_timeout = " + timeout +
                         "; SET search_path = fermata, pg_temp");
    if (!settings) return closing(Result<StoredPosition, StoreError>(Err{settings.error()}));
    if (auto checked = check_schema(*connection_); !checked) {
        return closing(Result<StoredPosition, StoreError>(Err{checked.error()}));
    }
    if (auto registered = register_run(run); !registered) {
        return closing(Result<StoredPosition, StoreError>(Err{registered.error()}));
    }
    if (auto locked = take_lock(); !locked) {
        return closing(Result<StoredPosition, StoreError>(Err{locked.error()}));
    }
    auto position = closing(read_position());
    if (position) position_ = *position;
    return position;
}

Result<Rows, StoreError> PostgresEventStore::find_run(const RunDescription& run) {
    return connection_->run(
        "SELECT r.run_no, r.run_day - date '1970-01-01', e.run_no IS NOT NULL, "
        "EXISTS (SELECT FROM run_boot b WHERE b.run_no = r.run_no AND b.boot = $2::integer) "
        "FROM run r LEFT JOIN run_end e ON e.run_no = r.run_no WHERE r.run_id = $1",
        Values{uuid(run.run), std::to_string(run.manifest.boot_epoch)});
}

Status<StoreError> PostgresEventStore::register_run(const RunDescription& run) {
    auto found = find_run(run);
    if (found && found->size() == 0) {
        if (auto inserted = insert_run(run); !inserted) return inserted;
        found = find_run(run);
    }
    if (!found) return Err{found.error()};
    if (found->size() != 1) {
        return Err{StoreError{StoreErrorKind::kRejected, "the run cannot be registered"}};
    }
    run_no_ = found->text(0, 0);
    const auto run_day = static_cast<std::int32_t>(found->integer(0, 1));
    rows_.emplace(run_day, static_cast<std::int32_t>(found->integer(0, 0)), vocabulary_);
    if (found->text(0, 2) == "t") return Unit{};  // complete: nothing will be written
    auto made = connection_->run("SELECT ensure_partitions(date '1970-01-01' + " +
                                 std::to_string(run_day) + ", 1)");
    if (!made) return Err{made.error()};
    if (found->text(0, 3) == "t") return Unit{};
    const std::string epoch = std::to_string(run.manifest.boot_epoch);
    if (const auto why = why_not_storable(run.manifest.build)) return not_storable("build", *why);
    auto boot = connection_->run(
        "INSERT INTO run_boot (run_no, boot, build) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        Values{run_no_, epoch, run.manifest.build});
    if (!boot) return Err{boot.error()};
    return Unit{};
}

/// The run with its names and sources, in one statement: all of it or nothing.
Status<StoreError> PostgresEventStore::insert_run(const RunDescription& run) {
    const JournalManifest& m = run.manifest;
    if (auto storable = check_texts(run); !storable) return storable;
    Values values = {uuid(run.run),
                     m.build,
                     m.configuration_hash,
                     run.configuration.empty() ? std::nullopt : std::optional(run.configuration),
                     to_text(m),
                     m.parent.empty() ? std::nullopt : std::optional(m.parent),
                     m.calendars,
                     m.time_zones,
                     std::string(name(m.schedule)),
                     std::string(name(m.market)),
                     std::to_string(m.shards),
                     std::to_string(m.start.ns),
                     m.folder};
    std::string sql =
        "WITH r AS (INSERT INTO run (run_id, build, configuration_hash, configuration, manifest, "
        "parent, calendars, time_zones, schedule, market, shards, start_ns, folder, start_ts) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::bigint, $13, "
        "timestamptz 'epoch' + floor($12::bigint / 1000.0)::bigint * interval '1 microsecond') "
        "ON CONFLICT (run_id) DO NOTHING RETURNING run_no)";
    const auto value = [&](std::string text) {
        values.emplace_back(std::move(text));
        return "$" + std::to_string(values.size());
    };
    std::string names;
    const auto add_names = [&](const char* kind, const std::vector<std::string>& list) {
        for (std::size_t id = 0; id < list.size(); ++id) {
            names += std::string(names.empty() ? "" : ", ") + "('" + kind + "', " +
                     std::to_string(id) + ", " + value(list[id]) + "::text)";
        }
    };
    add_names("instrument", m.instruments);
    add_names("strategy", m.strategies);
    add_names("account", m.accounts);
    add_names("venue", m.venues);
    add_names("currency", m.currencies);
    std::string sources;
    for (std::size_t i = 0; i < m.sources.size(); ++i) {
        const std::string source = value(m.sources[i].name);
        sources += std::string(sources.empty() ? "" : ", ") + "(" + std::to_string(i) + ", " +
                   source + "::text, " + value(m.sources[i].hash) + "::text)";
    }
    if (!names.empty()) {
        sql +=
            ", n AS (INSERT INTO run_name SELECT r.run_no, v.kind, v.id, v.name FROM r, (VALUES " +
            names + ") AS v (kind, id, name))";
    }
    if (!sources.empty()) {
        sql +=
            ", s AS (INSERT INTO run_source SELECT r.run_no, v.source_no, v.name, v.hash FROM "
            "r, (VALUES " +
            sources + ") AS v (source_no, name, hash))";
    }
    auto inserted = connection_->run(sql + " SELECT run_no FROM r", values);
    if (!inserted) {
        StoreError error = inserted.error();
        error.message = "the run cannot be registered: " + error.message;
        return Err{std::move(error)};
    }
    return Unit{};
}

Status<StoreError> PostgresEventStore::take_lock() {
    auto locked = connection_->run(std::string("SELECT pg_try_advisory_lock(") + kLoadLock + ", " +
                                   run_no_ + ")");
    if (!locked) return Err{locked.error()};
    if (locked->text(0, 0) == "t") return Unit{};
    return Err{StoreError{StoreErrorKind::kBusy, "another loader is at work on this run"}};
}

Result<StoredPosition, StoreError> PostgresEventStore::read_position() {
    auto batches = read_batches(*connection_, run_no_, true);
    if (!batches) return Err{batches.error()};
    StoredPosition position;
    if (!batches->empty()) {
        StoredBatch& last = batches->back();
        position.batches = last.number;
        position.records = last.total;
        position.segment = last.segment;
        position.offset = last.offset;
        position.streams = std::move(last.streams);
    }
    auto ended = connection_->run("SELECT FROM run_end WHERE run_no = " + run_no_);
    if (!ended) return Err{ended.error()};
    position.complete = ended->size() == 1;
    return position;
}

Result<std::vector<StoredBatch>, StoreError> PostgresEventStore::batches() {
    FERMATA_ASSERT(connection_ != nullptr);
    return closing(read_batches(*connection_, run_no_));
}

Status<StoreError> PostgresEventStore::copy(Table table, bool begins_transaction) {
    const TableLayout& to = layout(table);
    std::string sql = begins_transaction ? "BEGIN; COPY " : "COPY ";
    sql.append(to.name).append(" (").append(to.columns).append(") FROM STDIN WITH (FORMAT binary)");
    if (auto begun = connection_->begin_copy(sql); !begun) return begun;
    return connection_->put(CopyRows::header());
}

Status<StoreError> PostgresEventStore::copy_events(const RecordBatch& batch) {
    FERMATA_ASSERT(rows_.has_value());
    CopyRows& events = buffers_[static_cast<std::size_t>(Table::kEvent)];
    if (auto begun = copy(Table::kEvent, true); !begun) return begun;
    for (const StoredRecord& record : batch.records) {
        if (!rows_->add(record, buffers_)) {
            return Err{StoreError{StoreErrorKind::kRejected,
                                  "stream " + std::to_string(static_cast<unsigned>(record.stream)) +
                                      " position " + std::to_string(record.position) +
                                      " is no event that this build knows"}};
        }
        if (events.size() < kPieceBytes) continue;
        // The server works on this piece while the next one is made.
        if (auto put = connection_->put(events.data()); !put) return put;
        events.clear();
    }
    if (auto put = connection_->put(events.data()); !put) return put;
    if (auto put = connection_->put(CopyRows::trailer()); !put) return put;
    return end_copy(Table::kEvent, batch);
}

/// An error that the data is the cause of names the record.
Status<StoreError> PostgresEventStore::end_copy(Table table, const RecordBatch& batch) {
    auto ended = connection_->end_copy();
    if (ended || !connection_->failed_row()) return ended;
    StoreError error = ended.error();
    if (error.kind != StoreErrorKind::kExists && error.kind != StoreErrorKind::kRejected) {
        return ended;
    }
    std::size_t rows = 0;
    EventRows::Buffers one;
    for (const StoredRecord& record : batch.records) {
        for (CopyRows& buffer : one) buffer.clear();
        if (!rows_->add(record, one)) break;
        rows += one[static_cast<std::size_t>(table)].rows();
        if (rows < *connection_->failed_row()) continue;
        const bool exists = error.kind == StoreErrorKind::kExists;
        error.message = "table " + std::string(layout(table).name) + ": stream " +
                        std::to_string(static_cast<unsigned>(record.stream)) + " position " +
                        std::to_string(record.position) +
                        (exists ? " is in the database already" : ": " + error.message);
        break;
    }
    return Err{std::move(error)};
}

Status<StoreError> PostgresEventStore::store(const RecordBatch& batch) {
    FERMATA_ASSERT(connection_ != nullptr && !batch.records.empty());
    for (CopyRows& buffer : buffers_) buffer.clear();
    StoredPosition reached = position_;
    ++reached.batches;
    reached.records += batch.records.size();
    reached.segment = batch.segment;
    reached.offset = batch.offset;
    for (const StoredRecord& record : batch.records) {
        std::uint64_t& last = reached.streams[record.stream];
        FERMATA_ASSERT(record.position == last + 1 || last == 0);
        last = record.position;
    }
    if (auto copied = copy_events(batch); !copied) return closing(std::move(copied));
    for (std::size_t i = 1; i < kTableCount; ++i) {
        if (buffers_[i].rows() == 0) continue;
        if (auto begun = copy(static_cast<Table>(i), false); !begun) {
            return closing(std::move(begun));
        }
        if (auto put = connection_->put(buffers_[i].data()); !put) return closing(std::move(put));
        if (auto put = connection_->put(CopyRows::trailer()); !put) return closing(std::move(put));
        if (auto ended = end_copy(static_cast<Table>(i), batch); !ended) {
            return closing(std::move(ended));
        }
    }
    if (auto committed = commit(batch, reached); !committed) return closing(std::move(committed));
    position_ = std::move(reached);
    return Unit{};
}

Status<StoreError> PostgresEventStore::commit(const RecordBatch& batch,
                                              const StoredPosition& reached) {
    const std::string sql =
        "INSERT INTO load_position (run_no, batch, segment, byte, records, total, digest, streams, "
        "positions) VALUES (" +
        run_no_ + ", " + std::to_string(reached.batches) + ", " + std::to_string(reached.segment) +
        ", " + std::to_string(reached.offset) + ", " + std::to_string(batch.records.size()) + ", " +
        std::to_string(reached.records) + ", " + std::to_string(batch.digest) + ", '" +
        array_text(reached.streams, false) + "', '" + array_text(reached.streams, true) +
        "'); COMMIT";
    auto committed = connection_->run(sql);
    if (!committed) return Err{committed.error()};
    return Unit{};
}

Status<StoreError> PostgresEventStore::finish(const std::string& hash) {
    FERMATA_ASSERT(connection_ != nullptr);
    if (position_.complete) return Unit{};
    auto ended = closing(connection_->run(
        "INSERT INTO run_end (run_no, records, hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        Values{run_no_, std::to_string(position_.records),
               hash.empty() ? std::nullopt : std::optional(hash)}));
    if (!ended) return Err{ended.error()};
    position_.complete = true;
    return Unit{};
}

Result<std::unique_ptr<StoreComparison>, StoreError> PostgresEventStore::compare(
    const RunDescription& run, const ComparisonScope& scope) {
    return open_comparison(options_, vocabulary_, run, scope);
}

}  // namespace fermata::postgres
