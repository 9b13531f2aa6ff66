#include <charconv>
#include <cstddef>
#include <span>

#include "daemon/config/assemble.hpp"
#include "daemon/config/config.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/override.hpp"
#include "daemon/config/root.hpp"

namespace fermata {
namespace {

using config::Part;

std::string digest(Hasher& hasher, const std::string& text) {
    hasher.update(std::as_bytes(std::span(text.data(), text.size())));
    return hasher.finish();
}

/// Applies all overrides; the problems of all of them come together.
void apply_overrides(config::Node& document, std::span<const std::string> overrides) {
    std::vector<ConfigProblem> problems;
    for (const std::string& override_text : overrides) {
        try {
            config::apply_override(document, override_text);
        } catch (const ConfigError& e) {
            problems.insert(problems.end(), e.problems().begin(), e.problems().end());
        }
    }
    if (!problems.empty()) throw ConfigError(std::move(problems));
}

}  // namespace

std::string_view mode_name(Mode mode) noexcept {
    switch (mode) {
        case Mode::kReplay:
            return "replay";
        case Mode::kPaper:
            return "paper";
        case Mode::kShadow:
            return "shadow";
        case Mode::kLive:
            return "live";
    }
    return "?";
}

std::uint64_t hash_prefix(const std::string& hash) {
    constexpr std::size_t kDigits = 16;
    const std::size_t colon = hash.find(':');
    const std::size_t begin = colon == std::string::npos ? 0 : colon + 1;
    FERMATA_ASSERT(hash.size() >= begin + kDigits);
    std::uint64_t value = 0;
    const char* const end = hash.data() + begin + kDigits;
    const auto [rest, error] = std::from_chars(hash.data() + begin, end, value, 16);
    FERMATA_ASSERT(error == std::errc{} && rest == end);
    return value;
}

Config parse_config(std::string_view text, const std::string& origin,
                    const std::filesystem::path& folder, std::span<const std::string> overrides,
                    const StrategyRegistry& registry, const HasherFactory& hasher) {
    config::Node document = config::parse_document(text, origin);
    apply_overrides(document, overrides);

    config::Reader reader(folder);
    for (const std::string& name : builtin_calendar_names()) {
        reader.define(config::kCalendarName, name,
                      Place{std::make_shared<const std::string>("the built-in calendars"), 0, 0});
    }
    const auto spec = config::root_section(registry).spec();
    config::Settings settings;
    config::read_section(reader, document, *spec, &settings);
    if (reader.problem_count() != 0) throw ConfigError(reader.take_problems());

    Config result = config::assemble(reader, document, settings);
    if (reader.problem_count() != 0) throw ConfigError(reader.take_problems());

    result.file = origin;
    if (result.run.name.empty()) {
        result.run.name = std::filesystem::path(origin).stem().string();
    }
    const auto dump = [&](const std::vector<Part>& parts) {
        return config::to_yaml(config::dump_section(*spec, &settings, parts));
    };
    result.effective = dump({Part::kRules, Part::kInput, Part::kOperation});
    const std::unique_ptr<Hasher> hash = hasher();
    result.hash = digest(*hash, dump({Part::kRules, Part::kInput}));
    result.rules_hash = digest(*hash, dump({Part::kRules}));
    return result;
}

Config load_config(const std::filesystem::path& file, std::span<const std::string> overrides,
                   const StrategyRegistry& registry, const HasherFactory& hasher) {
    const std::string text = config::read_text_file(file);
    return parse_config(text, file.string(), std::filesystem::absolute(file).parent_path(),
                        overrides, registry, hasher);
}

}  // namespace fermata
