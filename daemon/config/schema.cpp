#include "daemon/config/schema.hpp"

#include <algorithm>

namespace fermata::config {
namespace {

std::string join(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// The keys that a section has once its variant is known.
std::vector<const KeySpec*> keys_of(const SectionSpec& spec, const VariantSpec* variant) {
    std::vector<const KeySpec*> keys;
    for (const KeySpec& key : spec.keys) keys.push_back(&key);
    if (variant != nullptr) {
        for (const KeySpec& key : variant->keys) keys.push_back(&key);
    }
    return keys;
}

/// " belongs to type csv, lean": the variants that know a key which the chosen one does not know.
std::string other_variants(const SectionSpec& spec, const std::string& name) {
    std::vector<std::string> owners;
    for (const VariantSpec& variant : spec.variants) {
        const auto same = [&](const KeySpec& key) { return key.name == name; };
        if (std::any_of(variant.keys.begin(), variant.keys.end(), same)) {
            owners.push_back(variant.name);
        }
    }
    if (owners.empty() || spec.by_presence) return "";
    return "; it belongs to " + spec.discriminator + " " + join(owners);
}

void refuse_unknown_keys(Reader& reader, const Node& node, const SectionSpec& spec,
                         const VariantSpec* variant) {
    const std::vector<const KeySpec*> keys = keys_of(spec, variant);
    std::vector<std::string> known;
    for (const KeySpec* key : keys) known.push_back(key->name);
    if (!spec.discriminator.empty() && !spec.by_presence) known.push_back(spec.discriminator);
    for (const Entry& entry : node.entries) {
        if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
        const Reader::Step step(reader, printable(entry.key));
        if (spec.explain_unknown) {
            if (const std::string why = spec.explain_unknown(entry.key); !why.empty()) {
                reader.problem(entry.place, why);
                continue;
            }
        }
        std::string hint = other_variants(spec, entry.key);
        if (hint.empty()) hint = did_you_mean(entry.key, known);
        if (hint.empty()) hint = "; expected one of " + join(known);
        reader.problem(entry.place, "unknown key" + hint);
    }
}

/// The variant that `node` names; nullptr and a problem when it names none that is built.
const VariantSpec* choose_variant(Reader& reader, const Node& node, const SectionSpec& spec) {
    const Entry* entry = node.find_entry(spec.discriminator);
    if (spec.by_presence) return &spec.variants[entry != nullptr ? 0 : 1];
    std::string name = spec.default_variant;
    Place place = node.place;
    const std::string expected = one_of(variant_choices(spec));
    const Reader::Step step(reader, spec.discriminator);
    if (entry != nullptr) {
        place = entry->value.is(Node::Kind::kNull) ? entry->place : entry->value.place;
        if (!entry->value.is(Node::Kind::kScalar)) {
            reader.problem(place, "found " + entry->value.describe() + ", expected " + expected);
            return nullptr;
        }
        name = entry->value.text;
    } else if (name.empty()) {
        reader.problem(place, "missing, expected " + expected);
        return nullptr;
    }
    std::vector<std::string> names;
    for (const VariantSpec& variant : spec.variants) {
        if (variant.name == name) {
            if (variant.built) return &variant;
            reader.problem(place, "found " + in_quotes(name) +
                                      ", which is not built into this version; expected " +
                                      expected);
            return nullptr;
        }
        names.push_back(variant.name);
    }
    reader.problem(
        place, "found " + in_quotes(name) + ", expected " + expected + did_you_mean(name, names));
    return nullptr;
}

std::string expected_of(const KeySpec& key) {
    if (!key.choices.empty()) return one_of(key.choices);
    switch (key.shape) {
        case KeySpec::Shape::kScalar:
        case KeySpec::Shape::kEither:
            return key.expected.empty() ? key.type : key.expected;
        case KeySpec::Shape::kScalarList:
            return "a list (" + key.type + ")";
        case KeySpec::Shape::kSectionList:
            return "a list of maps";
        case KeySpec::Shape::kScalarMap:
        case KeySpec::Shape::kSection:
        case KeySpec::Shape::kSectionMap:
            return "a map";
    }
    return "a value";
}

void read_key(Reader& reader, const Node& node, const KeySpec& key, void* target) {
    const Reader::Step step(reader, key.name);
    const Entry* entry = node.find_entry(key.name);
    if (entry == nullptr) {
        if (key.required) reader.problem(node.place, "missing, expected " + expected_of(key));
        return;
    }
    if (!entry->value.is(Node::Kind::kNull)) {
        key.read(reader, entry->value, target);
        return;
    }
    Node nothing = entry->value;  // "key:" with nothing behind it stands where its key stands
    nothing.place = entry->place;
    key.read(reader, nothing, target);
}

}  // namespace

std::string one_of(const std::vector<ChoiceSpec>& choices) {
    std::vector<std::string> names;
    for (const ChoiceSpec& choice : choices) {
        if (choice.built) names.push_back(choice.name);
    }
    return (names.size() == 1 ? "" : "one of ") + join(names);
}

std::vector<std::string> choice_names(const std::vector<ChoiceSpec>& choices) {
    std::vector<std::string> names;
    for (const ChoiceSpec& choice : choices) names.push_back(choice.name);
    return names;
}

std::vector<ChoiceSpec> variant_choices(const SectionSpec& spec) {
    std::vector<ChoiceSpec> choices;
    for (const VariantSpec& variant : spec.variants) {
        choices.push_back({variant.name, variant.doc, variant.built});
    }
    return choices;
}

void read_section(Reader& reader, const Node& node, const SectionSpec& spec, void* target) {
    if (!node.is(Node::Kind::kMap) && !node.is(Node::Kind::kNull)) {
        reader.unexpected(node, "a map");
        return;
    }
    const std::size_t before = reader.problem_count();
    const VariantSpec* variant = nullptr;
    if (!spec.variants.empty()) {
        variant = choose_variant(reader, node, spec);
        if (variant != nullptr && variant->select) variant->select(target);
    }
    // Without its variant it is not known which other keys a section has.
    if (variant != nullptr || spec.variants.empty()) {
        refuse_unknown_keys(reader, node, spec, variant);
    }
    for (const KeySpec* key : keys_of(spec, variant)) read_key(reader, node, *key, target);
    if (reader.problem_count() != before) return;
    for (const auto& check : spec.checks) check(reader, node, target);
    if (variant == nullptr) return;
    for (const auto& check : variant->checks) check(reader, node, target);
}

Node dump_section(const SectionSpec& spec, const void* target, const std::vector<Part>& parts,
                  Part part) {
    Node out = Node::map();
    const auto wanted = [&](Part p) {
        return std::find(parts.begin(), parts.end(), p) != parts.end();
    };
    const auto add = [&](const KeySpec& key) {
        const Part own = key.part.value_or(part);
        const bool nested = key.shape == KeySpec::Shape::kSection;
        if (!nested && !wanted(own)) return;
        std::optional<Node> value = key.dump(target, parts, own);
        if (!value || (nested && value->entries.empty())) return;
        out.add(key.name, std::move(*value));
    };
    for (const KeySpec& key : spec.keys) add(key);
    for (const VariantSpec& variant : spec.variants) {
        if (!variant.selected(target)) continue;
        if (!spec.by_presence && wanted(part)) {
            out.add(spec.discriminator, Node::scalar(variant.name));
        }
        for (const KeySpec& key : variant.keys) add(key);
        break;
    }
    return out;
}

}  // namespace fermata::config
