#include "daemon/threads/placement.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace fermata {
namespace {

constexpr std::string_view kShard = "shard ";
constexpr std::size_t kStack = std::size_t{256} << 10;  // of a loop, that is never a fault

std::string reason(int error) { return std::system_category().message(error); }

/// "0-1,4"
std::string to_text(const cpu_set_t& set) {
    std::string text;
    for (int n = 0; n < CPU_SETSIZE; ++n) {
        if (!CPU_ISSET(n, &set)) continue;
        int last = n;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, &set)) ++last;
        text += (text.empty() ? "" : ",") + std::to_string(n);
        if (last > n) text += "-" + std::to_string(last);
        n = last;
    }
    return text;
}

cpu_set_t to_set(const std::vector<std::uint32_t>& cores) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const std::uint32_t core : cores) CPU_SET(core, &set);
    return set;
}

std::string first_line(const char* file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

/// Not seen through by the compiler: the pages of a stack that is deep enough are there.
[[gnu::noinline]] void touch_stack() {
    std::array<volatile char, kStack> deep;
    for (std::size_t n = 0; n < deep.size(); n += 4096) deep[n] = 0;
}

}  // namespace

Placement::Placement(ThreadsConfig config, Report report)
    : config_(std::move(config)), report_(std::move(report)) {
    CPU_ZERO(&own_);
    (void)::sched_getaffinity(0, sizeof own_, &own_);
    if (config_.memory_lock) lock_memory();
}

Placement::~Placement() {
    if (owner_entered_ && std::this_thread::get_id() == owner_) {
        (void)::sched_setaffinity(0, sizeof own_, &own_);
        const sched_param none{};
        (void)::sched_setscheduler(0, SCHED_OTHER, &none);
    }
    if (locked_) (void)::munlockall();
}

void Placement::warn(const std::string& kind, const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (told_.insert(kind).second && report_) report_("warning: threads: " + text);
}

void Placement::lock_memory() {
    // Under a limit, what is allocated later would fail instead of being swapped: then better none.
    rlimit limit{};
    (void)::getrlimit(RLIMIT_MEMLOCK, &limit);
    const std::string advice =
        "; pages may be swapped out. Allow it with LimitMEMLOCK=infinity in the unit (ulimit -l "
        "unlimited), or set threads.memory_lock to false";
    const bool unlimited = limit.rlim_cur == RLIM_INFINITY;
    if (!unlimited) {
        // Only who may pass the limit can lock more than it: try with a page more.
        const std::size_t over = static_cast<std::size_t>(limit.rlim_cur) + 4096;
        void* probe = ::mmap(nullptr, over, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        const int refused = probe == MAP_FAILED                         ? errno
                            : ::mlock2(probe, over, MLOCK_ONFAULT) == 0 ? 0
                                                                        : errno;
        if (probe != MAP_FAILED) (void)::munmap(probe, over);
        if (refused != 0) {
            warn("memory", "memory is not locked: at most " +
                               std::to_string(limit.rlim_cur / 1024) + " KiB may be (" +
                               reason(refused) + ")" + advice);
            return;
        }
    }
    if (::mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
        warn("memory", "memory is not locked: " + reason(errno) + advice);
        return;
    }
    locked_ = true;
    touch_stack();
}

void Placement::prepare() {
    if (config_.huge_pages == HugePages::kNone) return;
    const char* const file = "/sys/kernel/mm/transparent_hugepage/enabled";
    const std::string enabled = first_line(file);
    errno = 0;
    if (enabled.find("[never]") == std::string::npos && advise_huge_pages() != 0) return;
    const std::string why =
        enabled.empty() ? "the kernel has none" : std::string(file) + " is " + enabled;
    warn("huge pages", "huge pages are not used: " + (errno != 0 ? reason(errno) : why) +
                           "; tables keep pages of 4 KiB. Allow them with 'madvise' in " + file +
                           ", or set threads.huge_pages to none");
}

const LoopThread* Placement::find(const std::string& loop) const {
    const auto& loops = config_.loops;
    auto found = loops.find(loop == "portfolio risk" ? "portfolio" : loop);
    if (found == loops.end() && loop.compare(0, kShard.size(), kShard) == 0) {
        found = loops.find("shards");
    }
    return found == loops.end() ? nullptr : &found->second;
}

bool Placement::move_to(const std::vector<std::uint32_t>& cores, const std::string& who) {
    const cpu_set_t wanted = to_set(cores);
    cpu_set_t is;
    CPU_ZERO(&is);
    const int failed = ::sched_setaffinity(0, sizeof wanted, &wanted) != 0 ? errno : 0;
    (void)::sched_getaffinity(0, sizeof is, &is);
    if (failed == 0 && CPU_EQUAL(&is, &wanted)) return true;
    warn("cores of " + who,
         "cores " + to_text(wanted) + " are refused for " + who + ": " +
             (failed != 0 ? reason(failed) : std::string("not all of them are there")) +
             "; it runs on " + to_text(is) +
             ". Name cores that the host has (nproc --all) and that the service may use "
             "(AllowedCPUs)");
    return failed == 0;
}

void Placement::schedule(const LoopThread& thread, const std::string& loop) {
    if (thread.scheduler != Scheduler::kFifo) return;
    sched_param priority{};
    priority.sched_priority = thread.priority;
    // What such a thread starts is scheduled as any other.
    if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) != 0) {
        warn("fifo", "SCHED_FIFO with priority " + std::to_string(thread.priority) +
                         " is refused for the loop of " + loop + ": " + reason(errno) +
                         "; it, and every other one that asks for it, is scheduled as any thread. "
                         "Allow it with LimitRTPRIO=" +
                         std::to_string(thread.priority) +
                         " in the unit (ulimit -r), or set its scheduler to other");
        return;
    }
    if (thread.idle == IdleStrategy::kSleep) return;
    const std::string share = first_line("/proc/sys/kernel/sched_rt_runtime_us");
    const std::string period = first_line("/proc/sys/kernel/sched_rt_period_us");
    if (share.empty() || share == "-1" || share == period) return;
    warn("throttled", "the loop of " + loop +
                          " never sleeps under SCHED_FIFO, and the kernel takes its core away when "
                          "it ran for " +
                          share + " of " + period +
                          " us. Let it sleep (idle: sleep), or set kernel.sched_rt_runtime_us to "
                          "-1 where every such loop has a core that nobody else needs");
}

Idle Placement::enter(const std::string& loop) {
    const bool owner = std::this_thread::get_id() == owner_;
    if (!owner) (void)::pthread_setname_np(::pthread_self(), loop.substr(0, 15).c_str());
    if (locked_) touch_stack();
    const LoopThread* thread = find(loop);
    if (thread == nullptr) return {};
    if (owner) owner_entered_ = true;
    if (!thread->cores.empty()) (void)move_to(thread->cores, "the loop of " + loop);
    schedule(*thread, loop);
    return {thread->idle, thread->spins, thread->yields, std::chrono::nanoseconds(thread->nap.ns)};
}

Placement::Lent::Lent(Placement& placement, const std::string& helper) : placement_(placement) {
    const auto found = placement.config_.helpers.find(helper);
    if (found == placement.config_.helpers.end() || found->second.cores.empty()) return;
    lent_ = placement.move_to(found->second.cores, "the threads of " + helper);
}

Placement::Lent::~Lent() {
    if (lent_) (void)::sched_setaffinity(0, sizeof placement_.own_, &placement_.own_);
}

}  // namespace fermata
