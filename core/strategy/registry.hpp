#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/strategy/strategy.hpp"

namespace fermata {

/// One parameter of a strategy type: drives validation, help and the generated reference.
struct ParamSpec {
    enum class Kind : std::uint8_t { kInteger, kReal, kBoolean, kText };
    std::string name;
    Kind kind = Kind::kInteger;
    std::string default_value;  ///< As it would stand in the configuration.
    double minimum = 0;         ///< Integer and real only.
    double maximum = 0;
    std::string doc;
    std::vector<std::string> choices;  ///< Text only: empty = anything.
};

/// What was expected instead of `text` as a value of `spec`, for a message ("an integer from 1 to
/// 10000"); nothing when it is valid. The one place that knows what a valid parameter is.
[[nodiscard]] std::optional<std::string> param_error(const ParamSpec& spec, std::string_view text);

/// Parameters of one strategy, validated against its specs and completed with the defaults.
/// The readers require a name that was set (else a bug: they abort) and throw std::invalid_argument
/// when the text is not of the kind asked for.
class ParamValues {
public:
    void set(std::string name, std::string text) { values_[std::move(name)] = std::move(text); }
    [[nodiscard]] std::int64_t integer(const std::string& name) const;  ///< The name must exist.
    [[nodiscard]] double real(const std::string& name) const;
    [[nodiscard]] bool boolean(const std::string& name) const;
    [[nodiscard]] const std::string& text(const std::string& name) const;
    [[nodiscard]] const std::map<std::string, std::string>& all() const noexcept { return values_; }

private:
    std::map<std::string, std::string> values_;
};

/// A kind of strategy that a configuration may name.
struct StrategyType {
    std::string name;  ///< "sma_cross".
    std::string doc;   ///< One sentence.
    std::vector<ParamSpec> params;
    /// Throws std::invalid_argument when the values contradict each other (fast >= slow).
    std::function<std::unique_ptr<Strategy>(const ParamValues&)> make;
};

/// `given` checked against the specs of `type` and completed with the defaults. Throws
/// std::invalid_argument on an unknown name or a bad value; the message names the parameter.
[[nodiscard]] ParamValues complete_params(const StrategyType& type,
                                          const std::map<std::string, std::string>& given);

/// All strategy types of a build, by name. Filled explicitly at start-up; no static registration.
class StrategyRegistry {
public:
    /// The name must be new and every default valid for its spec; anything else is a bug and
    /// aborts.
    void add(StrategyType type);
    /// nullptr when no such type exists.
    [[nodiscard]] const StrategyType* find(const std::string& name) const noexcept;
    [[nodiscard]] const std::map<std::string, StrategyType>& all() const noexcept { return types_; }

private:
    std::map<std::string, StrategyType> types_;
};

}  // namespace fermata
