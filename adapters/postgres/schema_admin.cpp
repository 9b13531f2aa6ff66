#include "adapters/postgres/schema_admin.hpp"

#include <cstdio>
#include <pqxx/pqxx>

#include "adapters/postgres/event_rows.hpp"
#include "adapters/postgres/migrations.hpp"
#include "core/event/codec.hpp"
#include "core/event/market_event.hpp"

namespace fermata::postgres {
namespace {

constexpr const char* kRoles[] = {"fermata_owner", "fermata_writer", "fermata_reader"};
/// One number for everything that changes the schema: two administrators take turns.
constexpr const char* kLock = "SELECT pg_advisory_lock(hashtext('fermata schema'))";
constexpr const char* kUnlock = "SELECT pg_advisory_unlock_all()";

std::string month_text(const std::string& date) { return date.substr(0, 7); }

std::string iso(Date date) {
    const CivilDate c = to_civil(date);
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d", c.year % 10'000, c.month % 100, c.day % 100);
    return text;
}

/// pqxx puts the statement behind some messages; the first line is the server's.
std::string first_line(const std::string& text) {
    const std::string line = text.substr(0, text.find('\n'));
    return line.starts_with("ERROR:  ") ? line.substr(8) : line;
}

/// Runs `work` and turns what libpqxx throws into AdminError.
template <class F>
auto guarded(const char* doing, F work) {
    try {
        return work();
    } catch (const pqxx::sql_error& e) {
        throw AdminError(std::string("cannot ") + doing + ": " + first_line(e.what()));
    } catch (const pqxx::failure& e) {
        throw AdminError(std::string("cannot ") + doing + ": " + first_line(e.what()));
    }
}

int applied_version(pqxx::transaction_base& work) {
    if (work.exec1("SELECT to_regclass('fermata.schema_migration') IS NULL")[0].as<bool>()) {
        return 0;
    }
    return work.exec1("SELECT coalesce(max(version), 0) FROM fermata.schema_migration")[0]
        .as<int>();
}

std::string checksum(pqxx::transaction_base& work, const Migration& migration) {
    return work
        .exec_params1("SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')",
                      std::string(migration.sql))[0]
        .as<std::string>();
}

/// The applied migrations are the first ones of this build's, unchanged.
void check_applied(pqxx::transaction_base& work) {
    const auto known = migrations();
    const int version = applied_version(work);
    if (version > schema_version()) {
        throw AdminError("the database has version " + std::to_string(version) +
                         " of the schema, this build knows up to " +
                         std::to_string(schema_version()) + ": use a newer build");
    }
    const pqxx::result rows =
        work.exec("SELECT version, checksum FROM fermata.schema_migration ORDER BY version");
    int expected = 0;
    for (const auto& row : rows) {
        ++expected;
        if (row[0].as<int>() != expected) {
            throw AdminError("migration " + std::to_string(expected) +
                             " was never applied although later ones were");
        }
        const Migration& migration = known[static_cast<std::size_t>(expected - 1)];
        if (row[1].as<std::string>() != checksum(work, migration)) {
            throw AdminError("migration " + std::string(migration.stem) +
                             " was applied in another form than this build has: the checksums "
                             "differ. Use the build that applied it, or restore the database");
        }
    }
}

void fill_lists(pqxx::work& work, const Vocabulary& vocabulary) {
    const auto type = [&](int number, const std::string& name) {
        work.exec_params(
            "INSERT INTO fermata.event_type VALUES ($1, $2) "
            "ON CONFLICT (type) DO UPDATE SET name = excluded.name",
            number, name);
    };
    for (int number = 0; number < 256; ++number) {
        if (is_order_event_type(static_cast<std::uint16_t>(number))) {
            type(number, std::string(name(static_cast<OrderEventType>(number))));
        }
    }
    for (int number = 1; number < kMarketEventTypeCount; ++number) {
        type(kMarketTypeBase + number,
             "market_" + std::string(name(static_cast<MarketEventType>(number))));
    }
    for (std::size_t bit = 0; bit < vocabulary.controls.size(); ++bit) {
        work.exec_params(
            "INSERT INTO fermata.control VALUES ($1, $2, $3) "
            "ON CONFLICT (bit) DO UPDATE SET code = excluded.code, rule = excluded.rule",
            static_cast<int>(bit), vocabulary.controls[bit].code, vocabulary.controls[bit].rule);
    }
}

}  // namespace

struct SchemaAdmin::Impl {
    explicit Impl(const std::string& conninfo) : connection(conninfo) {
        connection.set_verbosity(pqxx::connection_base::terse);
        pqxx::nontransaction(connection).exec("SET lock_timeout = '30s'");
    }

