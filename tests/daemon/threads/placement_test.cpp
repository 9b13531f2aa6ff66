// What the kernel says about threads after they were placed, and what is said where it refuses.

#include "daemon/threads/placement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdint>
#include <functional>
#include <thread>

#include "tests/daemon/threads/task.hpp"

namespace fermata::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

/// Threads of this process run wherever it may; a test names the first core of those.
std::uint32_t first_core() {
    cpu_set_t set;
    (void)::sched_getaffinity(0, sizeof set, &set);
    for (std::uint32_t n = 0; n < CPU_SETSIZE; ++n) {
        if (CPU_ISSET(n, &set)) return n;
    }
    return 0;
}

/// `what`, on a thread of its own.
void on_a_thread(const std::function<void()>& what) { std::thread(what).join(); }

struct Warnings {
    std::vector<std::string> all;
    Placement::Report report() {
        return [this](const std::string& text) { all.push_back(text); };
    }
};

TEST(Placement, GivesALoopItsNameItsCoresAndItsWayToWait) {
    Warnings warnings;
    ThreadsConfig config;
    config.loops["trading"] = {.cores = {first_core()},
                               .idle = IdleStrategy::kYield,
                               .spins = 3,
                               .yields = 4,
                               .nap = Duration::microseconds(5)};
    Placement placement(config, warnings.report());
    const std::string before = this_task().cores;
    on_a_thread([&] {
        const Idle idle = placement.enter("trading");
        const Task task = this_task();
        EXPECT_EQ(task.name, "trading");
        EXPECT_EQ(task.cores, std::to_string(first_core()));
        EXPECT_EQ(task.policy, SCHED_OTHER);
        EXPECT_EQ(idle.strategy, IdleStrategy::kYield);
        EXPECT_EQ(idle.spins, 3U);
        EXPECT_EQ(idle.yields, 4U);
        EXPECT_EQ(idle.nap, std::chrono::microseconds(5));
    });
    EXPECT_EQ(this_task().cores, before);
    EXPECT_THAT(warnings.all, IsEmpty());
}

TEST(Placement, LeavesALoopThatIsNotNamedAsItWas) {
    Warnings warnings;
    Placement placement({}, warnings.report());
    const Task before = this_task();
    on_a_thread([&] {
        const Idle idle = placement.enter("journal");
        const Task task = this_task();
        EXPECT_EQ(task.name, "journal");
        EXPECT_EQ(task.cores, before.cores);
        EXPECT_EQ(task.policy, before.policy);
        EXPECT_EQ(idle.strategy, Idle{}.strategy);
    });
    EXPECT_THAT(warnings.all, IsEmpty());
}

TEST(Placement, KnowsPortfolioRiskAndEveryShardByTheirCommonNames) {
    ThreadsConfig config;
    config.loops["portfolio"] = {.cores = {}, .spins = 1};
    config.loops["shards"] = {.cores = {}, .spins = 2};
    config.loops["shard 1"] = {.cores = {}, .spins = 3};
    Placement placement(config, {});
    on_a_thread([&] {
        EXPECT_EQ(placement.enter("portfolio risk").spins, 1U);
        EXPECT_EQ(placement.enter("shard 0").spins, 2U);
        EXPECT_EQ(placement.enter("shard 1").spins, 3U);
    });
}

TEST(Placement, SchedulesByFifoAndWhatTheThreadStartsAsAnyOther) {
    if (!fifo_allowed()) GTEST_SKIP() << "this user may not use SCHED_FIFO";
    Warnings warnings;
    ThreadsConfig config;
    config.loops["trading"] = {.cores = {}, .scheduler = Scheduler::kFifo, .priority = 7};
    Placement placement(config, warnings.report());
    on_a_thread([&] {
        (void)placement.enter("trading");
        EXPECT_EQ(this_task().policy, SCHED_FIFO);
        EXPECT_EQ(this_task().rt_priority, 7);
        on_a_thread([] { EXPECT_EQ(this_task().policy, SCHED_OTHER); });
    });
    EXPECT_THAT(warnings.all, IsEmpty());
}

