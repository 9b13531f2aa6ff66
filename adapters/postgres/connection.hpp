#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/port/event_store.hpp"

struct pg_conn;
struct pg_result;

namespace fermata::postgres {

/// Where the database is and how long anything may take.
struct ConnectOptions {
    /// URL or "key=value ..." as libpq understands it; empty: libpq's PG* variables. Several hosts
    /// are tried in turn; with target_session_attrs=read-write a promoted standby is found.
    std::string database = {};
    /// For each host. libpq takes whole seconds, and two at least.
    std::chrono::seconds connect_timeout{5};
    /// Longest silence of the server while we wait for it. The connection is given up then, so that
    /// a stopped server holds nobody.
    std::chrono::milliseconds answer_timeout{30'000};
    std::string role = {};  ///< Taken on after connecting (SET ROLE); empty: none.
    std::string application = "fermata";
};

/// One `key='value' ...` string of everything that `options` says, with time-outs and keep-alives
/// filled in where neither it nor the environment sets them. Nothing when the text is no
/// connection string. Holds the password if there is one: never print it.
[[nodiscard]] std::optional<std::string> complete_conninfo(const ConnectOptions& options);
/// What of it may be printed: "fermata at db1:5432,db2:5432". For an unreadable text, "?".
[[nodiscard]] std::string describe_target(const std::string& database);
/// Whether a connection string carries a password, which belongs elsewhere.
[[nodiscard]] bool has_password(const std::string& database);

/// What the SQLSTATE of a failure means to a loader.
[[nodiscard]] StoreErrorKind kind_of_sqlstate(std::string_view sqlstate) noexcept;

/// An answer with rows, in binary or text form.
class Rows {
public:
    explicit Rows(pg_result* result) : result_(result, &clear) {}
    [[nodiscard]] int size() const;
    [[nodiscard]] int columns() const;
    /// The bytes of a value; nothing for NULL.
    [[nodiscard]] std::optional<std::string_view> value(int row, int column) const;
    /// A value that cannot be NULL, in text form.
    [[nodiscard]] std::string text(int row, int column) const;
    [[nodiscard]] std::int64_t integer(int row, int column) const;
    [[nodiscard]] const char* column_name(int column) const;

private:
    static void clear(pg_result* result);
    std::unique_ptr<pg_result, void (*)(pg_result*)> result_;
};

/// A libpq connection on which nothing waits for longer than `answer_timeout`: all traffic is
/// non-blocking and polled. After any error the connection is closed for good. One thread.
class Connection {
public:
    [[nodiscard]] static Result<std::unique_ptr<Connection>, StoreError> open(
        const ConnectOptions& options);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// One or several statements without parameters and without COPY. The rows of the last one.
    [[nodiscard]] Result<Rows, StoreError> run(const std::string& sql);
    /// One statement with text parameters (nothing: NULL). `binary` asks for binary results.
    [[nodiscard]] Result<Rows, StoreError> run(const std::string& sql,
                                               std::span<const std::optional<std::string>> values,
                                               bool binary = false);

    /// `sql` is statements of which the last is a COPY ... FROM STDIN.
    [[nodiscard]] Status<StoreError> begin_copy(const std::string& sql);
    [[nodiscard]] Status<StoreError> put(std::span<const std::byte> bytes);
    [[nodiscard]] Status<StoreError> end_copy();
    /// After an error of a COPY: the row at which the server stopped, from 1, when it says so.
    [[nodiscard]] const std::optional<std::size_t>& failed_row() const noexcept {
        return failed_row_;
    }

private:
    Connection(pg_conn* connection, std::chrono::milliseconds answer_timeout);
    enum class Wait : std::uint8_t { kRead, kReadWrite };
    [[nodiscard]] Status<StoreError> wait(Wait what);
    [[nodiscard]] Status<StoreError> flush();
    /// The next result, or nullptr at the end of the statement's results.
    [[nodiscard]] Result<pg_result*, StoreError> next_result();
    [[nodiscard]] Result<Rows, StoreError> collect();
    [[nodiscard]] StoreError lost(const std::string& doing);
    [[nodiscard]] StoreError failure(const pg_result* result);

    pg_conn* connection_;
    std::chrono::milliseconds answer_timeout_;
    std::optional<std::size_t> failed_row_;
};

}  // namespace fermata::postgres
