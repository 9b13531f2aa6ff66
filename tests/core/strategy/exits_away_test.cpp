// Exits while their venue is away, or refuses.

#include "core/strategy/exits.hpp"
#include "tests/core/strategy/hosted_strategy.hpp"

namespace fermata {
namespace {

using test::HostedStrategy;
using test::units;

/// The position is closed at the target; the stop's cancel finds no session with the venue, or is
/// refused there.
class RefusedCancel : public ::testing::TestWithParam<OrderReason> {};
TEST_P(RefusedCancel, IsTriedAgainAndNotAtOnce) {
    HostedStrategy h;
    h.refusal = GetParam();
    ExitRules rules;
    rules.stop = {ExitDistance::Kind::kPercent, 0.02};
    rules.targets = {{{ExitDistance::Kind::kRisk, 3}, 1}};
    h.helpers.push_back(std::make_unique<ExitManager>(rules, std::vector{InstrumentId{0}}));
    h.start();
    OrderTag tag;
    h.act([&](StrategyContext& c) {
        OrderRequest r;
        r.side = Side::kBuy;
        r.quantity = units(50);
        tag = c.submit(r);
    });
    h.fill(tag, 50, "100");
    h.quote("100", "100.02");
    h.disconnected = true;
    h.fill(h.only(OrderType::kLimit).order.tag, 50, "110");
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
    HostedStrategy h;
    h.refusal = OrderReason::kTooLateToCancel;
    ExitRules rules;
    rules.stop = {ExitDistance::Kind::kPercent, 0.02};
    rules.targets = {{{ExitDistance::Kind::kRisk, 3}, 1}};
    h.helpers.push_back(std::make_unique<ExitManager>(rules, std::vector{InstrumentId{0}}));
    h.start();
    OrderTag tag;
    h.act([&](StrategyContext& c) {
        OrderRequest r;
        r.side = Side::kBuy;
        r.quantity = units(50);
        tag = c.submit(r);
    });
    h.fill(tag, 50, "100");
    h.quote("100", "100.02");
    h.disconnected = true;
    h.fill(h.only(OrderType::kLimit).order.tag, 50, "110");
    for (int n = 0; n < 5; ++n) h.quote("110", "110.02");
    EXPECT_EQ(h.cancels_refused, 1u);
}

}  // namespace
}  // namespace fermata
