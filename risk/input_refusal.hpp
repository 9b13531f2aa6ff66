#pragma once

#include <cstdint>

#include "core/event/order_event.hpp"

namespace fermata {

/// Why an input from outside was not taken in: AlertData::detail[1] of kInputRefused. Stands in
/// journals: append, never reuse.
enum class InputRefusal : std::uint8_t {
    kNotTaken = 0,       ///< No control of this gate knows the kind.
    kUnknownTarget = 1,  ///< There is no such instrument, account or strategy.
    kNeedsTwo = 2,       ///< It loosens, and two different people have not asked for it.
    kOutOfRange = 3,     ///< A value makes no sense.
    kUnnamed = 4,        ///< Nobody's name stands under it.
};

[[nodiscard]] inline AlertData refused(const RiskInputData& input, InputRefusal why) noexcept {
    AlertData alert;
    alert.code = AlertCode::kInputRefused;
    alert.detail[0] = static_cast<std::int64_t>(input.kind);
    alert.detail[1] = static_cast<std::int64_t>(why);
    return alert;
}

/// Two different people stand behind it.
[[nodiscard]] constexpr bool two_agree(const RiskInputData& input) noexcept {
    return input.actors[0] != kNoActor && input.actors[1] != kNoActor &&
           input.actors[0] != input.actors[1];
}

}  // namespace fermata
