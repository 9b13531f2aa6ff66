#include "daemon/config/reference.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

std::string join(const std::vector<std::string>& words, const char* separator) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : separator) + word;
    return out;
}

/// "from 1 to 100", "more than 0", or nothing.
std::string bounds(const KeySpec& key) {
    std::vector<std::string> parts;
    if (!key.above.empty()) parts.push_back("more than " + key.above);
    if (!key.minimum.empty() && !key.maximum.empty()) {
        parts.push_back(key.minimum + " to " + key.maximum);
    } else if (!key.minimum.empty()) {
        parts.push_back("at least " + key.minimum);
    } else if (!key.maximum.empty()) {
        parts.push_back("at most " + key.maximum);
    }
    if (!key.unit.empty()) parts.push_back("in " + key.unit);
    return join(parts, ", ");
}

/// "list of text", "map of names to money", "money or map of names to money".
std::string form(const KeySpec& key) {
    std::string type = key.type;
    const bool names_are_keys =
        key.shape == KeySpec::Shape::kScalarMap || key.shape == KeySpec::Shape::kSectionMap;
    if (!key.reference.empty() && !names_are_keys) type = "name of a known " + key.reference;
    switch (key.shape) {
        case KeySpec::Shape::kScalar:
            return type;
        case KeySpec::Shape::kScalarList:
            return key.reference.empty() ? "list of " + type
                                         : "list of names of known " + key.reference + "s";
        case KeySpec::Shape::kScalarMap:
            return "map of names to " + type;
        case KeySpec::Shape::kSection:
            return "map";
        case KeySpec::Shape::kSectionList:
            return "list of maps";
        case KeySpec::Shape::kSectionMap:
            return "map of names to maps";
        case KeySpec::Shape::kEither:
            return type + " or " + form(*key.alternative);
    }
    return type;
}

/// The form with its bounds: "ratio, 0 to 1".
std::string type_text(const KeySpec& key) {
    const std::string limits = bounds(key);
    return limits.empty() ? form(key) : form(key) + ", " + limits;
}

std::string default_text(const KeySpec& key) {
    if (key.required) return "required";
    if (!key.default_note.empty()) return key.default_note;
    if (!key.default_text.empty()) return key.default_text;
    return "none";
}

// Text --------------------------------------------------------------------------------------------

void write_text(const SectionSpec& section, int level, std::string& out);

void write_text(const KeySpec& key, int level, std::string& out) {
    const std::string indent(static_cast<std::size_t>(level) * 2, ' ');
    out += indent + key.name + ": " + type_text(key);
    const bool nested = key.shape == KeySpec::Shape::kSection ||
                        key.shape == KeySpec::Shape::kSectionList ||
                        key.shape == KeySpec::Shape::kSectionMap;
    if (!nested || key.required) {
        out += key.required ? " (required)" : " (default: " + default_text(key) + ")";
    }
    out += "\n" + indent + "    " + key.doc + "\n";
    for (const ChoiceSpec& choice : key.choices) {
        out += indent + "      " + choice.name + (choice.doc.empty() ? "" : ": " + choice.doc) +
               (choice.built ? "" : " (not built into this version)") + "\n";
    }
    if (key.section) write_text(*key.section, level + 1, out);
    if (key.alternative && key.alternative->section) {
        write_text(*key.alternative->section, level + 1, out);
    }
}

void write_text(const SectionSpec& section, int level, std::string& out) {
    const std::string indent(static_cast<std::size_t>(level) * 2, ' ');
    for (const KeySpec& key : section.keys) write_text(key, level, out);
    if (section.variants.empty()) return;
    if (!section.by_presence) {
        out += indent + section.discriminator + ": " + one_of(variant_choices(section)) +
               (section.default_variant.empty() ? " (required)"
                                                : " (default: " + section.default_variant + ")") +
               "\n" + indent + "    " + section.discriminator_doc + "\n";
    }
    for (const VariantSpec& variant : section.variants) {
        out += indent + "-- " +
               (section.by_presence ? variant.name : section.discriminator + ": " + variant.name) +
               (variant.built ? "" : " (not built into this version)") + "\n" + indent + "    " +
               variant.doc + "\n";
        for (const KeySpec& key : variant.keys) write_text(key, level + 1, out);
    }
}

