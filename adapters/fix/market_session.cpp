#include "adapters/fix/market_session.hpp"

#include <exception>
#include <utility>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/wire_fields.hpp"

namespace fermata::fix {
namespace {

/// MsgSeqNum (34) of a message as it came; empty when it has none.
std::string_view number_of(std::string_view bytes) noexcept {
    WireFields fields(bytes);
    while (fields.next()) {
        if (fields.tag() == FIX::FIELD::MsgSeqNum) return fields.value();
    }
    return {};
}

/// One entry of a group that has but one field.
class OneField : public FIX::Group {
public:
    OneField(int count_tag, int tag, const std::string& value) : FIX::Group(count_tag, tag) {
        setField(tag, value);
    }
};

}  // namespace

MarketSession::MarketSession(SessionSettings settings, LinkObserver& observer)
    : SessionEnd(std::move(settings), observer),
      decoder_(settings_.dialect, settings_.market),
      lane_(settings_.market.lane) {
    gaps_.reserve(2 * settings_.market.instruments.size());  // `poll` allocates nothing
}

void MarketSession::opened() { subscribe(); }

void MarketSession::closed() {
    subscribed_.store(false, std::memory_order_release);
    decoder_.subscribe("");
    add_gap();
}

void MarketSession::subscribe() {
    if (!request_id_.empty()) send_request('2');
    request_id_ = "m" + std::to_string(utc_time().ns) + "-" + std::to_string(++subscriptions_);
    decoder_.subscribe(request_id_);
    // Nothing is known until the snapshots come.
    add_gap();
    send_request('1');
    FIX::Message status;
    status.getHeader().setField(FIX::MsgType("g"));
    status.setField(335, "s" + request_id_);
    status.setField(263, "1");
    session()->send(status);
    subscribed_.store(true, std::memory_order_release);
}

void MarketSession::send_request(char action) {
    FIX::Message m;
    m.getHeader().setField(FIX::MsgType("V"));
    m.setField(262, request_id_);
    m.setField(263, std::string(1, action));
    m.setField(264, "1");  // top of the book
    m.setField(265, "1");  // incremental
    if (settings_.market.quotes) {
        m.addGroup(OneField(267, 269, "0"));
        m.addGroup(OneField(267, 269, "1"));
    }
    if (settings_.market.trades) m.addGroup(OneField(267, 269, "2"));
    for (const InstrumentId id : settings_.market.instruments) {
        m.addGroup(OneField(146, 55, settings_.dialect.symbols.at(id.value)));
    }
    session()->send(m);
}

void MarketSession::received(std::string_view bytes) { raw_.assign(bytes); }

bool MarketSession::may_send(const FIX::Message& message) noexcept {
    // An old subscription must not come to life again.
    return text_of(message.getHeader(), FIX::FIELD::PossDupFlag) != "Y";
}

/// Numbers that went back hurt nothing here: it is logged, and the session connects again.
void MarketSession::on_sent_logout(const FIX::Message&) noexcept {}

/// The gap reaches up to what was sent last, a subscription among it: the venue will not see it.
/// What is sent now has a number behind the gap.
void MarketSession::on_sent_gap() noexcept {
    try {
        if (logged_on()) subscribe();
    } catch (...) {
        tell(LinkEventKind::kUnreadable, "a subscription could not be sent");
    }
}

bool MarketSession::on_admin(const FIX::Message& message) noexcept {
    try {
        const std::string_view type = type_of(message);
        if (type == "5") on_text(text_of(message, FIX::FIELD::Text));
        if (type == "3") {
            tell(LinkEventKind::kRefused, text_of(message, FIX::FIELD::Text));
        }
        // What stood in the gap is lost.
        if (type == "4" && logged_on()) subscribe();
    } catch (...) {
        tell(LinkEventKind::kUnreadable, "a subscription could not be sent");
    }
    return true;
}

void MarketSession::on_app(const FIX::Message& message) noexcept {
    try {
        const std::string_view type = type_of(message);
        if (type == "W" || type == "X" || type == "h" || type == "f") {
            return on_market_data(message);
        }
        if (type == "Y" || type == "j") {
            std::string text = type == "Y" ? "market data refused" : "a request refused";
            text.append(", reason ").append(text_of(message, type == "Y" ? 281 : 380));
            text.append(": ").append(text_of(message, FIX::FIELD::Text));
            return tell(LinkEventKind::kRefused, text);
        }
        tell(LinkEventKind::kRefused, "an unexpected message of type " + std::string(type));
    } catch (const std::exception& e) {
        tell(LinkEventKind::kUnreadable, e.what());
    } catch (...) {
        tell(LinkEventKind::kUnreadable, "an unknown error");
    }
}

void MarketSession::on_market_data(const FIX::Message& message) {
    // A message that waited for one before it is not the one that came last.
    const bool last =
        number_of(raw_) == text_of(message.getHeader(), FIX::FIELD::MsgSeqNum) && !raw_.empty();
    if (!last) raw_ = message.toString();
    fresh_.clear();
    const auto read = decoder_.decode(raw_, utc_time(), fresh_);
    if (read) return hand_over();
    std::string text = "market data, tag " + std::to_string(read.error().tag) + ": ";
    text.append(read.error().what);
    tell(LinkEventKind::kUnreadable, text, read.error().tag);
    add_gap();
}

void MarketSession::add_gap() {
    fresh_.clear();
    decoder_.gap(utc_time(), 0, fresh_);
    hand_over();
}

/// Once the lane was full nothing goes into it any more until its owner has emptied it and seen the
/// gap: what it takes is in order, and what it does not get lies in the gap.
void MarketSession::hand_over() {
    if (missing_.load(std::memory_order_acquire) != 0) return lose(fresh_.size());
    if (restate_) {
        restate_ = false;
        again_.clear();
        decoder_.restate(utc_time(), again_);
        push_all(again_);
    }
    push_all(fresh_);
}

void MarketSession::push_all(const std::vector<MarketEvent>& events) {
    for (std::size_t n = 0; n < events.size(); ++n) {
        if (!lane_.try_push(events[n])) return lose(events.size() - n);
    }
}

void MarketSession::lose(std::size_t count) {
    restate_ = true;
    lost_.fetch_add(count, std::memory_order_relaxed);
    missing_.fetch_add(count, std::memory_order_acq_rel);
}

bool MarketSession::poll(MarketEvent& event) noexcept {
    if (next_gap_ < gaps_.size()) {
        event = gaps_[next_gap_++];
        return true;
    }
    if (lane_.take(event)) return true;
    if (missing_.load(std::memory_order_acquire) == 0) return false;
    // What was put in before the lane was full, and was not seen yet.
    if (lane_.take(event)) return true;
    gaps_.clear();
    decoder_.gap(utc_time(), missing_.exchange(0, std::memory_order_acq_rel), gaps_);
    next_gap_ = 0;
    if (gaps_.empty()) return false;
    event = gaps_[next_gap_++];
    return true;
}

}  // namespace fermata::fix
