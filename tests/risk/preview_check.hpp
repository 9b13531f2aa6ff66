#pragma once

#include <gtest/gtest.h>

#include <string>

#include "risk/gate.hpp"
#include "risk/verdict_text.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::testing {

[[nodiscard]] inline OrderEvent question_about(const OrderEvent& order) {
    OrderEvent question = order;
    question.type = OrderEventType::kPreview;
    return question;
}

/// What the explanation of a verdict must say: nothing that the verdict does not say, the numbers
/// of the first refusal, and of what passed only what keeps its limit.
inline void expect_explains(const Explanation& explanation, const VerdictData& verdict) {
    std::uint64_t failed = 0;
    bool first = true;
    for (const Comparison& f : explanation.comparisons()) {
        ASSERT_NE(verdict.checked & bit(f.control), 0U) << control(f.control).code;
        if (f.failed) {
            failed |= bit(f.control);
            if (first && static_cast<std::uint8_t>(f.control) == verdict.first_failed) {
                first = false;
                ASSERT_EQ(f.observed, verdict.observed) << control(f.control).code;
                ASSERT_EQ(f.limit, verdict.limit) << control(f.control).code;
                ASSERT_EQ(static_cast<std::uint8_t>(f.unit), verdict.unit);
                ASSERT_EQ(static_cast<std::uint8_t>(f.scope), verdict.scope);
            }
            continue;
        }
        // What is left in cash, and the equity at the prior close, must not be less.
        const bool floor = f.control == ControlId::kCash ||
                           (f.control == ControlId::kDayTrade && f.unit == LimitUnit::kMoney);
        if (floor) {
            ASSERT_GE(f.observed, f.limit - 1) << control(f.control).code;
        } else if (f.unit == LimitUnit::kCount || f.unit == LimitUnit::kQuantity ||
                   f.unit == LimitUnit::kDuration || f.unit == LimitUnit::kMoney) {
            // Amounts are rounded up and limits down: a sum that is equal may show one more.
            ASSERT_LE(f.observed, f.limit + 1) << control(f.control).code;
        }
    }
    ASSERT_EQ(render_codes(failed), render_codes(verdict.failed));
    ASSERT_EQ(first, verdict.failed == 0);
}

/// Asks the gate about an order, with and without an explanation. `looks_closely`: its stored state
/// must be the same bytes after it.
inline VerdictData expect_preview_changes_nothing(Gate& gate, const OrderEvent& order,
                                                  bool looks_closely) {
    const OrderEvent question = question_about(order);
    std::vector<std::byte> before;
    if (looks_closely) before = test::state_of(gate);
    const VerdictData verdict = gate.preview(question);
    Explanation explanation;
    const VerdictData explained = gate.preview(question, &explanation);
    EXPECT_EQ(render_codes(explained.failed), render_codes(verdict.failed));
    EXPECT_EQ(render_codes(explained.checked), render_codes(verdict.checked));
    EXPECT_EQ(render_verdict(explained), render_verdict(verdict));
    EXPECT_EQ(verdict.action, static_cast<std::uint8_t>(OrderEventType::kPreview));
    expect_explains(explanation, verdict);
    if (looks_closely) {
        EXPECT_TRUE(test::state_of(gate) == before) << "a question changed the gate's state";
    }
    EXPECT_FALSE(gate.next_self_match().has_value()) << "a question cancels nothing";
    return verdict;
}

/// The order is judged as the question about it was.
inline void expect_same_verdict(const VerdictData& asked, const VerdictData& judged) {
    ASSERT_EQ(render_codes(asked.failed), render_codes(judged.failed)) << render_verdict(judged);
    ASSERT_EQ(render_codes(asked.checked), render_codes(judged.checked));
    ASSERT_EQ(render_verdict(asked), render_verdict(judged));
    ASSERT_EQ(asked.first_failed, judged.first_failed);
    ASSERT_EQ(asked.approved, judged.approved);
    ASSERT_EQ(asked.reference, judged.reference);
    ASSERT_EQ(asked.equity, judged.equity);
    ASSERT_EQ(quote_of(asked), quote_of(judged));
    ASSERT_EQ(asked.tag, judged.tag);
}

/// Judges an order, after asking about it: both verdicts must be the same.
inline VerdictData ask_then_judge(Gate& gate, const OrderEvent& order, bool looks_closely) {
    const VerdictData asked = expect_preview_changes_nothing(gate, order, looks_closely);
    const VerdictData judged = gate.check_new(order);
    // A tag that was used before gets no id from the order manager. A question never has one.
    if (order.data.new_order.order_id.value != 0) expect_same_verdict(asked, judged);
    return judged;
}

}  // namespace fermata::testing
