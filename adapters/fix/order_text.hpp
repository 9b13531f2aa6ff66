#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "core/types/decimal.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata::fix {

/// Texts of FIX fields made and read without allocation, locale or floating point.

/// What a ClOrdID (11) or OrigClOrdID (41) of ours names: an order, and which of its requests.
struct RequestId {
    ClientOrderId order;
    std::uint32_t change = 0;  ///< 0: the order itself; from 1: its cancels and replaces.
    friend bool operator==(const RequestId&, const RequestId&) = default;
};

/// Longest text that the functions below write.
inline constexpr std::size_t kTextMax = 40;

/// "DAY-EPOCH-COUNTER", and "-CHANGE" behind it for a cancel or replace, in decimal digits. Returns
/// the length; at most 34 characters. 20779-1-17-2 is the second request about order 17.
std::size_t format_request_id(RequestId id, char* out) noexcept;
/// The same backwards. Nothing but exactly such a text, without leading zeros, is ours.
[[nodiscard]] std::optional<RequestId> parse_request_id(std::string_view text) noexcept;

/// UTCTimestamp with milliseconds, "20260105-14:30:00.125": 21 characters. Years 1970 to 9999.
std::size_t format_utc(Timestamp ts, char* out) noexcept;

/// A FIX float: an optional minus, digits, an optional point among or before them. Unlike core's
/// parser no plus and no exponent, which FIX does not have.
[[nodiscard]] Result<std::int64_t, DecimalError> parse_float(std::string_view text,
                                                             int decimals) noexcept;
template <class F>
[[nodiscard]] Result<F, DecimalError> parse_as(std::string_view text) noexcept {
    const auto raw = parse_float(text, F::kDecimals);
    if (!raw) return Err{raw.error()};
    return F::from_raw(*raw);
}
/// Digits only, of a number that fits 63 bits.
[[nodiscard]] std::optional<std::int64_t> parse_whole(std::string_view text) noexcept;

/// A venue's text id (ExecID, OrderID) as a number, never zero for a text that is not empty. Equal
/// texts give equal numbers, on every machine; two different ones give the same with a probability
/// of 2^-64.
[[nodiscard]] std::uint64_t id_of(std::string_view text) noexcept;
/// The same of an id that is unique for an account only.
[[nodiscard]] std::uint64_t id_of(std::string_view text, std::string_view account) noexcept;

}  // namespace fermata::fix
