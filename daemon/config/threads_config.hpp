#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/types/time.hpp"
#include "daemon/threads/idle.hpp"

namespace fermata {

enum class Scheduler : std::uint8_t { kOther, kFifo };
enum class HugePages : std::uint8_t { kNone, kAdvise };

/// Where one loop's thread runs, and how. The defaults leave everything to the system.
struct LoopThread {
    std::vector<std::uint32_t> cores;  ///< Empty: those of the process.
    Scheduler scheduler = Scheduler::kOther;
    int priority = 50;  ///< Of kFifo.
    IdleStrategy idle = Idle{}.strategy;
    std::uint32_t spins = Idle{}.spins;
    std::uint32_t yields = Idle{}.yields;
    Duration nap = Duration::microseconds(20);
};

/// A thread that is no loop of the pipeline.
struct HelperThread {
    std::vector<std::uint32_t> cores;  ///< Empty: those of the process.
};

/// The threads of a run that is on threads of its own; see docs/tuning.md.
struct ThreadsConfig {
    bool memory_lock = false;
    HugePages huge_pages = HugePages::kNone;
    /// By name: feed, venues, trading, shards (all of them) or "shard N", portfolio, journal.
    std::map<std::string, LoopThread> loops;
    std::map<std::string, HelperThread> helpers;  ///< By name: control, database, sessions.
};

}  // namespace fermata
