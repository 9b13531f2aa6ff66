#include "daemon/cli/event_text.hpp"

#include <bit>
#include <initializer_list>
#include <string_view>

#include "core/market/date.hpp"
#include "core/order/transition.hpp"
#include "core/types/decimal.hpp"
#include "daemon/cli/alert_text.hpp"
#include "daemon/cli/event_fields.hpp"
#include "daemon/cli/field_text.hpp"
#include "daemon/cli/id_text.hpp"
#include "daemon/replay/algo_rows.hpp"
#include "daemon/replay/order_flags.hpp"
#include "risk/controls.hpp"
#include "risk/findings.hpp"
#include "risk/limit_change.hpp"
#include "risk/verdict_text.hpp"

namespace fermata {
namespace {

constexpr std::uint16_t kNoStrategy = 0xffff;

class Sentence {
public:
    explicit Sentence(const JournalManifest& manifest) : manifest_(manifest) {}

    std::string order(const NewOrderData& d) const {
        std::string out = join({name(d.side), " ", to_string(d.quantity), " ", name(d.type),
                                prices(d.type, d.price, d.stop_price), " ", name(d.tif)});
        if (d.tif == TimeInForce::kGtd) out += " until " + format_iso_timestamp(d.expire_time);
        if (d.offset_kind != OffsetKind::kNone) {
            out += join({", ", name(d.offset_kind), " ", to_string(Price::from_raw(d.offset))});
        }
        if (d.display_quantity.is_positive()) out += ", shows " + to_string(d.display_quantity);
        if (d.flags != 0) out += ", " + render_order_flags(d.flags);
        if (d.parent.value != 0) out += ", child of " + tag_text(d.parent, manifest_);
        if (d.link_role != LinkRole::kNone) {
            out += join({", ", name(d.link_role), " of group ", std::to_string(d.link)});
        } else if (d.link != 0) {
            out += ", of group " + std::to_string(d.link);
        }
        return out;
    }
    std::string intent(const NewOrderData& d) const {
        return join({order(d), ", account ", account(d.account), ", venue ", venue(d.venue),
                     ", order ", client_order_text(d.order_id)});
    }
    std::string send(const NewOrderData& d) const {
        return join({"to ", venue(d.venue), ": ", order(d)});
    }
    std::string change(const ChangeOrderData& d, bool replaces) const {
        std::string out = "cancel";
        if (replaces) {
            out = join({"replace by quantity ", to_string(d.quantity)});
            if (!d.price.is_zero()) out += " price " + to_string(d.price);
            if (!d.stop_price.is_zero()) out += " stop " + to_string(d.stop_price);
            if (d.offset != 0) out += " offset " + to_string(Price::from_raw(d.offset));
            if (d.display_quantity.is_positive()) out += " shows " + to_string(d.display_quantity);
        }
        if (d.change_id != 0) out += ", request " + std::to_string(d.change_id);
        return out;
    }
    std::string send(const ChangeOrderData& d, bool replaces) const {
        return join({"to ", venue(d.venue), ": ", change(d, replaces)});
    }

    std::string verdict(const VerdictData& d) const {
        const auto request = static_cast<OrderEventType>(d.action);
        std::string out(name(request));
        if (request == OrderEventType::kPreview) out += ": would be";
        if (d.approved != 0) {
            out += " APPROVED: " + std::to_string(std::popcount(d.checked)) + " controls checked";
        } else {
            out += join({" DENIED by ", render_codes(d.failed), finding(d)});
        }
        if (!d.reference.is_zero()) out += ", reference price " + to_string(d.reference);
        if (const auto quote = quote_of(d)) {
            out += join({", quote ", to_string(quote->bid), " to ", to_string(quote->ask)});
        }
        return out + ", equity " + to_string(d.equity);
    }

