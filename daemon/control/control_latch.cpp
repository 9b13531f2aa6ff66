#include "daemon/control/control_latch.hpp"

#include <utility>

#include "core/port/latch.hpp"

namespace fermata {
namespace {

/// How long a halt waits for another writer before the whole firm is halted instead.
constexpr int kHaltWaitMs = 20;
constexpr int kReleaseWaitMs = 500;

}  // namespace

ControlLatch::ControlLatch(std::string path)
    : path_(std::move(path)), state_(std::make_unique<latch::State>()) {
    if (path_.empty()) return;
    auto file = latch::File::open(path_, latch::File::Access::kWrite);
    if (file) file_.emplace(std::move(file).value());
}

std::uint64_t ControlLatch::version() const noexcept {
    if (!file_) return 0;
    // As latch::State::version numbers it.
    const std::uint64_t word = file_->word()->load(std::memory_order_acquire);
    return (word & latch::kGenerationMask) + (word & latch::kHaltsMask) / latch::kHaltUnit;
}

const latch::State* ControlLatch::read() {
    if (!file_) return nullptr;
    file_->read(*state_);
    return state_.get();
}

ControlLatch::Outcome ControlLatch::set(ControlScope scope, std::string_view target,
                                        latch::Level level, std::uint32_t actor,
                                        std::int64_t now_ns, std::string_view reason,
                                        std::optional<std::uint64_t> version, std::uint32_t other) {
    if (path_.empty()) return Outcome::kNone;
    if (!file_) return Outcome::kUnreadable;
    const bool releases = level == latch::Level::kActive;
    latch::Change change;
    change.scope = scope;
    change.target = target;
    change.level = level;
    change.may_loosen = releases;
    change.actor = actor;
    change.when_ns = now_ns;
    change.reason = reason;
    change.expected_version = version;
    const std::uint64_t before = this->version();
    const int wait = releases ? kReleaseWaitMs : kHaltWaitMs;
    latch::Error error{latch::ErrorCode::kSecondPerson, 0, latch::Fault::kNone};
    file_->read(*state_);
    if (state_->people == 2 && other != kNoActor) {
        // Both asked here: the first one's word is noted, the second one's releases.
        change.actor = other;
        error = file_->change(change, *state_, wait);
        change.actor = actor;
    }
    if (error.code == latch::ErrorCode::kSecondPerson) error = file_->change(change, *state_, wait);
    switch (error.code) {
        case latch::ErrorCode::kNone:
            return this->version() == before ? Outcome::kAlready : Outcome::kDone;
        case latch::ErrorCode::kNotLatched:
            return Outcome::kAlready;
        case latch::ErrorCode::kStale:
            return Outcome::kStale;
        case latch::ErrorCode::kSecondPerson:
            return Outcome::kSecondPerson;
        case latch::ErrorCode::kInputOutput:
            return Outcome::kNotOnDisk;
        default:
            break;
    }
    if (releases) {
        return error.code == latch::ErrorCode::kBusy ? Outcome::kStale : Outcome::kUnreadable;
    }
    // A halt waits for nobody, and what cannot be written down by itself halts everything.
    const latch::Error all = file_->halt_now(actor, 0xff, now_ns);
    return all.code == latch::ErrorCode::kNone ? Outcome::kFirm : Outcome::kNotOnDisk;
}

}  // namespace fermata
