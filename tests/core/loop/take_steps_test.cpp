#include "core/loop/take_steps.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace fermata {
namespace {

struct Case {
    const char* what;
    std::size_t there, budget, taken;
    std::vector<std::size_t> looked_up;  // how many steps had been taken then
};

TEST(TakeSteps, LooksUpBeforeTheFirstStepAndEverySixteenth) {
    const Case cases[] = {
        {"nothing is there", 0, 256, 0, {0}},
        {"no budget", 9, 0, 0, {}},
        {"fewer than sixteen", 3, 256, 3, {0}},
        {"sixteen, and then no more", 16, 256, 16, {0, 16}},
        {"as many as the budget has", 50, 32, 32, {0, 16}},
        {"a long batch", 50, 256, 50, {0, 16, 32, 48}},
    };
    for (const Case& c : cases) {
        std::size_t taken = 0;
        std::vector<std::size_t> looked_up;
        const std::size_t told = take_steps(
            c.budget, [&] { looked_up.push_back(taken); },
            [&] { return taken < c.there && ++taken != 0; });
        EXPECT_EQ(told, c.taken) << c.what;
        EXPECT_EQ(taken, c.taken) << c.what;
        EXPECT_EQ(looked_up, c.looked_up) << c.what;
    }
}

}  // namespace
}  // namespace fermata
