#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata::surveillance {

/// What is looked for. docs/surveillance.md defines each rule in words.
enum class RuleId : std::uint8_t {
    kSpoofing,
    kLayering,
    kWashTrades,
    kMarkingTheClose,
    kMomentumIgnition,
    kOrderToTrade,
    kQuoteStuffing,
};
inline constexpr std::size_t kRuleCount = 7;

struct RuleInfo {
    RuleId id;
    std::string_view name;    ///< On the command line and in reports: "spoofing".
    std::string_view title;   ///< For people.
    std::string_view source;  ///< Where it is defined.
    bool needs_market;        ///< Cannot be applied without prices.
};
[[nodiscard]] std::span<const RuleInfo, kRuleCount> rules() noexcept;
[[nodiscard]] const RuleInfo& info(RuleId rule) noexcept;
[[nodiscard]] std::optional<RuleId> rule_of(std::string_view name) noexcept;

/// In what a parameter or a measure is counted.
enum class Unit : std::uint8_t {
    kCount,
    kRatio,     ///< 1e-9
    kDuration,  ///< ns
};
[[nodiscard]] std::string_view name(Unit unit) noexcept;  ///< "count", "ratio", "duration"

/// Every threshold, in the order of the rules. The one list: settings, command line and
/// documentation follow from it.
enum class Parameter : std::uint8_t {
    kSpoofingSize,
    kSpoofingFilled,
    kSpoofingWithdrawn,
    kSpoofingCancelWithin,
    kSpoofingRequote,
    kSpoofingLifetime,
    kSpoofingCount,
    kSpoofingWithin,
    kLayeringLevels,
    kLayeringSize,
    kLayeringFilled,
    kLayeringWithdrawn,
    kLayeringCancelWithin,
    kLayeringRequote,
    kLayeringLifetime,
    kLayeringCount,
    kLayeringWithin,
    kWashTime,
    kWashPrice,
    kWashCount,
    kWashWithin,
    kCloseWindow,
    kCloseAfter,
    kCloseShare,
    kCloseMove,
    kCloseOneSided,
    kCloseCount,
    kCloseWithin,
    kMomentumFills,
    kMomentumBurst,
    kMomentumShare,
    kMomentumMove,
    kMomentumReversal,
    kMomentumReverseWithin,
    kMomentumCount,
    kMomentumWithin,
    kOrderToTradeNumber,
    kOrderToTradeVolume,
    kOrderToTradeOrders,
    kStuffingMessages,
    kStuffingTime,
    kStuffingFills,
    kStuffingCount,
    kStuffingWithin,
};
inline constexpr std::size_t kParameterCount = 44;

struct ParameterInfo {
    Parameter id;
    RuleId rule;
    std::string_view key;  ///< Within its rule: "size_min".
    Unit unit;
    std::int64_t normal;  ///< The default.
    std::int64_t least;   ///< What may be set.
    std::int64_t most;
    std::string_view meaning;
    std::string_view source;  ///< Of the default.
};
[[nodiscard]] std::span<const ParameterInfo, kParameterCount> parameters() noexcept;
[[nodiscard]] const ParameterInfo& info(Parameter parameter) noexcept;

/// A value as it is written on the command line: "3", "0.8", "250ms"; a ratio to nothing is
/// "unlimited".
[[nodiscard]] std::string text_of(std::int64_t value, Unit unit);

/// The thresholds of one surveillance. A plain value.
class Settings {
public:
    Settings() noexcept;

    [[nodiscard]] std::int64_t count(Parameter parameter) const noexcept {
        return values_[static_cast<std::size_t>(parameter)];
    }
    [[nodiscard]] Ratio ratio(Parameter parameter) const noexcept {
        return Ratio::from_raw(count(parameter));
    }
    [[nodiscard]] Duration duration(Parameter parameter) const noexcept {
        return {count(parameter)};
    }
    /// Sets "spoofing.size_min=3". The error is a message for the operator.
    [[nodiscard]] Status<std::string> set(std::string_view assignment);

private:
    std::array<std::int64_t, kParameterCount> values_{};
};

}  // namespace fermata::surveillance
