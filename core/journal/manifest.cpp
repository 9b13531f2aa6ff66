#include "core/journal/manifest.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>

namespace fermata {
namespace {

using Table = std::vector<std::string> JournalManifest::*;
struct NamedTable {
    std::string_view key;
    Table table;
};
constexpr std::array kTables = {
    NamedTable{"instrument", &JournalManifest::instruments},
    NamedTable{"strategy", &JournalManifest::strategies},
    NamedTable{"account", &JournalManifest::accounts},
    NamedTable{"venue", &JournalManifest::venues},
    NamedTable{"currency", &JournalManifest::currencies},
};

using Field = std::string JournalManifest::*;
struct NamedField {
    std::string_view key;
    Field field;
};
constexpr std::array kFields = {
    NamedField{"build", &JournalManifest::build},
    NamedField{"configuration", &JournalManifest::configuration_hash},
    NamedField{"calendars", &JournalManifest::calendars},
    NamedField{"time_zones", &JournalManifest::time_zones},
    NamedField{"parent", &JournalManifest::parent},
    NamedField{"folder", &JournalManifest::folder},
};

void put(std::string& text, std::string_view key, std::string_view value) {
    text.append(key).append("=");
    for (const char c : value) {
        if (c == '\\') {
            text += "\\\\";
        } else if (c == '\n') {
            text += "\\n";
        } else {
            text += c;
        }
    }
    text += '\n';
}

std::optional<std::string> unescape(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\\') {
            out += value[i];
            continue;
        }
        if (++i == value.size()) return std::nullopt;
        if (value[i] != '\\' && value[i] != 'n') return std::nullopt;
        out += value[i] == 'n' ? '\n' : '\\';
    }
    return out;
}

template <class T>
bool number(std::string_view text, T& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

template <class E>
bool choice(std::string_view text, std::initializer_list<E> values, E& out) {
    for (const E value : values) {
        if (name(value) != text) continue;
        out = value;
        return true;
    }
    return false;
}

/// Takes one line into the manifest. False when a known key's value or index is wrong.
bool take(JournalManifest& manifest, std::string_view key, std::string value) {
    for (const NamedField& field : kFields) {
        if (key != field.key) continue;
        manifest.*field.field = std::move(value);
        return true;
    }
    if (key == "start_ns") return number(value, manifest.start.ns);
    if (key == "shards") return number(value, manifest.shards);
    if (key == "boot_epoch") return number(value, manifest.boot_epoch);
    if (key == "order_epochs_taken") return number(value, manifest.order_epochs_taken);
    if (key == "feed_start") return number(value, manifest.feed_start) && manifest.feed_start > 0;
    if (key == "schedule") {
        return choice(value, {RunSchedule::kLockstep, RunSchedule::kConcurrent}, manifest.schedule);
    }
    if (key == "market") {
        return choice(value, {MarketRecord::kReference, MarketRecord::kRecord}, manifest.market);
    }
    const std::size_t dot = key.find('.');
    const std::string_view head = key.substr(0, dot);
    const std::string_view rest =
        dot == std::string_view::npos ? std::string_view{} : key.substr(dot + 1);
    for (const NamedTable& table : kTables) {
        if (head != table.key) continue;
        std::vector<std::string>& names = manifest.*table.table;
        if (rest != std::to_string(names.size())) return false;
        names.push_back(std::move(value));
        return true;
    }
    if (head == "source") {
        // "source.N.name" opens source N, "source.N.hash" completes it.
        const std::size_t count = manifest.sources.size();
        if (rest == std::to_string(count) + ".name") {
            manifest.sources.push_back({std::move(value), {}});
            return true;
        }
        if (count == 0 || rest != std::to_string(count - 1) + ".hash") return false;
        manifest.sources.back().hash = std::move(value);
        return true;
    }
    manifest.other.emplace_back(key, std::move(value));
    return true;
}

}  // namespace

std::string_view name(RunSchedule schedule) noexcept {
    return schedule == RunSchedule::kLockstep ? "lockstep" : "concurrent";
}

std::string_view name(MarketRecord market) noexcept {
    return market == MarketRecord::kReference ? "reference" : "record";
}

