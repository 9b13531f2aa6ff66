#include "risk/surveillance/finding.hpp"

namespace fermata::surveillance {

std::string_view name(Deed deed) noexcept {
    switch (deed) {
        case Deed::kShown:
            return "shown";
        case Deed::kFilled:
            return "filled";
        case Deed::kWithdrawn:
            return "withdrawn";
        case Deed::kSent:
            return "sent";
        case Deed::kMessages:
            return "messages";
        case Deed::kTrades:
            return "trades";
        case Deed::kMarket:
            break;
    }
    return "market";
}

std::string_view name(Asked asked) noexcept {
    switch (asked) {
        case Asked::kAtLeast:
            return "at least";
        case Asked::kAtMost:
            return "at most";
        case Asked::kMoreThan:
            break;
    }
    return "more than";
}

std::string_view name(Severity severity) noexcept {
    switch (severity) {
        case Severity::kLow:
            return "low";
        case Severity::kMedium:
            return "medium";
        case Severity::kHigh:
            break;
    }
    return "high";
}

}  // namespace fermata::surveillance