    std::string execution(const ExecutionData& d) const {
        std::string out = join({venue(d.venue), ": ", name(d.exec_type)});
        if (d.exec_type == ExecType::kTrade) {
            out += join({" ", to_string(d.last_quantity), " @ ", to_string(d.last_price)});
            out += fee(d.fee, d.fee_currency, d.liquidity);
        }
        if (d.exec_type == ExecType::kReplaced || d.exec_type == ExecType::kRestated) {
            if (!d.price.is_zero()) out += " price " + to_string(d.price);
            if (!d.stop_price.is_zero()) out += " stop " + to_string(d.stop_price);
        }
        out += reason(d.reason);
        out += join({", ", to_string(d.cumulative_quantity), " filled, ",
                     to_string(d.leaves_quantity), " open"});
        if (d.exec_id.value != 0) out += ", execution " + execution_text(d.exec_id);
        return out;
    }
    std::string correction(const CorrectionData& d) const {
        std::string out = join(
            {venue(d.venue), ": ", name(d.kind), " of execution ", execution_text(d.ref_exec_id)});
        if (d.kind == CorrectionKind::kCorrect) {
            out += join({" to ", to_string(d.quantity), " @ ", to_string(d.price),
                         fee(d.fee, d.fee_currency, Liquidity::kUnknown)});
        }
        out += join({", ", to_string(d.cumulative_quantity), " filled, ",
                     to_string(d.leaves_quantity), " open"});
        if (d.exec_id.value != 0) out += ", execution " + execution_text(d.exec_id);
        return out;
    }
    std::string basket(const BasketData& d) const {
        return join({"basket ", std::to_string(d.link), " of ",
                     name_of(manifest_.strategies, d.strategy.value), ", account ",
                     account(d.account), ": the next ", std::to_string(d.count), " orders"});
    }
    std::string algo(const AlgoData& d) const {
        std::string out = join({name(d.kind), " of ", tag_text(d.tag, manifest_)});
        switch (d.action) {
            case AlgoAction::kPause:
                return out + " is paused";
            case AlgoAction::kGoOn:
                return out + " goes on";
            case AlgoAction::kCancel:
                return out + " is canceled";
            case AlgoAction::kEnd:
                return out + " ends";
            default:
                break;
        }
        out += join({d.action == AlgoAction::kAmend ? " is changed: " : " begins: ",
                     to_string(d.quantity)});
        if (d.begin.ns != 0) out += " from " + format_iso_timestamp(d.begin);
        if (d.end.ns != 0) out += " until " + format_iso_timestamp(d.end);
        if (!d.price.is_zero()) out += ", not beyond " + to_string(d.price);
        if (!d.rate.is_zero()) out += ", rate " + to_string(d.rate);
        if (!d.slice.is_zero()) out += ", slices of " + to_string(d.slice);
        if (!d.randomness.is_zero()) out += ", randomness " + to_string(d.randomness);
        return out + ", seed " + std::to_string(d.seed);
    }
    std::string algo_report(const AlgoReportData& d) const {
        const bool filled = d.filled.is_positive();
        std::string out =
            join({name(d.kind), " of ", tag_text(d.tag, manifest_), ": ", name(d.side), " ",
                  to_string(d.filled), " of ", to_string(d.quantity), " in ",
                  std::to_string(d.children), " children"});
        if (filled) out += " at " + to_string(d.average);
        const auto benchmark = [&](std::string_view what, Price price) {
            out += join({", ", what, " ", to_string(price)});
            const auto worse = filled ? slippage(d.side, d.average, price) : std::nullopt;
            if (worse) out += join({" (", to_string(*worse), " bp)"});
        };
        benchmark("arrival", d.arrival);
        if (d.market_volume.is_positive()) benchmark("vwap", d.interval_vwap);
        if (!d.interval_twap.is_zero()) benchmark("twap", d.interval_twap);
        return out + join({", last ", to_string(d.last), ", shortfall ", to_string(d.shortfall),
                           ", market volume ", to_string(d.market_volume)});
    }
    std::string route(const RouteData& d) const {
        std::string out = join({"to ", venue(d.venue), ": quoted ", to_string(d.price), " x ",
                                to_string(d.displayed), ", fee ", to_string(d.fee),
                                " a unit, expected cost ", to_string(d.cost)});
        constexpr std::uint16_t kNoVenue = 0xffff;
        if (d.next_venue.value != kNoVenue) {
            out += join({", next best ", venue(d.next_venue), " at ", to_string(d.next_cost)});
        }
        return out + join({", latency ", std::to_string(d.latency.ns), " ns, fill rate ",
                           to_string(d.fill_rate), ", of ", std::to_string(d.candidates),
                           " venues, child ", tag_text(d.child, manifest_), " of ",
                           tag_text(d.parent, manifest_)});
    }

