#include "daemon/cli/event_names.hpp"

namespace fermata {

std::string name_of(const std::vector<std::string>& names, std::uint64_t id) {
    return id < names.size() ? names[id] : "#" + std::to_string(id);
}

bool has_instrument(OrderEventType type) noexcept {
    switch (type) {
        case OrderEventType::kNone:
        case OrderEventType::kTimerSet:
        case OrderEventType::kTimer:
        case OrderEventType::kBasket:
        case OrderEventType::kConsumed:
        case OrderEventType::kControl:
        case OrderEventType::kMark:
        case OrderEventType::kEquity:
        case OrderEventType::kRiskSnapshot:
            return false;
        default:
            return true;
    }
}

std::string instrument_text(const OrderEvent& event, const JournalManifest& manifest) {
    if (!has_instrument(event.type)) return "";
    return name_of(manifest.instruments, event.instrument.value);
}

std::string cause_text(std::uint64_t cause) {
    switch (cause_kind(cause)) {
        case CauseKind::kMarket:
            return "market:" + std::to_string(cause_seq(cause));
        case CauseKind::kTrading:
            return "event:" + std::to_string(cause_seq(cause));
        case CauseKind::kTimer:
            return "timer:" + std::to_string(cause_seq(cause));
        case CauseKind::kMessage:
            return "message:" + std::to_string(cause_seq(cause));
    }
    return "?:" + std::to_string(cause_seq(cause));
}

std::string tag_text(OrderTag tag, const JournalManifest& manifest) {
    if (tag.value == 0) return "";
    constexpr std::uint64_t kCountMask = 0xffff'ffff'ffffU;
    return name_of(manifest.strategies, strategy_of(tag).value) + "#" +
           std::to_string(tag.value & kCountMask);
}

}  // namespace fermata
