#include <memory>
#include <string>

#include "daemon/config/codecs.hpp"
#include "daemon/config/connection_string.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

/// The effective configuration is printed, hashed and put on record: a secret has no place here.
void check_database(Reader& reader, const Node& node, DatabaseConfig& database) {
    if (carries_password(database.url)) {
        Place place = node.find("url")->place;
        // An override is named by its text, which holds the secret.
        if (place.line == 0) place.origin = std::make_shared<const std::string>("--set");
        reader.problem_at("url", place,
                          "a password does not belong into a configuration; give it by "
                          "~/.pgpass or the variable PGPASSWORD");
        database.url.clear();
    }
}

void check_lag(Reader& reader, const Node& node, DatabaseLag& lag) {
    if (lag.alert_bytes > lag.halt_bytes) {
        reader.problem(node.place, "alert_bytes is more than halt_bytes");
    }
    if (lag.alert_age > lag.halt_age) {
        reader.problem(node.place, "alert_age is more than halt_age");
    }
}

Section<DatabaseLag> lag_section() {
    Section<DatabaseLag> s("lag",
                           "How far the database may stay behind the journal. A level is left "
                           "again when bytes and age are both down to half of its limits.");
    const Options<std::uint64_t> bytes{.minimum = 1, .unit = "bytes"};
    const Options<Duration> age{.minimum = Duration::seconds(1)};
    s.key("alert_bytes", &DatabaseLag::alert_bytes, "Bytes of the journal behind which to alert.",
          bytes);
    s.key("alert_age", &DatabaseLag::alert_age,
          "Age of the oldest record that is not stored, behind which to alert.", age);
    s.key("halt_bytes", &DatabaseLag::halt_bytes, "Bytes of the journal behind which to halt.",
          bytes);
    s.key("halt_age", &DatabaseLag::halt_age,
          "Age of the oldest record that is not stored, behind which to halt.", age);
    s.check(check_lag);
    return s;
}

}  // namespace

Section<DatabaseConfig> database_section() {
    Section<DatabaseConfig> s("database",
                              "PostgreSQL, into which the journal is loaded while it is written. "
                              "The run never waits for it.");
    s.key("enabled", &DatabaseConfig::enabled, "Whether the journal is loaded.");
    s.key("url", &DatabaseConfig::url,
          "Connection string: postgresql://user@host:port/name; several hosts and "
          "target_session_attrs=read-write find a promoted standby. Never a password.",
          {.default_note = "PGHOST, PGDATABASE and so on"});
    s.key("batch_records", &DatabaseConfig::batch_records, "Records of one transaction at most.",
          {.minimum = 1, .maximum = 1'000'000, .unit = "records"});
    s.key("batch_interval", &DatabaseConfig::batch_interval,
          "Age at which a smaller batch is stored.", {.minimum = Duration::milliseconds(1)});
    s.key("connect_timeout", &DatabaseConfig::connect_timeout,
          "Longest time to connect to one host, in whole seconds.",
          {.minimum = Duration::seconds(2)});
    s.key("answer_timeout", &DatabaseConfig::answer_timeout,
          "Longest silence of the server before the connection is given up.",
          {.minimum = Duration::milliseconds(100)});
    s.key("drain_timeout", &DatabaseConfig::drain_timeout,
          "How long the end of a run waits for the rest to be stored; what is left then, "
          "`fermata journal load` stores.",
          {.minimum = Duration{}});
    s.section("lag", &DatabaseConfig::lag, lag_section());
    s.check(check_database);
    return s;
}

}  // namespace fermata::config
