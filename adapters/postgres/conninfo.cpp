#include <libpq-fe.h>

#include <cstdlib>
#include <functional>

#include "adapters/postgres/connection.hpp"

namespace fermata::postgres {
namespace {

using Parsed = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>;

Parsed parse(const std::string& database) {
    return {PQconninfoParse(database.c_str(), nullptr), &PQconninfoFree};
}

const char* find(const Parsed& parsed, std::string_view key) {
    for (const PQconninfoOption* o = parsed.get(); o->keyword != nullptr; ++o) {
        if (key == o->keyword) return o->val;
    }
    return nullptr;
}

void append(std::string& out, const std::string& key, std::string_view value) {
    out += (out.empty() ? "" : " ") + key + "='";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    out += '\'';
}

std::string or_environment(const char* value, const char* variable, const char* otherwise) {
    if (value != nullptr) return value;
    const char* const set = std::getenv(variable);
    return set != nullptr ? set : otherwise;
}

}  // namespace

std::optional<std::string> complete_conninfo(const ConnectOptions& options) {
    const Parsed parsed = parse(options.database);
    if (!parsed) return std::nullopt;
    std::string out;
    for (const PQconninfoOption* o = parsed.get(); o->keyword != nullptr; ++o) {
        if (o->val != nullptr) append(out, o->keyword, o->val);
    }
    const auto fill_in = [&](const char* key, const char* variable, const std::string& value) {
        const bool set = find(parsed, key) != nullptr;
        if (!set && (variable == nullptr || std::getenv(variable) == nullptr)) {
            append(out, key, value);
        }
    };
    fill_in("connect_timeout", "PGCONNECT_TIMEOUT",
            std::to_string(options.connect_timeout.count()));
    fill_in("application_name", "PGAPPNAME", options.application);
    // A peer that vanished without a word is noticed by the kernel as well.
    fill_in("keepalives_idle", nullptr, "10");
    fill_in("keepalives_interval", nullptr, "5");
    fill_in("keepalives_count", nullptr, "3");
    fill_in("tcp_user_timeout", nullptr, std::to_string(options.answer_timeout.count()));
    fill_in("client_encoding", "PGCLIENTENCODING", "UTF8");
    return out;
}

std::string describe_target(const std::string& database) {
    const Parsed parsed = parse(database);
    if (!parsed) return "?";
    const std::string hosts =
        or_environment(find(parsed, "host"), "PGHOST",
                       find(parsed, "hostaddr") != nullptr ? find(parsed, "hostaddr") : "local");
    const std::string ports = or_environment(find(parsed, "port"), "PGPORT", "5432");
    const std::string name = or_environment(find(parsed, "dbname"), "PGDATABASE", "the user's own");
    return "database " + name + " at " + hosts + ", port " + ports;
}

bool has_password(const std::string& database) {
    const Parsed parsed = parse(database);
    return parsed &&
           (find(parsed, "password") != nullptr || find(parsed, "sslpassword") != nullptr);
}

}  // namespace fermata::postgres
