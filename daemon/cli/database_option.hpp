#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "adapters/postgres/connection.hpp"

namespace fermata {

/// Adds `--database` to a command.
inline CLI::Option* add_database_option(CLI::App& command, std::string& database) {
    return command
        .add_option("--database", database,
                    "URL or connection string (default: PGHOST, PGDATABASE and so on); give the "
                    "password by ~/.pgpass or PGPASSWORD")
        ->type_name("URL");
}

[[nodiscard]] inline postgres::ConnectOptions database_options(const std::string& database) {
    postgres::ConnectOptions options;
    options.database = database;
    return options;
}

}  // namespace fermata
