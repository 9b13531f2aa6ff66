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

    /// Something changed in the latch since `update`, or `update` was never called.
    [[nodiscard]] bool due() const noexcept {
        return latch_ != nullptr && (latch_->word() != seen_ || !looked_);
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
                if (first && gate.state(scope, target) > wanted.state) {
                    ControlData stricter = wanted;
                    stricter.state = gate.state(scope, target);
                    stricter.control = 0xff;
                    stricter.actor = kNoActor;
                    (void)write_first(stricter, now);
                    continue;
                }
                const bool cancels =
                    wanted.cancel_orders != 0 && wanted.cancel_orders != on_record_[s][target];
                if (wanted.state != gate.state(scope, target) || cancels) apply(wanted);
            }
        }
    }

    /// Before a control is put on record: latches it. False when the control must not come into
    /// force: a release that the latch refuses. `failed` tells when a halt may not be on the disk.
    [[nodiscard]] bool write_first(const ControlData& control, Timestamp now) noexcept {
        if (latch_ == nullptr) return true;
        const bool written = latch_->set(control, now);
        if (written) return true;
        if (control.state == TradingState::kActive) return false;
        failed_ = true;
        return true;
    }
    /// The control is on record, and its orders are canceled next.
    void on_record(const ControlData& control) noexcept {
        auto& all = on_record_[static_cast<std::size_t>(control.scope) % on_record_.size()];
        const std::size_t target = control.scope == ControlScope::kFirm ? 0 : control.target;
        const bool released = control.state == TradingState::kActive;
        if (target < all.size() && (released || control.cancel_orders != 0)) {
            all[target] = control.cancel_orders;
        }
    }
    /// Once after a halt that could not be written to the disk.
    [[nodiscard]] bool take_failure() noexcept {
        const bool failed = failed_;
        failed_ = false;
        return failed;
    }

private:
    Latch* latch_ = nullptr;
    std::uint64_t seen_ = 0;
    bool looked_ = false;
    bool failed_ = false;
    /// By ControlScope and target: what was canceled by the control in force.
    std::array<std::vector<std::uint8_t>, kControlScopeCount> on_record_;
};

}  // namespace fermata
