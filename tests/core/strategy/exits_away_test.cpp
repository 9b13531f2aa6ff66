// Exits while their venue is away, or refuses.

#include "core/strategy/exits.hpp"
#include "tests/core/strategy/hosted_strategy.hpp"

namespace fermata {
namespace {

using test::HostedStrategy;
using test::units;

/// A position that is closed at its target while its venue takes no cancel of the stop.
struct ClosedAtItsTarget : HostedStrategy {
    explicit ClosedAtItsTarget(OrderReason answer) {
        refusal = answer;
        ExitRules rules;
        rules.stop = {ExitDistance::Kind::kPercent, 0.02};
        rules.targets = {{{ExitDistance::Kind::kRisk, 3}, 1}};
        helpers.push_back(std::make_unique<ExitManager>(rules, std::vector{InstrumentId{0}}));
        start();
        OrderTag tag;
        act([&](StrategyContext& c) {
            OrderRequest r;
            r.side = Side::kBuy;
            r.quantity = units(50);
            tag = c.submit(r);
        });
        fill(tag, 50, "100");
        quote("100", "100.02");
        disconnected = true;
        fill(only(OrderType::kLimit).order.tag, 50, "110");
    }
};

/// There is no session with the venue, or the venue refuses.
class RefusedCancel : public ::testing::TestWithParam<OrderReason> {};
TEST_P(RefusedCancel, IsTriedAgainAndNotAtOnce) {
    ClosedAtItsTarget h(GetParam());
    EXPECT_EQ(h.cancels_refused, 1u);
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(50));
    h.disconnected = false;
    h.quote("110", "110.02");
    EXPECT_TRUE(h.live().empty());
}
INSTANTIATE_TEST_SUITE_P(ExitManager, RefusedCancel,
                         ::testing::Values(OrderReason::kDisconnected, OrderReason::kNone));

/// The stop is over at its venue, whose report of that is still to come.
TEST(ExitManager, AsksForNothingOfAnOrderThatItsVenueSaysIsOver) {
    ClosedAtItsTarget h(OrderReason::kTooLateToCancel);
    for (int n = 0; n < 5; ++n) h.quote("110", "110.02");
    EXPECT_EQ(h.cancels_refused, 1u);
}

}  // namespace
}  // namespace fermata
