#include "core/order/transition.hpp"

namespace fermata {

std::string_view name(OrderInput v) noexcept {
    switch (v) {
        case OrderInput::kRequestCancel:
            return "cancel requested";
        case OrderInput::kRequestReplace:
            return "replace requested";
        case OrderInput::kAcknowledged:
            return "acknowledged";
        case OrderInput::kTradePartial:
            return "filled in part";
        case OrderInput::kTradeFull:
            return "filled";
        case OrderInput::kCanceled:
            return "canceled";
        case OrderInput::kReplaced:
            return "replaced";
        case OrderInput::kRejected:
            return "rejected";
        case OrderInput::kExpired:
            return "expired";
        case OrderInput::kTriggered:
            return "triggered";
        case OrderInput::kCancelRejected:
            return "cancel rejected";
        case OrderInput::kReplaceRejected:
            return "replace rejected";
        case OrderInput::kTimeout:
            return "no answer";
    }
    return "?";
}

std::string render_transition_table() {
    std::string text = "| state |";
    for (int i = 0; i < kOrderInputCount; ++i) {
        text.append(" ").append(name(static_cast<OrderInput>(i))).append(" |");
    }
    text.append("\n| --- |");
    for (int i = 0; i < kOrderInputCount; ++i) text.append(" --- |");
    text.append("\n");
    for (int s = 0; s < kOrderStateCount; ++s) {
        text.append("| **").append(name(static_cast<OrderState>(s))).append("** |");
        for (int i = 0; i < kOrderInputCount; ++i) {
            const Transition& t =
                transition(static_cast<OrderState>(s), static_cast<OrderInput>(i));
            switch (t.effect) {
                case TransitionEffect::kUnset:
                    text.append(" unset");
                    break;
                case TransitionEffect::kIllegal:
                    text.append(" illegal");
                    break;
                case TransitionEffect::kStay:
                    text.append(" stay");
                    break;
                case TransitionEffect::kMove:
                    text.append(" ").append(name(t.next));
                    break;
                case TransitionEffect::kResume:
                    text.append(" resume");
                    break;
            }
            text.append(t.alert ? " (!) |" : " |");
        }
        text.append("\n");
    }
    return text;
}

}  // namespace fermata
