#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/port/latch.hpp"

namespace fermata {

/// Keeps what a trading stage has in force equal to what stands latched, in both directions: what
/// others latch becomes a control of the stage, and what the stage decides is latched first.
///
/// Owner:  the trading stage. Without a latch (a run over history, a re-run) nothing happens here,
///         and what the latch once said stands in the journal as controls.
/// Cost:   one load a request while nothing changes.
class LatchFollower {
public:
    /// Without a latch.
    LatchFollower() = default;
    /// `counts` is how many targets there are of each ControlScope.
    LatchFollower(Latch& latch, const std::array<std::size_t, kControlScopeCount>& counts)
        : latch_(&latch) {
        for (std::size_t s = 0; s < counts.size(); ++s) on_record_[s].resize(counts[s]);
    }

    /// Something changed in the latch since `update`, or `update` was never called, or there is a
    /// failure to tell of.
    [[nodiscard]] bool due() const noexcept {
        return latch_ != nullptr && (latch_->word() != seen_ || !looked_ || failed_);
    }
    /// Tells `apply(ControlData)` of every target that stands otherwise in the latch than in the
    /// gate (`state(scope, target)`), or that is to have its orders canceled and had not. The first
    /// time nothing is released by it: where the gate is stricter (a run that goes on where another
    /// process ended), that is latched.
    template <class Gate, class Apply>
    void update(const Gate& gate, Timestamp now, Apply apply) {
        const bool first = !looked_;
        looked_ = true;
        seen_ = latch_->word();
        latch_->read();
        for (std::size_t s = 0; s < on_record_.size(); ++s) {
            const auto scope = static_cast<ControlScope>(s);
            for (std::size_t target = 0; target < on_record_[s].size(); ++target) {
                const ControlData wanted = latch_->find(scope, target);
                std::uint8_t& known = on_record_[s][target];
                const TradingState state = gate.state(scope, target);
                if (state > wanted.state && (first || (known & kUnwritten) != 0)) {
                    // Nobody released it: the latch does not have it yet.
                    latch_again(scope, target, state, known, now);
                    continue;
                }
                const bool cancels =
                    wanted.cancel_orders != 0 && wanted.cancel_orders != (known & kCancels);
                const bool flattens = wanted.flatten != 0 && (known & kFlattens) == 0;
                if (wanted.state != state || cancels || flattens) apply(wanted);
            }
        }
    }

    /// Before a control is put on record: latches it. `state` is its target's so far. False when
    /// the control must not come into force: it loosens, and the latch refuses. `take_failure`
    /// tells when a halt may not be on the disk.
    [[nodiscard]] bool write_first(const ControlData& control, TradingState state,
                                   Timestamp now) noexcept {
        if (latch_ == nullptr) return true;
        const bool written = latch_->set(control, now);
        if (!written && (control.state == TradingState::kActive || control.state < state)) {
            return false;
        }
        // What somebody else latched more strictly is there.
        const bool there =
            written || latch_->find(control.scope, control.target).state > control.state;
        if (std::uint8_t* known = find(control)) {
            *known = static_cast<std::uint8_t>(there ? *known & ~kUnwritten : *known | kUnwritten);
        }
        failed_ = failed_ || !there;
        return true;
    }
    /// The control is on record, and its orders are canceled next.
    void on_record(const ControlData& control) noexcept {
        std::uint8_t* const known = latch_ != nullptr ? find(control) : nullptr;
        if (known == nullptr) return;
        if (control.state == TradingState::kActive) {
            *known = 0;
        } else if (control.cancel_orders != 0) {
            const std::uint8_t kept =
                *known &
                (control.state == TradingState::kHalted ? kUnwritten | kFlattens : kUnwritten);
            *known = static_cast<std::uint8_t>(kept | control.cancel_orders |
                                               (control.flatten != 0 ? kFlattens : 0));
        }
    }
    /// Once after a halt that could not be written to the disk.
    [[nodiscard]] bool take_failure() noexcept {
        const bool failed = failed_;
        failed_ = false;
        return failed;
    }

private:
    // Beside a CancelOrders.
    static constexpr std::uint8_t kCancels = 0x0f, kFlattens = 0x40, kUnwritten = 0x80;

    [[nodiscard]] std::uint8_t* find(const ControlData& control) noexcept {
        const auto scope = static_cast<std::size_t>(control.scope);
        if (scope >= on_record_.size()) return nullptr;
        const std::size_t target = control.scope == ControlScope::kFirm ? 0 : control.target;
        return target < on_record_[scope].size() ? &on_record_[scope][target] : nullptr;
    }
    void latch_again(ControlScope scope, std::uint64_t target, TradingState state,
                     std::uint8_t& known, Timestamp now) noexcept {
        ControlData control;
        control.scope = scope;
        control.target = target;
        control.state = state;
        control.cancel_orders = known & kCancels;
        control.flatten = (known & kFlattens) != 0 ? 1 : 0;
        const bool written = latch_->set(control, now);
        failed_ = failed_ || (!written && (known & kUnwritten) == 0);
        known = static_cast<std::uint8_t>(written ? known & ~kUnwritten : known | kUnwritten);
    }

    Latch* latch_ = nullptr;
    std::uint64_t seen_ = 0;
    bool looked_ = false;
    bool failed_ = false;
    /// By ControlScope and target: what was canceled by the control in force, whether it flattens,
    /// and whether the latch could not take it: what it does not have was not released by anybody.
    std::array<std::vector<std::uint8_t>, kControlScopeCount> on_record_;
};

}  // namespace fermata
