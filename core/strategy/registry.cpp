#include "core/strategy/registry.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

/// The whole text as a number, without locale, white space or a leading plus.
template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end || text.empty()) return std::nullopt;
    return value;
}

std::optional<double> parse_real(std::string_view text) {
    const auto value = parse_number<double>(text);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

/// A bound as a user would write it: "50", "0.5".
std::string format_bound(double bound) {
    char out[32];
    const auto [end, error] = std::to_chars(out, out + sizeof out, bound);
    FERMATA_ASSERT(error == std::errc{});
    return {out, end};
}

std::string range_text(const ParamSpec& spec) {
    return " from " + format_bound(spec.minimum) + " to " + format_bound(spec.maximum);
}

bool in_range(const ParamSpec& spec, double value) {
    return value >= spec.minimum && value <= spec.maximum;
}

std::string choices_text(const std::vector<std::string>& choices) {
    std::string text;
    for (const std::string& choice : choices) text += (text.empty() ? "" : ", ") + choice;
    return text;
}

[[noreturn]] void throw_bad_value(const std::string& name, const std::string& text,
                                  const std::string& expected) {
    throw std::invalid_argument("parameter '" + name + "': found '" + text + "', expected " +
                                expected);
}

}  // namespace

std::optional<std::string> param_error(const ParamSpec& spec, std::string_view text) {
    switch (spec.kind) {
        case ParamSpec::Kind::kInteger: {
            const auto value = parse_number<std::int64_t>(text);
            if (value && in_range(spec, static_cast<double>(*value))) return std::nullopt;
            return "an integer" + range_text(spec);
        }
        case ParamSpec::Kind::kReal: {
            const auto value = parse_real(text);
            if (value && in_range(spec, *value)) return std::nullopt;
            return "a number" + range_text(spec);
        }
        case ParamSpec::Kind::kBoolean:
            if (parse_boolean(text)) return std::nullopt;
            return "true or false";
        case ParamSpec::Kind::kText:
            if (spec.choices.empty() ||
                std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end()) {
                return std::nullopt;
            }
            return "one of " + choices_text(spec.choices);
    }
    return "a parameter of a known kind";
}

const std::string& ParamValues::text(const std::string& name) const {
    const auto found = values_.find(name);
    FERMATA_ASSERT(found != values_.end());
    return found->second;
}

std::int64_t ParamValues::integer(const std::string& name) const {
    const auto value = parse_number<std::int64_t>(text(name));
    if (!value) throw_bad_value(name, text(name), "an integer");
    return *value;
}

double ParamValues::real(const std::string& name) const {
    const auto value = parse_real(text(name));
    if (!value) throw_bad_value(name, text(name), "a number");
    return *value;
}

bool ParamValues::boolean(const std::string& name) const {
    const auto value = parse_boolean(text(name));
    if (!value) throw_bad_value(name, text(name), "true or false");
    return *value;
}

ParamValues complete_params(const StrategyType& type,
                            const std::map<std::string, std::string>& given) {
    ParamValues values;
    for (const ParamSpec& spec : type.params) {
        const auto found = given.find(spec.name);
        const std::string& text = found == given.end() ? spec.default_value : found->second;
        if (const auto error = param_error(spec, text)) throw_bad_value(spec.name, text, *error);
        values.set(spec.name, text);
    }
    for (const auto& [name, text] : given) {
        const bool known = std::any_of(type.params.begin(), type.params.end(),
                                       [&](const ParamSpec& spec) { return spec.name == name; });
        if (known) continue;
        std::string names;
        for (const ParamSpec& spec : type.params) names += (names.empty() ? "" : ", ") + spec.name;
        throw std::invalid_argument("strategy type '" + type.name + "' has no parameter '" + name +
                                    "'; it has " + (names.empty() ? "none" : names));
    }
    return values;
}

void StrategyRegistry::add(StrategyType type) {
    FERMATA_ASSERT(!type.name.empty() && type.make != nullptr);
    for (const ParamSpec& spec : type.params) {
        FERMATA_ASSERT(!param_error(spec, spec.default_value).has_value());
    }
    std::string name = type.name;
    const bool inserted = types_.try_emplace(std::move(name), std::move(type)).second;
    FERMATA_ASSERT(inserted);
}

const StrategyType* StrategyRegistry::find(const std::string& name) const noexcept {
    const auto found = types_.find(name);
    return found == types_.end() ? nullptr : &found->second;
}

}  // namespace fermata
