#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/risk_data.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"
#include "risk/controls.hpp"

namespace fermata {

/// Values of all limits, each in the unit of its definition, and which of them are in force.
class Limits {
public:
    /// The defaults of profile `house`, all in force.
    [[nodiscard]] static constexpr Limits house() noexcept {
        Limits out = unlimited();
        for (const LimitDefinition& l : kLimits) out.set(l.id, l.house);
        return out;
    }
    /// No limit is in force. The values are still those of `house`, for what one limit takes from
    /// another (market orders are valued at the collar).
    [[nodiscard]] static constexpr Limits unlimited() noexcept {
        Limits out;
        for (const LimitDefinition& l : kLimits) out.raw_[static_cast<std::size_t>(l.id)] = l.house;
        return out;
    }
    /// The loosest values that any configuration may ask for.
    [[nodiscard]] static constexpr Limits hard() noexcept {
        Limits out;
        for (const LimitDefinition& l : kLimits) out.set(l.id, l.hard);
        return out;
    }

    /// The limit is in force.
    [[nodiscard]] constexpr bool on(LimitId id) const noexcept {
        return (on_ >> static_cast<unsigned>(id) & 1) != 0;
    }
    [[nodiscard]] constexpr std::int64_t raw(LimitId id) const noexcept {
        return raw_[static_cast<std::size_t>(id)];
    }
    constexpr void set(LimitId id, std::int64_t raw) noexcept {
        raw_[static_cast<std::size_t>(id)] = raw;
        on_ |= std::uint64_t{1} << static_cast<unsigned>(id);
    }
    [[nodiscard]] constexpr Ratio ratio(LimitId id) const noexcept {
        return Ratio::from_raw(raw(id));
    }
    [[nodiscard]] constexpr Quantity quantity(LimitId id) const noexcept {
        return Quantity::from_raw(raw(id));
    }
    [[nodiscard]] constexpr Duration duration(LimitId id) const noexcept { return {raw(id)}; }

    friend constexpr bool operator==(const Limits&, const Limits&) = default;

private:
    static_assert(kLimitCount <= 64);
    std::array<std::int64_t, kLimitCount> raw_{};
    std::uint64_t on_ = 0;
};

/// True when `a` allows more than `b`.
[[nodiscard]] constexpr bool looser(LimitId id, std::int64_t a, std::int64_t b) noexcept {
    return limit_definition(id).higher_is_looser ? a > b : a < b;
}

enum class RiskProfile : std::uint8_t {
    kHouse,      ///< Every control with the defaults of the list.
    kUnlimited,  ///< STATE, FIELD, INSTRUMENT, TICK_LOT and used client order ids only: raw
                 ///< research.
};

/// One limit of one strategy, instrument or account. Where several apply to an order, the tightest
/// of them does; they replace the common value, looser or tighter.
struct LimitOverride {
    Scope scope = Scope::kNone;  ///< kStrategy, kInstrument or kAccount.
    std::uint32_t target = 0;    ///< StrategyId, InstrumentId or AccountId.
    LimitId limit{};
    std::int64_t value = 0;
};

/// A limit from a time on: the common one (kFirm), or of one account, strategy or instrument.
struct ScheduledLimit {
    Timestamp from;
    ControlScope scope = ControlScope::kFirm;
    std::uint32_t target = 0;
    LimitId limit{};
    std::int64_t value = 0;
};

/// What one strategy may do; what is not named is all.
struct Permission {
    std::uint32_t strategy = 0;
    std::optional<std::uint32_t> account, instrument, venue;
};

/// The time in which an instrument may not be traded: from `from` on, before `until`.
struct Restriction {
    std::uint32_t instrument = 0;
    Timestamp from = Timestamp::min();
    Timestamp until{std::numeric_limits<std::int64_t>::max()};
};

/// By which rules day trades of a margin account are judged.
enum class DayTradeMode : std::uint8_t {
    kHouse,   ///< At most so many in five business days below a bound of equity.
    kLegacy,  ///< FINRA 4210(f)(8)(B) until 2026: a pattern day trader needs equity.
    /// FINRA 4210 from 2026 on: equity covers the maintenance margin during the day.
    kIntradayMargin,
};

/// From a time on; of one account or all.
struct DayTradeRegime {
    Timestamp from = Timestamp::min();
    DayTradeMode mode = DayTradeMode::kHouse;
    std::optional<std::uint32_t> account;
};

/// Description of one configuration key, for the schema, the reference and error messages.
struct LimitKey {
    LimitId id{};
    std::string key;  ///< "position"
    LimitUnit unit{};
    std::string default_value;  ///< As it would be written: "0.05", "1s".
    std::string minimum, maximum;
    std::string hard;  ///< The loosest value allowed, see higher_is_looser.
    bool higher_is_looser = true;
    Scope overrides{};  ///< Where it may be overridden.
    std::string doc;
};

/// All keys under `risk.limits`, in the order of the list.
[[nodiscard]] std::vector<LimitKey> limit_keys();

/// Reads a value in its unit: "100", "0.05" or "5%", "250ms". The error says what was expected.
[[nodiscard]] Result<std::int64_t, std::string> parse_limit(LimitUnit unit, std::string_view text);

/// What the gate is to enforce. Built by the configuration through the setters, which explain what
/// is wrong with a single value; constant once the gate has it.
class RiskConfig {
public:
    using Outcome = Status<std::string>;

