#include "daemon/live/progress_watch.hpp"

#include <utility>

namespace fermata {

ProgressWatch::ProgressWatch(Loops loops, std::chrono::nanoseconds interval,
                             std::function<void()> ping,
                             std::function<void(const std::string& name)> hangs)
    : loops_(std::move(loops)),
      interval_(interval),
      ping_(std::move(ping)),
      hangs_(std::move(hangs)) {
    for (const auto& loop : loops_) seen_.push_back(loop.passes->load(std::memory_order_relaxed));
    thread_ = std::thread([this] { run(); });
}

ProgressWatch::~ProgressWatch() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void ProgressWatch::run() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, interval_, [this] { return stop_; })) look();
}

void ProgressWatch::look() {
    const ConcurrentPipeline::Progress* hangs = nullptr;
    std::vector<std::uint64_t> now;
    for (std::size_t n = 0; n < loops_.size(); ++n) {
        now.push_back(loops_[n].passes->load(std::memory_order_relaxed));
        if (now[n] == seen_[n] && hangs == nullptr) hangs = &loops_[n];
    }
    if (hangs == nullptr) {
        seen_ = std::move(now);
        hanging_.clear();
        ping_();
    } else if (hanging_ != hangs->name) {
        hanging_ = hangs->name;
        hangs_(hanging_);
    }
}

}  // namespace fermata
