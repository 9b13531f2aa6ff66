#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/postgres/connection.hpp"
#include "adapters/postgres/vocabulary.hpp"
#include "core/market/date.hpp"

namespace fermata::postgres {

/// What an operator's command on the database met; the message says what to do.
class AdminError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// State of the database as `fermata db status` shows it.
struct DatabaseStatus {
    struct Run {
        std::int64_t run_no = 0;
        std::string run_id;
        std::string run_day;
        std::int64_t boots = 0;
        std::int64_t records = 0;
        std::int64_t segment = 0;
        std::int64_t byte = 0;
        std::string positions;    ///< "1:5131 16:20", stream and last position.
        std::string last_commit;  ///< UTC; empty before the first batch.
        std::optional<std::int64_t> seconds_since_commit;
        bool complete = false;
    };
    struct Partition {
        std::string month;  ///< "2026-11"
        std::int64_t tables = 0;
        std::int64_t bytes = 0;
        std::int64_t rows_estimated = 0;
    };
    struct Role {
        std::string name;
        bool exists = false;
        std::vector<std::string> members;
    };
    std::string server;    ///< "15.20"
    bool standby = false;  ///< It is in recovery, or transactions are read-only.
    int version = 0;       ///< Of the schema; 0: none.
    std::vector<Role> roles;
    std::vector<Run> runs;  ///< Newest first.
    std::vector<Partition> partitions;
    std::vector<std::string> detached;  ///< Months.
};

/// What the owner of the database does: roles, schema, migrations, partitions. Every call is one
/// command of an operator; not for the hot path. One thread.
/// Throws AdminError, its message without any password.
class SchemaAdmin {
public:
    explicit SchemaAdmin(const ConnectOptions& options);
    ~SchemaAdmin();
    SchemaAdmin(const SchemaAdmin&) = delete;
    SchemaAdmin& operator=(const SchemaAdmin&) = delete;

    /// Creates what is missing of roles, schemas and the table of migrations. Needs a superuser, or
    /// CREATEROLE and CREATE on the database. May be repeated.
    void create_roles_and_schema();
    /// Applies the migrations that are missing, each in a transaction of its own, up to `version`
    /// (0: all), and brings the lists of event types and controls up to date. Returns how many were
    /// applied. Refuses a database that is newer than this build, or of which an applied migration
    /// is not the one that this build has.
    int migrate(const Vocabulary& vocabulary, int version = 0);
    [[nodiscard]] DatabaseStatus status();
    /// Creates the partitions of so many months from `first` on. Returns how many tables.
    int create_partitions(Date first, int months);
    /// Takes the months that end before `date` out of the tables; returns them ("2026-01").
    /// Refuses, and does nothing, when a run of such a month is not complete.
    std::vector<std::string> detach_before(Date date);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fermata::postgres
