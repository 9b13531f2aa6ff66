#include "daemon/live/progress_watch.hpp"

#include <gtest/gtest.h>

namespace fermata::test {
namespace {

using namespace std::chrono_literals;

void wait_for(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + 1min;
    while (!so() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(so());
}

TEST(ProgressWatch, PingsOnlyWhileEveryLoopGoesOnAndNamesTheOneThatHangs) {
    std::atomic<std::uint64_t> one{0}, other{0};
    std::atomic<bool> hang{false}, end{false};
    std::thread loops([&] {
        while (!end) {
            ++one;
            if (!hang) ++other;
            std::this_thread::yield();
        }
    });
    std::atomic<unsigned> pings{0}, told{0};
    {
        const ProgressWatch watch(
            {{"trading", &one}, {"journal", &other}}, 50ms, [&] { ++pings; },
            [&](const std::string& name) { told += name == "journal" ? 1 : 0; });
        wait_for([&] { return pings > 2; });
        hang = true;
        wait_for([&] { return told != 0; });
        const unsigned before = pings;
        std::this_thread::sleep_for(500ms);
        EXPECT_EQ(pings, before);  // the other one goes on, and it does not count
        hang = false;
        wait_for([&] { return pings > before; });
    }
    end = true;
    loops.join();
}

}  // namespace
}  // namespace fermata::test
