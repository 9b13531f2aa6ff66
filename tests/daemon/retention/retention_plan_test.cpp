#include "daemon/retention/retention_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fermata {
namespace {

using testing::ElementsAre;
using enum SegmentFate;

constexpr Timestamp kNow{1'000'000};

/// Four segments of 100 bytes, written 400, 300, 200 and 100 ns ago, that may all go.
std::vector<SegmentFacts> four() {
    std::vector<SegmentFacts> segments;
    for (std::uint32_t i = 1; i <= 4; ++i) {
        segments.push_back({i, 100, Timestamp{kNow.ns - 500 + 100 * i}, true, true, true});
    }
    return segments;
}

RetentionPolicy keep_segments(std::uint64_t n) {
    RetentionPolicy policy;
    policy.segments = n;
    return policy;
}

TEST(RetentionPlan, KeepsTheNewestSegments) {
    EXPECT_THAT(plan_retention(four(), true, keep_segments(2), kNow),
                ElementsAre(kRemove, kRemove, kKeptByPolicy, kKeptByPolicy));
    EXPECT_THAT(plan_retention(four(), true, keep_segments(4), kNow),
                ElementsAre(kKeptByPolicy, kKeptByPolicy, kKeptByPolicy, kKeptByPolicy));
    EXPECT_THAT(plan_retention(four(), true, keep_segments(9), kNow),
                ElementsAre(kKeptByPolicy, kKeptByPolicy, kKeptByPolicy, kKeptByPolicy));
}

TEST(RetentionPlan, KeepsWhatIsYoungEnough) {
    RetentionPolicy policy;
    policy.age = Duration{300};
    EXPECT_THAT(plan_retention(four(), true, policy, kNow),
                ElementsAre(kRemove, kKeptByPolicy, kKeptByPolicy, kKeptByPolicy));
    policy.age = Duration{299};
    EXPECT_THAT(plan_retention(four(), true, policy, kNow),
                ElementsAre(kRemove, kRemove, kKeptByPolicy, kKeptByPolicy));
}

TEST(RetentionPlan, KeepsTheNewestThatFitIntoTheBytes) {
    RetentionPolicy policy;
    policy.bytes = 300;
    EXPECT_THAT(plan_retention(four(), true, policy, kNow),
                ElementsAre(kRemove, kKeptByPolicy, kKeptByPolicy, kKeptByPolicy));
    policy.bytes = 299;
    EXPECT_THAT(plan_retention(four(), true, policy, kNow),
                ElementsAre(kRemove, kRemove, kKeptByPolicy, kKeptByPolicy));
}

TEST(RetentionPlan, TheLastSegmentAlwaysStays) {
    EXPECT_THAT(plan_retention(four(), true, keep_segments(0), kNow),
                ElementsAre(kRemove, kRemove, kRemove, kLast));
}

TEST(RetentionPlan, NothingOfAnOpenRunGoes) {
    EXPECT_THAT(plan_retention(four(), false, keep_segments(1), kNow),
                ElementsAre(kRunOpen, kRunOpen, kRunOpen, kKeptByPolicy));
}

TEST(RetentionPlan, WhatIsNotAnchoredNotLoadedOrNotCompleteStaysAndAllBehindIt) {
    auto segments = four();
    segments[1].anchored = false;
    EXPECT_THAT(plan_retention(segments, true, keep_segments(1), kNow),
                ElementsAre(kRemove, kNotAnchored, kBehindKept, kKeptByPolicy));
    segments = four();
    segments[0].loaded = false;
    EXPECT_THAT(plan_retention(segments, true, keep_segments(1), kNow),
                ElementsAre(kNotLoaded, kBehindKept, kBehindKept, kKeptByPolicy));
    segments = four();
    segments[2].has_footer = false;
    EXPECT_THAT(plan_retention(segments, true, keep_segments(0), kNow),
                ElementsAre(kRemove, kRemove, kNotComplete, kLast));
}

TEST(RetentionPlan, NoSegmentsNeedNoDecision) {
    EXPECT_THAT(plan_retention({}, true, keep_segments(0), kNow), ElementsAre());
}

}  // namespace
}  // namespace fermata
