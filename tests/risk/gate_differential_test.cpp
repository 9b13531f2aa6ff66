// The gate with the real order manager and books against a reference that adds everything up again
// for every question, over random flow.

#include <gtest/gtest.h>

#include <string>

#include "tests/risk/gate_flow.hpp"

namespace fermata::testing {
namespace {

class GateAgainstReference : public ::testing::TestWithParam<std::uint64_t> {};

constexpr int kRequests = 120'000;  // about half of the events

TEST_P(GateAgainstReference, AgreesOnEveryBitOfEveryVerdict) {
    FlowCounts seen;
    for (int n = 0; n < kFlowSetups && !HasFailure(); ++n) {
        SCOPED_TRACE("set-up " + std::to_string(n));
        GateFlow flow(GetParam() * 100 + static_cast<std::uint64_t>(n), flow_setup(n));
        flow.run(kRequests / kFlowSetups);
        seen.add(flow.counts);
    }
    EXPECT_GE(seen.requests, kRequests);
    EXPECT_GE(seen.approved, kRequests / 10);
    EXPECT_GE(seen.replaces, 3'000);
    EXPECT_GE(seen.tags, 1'000);
    for (const Control& c : kControls) {
        const auto n = static_cast<std::size_t>(c.id);
        if (c.action == ControlAction::kTag) {
            EXPECT_EQ(seen.refusals[n], 0) << c.code;
            continue;
        }
        EXPECT_GE(seen.refusals[n], 200) << c.code;
        EXPECT_GE(seen.alone[n], 20) << c.code << " alone";
        if (trips_by_itself(c.id)) {
            EXPECT_GE(seen.trips[n], 20) << c.code << " trips";
        } else {
            EXPECT_EQ(seen.trips[n], 0) << c.code << " trips";
        }
    }
}

TEST_P(GateAgainstReference, GoesOnAfterARestartAsIfNothingHadHappened) {
    GateFlow flow(GetParam(), tight());
    for (int requests = 100; requests < 6'000 && !HasFatalFailure(); requests += 100) {
        flow.run(requests);
        flow.restart();
    }
    EXPECT_GE(flow.counts.approved, 600);
}

INSTANTIATE_TEST_SUITE_P(Seeds, GateAgainstReference, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace fermata::testing
