#include "core/order/transition.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace fermata {
namespace {

TEST(Transition, IsDefinedForEveryStateAndInput) {
    int cells = 0;
    for (int s = 0; s < kOrderStateCount; ++s) {
        for (int i = 0; i < kOrderInputCount; ++i) {
            const Transition& t =
                transition(static_cast<OrderState>(s), static_cast<OrderInput>(i));
            EXPECT_NE(t.effect, TransitionEffect::kUnset);
            ++cells;
        }
    }
    EXPECT_EQ(cells, 195);
}

TEST(Transition, RefusesEveryRequestOfATerminalOrder) {
    for (int s = 0; s < kOrderStateCount; ++s) {
        const auto state = static_cast<OrderState>(s);
        if (!is_terminal(state)) continue;
        for (const OrderInput i : {OrderInput::kRequestCancel, OrderInput::kRequestReplace}) {
            EXPECT_EQ(transition(state, i).effect, TransitionEffect::kIllegal) << name(state);
        }
    }
}

TEST(Transition, NeverRefusesTheCancelOfAnOpenOrder) {
    for (int s = 0; s < kOrderStateCount; ++s) {
        const auto state = static_cast<OrderState>(s);
        if (is_terminal(state)) continue;
        EXPECT_NE(transition(state, OrderInput::kRequestCancel).effect, TransitionEffect::kIllegal)
            << name(state);
    }
}

TEST(Transition, TakesAFillInEveryStateOfAnOrderThatWasSent) {
    for (int s = 0; s < kOrderStateCount; ++s) {
        const auto state = static_cast<OrderState>(s);
        if (state == OrderState::kDenied) continue;
        for (const OrderInput i : {OrderInput::kTradePartial, OrderInput::kTradeFull}) {
            EXPECT_NE(transition(state, i).effect, TransitionEffect::kIllegal) << name(state);
        }
    }
}

TEST(Transition, ReopensATerminalOrderOnlyWithAnAlert) {
    for (int s = 0; s < kOrderStateCount; ++s) {
        const auto state = static_cast<OrderState>(s);
        if (!is_terminal(state)) continue;
        for (int i = 0; i < kOrderInputCount; ++i) {
            const Transition& t = transition(state, static_cast<OrderInput>(i));
            const bool may_reopen = t.effect == TransitionEffect::kResume ||
                                    (t.effect == TransitionEffect::kMove && !is_terminal(t.next));
            if (may_reopen) {
                EXPECT_TRUE(t.alert) << name(state) << " x " << name(static_cast<OrderInput>(i));
            }
        }
    }
}

TEST(Transition, StandsInTheDocumentationAsItIs) {
    const auto file = std::filesystem::path(FERMATA_SOURCE_DIR) / "docs/orders.md";
    std::ifstream in(file);
    ASSERT_TRUE(in) << file;
    std::stringstream text;
    text << in.rdbuf();
    EXPECT_NE(text.str().find(render_transition_table()), std::string::npos)
        << "docs/orders.md should contain:\n"
        << render_transition_table();
}

}  // namespace
}  // namespace fermata
