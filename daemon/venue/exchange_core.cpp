#include "daemon/venue/exchange_core.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata::venue {
namespace {

/// Taken back at most so many fills later.
constexpr std::size_t kFillsKept = 64;

std::vector<bool> foreign_streams(const StreamTable& streams, VenueId venue) {
    std::vector<bool> foreign(streams.size());
    for (const StreamInfo& stream : streams) {
        foreign[stream.id.value] = stream.venue != kEveryVenue && stream.venue != venue;
    }
    return foreign;
}

char restatement_code(OrderReason reason) noexcept {
    switch (reason) {
        case OrderReason::kCorporateAction:
            return '0';
        case OrderReason::kRepriced:
            return '3';
        case OrderReason::kReduceOnly:
            return '5';
        default:
            return '8';
    }
}

std::string text_of(OrderReason reason) {
    return reason == OrderReason::kNone ? std::string() : std::string(name(reason));
}

}  // namespace

ExchangeCore::ExchangeCore(CoreSettings settings, const InstrumentTable& instruments,
                           const StreamTable& streams)
    : settings_(std::move(settings)),
      instruments_(instruments),
      sim_(settings_.sim, instruments, streams, settings_.balances, settings_.orders_max),
      buffer_(sim_.events_max()),
      ledger_(settings_.orders_kept),
      foreign_(foreign_streams(streams, settings_.sim.venue)),
      on_(settings_.members.size()),
      cancel_when_off_(settings_.members.size()) {}

void ExchangeCore::on_market(const MarketEvent& e) {
    if (sim_.next_due() < e.ts) advance(e.ts - Duration::nanoseconds(1));
    if (e.stream.value < foreign_.size() && foreign_[e.stream.value]) return;
    sim_.on_market(e, buffer_);
    if (!buffer_.empty()) take_reports();
}

void ExchangeCore::advance(Timestamp now) {
    do {  // the engine stops early when its buffer is full
        sim_.advance(now, buffer_);
        take_reports();
    } while (sim_.next_due() <= now);
}

void ExchangeCore::on_logon(std::size_t session, std::optional<bool> wish) {
    on_[session] = true;
    cancel_when_off_[session] = wish.value_or(settings_.members[session].cancel_on_disconnect);
}

void ExchangeCore::on_logout(std::size_t session, Timestamp now) {
    if (!on_[session]) return;
    on_[session] = false;
    if (!cancel_when_off_[session]) return;
    for (VenueOrder* order : ledger_.live()) {
        if (order->session == session) send_cancel(*order, {}, now);
    }
}

void ExchangeCore::halt(InstrumentId instrument, bool halted) { sim_.halt(instrument, halted); }

bool ExchangeCore::bust_newest(Timestamp now) {
    if (sim_.next_due() <= now) advance(now);
    while (!fills_.empty()) {
        const Booked fill = fills_.back();
        fills_.pop_back();
        if (!sim_.bust(fill.exec_id, buffer_)) continue;  // too old
        take_reports();
        return true;
    }
    return false;
}

bool ExchangeCore::correct_newest(std::int64_t ticks, Timestamp now) {
    if (sim_.next_due() <= now) advance(now);
    while (!fills_.empty()) {
        const Booked fill = fills_.back();
        fills_.pop_back();
        const VenueOrder* order = ledger_.find(fill.order);
        FERMATA_ASSERT(order != nullptr);
        const auto at =
            std::find_if(order->fills.begin(), order->fills.end(),
                         [&](const BookedFill& f) { return f.exec_id == fill.exec_id; });
        if (at == order->fills.end()) continue;
        const Price tick = instruments_[order->instrument].tick_at(now);
        const Price price = Price::from_raw(at->price.raw() + ticks * tick.raw());
        if (!sim_.correct(fill.exec_id, price, at->quantity, buffer_)) continue;
        take_reports();
        return true;
    }
    return false;
}

void ExchangeCore::submit(const OrderEvent& request) {
    OrderEvent numbered = request;
    numbered.seq = ++sequence_;
    sim_.on_order(numbered, buffer_);
    take_reports();
}

void ExchangeCore::take_reports() {
    for (const OrderEvent& e : buffer_.span()) {
        if (e.type == OrderEventType::kCorrection) {
            on_correction(e);
        } else {
            on_report(e);
        }
    }
    buffer_.clear();
}

