// The gate with the real order manager and books against a reference that adds everything up again
// for every question, over random flow.

#include <gtest/gtest.h>

#include "tests/risk/gate_flow.hpp"

namespace fermata::testing {
namespace {

class GateAgainstReference : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(GateAgainstReference, AgreesOnEveryBitOfEveryVerdict) {
    GateFlow flow(GetParam());
#ifdef __SANITIZE_ADDRESS__
    // Slow, and there for the memory: the verdicts are compared all the same.
    flow.run(30'000);
    return;
#endif
    flow.run(120'000);  // requests: about half of the events
    EXPECT_GT(flow.approved, 2'000);
    EXPECT_GT(flow.replaces, 500);
    EXPECT_GT(flow.tags, 100);
    for (const Control& c : kControls) {
        if (c.action == ControlAction::kTag) continue;
        EXPECT_GT(flow.refusals[static_cast<std::size_t>(c.id)], 20) << c.code;
    }
}

TEST_P(GateAgainstReference, GoesOnAfterARestartAsIfNothingHadHappened) {
    GateFlow flow(GetParam());
    for (int requests = 100; requests < 6'000 && !HasFatalFailure(); requests += 100) {
        flow.run(requests);
        flow.restart();
    }
    EXPECT_GT(flow.approved, 200);
}

INSTANTIATE_TEST_SUITE_P(Seeds, GateAgainstReference, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace fermata::testing
