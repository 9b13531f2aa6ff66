#include "adapters/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata::postgres {
namespace {

std::string one_line(const char* text) {
    std::string out(text == nullptr ? "" : text);
    while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
    for (char& c : out) {
        if (c == '\n') c = ' ';
    }
    return out;
}

/// A failed attempt to connect carries no SQLSTATE; its text tells what to look at.
StoreErrorKind kind_of_connect_failure(const std::string& message) {
    const auto says = [&](std::string_view text) { return message.find(text) != message.npos; };
    if (says("session is read-only") || says("server is in hot standby")) {
        return StoreErrorKind::kReadOnly;
    }
    if (says("authentication failed") || says("no password supplied") || says("pg_hba.conf") ||
        says("does not exist") || says("permission denied")) {
        return StoreErrorKind::kRefused;
    }
    return StoreErrorKind::kUnavailable;
}

/// The row of a COPY at which it failed, from 1: "COPY fills, line 12". In other languages "line"
/// is another word; no table's name has a digit.
std::optional<std::size_t> row_of_context(std::string_view context) {
    if (!context.starts_with("COPY ")) return std::nullopt;
    const std::size_t digit = context.find_first_of("0123456789");
    if (digit == context.npos) return std::nullopt;
    return std::strtoull(std::string(context.substr(digit)).c_str(), nullptr, 10);
}

}  // namespace

StoreErrorKind kind_of_sqlstate(std::string_view sqlstate) noexcept {
    const std::string_view kind = sqlstate.substr(0, 2);
    if (sqlstate == "25006") return StoreErrorKind::kReadOnly;
    if (sqlstate == "42501" || kind == "28" || sqlstate == "3D000") {
        return StoreErrorKind::kRefused;
    }
    if (kind == "53" && sqlstate != "53300") return StoreErrorKind::kFull;
    if (sqlstate == "55P03") return StoreErrorKind::kBusy;
    // 57: shut down, starting up, canceled; 08: connection; 40: rolled back, try again;
    // 53300: too many connections; 58030: I/O error.
    if (sqlstate.empty() || kind == "57" || kind == "08" || kind == "40" || kind == "53" ||
        kind == "58") {
        return StoreErrorKind::kUnavailable;
    }
    if (sqlstate == "23505") return StoreErrorKind::kExists;
    // 22023 is also what SET ROLE answers when there is no such role.
    if (kind == "3F" || kind == "42" || sqlstate == "22023") return StoreErrorKind::kSchema;
    // 22: the data (a text that is no UTF-8, a number out of range); 23: a rule of the tables.
    // Trying again sends the same bytes.
    if (kind == "22" || kind == "23") return StoreErrorKind::kRejected;
    return StoreErrorKind::kFault;
}

void Rows::clear(pg_result* result) { PQclear(result); }
int Rows::size() const { return PQntuples(result_.get()); }
int Rows::columns() const { return PQnfields(result_.get()); }
const char* Rows::column_name(int column) const { return PQfname(result_.get(), column); }
std::optional<std::string_view> Rows::value(int row, int column) const {
    if (PQgetisnull(result_.get(), row, column) != 0) return std::nullopt;
    return std::string_view(PQgetvalue(result_.get(), row, column),
                            static_cast<std::size_t>(PQgetlength(result_.get(), row, column)));
}
std::string Rows::text(int row, int column) const {
    return std::string(value(row, column).value_or(""));
}
std::int64_t Rows::integer(int row, int column) const {
    return std::strtoll(text(row, column).c_str(), nullptr, 10);
}

Connection::Connection(pg_conn* connection, std::chrono::milliseconds answer_timeout)
    : connection_(connection), answer_timeout_(answer_timeout) {}

Connection::~Connection() { PQfinish(connection_); }

Result<std::unique_ptr<Connection>, StoreError> Connection::open(const ConnectOptions& options) {
    const auto conninfo = complete_conninfo(options);
    if (!conninfo) {
        // libpq's own message would repeat a part of the text, maybe the password.
        return Err{StoreError{StoreErrorKind::kRefused,
                              "the database's connection string cannot be understood; expected "
                              "postgresql://user@host:port/name or \"host=... dbname=...\""}};
    }
    std::unique_ptr<Connection> opened(
        new Connection(PQconnectdb(conninfo->c_str()), options.answer_timeout));
    pg_conn* const c = opened->connection_;
    if (c == nullptr || PQstatus(c) != CONNECTION_OK) {
        const std::string message = one_line(c == nullptr ? "out of memory" : PQerrorMessage(c));
        return Err{StoreError{kind_of_connect_failure(message), message}};
    }
    PQsetnonblocking(c, 1);
    PQsetNoticeProcessor(c, [](void*, const char*) {}, nullptr);
    if (!options.role.empty()) {
        char* const quoted = PQescapeIdentifier(c, options.role.c_str(), options.role.size());
        if (quoted == nullptr) return Err{opened->lost("take on a role")};
        const std::string sql = std::string("SET ROLE ") + quoted;
        PQfreemem(quoted);
        if (auto set = opened->run(sql); !set) {
            StoreError error = set.error();
            // A role that does not exist means that nobody has initialised this cluster.
            error.message += " (fermata db init creates the roles; GRANT " + options.role +
                             " TO the user who connects)";
            return Err{std::move(error)};
        }
    }
    return opened;
}

