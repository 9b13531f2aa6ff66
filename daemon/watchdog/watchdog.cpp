#include "daemon/watchdog/watchdog.hpp"

#include <system_error>
#include <utility>

#include "adapters/latch/latch_file.hpp"

namespace fermata {
namespace {

using progress::State;

/// How long another writer of the latch is waited for, once the firm is halted: only the reason in
/// words is missing then.
constexpr int kReasonWaitMs = 20;

std::string in_ms(std::int64_t ns) { return std::to_string((ns + 500'000) / 1'000'000) + " ms"; }

std::string activity_text(char activity) {
    switch (activity) {
        case 'T':
            return "it is stopped by a signal";
        case 't':
            return "it is stopped by a debugger";
        case 'D':
            return "it waits for a device";
        case 'R':
        case 'S':
            return "it runs";
        default:
            return "its state is unknown";
    }
}

}  // namespace

Watchdog::Watchdog(WatchdogSetup setup, CancelDesk& desk)
    : setup_(std::move(setup)),
      desk_(desk),
      detector_(setup_.config.poll_every, setup_.config.hang_after),
      state_(std::make_unique<latch::State>()) {
    // Better known now than when it is needed.
    const auto file = latch::File::open(setup_.latch.string(), latch::File::Access::kWrite);
    if (!file) {
        alarm(latch::describe(setup_.latch.string(), file.error()) +
              "; the watchdog could not halt anything beyond that");
    }
    stand("waits for a daemon");
}

Watchdog::~Watchdog() = default;

void Watchdog::stand(std::string text) {
    if (text == standing_) return;
    standing_ = std::move(text);
    say(standing_);
}

void Watchdog::step() {
    look();
    follow_fenced();
    desk_.step(setup_.steady_ns());
    tell_first_cancel(desk_.first_cancel_ns());
    // Cancels serve a halted firm. Once people released it, its orders are wanted.
    if (desk_.busy() && released()) desk_.stop("the firm was released");
}

void Watchdog::tell_first_cancel(std::int64_t at_ns) {
    if (cancel_told_ || seen_at_ns_ == 0 || at_ns == 0) return;
    cancel_told_ = true;
    say("first cancel handed over " + in_ms(at_ns - seen_at_ns_) + " after it was seen");
}

void Watchdog::look() {
    const auto seen = progress::read(setup_.config.progress_file.string());
    if (!seen) {
        if (fault_ != seen.error()) {
            fault_ = seen.error();
            setup_.report(watched_.has_value(), setup_.config.progress_file.string() + ": " +
                                                    std::string(progress::name(*fault_)));
        }
    } else {
        fault_.reset();
    }
    const bool mine = seen && watched_ && seen->who == watched_->process.who();
    if (mine) note(*seen);
    if (watched_ && !watched_->settled && !watched_->killed) {
        if (!watched_->process.gone()) {
            look_at_loops(mine ? &*seen : nullptr);
            return;
        }
        // What it said between the look and its end counts.
        const auto after = progress::read(setup_.config.progress_file.string());
        settle(after ? std::optional(*after) : std::nullopt);
    }
    if (seen && !mine && (!watched_ || watched_->settled)) take_on(*seen);
}

void Watchdog::look_at_loops(const progress::Snapshot* seen) {
    const std::int64_t now = setup_.steady_ns();
    std::optional<HangDetector::Hang> hang;
    if (seen == nullptr) {
        hang = detector_.blind(now);
    } else if (seen->state == State::kRunning) {
        hang = detector_.look(seen->loops, now);
    } else {
        detector_.rest(now);
    }
    if (hang) fence(*hang);
}

void Watchdog::take_on(const progress::Snapshot& seen) {
    watched_.emplace(seen);
    detector_.reset();
    note(seen);
    if (!watched_->process.gone()) {
        stand("watches process " + std::to_string(seen.who.pid) + ", which is " +
              std::string(progress::name(seen.state)));
        return;
    }
    settle(seen);
}

void Watchdog::note(const progress::Snapshot& seen) {
    const bool changed = watched_->last != seen.state;
    watched_->last = seen.state;
    watched_->reason = seen.reason;
    watched_->ran = watched_->ran || !seen.loops.empty();
    if (changed && !watched_->settled) {
        stand("watches process " + std::to_string(seen.who.pid) + ", which is " +
              std::string(progress::name(seen.state)));
    }
}

void Watchdog::settle(const std::optional<progress::Snapshot>& seen) {
    const progress::Identity who = watched_->process.who();
    if (seen && seen->who == who) {
        note(*seen);
    } else if (seen && seen->before == who && seen->state_before) {
        watched_->last = *seen->state_before;  // somebody was started in its place already
    }
    watched_->settled = true;
    const std::string process = "process " + std::to_string(who.pid);
    if (watched_->killed) {
        (void)progress::settle(setup_.config.progress_file.string(), who);
        stand("waits for a daemon: " + process + " was killed");
        return;
    }
    if (watched_->last == State::kEnded || watched_->last == State::kSettled) {
        stand("waits for a daemon: " + process + " ended" +
              (watched_->reason.empty() ? "" : " (" + watched_->reason + ")"));
        return;
    }
    if (!watched_->ran) {
        // Not one order of it.
        stand("waits for a daemon: " + process + " ended before its loops ran");
        return;
    }
    const std::string why =
        process + (watched_->last == State::kFailed
                       ? " failed: " + watched_->reason
                       : " died while it was " + std::string(progress::name(watched_->last)));
    alarm(why);
    if (setup_.config.on_crash != OnCrash::kNothing) {
        ++incidents_;
        seen_at_ns_ = setup_.steady_ns();
        cancel_told_ = false;
        halt();
        if (setup_.config.on_crash == OnCrash::kHaltAndCancel) desk_.begin(setup_.steady_ns());
        explain(why);
    }
    (void)progress::settle(setup_.config.progress_file.string(), who);
    stand("waits for a daemon: " + process + " died");
}

void Watchdog::fence(const HangDetector::Hang& hang) {
    ++incidents_;
    seen_at_ns_ = setup_.steady_ns();
    cancel_told_ = false;
    progress::Process& process = watched_->process;
    const int pid = process.who().pid;
    const std::string what = hang.loop.empty() ? "nothing is seen of process " + std::to_string(pid)
                                               : "the loop " + hang.loop + " of process " +
                                                     std::to_string(pid) + " hangs";
    const char activity = progress::activity_of(pid);
    halt();
    const std::int64_t halted_ns = setup_.steady_ns() - seen_at_ns_;
    watched_->killed = true;
    const int failed = process.kill();
    // From here on it runs none of its own code any more. How long the system needs to take it down
    // is no reason to wait: what it sent until now is canceled, and once more when it is gone.
    desk_.begin(setup_.steady_ns());
    const std::int64_t first_cancel_ns = desk_.first_cancel_ns();
    const std::int64_t killed_ns = setup_.steady_ns() - seen_at_ns_;
    const bool gone = process.wait(static_cast<int>(setup_.config.fence_wait.ns / 1'000'000));
    const std::int64_t took_ns = setup_.steady_ns() - seen_at_ns_;
    desk_.begin(setup_.steady_ns());
    // Words last: the disk, or whoever reads them, may be slow.
    explain(what);
    tell_first_cancel(first_cancel_ns);
    alarm(what + " since " + in_ms(hang.silent.ns) + ", " + activity_text(activity) +
          "; the firm is HALTED, it is killed");
    if (failed != 0) {
        alarm("process " + std::to_string(pid) +
              " cannot be killed: " + std::generic_category().message(failed) +
              "; it may still send orders. Run the watchdog as its user");
    }
    if (gone) {
        say("process " + std::to_string(pid) + " is gone, " + in_ms(took_ns) +
            " after it was seen (halted after " + in_ms(halted_ns) + ", killed after " +
            in_ms(killed_ns) + ")");
        settle(std::nullopt);
    } else {
        alarm("process " + std::to_string(pid) + " is not gone yet; it is canceled all the same");
    }
}

/// A killed process that took its time: what it sent until then is canceled too.
void Watchdog::follow_fenced() {
    if (!watched_ || !watched_->killed || watched_->settled) return;
    if (!watched_->process.gone()) {
        (void)watched_->process.kill();  // who may not at first may be allowed to since
        return;
    }
    say("process " + std::to_string(watched_->process.who().pid) + " is gone");
    settle(std::nullopt);
    desk_.begin(setup_.steady_ns());
}

void Watchdog::halt() {
    auto file = latch::File::open(setup_.latch.string(), latch::File::Access::kWrite);
    if (!file) {
        alarm(latch::describe(setup_.latch.string(), file.error()));
        return;
    }
    // At once, whoever else holds the file.
    const latch::Error halted = file->halt_now(setup_.actor, 0xff, setup_.utc_ns());
    latched_ = true;
    if (halted.code != latch::ErrorCode::kNone) {
        alarm(latch::describe(setup_.latch.string(), halted) +
              "; the halt is in force, but perhaps lost when the power fails");
    }
}

/// The reason in words goes into the latch once nothing waits for it any more: it takes the disk a
/// few times.
void Watchdog::explain(const std::string& why) {
    auto file = latch::File::open(setup_.latch.string(), latch::File::Access::kWrite);
    if (!file) return;  // told
    latch::Change change;
    change.level = latch::Level::kCancelAll;
    change.actor = setup_.actor;
    change.when_ns = setup_.utc_ns();
    const std::string reason = "watchdog: " + why;
    change.reason = reason;
    (void)file->change(change, *state_, kReasonWaitMs);
}

bool Watchdog::released() {
    if (!latched_) return false;
    const auto file = latch::File::open(setup_.latch.string(), latch::File::Access::kRead);
    if (!file) return false;  // which counts as HALTED
    file->read(*state_);
    if (state_->fault != latch::Fault::kNone || state_->emergency) return false;
    const latch::Entry* firm = state_->find(ControlScope::kFirm, {});
    latched_ = firm != nullptr && latch::state_of(firm->level) == TradingState::kHalted;
    return !latched_;
}

}  // namespace fermata
