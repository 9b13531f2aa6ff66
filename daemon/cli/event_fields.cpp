#include "daemon/cli/event_fields.hpp"

#include <algorithm>

#include "core/event/codec.hpp"
#include "core/market/date.hpp"
#include "core/types/decimal.hpp"
#include "daemon/cli/field_text.hpp"
#include "daemon/replay/execution_rows.hpp"
#include "daemon/replay/order_flags.hpp"
#include "risk/controls.hpp"
#include "risk/verdict_text.hpp"

namespace fermata {
namespace {

constexpr std::uint16_t kNoStrategy = 0xffff;
constexpr std::uint16_t kNoVenue = 0xffff;

/// Collects the fields of one event.
class Fields {
public:
    explicit Fields(const JournalManifest& manifest) : manifest_(manifest) {}

    void text(std::string_view name, std::string value) {
        fields_.push_back({name, std::move(value), false});
    }
    void text(std::string_view name, std::string_view value) { text(name, std::string(value)); }
    void number(std::string_view name, std::int64_t value) {
        fields_.push_back({name, std::to_string(value), true});
    }
    void count(std::string_view name, std::uint64_t value) {
        fields_.push_back({name, std::to_string(value), true});
    }
    /// Zero means "none". Text, because ids use more bits than many readers of JSON keep.
    void id(std::string_view name, std::uint64_t value) {
        fields_.push_back({name, value == 0 ? "" : std::to_string(value), false});
    }
    template <class F>
    void decimal(std::string_view name, F value, bool has_meaning = true) {
        text(name, has_meaning ? to_string(value) : std::string());
    }
    void time(std::string_view name, Timestamp value, bool has_meaning = true) {
        text(name, has_meaning ? format_iso_timestamp(value) : std::string());
    }
    void order(ClientOrderId order_id, OrderTag tag) {
        id("order_id", order_id.value);
        text("tag", tag_text(tag, manifest_));
    }
    void strategy(StrategyId value) {
        text("strategy",
             value.value == kNoStrategy ? "" : name_of(manifest_.strategies, value.value));
    }
    void account(AccountId value) { text("account", name_of(manifest_.accounts, value.value)); }
    void venue(VenueId value) { text("venue", name_of(manifest_.venues, value.value)); }
    void currency(std::string_view name, CurrencyId value) {
        text(name, name_of(manifest_.currencies, value.value));
    }

