#include "daemon/cli/data_generate.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "core/market/date.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/csv_out.hpp"
#include "daemon/config/config.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

constexpr std::uint64_t kSymbolsMax = 100'000;

/// Options have no line; the command stands where a file would.
Place place() { return {std::make_shared<const std::string>("fermata data generate"), 0, 0}; }

[[noreturn]] void refuse(const std::string& option, const std::string& message) {
    throw ConfigError({ConfigProblem{place(), option, message}});
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
    return parts;
}

/// "500" gives S001 to S500, "AAA,BBB" itself.
std::vector<std::string> symbols_of(const std::string& text) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size()) return split(text, ',');
    if (count == 0 || count > kSymbolsMax) {
        refuse("--symbols", "found " + text + ", expected 1 to " + std::to_string(kSymbolsMax) +
                                " symbols, or a list of names such as AAA,BBB");
    }
    const std::size_t digits = std::to_string(count).size();
    std::vector<std::string> symbols;
    for (std::uint64_t i = 1; i <= count; ++i) {
        const std::string number = std::to_string(i);
        symbols.push_back("S" + std::string(digits - number.size(), '0') + number);
    }
    return symbols;
}

/// "2:0.1,0.9": the multiplier, and the probabilities of the next state.
Report regime_of(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) {
        refuse("--regime", "found '" + text + "', expected MULTIPLIER:P1,P2,... such as 2:0.1,0.9");
    }
    Report regime;
    regime["multiplier"] = text.substr(0, colon);
    regime["to"] = split(text.substr(colon + 1), ',');
    return regime;
}

/// The generator as the feed of a configuration, so that every text means what it means there and
/// is checked as it is there. JSON is YAML.
Report configuration_of(const GenerateOptions& options) {
    Report feed{{"type", "generator"}};
    for (const auto& [key, value] : options.feed) feed[key] = value;
    if (!options.jump_intensity.empty()) feed["jumps"]["intensity"] = options.jump_intensity;
    if (!options.jump_mean.empty()) feed["jumps"]["mean"] = options.jump_mean;
    if (!options.jump_deviation.empty()) feed["jumps"]["deviation"] = options.jump_deviation;
    for (const std::string& regime : options.regimes) feed["regimes"].push_back(regime_of(regime));
    Report config;
    config["account"] = {{"currency", "USD"}, {"cash", "1"}, {"type", "cash"}};
    const std::vector<std::string> symbols = symbols_of(options.symbols);
    for (const std::string& symbol : symbols) {
        Report instrument{{"symbol", symbol},
                          {"asset_class", options.asset_class},
                          {"tick", options.tick},
                          {"lot", options.lot}};
        if (!options.calendar.empty()) instrument["calendar"] = options.calendar;
        config["instruments"].push_back(instrument);
    }
    config["feeds"] = Report::array({feed});
    // A configuration has a venue and a strategy; nothing is asked of these.
    config["venues"] = Report::array({{{"name", "sim"}, {"type", "simulated"}}});
    config["strategies"] = Report::array({{{"name", "none"},
                                           {"type", "buy_and_hold"},
                                           {"symbols", Report::array({symbols.front()})},
                                           {"sizing", {{"type", "fixed"}, {"value", "1"}}}}});
    return config;
}

/// "feeds.0.jumps.mean" is the option --jump-mean, "instruments.3.tick" is --tick.
std::string option_of(const std::string& path) {
    std::string name = path;
    if (name.starts_with("feeds.0.regimes")) return "--regime";
    if (name.starts_with("instruments.")) {
        const std::size_t dot = name.find('.', std::string("instruments.").size());
        name = dot == std::string::npos ? "symbols" : name.substr(dot + 1);
        if (name == "symbol") name = "symbols";
    } else if (name.starts_with("feeds.0.jumps.")) {
        name = "jump_" + name.substr(std::string("feeds.0.jumps.").size());
    } else if (name.starts_with("feeds.0.")) {
        name = name.substr(std::string("feeds.0.").size());
    }
    std::replace(name.begin(), name.end(), '_', '-');
    return "--" + name;
}

Config understand(const GenerateOptions& options, const StrategyRegistry& registry) {
    const Report document = configuration_of(options);
    try {
        return parse_config(document.dump(), "command line", ".", {}, registry, sha256_hasher());
    } catch (const ConfigError& e) {
        std::vector<ConfigProblem> problems;
        for (const ConfigProblem& p : e.problems()) {
            const ConfigProblem told{place(), option_of(p.path), p.message};
            const bool known = std::any_of(problems.begin(), problems.end(), [&](const auto& q) {
                return q.path == told.path && q.message == told.message;
            });
            if (!known) problems.push_back(told);  // a tick is wrong for all symbols alike
        }
        throw ConfigError(std::move(problems));
    }
}

WrittenData write_csv(Feed& feed, const generator::GeneratorConfig& settings, const Config& config,
                      const Assembly& assembly, const std::filesystem::path& path, bool force,
                      const WriteProgress& progress) {
    PendingFile file(path, force);
    WrittenData written;
    const bool daily = settings.interval == Duration::days(1);
    CsvOut out(file.temporary(), settings.kind, config.instruments, assembly.calendars(), daily);
    drain(feed, written, progress, [&](auto events) { out.append(events); });
    out.close();
    file.commit();
    written.bytes = std::filesystem::file_size(path);
    return written;
}

std::string csv_feed_yaml(const generator::GeneratorConfig& settings, const std::string& path,
                          const std::string& interval) {
    std::string kind(name(settings.kind));
    if (kind.ends_with('s')) kind.pop_back();
    std::string yaml = "- type: csv\n  kind: " + kind + "\n";
    if (settings.kind == generator::GeneratorKind::kBars) yaml += "  interval: " + interval + "\n";
    return yaml + "  path: " + path + "\n  " + csv_columns_yaml(settings.kind) + "\n";
}

}  // namespace

Report generate_data(const GenerateOptions& options, const WriteProgress& progress) {
    const std::filesystem::path path = options.out;
    const bool tape = path.extension() == ".tape";
    if (!tape && path.extension() != ".csv") {
        refuse("--out", "found " + options.out + ", expected the name of a .tape or .csv file");
    }
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const Config config = understand(options, registry);
    const auto& settings = std::get<generator::GeneratorConfig>(config.feeds.front().settings);
    Assembly assembly(config, registry);
    const std::unique_ptr<Feed> feed = assembly.make_market_feed();
    const WrittenData written =
        tape ? write_tape(*feed, tables_of(config.instruments, assembly.streams()), path,
                          options.force, progress)
             : write_csv(*feed, settings, config, assembly, path, options.force, progress);
    Report report;
    report["file"] = path.string();
    report["events"] = written.events;
    report["first"] = format_iso_timestamp(written.first);
    report["last"] = format_iso_timestamp(written.last);
    report["bytes"] = written.bytes;
    if (tape) report["content_hash"] = written.hash;
    report["generator_hash"] = feed->source_hash();
    const auto given = options.feed.find("interval");
    report["a_feed_that_reads_it"] =
        tape ? "- {type: tape, path: " + path.string() + "}\n"
             : csv_feed_yaml(settings, path.string(),
                             given == options.feed.end() ? "1d" : given->second);
    return report;
}

}  // namespace fermata
