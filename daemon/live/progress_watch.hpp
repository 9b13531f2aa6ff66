#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/pipeline/concurrent_pipeline.hpp"

namespace fermata {

/// Says on a thread of its own whether all loops go on: `ping` after every interval in which each
/// of them did, `hangs` with the name of one that did not, once until it goes on again. So whoever
/// waits for pings sees a loop that hangs, and not only a process that is gone.
class ProgressWatch {
public:
    using Loops = std::vector<ConcurrentPipeline::Progress>;

    /// `loops` stay valid until the watch is gone.
    ProgressWatch(Loops loops, std::chrono::nanoseconds interval, std::function<void()> ping,
                  std::function<void(const std::string& name)> hangs);
    ProgressWatch(const ProgressWatch&) = delete;
    ProgressWatch& operator=(const ProgressWatch&) = delete;
    ~ProgressWatch();

private:
    void run();
    void look();

    Loops loops_;
    std::chrono::nanoseconds interval_;
    std::function<void()> ping_;
    std::function<void(const std::string&)> hangs_;
    std::vector<std::uint64_t> seen_;  // by loop, at the last ping
    std::string hanging_;              // that was told
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace fermata
