#include "daemon/cli/db_command.hpp"

#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "adapters/postgres/migrations.hpp"
#include "adapters/postgres/schema_admin.hpp"
#include "core/market/date.hpp"
#include "daemon/cli/database_option.hpp"
#include "daemon/database/vocabulary.hpp"

namespace fermata {
namespace {

using postgres::DatabaseStatus;
using postgres::SchemaAdmin;

constexpr int kMonthsAhead = 3;

Date today() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(now).count())};
}

void run(const std::string& database, const std::function<void(SchemaAdmin&)>& work) {
    try {
        SchemaAdmin admin(database_options(database));
        work(admin);
    } catch (const postgres::AdminError& e) {
        std::cerr << "fermata: " << e.what() << '\n';
        throw CLI::RuntimeError(1);
    }
}

template <class Number>
std::string counted(Number n, const char* what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

void migrate(SchemaAdmin& admin) {
    const int applied = admin.migrate(database_vocabulary());
    std::cout << "schema      version " << postgres::schema_version() << ", "
              << counted(applied, "migration") << " applied\n";
}

void print_partitions(SchemaAdmin& admin, int months) {
    std::cout << "partitions  " << counted(admin.create_partitions(today(), months), "table")
              << " made for " << counted(months, "month") << " from now on\n";
}

std::string megabytes(std::int64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
    return text;
}

void print(const DatabaseStatus& status) {
    std::cout << "server      PostgreSQL " << status.server
              << (status.standby ? ", read-only or a standby\n" : "\n");
    std::cout << "schema      ";
    if (status.version == 0) {
        std::cout << "none: run fermata db init\n";
    } else {
        std::cout << "version " << status.version;
        if (status.version < postgres::schema_version()) {
            std::cout << ", this build needs " << postgres::schema_version()
                      << ": run fermata db migrate";
        } else if (status.version > postgres::schema_version()) {
            std::cout << ", newer than this build's " << postgres::schema_version();
        }
        std::cout << '\n';
    }
    std::cout << "roles\n";
    for (const DatabaseStatus::Role& role : status.roles) {
        std::cout << "  " << role.name << (role.exists ? "" : "  (does not exist)");
        for (const std::string& member : role.members) std::cout << ' ' << member;
        std::cout << '\n';
    }
    std::cout << "runs        " << status.runs.size() << '\n';
    for (const DatabaseStatus::Run& run : status.runs) {
        std::cout << "  " << run.run_no << "  " << run.run_id << "  " << run.run_day << "  "
                  << counted(run.records, "record") << ", " << counted(run.boots, "boot") << ", "
                  << (run.complete ? "complete" : "not complete");
        if (run.seconds_since_commit && !run.complete) {
            std::cout << ", last commit " << *run.seconds_since_commit << " s ago";
        }
        std::cout << "\n      at segment " << run.segment << " byte " << run.byte
                  << ", stream:position " << (run.positions.empty() ? "-" : run.positions) << '\n';
    }
    std::cout << "partitions  " << counted(status.partitions.size(), "month") << '\n';
    for (const DatabaseStatus::Partition& partition : status.partitions) {
        std::cout << "  " << partition.month << "  " << counted(partition.tables, "table") << "  "
                  << megabytes(partition.bytes) << "  about "
                  << counted(partition.rows_estimated, "row") << '\n';
    }
    for (const std::string& month : status.detached) {
        std::cout << "  " << month << "  detached\n";
    }
}

/// "90d", or a date.
Date parse_older_than(const std::string& text) {
    if (!text.empty() && text.back() == 'd' &&
        text.find_first_not_of("0123456789") == text.size() - 1 && text.size() <= 6) {
        return today() - std::stoi(text);
    }
    const auto at = parse_iso_timestamp(text);
    constexpr std::int64_t kDay = 86'400'000'000'000;
    if (!at || at->ns % kDay != 0) {
        throw CLI::ValidationError("--older-than: \"" + text +
                                   "\" is neither a number of days (90d) nor a date (2026-01-01)");
    }
    return {static_cast<std::int32_t>(at->ns / kDay)};
}

CLI::App* add(CLI::App& db, const char* name, const char* description,
              const std::shared_ptr<std::string>& database) {
    CLI::App* command = db.add_subcommand(name, description);
    add_database_option(*command, *database);
    return command;
}

}  // namespace

void register_db_commands(CLI::App& app) {
    CLI::App* db = app.add_subcommand("db", "Set up and look after the database");
    db->require_subcommand(1);
    const auto database = std::make_shared<std::string>();

    add(*db, "init", "Create roles, schema, tables and the partitions of the next months", database)
        ->callback([database] {
            run(*database, [](SchemaAdmin& admin) {
                admin.create_roles_and_schema();
                migrate(admin);
                print_partitions(admin, kMonthsAhead);
            });
        });
    add(*db, "migrate", "Bring the tables up to this build's version", database)
        ->callback([database] { run(*database, migrate); });
    add(*db, "status", "Version, roles, runs with their positions, partitions", database)
        ->callback(
            [database] { run(*database, [](SchemaAdmin& admin) { print(admin.status()); }); });

    const auto months = std::make_shared<int>(kMonthsAhead);
    CLI::App* partitions =
        add(*db, "partitions", "Create the partitions of the coming months", database);
    partitions->add_option("--months", *months, "How many, this one included")
        ->check(CLI::Range(1, 120))
        ->capture_default_str();
    partitions->callback([database, months] {
        run(*database, [&](SchemaAdmin& admin) { print_partitions(admin, *months); });
    });

    const auto older_than = std::make_shared<std::string>();
    CLI::App* detach =
        add(*db, "detach", "Take old months out of the tables (into schema fermata_detached)",
            database);
    detach
        ->add_option("--older-than", *older_than,
                     "Months that ended so long ago (90d) or before this date (2026-01-01)")
        ->required();
    detach->callback([database, older_than] {
        const Date before = parse_older_than(*older_than);
        run(*database, [&](SchemaAdmin& admin) {
            const auto detached = admin.detach_before(before);
            for (const std::string& month : detached) std::cout << "detached    " << month << '\n';
            if (detached.empty()) std::cout << "detached    nothing is that old\n";
        });
    });
}

}  // namespace fermata
