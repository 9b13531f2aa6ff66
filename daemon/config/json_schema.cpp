#include <nlohmann/json.hpp>

#include "daemon/config/codec.hpp"
#include "daemon/config/reference.hpp"

namespace fermata::config {
namespace {

using Json = nlohmann::ordered_json;

Json section_schema(const SectionSpec& section);

/// A bound as a JSON number; bounds of texts (durations) have no place in a JSON Schema.
void add_bound(Json& schema, const char* keyword, const std::string& text) {
    if (text.empty()) return;
    if (const auto value = parse_real(text)) schema[keyword] = *value;
}

/// One scalar.
Json scalar_schema(const KeySpec& key) {
    Json schema;
    if (!key.choices.empty()) {
        Json values = Json::array();
        for (const ChoiceSpec& choice : key.choices) {
            if (choice.built) values.push_back(choice.name);
        }
        schema["enum"] = std::move(values);
        return schema;
    }
    // Texts such as symbols may look like numbers to YAML; ratios may end in a percent sign.
    if (key.json_type == "string") {
        schema["type"] = {"string", "number"};
        return schema;
    }
    if (key.type == "ratio") {
        Json percent{{"type", "string"}, {"pattern", "^[0-9.]+%$"}};
        Json number{{"type", "number"}};
        add_bound(number, "minimum", key.minimum);
        add_bound(number, "maximum", key.maximum);
        add_bound(number, "exclusiveMinimum", key.above);
        schema["anyOf"] = Json::array({std::move(number), std::move(percent)});
        return schema;
    }
    schema["type"] = key.json_type;
    add_bound(schema, "minimum", key.minimum);
    add_bound(schema, "maximum", key.maximum);
    add_bound(schema, "exclusiveMinimum", key.above);
    return schema;
}

Json key_schema(const KeySpec& key) {
    Json schema;
    switch (key.shape) {
        case KeySpec::Shape::kScalar:
            schema = scalar_schema(key);
            break;
        case KeySpec::Shape::kScalarList:
            schema = {
                {"type", "array"}, {"items", scalar_schema(key)}, {"uniqueItems", !key.may_repeat}};
            if (!key.may_be_empty) schema["minItems"] = 1;
            break;
        case KeySpec::Shape::kScalarMap:
            schema = {{"type", "object"}, {"additionalProperties", scalar_schema(key)}};
            break;
        case KeySpec::Shape::kSection:
            schema = section_schema(*key.section);
            break;
        case KeySpec::Shape::kSectionList:
            schema = {{"type", "array"}, {"items", section_schema(*key.section)}};
            if (!key.may_be_empty) schema["minItems"] = 1;
            break;
        case KeySpec::Shape::kSectionMap:
            schema = {{"type", "object"}, {"additionalProperties", section_schema(*key.section)}};
            break;
        case KeySpec::Shape::kEither:
            schema["anyOf"] = Json::array({scalar_schema(key), key_schema(*key.alternative)});
            break;
    }
    schema["description"] = key.doc;
    if (!key.default_text.empty() && key.shape == KeySpec::Shape::kScalar) {
        schema["default"] = key.default_text;
    }
    return schema;
}

void add_keys(Json& schema, const std::vector<KeySpec>& keys) {
    for (const KeySpec& key : keys) {
        schema["properties"][key.name] = key_schema(key);
        if (key.required) schema["required"].push_back(key.name);
    }
}

Json object_schema() {
    return {{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
}

Json section_schema(const SectionSpec& section) {
    if (section.variants.empty()) {
        Json schema = object_schema();
        add_keys(schema, section.keys);
        schema["additionalProperties"] = false;
        return schema;
    }
    Json variants = Json::array();
    for (const VariantSpec& variant : section.variants) {
        if (!variant.built) continue;
        Json schema = object_schema();
        schema["description"] = variant.doc;
        if (!section.by_presence) {
            schema["properties"][section.discriminator] = {
                {"const", variant.name}, {"description", section.discriminator_doc}};
            if (section.default_variant != variant.name) {
                schema["required"].push_back(section.discriminator);
            }
        }
        add_keys(schema, section.keys);
        add_keys(schema, variant.keys);
        schema["additionalProperties"] = false;
        variants.push_back(std::move(schema));
    }
    return {{"oneOf", std::move(variants)}};
}

}  // namespace

std::string reference_json(const SectionSpec& root) {
    Json schema = section_schema(root);
    Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
             {"title", "Fermata configuration"},
             {"description", root.doc}};
    out.update(schema);
    return out.dump(2) + "\n";
}

}  // namespace fermata::config
