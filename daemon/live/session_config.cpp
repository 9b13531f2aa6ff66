#include "daemon/live/session_config.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "core/journal/journal_reader.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/assembly/start_refusal.hpp"
#include "daemon/live/session.hpp"
#include "daemon/retention/journal_disk.hpp"

namespace fermata {
namespace {

/// Where the venue is and how it is reached decides nothing about results.
void connect_as(SessionConfig& session, const SessionConfig& asked) {
    session.host = asked.host;
    session.port = asked.port;
    session.heartbeat = asked.heartbeat;
    session.reconnect = asked.reconnect;
    session.logon_tags = asked.logon_tags;
    session.cancel_on_disconnect = asked.cancel_on_disconnect;
    session.reset_on_logon = asked.reset_on_logon;
}

// What connect_as takes.
constexpr std::string_view kConnection[] = {
    "host",           "port",       "heartbeat",           "reconnect",
    "reset_on_logon", "logon_tags", "cancel_on_disconnect"};

}  // namespace

// As configuration_on_record takes it from the file.
bool of_next_start(std::string_view key) {
    const std::string_view section = key.substr(0, key.find('.'));
    constexpr std::string_view kSections[] = {"journal",  "database", "control",
                                              "watchdog", "live",     "threads"};
    constexpr std::string_view kKeys[] = {"run.out", "risk.approvals", "risk.latch"};
    if (std::ranges::find(kSections, section) != std::end(kSections)) return true;
    if (std::ranges::find(kKeys, key) != std::end(kKeys)) return true;
    if (section != "sessions") return false;
    // sessions.NAME.KEY, and no further session.
    const std::size_t name = key.find('.', section.size() + 1);
    if (name == std::string_view::npos) return false;
    const std::string_view rest = key.substr(name + 1);
    return std::ranges::find(kConnection, rest.substr(0, rest.find('.'))) != std::end(kConnection);
}

std::optional<Config> configuration_on_record(const std::filesystem::path& out,
                                              const Config& config,
                                              const StrategyRegistry& registry) {
    // Named by no time, a new session would be no folder that there is.
    const std::filesystem::path folder = session_folder(out, Timestamp{0});
    JournalDisk disk;
    auto opened = JournalReader::open(disk.files(), (folder / "journal").string());
    if (!opened) return std::nullopt;
    JournalReader& reader = **opened;
    (void)reader.next();
    if (reader.manifest() == nullptr || !reader.configuration() ||
        reader.configuration()->empty() || reader.manifest()->configuration_hash == config.hash) {
        return std::nullopt;
    }
    Config own = parse_config(*reader.configuration(), (folder / "journal").string(),
                              reader.manifest()->folder, {}, registry, sha256_hasher());
    if (own.mode != config.mode) {
        // Neither may be taken for the other: somebody wanted what they wrote.
        throw StartRefusal(folder.string() + " is a session of mode " +
                           std::string(mode_name(own.mode)) +
                           " that was not brought to its end, and " + config.file + " says mode " +
                           std::string(mode_name(config.mode)) +
                           ": end it with its own mode first, or choose another folder (--out)");
    }
    own.file = config.file;
    own.run.out = config.run.out;
    own.journal = config.journal;
    own.database = config.database;
    own.control = config.control;
    own.watchdog = config.watchdog;
    own.live = config.live;
    own.threads = config.threads;
    own.approvals = config.approvals;
    own.latch = config.latch;
    for (SessionConfig& session : own.sessions) {
        for (const SessionConfig& asked : config.sessions) {
            if (asked.name == session.name) connect_as(session, asked);
        }
    }
    return own;
}

}  // namespace fermata
