#pragma once

#include <sched.h>

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon/config/threads_config.hpp"
#include "daemon/threads/idle.hpp"

namespace fermata {

/// Puts the threads of a run where the configuration wants them: cores, scheduling, memory.
///
/// Degrades: what the host refuses is told once, with the system's reason and what allows it, and
///           the run goes on without it.
/// Owner:    the thread that makes it, which is the feed's. `enter` is called by each loop's own
///           thread; everything else by the owner. Outlives all threads that entered.
/// End:      gives the owner's thread and the process's memory back as they were.
class Placement {
public:
    using Report = std::function<void(const std::string& warning)>;  ///< On any thread.

    /// Locks memory, if it is to be locked: before the large tables are made, so that they are in
    /// RAM as soon as they are there.
    Placement(ThreadsConfig config, Report report);
    Placement(const Placement&) = delete;
    Placement& operator=(const Placement&) = delete;
    ~Placement();

    /// When everything large is made and no loop runs yet: asks for huge pages.
    void prepare();

    /// The calling thread becomes that of `loop` ("trading", "shard 0"): gets its name, cores and
    /// scheduling. How it waits from here on. The feed's keeps the process's name, and enters after
    /// all others were started, for a new thread begins where the one that makes it runs.
    [[nodiscard]] Idle enter(const std::string& loop);
    /// What `loop` does when it finds nothing to do.
    [[nodiscard]] IdleStrategy idle_of(const std::string& loop) const {
        const LoopThread* const thread = find(loop);
        return thread == nullptr ? Idle{}.strategy : thread->idle;
    }

    /// While it lives, the owner runs on a helper's cores, so that the threads that it makes do.
    class Lent {
    public:
        Lent(const Lent&) = delete;
        Lent& operator=(const Lent&) = delete;
        ~Lent();

    private:
        friend class Placement;
        Lent(Placement& placement, const std::string& helper);
        Placement& placement_;
        bool lent_ = false;
    };
    /// `helper`: control, database, sessions.
    [[nodiscard]] Lent lend(const std::string& helper) { return {*this, helper}; }

private:
    [[nodiscard]] const LoopThread* find(const std::string& loop) const;
    void lock_memory();
    bool move_to(const std::vector<std::uint32_t>& cores, const std::string& who);
    void schedule(const LoopThread& thread, const std::string& loop);
    void warn(const std::string& kind, const std::string& text);

    ThreadsConfig config_;
    Report report_;
    cpu_set_t own_{};  // where the process may run
    bool locked_ = false;
    std::thread::id owner_ = std::this_thread::get_id();
    bool owner_entered_ = false;
    std::mutex mutex_;
    std::set<std::string> told_;
};

/// Asks for pages of 2 MiB in all large private memory of the process, as far as the system gives
/// them at all. The bytes that were asked for; 0 with `errno` of the last refusal, if any.
std::size_t advise_huge_pages();

}  // namespace fermata