    void add(const NewOrderData& d) {
        order(d.order_id, d.tag);
        strategy(d.strategy);
        account(d.account);
        venue(d.venue);
        text("side", fermata::name(d.side));
        text("order_type", fermata::name(d.type));
        decimal("quantity", d.quantity);
        prices(d.type, d.price, d.stop_price);
        text("time_in_force", fermata::name(d.tif));
        time("expire_time", d.expire_time, d.tif == TimeInForce::kGtd);
        decimal("display_quantity", d.display_quantity, !d.display_quantity.is_zero());
        offset(d.offset_kind, d.offset);
        text("parent", d.parent.value == 0 ? std::string() : tag_text(d.parent, manifest_));
        id("link", d.link);
        text("link_role", d.link_role == LinkRole::kNone ? "" : fermata::name(d.link_role));
        text("order_flags", render_order_flags(d.flags));
    }
    void add(const ChangeOrderData& d, bool replaces) {
        order(d.order_id, d.tag);
        strategy(d.strategy);
        account(d.account);
        venue(d.venue);
        id("change_id", d.change_id);
        decimal("quantity", d.quantity, replaces);
        decimal("price", d.price, replaces);
        decimal("stop_price", d.stop_price, replaces);
        decimal("display_quantity", d.display_quantity, !d.display_quantity.is_zero());
        text("offset", d.offset == 0 ? std::string() : to_string(Price::from_raw(d.offset)));
    }
    void add(const BasketData& d) {
        strategy(d.strategy);
        account(d.account);
        id("link", d.link);
        count("count", d.count);
    }
    void add(const AlgoData& d) {
        text("tag", tag_text(d.tag, manifest_));
        strategy(d.strategy);
        account(d.account);
        text("algorithm", fermata::name(d.kind));
        text("action", fermata::name(d.action));
        decimal("quantity", d.quantity);
        decimal("price", d.price, !d.price.is_zero());
        time("begin", d.begin);
        time("end", d.end);
        decimal("rate", d.rate);
        decimal("slice", d.slice);
        decimal("randomness", d.randomness);
        id("seed", d.seed);
    }
    void add(const AlgoReportData& d) {
        text("tag", tag_text(d.tag, manifest_));
        strategy(d.strategy);
        text("algorithm", fermata::name(d.kind));
        text("side", fermata::name(d.side));
        decimal("quantity", d.quantity);
        decimal("filled", d.filled);
        count("children", d.children);
        decimal("arrival", d.arrival);
        decimal("average", d.average, d.filled.is_positive());
        decimal("interval_vwap", d.interval_vwap, d.market_volume.is_positive());
        decimal("interval_twap", d.interval_twap);
        decimal("last", d.last);
        decimal("shortfall", d.shortfall);
        decimal("market_volume", d.market_volume);
    }
    void add(const RouteData& d) {
        text("parent", tag_text(d.parent, manifest_));
        text("tag", tag_text(d.child, manifest_));
        strategy(d.strategy);
        venue(d.venue);
        decimal("price", d.price);
        decimal("displayed", d.displayed);
        decimal("fee", d.fee);
        decimal("cost", d.cost);
        text("next_venue", d.next_venue.value == kNoVenue
                               ? std::string()
                               : name_of(manifest_.venues, d.next_venue.value));
        decimal("next_cost", d.next_cost, d.next_venue.value != kNoVenue);
        number("latency_ns", d.latency.ns);
        decimal("fill_rate", d.fill_rate);
        count("candidates", d.candidates);
    }
    void add(const CorrectionData& d) {
        const bool corrects = d.kind == CorrectionKind::kCorrect;
        id("order_id", d.order_id.value);
        id("venue_order_id", d.venue_order_id.value);
        id("exec_id", d.exec_id.value);
        id("ref_exec_id", d.ref_exec_id.value);
        venue(d.venue);
        text("kind", fermata::name(d.kind));
        decimal("quantity", d.quantity, corrects);
        decimal("price", d.price, corrects);
        decimal("fee", d.fee, corrects);
        text("fee_currency",
             corrects ? name_of(manifest_.currencies, d.fee_currency.value) : std::string());
        decimal("leaves_quantity", d.leaves_quantity);
        decimal("cumulative_quantity", d.cumulative_quantity);
    }
    void add(const VerdictData& d) {
        const auto unit = static_cast<LimitUnit>(d.unit);
        const bool refused = d.approved == 0;
        const bool has_numbers = refused && unit != LimitUnit::kNone && unit != LimitUnit::kFault &&
                                 unit != LimitUnit::kState;
        order(d.order_id, d.tag);
        strategy(d.strategy);
        account(d.account);
        text("request", fermata::name(static_cast<OrderEventType>(d.action)));
        text("verdict", refused ? std::string_view("refused") : std::string_view("approved"));
        text("failed", render_codes(d.failed));
        text("observed", has_numbers ? format_limit(unit, d.observed) : std::string());
        text("limit", has_numbers ? format_limit(unit, d.limit) : std::string());
        decimal("reference", d.reference);
        decimal("equity", d.equity);
        text("explanation", render_verdict(d));
        text("checked", render_codes(d.checked));
        const auto quote = quote_of(d);
        decimal("bid", quote ? quote->bid : Price{}, quote.has_value());
        decimal("ask", quote ? quote->ask : Price{}, quote.has_value());
        text("scope", refused ? fermata::name(static_cast<Scope>(d.scope)) : std::string_view());
        text("unit", refused ? fermata::name(unit) : std::string_view());
        text("configuration", hex_text(d.config_hash));
    }
    void add(const ExecutionData& d) {
        const bool trade = d.exec_type == ExecType::kTrade;
        const bool replaced =
            d.exec_type == ExecType::kReplaced || d.exec_type == ExecType::kRestated;
        id("order_id", d.order_id.value);
        id("venue_order_id", d.venue_order_id.value);
        id("exec_id", d.exec_id.value);
        venue(d.venue);
        text("exec_type", fermata::name(d.exec_type));
        text("reason", d.reason == OrderReason::kNone ? "" : fermata::name(d.reason));
        decimal("last_quantity", d.last_quantity, trade);
        decimal("last_price", d.last_price, trade);
        decimal("leaves_quantity", d.leaves_quantity);
        decimal("cumulative_quantity", d.cumulative_quantity);
        decimal("fee", d.fee, trade);
        text("fee_currency",
             trade ? name_of(manifest_.currencies, d.fee_currency.value) : std::string());
        text("liquidity", liquidity_name(d.liquidity));
        decimal("price", d.price, replaced);
        decimal("stop_price", d.stop_price, replaced);
    }
    void add(const OrderUpdateData& d) {
        order(d.order_id, d.tag);
        strategy(d.strategy);
        account(d.account);
        text("state", fermata::name(d.state));
        text("previous", fermata::name(d.previous));
        text("reason", d.reason == OrderReason::kNone ? "" : fermata::name(d.reason));
        text("failed", render_codes(d.failed));
        text("side", fermata::name(d.side));
        text("order_type", fermata::name(d.type));
        decimal("quantity", d.quantity);
        prices(d.type, d.price, d.stop_price);
        text("time_in_force", fermata::name(d.tif));
        decimal("cumulative_quantity", d.cumulative_quantity);
        decimal("leaves_quantity", d.leaves_quantity);
        decimal("average_value", d.average_value);
        text("order_flags", render_order_flags(d.flags));
        text("link_role", d.link_role == LinkRole::kNone ? "" : fermata::name(d.link_role));
    }
    void add(const FillData& d) {
        order(d.order_id, d.tag);
        id("exec_id", d.exec_id.value);
        strategy(d.strategy);
        account(d.account);
        text("side", fermata::name(d.side));
        decimal("quantity", d.quantity);
        decimal("price", d.price);
        decimal("fee", d.fee);
        currency("fee_currency", d.fee_currency);
        text("liquidity", liquidity_name(d.liquidity));
        decimal("realized", d.realized);
        decimal("cash_after", d.cash_after);
        decimal("position_after", d.position_after);
        decimal("strategy_position_after", d.strategy_position_after);
    }
    void add(const PositionData& d) {
        strategy(d.strategy);
        account(d.account);
        text("change", fermata::name(d.change));
        text("kind",
             d.change == PositionChange::kCorporateAction ? kind_name(d.kind) : std::string_view());
        number("numerator", d.numerator);
        number("denominator", d.denominator);
        decimal("account_position", d.position);
        decimal("strategy_position", d.strategy_position);
        decimal("cash", d.cash);
        currency("currency", d.currency);
        decimal("amount", d.amount);
        if (d.change != PositionChange::kOpening) return;
        decimal("lot", d.lot);
        decimal("cost", d.cost);
        time("opened", d.opened);
    }
    void add(const TimerData& d) {
        strategy(d.strategy);
        count("timer_id", d.timer_id);
        time("due", d.due);
    }
    void add(const AlertData& d) {
        text("code", fermata::name(d.code));
        id("order_id", d.order_id.value);
        strategy(d.strategy);
        account(d.account);
        number("detail_0", d.detail[0]);
        number("detail_1", d.detail[1]);
        text("control", d.control != 0 && d.control <= kControlCount
                            ? control(static_cast<ControlId>(d.control - 1)).code
                            : std::string_view());
    }
    void add(const ControlData& d) {
        text("scope", name(d.scope));
        text("target", target_text(d.scope, d.target, manifest_));
        text("state", fermata::name(d.state));
        text("cancel_orders", cancels_text(d.cancel_orders));
        text("control", d.control < kControlCount ? control(static_cast<ControlId>(d.control)).code
                        : d.actor == kNoActor     ? std::string_view("latch")
                                                  : std::string_view("operator"));
        actor("actor", d.actor);
        const auto unit = static_cast<LimitUnit>(d.unit);
        const bool measured = unit != LimitUnit::kNone;
        text("observed", measured ? format_limit(unit, d.observed) : std::string());
        text("limit", measured ? format_limit(unit, d.limit) : std::string());
    }
    void add(const RiskInputData& d) {
        text("kind", fermata::name(d.kind));
        const bool is_limit = d.kind == RiskInputKind::kLimit && d.limit < kLimitCount;
        text("scope", is_limit ? fermata::name(d.scope) : std::string_view());
        text("target", target_text(d, manifest_));
        text("limit", is_limit ? limit_key(static_cast<LimitId>(d.limit)) : std::string());
        for (std::size_t n = 0; n < 4; ++n) number(kValueFields[n], d.values[n]);
        actor("actor", d.actors[0]);
        actor("second_actor", d.actors[1]);
    }
    void add(const RiskSnapshotData& d) {
        count("number", d.number);
        text("digest", hex_text(d.digest));
        time("as_of", d.as_of);
        count("maker_position", d.feed_position);
        count("instruments", d.instruments);
        count("measured", d.measured);
        count("days", d.days);
    }
    void add(const MarkData& d) {
        decimal("equity", d.equity);
        text("state_hash", hex_text(d.state_hash));
        count("market_events", d.market_events);
    }

