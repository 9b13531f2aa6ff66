#include "daemon/control/control_latch.hpp"

#include <sys/stat.h>

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
    take_up();
}

void ControlLatch::take_up() {
    if (path_.empty() || file_) return;
    struct stat status{};
    auto file = latch::File::open(path_, latch::File::Access::kWrite);
    if (!file || ::stat(path_.c_str(), &status) != 0) return;
    file_.emplace(std::move(file).value());
    device_ = status.st_dev;
    number_ = status.st_ino;
    file_->read(*state_);
    was_readable_ = state_->fault == latch::Fault::kNone;
}

std::string ControlLatch::trouble() const {
    if (path_.empty()) return {};
    struct stat status{};
    const bool there = ::stat(path_.c_str(), &status) == 0;
    const std::string make = "fermata latch init " + path_ + " --reason TEXT";
    const std::string mend = "fermata latch init " + path_ + " --repair --reason TEXT";
    const std::string then = "fermata status and fermata release --expect N --reason TEXT";
    if (!file_ && !there) {
        return "there is none: make it with " + make + "; it is taken up without a restart; then " +
               then;
    }
    if (!file_) {
        return "it cannot be opened: 1. look into what happened (its rights, the disk); 2. " +
               mend + "; it is taken up without a restart; 3. " + then;
    }
    if (!there || status.st_dev != device_ || status.st_ino != number_) {
        return std::string("the file was ") + (there ? "replaced" : "removed") +
               " while the daemon ran, which stays HALTED until it is restarted: 1. look into what "
               "happened; 2. " +
               (there ? "fermata latch show " + path_ + ", and if that fails " + mend : make) +
               "; 3. restart the daemon; 4. " + then;
    }
    if (!unreadable()) return {};
    const std::string what = "it cannot be read (" + std::string(name(state_->fault)) +
                             "): 1. look into what happened; 2. " + mend;
    return was_readable_
               ? what + "; 3. restart the daemon, which stays HALTED until then; 4. " + then
               : what + ", which is taken up without a restart; 3. " + then;
}

bool ControlLatch::unreadable() const noexcept {
    return !path_.empty() && (!file_ || state_->fault != latch::Fault::kNone);
}

std::uint64_t ControlLatch::version() const noexcept {
    if (!file_) return 0;
    // As latch::State::version numbers it.
    const std::uint64_t word = file_->word()->load(std::memory_order_acquire);
    return (word & latch::kGenerationMask) + (word & latch::kHaltsMask) / latch::kHaltUnit;
}

const latch::State* ControlLatch::read() {
    take_up();
    if (!file_) return nullptr;
    file_->read(*state_);
    return state_.get();
}

ControlLatch::Outcome ControlLatch::set(ControlScope scope, std::string_view target,
                                        latch::Level level, std::uint32_t actor,
                                        std::int64_t now_ns, std::string_view reason,
                                        std::optional<std::uint64_t> version, std::uint32_t other) {
    if (path_.empty()) return Outcome::kNone;
    take_up();
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
