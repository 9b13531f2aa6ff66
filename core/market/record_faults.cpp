#include "core/market/record_faults.hpp"

#include "core/market/line_reader.hpp"

namespace fermata {

BadAction RecordFaults::decide(const RecordFault& fault, std::string_view place) {
    const BadAction action = policy_[fault.reason];
    if (action == BadAction::kSkip) {
        ++stats.skipped[static_cast<std::size_t>(fault.reason)];
    }
    if (action != BadAction::kError) return action;
    std::string text(place);
    text += ": ";
    if (!fault.field.empty()) {
        text += fault.field;
        text += ": ";
    }
    text += "found \"" + clip(fault.found) + "\", expected ";
    text += fault.expected;
    const std::string_view reason = name(fault.reason);
    text += " (" + std::string(reason) + "; on_bad: {" + std::string(reason) +
            ": skip} leaves such records out";
    if (can_keep(fault.reason)) text += ", keep delivers them as they are";
    text += ")";
    throw FeedError(text);
}

std::string place_of(std::string_view source, std::uint64_t line) {
    return std::string(source) + ":" + std::to_string(line);
}

}  // namespace fermata