    std::string update(const OrderUpdateData& d) const {
        std::string out = join({name(d.previous), " -> ", name(d.state), reason(d.reason)});
        if (d.failed != 0) out += join({" (", render_codes(d.failed), ")"});
        return out + join({", ", to_string(d.cumulative_quantity), " of ", to_string(d.quantity),
                           " filled, ", to_string(d.leaves_quantity), " open"});
    }
    std::string fill(const FillData& d) const {
        return join({name(d.side), " ", to_string(d.quantity), " @ ", to_string(d.price),
                     fee(d.fee, d.fee_currency, d.liquidity), "; position ",
                     to_string(d.position_after), ", of the strategy ",
                     to_string(d.strategy_position_after), ", cash ", to_string(d.cash_after),
                     ", realized ", to_string(d.realized)});
    }

    std::string position(const PositionData& d) const {
        std::string out;
        if (d.change == PositionChange::kOpening) {
            out = join({"held before: ", to_string(d.lot), " at ", to_string(d.cost),
                        " in account ", account(d.account)});
        } else if (d.change != PositionChange::kCorporateAction) {
            out = join({name(d.change), " ", to_string(d.amount)});
        } else if (d.kind == CorporateActionKind::kDividend) {
            out = "dividend " + to_string(d.amount);
        } else {
            out = join({"split ", std::to_string(d.numerator), ":", std::to_string(d.denominator)});
            if (!d.amount.is_zero()) out += ", cash in lieu " + to_string(d.amount);
        }
        if (d.strategy.value == kNoStrategy) {
            out += join({"; account ", account(d.account), " holds ", to_string(d.position)});
        } else {
            out += join({"; strategy ", name_of(manifest_.strategies, d.strategy.value), " holds ",
                         to_string(d.strategy_position)});
        }
        return out + join({", cash ", to_string(d.cash), " ",
                           name_of(manifest_.currencies, d.currency.value)});
    }
    std::string equity(const EquityData& d) const {
        return join({"account ", account(d.account), " is worth ", to_string(d.equity), " ",
                     name_of(manifest_.currencies, d.currency.value), ": cash ", to_string(d.cash),
                     ", positions gross ", to_string(d.gross), ", realized ", to_string(d.realized),
                     ", unrealized ", to_string(d.unrealized), ", fees ", to_string(d.fees)});
    }
    static std::string mark(const OrderEvent& event) {
        for (const EventField& field : fields_of(event, JournalManifest{})) {
            if (field.name != "state_hash") continue;
            return join({"end of the run: equity ", to_string(event.data.mark.equity),
                         ", state hash ", field.text, ", market events ",
                         std::to_string(event.data.mark.market_events)});
        }
        return {};
    }
    std::string timer(const TimerData& d) const {
        return join({"timer ", std::to_string(d.timer_id), " of ",
                     name_of(manifest_.strategies, d.strategy.value), " due ",
                     format_iso_timestamp(d.due)});
    }

    std::string control(const ControlData& d) const {
        std::string out = "firm";
        if (d.scope == ControlScope::kAccount) {
            out = "account " + name_of(manifest_.accounts, d.target);
        } else if (d.scope == ControlScope::kStrategy) {
            out = "strategy " + name_of(manifest_.strategies, d.target);
        } else if (d.scope == ControlScope::kInstrument) {
            out = "instrument " + name_of(manifest_.instruments, d.target);
        } else if (d.scope == ControlScope::kVenue) {
            out = "venue " + name_of(manifest_.venues, d.target);
        }
        out += join({" ", name(d.state), " by "});
        out += d.control < kControlCount ? fermata::control(static_cast<ControlId>(d.control)).code
               : d.actor == kNoActor     ? std::string_view("the latch, which nobody signed")
                                         : std::string_view("the operator");
        if (d.actor != kNoActor) out += " (user " + std::to_string(d.actor) + ")";
        if (d.cancel_orders == static_cast<std::uint8_t>(CancelOrders::kIncreasing)) {
            out += ", open orders that increase are canceled";
        } else if (d.cancel_orders != 0) {
            out += ", open orders are canceled";
        }
        return out;
    }
    static std::string snapshot(const RiskSnapshotData& d) {
        return join({"risk snapshot ", std::to_string(d.number), " as of ",
                     format_iso_timestamp(d.as_of), ": ", std::to_string(d.measured), " of ",
                     std::to_string(d.instruments), " instruments measured over ",
                     std::to_string(d.days), " days"});
    }

private:
    std::string account(AccountId id) const { return name_of(manifest_.accounts, id.value); }
    std::string venue(VenueId id) const { return name_of(manifest_.venues, id.value); }

