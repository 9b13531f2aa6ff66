#include "daemon/live/latch_guard.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fermata {
namespace {

constexpr std::int64_t kLookEvery = 100'000'000;    // ns
constexpr std::int64_t kReadEvery = 1'000'000'000;  // ns
constexpr const char* kDamaged = "is damaged";

}  // namespace

LatchGuard::LatchGuard(std::string path, std::vector<latch::RunLatch*> loops,
                       std::function<void(const std::string&)> report, Watch next)
    : path_(std::move(path)),
      loops_(std::move(loops)),
      report_(std::move(report)),
      next_(std::move(next)),
      state_(std::make_shared<latch::State>()) {
    // What the loops did not find they are to be given.
    const auto found = [](const latch::RunLatch* loop) {
        return loop->opened().code == latch::ErrorCode::kNone;
    };
    if (!std::ranges::all_of(loops_, found)) return;
    if (!open()) throw std::runtime_error(path_ + ": it went away while the process started");
    file_->read(*state_);
    damaged_ = state_->fault != latch::Fault::kNone;  // the loops found that too
}

bool LatchGuard::open() {
    struct stat status{};
    auto file = latch::File::open(path_, latch::File::Access::kWrite);
    if (!file || ::stat(path_.c_str(), &status) != 0) return false;
    file_ = std::make_shared<latch::File>(std::move(*file));
    device_ = status.st_dev;
    number_ = status.st_ino;
    return true;
}

/// What is wrong with the file; empty: nothing.
std::string LatchGuard::fault(bool contents) const {
    struct stat status{};
    if (::stat(path_.c_str(), &status) != 0) return "is not there any more";
    if (status.st_dev != device_ || status.st_ino != number_) {
        return "is another one than at the start";
    }
    if (!contents) return {};
    file_->read(*state_);
    return state_->fault == latch::Fault::kNone ? std::string() : kDamaged;
}

bool LatchGuard::firm_halted() const {
    file_->read(*state_);
    if (state_->fault != latch::Fault::kNone || state_->emergency) return true;
    const latch::Entry* const firm = state_->find(ControlScope::kFirm, {});
    return firm != nullptr && latch::state_of(firm->level) == TradingState::kHalted;
}

void LatchGuard::take_up(Timestamp now) {
    std::vector<latch::File> files;
    for (std::size_t n = 0; n < loops_.size(); ++n) {
        auto file = latch::File::open(path_, latch::File::Access::kWrite);
        if (!file) return;
        files.push_back(std::move(*file));
    }
    if (!open()) return;
    file_->read(*state_);
    const bool readable = state_->fault == latch::Fault::kNone;
    // One that was prepared elsewhere must not release what people here did not.
    if (readable && !firm_halted()) (void)file_->halt_now(kNoActor, 0xff, now.ns);
    damaged_ = !readable;
    for (std::size_t n = 0; n < loops_.size(); ++n) {
        if (loops_[n]->opened().code != latch::ErrorCode::kNone) {
            loops_[n]->offer(std::move(files[n]));
        }
    }
    report_("the latch file " + path_ +
            (readable ? " is there and in force: the firm stays HALTED until it is released in it"
                      : " is there, but cannot be read: the firm stays HALTED until it is "
                        "mended with fermata latch init --repair"));
}

void LatchGuard::look(Timestamp now, bool contents) {
    if (lost_) {
        if (!firm_halted()) (void)file_->halt_now(kNoActor, 0xff, now.ns);
        return;
    }
    const std::string why = fault(contents);
    if (why.empty() || (damaged_ && why == kDamaged)) {
        if (contents) damaged_ = !why.empty();
        return;
    }
    lost_ = true;
    const latch::Error error = file_->halt_now(kNoActor, 0xff, now.ns);
    report_("the latch file " + path_ + " " + why +
            ": the firm is HALTED until it is mended and this process started again" +
            (error.code == latch::ErrorCode::kNone ? std::string()
                                                   : "; it could not be written either"));
}

std::optional<OrderEvent> LatchGuard::operator()(Timestamp now) {
    if (now.ns - looked_ns_ >= kLookEvery || now.ns < looked_ns_) {
        const bool contents = now.ns - read_ns_ >= kReadEvery || now.ns < read_ns_;
        looked_ns_ = now.ns;
        if (contents) read_ns_ = now.ns;
        if (file_ != nullptr) {
            look(now, contents);
        } else {
            take_up(now);
        }
    }
    return next_ ? next_(now) : std::nullopt;
}

}  // namespace fermata
