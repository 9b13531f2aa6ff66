#include "daemon/cli/alert_text.hpp"

#include <cstdint>
#include <limits>

#include "core/order/flattener.hpp"
#include "core/order/transition.hpp"
#include "core/types/decimal.hpp"
#include "daemon/cli/field_text.hpp"
#include "daemon/cli/id_text.hpp"
#include "daemon/config/codec.hpp"
#include "daemon/live/reconciliation.hpp"
#include "risk/controls.hpp"
#include "risk/limit_change.hpp"

namespace fermata {
namespace {

std::string tripped(const AlertData& d) {
    const auto unit = static_cast<LimitUnit>(d.unit);
    if (d.control == 0 && unit == LimitUnit::kDuration) {
        return ": dead-man switch, nobody said alive for " +
               config::format_duration(Duration{d.detail[1]});
    }
    if (d.control == 0 || d.control > kControlCount) return "";
    std::string out = join({": ", fermata::control(static_cast<ControlId>(d.control - 1)).code});
    if (static_cast<ControlId>(d.control - 1) == ControlId::kRecovering) {
        out += ", what a venue says cannot be relied on: fermata sessions names it";
    }
    if (unit != LimitUnit::kNone) {
        out += join({", observed ", format_limit(unit, d.detail[0]), ", limit ",
                     format_limit(unit, d.detail[1])});
    }
    return out;
}

std::string order_of(const AlertData& d) {
    return d.order_id.value == 0 ? "an order that has no name of ours"
                                 : "order " + client_order_text(d.order_id);
}

/// What a report that was not booked was: of an order, its type; of a fill, what it names.
std::string report_of(std::int64_t detail) {
    return detail >= 0 && detail < kExecTypeCount
               ? std::string(name(static_cast<ExecType>(detail)))
               : "correction of execution " + execution_text(detail);
}

/// `kind` and the quantity at the venue, as they stand on record.
std::string differs(std::int64_t kind, Quantity there) {
    const std::string quantity = to_string(there);
    // A number beyond the kind's byte is none of them.
    const bool fits = kind >= 0 && kind <= std::numeric_limits<std::uint8_t>::max();
    switch (static_cast<DifferenceKind>(fits ? kind : 0)) {
        case DifferenceKind::kNotThere:
            return "open here, and nothing of it is open at the venue";
        case DifferenceKind::kNotOurs:
            return "open at the venue with " + quantity + ", and nothing of it is open here";
        case DifferenceKind::kFilledMore:
            return "filled with " + quantity + " at the venue, and less is on record";
        case DifferenceKind::kFilledLess:
            return "filled with " + quantity + " at the venue, and more is on record";
        case DifferenceKind::kOtherSize:
            return "a quantity of " + quantity + " at the venue, and another one here";
        case DifferenceKind::kAccepted:
            return "accepted as filled with " + quantity + " at the venue";
        case DifferenceKind::kFillNotOurs:
            return "unknown here, and filled with " + quantity + " at the venue";
        case DifferenceKind::kWithdrawn:
            return "no longer filled with " + quantity +
                   " at the venue, which counts what is on record";
    }
    return "kind " + std::to_string(kind) + ", " + quantity + " at the venue";
}

}  // namespace

std::string alert_text(const AlertData& d) {
    const auto [first, second] = d.detail;
    std::string out(name(d.code));
    switch (d.code) {
        case AlertCode::kUnknownOrder:
        case AlertCode::kDuplicateExecution:
            out += join({": ", report_of(first), ", execution ", execution_text(second), ", ",
                         order_of(d)});
            break;
        case AlertCode::kIllegalTransition:
            out += join({": ", name(static_cast<OrderInput>(second)), " in state ",
                         name(static_cast<OrderState>(first))});
            break;
        case AlertCode::kOverfill:
            out += join({": filled ", to_string(Quantity::from_raw(first)), " of at most ",
                         to_string(Quantity::from_raw(second))});
            break;
        case AlertCode::kFeedSkipped:
            out += join(
                {": line ", std::to_string(first), ", ", name(static_cast<SkipReason>(second))});
            break;
        case AlertCode::kGap:
            out += join({": ", std::to_string(first), " events lost"});
            break;
        case AlertCode::kRecordLag:
            out += join({": ", std::to_string(first), " bytes and ",
                         std::to_string(second / 1'000'000'000), " s behind"});
            break;
        case AlertCode::kUnknownExecution:
        case AlertCode::kCorrectionFailed:
            out += join({": execution ", execution_text(first), ", ", order_of(d)});
            break;
        case AlertCode::kMarginDeficit:
            out += join({": equity ", to_string(Money::from_raw(first)), ", maintenance ",
                         to_string(Money::from_raw(second))});
            break;
        case AlertCode::kStaleMark:
            out += join({": the price is ", to_string(Money::from_raw(first / 1'000)), " s old"});
            break;
        case AlertCode::kParentExceeded:
            out += join({": asks for ", to_string(Quantity::from_raw(first)), ", its parent has ",
                         to_string(Quantity::from_raw(second)), " left"});
            break;
        case AlertCode::kHalt:
        case AlertCode::kStateChanged:
            out += tripped(d);
            break;
        case AlertCode::kLimitChanged:
            if (first >= 0 && first < kLimitCount) {
                const LimitDefinition& l = limit_definition(static_cast<LimitId>(first));
                out += join({": ", limit_key(l.id), " = ", format_limit(l.unit, second)});
            }
            break;
        case AlertCode::kLimitRefused:
            out += join({": ",
                         first >= 0 && first < kLimitCount ? limit_key(static_cast<LimitId>(first))
                                                           : std::to_string(first),
                         ", ", name(static_cast<LimitRefusal>(second))});
            break;
        case AlertCode::kUnanswered:
            out += join({first == 0 ? ": the order" : ": change " + std::to_string(first),
                         " had no answer for ", std::to_string(second / 1'000'000), " ms"});
            break;
        case AlertCode::kWashSale:
            out += join({": ", to_string(Quantity::from_raw(first)), " units, ",
                         to_string(Money::from_raw(second)), " of a loss"});
            break;
        case AlertCode::kClockOffset:
            out += join({": ", std::to_string(first), " ns, limit ", std::to_string(second)});
            break;
        case AlertCode::kFlattenStopped:
            out += join({": ", name(static_cast<FlattenStop>(first))});
            if (d.control != 0 && d.control <= kControlCount) {
                out +=
                    join({" (", fermata::control(static_cast<ControlId>(d.control - 1)).code, ")"});
            }
            out += join({", ", to_string(Quantity::from_raw(second)), " left"});
            break;
        case AlertCode::kFlattened:
            out += join(
                {": nothing is held any more, ", std::to_string(first), " closing orders in all"});
            break;
        case AlertCode::kVenueAgrees:
            out += join({": reconciled, ", std::to_string(second), " open orders"});
            break;
        case AlertCode::kTradingHalt:
            out += first != 0 ? ": its venue halted trading" : ": trading goes on";
            break;
        case AlertCode::kVenueDiffers:
            out += join({": ", order_of(d), ": ", differs(first, Quantity::from_raw(second))});
            break;
        case AlertCode::kLaneFull:
            out += join({": ", std::to_string(first), " of ", std::to_string(second)});
            break;
        default:
            if (first != 0 || second != 0) {
                out += join({": ", std::to_string(first), ", ", std::to_string(second)});
            }
            break;
    }
    return out;
}

}  // namespace fermata
