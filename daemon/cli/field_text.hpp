#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/event/order_event.hpp"
#include "core/journal/manifest.hpp"

namespace fermata {

/// Puts pieces together; numbers, times and names come as text.
[[nodiscard]] std::string join(std::initializer_list<std::string_view> pieces);

/// Names of the fields for RiskInputData::values.
inline constexpr std::array<std::string_view, 4> kValueFields = {"value_0", "value_1", "value_2",
                                                                 "value_3"};

/// 16 lower-case hex digits.
[[nodiscard]] std::string hex_text(std::uint64_t value);
[[nodiscard]] std::string_view kind_name(CorporateActionKind v) noexcept;  ///< "split", ...
/// "no", "yes", "increasing".
[[nodiscard]] std::string_view cancels_text(std::uint8_t cancel_orders) noexcept;
/// What stands in that scope under that id; empty for the firm.
[[nodiscard]] std::string target_text(ControlScope scope, std::uint64_t id,
                                      const JournalManifest& manifest);
/// What an input is about beside its instrument.
[[nodiscard]] std::string target_text(const RiskInputData& d, const JournalManifest& manifest);
/// One sentence about a kRiskInput.
[[nodiscard]] std::string risk_input_text(const OrderEvent& event, const JournalManifest& manifest);

}  // namespace fermata
