#include "daemon/cli/event_names.hpp"

#include "daemon/cli/event_instrument.hpp"

namespace fermata {

std::string name_of(const std::vector<std::string>& names, std::uint64_t id) {
    return id < names.size() ? names[id] : "#" + std::to_string(id);
}

std::string instrument_text(const OrderEvent& event, const JournalManifest& manifest) {
    const auto instrument = instrument_of(event);
    return instrument ? name_of(manifest.instruments, instrument->value) : "";
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
