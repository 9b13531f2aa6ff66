#include "adapters/postgres/run_comparison.hpp"

#include <map>
#include <utility>
#include <vector>

namespace fermata::postgres {
namespace {

using Difference = std::optional<StoreDifference>;
using Outcome = Result<Difference, StoreError>;
using Kind = StoreDifference::Kind;
/// Rows of a table by the text of their key.
using NamedRows = std::map<std::string, std::string>;

Difference found(Kind kind, const std::string& what) {
    return StoreDifference{kind, JournalStream::kControl, 0, "table " + what};
}

Difference unlike(const std::string& what, const std::string& stored, const std::string& wanted) {
    return found(Kind::kDiffers, what + " is \"" + stored + "\" in the database, \"" + wanted +
                                     "\" in the journal");
}

/// Both sides' rows, each of which may lack some.
Difference compare_rows(const std::string& table, const NamedRows& stored,
                        const NamedRows& wanted) {
    for (const auto& [key, value] : wanted) {
        const auto row = stored.find(key);
        if (row == stored.end()) {
            return found(Kind::kMissing,
                         table + ": " + key + " is in the journal and not in the database");
        }
        if (row->second != value) return unlike(table + ": " + key, row->second, value);
    }
    for (const auto& [key, value] : stored) {
        if (!wanted.contains(key)) {
            return found(Kind::kSurplus,
                         table + ": " + key + " is in the database and not in the journal");
        }
    }
    return std::nullopt;
}

/// The manifest with which the run was registered, when it is one of this journal's.
Result<Difference, StoreError> compare_manifest(const std::string& stored, const RunFacts& facts,
                                                JournalManifest& manifest) {
    auto parsed = parse_manifest(stored);
    if (!parsed) {
        return found(Kind::kDiffers,
                     "run: column manifest cannot be read: " + parsed.error().message);
    }
    manifest = std::move(*parsed);
    const auto boot = facts.boots.find(manifest.boot_epoch);
    if (boot != facts.boots.end()) {
        const std::string wanted = to_text(boot->second.manifest);
        return stored == wanted ? Difference() : unlike("run: column manifest", stored, wanted);
    }
    if (manifest.boot_epoch == 0 || manifest.boot_epoch > facts.last_boot) {
        return unlike("run: boot_epoch in column manifest", std::to_string(manifest.boot_epoch),
                      "up to " + std::to_string(facts.last_boot));
    }
    const std::string other = difference(manifest, facts.boots.begin()->second.manifest);
    if (other.empty()) return Difference();
    return found(Kind::kDiffers, "run: column manifest is that of another run: " + other);
}

Outcome compare_columns(Connection& connection, const std::string& run_no, const RunFacts& facts,
                        JournalManifest& manifest) {
    auto row = connection.run(
        "SELECT manifest, build, configuration_hash, replace(parent::text, '-', ''), calendars, "
        "time_zones, schedule, market, shards, start_ns, folder, start_ts = timestamptz 'epoch' + "
        "floor(start_ns / 1000.0)::bigint * interval '1 microsecond', configuration "
        "FROM fermata.run WHERE run_no = " +
        run_no);
    if (!row) return Err{row.error()};
    auto difference = compare_manifest(row->text(0, 0), facts, manifest);
    if (!difference || *difference) return difference;
    const std::vector<std::string> wanted = {manifest.build,
                                             manifest.configuration_hash,
                                             manifest.parent,
                                             manifest.calendars,
                                             manifest.time_zones,
                                             std::string(name(manifest.schedule)),
                                             std::string(name(manifest.market)),
                                             std::to_string(manifest.shards),
                                             std::to_string(manifest.start.ns),
                                             manifest.folder};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const int column = static_cast<int>(i) + 1;
        const std::string stored = row->text(0, column);
        if (stored != wanted[i]) {
            constexpr int kParent = 3;
            return unlike("run: column " +
                              std::string(column == kParent ? "parent" : row->column_name(column)),
                          stored, wanted[i]);
        }
    }
    if (row->text(0, 11) != "t") {
        return found(Kind::kDiffers, "run: column start_ts is not the instant of start_ns");
    }
    const auto boot = facts.boots.find(manifest.boot_epoch);
    // The configuration stands where a boot begins, which may have been pruned.
    if (boot == facts.boots.end() || boot->second.configuration.empty()) return Difference();
    if (row->text(0, 12) == boot->second.configuration) return Difference();
    return found(Kind::kDiffers, "run: column configuration is not the text in the journal");
}

Outcome compare_names(Connection& connection, const std::string& run_no,
                      const JournalManifest& manifest) {
    NamedRows wanted;
    const auto add = [&](const char* kind, const std::vector<std::string>& names) {
        for (std::size_t id = 0; id < names.size(); ++id) {
            wanted[kind + (" " + std::to_string(id))] = names[id];
        }
    };
    add("instrument", manifest.instruments);
    add("strategy", manifest.strategies);
    add("account", manifest.accounts);
    add("venue", manifest.venues);
    add("currency", manifest.currencies);
    auto rows = connection.run(
        "SELECT kind || ' ' || id, name FROM fermata.run_name WHERE run_no = " + run_no);
    if (!rows) return Err{rows.error()};
    NamedRows stored;
    for (int i = 0; i < rows->size(); ++i) stored[rows->text(i, 0)] = rows->text(i, 1);
    return compare_rows("run_name", stored, wanted);
}

Outcome compare_sources(Connection& connection, const std::string& run_no,
                        const JournalManifest& manifest) {
    NamedRows wanted;
    for (std::size_t i = 0; i < manifest.sources.size(); ++i) {
        wanted["source " + std::to_string(i)] =
            manifest.sources[i].name + " " + manifest.sources[i].hash;
    }
    auto rows = connection.run(
        "SELECT 'source ' || source_no, name || ' ' || hash FROM fermata.run_source WHERE "
        "run_no = " +
        run_no);
    if (!rows) return Err{rows.error()};
    NamedRows stored;
    for (int i = 0; i < rows->size(); ++i) stored[rows->text(i, 0)] = rows->text(i, 1);
    return compare_rows("run_source", stored, wanted);
}

Outcome compare_boots(Connection& connection, const std::string& run_no, const RunFacts& facts) {
    NamedRows wanted;
    for (const auto& [epoch, boot] : facts.boots) {
        wanted["boot " + std::to_string(epoch)] = boot.manifest.build;
    }
    auto rows = connection.run("SELECT boot, build FROM fermata.run_boot WHERE run_no = " + run_no);
    if (!rows) return Err{rows.error()};
    NamedRows stored;
    for (int i = 0; i < rows->size(); ++i) {
        const std::int64_t epoch = rows->integer(i, 0);
        const bool possible = epoch >= 1 && epoch <= std::int64_t{facts.last_boot};
        // One that left no record, or whose records were pruned.
        if (possible && !facts.boots.contains(static_cast<std::uint32_t>(epoch))) continue;
        stored["boot " + rows->text(i, 0)] = rows->text(i, 1);
    }
    return compare_rows("run_boot", stored, wanted);
}

Outcome compare_end(Connection& connection, const std::string& run_no, const RunFacts& facts) {
    auto rows =
        connection.run("SELECT records, hash FROM fermata.run_end WHERE run_no = " + run_no);
    if (!rows) return Err{rows.error()};
    if (rows->size() == 0) {
        if (!facts.closed) return Difference();
        return found(Kind::kMissing,
                     "run_end: the journal is closed, and the database does not say so (fermata "
                     "journal load)");
    }
    if (!facts.closed) {
        return found(
            Kind::kSurplus,
            "run_end: the database says that the run ended, and the journal is not closed");
    }
    if (rows->text(0, 0) != std::to_string(facts.records)) {
        return unlike("run_end: column records", rows->text(0, 0), std::to_string(facts.records));
    }
    if (rows->text(0, 1) != facts.hash) {
        return unlike("run_end: column hash", rows->text(0, 1), facts.hash);
    }
    return Difference();
}

}  // namespace

Outcome compare_run(Connection& connection, const std::string& run_no, const RunFacts& facts) {
    JournalManifest manifest;
    Outcome outcome = compare_columns(connection, run_no, facts, manifest);
    if (outcome && !*outcome) outcome = compare_names(connection, run_no, manifest);
    if (outcome && !*outcome) outcome = compare_sources(connection, run_no, manifest);
    if (outcome && !*outcome) outcome = compare_boots(connection, run_no, facts);
    if (outcome && !*outcome) outcome = compare_end(connection, run_no, facts);
    return outcome;
}

}  // namespace fermata::postgres