// Markdown ----------------------------------------------------------------------------------------

std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

std::string code(const std::string& text) { return "`" + text + "`"; }

class MarkdownWriter {
public:
    std::string run(const SectionSpec& root) {
        write_table(root.keys, "");
        write_nested(root.keys, "");
        return std::move(out_);
    }

private:
    static std::string default_cell(const KeySpec& key) {
        const bool nested = key.shape == KeySpec::Shape::kSection ||
                            key.shape == KeySpec::Shape::kSectionList ||
                            key.shape == KeySpec::Shape::kSectionMap;
        if (key.required) return "required";
        if (!key.default_note.empty()) return cell(key.default_note);
        if (!key.default_text.empty()) return code(cell(key.default_text));
        return nested ? "" : "none";
    }

    void write_row(const KeySpec& key, const std::string& path) {
        std::string meaning = key.doc;
        for (const ChoiceSpec& choice : key.choices) {
            meaning += "<br>" + code(choice.name) + (choice.doc.empty() ? "" : ": " + choice.doc);
            if (!choice.built) meaning += " *Not built into this version.*";
        }
        if (has_section(key)) meaning += " See " + code(inner_path(key, path)) + ".";
        out_ += "| " + code(key.name) + " | " + cell(type_text(key)) + " | " + default_cell(key) +
                " | " + cell(meaning) + " |\n";
    }

    static constexpr const char* kTableHead =
        "| key | type | default | meaning |\n| --- | --- | --- | --- |\n";

    void write_table(const std::vector<KeySpec>& keys, const std::string& path) {
        if (keys.empty()) return;
        out_ += kTableHead;
        for (const KeySpec& key : keys) write_row(key, path);
        out_ += "\n";
    }

    static const SectionSpec* section_of(const KeySpec& key) {
        if (key.section) return key.section.get();
        return key.alternative ? key.alternative->section.get() : nullptr;
    }
    static bool has_section(const KeySpec& key) { return section_of(key) != nullptr; }

    /// "feeds[]", "risk.strategies.NAME".
    static std::string inner_path(const KeySpec& key, const std::string& path) {
        const KeySpec::Shape shape = key.section ? key.shape : key.alternative->shape;
        if (shape == KeySpec::Shape::kSectionList) return path + key.name + "[]";
        if (shape == KeySpec::Shape::kSectionMap) return path + key.name + ".NAME";
        return path + key.name;
    }
    /// The path of a section's keys in one of its variants: "feeds[csv]", "fees(per_share)".
    static std::string variant_path(const SectionSpec& section, const VariantSpec& variant,
                                    const std::string& path) {
        if (section.by_presence) return path;
        if (path.ends_with("[]")) return path.substr(0, path.size() - 1) + variant.name + "]";
        return path + "(" + variant.name + ")";
    }

    void write_nested(const std::vector<KeySpec>& keys, const std::string& path) {
        for (const KeySpec& key : keys) {
            if (has_section(key)) write_section(*section_of(key), inner_path(key, path));
        }
    }

    void write_common_keys(const SectionSpec& section, const std::string& path) {
        if (section.variants.empty() || section.by_presence) {
            write_table(section.keys, path + ".");
            return;
        }
        out_ += kTableHead;
        out_ += "| " + code(section.discriminator) + " | choice | " +
                (section.default_variant.empty() ? "required" : code(section.default_variant)) +
                " | " + cell(section.discriminator_doc);
        for (const VariantSpec& variant : section.variants) {
            out_ += "<br>" + code(variant.name) + ": " + cell(variant.doc);
            if (!variant.built) out_ += " *Not built into this version.*";
        }
        out_ += " |\n";
        for (const KeySpec& key : section.keys) write_row(key, path + ".");
        out_ += "\n";
    }