TEST(Placement, GivesTheOwnersThreadBackAsItWas) {
    const bool fifo = fifo_allowed();
    const Task before = this_task();
    ThreadsConfig config;
    config.loops["feed"] = {.cores = {first_core()},
                            .scheduler = fifo ? Scheduler::kFifo : Scheduler::kOther,
                            .priority = 1};
    {
        Placement placement(config, {});
        (void)placement.enter("feed");
        EXPECT_EQ(this_task().name, before.name);  // that is the process's
        EXPECT_EQ(this_task().cores, std::to_string(first_core()));
        EXPECT_EQ(this_task().policy, fifo ? SCHED_FIFO : SCHED_OTHER);
    }
    EXPECT_EQ(this_task().cores, before.cores);
    EXPECT_EQ(this_task().policy, before.policy);
}

TEST(Placement, LendsAHelpersCoresToTheThreadsThatAreMadeMeanwhile) {
    const std::string before = this_task().cores;
    ThreadsConfig config;
    config.helpers["control"] = {.cores = {first_core()}};
    Placement placement(config, {});
    {
        const Placement::Lent lent = placement.lend("control");
        on_a_thread([] { EXPECT_EQ(this_task().cores, std::to_string(first_core())); });
    }
    EXPECT_EQ(this_task().cores, before);
    const Placement::Lent none = placement.lend("database");
    on_a_thread([&] { EXPECT_EQ(this_task().cores, before); });
}

TEST(Placement, GoesOnWithoutCoresThatTheHostDoesNotHave) {
    Warnings warnings;
    ThreadsConfig config;
    config.loops["trading"] = {.cores = {1023}, .spins = 9};
    config.loops["venues"] = {.cores = {first_core(), 1023}};
    Placement placement(config, warnings.report());
    const std::string before = this_task().cores;
    on_a_thread([&] {
        EXPECT_EQ(placement.enter("trading").spins, 9U);
        EXPECT_EQ(this_task().cores, before);
    });
    on_a_thread([&] {
        (void)placement.enter("venues");
        EXPECT_EQ(this_task().cores, std::to_string(first_core()));
    });
    ASSERT_EQ(warnings.all.size(), 2U);
    EXPECT_THAT(warnings.all[0], AllOf(HasSubstr("1023"), HasSubstr("the loop of trading"),
                                       HasSubstr("Invalid argument"), HasSubstr(before)));
    EXPECT_THAT(warnings.all[1],
                AllOf(HasSubstr("the loop of venues"), HasSubstr("not all of them are there")));
}

/// Runs `what` in a process that may do nothing that an ordinary user may not.
std::vector<std::string> as_nobody(const ThreadsConfig& config) {
    int ends[2];
    if (::pipe(ends) != 0) return {"no pipe"};
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit none{0, 0};
        const rlimit little{65536, 65536};
        const bool dropped = ::setrlimit(RLIMIT_RTPRIO, &none) == 0 &&
                             ::setrlimit(RLIMIT_MEMLOCK, &little) == 0 &&
                             (::getuid() != 0 || ::setresuid(65534, 65534, 65534) == 0);
        int bad = dropped ? 0 : 1;
        {
            Placement placement(config, [&](const std::string& text) {
                if (::write(ends[1], (text + "\n").c_str(), text.size() + 1) < 0) bad = 2;
            });
            for (const char* loop : {"trading", "venues"}) {
                on_a_thread([&] {
                    (void)placement.enter(loop);
                    if (this_task().policy != SCHED_OTHER) bad = 3;
                });
            }
            if (status_of("/proc/self/status", "VmLck") != "0 kB") bad = 4;
        }
        ::_exit(bad);
    }
    ::close(ends[1]);
    std::string said;
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
        said.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(ends[0]);
    int status = 0;
    (void)::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    std::vector<std::string> lines;
    std::istringstream in(said);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

