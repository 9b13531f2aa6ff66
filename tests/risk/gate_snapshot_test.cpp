#include "risk/gate_snapshot.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "risk/snapshot_shelf.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using portfolio::PortfolioSnapshot;

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

/// Instruments 0 and 1 are measured, 2 is not; 0 and 2 are of sector 4.
PortfolioSnapshot sample() {
    PortfolioSnapshot s;
    s.number = 3;
    s.as_of = Timestamp{1'000};
    s.instruments = 3;
    s.days = 2;
    s.measured = {1, 1, 0};
    s.sectors = {4, PortfolioSnapshot::kNoSector, 4};
    s.average_daily_volumes.resize(3);
    s.volatilities = {0.02, 0.03, 0};
    s.betas = {1.5, 0.5, 0};
    s.covariance = {0.0004, 0.0001, 0, 0.0001, 0.0009, 0, 0, 0, 0};
    s.returns = {0.01, -0.02, 0, 0.0000000004, 5.0, 0};
    s.correlated = {0, 0, 0};
    return s;
}
const std::vector<Price> kPrices = {Price::from_units(10), Price::from_units(20), Price{}};

std::vector<std::int32_t> row(const GateSnapshot& s, const std::int32_t* from) {
    return {from, from + s.scenarios};
}

TEST(GateSnapshot, HoldsVariancesInTheFinestPowerOfTwoThatFits) {
    const GateSnapshot s = make_gate_snapshot(sample(), kPrices, {});
    // 2^41 = 2199023255552: 0.0009 of it is 1979120929.9968, above 2^30 and below 2^31.
    ASSERT_EQ(s.covariance_bits, 41U);
    // 0.0004: 879609302.2208, a variance, up. 0.0001: 219902325.5552, to the nearest.
    EXPECT_EQ(s.covariance, (std::vector<std::int32_t>{879'609'303, 219'902'326, 0, 219'902'326,
                                                       1'979'120'930, 0, 0, 0, 0}));
}

TEST(GateSnapshot, ClipsReturnsAndPadsThem) {
    const GateSnapshot s = make_gate_snapshot(sample(), kPrices, {});
    ASSERT_EQ(s.days_stride(), 8U);
    EXPECT_EQ(s.returns[0], 10'000'000);
    EXPECT_EQ(s.returns[1], 0);  // 0.4e-9
    EXPECT_EQ(s.returns[8], -20'000'000);
    EXPECT_EQ(s.returns[9], 2'147'483'647);  // of 5e9
    for (const std::size_t at : {2, 3, 4, 5, 6, 7, 10, 15, 16, 23}) EXPECT_EQ(s.returns[at], 0);
}

TEST(GateSnapshot, HoldsScenariosAsShocksOfLongAndOfShortPositions) {
    ScenarioSettings settings;
    settings.sector_names = {"a", "b", "c", "d", "energy"};
    settings.windows = {{"a bad month", {-0.35, kNotKnown, 0}}};
    const GateSnapshot s = make_gate_snapshot(sample(), kPrices, settings);
    EXPECT_EQ(s.scenario_names,
              (std::vector<std::string>{"index", "sector energy", "a bad month", "flash crash",
                                        "correlations to 1, down", "correlations to 1, up",
                                        "correlations against"}));
    // z of 99% is 2.3263478740; times 0.02 it is 0.046526957, times 0.03 0.069790436.
    EXPECT_EQ(row(s, s.long_row(0)),
              (std::vector<std::int32_t>{-150'000'000, -200'000'000, -350'000'000, -100'000'000,
                                         -46'526'957, 46'526'957, -46'526'957}));
    EXPECT_EQ(row(s, s.short_row(0)),
              (std::vector<std::int32_t>{-150'000'000, -200'000'000, -350'000'000, 0, -46'526'957,
                                         46'526'957, 46'526'957}));
    // Not of the sector. What it did in the window is not known: the largest fall of all.
    EXPECT_EQ(row(s, s.long_row(1)),
              (std::vector<std::int32_t>{-50'000'000, 0, -350'000'000, -100'000'000, -69'790'436,
                                         69'790'436, -69'790'436}));
    EXPECT_EQ(s.short_row(1)[2], 350'000'000);
    // Not measured: the largest fall, whatever the direction.
    EXPECT_EQ(row(s, s.long_row(2)), std::vector<std::int32_t>(7, -350'000'000));
    EXPECT_EQ(row(s, s.short_row(2)), std::vector<std::int32_t>(7, 350'000'000));
    // (2 x 2.3263478740408408)^2 = 21.647577724217364
    EXPECT_NEAR(static_cast<double>(s.volatility_factor), 21.647577724217364e16, 1e3);
}

TEST(GateSnapshot, LeavesTheIndexOutWithoutABenchmark) {
    PortfolioSnapshot p = sample();
    p.betas = {0, 0, 0};
    EXPECT_EQ(make_gate_snapshot(p, kPrices, {}).scenario_names.front(), "sector 4");
}

TEST(GateSnapshot, TakesWhatWasNotMeasuredForCorrelatedWithAll) {
    const GateSnapshot s = make_gate_snapshot(sample(), kPrices, {});
    EXPECT_EQ(s.correlated, (std::vector<std::uint64_t>{0b100, 0b100, 0b011}));
    const GateSnapshot nothing = GateSnapshot::unknown(3, 0.2);
    EXPECT_EQ(nothing.correlated, (std::vector<std::uint64_t>{0b110, 0b101, 0b011}));
    EXPECT_EQ(nothing.long_row(1)[0], -200'000'000);
    EXPECT_EQ(nothing.short_row(1)[0], 200'000'000);
}

TEST(GateSnapshot, HasADigestOfEverythingInIt) {
    const GateSnapshot s = make_gate_snapshot(sample(), kPrices, {});
    const auto differs = [&](auto change) {
        GateSnapshot other = s;
        change(other);
        return other.compute_digest() != s.digest;
    };
    EXPECT_EQ(s.compute_digest(), s.digest);
    EXPECT_TRUE(differs([](GateSnapshot& o) { ++o.number; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { ++o.as_of.ns; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { ++o.days; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { ++o.covariance_bits; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { ++o.volatility_factor; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { o.scenario_names[1] += " "; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { o.measured[2] = 1; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { std::swap(o.prices[0], o.prices[1]); }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { ++o.covariance[8]; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { ++o.returns[23]; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { ++o.long_shocks[0]; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { ++o.short_shocks[0]; }));
    EXPECT_TRUE(differs([](GateSnapshot& o) { o.correlated[0] ^= 2; }));
}

TEST(GateSnapshot, ReadsBackWhatItWroteAndRefusesWhatIsNotWhole) {
    GateSnapshot s = make_gate_snapshot(sample(), kPrices, {});
    const std::vector<std::byte> bytes = test::state_of(s);
    GateSnapshot copy;
    ASSERT_EQ(test::load_state(copy, bytes), "");
    EXPECT_TRUE(copy == s);
    std::vector<std::byte> damaged = bytes;
    damaged[bytes.size() / 2] ^= std::byte{1};
    GateSnapshot other;
    EXPECT_NE(test::load_state(other, damaged), "");
    GateSnapshot cut;
    EXPECT_NE(test::load_state(cut, std::span(bytes).first(bytes.size() - 1)), "");
}

TEST(GateSnapshot, ReadsBackOneInWhichNothingIsMeasured) {
    PortfolioSnapshot nothing = sample();
    nothing.measured = {0, 0, 0};
    nothing.volatilities = {0, 0, 0};
    nothing.betas = {0, 0, 0};
    nothing.covariance.assign(9, 0);
    nothing.returns.assign(6, 0);
    GateSnapshot s = make_gate_snapshot(nothing, kPrices, {});
    EXPECT_TRUE(s.covariance.empty());
    GateSnapshot copy;
    ASSERT_EQ(test::load_state(copy, test::state_of(s)), "");
    EXPECT_TRUE(copy == s);
}

/// The digest is no secret: whoever writes the bytes can make it right.
TEST(GateSnapshot, RefusesWhatCannotBeThoughItsDigestIsRight) {
    const auto refused = [](auto change) {
        GateSnapshot s = make_gate_snapshot(sample(), kPrices, {});
        change(s);
        s.digest = s.compute_digest();
        GateSnapshot copy;
        return test::load_state(copy, test::state_of(s));
    };
    constexpr std::int32_t kNoOpposite = std::numeric_limits<std::int32_t>::min();
    EXPECT_EQ(refused([](GateSnapshot&) {}), "");
    const auto says = [](const std::string& error, const char* what) {
        return error.find(what) != std::string::npos;
    };
    // Rows of 8 numbers of which the first 2 are days.
    EXPECT_TRUE(says(refused([](GateSnapshot& s) { s.returns[2] = 1; }), "returns"));
    EXPECT_TRUE(says(refused([](GateSnapshot& s) { s.returns[0] = kNoOpposite; }), "returns"));
    EXPECT_TRUE(says(refused([](GateSnapshot& s) { s.long_shocks[0] = kNoOpposite; }), "shocks"));
    EXPECT_TRUE(says(refused([](GateSnapshot& s) { s.short_shocks.back() = 1; }), "shocks"));
    EXPECT_TRUE(says(refused([](GateSnapshot& s) { s.covariance[4] = -1; }), "variance"));
    EXPECT_TRUE(says(refused([](GateSnapshot& s) { s.covariance[1] = kNoOpposite; }), "variance"));
    EXPECT_TRUE(says(refused([](GateSnapshot& s) { s.correlated[0] |= 1; }), "correlation"));
    EXPECT_TRUE(says(refused([](GateSnapshot& s) { s.correlated[1] |= 8; }), "correlation"));
    // Instrument 2 is not measured: not correlated is not known.
    EXPECT_TRUE(says(refused([](GateSnapshot& s) { s.correlated[0] &= 3; }), "correlation"));
}

GateSnapshot numbered(std::uint64_t number) {
    GateSnapshot s = GateSnapshot::unknown(2, 0.1);
    s.number = number;
    s.digest = s.compute_digest();
    return s;
}

TEST(SnapshotShelf, IsFullUntilOlderOnesAreGivenBack) {
    SnapshotShelf shelf(2);
    EXPECT_EQ(shelf.find(0), nullptr);
    ASSERT_TRUE(shelf.publish(numbered(1)));
    ASSERT_TRUE(shelf.publish(numbered(2)));
    GateSnapshot third = numbered(3);
    EXPECT_FALSE(shelf.publish(std::move(third)));
    EXPECT_EQ(third.instruments, 2U);  // kept by the producer
    ASSERT_NE(shelf.find(1), nullptr);
    shelf.release_before(2);
    EXPECT_EQ(shelf.find(1), nullptr);
    EXPECT_TRUE(shelf.publish(std::move(third)));
    EXPECT_EQ(shelf.find(2)->number, 2U);
    EXPECT_EQ(shelf.find(3)->number, 3U);
}

TEST(SnapshotShelf, HandsWholeSnapshotsFromOneThreadToAnother) {
    constexpr std::uint64_t kLast = 2'000;
    SnapshotShelf shelf(3);
    std::atomic<std::uint64_t> published{0};
    std::thread producer([&] {
        for (std::uint64_t n = 1; n <= kLast; ++n) {
            GateSnapshot s = numbered(n);
            while (!shelf.publish(std::move(s))) std::this_thread::yield();
            published.store(n, std::memory_order_release);
        }
    });
    std::uint64_t seen = 0;
    while (seen < kLast) {
        const std::uint64_t newest = published.load(std::memory_order_acquire);
        if (newest == seen) {
            std::this_thread::yield();
            continue;
        }
        const GateSnapshot* s = shelf.find(newest);
        if (s == nullptr || s->compute_digest() != s->digest || s->number != newest) break;
        shelf.release_before(newest);
        seen = newest;
    }
    if (seen < kLast) shelf.release_before(~std::uint64_t{0});
    const bool whole = seen == kLast;
    while (!whole && published.load() < kLast) shelf.release_before(~std::uint64_t{0});
    producer.join();
    EXPECT_TRUE(whole) << "after " << seen;
}

}  // namespace
}  // namespace fermata
