#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/types/order_enums.hpp"

namespace fermata {

/// What can happen to an order after its acceptance: requests of its owner, reports of its venue,
/// the passing of time, and what the order manager itself does with an order that it holds.
enum class OrderInput : std::uint8_t {
    kRequestCancel = 0,  ///< Its owner wants it canceled.
    kRequestReplace,     ///< Its owner wants other terms, and the gate agrees.
    kAcknowledged,
    kTradePartial,  ///< A fill that leaves something of the worst quantity open.
    kTradeFull,     ///< A fill that reaches or exceeds it.
    kCanceled,
    kReplaced,
    kRejected,
    kExpired,
    kTriggered,
    kCancelRejected,
    kReplaceRejected,
    kTimeout,         ///< The venue did not answer in time.
    kSuspended,       ///< The venue holds it and does not work it.
    kDoneForDay,      ///< The venue works it no more in this session.
    kRestated,        ///< The venue set other terms by itself.
    kTradeBusted,     ///< A fill of it was taken back.
    kTradeCorrected,  ///< The terms of a fill of it were changed.
    kHeld,      ///< Kept here instead of being sent: emulated, linked, or worked in child orders.
    kReleased,  ///< What it was held for came true: it is sent.
};
inline constexpr int kOrderInputCount = 20;

enum class TransitionEffect : std::uint8_t {
    kUnset = 0,  ///< Never in the finished table.
    kIllegal,    ///< Nothing changes, but a fill is booked all the same. Reports raise an alert,
                 ///< requests are answered with a reason.
    kStay,       ///< Taken in; the state remains.
    kMove,       ///< The state becomes `next`.
    kResume,     ///< The state becomes what the order's facts say, the first that is true: Filled;
                 ///< PendingCancel or PendingReplace while such a request is unanswered; Suspended;
                 ///< DoneForDay; PartiallyFilled; Replaced; Triggered; New; PendingNew.
    kReopen,     ///< A fill was taken back or changed: when the report leaves something open, like
                 ///< kResume. Else Filled if it still is, another terminal state remains, and the
                 ///< rest is Canceled.
};

struct Transition {
    TransitionEffect effect = TransitionEffect::kUnset;
    OrderState next = OrderState::kPendingNew;  ///< kMove only.
    bool alert = false;  ///< Taken in because the venue's word is the truth, but it should not
                         ///< occur (kReopen: only when the order comes back to life).
};

/// One row a state, one column an input.
using TransitionTable = std::array<std::array<Transition, kOrderInputCount>, kOrderStateCount>;

namespace transition_detail {

using enum OrderState;
inline constexpr Transition X{TransitionEffect::kIllegal};
inline constexpr Transition Stay{TransitionEffect::kStay};
inline constexpr Transition Resume{TransitionEffect::kResume};
inline constexpr Transition Adopt{TransitionEffect::kResume, kPendingNew, true};
inline constexpr Transition Reopen{TransitionEffect::kReopen};
inline constexpr Transition Revive{TransitionEffect::kReopen, kPendingNew, true};
[[nodiscard]] constexpr Transition to(OrderState next) { return {TransitionEffect::kMove, next}; }
[[nodiscard]] constexpr Transition odd(OrderState next) {
    return {TransitionEffect::kMove, next, true};
}

}  // namespace transition_detail

/// The order state machine: every state x every input, nothing implied. docs/orders.md shows it.
///
/// Reports may arrive in any order, so a fill is an acknowledgement too, an acknowledgement may
/// follow the fills, fills may follow the cancel, and answers to requests may follow the end.
inline constexpr TransitionTable kTransitions = [] {
    using namespace transition_detail;
    TransitionTable t{};
    // clang-format off
    // What its owner, the clock and the first answers do.
    //                               cancel?             replace?             ack     partial              full         canceled      replaced  rejected       expired       triggered cancel-rej replace-rej timeout
    t[int(kPendingNew)]      = {to(kPendingCancel), to(kPendingReplace), to(kNew), to(kPartiallyFilled), to(kFilled), to(kCanceled), Adopt,    to(kRejected),  to(kExpired), to(kTriggered), X,    X,      to(kUnknown)};
    t[int(kNew)]             = {to(kPendingCancel), to(kPendingReplace), X,        to(kPartiallyFilled), to(kFilled), to(kCanceled), Adopt,    to(kRejected),  to(kExpired), to(kTriggered), X,    X,      Stay};
    t[int(kPartiallyFilled)] = {to(kPendingCancel), to(kPendingReplace), Stay,     Stay,                 to(kFilled), to(kCanceled), Adopt,    odd(kRejected), to(kExpired), Stay,     X,         X,      Stay};
    t[int(kFilled)]          = {X,                  X,                   Stay,     odd(kFilled),         odd(kFilled), X,            Adopt,    X,              X,            Stay,     Stay,      Stay,   Stay};
    t[int(kPendingCancel)]   = {Stay,               X,                   Stay,     Stay,                 to(kFilled), to(kCanceled), Resume,   to(kRejected),  to(kExpired), Stay,     Resume,    Resume, to(kUnknown)};
    t[int(kCanceled)]        = {X,                  X,                   Stay,     Stay,                 to(kFilled), X,             Stay,     X,              X,            Stay,     Stay,      Stay,   Stay};
    t[int(kPendingReplace)]  = {to(kPendingCancel), X,                   Stay,     Stay,                 to(kFilled), to(kCanceled), Resume,   to(kRejected),  to(kExpired), Stay,     X,         Resume, to(kUnknown)};
    t[int(kRejected)]        = {X,                  X,                   Stay,     odd(kUnknown),        odd(kFilled), X,            X,        X,              X,            Stay,     Stay,      Stay,   Stay};
    t[int(kExpired)]         = {X,                  X,                   Stay,     Stay,                 to(kFilled), X,             Stay,     X,              X,            Stay,     Stay,      Stay,   Stay};
    t[int(kDenied)]          = {X,                  X,                   X,        X,                    X,           X,             X,        X,              X,            X,        X,         X,      X};
    t[int(kUnknown)]         = {to(kPendingCancel), X,                   Resume,   Resume,               to(kFilled), to(kCanceled), Resume,   to(kRejected),  to(kExpired), Resume,   Resume,    Resume, Stay};
    t[int(kReplaced)]        = {to(kPendingCancel), to(kPendingReplace), Stay,     to(kPartiallyFilled), to(kFilled), to(kCanceled), Adopt,    to(kRejected),  to(kExpired), Stay,     X,         X,      Stay};
    t[int(kTriggered)]       = {to(kPendingCancel), to(kPendingReplace), Stay,     to(kPartiallyFilled), to(kFilled), to(kCanceled), Adopt,    to(kRejected),  to(kExpired), Stay,     X,         X,      to(kUnknown)};
    t[int(kSuspended)]       = {to(kPendingCancel), to(kPendingReplace), Resume,   Stay,                 to(kFilled), to(kCanceled), Adopt,    to(kRejected),  to(kExpired), Resume,   X,         X,      Stay};
    t[int(kDoneForDay)]      = {to(kPendingCancel), to(kPendingReplace), Resume,   Stay,                 to(kFilled), to(kCanceled), Adopt,    to(kRejected),  to(kExpired), Resume,   X,         X,      Stay};
    // What came later to FIX, and what the order manager does itself.
    const auto more = [&t](OrderState s, std::array<Transition, 7> cells) {
        for (int i = 0; i < 7; ++i) t[int(s)][int(OrderInput::kSuspended) + i] = cells[i];
    };
    //                       suspended done for day restated bust    correct held    released
    more(kPendingNew,      {Resume,    Resume,      Resume,  X,      X,      Resume, X});
    more(kNew,             {Resume,    Resume,      Resume,  X,      X,      X,      X});
    more(kPartiallyFilled, {Resume,    Resume,      Resume,  Reopen, Reopen, X,      X});
    more(kFilled,          {Stay,      Stay,        Stay,    Reopen, Reopen, X,      X});
    more(kPendingCancel,   {Resume,    Resume,      Resume,  Reopen, Reopen, X,      X});
    more(kCanceled,        {Stay,      Stay,        Stay,    Revive, Revive, X,      X});
    more(kPendingReplace,  {Resume,    Resume,      Resume,  Reopen, Reopen, X,      X});
    more(kRejected,        {Stay,      Stay,        Stay,    Revive, Revive, X,      X});
    more(kExpired,         {Stay,      Stay,        Stay,    Revive, Revive, X,      X});
    more(kDenied,          {X,         X,           X,       X,      X,      X,      X});
    more(kUnknown,         {Resume,    Resume,      Resume,  Reopen, Reopen, X,      X});
    more(kReplaced,        {Resume,    Resume,      Resume,  X,      X,      X,      X});
    more(kTriggered,       {Resume,    Resume,      Resume,  X,      X,      X,      X});
    more(kSuspended,       {Stay,      Resume,      Resume,  Reopen, Reopen, X,      Resume});
    more(kDoneForDay,      {Resume,    Stay,        Resume,  Reopen, Reopen, X,      X});
    // clang-format on
    return t;
}();

[[nodiscard]] constexpr const Transition& transition(OrderState state, OrderInput input) noexcept {
    return kTransitions[static_cast<std::size_t>(state)][static_cast<std::size_t>(input)];
}

static_assert(
    [] {
        for (const auto& row : kTransitions) {
            for (const Transition& cell : row) {
                if (cell.effect == TransitionEffect::kUnset) return false;
            }
        }
        return true;
    }(),
    "every state x every input has an explicit entry");

[[nodiscard]] std::string_view name(OrderInput v) noexcept;  ///< "cancel requested", "filled", ...

/// The table as Markdown, as it stands in docs/orders.md.
[[nodiscard]] std::string render_transition_table();
/// The same as a state diagram (Mermaid), without what raises an alert.
[[nodiscard]] std::string render_transition_diagram();

}  // namespace fermata
