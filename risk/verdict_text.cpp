#include "risk/verdict_text.hpp"

#include <array>

#include "risk/controls.hpp"
#include "risk/findings.hpp"

namespace fermata {
namespace {

std::string hexadecimal(std::uint64_t value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out(16, '0');
    for (std::size_t i = out.size(); i-- > 0; value >>= 4) out[i] = kDigits[value & 0xf];
    return out;
}

std::string render_number(LimitUnit unit, std::int64_t raw) {
    if (unit == LimitUnit::kFault) return std::string(name(static_cast<Fault>(raw)));
    if (unit == LimitUnit::kState) return std::string(name(static_cast<TradingState>(raw)));
    return format_limit(unit, raw);
}

}  // namespace

std::string_view name(Fault v) noexcept {
    switch (v) {
        case Fault::kNone:
            return "none";
        case Fault::kQuantityNotPositive:
            return "quantity_not_positive";
        case Fault::kPriceMissing:
            return "price_missing";
        case Fault::kStopPriceMissing:
            return "stop_price_missing";
        case Fault::kExpired:
            return "expired";
        case Fault::kOverflow:
            return "overflow";
        case Fault::kUnknownAccount:
            return "unknown_account";
        case Fault::kUnknownStrategy:
            return "unknown_strategy";
        case Fault::kNotOwner:
            return "not_owner";
        case Fault::kNotAboveFilled:
            return "not_above_filled";
        case Fault::kBadEnumeration:
            return "bad_enumeration";
        case Fault::kUnknownInstrument:
            return "unknown_instrument";
        case Fault::kClosed:
            return "closed";
        case Fault::kHalted:
            return "halted";
        case Fault::kNoMark:
            return "no_mark";
        case Fault::kUnknownEquity:
            return "unknown_equity";
        case Fault::kTooManyOrders:
            return "too_many_orders";
        case Fault::kTripped:
            return "tripped";
        case Fault::kShortSale:
            return "short_sale";
        case Fault::kBadOffset:
            return "bad_offset";
        case Fault::kBadDisplay:
            return "bad_display";
        case Fault::kBadLink:
            return "bad_link";
        case Fault::kBadTimeInForce:
            return "bad_time_in_force";
        case Fault::kDataLost:
            return "data_lost";
        case Fault::kNotPermitted:
            return "not_permitted";
        case Fault::kRestricted:
            return "restricted";
        case Fault::kCircuitBreaker:
            return "circuit_breaker";
        case Fault::kNotReconciled:
            return "not_reconciled";
        case Fault::kNotApproved:
            return "not_approved";
        case Fault::kNotExempt:
            return "not_exempt";
        case Fault::kMarkedLong:
            return "marked_long";
        case Fault::kZeroReference:
            return "zero_reference";
        case Fault::kTradingHalt:
            return "trading_halt";
    }
    return "?";
}

std::string render_verdict(const VerdictData& verdict) {
    const std::string hash = hexadecimal(verdict.config_hash);
    if (verdict.first_failed >= kControlCount) return "APPROVED " + hash;
    const auto unit = static_cast<LimitUnit>(verdict.unit);
    std::string out(control(static_cast<ControlId>(verdict.first_failed)).code);
    out += ' ';
    out += name(static_cast<Scope>(verdict.scope));
    out += ' ';
    out += render_number(unit, verdict.observed);
    out += ' ';
    out += unit == LimitUnit::kFault ? "-" : render_number(unit, verdict.limit);
    out += ' ';
    return out + hash;
}

std::string render_codes(std::uint64_t bits) {
    std::string out;
    for (const Control& c : kControls) {
        if ((bits & bit(c.id)) == 0) continue;
        if (!out.empty()) out += ' ';
        out += c.code;
    }
    return out;
}

}  // namespace fermata
