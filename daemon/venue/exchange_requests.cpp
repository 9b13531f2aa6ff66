// What the exchange does with requests about orders. See exchange_core.hpp.

#include <algorithm>
#include <utility>

#include "daemon/venue/exchange_core.hpp"

namespace fermata::venue {
namespace {

using fix::RequestKind;

/// Requests about one order that the engine has not answered.
constexpr std::size_t kPendingMax = 4;

bool divides(std::int64_t step, std::int64_t value) noexcept {
    return step <= 0 || value % step == 0;
}

}  // namespace

void ExchangeCore::on_request(std::size_t session, const fix::VenueRequest& request,
                              Timestamp now) {
    if (sim_.next_due() <= now) advance(now);
    const bool asks =
        request.kind == RequestKind::kOrderStatus || request.kind == RequestKind::kMassStatus;
    const ExchangeMember& member = settings_.members[session];
    if (!member.orders && !(asks && member.drop_copy)) {
        fix::OutMessage j("j");
        j.put(372, "D").put(380, '6').put(58, "this session does not enter orders");
        return emit(session, std::move(j));
    }
    switch (request.kind) {
        case RequestKind::kNewOrder:
            return new_order(session, request.order, {}, request.repeated, now);
        case RequestKind::kCancel:
            return change(session, request.order, false, request.repeated, now);
        case RequestKind::kReplace:
            return change(session, request.order, true, request.repeated, now);
        case RequestKind::kOrderStatus:
            return order_status(session, request.order, now);
        case RequestKind::kMassStatus:
            return mass_status(session, request, now);
        case RequestKind::kMassCancel:
            return mass_cancel(session, request, now);
        case RequestKind::kOrderList:
            return order_list(session, request, now);
        case RequestKind::kMarketData:
        case RequestKind::kSecurityList:
        case RequestKind::kTradingSessionStatus:
            return;  // of the market data desk
    }
}

std::string ExchangeCore::own_exec_id(char kind) {
    return std::string(1, kind) + std::to_string(settings_.sim.id_epoch) + '-' +
           std::to_string(++own_executions_);
}

std::optional<AccountId> ExchangeCore::account_of(const ExchangeMember& member,
                                                  const std::string& wanted) const {
    if (wanted.empty()) {
        return member.accounts.empty() ? std::nullopt : std::optional(member.accounts.front());
    }
    for (const AccountId account : member.accounts) {
        if (settings_.accounts[account.value] == wanted) return account;
    }
    return std::nullopt;
}

std::optional<ExchangeCore::Refusal> ExchangeCore::refusal_of_sizes(const Instrument& instrument,
                                                                    const fix::OrderTerms& terms,
                                                                    Timestamp now) const {
    const Price tick = instrument.tick_at(now);
    if (!terms.quantity.is_positive()) return Refusal{13, "the quantity must be positive"};
    if (!divides(instrument.lot.raw(), terms.quantity.raw())) {
        return Refusal{13, "the quantity is no multiple of the lot"};
    }
    if (terms.quantity < instrument.min_quantity) {
        return Refusal{13, "the quantity is below the smallest"};
    }
    if (terms.display_quantity > terms.quantity) {
        return Refusal{13, "more is shown than there is"};
    }
    for (const Price price : {terms.price, terms.stop_price}) {
        if (!divides(tick.raw(), price.raw())) {
            return Refusal{99, "the price is no multiple of the tick"};
        }
    }
    return std::nullopt;
}

std::optional<ExchangeCore::Refusal> ExchangeCore::refusal_of(const ExchangeMember& member,
                                                              const fix::OrderTerms& terms,
                                                              Timestamp now) {
    if (!terms.unsupported.empty()) return Refusal{11, terms.unsupported};
    const Instrument* instrument = instruments_.find(terms.symbol);
    if (instrument == nullptr) return Refusal{1, "unknown symbol"};
    if (!account_of(member, terms.account)) return Refusal{15, "no account of this member"};
    if (halted(instrument->id)) return Refusal{2, "trading is halted"};
    return refusal_of_sizes(*instrument, terms, now);
}

void ExchangeCore::new_order(std::size_t session, const fix::OrderTerms& terms,
                             const std::string& list_id, bool repeated, Timestamp now) {
    const ExchangeMember& member = settings_.members[session];
    VenueOrder order;
    order.client_id = terms.client_id;
    order.list_id = list_id;
    order.session = static_cast<std::uint32_t>(session);
    order.firm = member.firm;
    order.account = account_of(member, terms.account).value_or(AccountId{0xffff});
    const Instrument* instrument = instruments_.find(terms.symbol);
    order.instrument = instrument == nullptr ? InstrumentId{0xffff'ffff} : instrument->id;
    order.price = terms.price;
    order.stop_price = terms.stop_price;
    order.quantity = order.leaves = terms.quantity;
    order.display_quantity = terms.display_quantity;
    order.expire_time = terms.expire_time;
    order.type = terms.type;
    order.tif = terms.tif;
    order.side_code = terms.side_code;
    order.type_code = terms.type_code;

    const bool used = ledger_.used(member.firm, terms.client_id);
    if (used && repeated) {  // it came before, and was answered
        return send_status(session, *ledger_.find(member.firm, terms.client_id), now);
    }
    std::optional<Refusal> refusal;
    if (used) refusal = Refusal{6, "this ClOrdID was used before"};
    if (!refusal && ledger_.full()) refusal = Refusal{99, "the exchange has no room for orders"};
    if (!refusal && sim_.live_orders() + unanswered_ >= settings_.orders_max) {
        refusal = Refusal{99, "too many open orders"};
    }
    const bool kept = !ledger_.full() && !used;
    if (!refusal) refusal = refusal_of(member, terms, now);
    order.id = ClientOrderId{std::uint64_t{settings_.sim.id_epoch} << 32 | ++orders_};
    if (refusal) {
        order.status = '8';
        order.leaves = Quantity::zero();
        fix::ExecutionLine line = line_of(order, now);
        if (line.symbol.empty()) line.symbol = terms.symbol;
        if (line.account.empty()) line.account = terms.account;
        line.exec_id = own_exec_id('R');
        line.exec_type = '8';
        line.reject_reason = refusal->code;
        line.text = refusal->text;
        publish(order, line);
        if (kept) ledger_.add(std::move(order));
        return;
    }
    OrderEvent send = make_order_event(OrderEventType::kSendNew, now, order.instrument);
    send.data.new_order = NewOrderData{};
    NewOrderData& d = send.data.new_order;
    d.order_id = order.id;
    d.price = terms.price;
    d.stop_price = terms.stop_price;
    d.quantity = terms.quantity;
    d.display_quantity = terms.display_quantity;
    d.expire_time = terms.expire_time;
    d.offset = terms.offset;
    d.offset_kind = terms.offset_kind;
    d.account = order.account;
    d.venue = settings_.sim.venue;
    d.side = terms.side;
    d.type = terms.type;
    d.tif = terms.tif;
    d.flags = terms.flags;
    ledger_.add(std::move(order));
    ++unanswered_;
    submit(send);
}

/// The list is acknowledged (N) when it is taken in, with how its orders stand then: those that are
/// on their way to the engine (latency in) are pending, and their reports follow.
void ExchangeCore::order_list(std::size_t session, const fix::VenueRequest& request,
                              Timestamp now) {
    for (const fix::OrderTerms& terms : request.orders) {
        new_order(session, terms, request.id, request.repeated, now);
    }
    fix::ListStatusLine line;
    line.ts = now;
    line.list_id = request.id;
    bool any = false;
    for (const fix::OrderTerms& terms : request.orders) {
        fix::ListStatusLine::Order& entry = line.orders.emplace_back();
        entry.client_id = terms.client_id;
        entry.status = '8';
        const VenueOrder* order = ledger_.find(settings_.members[session].firm, terms.client_id);
        if (order == nullptr || order->list_id != request.id) continue;
        entry.cumulative = order->cumulative;
        entry.leaves = order->leaves;
        entry.average_price = order->average_price();
        entry.status = order->status;
        any = any || order->status != '8';
    }
    line.status = any ? '3' : '7';
    emit(session, list_status(line));
}

/// The order that a request is about: by the names in OrigClOrdID or ClOrdID, else by OrderID.
VenueOrder* ExchangeCore::named(std::size_t session, const fix::OrderTerms& terms,
                                const std::string& client_id) {
    const ExchangeMember& member = settings_.members[session];
    VenueOrder* order = client_id.empty() ? nullptr : ledger_.find(member.firm, client_id);
    if (order == nullptr && !terms.order_id.empty()) {
        order = ledger_.find_by_order_id(member.firm, terms.order_id);
    }
    if (order == nullptr) return nullptr;
    return order->session == session || member.of_firm ? order : nullptr;
}

void ExchangeCore::refuse_cancel(std::size_t session, const fix::OrderTerms& terms,
                                 const VenueOrder* order, bool replace, int code,
                                 std::string_view text, Timestamp now) {
    fix::CancelRejectLine line;
    line.ts = now;
    if (order != nullptr) {
        line.order_id = order_id_text(*order);
        line.status = order->status;
        if (order->account.value < settings_.accounts.size()) {
            line.account = settings_.accounts[order->account.value];
        }
    }
    line.client_id = terms.client_id;
    line.original_id = terms.original_id;
    line.replace = replace;
    line.reason = code;
    line.text = std::string(text);
    emit(session, cancel_reject(line));
}

void ExchangeCore::change(std::size_t session, const fix::OrderTerms& terms, bool replace,
                          bool repeated, Timestamp now) {
    VenueOrder* order = named(session, terms, terms.original_id);
    const auto refuse = [&](int code, std::string_view text) {
        refuse_cancel(session, terms, order, replace, code, text, now);
    };
    if (order == nullptr) return refuse(1, "unknown order");
    if (ledger_.used(order->firm, terms.client_id)) {
        if (repeated) return send_status(session, *order, now);
        return refuse(6, "this ClOrdID was used before");
    }
    if (!order->live()) return refuse(0, "the order is over");
    if (order->pending.size() >= kPendingMax) return refuse(3, "requests about it are pending");
    PendingChange pending;
    pending.client_id = terms.client_id;
    pending.original_id = terms.original_id;
    pending.session = static_cast<std::uint32_t>(session);
    if (!replace) {
        ledger_.name(*order, terms.client_id);
        return send_cancel(*order, std::move(pending), now);
    }
    if (!terms.unsupported.empty()) return refuse(99, terms.unsupported);
    if (halted(order->instrument)) return refuse(99, "trading is halted");
    if (terms.type != order->type || terms.side_code != order->side_code ||
        terms.symbol != instruments_[order->instrument].symbol) {
        return refuse(99, "a replace keeps symbol, side and type");
    }
    if (terms.tif != order->tif || terms.expire_time != order->expire_time) {
        return refuse(99, "a replace keeps the time in force");
    }
    const auto refusal = refusal_of_sizes(instruments_[order->instrument], terms, now);
    if (refusal) return refuse(99, refusal->text);
    pending.replace = true;
    pending.display_quantity = terms.display_quantity;
    ledger_.name(*order, terms.client_id);
    order->pending.push_back(std::move(pending));
    OrderEvent send = make_order_event(OrderEventType::kSendReplace, now, order->instrument);
    send.data.change = ChangeOrderData{};
    ChangeOrderData& d = send.data.change;
    d.order_id = order->id;
    d.price = terms.price;
    d.stop_price = terms.stop_price;
    d.quantity = terms.quantity;
    d.display_quantity = terms.display_quantity;
    d.offset = terms.offset;
    d.account = order->account;
    d.venue = settings_.sim.venue;
    submit(send);
}

void ExchangeCore::send_cancel(VenueOrder& order, PendingChange pending, Timestamp now) {
    const bool on_its_way = std::any_of(order.pending.begin(), order.pending.end(),
                                        [](const PendingChange& p) { return !p.replace; });
    if (pending.client_id.empty() && on_its_way) return;
    order.pending.push_back(std::move(pending));
    OrderEvent send = make_order_event(OrderEventType::kSendCancel, now, order.instrument);
    send.data.change = ChangeOrderData{};
    send.data.change.order_id = order.id;
    send.data.change.account = order.account;
    send.data.change.venue = settings_.sim.venue;
    submit(send);
}

void ExchangeCore::send_status(std::size_t session, const VenueOrder& order, Timestamp now,
                               const std::string& request_id, int total, bool last) {
    fix::ExecutionLine line = line_of(order, now);
    line.exec_id = own_exec_id('S');
    line.exec_type = 'I';
    line.request_id = request_id;
    line.total = total;
    line.last_of_all = last;
    if (order.live() && !order.pending.empty()) {
        line.status = order.pending.front().replace ? 'E' : '6';
    }
    emit(session, execution_report(line));
}

void ExchangeCore::order_status(std::size_t session, const fix::OrderTerms& terms, Timestamp now) {
    const ExchangeMember& member = settings_.members[session];
    const VenueOrder* order = named(session, terms, terms.client_id);
    if (order == nullptr && member.drop_copy && !terms.client_id.empty()) {
        order = ledger_.find(member.firm, terms.client_id);
    }
    if (order != nullptr) return send_status(session, *order, now);
    fix::ExecutionLine line;
    line.ts = now;
    line.order_id = terms.order_id.empty() ? "NONE" : terms.order_id;
    line.exec_id = own_exec_id('S');
    line.client_id = terms.client_id;
    line.account = terms.account;
    line.symbol = terms.symbol;
    line.exec_type = 'I';
    line.status = '8';
    line.reject_reason = 5;
    line.text = "unknown order";
    emit(session, execution_report(line));
}

void ExchangeCore::mass_status(std::size_t session, const fix::VenueRequest& request,
                               Timestamp now) {
    const ExchangeMember& member = settings_.members[session];
    std::vector<const VenueOrder*> wanted;
    std::string text = "no open orders";
    if (request.action != '7' && request.action != '1') {
        text = "mass status is for all orders (585=7) or those of a security (585=1)";
    } else if (request.action == '1' && request.symbols.empty()) {
        text = "which security (55)?";
    } else {
        for (const VenueOrder* order : ledger_.live()) {
            if (order->firm != member.firm) continue;
            if (!request.order.account.empty() &&
                settings_.accounts[order->account.value] != request.order.account) {
                continue;
            }
            if (!request.symbols.empty() &&
                instruments_[order->instrument].symbol != request.symbols.front()) {
                continue;
            }
            wanted.push_back(order);
        }
    }
    const int total = static_cast<int>(wanted.size());
    for (const VenueOrder* order : wanted) {
        send_status(session, *order, now, request.id, total, order == wanted.back());
    }
    if (total != 0) return;
    fix::ExecutionLine line;
    line.ts = now;
    line.order_id = "NONE";
    line.exec_id = own_exec_id('S');
    line.exec_type = 'I';
    line.status = '8';
    line.text = text;
    line.request_id = request.id;
    line.total = 0;
    line.last_of_all = true;
    emit(session, execution_report(line));
}

void ExchangeCore::mass_cancel(std::size_t session, const fix::VenueRequest& request,
                               Timestamp now) {
    const ExchangeMember& member = settings_.members[session];
    fix::MassCancelLine line;
    line.ts = now;
    line.client_id = request.id;
    line.order_id = own_exec_id('M');
    line.request = request.action;
    line.response = '0';
    if (!request.symbols.empty()) line.symbol = request.symbols.front();
    const auto refuse = [&](int reason, const char* text) {
        line.reason = reason;
        line.text = text;
        emit(session, mass_cancel_report(line));
    };
    if (request.action != '7' && request.action != '1') {
        return refuse(0, "mass cancel is for all orders (530=7) or those of a security (530=1)");
    }
    if (request.action == '1' &&
        (line.symbol.empty() || instruments_.find(line.symbol) == nullptr)) {
        return refuse(1, "unknown security");
    }
    if (!request.order.account.empty() && !account_of(member, request.order.account)) {
        return refuse(99, "no account of this member");
    }
    std::vector<VenueOrder*> wanted;
    for (VenueOrder* order : ledger_.live()) {
        const bool own =
            order->session == session || (member.of_firm && order->firm == member.firm);
        if (!own) continue;
        if (!request.order.account.empty() &&
            settings_.accounts[order->account.value] != request.order.account) {
            continue;
        }
        if (!line.symbol.empty() && instruments_[order->instrument].symbol != line.symbol) continue;
        wanted.push_back(order);
        line.orders.emplace_back(order->client_id, order_id_text(*order));
    }
    line.response = request.action;
    emit(session, mass_cancel_report(line));
    for (VenueOrder* order : wanted) send_cancel(*order, {}, now);
}

void ExchangeCore::refuse(std::size_t session, const fix::VenueRequest& request,
                          std::string_view text, Timestamp now) {
    if (sim_.next_due() <= now) advance(now);
    const bool replace = request.kind == RequestKind::kReplace;
    if (request.kind == RequestKind::kNewOrder) {
        fix::OrderTerms refused = request.order;
        refused.unsupported = std::string(text);
        return new_order(session, refused, {}, request.repeated, now);
    }
    if (request.kind == RequestKind::kCancel || replace) {
        const VenueOrder* order = named(session, request.order, request.order.original_id);
        return refuse_cancel(session, request.order, order, replace, 2, text, now);
    }
    fix::OutMessage j("j");
    j.put(372, request.kind == RequestKind::kMassCancel ? "q" : "AF").put(380, '4').put(58, text);
    emit(session, std::move(j));
}

}  // namespace fermata::venue
