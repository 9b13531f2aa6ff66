#include "daemon/control/session_control.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "daemon/assembly/assembly.hpp"
#include "daemon/config/codec.hpp"

namespace fermata {

std::string_view name(SessionPhase phase) noexcept {
    switch (phase) {
        case SessionPhase::kRecovering:
            return "recovering";
        case SessionPhase::kRunning:
            return "running";
        case SessionPhase::kStopping:
            return "stopping";
    }
    return "?";
}

SessionControl::SessionControl(const Config& config, const RunNames& names,
                               const std::filesystem::path& folder, RecordSink* next,
                               Outside outside)
    : view_(config.risk,
            {names.strategies.size(), config.instruments.size(), names.accounts.size(),
             names.venues.size()},
            next) {
    RunControlSetup setup;
    setup.names = names;
    for (const StrategyConfig& s : config.strategies) {
        setup.strategy_accounts.push_back(s.account);
        setup.strategy_venues.push_back(s.venue);
    }
    setup.latch = config.latch;
    setup.log = folder / "control.log";
    setup.phase = [this] { return phase_.load(std::memory_order_relaxed); };
    setup.feed = &feed_;
    setup.about = [this, mode = std::string(mode_name(config.mode)), name = config.run.name,
                   hash = config.hash, folder = folder.string()] {
        return Report{{"name", name},
                      {"mode", mode},
                      {"phase", fermata::name(phase_.load(std::memory_order_relaxed))},
                      {"pid", static_cast<std::int64_t>(::getpid())},
                      {"build", build_id()},
                      {"configuration", hash},
                      {"session", folder}};
    };
    setup.latency = [this] { return meter_.rows(); };
    setup.sessions = std::move(outside.sessions);
    setup.drop_copy = std::move(outside.drop_copy);
    setup.venues = std::move(outside.venues);
    setup.elsewhere = std::move(outside.elsewhere);
    setup.accept = std::move(outside.accept);
    if (config.control.dead_man.ns > 0) {
        people_.emplace(config.control.dead_man);
        setup.alive = [people = &*people_] {
            const auto steady = std::chrono::steady_clock::now().time_since_epoch();
            people->alive(std::chrono::nanoseconds(steady).count());
            return Report{{"within", config::format_duration(people->limit())}};
        };
    }
    service_ = std::make_unique<ControlService>(config.control, std::move(setup), view_, queue_);
}

}  // namespace fermata
