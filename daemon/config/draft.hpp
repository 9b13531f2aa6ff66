#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/config/config.hpp"
#include "daemon/config/reader.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/config/zones.hpp"

namespace fermata::config {

/// Keys from the top of the document to one value: {"feeds", "0", "path"}.
using Path = std::vector<std::string>;

[[nodiscard]] std::string dotted(const Path& path);
template <class... Keys>
[[nodiscard]] Path join(Path path, Keys... keys) {
    (path.emplace_back(keys), ...);
    return path;
}

/// A Config in the making, and what is needed for it: shared by the functions of assemble_*.cpp.
class Draft {
public:
    Draft(Reader& reader, const Node& document, Settings& s)
        : settings(s), reader_(reader), document_(document) {}

    Settings& settings;
    Config config;
    Zones zones;
    std::unordered_map<std::string, InstrumentId> ids;  ///< By symbol.
    std::map<std::string, std::string> zone_of_custom;  ///< By the name of a custom calendar.
    std::vector<Path> instrument_paths;                 ///< Where each instrument is written.

    void problem(const Path& path, std::string message);
    void problem_at(const Path& path, const Place& place, std::string message);
    /// A file that does not exist (yet) is worth a warning, not a refusal: a configuration may be
    /// checked on another machine than the one that runs it.
    void want_file(const FilePath& file, const Path& path);
    /// More elements than ids have room for.
    void refuse_too_many(std::size_t count, const std::string& key);

    /// The instant of a written time, or nothing and a problem.
    [[nodiscard]] std::optional<Timestamp> resolve(const CivilTime& written,
                                                   const std::string& zone, bool end,
                                                   const Path& path, const Place& place);
    /// The same of the key `from` or `to` below `path`; nothing when it is absent.
    [[nodiscard]] std::optional<Timestamp> resolve(const std::optional<CivilTime>& written,
                                                   const std::string& zone, bool end, Path path);
    void require_order(Timestamp from, Timestamp to, const Path& path);

    /// The zone of a calendar; UTC where there is none.
    [[nodiscard]] std::string zone_of(const std::string& calendar) const;
    /// The zone that all of these calendars share, else UTC.
    [[nodiscard]] std::string common_zone(const std::set<std::string>& calendars) const;
    /// Calendars of these instruments; of all where `symbols` is empty.
    [[nodiscard]] std::set<std::string> calendars_of(const std::vector<std::string>& symbols) const;
    /// nullptr when the symbol is unknown.
    [[nodiscard]] const InstrumentSettings* instrument(const std::string& symbol) const;

private:
    Reader& reader_;
    const Node& document_;
};

// In this order: each relies on those before it.
void assemble_accounts(Draft& draft);
void assemble_instruments(Draft& draft);
void assemble_day_end(Draft& draft);
void assemble_feeds(Draft& draft);
void assemble_trading(Draft& draft);  ///< Venues, strategies.
void assemble_positions(Draft& draft);
void assemble_sessions(Draft& draft);
void assemble_risk(Draft& draft);
void assemble_exchange(Draft& draft);
void assemble_compliance(Draft& draft);  ///< Part of assemble_risk.

}  // namespace fermata::config
