#pragma once

#include <cstdint>
#include <string_view>

#include "core/event/risk_data.hpp"
#include "risk/controls.hpp"

namespace fermata {

/// Why a limit was not changed at run time: AlertData::detail[1] of kLimitRefused. Stands in
/// journals: append, never reuse.
enum class LimitRefusal : std::uint8_t {
    kNone = 0,
    kUnknownLimit = 1,   ///< No limit has that number.
    kScope = 2,          ///< Nothing in that scope has a value of its own of that limit.
    kUnknownTarget = 3,  ///< There is no such account, strategy or instrument.
    kOutOfRange = 4,     ///< No such value makes sense.
    kBeyondHard = 5,     ///< Looser than the hard limit, which nothing may loosen.
    kUnnamed = 6,        ///< Nobody's name stands under it.
    kNeedsTwo = 7,       ///< It loosens, and two different people have not asked for it.
    kNoHistory = 8,      ///< It is off there, and its control would need what came before.
    kFixed = 9,          ///< Its control takes it from the configuration alone.
    kTooMany = 10,       ///< More limits were changed than are remembered.
};

[[nodiscard]] std::string_view name(LimitRefusal v) noexcept;  ///< "needs_two", ...

/// How a control takes a limit that is changed while it runs.
enum class LimitChange : std::uint8_t {
    kFixed,    ///< Not at all.
    kInForce,  ///< At once where it is in force; it cannot be switched on where it is off, because
               ///< its control keeps what came before only while it is on.
    kAtOnce,   ///< At once, also where it is off; what it counts begins there.
};
[[nodiscard]] LimitChange limit_change(LimitId id) noexcept;

/// Which override a scope stands for; kNone for the firm, whose value is the common one.
[[nodiscard]] Scope override_scope(ControlScope scope) noexcept;

}  // namespace fermata