fix::ExecutionLine ExchangeCore::line_of(const VenueOrder& order, Timestamp ts) const {
    fix::ExecutionLine line;
    line.ts = ts;
    line.order_id = order_id_text(order);
    line.client_id = order.client_id;
    line.list_id = order.list_id;
    if (order.account.value < settings_.accounts.size()) {
        line.account = settings_.accounts[order.account.value];
    }
    if (instruments_.contains(order.instrument)) {
        line.symbol = instruments_[order.instrument].symbol;
    }
    line.price = order.price;
    line.stop_price = order.stop_price;
    line.has_price = has_limit_price(order.type) || !order.price.is_zero();
    line.has_stop = has_stop_price(order.type) || !order.stop_price.is_zero();
    line.quantity = order.quantity;
    line.display_quantity = order.display_quantity;
    line.leaves = order.leaves;
    line.cumulative = order.cumulative;
    line.average_price = order.average_price();
    line.expire_time = order.expire_time;
    line.tif = order.tif;
    line.side = order.side_code;
    line.type = order.type_code;
    line.status = order.status;
    return line;
}

void ExchangeCore::publish(const VenueOrder& order, const fix::ExecutionLine& line) {
    const auto& members = settings_.members;
    if (members[order.session].orders) emit(order.session, execution_report(line));
    for (std::size_t n = 0; n < members.size(); ++n) {
        if (!members[n].drop_copy || members[n].firm != order.firm) continue;
        fix::ExecutionLine copy = line;
        copy.copy = true;
        emit(n, execution_report(copy));
    }
}

void ExchangeCore::on_change_refused(VenueOrder& order, const OrderEvent& e) {
    const ExecutionData& x = e.data.execution;
    const bool replace = x.exec_type == ExecType::kReplaceRejected;
    const auto at = std::find_if(order.pending.begin(), order.pending.end(),
                                 [&](const PendingChange& p) { return p.replace == replace; });
    if (at == order.pending.end()) return;
    const PendingChange refused = std::move(*at);
    order.pending.erase(at);
    if (refused.client_id.empty()) return;  // nobody asked by name
    fix::CancelRejectLine line;
    line.ts = e.ts;
    line.order_id = order_id_text(order);
    line.client_id = refused.client_id;
    line.original_id = refused.original_id;
    line.account = settings_.accounts[order.account.value];
    line.text = text_of(x.reason);
    line.status = order.status;
    line.replace = replace;
    line.reason = fix::cancel_reject_code(x.reason);
    emit(refused.session, cancel_reject(line));
}

void ExchangeCore::apply_replace(VenueOrder& order, const ExecutionData& x,
                                 fix::ExecutionLine& line) {
    const auto at = std::find_if(order.pending.begin(), order.pending.end(),
                                 [](const PendingChange& p) { return p.replace; });
    if (at == order.pending.end()) return;
    line.original_id = order.client_id;
    order.client_id = at->client_id;
    if (!at->display_quantity.is_zero()) order.display_quantity = at->display_quantity;
    order.pending.erase(at);
    order.price = x.price;
    order.stop_price = x.stop_price;
}