RunId repeatable_run_id(const JournalManifest& manifest, const HasherFactory& hasher_factory) {
    std::string text;
    put(text, "configuration", manifest.configuration_hash);
    put(text, "build", manifest.build);
    put(text, "time_zones", manifest.time_zones);
    put(text, "market", name(manifest.market));
    put(text, "feed_start", std::to_string(manifest.feed_start));
    for (const JournalSource& source : manifest.sources) put(text, "source", source.hash);
    return make_run_id(text, manifest.start, hasher_factory);
}

bool same_run(const JournalManifest& a, const JournalManifest& b) {
    return difference(a, b).empty();
}

std::string difference(const JournalManifest& a, const JournalManifest& b) {
    const auto both = [](std::string what, std::string_view x, std::string_view y) {
        return std::move(what) + " (" + std::string(x) + ", " + std::string(y) + ")";
    };
    if (a.schedule != b.schedule) return both("schedule", name(a.schedule), name(b.schedule));
    if (a.market != b.market) return both("journal.market", name(a.market), name(b.market));
    // In lockstep nothing depends on the number of shards.
    if (a.schedule == RunSchedule::kConcurrent && a.shards != b.shards) {
        return both("shards", std::to_string(a.shards), std::to_string(b.shards));
    }
    if (a.configuration_hash != b.configuration_hash) {
        return both("configuration", a.configuration_hash, b.configuration_hash);
    }
    const std::size_t sources = std::max(a.sources.size(), b.sources.size());
    for (std::size_t n = 0; n < sources; ++n) {
        const std::string x = n < a.sources.size() ? a.sources[n].hash : "nothing";
        const std::string y = n < b.sources.size() ? b.sources[n].hash : "nothing";
        if (x != y) return both("source " + std::to_string(n), x, y);
    }
    if (a.instruments != b.instruments || a.strategies != b.strategies ||
        a.accounts != b.accounts || a.venues != b.venues || a.currencies != b.currencies) {
        return "ids";
    }
    if (a.order_epochs_taken != b.order_epochs_taken) {
        return both("epochs of order ids taken before", std::to_string(a.order_epochs_taken),
                    std::to_string(b.order_epochs_taken));
    }
    if (a.feed_start != b.feed_start) {
        return both("first feed position", std::to_string(a.feed_start),
                    std::to_string(b.feed_start));
    }
    return "";
}

std::string to_text(const JournalManifest& manifest) {
    std::string text;
    for (const NamedField& field : kFields) put(text, field.key, manifest.*field.field);
    put(text, "start_ns", std::to_string(manifest.start.ns));
    put(text, "shards", std::to_string(manifest.shards));
    put(text, "boot_epoch", std::to_string(manifest.boot_epoch));
    if (manifest.order_epochs_taken != 0) {
        put(text, "order_epochs_taken", std::to_string(manifest.order_epochs_taken));
    }
    put(text, "schedule", name(manifest.schedule));
    put(text, "market", name(manifest.market));
    put(text, "feed_start", std::to_string(manifest.feed_start));
    for (std::size_t i = 0; i < manifest.sources.size(); ++i) {
        const std::string prefix = "source." + std::to_string(i);
        put(text, prefix + ".name", manifest.sources[i].name);
        put(text, prefix + ".hash", manifest.sources[i].hash);
    }
    for (const NamedTable& table : kTables) {
        const std::vector<std::string>& names = manifest.*table.table;
        for (std::size_t i = 0; i < names.size(); ++i) {
            put(text, std::string(table.key) + "." + std::to_string(i), names[i]);
        }
    }
    for (const auto& [key, value] : manifest.other) put(text, key, value);
    return text;
}

Result<JournalManifest, ManifestError> parse_manifest(std::string_view text) {
    JournalManifest manifest;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = text.find('\n');
        const std::string_view content = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (content.empty()) continue;
        const std::size_t equals = content.find('=');
        auto value =
            equals == std::string_view::npos ? std::nullopt : unescape(content.substr(equals + 1));
        if (!value || equals == 0 ||
            !take(manifest, content.substr(0, equals), std::move(*value))) {
            return Err{ManifestError{"line " + std::to_string(line) +
                                     " of the manifest cannot be read: " + std::string(content)}};
        }
    }
    return manifest;
}

}  // namespace fermata