    void write_section(const SectionSpec& section, const std::string& path) {
        const auto depth = static_cast<std::size_t>(std::count(path.begin(), path.end(), '.'));
        out_ += std::string(std::min<std::size_t>(2 + depth, 5), '#') + " " + code(path) + "\n\n";
        if (!section.doc.empty()) out_ += section.doc + "\n\n";
        const auto [first, fresh] = written_.try_emplace(&section, path);
        if (!fresh) {
            out_ += "The same keys as " + code(first->second) + ".\n\n";
            return;
        }
        if (section.keys.empty() && section.variants.empty()) out_ += "There are none.\n\n";
        write_common_keys(section, path);
        write_nested(section.keys, path + ".");
        for (const VariantSpec& variant : section.variants) {
            if (!variant.built || variant.keys.empty()) continue;
            const std::string inside = variant_path(section, variant, path) + ".";
            out_ += "**" +
                    (section.by_presence ? "With " + code(variant.name)
                                         : code(section.discriminator + ": " + variant.name)) +
                    "** — " + variant.doc + "\n\n";
            write_table(variant.keys, inside);
            write_nested(variant.keys, inside);
        }
    }

    std::string out_;
    std::map<const SectionSpec*, std::string> written_;  // with the path where they are described
};

constexpr const char* kIntroduction = R"(# Configuration reference

This page is generated: `fermata config schema --format markdown`. Do not edit it.

A run is described by one YAML file. `fermata config check FILE` checks it and shows every problem with
its line and column; unknown keys are refused. `fermata config check --print FILE` prints the effective
configuration with all defaults, and `--set key.path=value` changes a value from the command line: keys
are separated by dots, an element of a list is named by its index from 0 or by its `name` or `symbol`
(`--set strategies.sma.params.fast=10`). `--set risk.latch=null` takes a key away.

- **Numbers** are decimal and exact; they never pass through binary floating point, except where the type
  is `number`.
- **Ratios** are written as `0.05` or `5%`.
- **Durations** are written as `250ms`, `1.5s`, `1m`, `1h`, `1d`.
- **Times** are ISO 8601: a date (`2020-01-31`), or a date and time (`2020-01-31T09:30:00`, with `Z` or an
  offset such as `-05:00`). Without an offset they are local times of the zone that the key names. A date
  alone means its first instant, and in `to` the whole day, so that it is included.
- **Paths** are relative to the folder of the configuration file.
- **Aliases and merge keys** of YAML (`&name`, `*name`, `<<`) are expanded.

Two hashes identify a configuration. The *configuration hash* covers all that decides about results:
everything but `run.name`, `run.out`, `run.speed`, `run.progress`, `run.equity_interval`, what only the
statistics use (`run.benchmark`, `run.risk_free`, `run.periods_per_year`), `journal`, `database`, `control`,
`watchdog`, `exchange`, `engine`, `live`, `threads` and what only reports take from `portfolio_risk` (`seed`, `paths`, `fat_tails`, `participation`, `backtest_window`,
`factors`).
The *rules hash* also leaves out where data comes from and where orders go: `feeds`, `sessions`,
`corporate_actions`, `run.from`, `run.to` and `run.zone`.

)";

}  // namespace

std::string reference_text(const SectionSpec& root) {
    std::string out;
    write_text(root, 0, out);
    return out;
}

std::string reference_markdown(const SectionSpec& root) {
    std::string out = kIntroduction + std::string("## The file\n\n") + MarkdownWriter().run(root);
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
}

}  // namespace fermata::config

namespace fermata {

std::string config_schema(SchemaFormat format, const StrategyRegistry& registry) {
    const auto root = config::root_section(registry).spec();
    switch (format) {
        case SchemaFormat::kText:
            return config::reference_text(*root);
        case SchemaFormat::kMarkdown:
            return config::reference_markdown(*root);
        case SchemaFormat::kJson:
            return config::reference_json(*root);
    }
    return "";
}

}  // namespace fermata
