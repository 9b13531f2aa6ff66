#include "adapters/fix/link.hpp"

#include <exception>
#include <utility>

#include "adapters/fix/order_text.hpp"

namespace fermata::fix {
namespace {

std::string utc_now() {
    char text[kTextMax];
    return std::string(text, format_utc(utc_time(), text));
}

}  // namespace

Link::Link(SessionSettings settings, LinkObserver& observer)
    : SessionEnd(std::move(settings), observer),
      encoder_(settings_.dialect),
      orders_(settings_.orders_max),
      resolver_(orders_),
      decoder_(settings_.dialect),
      lane_(settings_.reports_lane) {}

bool Link::adopt(const KnownOrder& known) noexcept {
    SentOrder order;
    order.id = known.id;
    order.quantity = known.quantity;
    order.cumulative_quantity = known.cumulative_quantity;
    order.leaves_quantity = known.quantity - known.cumulative_quantity;
    order.price = known.price;
    order.stop_price = known.stop_price;
    order.expire_time = known.expire_time;
    order.accepted = known.accepted;
    order.instrument = known.instrument;
    order.account = known.account;
    order.side = known.side;
    order.type = known.type;
    order.tif = known.tif;
    order.flags = known.flags;
    order.acknowledged = known.acknowledged;
    return orders_.insert(order) != nullptr;
}

void Link::begin(std::uint32_t first_of_run) {
    if (resume_after_) ask_again_after(*resume_after_, first_of_run);
}

// --- the owner's end ---

OrderReason Link::send(const OrderEvent& request) noexcept {
    try {
        if (!up()) return OrderReason::kDisconnected;
        switch (request.type) {
            case OrderEventType::kSendNew:
                return send_new(request);
            case OrderEventType::kSendCancel:
            case OrderEventType::kSendReplace:
                return send_change(request);
            default:
                return OrderReason::kUnsupported;
        }
    } catch (const std::exception& e) {
        // Out of memory, or the store's disk: the session cannot go on numbering.
        halt(e.what());
    } catch (...) {
        halt("an unknown error while sending");
    }
    return OrderReason::kDisconnected;
}

OrderReason Link::send_new(const OrderEvent& request) {
    const NewOrderData& d = request.data.new_order;
    FIX::Message* message = encoder_.new_order(request);
    if (message == nullptr) return OrderReason::kUnsupported;
    SentOrder order;
    order.id = d.order_id;
    order.quantity = order.leaves_quantity = d.quantity;
    order.price = d.price;
    order.stop_price = d.stop_price;
    order.expire_time = d.expire_time;
    order.instrument = request.instrument;
    order.account = d.account;
    order.side = d.side;
    order.type = d.type;
    order.tif = d.tif;
    order.flags = d.flags;
    SentOrder* kept = orders_.insert(order);
    // An id that was used before, or more open orders than there is room for: it could not be
    // canceled any more.
    if (kept == nullptr) return OrderReason::kUnsupported;
    if (hand_over(*message, {0, {d.order_id}, request.type})) return OrderReason::kNone;
    kept->over = true;
    return OrderReason::kDisconnected;
}

OrderReason Link::send_change(const OrderEvent& request) {
    const ChangeOrderData& d = request.data.change;
    const SentOrder* order = orders_.find(d.order_id);
    if (order == nullptr) return OrderReason::kUnknownOrder;
    const bool cancel = request.type == OrderEventType::kSendCancel;
    FIX::Message* message =
        cancel ? encoder_.cancel(request, *order) : encoder_.replace(request, *order);
    if (message == nullptr) return OrderReason::kUnsupported;
    const RequestId id{d.order_id, static_cast<std::uint32_t>(d.change_id)};
    return hand_over(*message, {0, id, request.type}) ? OrderReason::kNone
                                                      : OrderReason::kDisconnected;
}

bool Link::hand_over(FIX::Message& message, const SentRequest& request) {
    if (!session()->send(message)) return false;
    SentRequest sent = request;
    const auto number = parse_whole(text_of(message.getHeader(), FIX::FIELD::MsgSeqNum));
    if (number) {
        sent.sequence = static_cast<std::uint64_t>(*number);
        orders_.note(sent);
    }
    return true;
}

bool Link::poll(OrderEvent& report) noexcept {
    while (next(in_hand_)) {
        bool unattributed = false;
        const auto event = resolver_.resolve(in_hand_, unattributed);
        if (unattributed) tell(LinkEventKind::kRefused, "a message of ours that is not known");
        if (!event) continue;
        report = *event;
        return true;
    }
    return false;
}

/// The lane first: what is in the backlog came later.
bool Link::next(InboundReport& report) noexcept {
    if (lane_.take(report)) return true;
    if (!has_backlog_.load(std::memory_order_acquire)) return false;
    const std::unique_lock lock(backlog_mutex_, std::try_to_lock);
    // The engine may have filled the lane between the first look and the lock.
    if (lane_.take(report)) return true;
    if (!lock || backlog_.empty()) return false;
    report = backlog_.front();
    backlog_.pop_front();
    if (backlog_.empty()) has_backlog_.store(false, std::memory_order_release);
    return true;
}

bool Link::ask(ClientOrderId id) noexcept {
    try {
        const SentOrder* order = orders_.find(id);
        if (order == nullptr || !up()) return false;
        char text[kTextMax];
        FIX::Message m;
        m.getHeader().setField(FIX::MsgType("H"));
        m.setField(11, std::string(text, format_request_id({id, order->accepted}, text)));
        m.setField(55, settings_.dialect.symbols.at(order->instrument.value));
        m.setField(54, order->side == Side::kBuy ? "1" : "2");
        return session()->send(m);
    } catch (...) {
        return false;
    }
}

bool Link::cancel_all() noexcept {
    try {
        if (!settings_.dialect.mass_cancel || !up()) return false;
        FIX::Message m;
        m.getHeader().setField(FIX::MsgType("q"));
        m.setField(11, "q" + std::to_string(utc_time().ns) + "-" + std::to_string(++requests_));
        m.setField(530, "7");
        m.setField(60, utc_now());
        return session()->send(m);
    } catch (...) {
        return false;
    }
}

bool Link::ask_all() noexcept {
    try {
        if (!settings_.dialect.mass_status || !up()) return false;
        FIX::Message m;
        m.getHeader().setField(FIX::MsgType("AF"));
        m.setField(584, "s" + std::to_string(utc_time().ns) + "-" + std::to_string(++requests_));
        m.setField(585, "7");
        return session()->send(m);
    } catch (...) {
        return false;
    }
}

// --- the engine's end ---

bool Link::may_send(const FIX::Message& message) noexcept {
    if (text_of(message.getHeader(), FIX::FIELD::PossDupFlag) == "Y") {
        const auto number = parse_whole(text_of(message.getHeader(), FIX::FIELD::MsgSeqNum));
        tell(LinkEventKind::kNotResent, type_of(message), number.value_or(0));
        return false;
    }
    return up() && !halted();
}

bool Link::on_admin(const FIX::Message& message) noexcept {
    const std::string_view type = type_of(message);
    if (type == "A") {
        const bool reset = text_of(message, FIX::FIELD::ResetSeqNumFlag) == "Y";
        if (!reset || settings_.reset_on_logon) return true;
        halt("the venue reset the sequence numbers at logon");
        return false;
    }
    if (type == "4" && text_of(message, FIX::FIELD::GapFillFlag) != "Y") {
        halt("the venue reset the sequence numbers");
        return false;
    }
    if (type == "5") on_logout_of_venue(message);
    if (type == "2") tell(LinkEventKind::kNotResent, "asked to resend");
    if (type == "3") on_app(message);
    return true;
}

void Link::on_app(const FIX::Message& message) noexcept {
    try {
        const std::string_view type = type_of(message);
        if (type.size() == 1 &&
            (type[0] == '8' || type[0] == '9' || type[0] == 'j' || type[0] == '3')) {
            return on_answer(type[0], message);
        }
        if (type == "r") return on_mass_cancel_report(message);
        tell(LinkEventKind::kRefused, "an unexpected message of type " + std::string(type));
    } catch (const std::exception& e) {
        tell(LinkEventKind::kUnreadable, e.what());
    } catch (...) {
        tell(LinkEventKind::kUnreadable, "an unknown error");
    }
}

void Link::on_answer(char type, const FIX::Message& message) {
    ReportFields fields;
    for (const FIX::FieldBase& field : message) fields.take(field.getTag(), field.getString());
    auto report = decoder_.decode(type, fields, utc_time());
    if (!report) {
        std::string text(1, type);
        text.append(" tag ").append(std::to_string(report.error().tag)).append(": ");
        text.append(report.error().what);
        return tell(LinkEventKind::kUnreadable, text, report.error().tag);
    }
    if (const auto number = parse_whole(text_of(message.getHeader(), FIX::FIELD::MsgSeqNum))) {
        report->event.cause = make_cause(CauseKind::kMessage, static_cast<std::uint64_t>(*number));
    }
    // How an order stood when that was asked for by an earlier process is of no use.
    const bool again = text_of(message.getHeader(), FIX::FIELD::PossDupFlag) == "Y";
    if (report->kind == InboundReport::Kind::kStatus && !again) tell_status(*report, fields);
    queue(*report);
}

void Link::tell_status(const InboundReport& report, const ReportFields& fields) {
    const ExecutionData& x = report.event.data.execution;
    const bool nothing = fields[Field::kTotalReports] == "0";
    if (!nothing) {
        ++statuses_;
        LinkOrderStatus s;
        s.ts = report.event.ts;
        s.order_id = x.order_id;
        s.venue_order_id = x.venue_order_id;
        s.price = report.limit;
        s.quantity = report.quantity;
        s.cumulative_quantity = x.cumulative_quantity;
        s.leaves_quantity = x.leaves_quantity;
        s.instrument = report.event.instrument;
        s.venue = settings_.dialect.venue;
        s.side = report.side == 0xff ? Side::kBuy : static_cast<Side>(report.side);
        s.state = order_state(report.status);
        s.client_text = fields[Field::kClOrdId];
        observer_.on_status(s);
    }
    if (nothing || fields[Field::kLastReport] == "Y") {
        tell(LinkEventKind::kStatusEnd, "", std::exchange(statuses_, 0));
    }
}

void Link::on_mass_cancel_report(const FIX::Message& message) {
    const std::string_view response = text_of(message, 531);
    const auto affected = parse_whole(text_of(message, 533));
    const bool refused = response.empty() || response == "0";
    tell(refused ? LinkEventKind::kMassCancelRefused : LinkEventKind::kMassCanceled,
         text_of(message, FIX::FIELD::Text), affected.value_or(-1));
}

/// Never waits: the owner may be inside `send`, waiting for what this thread holds.
void Link::queue(const InboundReport& report) {
    if (!has_backlog_.load(std::memory_order_acquire) && lane_.try_push(report)) return;
    bool first = false;
    {
        const std::lock_guard lock(backlog_mutex_);
        if (backlog_.empty() && lane_.try_push(report)) return;
        first = backlog_.empty();
        backlog_.push_back(report);
        has_backlog_.store(true, std::memory_order_release);
    }
    if (first) tell(LinkEventKind::kBacklog, "reports wait for the venue loop");
}

}  // namespace fermata::fix
