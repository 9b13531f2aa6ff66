#include "daemon/cli/event_subject.hpp"

#include "daemon/cli/event_instrument.hpp"

namespace fermata {
namespace {

constexpr StrategyId kNoStrategy{0xffff};

template <class Data>
EventSubject of_order(const Data& d) noexcept {
    return {d.order_id, d.tag, d.strategy, d.account, std::nullopt};
}

EventSubject of_position(const PositionData& d) noexcept {
    EventSubject subject;
    if (d.strategy != kNoStrategy) subject.strategy = d.strategy;
    subject.account = d.account;
    return subject;
}

EventSubject of_alert(const AlertData& d) noexcept {
    EventSubject subject;
    subject.order_id = d.order_id;
    switch (d.code) {
        case AlertCode::kIllegalTransition:
        case AlertCode::kOverfill:
        case AlertCode::kLaneFull:
        case AlertCode::kNumberOverflow:
        case AlertCode::kCorrectionFailed:
        case AlertCode::kParentExceeded:
            // These are about an order that the order manager knows; the others leave both at zero.
            if (d.order_id.value == 0) break;
            subject.strategy = d.strategy;
            subject.account = d.account;
            break;
        default:
            break;
    }
    return subject;
}

EventSubject of_control(const ControlData& d) noexcept {
    EventSubject subject;
    switch (d.scope) {
        case ControlScope::kFirm:
            break;
        case ControlScope::kAccount:
            subject.account = AccountId{static_cast<std::uint16_t>(d.target)};
            break;
        case ControlScope::kStrategy:
            subject.strategy = StrategyId{static_cast<std::uint16_t>(d.target)};
            break;
        case ControlScope::kInstrument:
        case ControlScope::kVenue:  // orders of every subject go there
            break;
    }
    return subject;
}

EventSubject of_input(const RiskInputData& d) noexcept {
    EventSubject subject;
    if (d.kind == RiskInputKind::kBuyingPower) {
        subject.account = AccountId{static_cast<std::uint16_t>(d.target)};
    } else if (d.kind == RiskInputKind::kAcknowledge) {
        subject.strategy = StrategyId{static_cast<std::uint16_t>(d.target)};
    }
    return subject;
}

EventSubject of_payload(const OrderEvent& event) noexcept {
    const auto& d = event.data;
    switch (event.type) {
        case OrderEventType::kNewOrder:
        case OrderEventType::kPreview:
        case OrderEventType::kSendNew:
            return of_order(d.new_order);
        case OrderEventType::kCancel:
        case OrderEventType::kReplace:
        case OrderEventType::kSendCancel:
        case OrderEventType::kSendReplace:
            return of_order(d.change);
        case OrderEventType::kVerdict:
            return of_order(d.verdict);
        case OrderEventType::kExecution:
            return {d.execution.order_id, {}, std::nullopt, std::nullopt, std::nullopt};
        case OrderEventType::kCorrection:
            return {d.correction.order_id, {}, std::nullopt, std::nullopt, std::nullopt};
        case OrderEventType::kBasket:
            return {{}, {}, d.basket.strategy, d.basket.account, std::nullopt};
        case OrderEventType::kAlgo:
            return {{}, d.algo.tag, d.algo.strategy, d.algo.account, std::nullopt};
        case OrderEventType::kAlgoReport:
            return {{}, d.algo_report.tag, d.algo_report.strategy, std::nullopt, std::nullopt};
        case OrderEventType::kRoute:
            return {{}, d.route.child, d.route.strategy, std::nullopt, std::nullopt};
        case OrderEventType::kOrderUpdate:
            return of_order(d.update);
        case OrderEventType::kFill:
            return of_order(d.fill);
        case OrderEventType::kAccount:
        case OrderEventType::kPosition:
            return of_position(d.position);
        case OrderEventType::kTimerSet:
        case OrderEventType::kTimer:
            return {{}, {}, d.timer.strategy, std::nullopt, std::nullopt};
        case OrderEventType::kAlert:
            return of_alert(d.alert);
        case OrderEventType::kEquity:
            return {{}, {}, std::nullopt, d.equity.account, std::nullopt};
        case OrderEventType::kControl:
            return of_control(d.control);
        case OrderEventType::kRiskInput:
            return of_input(d.risk_input);
        case OrderEventType::kRiskSnapshot:
        case OrderEventType::kNone:
        case OrderEventType::kMark:
        case OrderEventType::kConsumed:
            break;
    }
    return {};
}

}  // namespace

EventSubject subject_of(const OrderEvent& event) noexcept {
    EventSubject subject = of_payload(event);
    subject.instrument = instrument_of(event);
    return subject;
}

EventSubject subject_of(const MarketEvent& event) noexcept {
    return {{}, {}, std::nullopt, std::nullopt, event.instrument};
}

EventSubject SubjectResolver::resolve(const OrderEvent& event) {
    EventSubject subject = subject_of(event);
    const std::uint64_t id = subject.order_id.value;
    if (id == 0) return subject;
    if (subject.tag.value != 0) {
        Owner& owner = orders_[id];
        owner.tag = subject.tag;
        owner.strategy = *subject.strategy;
        owner.account = *subject.account;
        if (event.type == OrderEventType::kOrderUpdate && is_terminal(event.data.update.state) &&
            !owner.finished) {
            owner.finished = true;
            finished_.push_back(id);
            forget_oldest();
        }
        return subject;
    }
    const auto found = orders_.find(id);
    if (found == orders_.end()) return subject;
    subject.tag = found->second.tag;
    subject.strategy = found->second.strategy;
    subject.account = found->second.account;
    return subject;
}

void SubjectResolver::forget_oldest() {
    while (finished_.size() > finished_max_) {
        orders_.erase(finished_.front());
        finished_.pop_front();
    }
}

}  // namespace fermata
