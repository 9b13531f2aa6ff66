#include "daemon/config/draft.hpp"

#include <limits>

namespace fermata::config {
namespace {

/// The place of a path in the document, or of the nearest value above it.
Place place_of(const Node& document, const Path& path) {
    const Node* node = &document;
    for (const std::string& key : path) {
        const Node* next = nullptr;
        if (node->is(Node::Kind::kMap)) {
            next = node->find(key);
        } else if (node->is(Node::Kind::kList)) {
            const auto index = parse_integer(key);
            if (index && *index >= 0 && static_cast<std::size_t>(*index) < node->items.size()) {
                next = &node->items[static_cast<std::size_t>(*index)];
            }
        }
        if (next == nullptr) break;
        node = next;
    }
    return node->place;
}

}  // namespace

std::string dotted(const Path& path) {
    std::string out;
    for (const std::string& key : path) out += (out.empty() ? "" : ".") + key;
    return out;
}

void Draft::problem(const Path& path, std::string message) {
    problem_at(path, place_of(document_, path), std::move(message));
}

void Draft::problem_at(const Path& path, const Place& place, std::string message) {
    reader_.problem_at(dotted(path), place, std::move(message));
}

void Draft::want_file(const FilePath& file, const Path& path) {
    std::error_code error;
    if (std::filesystem::exists(file.resolved, error)) return;
    config.warnings.push_back({place_of(document_, path), dotted(path),
                               "found " + in_quotes(file.written) +
                                   ", but there is no such file or folder (" +
                                   file.resolved.string() + ")"});
}

void Draft::refuse_too_many(std::size_t count, const std::string& key) {
    constexpr std::size_t kMax = std::numeric_limits<std::uint16_t>::max();
    if (count <= kMax) return;
    problem({key}, "found " + std::to_string(count) + " elements, expected at most " +
                       std::to_string(kMax));
}

std::optional<Timestamp> Draft::resolve(const CivilTime& written, const std::string& zone, bool end,
                                        const Path& path, const Place& place) {
    std::string why;
    const auto t = zones.resolve(written, zone, end, why);
    if (!t) {
        problem_at(path, place,
                   "found " + in_quotes(format_civil_time(written)) +
                       ", expected a time that exists: " + why);
    }
    return t;
}

std::optional<Timestamp> Draft::resolve(const std::optional<CivilTime>& written,
                                        const std::string& zone, bool end, Path path) {
    if (!written) return std::nullopt;
    path.emplace_back(end ? "to" : "from");
    return resolve(*written, zone, end, path, place_of(document_, path));
}

void Draft::require_order(Timestamp from, Timestamp to, const Path& path) {
    if (from < to) return;
    problem(join(path, "to"), "found an end that is not after 'from', expected a later time");
}

std::string Draft::zone_of(const std::string& calendar) const {
    if (calendar.empty()) return "UTC";
    if (const auto found = zone_of_custom.find(calendar); found != zone_of_custom.end()) {
        return found->second;
    }
    return calendar == "24x7" ? "UTC" : "America/New_York";
}

std::string Draft::common_zone(const std::set<std::string>& calendars) const {
    std::set<std::string> found;
    for (const std::string& calendar : calendars) found.insert(zone_of(calendar));
    return found.size() == 1 ? *found.begin() : "UTC";
}

std::set<std::string> Draft::calendars_of(const std::vector<std::string>& symbols) const {
    std::set<std::string> calendars;
    for (const std::string& symbol : symbols) {
        if (const InstrumentSettings* i = instrument(symbol)) calendars.insert(i->calendar);
    }
    if (symbols.empty()) {
        for (const InstrumentEntry& e : settings.instruments) {
            calendars.insert(e.inline_instrument.calendar);
        }
    }
    return calendars;
}

const InstrumentSettings* Draft::instrument(const std::string& symbol) const {
    const auto found = ids.find(symbol);
    return found == ids.end() ? nullptr
                              : &settings.instruments[found->second.value].inline_instrument;
}

}  // namespace fermata::config