void ExchangeCore::on_report(const OrderEvent& e) {
    const ExecutionData& x = e.data.execution;
    VenueOrder* found = ledger_.find(x.order_id);
    FERMATA_ASSERT(found != nullptr && "the engine reports about orders that it was sent");
    VenueOrder& order = *found;
    if (x.exec_type == ExecType::kCancelRejected || x.exec_type == ExecType::kReplaceRejected) {
        return on_change_refused(order, e);
    }
    if (order.status == 'A') --unanswered_;
    order.venue_order_id = x.venue_order_id;
    order.leaves = x.leaves_quantity;
    order.cumulative = x.cumulative_quantity;
    fix::ExecutionLine changed;  // names that the report carries beside the order's
    std::optional<std::size_t> asked_by;
    char code = '0';
    char restatement = 0;
    const char working = x.cumulative_quantity.is_zero() ? '0' : '1';
    order.status = working;
    switch (x.exec_type) {
        case ExecType::kNew:
            break;
        case ExecType::kTrade:
            code = 'F';
            if (x.leaves_quantity.is_zero()) order.status = '2';
            order.fills.push_back({x.exec_id, x.last_price, x.last_quantity});
            fills_.push_back({x.exec_id, order.id});
            if (fills_.size() > kFillsKept) fills_.erase(fills_.begin());
            break;
        case ExecType::kCanceled:
            code = order.status = '4';
            if (x.reason == OrderReason::kRequested) {
                const auto at = std::find_if(order.pending.begin(), order.pending.end(),
                                             [](const PendingChange& p) { return !p.replace; });
                FERMATA_ASSERT(at != order.pending.end());
                if (!at->client_id.empty()) {
                    changed.client_id = at->client_id;
                    changed.original_id = order.client_id;
                    asked_by = at->session;
                }
                order.pending.erase(at);
            }
            break;
        case ExecType::kReplaced:
            code = '5';
            order.quantity = x.cumulative_quantity + x.leaves_quantity;
            asked_by = order.pending.empty() ? order.session : order.pending.front().session;
            apply_replace(order, x, changed);
            break;
        case ExecType::kRejected:
            code = order.status = '8';
            break;
        case ExecType::kExpired:
            code = order.status = 'C';
            break;
        case ExecType::kTriggered:
            code = settings_.triggered_by_l ? 'L' : 'D';
            if (code == 'D') restatement = '8';
            break;
        case ExecType::kSuspended:
            code = '9';
            break;
        case ExecType::kDoneForDay:
            code = '3';
            break;
        case ExecType::kRestated:
            code = 'D';
            restatement = restatement_code(x.reason);
            order.quantity = x.cumulative_quantity + x.leaves_quantity;
            order.price = x.price;
            order.stop_price = x.stop_price;
            break;
        default:
            return;
    }
    fix::ExecutionLine line = line_of(order, e.ts);
    if (!changed.client_id.empty()) line.client_id = changed.client_id;
    line.original_id = changed.original_id;
    line.exec_id = std::to_string(x.exec_id.value);
    line.exec_type = code;
    line.restatement = restatement;
    line.reason = x.reason;
    line.text = text_of(x.reason);
    if (code == '8') line.reject_reason = fix::reject_code(x.reason);
    if (code == 'F') {
        line.fill = true;
        line.last_price = x.last_price;
        line.last_quantity = x.last_quantity;
        line.fee = x.fee;
        if (x.fee_currency.value < instruments_.currencies().size()) {
            line.currency = instruments_.currencies()[x.fee_currency.value];
        }
        if (x.liquidity != Liquidity::kUnknown) {
            line.liquidity = x.liquidity == Liquidity::kMaker ? '1' : '2';
        }
    }
    publish(order, line);
    if (asked_by && *asked_by != order.session) emit(*asked_by, execution_report(line));
}

void ExchangeCore::on_correction(const OrderEvent& e) {
    const CorrectionData& c = e.data.correction;
    VenueOrder* order = ledger_.find(c.order_id);
    FERMATA_ASSERT(order != nullptr);
    const bool bust = c.kind == CorrectionKind::kBust;
    const auto fill = std::find_if(order->fills.begin(), order->fills.end(),
                                   [&](const BookedFill& f) { return f.exec_id == c.ref_exec_id; });
    FERMATA_ASSERT(fill != order->fills.end());
    if (bust) {
        order->fills.erase(fill);
    } else {
        *fill = {c.exec_id, c.price, c.quantity};
        fills_.push_back({c.exec_id, order->id});
    }
    order->cumulative = c.cumulative_quantity;
    order->leaves = c.leaves_quantity;
    if (order->live()) order->status = c.cumulative_quantity.is_zero() ? '0' : '1';
    // A filled order whose fill is gone is over all the same.
    if (order->status == '2' && c.cumulative_quantity < order->quantity) order->status = '4';
    fix::ExecutionLine line = line_of(*order, e.ts);
    line.exec_id = std::to_string(c.exec_id.value);
    line.ref_exec_id = std::to_string(c.ref_exec_id.value);
    line.exec_type = bust ? 'H' : 'G';
    if (!bust) {
        line.fill = true;
        line.last_price = c.price;
        line.last_quantity = c.quantity;
        line.fee = c.fee;
        if (c.fee_currency.value < instruments_.currencies().size()) {
            line.currency = instruments_.currencies()[c.fee_currency.value];
        }
    }
    publish(*order, line);
}

}  // namespace fermata::venue