    /// Everything is the owner's, whoever connects.
    void become_owner() {
        pqxx::nontransaction work(connection);
        if (work.exec("SELECT FROM pg_roles WHERE rolname = 'fermata_owner'").empty() ||
            work.exec1("SELECT to_regclass('fermata.schema_migration') IS NULL")[0].as<bool>()) {
            throw AdminError("the database has no Fermata schema: run fermata db init");
        }
        work.exec("SET ROLE fermata_owner");
    }

    pqxx::connection connection;
};

SchemaAdmin::SchemaAdmin(const ConnectOptions& options) {
    const auto conninfo = complete_conninfo(options);
    if (!conninfo) {
        throw AdminError(
            "the database's connection string cannot be understood; expected "
            "postgresql://user@host:port/name or \"host=... dbname=...\"");
    }
    impl_ = guarded("connect", [&] { return std::make_unique<Impl>(*conninfo); });
}

SchemaAdmin::~SchemaAdmin() = default;

void SchemaAdmin::create_roles_and_schema() {
    guarded("initialise the database", [&] {
        pqxx::nontransaction(impl_->connection).exec(kLock);
        {
            pqxx::work work(impl_->connection);
            const bool superuser =
                work.exec1("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0]
                    .as<bool>();
            for (const std::string role : kRoles) {
                if (!work.exec_params("SELECT FROM pg_roles WHERE rolname = $1", role).empty()) {
                    continue;
                }
                work.exec("CREATE ROLE " + role + " NOLOGIN");
                if (!superuser) work.exec("GRANT " + role + " TO CURRENT_USER");
            }
            for (const std::string schema : {"fermata", "fermata_detached"}) {
                work.exec("CREATE SCHEMA IF NOT EXISTS " + schema + " AUTHORIZATION fermata_owner");
            }
            work.exec("SET LOCAL ROLE fermata_owner");
            work.exec(
                "CREATE TABLE IF NOT EXISTS fermata.schema_migration ("
                "version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
                "applied timestamptz NOT NULL DEFAULT now());"
                "COMMENT ON TABLE fermata.schema_migration IS 'Steps of the schema that were "
                "applied.';"
                "COMMENT ON COLUMN fermata.schema_migration.version IS 'Number of the step, from "
                "1.';"
                "COMMENT ON COLUMN fermata.schema_migration.name IS 'Its name.';"
                "COMMENT ON COLUMN fermata.schema_migration.checksum IS 'SHA-256 of its text.';"
                "COMMENT ON COLUMN fermata.schema_migration.applied IS 'When it was applied.';");
            work.commit();
        }
        pqxx::nontransaction(impl_->connection).exec(kUnlock);
    });
}

int SchemaAdmin::migrate(const Vocabulary& vocabulary, int version) {
    return guarded("migrate the database", [&] {
        impl_->become_owner();
        pqxx::nontransaction(impl_->connection).exec(kLock);
        int before = 0;
        {
            pqxx::read_transaction work(impl_->connection);
            check_applied(work);
            before = applied_version(work);
        }
        const int target = version == 0 ? schema_version() : version;
        int applied = 0;
        for (const Migration& migration : migrations()) {
            if (migration.version() <= before || migration.version() > target) continue;
            pqxx::work work(impl_->connection);
            work.exec("SET LOCAL search_path = fermata, pg_temp");
            work.exec(std::string(migration.sql));
            work.exec_params(
                "INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)",
                migration.version(), std::string(migration.name()), checksum(work, migration));
            work.commit();
            ++applied;
        }
        pqxx::work work(impl_->connection);
        fill_lists(work, vocabulary);
        work.exec(kUnlock);
        work.commit();
        return applied;
    });
}

DatabaseStatus SchemaAdmin::status() {
    return guarded("read the database's status", [&] {
        DatabaseStatus status;
        pqxx::read_transaction work(impl_->connection);
        const pqxx::row server = work.exec1(
            "SELECT current_setting('server_version'), pg_is_in_recovery() OR "
            "current_setting('default_transaction_read_only') = 'on'");
        status.server = server[0].as<std::string>();
        status.standby = server[1].as<bool>();
        for (const std::string name : kRoles) {
            DatabaseStatus::Role role{name, false, {}};
            for (const auto& row : work.exec_params(
                     "SELECT m.rolname FROM pg_roles r LEFT JOIN pg_auth_members a ON a.roleid = "
                     "r.oid LEFT JOIN pg_roles m ON m.oid = a.member WHERE r.rolname = $1 ORDER BY "
                     "1",
                     name)) {
                role.exists = true;
                if (!row[0].is_null()) role.members.push_back(row[0].as<std::string>());
            }
            status.roles.push_back(std::move(role));
        }
        status.version = applied_version(work);
        // Views belong to the last migration; before it there is nothing to report.
        if (work.exec1("SELECT to_regclass('fermata.run_status') IS NULL")[0].as<bool>()) {
            return status;
        }
        for (const auto& row : work.exec(
                 "SELECT run_no, replace(run_id::text, '-', ''), run_day, coalesce(boots, 0), "
                 "coalesce(records, 0), coalesce(segment, 0), coalesce(byte, 0), "
                 "coalesce((SELECT string_agg(s || ':' || p, ' ' ORDER BY s) FROM "
                 "unnest(streams, positions) AS u (s, p)), ''), "
                 "coalesce(to_char(last_commit AT TIME ZONE 'UTC', "
                 "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), "
                 "''), floor(extract(epoch FROM clock_timestamp() - last_commit))::bigint, "
                 "complete "
                 "FROM fermata.run_status ORDER BY run_no DESC")) {
            DatabaseStatus::Run run;
            run.run_no = row[0].as<std::int64_t>();
            run.run_id = row[1].as<std::string>();
            run.run_day = row[2].as<std::string>();
            run.boots = row[3].as<std::int64_t>();
            run.records = row[4].as<std::int64_t>();
            run.segment = row[5].as<std::int64_t>();
            run.byte = row[6].as<std::int64_t>();
            run.positions = row[7].as<std::string>();
            run.last_commit = row[8].as<std::string>();
            if (!row[9].is_null()) run.seconds_since_commit = row[9].as<std::int64_t>();
            run.complete = row[10].as<bool>();
            status.runs.push_back(std::move(run));
        }
        for (const auto& row : work.exec(
                 "SELECT to_char(month, 'YYYY-MM'), count(*), sum(bytes), "
                 "sum(greatest(rows_estimated, 0)) FROM fermata.partition GROUP BY 1 ORDER BY 1")) {
            status.partitions.push_back({row[0].as<std::string>(), row[1].as<std::int64_t>(),
                                         row[2].as<std::int64_t>(), row[3].as<std::int64_t>()});
        }
        for (const auto& row : work.exec(
                 "SELECT to_char(month, 'YYYY-MM') FROM fermata.detached_partition ORDER BY 1")) {
            status.detached.push_back(row[0].as<std::string>());
        }
        return status;
    });
}

int SchemaAdmin::create_partitions(Date first, int months) {
    return guarded("create partitions", [&] {
        impl_->become_owner();
        pqxx::work work(impl_->connection);
        const int made = work.exec_params1("SELECT fermata.ensure_partitions($1::date, $2)",
                                           iso(first), months)[0]
                             .as<int>();
        work.commit();
        return made;
    });
}

std::vector<std::string> SchemaAdmin::detach_before(Date date) {
    return guarded("detach partitions", [&] {
        impl_->become_owner();
        pqxx::work work(impl_->connection);
        // The month that is under way stays, whatever is asked for.
        const std::string before =
            work.exec_params1(
                    "SELECT least($1::date, date_trunc('month', now() AT TIME ZONE 'UTC')::date)",
                    iso(date))[0]
                .as<std::string>();
        const pqxx::result incomplete = work.exec_params(
            "SELECT replace(run_id::text, '-', ''), run_day FROM fermata.run_status WHERE NOT "
            "complete AND date_trunc('month', run_day) + interval '1 month' <= $1::date "
            "AND EXISTS (SELECT FROM fermata.partition p WHERE p.month = date_trunc('month', "
            "run_day)) ORDER BY run_no",
            before);
        if (!incomplete.empty()) {
            throw AdminError("run " + incomplete[0][0].as<std::string>() + " of " +
                             incomplete[0][1].as<std::string>() + " and " +
                             std::to_string(incomplete.size() - 1) +
                             " more are not loaded to their end: load their journals first "
                             "(fermata journal load DIR), or choose an earlier date");
        }
        const pqxx::result parts = work.exec_params(
            "SELECT parent, name, month FROM fermata.partition WHERE month + interval '1 month' <= "
            "$1::date ORDER BY month, parent",
            before);
        std::vector<std::string> months;
        for (const auto& row : parts) {
            const std::string name = work.quote_name(row[1].as<std::string>());
            work.exec("ALTER TABLE fermata." + work.quote_name(row[0].as<std::string>()) +
                      " DETACH PARTITION fermata." + name);
            work.exec("ALTER TABLE fermata." + name + " SET SCHEMA fermata_detached");
            const std::string month = row[2].as<std::string>();
            if (!months.empty() && months.back() == month_text(month)) continue;
            work.exec_params("INSERT INTO fermata.detached_partition (month) VALUES ($1)", month);
            months.push_back(month_text(month));
        }
        work.commit();
        return months;
    });
}

}  // namespace fermata::postgres
