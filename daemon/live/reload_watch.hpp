#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "daemon/config/config.hpp"
#include "daemon/control/control_queue.hpp"
#include "daemon/live/limit_reload.hpp"

namespace fermata {

/// How a run is told that its configuration should be read again.
struct ReloadRequest {
    /// Polled: who asked since the last time, if anybody did.
    std::function<std::optional<std::uint32_t>()> asked;
    std::function<Config()> load;             ///< Throws what load_config throws.
    std::function<void(bool begins)> notify;  ///< When it begins and when it is done. May be empty.
    std::function<void(const std::string& line, bool refused)> report;
};

/// Reads the configuration again when somebody asks for it, on a thread of its own, and sends what
/// became tighter to the trading stage.
class ReloadWatch {
public:
    /// `running` and `started_with` as LimitReload's; what they hold is copied. `queue` outlives
    /// it.
    ReloadWatch(const Config& running, const Config& started_with, ReloadRequest request,
                ControlQueue& queue);
    ReloadWatch(const ReloadWatch&) = delete;
    ReloadWatch& operator=(const ReloadWatch&) = delete;
    ~ReloadWatch();

private:
    void run();
    void reload(std::uint32_t actor);

    LimitReload limits_;
    ReloadRequest request_;
    ControlQueue& queue_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace fermata