TEST(Placement, TellsOnceWhatAnOrdinaryUserIsRefusedAndWhatAllowsIt) {
    ThreadsConfig config;
    config.memory_lock = true;
    config.loops["trading"] = {.cores = {}, .scheduler = Scheduler::kFifo, .priority = 40};
    config.loops["venues"] = {.cores = {}, .scheduler = Scheduler::kFifo, .priority = 40};
    const auto said = as_nobody(config);
    ASSERT_EQ(said.size(), 2U) << testing::PrintToString(said);
    EXPECT_THAT(said[0],
                AllOf(HasSubstr("memory is not locked"), HasSubstr("64 KiB"),
                      HasSubstr("Cannot allocate memory"), HasSubstr("LimitMEMLOCK=infinity")));
    EXPECT_THAT(said[1], AllOf(HasSubstr("SCHED_FIFO with priority 40"), HasSubstr("trading"),
                               HasSubstr("Operation not permitted"), HasSubstr("LimitRTPRIO=40")));
}

TEST(Placement, KeepsAllMemoryInRamAndThenGivesItFree) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the address sanitizer ignores mlockall";
#endif
    rlimit limit{};
    (void)::getrlimit(RLIMIT_MEMLOCK, &limit);
    if (::geteuid() != 0 && limit.rlim_cur != RLIM_INFINITY) {
        GTEST_SKIP() << "this user may not lock memory";
    }
    Warnings warnings;
    {
        ThreadsConfig config;
        config.memory_lock = true;
        const Placement placement(config, warnings.report());
        ASSERT_THAT(warnings.all, IsEmpty());
        EXPECT_NE(status_of("/proc/self/status", "VmLck"), "0 kB");
        // What comes later is in RAM before it is touched.
        constexpr std::size_t kBytes = std::size_t{1} << 20;
        void* later =
            ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ASSERT_NE(later, MAP_FAILED);
        std::vector<unsigned char> there(kBytes / 4096);
        ASSERT_EQ(::mincore(later, kBytes, there.data()), 0);
        EXPECT_THAT(there, testing::Each(testing::Truly([](unsigned char c) { return c & 1; })));
        (void)::munmap(later, kBytes);
    }
    EXPECT_EQ(status_of("/proc/self/status", "VmLck"), "0 kB");
}

/// The flags of the mapping that holds `address` (VmFlags of smaps).
std::string flags_of(std::uintptr_t address) {
    std::ifstream smaps("/proc/self/smaps");
    bool here = false;
    for (std::string line; std::getline(smaps, line);) {
        unsigned long begin = 0, end = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
            here = begin <= address && address < end;
        } else if (here && line.compare(0, 8, "VmFlags:") == 0) {
            return line + " ";
        }
    }
    return "";
}

TEST(Placement, AsksForHugePagesWhereLargeTablesAre) {
    const std::string enabled = text_of("/sys/kernel/mm/transparent_hugepage/enabled");
    if (enabled.empty() || enabled.find("[never]") != std::string::npos) {
        GTEST_SKIP() << "this kernel gives no huge pages";
    }
    const std::vector<std::uint64_t> large(std::size_t{1} << 20);  // 8 MiB
    const auto middle = reinterpret_cast<std::uintptr_t>(&large[large.size() / 2]);
    Warnings warnings;
    ThreadsConfig config;
    Placement(config, warnings.report()).prepare();
    EXPECT_EQ(flags_of(middle).find(" hg "), std::string::npos);
    config.huge_pages = HugePages::kAdvise;
    Placement(config, warnings.report()).prepare();
    EXPECT_NE(flags_of(middle).find(" hg "), std::string::npos) << flags_of(middle);
    EXPECT_THAT(warnings.all, IsEmpty());
}

/// How often the calling thread gave its core away of its own will.
long waits() {
    rusage usage{};
    (void)::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

TEST(Idle, NapsOnlyWhereItMayAndOnlyAfterItsSpinsAndYields) {
    const Idle spin{.strategy = IdleStrategy::kSpin};
    const Idle sleep{.strategy = IdleStrategy::kSleep, .spins = 5, .yields = 0};
    long before = waits();
    for (unsigned n = 0; n < 1000; ++n) spin.wait(n);
    for (unsigned n = 0; n < 5; ++n) sleep.wait(n);
    EXPECT_EQ(waits(), before);
    before = waits();
    for (unsigned n = 5; n < 15; ++n) sleep.wait(n);
    EXPECT_EQ(waits() - before, 10);
}

}  // namespace
}  // namespace fermata::test
