#include "adapters/fix/report_decoder.hpp"

#include <optional>

#include "adapters/fix/order_text.hpp"

namespace fermata::fix {

/// One answer in hand: the first problem wins, and ends it.
struct ReportDecoder::Reader {
    const ReportFields& fields;
    InboundReport out;
    std::optional<DecodeProblem> problem;

    void refuse(Field field, std::string_view what) noexcept {
        if (!problem) problem = DecodeProblem{tag_of(field), what};
    }
    /// Of a field that may be absent; negative numbers only where `sign` allows them.
    template <class F>
    bool number(Field field, F& value, bool sign) noexcept {
        const std::string_view text = fields[field];
        if (text.empty()) return false;
        const auto parsed = parse_as<F>(text);
        if (!parsed) {
            refuse(field, describe(parsed.error()));
            return false;
        }
        if (!sign && parsed->is_negative()) {
            refuse(field, "negative");
            return false;
        }
        value = *parsed;
        return true;
    }
    /// The same of a field that must be there.
    template <class F>
    void required(Field field, F& value, bool sign) noexcept {
        if (!number(field, value, sign)) refuse(field, "missing");
    }
    [[nodiscard]] char code(Field field) const noexcept {
        const std::string_view text = fields[field];
        return text.size() == 1 ? text[0] : '\0';
    }
};

namespace {

constexpr InstrumentId kNoInstrument{0xffff'ffff};

std::optional<RequestId> ours(const ReportFields& fields) noexcept {
    if (const auto id = parse_request_id(fields[Field::kClOrdId])) return id;
    // A cancel that somebody else asked for has a name of theirs; the order's own stands beside it.
    if (auto id = parse_request_id(fields[Field::kOrigClOrdId])) {
        id->change = 0;
        return id;
    }
    return std::nullopt;
}

std::uint64_t numbered(std::string_view text) noexcept {
    // Plain numbers stay themselves, so that a reader finds them again.
    if (text.size() <= 18 && (text.empty() || text[0] != '0')) {
        if (const auto value = parse_whole(text)) return static_cast<std::uint64_t>(*value);
    }
    return id_of(text);
}

}  // namespace

ReportDecoder::ReportDecoder(const Dialect& dialect)
    : venue_(dialect.venue),
      by_account_(dialect.executions_by_account),
      symbols_(dialect.symbols),
      accounts_(dialect.accounts),
      currencies_(dialect.currencies) {}

ExecId ReportDecoder::execution_id(const Reader& in, Field field) const noexcept {
    const std::string_view account = by_account_ ? in.fields[Field::kAccount] : "";
    return ExecId{id_of(in.fields[field], account)};
}

Result<InboundReport, DecodeProblem> ReportDecoder::decode(char type, const ReportFields& fields,
                                                           Timestamp arrived) const noexcept {
    Reader in{fields, {}, {}};
    if (fields.twice() != 0) return Err{DecodeProblem{fields.twice(), "comes twice"}};
    in.out.event = make_order_event(OrderEventType::kExecution, arrived, kNoInstrument);
    in.out.event.source = venue_.value;
    in.out.event.data.execution = ExecutionData{};
    ExecutionData& x = in.out.event.data.execution;
    x.venue = venue_;
    if (const auto id = ours(fields)) {
        x.order_id = id->order;
        in.out.change = id->change;
        in.out.requested = id->change != 0;
    }
    const std::uint32_t symbol = symbols_.find(fields[Field::kSymbol]);
    in.out.has_symbol = symbol != Names::kNone;
    if (in.out.has_symbol) in.out.event.instrument = InstrumentId{symbol};
    x.venue_order_id = VenueOrderId{numbered(fields[Field::kOrderId])};
    x.exec_id = execution_id(in, Field::kExecId);
    const std::uint32_t account = accounts_.find(fields[Field::kAccount]);
    if (account < 0xffff) in.out.account = AccountId{static_cast<std::uint16_t>(account)};
    in.out.status = in.code(Field::kOrdStatus);
    in.out.order_type = in.code(Field::kOrderType);
    const char side = in.code(Field::kSide);
    if (side == '1') in.out.side = static_cast<std::uint8_t>(Side::kBuy);
    if (side == '2' || side == '5' || side == '6') {
        in.out.side = static_cast<std::uint8_t>(Side::kSell);
    }
    switch (type) {
        case '8':
            execution(in);
            break;
        case '9':
            cancel_reject(in);
            break;
        case 'j':
        case '3':
            reject(in, type);
            break;
        default:
            return Err{DecodeProblem{35, "not an answer to an order"}};
    }
    if (in.problem) return Err{*in.problem};
    return in.out;
}

void ReportDecoder::execution(Reader& in) const noexcept {
    ExecutionData& x = in.out.event.data.execution;
    in.out.kind = InboundReport::Kind::kExecution;
    in.out.has_quantity = in.number(Field::kQuantity, in.out.quantity, false);
    in.out.has_limit = in.number(Field::kPrice, in.out.limit, true);
    in.out.has_stop = in.number(Field::kStopPrice, in.out.stop, true);
    in.out.has_leaves = in.number(Field::kLeaves, x.leaves_quantity, false);
    in.out.has_cumulative = in.number(Field::kCumulative, x.cumulative_quantity, false);
    x.price = in.out.limit;
    x.stop_price = in.out.stop;
    const char exec_type = in.code(Field::kExecType);
    if (!in.fields.has(Field::kOrdStatus)) in.refuse(Field::kOrdStatus, "missing");
    switch (exec_type) {
        case '0':
            x.exec_type = ExecType::kNew;
            return;
        case '1':  // PartialFill and Fill of FIX 4.2
        case '2':
        case 'F':
            x.exec_type = ExecType::kTrade;
            in.required(Field::kLastQuantity, x.last_quantity, false);
            in.required(Field::kLastPrice, x.last_price, true);
            if (!in.fields.has(Field::kExecId)) in.refuse(Field::kExecId, "missing");
            if (!in.problem && x.last_quantity.is_zero()) {
                in.refuse(Field::kLastQuantity, "a fill of nothing");
            }
            x.fee = fee(in, x.last_price, x.last_quantity, x.fee_currency);
            if (in.code(Field::kLiquidity) == '1') x.liquidity = Liquidity::kMaker;
            if (in.code(Field::kLiquidity) == '2') x.liquidity = Liquidity::kTaker;
            return;
        case '3':
            x.exec_type = ExecType::kDoneForDay;
            return;
        case '4':
            x.exec_type = ExecType::kCanceled;
            return;
        case '5':
            x.exec_type = ExecType::kReplaced;
            return;
        case '8':
            x.exec_type = ExecType::kRejected;
            x.reason = order_reject_reason(in.fields[Field::kRejectReason]);
            return;
        case '9':
            x.exec_type = ExecType::kSuspended;
            return;
        case 'C':
            x.exec_type = ExecType::kExpired;
            return;
        case 'D':
            // Some venues restate an order that they take off the book.
            x.exec_type = in.out.status == '4' ? ExecType::kCanceled : ExecType::kRestated;
            if (in.fields[Field::kRestatement] == "0") x.reason = OrderReason::kCorporateAction;
            if (in.fields[Field::kRestatement] == "3") x.reason = OrderReason::kRepriced;
            return;
        case 'L':  // FIX 5.0: triggered or activated by the system
            x.exec_type = ExecType::kTriggered;
            return;
        case 'G':
            return correction(in, CorrectionKind::kCorrect);
        case 'H':
            return correction(in, CorrectionKind::kBust);
        case 'I':
            return status(in);
        case '7':  // Stopped: a price is guaranteed, nothing is done yet
        case 'B':  // Calculated
        case 'J':  // FIX 5.0: a trade is held, and released, by the clearing house
        case 'K':
            in.out.kind = InboundReport::Kind::kNote;
            in.out.acknowledges = true;
            return;
        case '6':  // PendingCancel, PendingNew, PendingReplace: under way
        case 'A':
        case 'E':
            in.out.kind = InboundReport::Kind::kNote;
            return;
        default:
            in.refuse(Field::kExecType,
                      in.fields.has(Field::kExecType) ? "not an ExecType of FIX 4.4" : "missing");
    }
}

void ReportDecoder::correction(Reader& in, CorrectionKind kind) const noexcept {
    const ExecutionData x = in.out.event.data.execution;
    in.out.kind = InboundReport::Kind::kCorrection;
    in.out.event.type = OrderEventType::kCorrection;
    in.out.event.data.correction = CorrectionData{};
    CorrectionData& c = in.out.event.data.correction;
    c.order_id = x.order_id;
    c.venue_order_id = x.venue_order_id;
    c.exec_id = x.exec_id;
    c.ref_exec_id = execution_id(in, Field::kExecRefId);
    c.leaves_quantity = x.leaves_quantity;
    c.cumulative_quantity = x.cumulative_quantity;
    c.venue = venue_;
    c.kind = kind;
    if (!in.fields.has(Field::kExecId)) in.refuse(Field::kExecId, "missing");
    if (!in.fields.has(Field::kExecRefId)) in.refuse(Field::kExecRefId, "missing");
    if (!in.out.has_leaves) in.refuse(Field::kLeaves, "missing");
    if (!in.out.has_cumulative) in.refuse(Field::kCumulative, "missing");
    if (kind == CorrectionKind::kBust) return;
    in.required(Field::kLastQuantity, c.quantity, false);
    in.required(Field::kLastPrice, c.price, true);
    if (!in.problem && c.quantity.is_zero()) in.refuse(Field::kLastQuantity, "a fill of nothing");
    c.fee = fee(in, c.price, c.quantity, c.fee_currency);
}

void ReportDecoder::status(Reader& in) const noexcept {
    in.out.kind = InboundReport::Kind::kStatus;
    // The answer to a mass status request that found nothing has no order in it.
    if (in.fields[Field::kTotalReports] == "0") in.out.event.data.execution.order_id = {};
}

void ReportDecoder::cancel_reject(Reader& in) const noexcept {
    ExecutionData& x = in.out.event.data.execution;
    in.out.kind = InboundReport::Kind::kCancelReject;
    x.reason = cancel_reject_reason(in.fields[Field::kCancelReason]);
    x.exec_type =
        in.code(Field::kCancelTo) == '2' ? ExecType::kReplaceRejected : ExecType::kCancelRejected;
    if (!in.fields.has(Field::kClOrdId)) in.refuse(Field::kClOrdId, "missing");
    const char to = in.code(Field::kCancelTo);
    if (to != '1' && to != '2') in.refuse(Field::kCancelTo, "neither 1 nor 2");
}

void ReportDecoder::reject(Reader& in, char type) const noexcept {
    ExecutionData& x = in.out.event.data.execution;
    in.out.kind = InboundReport::Kind::kReject;
    x.reason = type == 'j' ? business_reject_reason(in.fields[Field::kBusinessReason])
                           : OrderReason::kUnsupported;
    x.exec_type = ExecType::kRejected;
    x.order_id = {};
    in.out.change = 0;
    if (const auto id = parse_request_id(in.fields[Field::kBusinessId])) {
        x.order_id = id->order;
        in.out.change = id->change;
    }
    if (const auto number = parse_whole(in.fields[Field::kRefSequence])) {
        in.out.reference = static_cast<std::uint64_t>(*number);
    }
}

Money ReportDecoder::fee(Reader& in, Price price, Quantity quantity,
                         CurrencyId& currency) const noexcept {
    const std::string_view text = in.fields[Field::kCommission];
    if (text.empty() || in.problem) return {};
    const std::uint32_t known = currencies_.find(in.fields[Field::kCommissionCurrency]);
    if (known != Names::kNone) currency = CurrencyId{static_cast<std::uint16_t>(known)};
    const auto overflowed = [&in]() -> Money {
        in.refuse(Field::kCommission, "out of range");
        return {};
    };
    Money amount;
    switch (in.fields.has(Field::kCommissionType) ? in.code(Field::kCommissionType) : '3') {
        case '3':  // absolute; FIX leaves out nothing else, and others leave out the type
            in.number(Field::kCommission, amount, true);
            return amount;
        case '1': {  // for each unit
            Price each;
            if (!in.number(Field::kCommission, each, true)) return {};
            const auto total = notional(each, quantity, Multiplier::from_units(1));
            return total ? *total : overflowed();
        }
        case '2': {  // percent of the value, as a fraction
            Ratio rate;
            if (!in.number(Field::kCommission, rate, true)) return {};
            const auto value = notional(price, quantity, Multiplier::from_units(1));
            if (!value) return overflowed();
            const auto total = scale(*value, rate);
            return total ? *total : overflowed();
        }
        default:
            in.refuse(Field::kCommissionType, "not a CommType that can be computed");
            return {};
    }
}

OrderReason order_reject_reason(std::string_view code) noexcept {
    if (code == "1") return OrderReason::kUnknownInstrument;
    if (code == "2" || code == "4") return OrderReason::kMarketClosed;
    if (code == "3") return OrderReason::kInsufficientFunds;
    if (code == "5") return OrderReason::kUnknownOrder;
    if (code == "11") return OrderReason::kUnsupported;
    if (code == "13" || code == "14") return OrderReason::kInvalidQuantity;
    if (code == "16" || code == "18") return OrderReason::kInvalidPrice;
    return OrderReason::kNone;
}

OrderReason cancel_reject_reason(std::string_view code) noexcept {
    if (code == "0") return OrderReason::kTooLateToCancel;
    if (code == "1") return OrderReason::kUnknownOrder;
    return OrderReason::kNone;
}

OrderReason business_reject_reason(std::string_view code) noexcept {
    if (code == "1") return OrderReason::kUnknownOrder;
    if (code == "2") return OrderReason::kUnknownInstrument;
    if (code == "3" || code == "5") return OrderReason::kUnsupported;
    if (code == "4") return OrderReason::kMarketClosed;
    return OrderReason::kNone;
}

OrderState order_state(char status) noexcept {
    switch (status) {
        case '0':
        case '7':  // Stopped
            return OrderState::kNew;
        case '1':
            return OrderState::kPartiallyFilled;
        case '2':
            return OrderState::kFilled;
        case '3':
            return OrderState::kDoneForDay;
        case '4':
            return OrderState::kCanceled;
        case '5':
            return OrderState::kReplaced;
        case '6':
            return OrderState::kPendingCancel;
        case '8':
            return OrderState::kRejected;
        case '9':
            return OrderState::kSuspended;
        case 'A':
            return OrderState::kPendingNew;
        case 'C':
            return OrderState::kExpired;
        case 'E':
            return OrderState::kPendingReplace;
        default:
            return OrderState::kUnknown;
    }
}

}  // namespace fermata::fix
