/// The loader against a bare COPY BINARY of the same rows, and order flow with all typed tables.
///
///   tests/support/with_postgres.sh build/release/postgres_bench [RECORDS] [ORDERS]
///
/// Starts no server: PGHOST and so on say where one is, and the user must be able to create the
/// schema.

#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "adapters/openssl/openssl_hasher.hpp"
#include "adapters/postgres/event_rows.hpp"
#include "adapters/postgres/postgres_event_store.hpp"
#include "adapters/postgres/schema_admin.hpp"
#include "bench/support.hpp"
#include "core/journal/journal_writer.hpp"
#include "daemon/database/loader.hpp"
#include "daemon/database/vocabulary.hpp"

namespace fermata::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 10'000;

double seconds_since(Clock::time_point begun) {
    return std::chrono::duration<double>(Clock::now() - begun).count();
}

/// Of this thread, which is the client: the server's work is not in it.
double cpu_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

[[noreturn]] void fail(const std::string& message) {
    std::fprintf(stderr, "postgres_bench: %s\n", message.c_str());
    std::exit(1);
}

OrderEvent event(OrderEventType type, std::uint64_t seq) {
    OrderEvent e =
        make_order_event(type, {1'700'000'000'000'000'000 + static_cast<std::int64_t>(seq) * 5'000},
                         {static_cast<std::uint32_t>(seq % 500)});
    e.seq = seq;
    e.cause = make_cause(CauseKind::kTrading, seq - 1);
    e.feed_position = seq / 2;
    return e;
}

/// One order as the trading stage records it: asked, approved, sent, acknowledged, filled.
std::uint64_t append_order(JournalWriter& writer, std::uint32_t number, std::uint64_t seq) {
    const ClientOrderId id = make_client_order_id(20'000, 1, number);
    const OrderTag tag = make_order_tag({static_cast<std::uint16_t>(number % 8)}, number);
    const Quantity quantity = Quantity::from_units(number % 900 + 1);
    const Price price = Price::from_raw(187'250'000'000 - 10'000'000LL * (number % 777));
    const auto add = [&](const OrderEvent& e) {
        if (!writer.append(e).ok()) fail("cannot write the journal");
    };
    const auto update = [&](OrderState state, Quantity filled) {
        OrderEvent e = event(OrderEventType::kOrderUpdate, ++seq);
        OrderUpdateData& d = e.data.update;
        d = OrderUpdateData();
        d.tag = tag;
        d.order_id = id;
        d.quantity = quantity;
        d.cumulative_quantity = filled;
        d.leaves_quantity = quantity - filled;
        d.price = price;
        d.type = OrderType::kLimit;
        d.state = state;
        add(e);
    };
    const auto report = [&](ExecType type, Quantity filled) {
        OrderEvent e = event(OrderEventType::kExecution, ++seq);
        e.flags = kFlagInput;
        e.data.execution = ExecutionData();
        e.data.execution.order_id = id;
        e.data.execution.exec_id = {seq};
        e.data.execution.exec_type = type;
        e.data.execution.last_quantity = filled;
        e.data.execution.price = price;
        add(e);
    };
    OrderEvent ask = event(OrderEventType::kNewOrder, ++seq);
    ask.flags = kFlagInput;
    ask.data.new_order = NewOrderData();
    ask.data.new_order.tag = tag;
    ask.data.new_order.order_id = id;
    ask.data.new_order.price = price;
    ask.data.new_order.quantity = quantity;
    ask.data.new_order.type = OrderType::kLimit;
    add(ask);
    OrderEvent verdict = event(OrderEventType::kVerdict, ++seq);
    verdict.data.verdict = VerdictData();
    verdict.data.verdict.tag = tag;
    verdict.data.verdict.order_id = id;
    verdict.data.verdict.checked = 0x7'ffff;
    verdict.data.verdict.reference = price;
    verdict.data.verdict.equity = Money::from_units(1'000'000);
    verdict.data.verdict.approved = 1;
    verdict.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kNewOrder);
    add(verdict);
    update(OrderState::kPendingNew, {});
    OrderEvent send = event(OrderEventType::kSendNew, ++seq);
    send.data = ask.data;
    add(send);
    report(ExecType::kNew, {});
    update(OrderState::kNew, {});
    report(ExecType::kTrade, quantity);
    OrderEvent fill = event(OrderEventType::kFill, ++seq);
    fill.data.fill = FillData();
    fill.data.fill.tag = tag;
    fill.data.fill.order_id = id;
    fill.data.fill.exec_id = {seq};
    fill.data.fill.price = price;
    fill.data.fill.quantity = quantity;
    fill.data.fill.fee = Money::from_raw(1'250'000);
    fill.data.fill.cash_after = Money::from_raw(99'871'250'000);
    fill.data.fill.position_after = quantity;
    fill.data.fill.strategy_position_after = quantity;
    fill.data.fill.realized = Money::from_raw(5'125'000);
    add(fill);
    update(OrderState::kFilled, quantity);
    return seq;
}

RunId run_id(unsigned char number) {
    RunId run{};
    run[0] = std::byte{number};
    run[1] = static_cast<std::byte>(Clock::now().time_since_epoch().count() & 0xff);
    return run;
}

std::unique_ptr<JournalWriter> new_journal(FileSystem& files, const std::string& directory,
                                           const RunId& run) {
    JournalOptions options;
    options.directory = directory;
    options.durable = false;
    JournalManifest manifest;
    manifest.strategies = {"a", "b", "c", "d", "e", "f", "g", "h"};
    manifest.market = MarketRecord::kRecord;
    auto writer = JournalWriter::create(files, options, manifest, run, {});
    if (!writer) fail(writer.error().message);
    return std::move(*writer);
}

/// Both sides begin with empty tables: an index takes rows faster at its end than in its middle.
void empty_the_tables() {
    auto connection = postgres::Connection::open({});
    if (!connection) fail(connection.error().message);
    auto emptied = (*connection)
                       ->run(
                           "TRUNCATE fermata.event, fermata.orders, fermata.order_events, "
                           "fermata.fills, fermata.verdicts; CHECKPOINT");
    if (!emptied) fail(emptied.error().message);
}

/// Loads a journal; returns the seconds that it took, reading and checking included.
double load(FileSystem& files, const std::string& directory, std::uint64_t records) {
    postgres::PostgresEventStore store({}, database_vocabulary());
    LoaderStatus status;
    LoaderOptions options;
    options.directory = directory;
    options.batch_records = kBatch;
    options.batch_interval = std::chrono::seconds(10);
    options.patience = std::chrono::seconds(5);
    const auto begun = Clock::now();
    const LoadResult result = Loader(files, store, options, status).run({});
    const double seconds = seconds_since(begun);
    if (result.end != LoadResult::End::kComplete || result.loaded != records) fail(result.message);
    return seconds;
}

/// The same event rows, made beforehand, sent by COPY BINARY in transactions of the same size.
double bare_copy(const std::vector<std::vector<std::byte>>& batches) {
    auto connection = postgres::Connection::open({});
    if (!connection) fail(connection.error().message);
    const postgres::TableLayout& event = postgres::layout(postgres::Table::kEvent);
    const std::string copy = "BEGIN; COPY fermata." + std::string(event.name) + " (" +
                             std::string(event.columns) + ") FROM STDIN WITH (FORMAT binary)";
    const auto begun = Clock::now();
    for (const std::vector<std::byte>& rows : batches) {
        bool done = (*connection)->begin_copy(copy).ok() &&
                    (*connection)->put(postgres::CopyRows::header()).ok();
        for (std::size_t at = 0; done && at < rows.size(); at += std::size_t{256} << 10) {
            const auto piece = std::span(rows).subspan(at);
            done = (*connection)
                       ->put(piece.first(std::min(piece.size(), std::size_t{256} << 10)))
                       .ok();
        }
        done = done && (*connection)->put(postgres::CopyRows::trailer()).ok() &&
               (*connection)->end_copy().ok() && (*connection)->run("COMMIT").ok();
        if (!done) fail("the bare COPY failed");
    }
    return seconds_since(begun);
}

void against_bare_copy(const std::filesystem::path& folder, std::uint64_t records) {
    PosixFileSystem files;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const Date today{static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(now).count())};
    std::printf("%llu market events, batches of %zu\n", static_cast<unsigned long long>(records),
                kBatch);
    double best_ratio = 0;
    for (unsigned char round = 1; round <= 3; ++round) {
        const std::string directory = (folder / ("market" + std::to_string(round))).string();
        auto writer = new_journal(files, directory, run_id(round));
        // The bare rows belong to a run number that no run has.
        postgres::EventRows maker(today.days, 1'000'000 + round, database_vocabulary());
        auto buffers = std::make_unique<postgres::EventRows::Buffers>();
        std::vector<std::vector<std::byte>> batches;
        for (std::uint64_t seq = 1; seq <= records; ++seq) {
            MarketEvent quote = make_quote(
                {1'700'000'000'000'000'000 + static_cast<std::int64_t>(seq) * 1'000},
                {static_cast<std::uint32_t>(seq % 500)}, {1},
                {Price::from_raw(static_cast<std::int64_t>(seq)), Quantity::from_units(1),
                 Price::from_raw(static_cast<std::int64_t>(seq) + 1), Quantity::from_units(2)});
            quote.seq = seq;
            if (!writer->append(quote).ok()) fail("cannot write the journal");
            if (!maker.add({JournalStream::kFeed, seq, true, std::as_bytes(std::span(&quote, 1))},
                           *buffers)) {
                fail("no row");
            }
            postgres::CopyRows& rows = (*buffers)[0];
            if (rows.rows() == kBatch || seq == records) {
                batches.emplace_back(rows.data().begin(), rows.data().end());
                rows.clear();
            }
        }
        if (!writer->close()) fail("cannot close the journal");
        empty_the_tables();
        double before = cpu_seconds();
        const double bare = bare_copy(batches);
        const double bare_cpu = cpu_seconds() - before;
        empty_the_tables();
        before = cpu_seconds();
        const double loader = load(files, directory, records);
        const double loader_cpu = cpu_seconds() - before;
        best_ratio = std::max(best_ratio, bare / loader);
        const auto rows = static_cast<double>(records);
        std::printf(
            "  bare COPY BINARY %8.0f rows/s   loader %8.0f rows/s   ratio %.2f   client's "
            "processor time a row %.0f and %.0f ns\n",
            rows / bare, rows / loader, bare / loader, bare_cpu / rows * 1e9,
            loader_cpu / rows * 1e9);
    }
    std::printf("  best ratio %.2f\n", best_ratio);
}

void order_flow(const std::filesystem::path& folder, std::uint32_t orders) {
    PosixFileSystem files;
    for (unsigned char round = 1; round <= 3; ++round) {
        const std::string directory = (folder / ("orders" + std::to_string(round))).string();
        auto writer =
            new_journal(files, directory, run_id(static_cast<unsigned char>(100 + round)));
        std::uint64_t seq = 0;
        for (std::uint32_t n = 1; n <= orders; ++n) seq = append_order(*writer, n, seq);
        if (!writer->close()) fail("cannot close the journal");
        empty_the_tables();
        const double seconds = load(files, directory, seq);
        std::printf("%u orders, %llu records with all typed tables: %.2f s, %.0f orders/s\n",
                    orders, static_cast<unsigned long long>(seq), seconds, orders / seconds);
    }
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata;
    using namespace fermata::bench;
    const std::uint64_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500'000;
    const auto orders =
        static_cast<std::uint32_t>(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 60'000);
    if (std::getenv("PGHOST") == nullptr) {
        std::printf(
            "postgres_bench: no PGHOST, nothing measured; run it by "
            "tests/support/with_postgres.sh\n");
        return 0;
    }
    print_machine();
    char name[] = "/tmp/fermata-bench.XXXXXX";
    if (::mkdtemp(name) == nullptr) return 1;
    try {
        postgres::SchemaAdmin admin({});
        admin.create_roles_and_schema();
        admin.migrate(database_vocabulary());
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        admin.create_partitions(
            {static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(now).count())}, 1);
        against_bare_copy(name, records);
        order_flow(name, orders);
    } catch (const postgres::AdminError& e) {
        std::fprintf(stderr, "postgres_bench: %s\n", e.what());
    }
    std::filesystem::remove_all(name);
}
