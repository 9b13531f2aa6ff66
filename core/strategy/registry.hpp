#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
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

/// Parameters of one strategy, validated against its specs and completed with the defaults.
class ParamValues {
public:
    void set(std::string name, std::string text) { values_[std::move(name)] = std::move(text); }
    [[nodiscard]] std::int64_t integer(const std::string& name) const;  ///< The name must exist.
    [[nodiscard]] double real(const std::string& name) const;
    [[nodiscard]] bool boolean(const std::string& name) const;
    [[nodiscard]] const std::string& text(const std::string& name) const;

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

/// All strategy types of a build, by name. Filled explicitly at start-up; no static registration.
class StrategyRegistry {
public:
    void add(StrategyType type);
    [[nodiscard]] const StrategyType* find(const std::string& name) const noexcept;
    [[nodiscard]] const std::map<std::string, StrategyType>& all() const noexcept { return types_; }

private:
    std::map<std::string, StrategyType> types_;
};

}  // namespace fermata
