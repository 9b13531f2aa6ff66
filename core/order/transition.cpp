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
        case OrderInput::kSuspended:
            return "suspended";
        case OrderInput::kDoneForDay:
            return "done for day";
        case OrderInput::kRestated:
            return "restated";
        case OrderInput::kTradeBusted:
            return "fill busted";
        case OrderInput::kTradeCorrected:
            return "fill corrected";
        case OrderInput::kHeld:
            return "held";
        case OrderInput::kReleased:
            return "released";
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
                case TransitionEffect::kReopen:
                    text.append(" reopen");
                    break;
            }
            text.append(t.alert ? " (!) |" : " |");
        }
        text.append("\n");
    }
    return text;
}

std::string render_transition_diagram() {
    using enum OrderState;
    std::string text = "```mermaid\nstateDiagram-v2\n    state facts <<choice>>\n";
    text.append("    [*] --> PendingNew : approved\n    [*] --> Denied : refused\n");
    const auto edge = [&text](std::string_view from, std::string_view to, const std::string& why) {
        text.append("    ").append(from).append(" --> ").append(to);
        if (!why.empty()) text.append(" : ").append(why);
        text.append("\n");
    };
    // The reasons for one pair of states stand on one arrow, in the order of the inputs.
    const auto reasons = [](OrderState from, auto&& wanted) {
        std::string why;
        for (int i = 0; i < kOrderInputCount; ++i) {
            const auto input = static_cast<OrderInput>(i);
            const Transition& t = transition(from, input);
            if (t.alert || !wanted(t)) continue;
            if (!why.empty()) why.append(", ");
            why.append(name(input));
        }
        return why;
    };
    for (int s = 0; s < kOrderStateCount; ++s) {
        const auto from = static_cast<OrderState>(s);
        for (int n = 0; n < kOrderStateCount; ++n) {
            const auto to = static_cast<OrderState>(n);
            const std::string why = reasons(from, [to](const Transition& t) {
                return t.effect == TransitionEffect::kMove && t.next == to;
            });
            if (!why.empty() && from != to) edge(name(from), name(to), why);
        }
        const std::string why = reasons(from, [](const Transition& t) {
            return t.effect == TransitionEffect::kResume || t.effect == TransitionEffect::kReopen;
        });
        if (!why.empty()) edge(name(from), "facts", why);
    }
    for (const OrderState s : {kFilled, kPendingCancel, kPendingReplace, kSuspended, kDoneForDay,
                               kPartiallyFilled, kReplaced, kTriggered, kNew, kPendingNew}) {
        edge("facts", name(s), "");
    }
    return text.append("```\n");
}

}  // namespace fermata