    explicit RiskConfig(RiskProfile profile = RiskProfile::kHouse);

    /// Sets the value for all, and puts the limit in force where the profile does not.
    Outcome set_limit(std::string_view key, std::string_view value);
    /// Tightens the hard limit; no configuration can loosen it. Set these before the limits.
    Outcome set_hard_limit(std::string_view key, std::string_view value);
    /// Sets the value of one strategy, instrument or account (`scope`), in force for it alone if
    /// the profile has none.
    Outcome set_override(Scope scope, std::uint32_t target, std::string_view key,
                         std::string_view value);

    /// A value from a time on. Set these after the limits that they follow on.
    Outcome schedule_limit(Timestamp from, ControlScope scope, std::uint32_t target,
                           std::string_view key, std::string_view value);

    /// With any permission, only what one of them allows may be done.
    void permit(const Permission& permission) { permissions_.push_back(permission); }
    /// Puts an instrument on the restricted list for a time.
    void restrict_trading(const Restriction& restriction) { restrictions_.push_back(restriction); }

    /// Who owns the accounts, by AccountId: equal numbers, the same taxpayer. Without it all belong
    /// to one.
    void set_taxpayers(std::vector<std::uint16_t> taxpayers) { taxpayers_ = std::move(taxpayers); }
    /// Until the first one, and without any, kHouse. Where one of an account and one of all begin
    /// at the same time, the account's own holds.
    void set_day_trade_regime(const DayTradeRegime& regime) { regimes_.push_back(regime); }

    /// Everything that is wrong, one message each; empty when the gate may use it.
    [[nodiscard]] std::vector<std::string> validate() const;

    [[nodiscard]] RiskProfile profile() const noexcept { return profile_; }
    /// Bits of the controls that are evaluated for some orders at least.
    [[nodiscard]] std::uint64_t enabled() const noexcept;
    [[nodiscard]] const Limits& limits() const noexcept { return limits_; }
    [[nodiscard]] const Limits& hard() const noexcept { return hard_; }
    [[nodiscard]] const std::vector<LimitOverride>& overrides() const noexcept {
        return overrides_;
    }
    [[nodiscard]] const std::vector<ScheduledLimit>& schedule() const noexcept { return schedule_; }
    [[nodiscard]] const std::vector<Permission>& permissions() const noexcept {
        return permissions_;
    }
    [[nodiscard]] const std::vector<Restriction>& restrictions() const noexcept {
        return restrictions_;
    }
    [[nodiscard]] const std::vector<std::uint16_t>& taxpayers() const noexcept {
        return taxpayers_;
    }
    [[nodiscard]] const std::vector<DayTradeRegime>& day_trade_regimes() const noexcept {
        return regimes_;
    }

private:
    RiskProfile profile_;
    Limits limits_;
    Limits hard_ = Limits::hard();
    std::vector<LimitOverride> overrides_;
    std::vector<ScheduledLimit> schedule_;
    std::vector<Permission> permissions_;
    std::vector<Restriction> restrictions_;
    std::vector<std::uint16_t> taxpayers_;
    std::vector<DayTradeRegime> regimes_;
};

}  // namespace fermata