    void add(const EquityData& d) {
        text("account", name_of(manifest_.accounts, d.account.value));
        text("currency", name_of(manifest_.currencies, d.currency.value));
        decimal("equity", d.equity);
        decimal("cash", d.cash);
        decimal("gross", d.gross);
        decimal("realized", d.realized);
        decimal("unrealized", d.unrealized);
        decimal("fees", d.fees);
    }

    [[nodiscard]] std::vector<EventField> take() { return std::move(fields_); }

private:
    void prices(OrderType type, Price price, Price stop_price) {
        decimal("price", price, has_limit_price(type) || !price.is_zero());
        decimal("stop_price", stop_price, has_stop_price(type) || !stop_price.is_zero());
    }
    void offset(OffsetKind kind, std::int64_t raw) {
        text("offset_kind", kind == OffsetKind::kNone ? "" : fermata::name(kind));
        text("offset", kind == OffsetKind::kNone ? std::string() : to_string(Price::from_raw(raw)));
    }
    void actor(std::string_view name, std::uint32_t uid) {
        text(name, uid == kNoActor ? std::string() : std::to_string(uid));
    }
    const JournalManifest& manifest_;
    std::vector<EventField> fields_;
};

}  // namespace

std::vector<EventField> fields_of(const OrderEvent& event, const JournalManifest& manifest) {
    Fields fields(manifest);
    switch (event.type) {
        case OrderEventType::kNone:
            break;
        case OrderEventType::kNewOrder:
        case OrderEventType::kPreview:
        case OrderEventType::kSendNew:
            fields.add(event.data.new_order);
            break;
        case OrderEventType::kCancel:
        case OrderEventType::kSendCancel:
            fields.add(event.data.change, false);
            break;
        case OrderEventType::kReplace:
        case OrderEventType::kSendReplace:
            fields.add(event.data.change, true);
            break;
        case OrderEventType::kVerdict:
            fields.add(event.data.verdict);
            break;
        case OrderEventType::kExecution:
            fields.add(event.data.execution);
            break;
        case OrderEventType::kOrderUpdate:
            fields.add(event.data.update);
            break;
        case OrderEventType::kFill:
            fields.add(event.data.fill);
            break;
        case OrderEventType::kAccount:
        case OrderEventType::kPosition:
            fields.add(event.data.position);
            break;
        case OrderEventType::kTimerSet:
        case OrderEventType::kTimer:
            fields.add(event.data.timer);
            break;
        case OrderEventType::kAlert:
            fields.add(event.data.alert);
            break;
        case OrderEventType::kControl:
            fields.add(event.data.control);
            break;
        case OrderEventType::kMark:
            fields.add(event.data.mark);
            break;
        case OrderEventType::kEquity:
            fields.add(event.data.equity);
            break;
        case OrderEventType::kRiskInput:
            fields.add(event.data.risk_input);
            break;
        case OrderEventType::kRiskSnapshot:
            fields.add(event.data.risk_snapshot);
            break;
        case OrderEventType::kBasket:
            fields.add(event.data.basket);
            break;
        case OrderEventType::kAlgo:
            fields.add(event.data.algo);
            break;
        case OrderEventType::kAlgoReport:
            fields.add(event.data.algo_report);
            break;
        case OrderEventType::kRoute:
            fields.add(event.data.route);
            break;
        case OrderEventType::kCorrection:
            fields.add(event.data.correction);
            break;
        case OrderEventType::kConsumed:
            break;
    }
    return fields.take();
}

std::vector<std::string_view> field_names(const std::vector<OrderEventType>& types) {
    std::vector<std::string_view> names;
    for (const OrderEventType type : types) {
        const OrderEvent empty = make_order_event(type, Timestamp{}, InstrumentId{});
        for (const EventField& field : fields_of(empty, JournalManifest{})) {
            if (std::find(names.begin(), names.end(), field.name) == names.end()) {
                names.push_back(field.name);
            }
        }
    }
    return names;
}

std::vector<OrderEventType> order_event_types() {
    std::vector<OrderEventType> types;
    for (std::uint16_t number = 1; number < 256; ++number) {
        if (is_order_event_type(number)) types.push_back(static_cast<OrderEventType>(number));
    }
    return types;
}

}  // namespace fermata
