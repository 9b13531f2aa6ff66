#include "adapters/latch/run_latch.hpp"

#include <utility>

namespace fermata::latch {
namespace {

/// How long a loop waits for another writer before it halts the firm instead.
constexpr int kWaitMs = 100;

}  // namespace

RunLatch::RunLatch(const std::string& path, Names names)
    : Latch(nullptr), names_(std::move(names)) {
    watch(&unreadable_);
    auto file = File::open(path, File::Access::kWrite);
    if (file) {
        file_.emplace(std::move(*file));
        watch(file_->word());
    } else {
        opened_ = file.error();
    }
    for (int s = 0; s < kControlScopeCount; ++s) {
        const auto scope = static_cast<ControlScope>(s);
        const std::size_t count = scope == ControlScope::kFirm ? 1 : this->names(scope)->size();
        targets_[s].resize(count);
    }
}

const std::vector<std::string>* RunLatch::names(ControlScope scope) const noexcept {
    switch (scope) {
        case ControlScope::kAccount:
            return &names_.accounts;
        case ControlScope::kStrategy:
            return &names_.strategies;
        case ControlScope::kInstrument:
            return &names_.instruments;
        case ControlScope::kVenue:
            return &names_.venues;
        case ControlScope::kFirm:
            break;
    }
    return nullptr;
}

void RunLatch::latch_firm(Level level, std::uint8_t control, std::uint32_t actor) noexcept {
    Target& firm = targets(ControlScope::kFirm)[0];
    if (rank(firm.level) >= rank(level)) return;
    firm.level = level;
    firm.control = control;
    firm.actor = actor;
}

/// What `state_` says, by ids.
void RunLatch::take_in() noexcept {
    // What was latched stays so while nobody can read what is.
    if (state_.fault == Fault::kNone) {
        for (std::vector<Target>& all : targets_) {
            for (Target& t : all) t = Target{};
        }
    }
    released_by_ = state_.slot.actor;
    if (state_.fault != Fault::kNone) latch_firm(Level::kNoNewOrders, 0xff, kNoActor);
    if (state_.emergency) {
        latch_firm(Level::kCancelAll, state_.emergency_control, state_.emergency_actor);
    }
    for (const Entry& e : state_.latched()) {
        bool known = false;
        if (const std::vector<std::string>* all = names(e.scope)) {
            for (std::size_t id = 0; id < all->size(); ++id) {
                if (!e.target.is((*all)[id])) continue;  // names with an equal start share a latch
                Target& t = targets(e.scope)[id];
                if (rank(t.level) < rank(e.level)) t = {e.level, e.control, e.actor};
                known = true;
            }
        }
        if (!known) latch_firm(e.level, e.control, e.actor);
    }
}

void RunLatch::offer(File file) noexcept {
    offered_.emplace(std::move(file));
    has_offer_.store(true, std::memory_order_release);
    unreadable_.fetch_add(1, std::memory_order_acq_rel);
}

void RunLatch::read() noexcept {
    if (!file_ && has_offer_.load(std::memory_order_acquire)) {
        file_.emplace(std::move(*offered_));
        watch(file_->word());
    }
    if (file_) {
        file_->read(state_);
    } else {
        state_.fault = opened_.fault == Fault::kNone ? Fault::kAbsent : opened_.fault;
        state_.slot = Slot{};
    }
    take_in();
}

ControlData RunLatch::find(ControlScope scope, std::uint64_t target) const noexcept {
    ControlData control;
    control.scope = scope;
    control.target = target;
    const auto& all = targets_[static_cast<std::size_t>(scope)];
    if (target >= all.size()) {
        control.state = TradingState::kHalted;
        return control;
    }
    const Target& t = all[target];
    control.state = state_of(t.level);
    control.cancel_orders = static_cast<std::uint8_t>(cancels_of(t.level));
    control.flatten = t.level == Level::kFlatten ? 1 : 0;
    control.control = t.control;
    control.actor = t.level == Level::kActive ? released_by_ : t.actor;
    return control;
}

bool RunLatch::set(const ControlData& control, Timestamp now) noexcept {
    if (!file_) return false;  // HALTED as a whole
    Change change;
    change.scope = control.scope;
    change.level = level_of(control);
    change.control = control.control;
    change.actor = control.actor;
    change.when_ns = now.ns;
    // A person releases. Who asks for less than what stands does not take the rest away.
    change.may_loosen =
        control.control == 0xff && control.actor != kNoActor && change.level == Level::kActive;
    if (const std::vector<std::string>* all = names(control.scope)) {
        if (control.target >= all->size()) return false;  // no such target: nothing trades for it
        change.target = (*all)[control.target];
    }
    const bool releases = change.level == Level::kActive;
    if (releases && !change.may_loosen) return false;
    const Error error = file_->change(change, state_, kWaitMs);
    bool done =
        error.code == ErrorCode::kNone || (releases && error.code == ErrorCode::kNotLatched);
    if (!releases && (error.code == ErrorCode::kBusy || error.code == ErrorCode::kUnreadable)) {
        // What cannot be written down by itself halts everything. It is not done by that unless it
        // was meant for the firm: who releases the firm does not release the target.
        done = file_->halt_now(control.actor, control.control, now.ns).code == ErrorCode::kNone &&
               error.code == ErrorCode::kBusy && control.scope == ControlScope::kFirm;
    }
    file_->read(state_);
    take_in();
    // A target that was latched more strictly stayed so.
    return done && find(control.scope, control.target).state <= control.state;
}

}  // namespace fermata::latch
