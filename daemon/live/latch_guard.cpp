#include "daemon/live/latch_guard.hpp"

#include <sys/stat.h>

#include <utility>

namespace fermata {
namespace {

constexpr std::int64_t kLookEvery = 100'000'000;    // ns
constexpr std::int64_t kReadEvery = 1'000'000'000;  // ns

}  // namespace

LatchGuard::LatchGuard(std::string path, std::function<void(const std::string&)> report, Watch next)
    : path_(std::move(path)), report_(std::move(report)), next_(std::move(next)) {
    struct stat status{};
    auto file = latch::File::open(path_, latch::File::Access::kWrite);
    if (!file || ::stat(path_.c_str(), &status) != 0) return;
    file_ = std::make_shared<latch::File>(std::move(*file));
    state_ = std::make_shared<latch::State>();
    device_ = status.st_dev;
    number_ = status.st_ino;
    file_->read(*state_);
    if (state_->fault != latch::Fault::kNone) file_.reset();  // the loops found that too
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
    return state_->fault == latch::Fault::kNone ? std::string() : "is damaged";
}

std::optional<OrderEvent> LatchGuard::operator()(Timestamp now) {
    if (file_ != nullptr && (now.ns - looked_ns_ >= kLookEvery || now.ns < looked_ns_)) {
        const bool contents = now.ns - read_ns_ >= kReadEvery || now.ns < read_ns_;
        looked_ns_ = now.ns;
        if (contents) read_ns_ = now.ns;
        if (const std::string why = fault(contents); !why.empty()) {
            const latch::Error error = file_->halt_now(kNoActor, 0xff, now.ns);
            report_("the latch file " + path_ + " " + why +
                    ": the firm is HALTED until it is mended and this process started again" +
                    (error.code == latch::ErrorCode::kNone ? std::string()
                                                           : "; it could not be written either"));
            file_.reset();
        }
    }
    return next_ ? next_(now) : std::nullopt;
}

}  // namespace fermata