    static std::string prices(OrderType type, Price price, Price stop_price) {
        std::string out;
        if (has_limit_price(type)) out += " " + to_string(price);
        if (has_stop_price(type)) out += " trigger " + to_string(stop_price);
        return out;
    }
    static std::string reason(OrderReason reason) {
        return reason == OrderReason::kNone ? "" : join({", ", name(reason)});
    }
    std::string fee(Money fee, CurrencyId currency, Liquidity liquidity) const {
        std::string out;
        if (!fee.is_zero()) {
            out = join(
                {", fee ", to_string(fee), " ", name_of(manifest_.currencies, currency.value)});
        }
        if (liquidity == Liquidity::kMaker) out += ", maker";
        if (liquidity == Liquidity::kTaker) out += ", taker";
        return out;
    }

    /// What the first control that refused saw, in which scope, against which limit.
    static std::string finding(const VerdictData& d) {
        if (d.first_failed >= kControlCount) return "";
        const auto unit = static_cast<LimitUnit>(d.unit);
        std::string out = join({": ", fermata::control(static_cast<ControlId>(d.first_failed)).code,
                                " of the ", name(static_cast<Scope>(d.scope)), " "});
        switch (unit) {
            case LimitUnit::kNone:
                return out + "refuses";
            case LimitUnit::kFault:
                return out + join({"found ", name(static_cast<Fault>(d.observed))});
            case LimitUnit::kState:
                return out + join({"is ", name(static_cast<TradingState>(d.observed))});
            default:
                return out + join({"observed ", format_limit(unit, d.observed), ", limit ",
                                   format_limit(unit, d.limit), " (", name(unit), ")"});
        }
    }

    const JournalManifest& manifest_;
};

}  // namespace

std::string text_of(const OrderEvent& event, const JournalManifest& manifest) {
    const Sentence sentence(manifest);
    const auto& d = event.data;
    switch (event.type) {
        case OrderEventType::kNone:
            return "";
        case OrderEventType::kNewOrder:
            return sentence.intent(d.new_order);
        case OrderEventType::kSendNew:
            return sentence.send(d.new_order);
        case OrderEventType::kCancel:
        case OrderEventType::kReplace:
            return sentence.change(d.change, event.type == OrderEventType::kReplace);
        case OrderEventType::kSendCancel:
        case OrderEventType::kSendReplace:
            return sentence.send(d.change, event.type == OrderEventType::kSendReplace);
        case OrderEventType::kVerdict:
            return sentence.verdict(d.verdict);
        case OrderEventType::kExecution:
            return sentence.execution(d.execution);
        case OrderEventType::kOrderUpdate:
            return sentence.update(d.update);
        case OrderEventType::kFill:
            return sentence.fill(d.fill);
        case OrderEventType::kAccount:
        case OrderEventType::kPosition:
            return sentence.position(d.position);
        case OrderEventType::kTimerSet:
        case OrderEventType::kTimer:
            return sentence.timer(d.timer);
        case OrderEventType::kConsumed:
            return "consumed " + cause_text(event.cause);
        case OrderEventType::kControl:
            return sentence.control(d.control);
        case OrderEventType::kAlert:
            return alert_text(d.alert);
        case OrderEventType::kMark:
            return Sentence::mark(event);
        case OrderEventType::kEquity:
            return sentence.equity(d.equity);
        case OrderEventType::kPreview:
            return "asks about: " + sentence.intent(d.new_order);
        case OrderEventType::kRiskInput:
            return risk_input_text(event, manifest);
        case OrderEventType::kRiskSnapshot:
            return Sentence::snapshot(d.risk_snapshot);
        case OrderEventType::kBasket:
            return sentence.basket(d.basket);
        case OrderEventType::kAlgo:
            return sentence.algo(d.algo);
        case OrderEventType::kAlgoReport:
            return sentence.algo_report(d.algo_report);
        case OrderEventType::kRoute:
            return sentence.route(d.route);
        case OrderEventType::kCorrection:
            return sentence.correction(d.correction);
    }
    return "";
}

}  // namespace fermata
