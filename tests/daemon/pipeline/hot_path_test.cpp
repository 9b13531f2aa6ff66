/// The hot-path guard: after start, a pass through exchange, trading stage, gate, order manager and
/// shards allocates nothing and makes no system call, while orders are sent, filled and booked.

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#include "tests/daemon/pipeline/pipeline_fixture.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FERMATA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FERMATA_SANITIZED 1
#endif
#endif

namespace {
thread_local std::size_t allocations = 0;
}

#ifndef FERMATA_SANITIZED
// Every allocation of this program is counted; sanitizers bring allocators of their own.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size)) return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    ++allocations;
    const auto a = static_cast<std::size_t>(alignment);
    if (void* p = std::aligned_alloc(a, (size + a - 1) / a * a)) return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
    std::free(p);
}
#endif

namespace fermata {
namespace {

using testing::SmallMarket;

constexpr std::size_t kWarmUp = 5'000;
constexpr std::size_t kMeasured = 50'000;

/// A pipeline with everything on, and the events that it is to be measured with.
struct Rig {
    SmallMarket market{8};
    Pipeline pipeline;
    VirtualClock clock;
    LockstepScheduler<Pipeline> scheduler{pipeline, clock};
    std::vector<MarketEvent> events;

    Rig()
        : pipeline([this] {
              PipelineSetup setup = market.setup(16, 2, nullptr);
              setup.risk = RiskConfig(RiskProfile::kHouse);
              setup.venues[0].latency_in = Duration::microseconds(300);
              setup.venues[0].latency_out = Duration::microseconds(200);
              return setup;
          }()) {
        for (std::size_t i = 0; i < kMeasured; ++i) events.push_back(MarketEvent{});
        const MarketEvent first = market.next();
        pipeline.start(first.ts);
        scheduler.settle();
        for (std::size_t i = 0; i < kWarmUp; ++i) scheduler.step(market.next());
        for (MarketEvent& e : events) e = market.next();
    }
    void run() {
        for (const MarketEvent& e : events) scheduler.step(e);
    }
};

TEST(HotPath, AllocatesNothingAfterStartWhileOrdersAreSentAndFilled) {
#ifdef FERMATA_SANITIZED
    GTEST_SKIP() << "sanitizers replace the allocator";
#endif
    Rig rig;
    const std::uint64_t records = rig.pipeline.records();
    const std::size_t before = allocations;
    rig.run();
    EXPECT_EQ(allocations - before, 0u);
    EXPECT_GT(rig.pipeline.records() - records, 1'000u) << "nothing traded: nothing was measured";
    EXPECT_FALSE(rig.pipeline.overflowed());
}

/// From here on every system call but the end of the process kills it.
bool forbid_system_calls() {
    const sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_exit_group, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    const sock_fprog program{static_cast<unsigned short>(std::size(code)),
                             const_cast<sock_filter*>(code)};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// Runs `body` in a child without system calls; its wait status.
template <class Body>
int without_system_calls(Body&& body) {
    const pid_t child = fork();
    if (child == 0) {
        if (!forbid_system_calls()) _exit(77);
        body();
        _exit(0);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status;
}

TEST(HotPath, MakesNoSystemCallAfterStart) {
#ifdef FERMATA_SANITIZED
    GTEST_SKIP() << "sanitizers make system calls of their own";
#endif
    Rig rig;
    const int guard = without_system_calls([] { (void)syscall(SYS_getppid); });
    if (WIFEXITED(guard) && WEXITSTATUS(guard) == 77)
        GTEST_SKIP() << "the host forbids seccomp filters";
    ASSERT_TRUE(WIFSIGNALED(guard)) << "the guard lets system calls pass";
    const int status = without_system_calls([&rig] { rig.run(); });
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
        << "killed by signal " << (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

}  // namespace
}  // namespace fermata