StoreError Connection::lost(const std::string& doing) {
    const std::string message = one_line(PQerrorMessage(connection_));
    return {StoreErrorKind::kUnavailable,
            "cannot " + doing + (message.empty() ? ": the connection is lost" : ": " + message)};
}

StoreError Connection::failure(const pg_result* result) {
    const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    std::string message = one_line(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    if (message.empty()) message = one_line(PQresultErrorMessage(result));
    if (message.empty()) message = "the connection is lost";
    const std::string_view code = state == nullptr ? "" : state;
    const char* const context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    failed_row_ = row_of_context(context == nullptr ? "" : context);
    if (const char* detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL)) {
        message += "; " + one_line(detail);
    }
    if (!code.empty()) message += " [" + std::string(code) + "]";
    return {kind_of_sqlstate(code), std::move(message)};
}

Status<StoreError> Connection::wait(Wait what) {
    const auto deadline = std::chrono::steady_clock::now() + answer_timeout_;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd descriptor{PQsocket(connection_), POLLIN, 0};
        if (what == Wait::kReadWrite) descriptor.events |= POLLOUT;
        const int ready =
            left.count() <= 0 ? 0 : ::poll(&descriptor, 1, static_cast<int>(left.count()));
        if (ready > 0) {
            if ((descriptor.revents & (POLLIN | POLLERR | POLLHUP)) != 0 &&
                PQconsumeInput(connection_) == 0) {
                return Err{lost("read from the server")};
            }
            return Unit{};
        }
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return Err{lost("wait for the server")};
        return Err{StoreError{
            StoreErrorKind::kUnavailable,
            "no answer for " + std::to_string(answer_timeout_.count()) + " ms: gave it up"}};
    }
}

Status<StoreError> Connection::flush() {
    for (;;) {
        const int left = PQflush(connection_);
        if (left == 0) return Unit{};
        if (left < 0) return Err{lost("send to the server")};
        if (auto waited = wait(Wait::kReadWrite); !waited) return waited;
    }
}

Result<pg_result*, StoreError> Connection::next_result() {
    if (auto flushed = flush(); !flushed) return Err{flushed.error()};
    while (PQisBusy(connection_) != 0) {
        if (auto waited = wait(Wait::kRead); !waited) return Err{waited.error()};
    }
    return PQgetResult(connection_);
}

Result<Rows, StoreError> Connection::collect() {
    Rows rows(nullptr);
    std::optional<StoreError> error;
    for (;;) {
        auto next = next_result();
        if (!next) return Err{next.error()};
        if (*next == nullptr) break;
        Rows held(*next);
        const ExecStatusType status = PQresultStatus(*next);
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
            rows = std::move(held);
        } else if (!error) {
            error = failure(*next);
        }
        if (PQstatus(connection_) == CONNECTION_BAD) break;
    }
    if (error) return Err{std::move(*error)};
    if (PQstatus(connection_) == CONNECTION_BAD) return Err{lost("read an answer")};
    return rows;
}

Result<Rows, StoreError> Connection::run(const std::string& sql) {
    if (PQsendQuery(connection_, sql.c_str()) == 0) return Err{lost("send a statement")};
    return collect();
}

Result<Rows, StoreError> Connection::run(const std::string& sql,
                                         std::span<const std::optional<std::string>> values,
                                         bool binary) {
    std::vector<const char*> pointers;
    for (const auto& value : values) {
        // libpq would send what stands before it, and nobody would notice.
        if (value && value->find('\0') != value->npos) {
            return Err{StoreError{StoreErrorKind::kRejected,
                                  "PostgreSQL cannot hold a text with a NUL byte"}};
        }
        pointers.push_back(value ? value->c_str() : nullptr);
    }
    if (PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(pointers.size()), nullptr,
                          pointers.data(), nullptr, nullptr, binary ? 1 : 0) == 0) {
        return Err{lost("send a statement")};
    }
    return collect();
}

Status<StoreError> Connection::begin_copy(const std::string& sql) {
    if (PQsendQuery(connection_, sql.c_str()) == 0) return Err{lost("send a statement")};
    for (;;) {
        auto next = next_result();
        if (!next) return Err{next.error()};
        if (*next == nullptr) return Err{lost("begin a COPY")};
        const Rows held(*next);
        const ExecStatusType status = PQresultStatus(*next);
        if (status == PGRES_COPY_IN) return Unit{};
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return Err{failure(*next)};
    }
}

Status<StoreError> Connection::put(std::span<const std::byte> bytes) {
    const auto* data = reinterpret_cast<const char*>(bytes.data());
    // Flushed first, so that libpq's buffer never holds more than one piece.
    if (auto flushed = flush(); !flushed) return flushed;
    const int put = PQputCopyData(connection_, data, static_cast<int>(bytes.size()));
    if (put < 0) return Err{lost("send rows")};
    FERMATA_ASSERT(put == 1);  // libpq's buffer grows: it never refuses
    return Unit{};
}

Status<StoreError> Connection::end_copy() {
    if (PQputCopyEnd(connection_, nullptr) < 0) return Err{lost("end a COPY")};
    auto rows = collect();
    if (!rows) return Err{rows.error()};
    return Unit{};
}

}  // namespace fermata::postgres
