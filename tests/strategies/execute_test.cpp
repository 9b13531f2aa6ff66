#include "strategies/execute.hpp"

#include <gtest/gtest.h>

#include "tests/core/strategy/hosted_strategy.hpp"

namespace fermata {
namespace {

using test::HostedStrategy;
using test::price_of;
using test::units;

Execute::Terms twap(Duration after) {
    Execute::Terms terms;
    terms.request.kind = AlgoKind::kTwap;
    terms.request.slices = 2;
    terms.after = after;
    terms.over = Duration::minutes(20);
    return terms;
}

/// The strategy `execute`, for 100 shares.
struct Hosted : HostedStrategy {
    explicit Hosted(Execute::Terms terms)
        : HostedStrategy(Sizing{
              .type = Sizing::Type::kFixed, .quantity = units(100), .value = {}, .fraction = {}}),
          terms_(std::move(terms)) {
        helpers.push_back(std::make_unique<Execute>(terms_));
        start();
    }
    void go_on_in_a_fresh_process() {
        std::vector<std::unique_ptr<Strategy>> fresh;
        fresh.push_back(std::make_unique<Execute>(terms_));
        restart(std::move(fresh));
    }
    std::size_t parents() {
        std::size_t n = 0;
        for (const auto& [tag, seen] : orders) n += (seen.order.flags & kOrderParent) != 0 ? 1 : 0;
        return n;
    }
    void price() { quote("100.00", "100.02"); }
    /// A quote is a second later than the event before it.
    void price_at(Timestamp at) {
        pass(at - Duration::seconds(1) - now());
        price();
    }

private:
    Execute::Terms terms_;
};

bool is_child(const NewOrderData& o) { return o.parent.value != 0; }

// The first price comes with the session closed, `after` an hour puts the beginning into it: the
// parent is asked for at the opening, and its first slice is sent at the beginning.
TEST(Execute, WaitsForTheSession) {
    Hosted h(twap(Duration::hours(1)));
    h.session(false);
    h.price();
    const Timestamp first = h.now();
    h.pass(Duration::minutes(30));
    h.price();
    EXPECT_EQ(h.parents(), 0u);
    h.go_on_in_a_fresh_process();
    h.session(true);
    EXPECT_EQ(h.parents(), 1u);
    h.pass(first + Duration::hours(1) - h.now() - Duration::nanoseconds(1));
    EXPECT_EQ(h.live().size(), 1u) << "the parent alone";
    h.pass(Duration::nanoseconds(1));
    EXPECT_EQ(h.only(is_child).order.quantity, units(50));
}

/// As at the start of a daemon, where the gate refuses everything until it is reconciled.
TEST(Execute, AsksAgainASecondAfterARefusal) {
    Hosted h(twap(Duration::hours(1)));
    bool refused = true;
    h.refuses = [&](const NewOrderData& o) { return refused && (o.flags & kOrderParent) != 0; };
    h.price();
    const Timestamp first = h.now();
    EXPECT_EQ(h.parents(), 1u);
    refused = false;
    h.price_at(first + Duration::seconds(1) - Duration::nanoseconds(1));
    EXPECT_EQ(h.parents(), 1u);
    h.go_on_in_a_fresh_process();
    h.price_at(first + Duration::seconds(1));
    EXPECT_EQ(h.parents(), 2u);
    h.price_at(first + Duration::minutes(10));
    EXPECT_EQ(h.parents(), 2u) << "one that passed is the only one";
    h.pass(first + Duration::hours(1) - h.now());
    EXPECT_EQ(h.only(is_child).order.quantity, units(50)) << "the beginning is where it was";
}

/// Prices that come ten times a second for three minutes: 1 + 2 + 4 + 8 + 16 + 32 = 63 seconds,
/// then a minute each.
TEST(Execute, AsksLessAndLessOftenWhileItIsRefused) {
    Hosted h(twap(Duration::hours(1)));
    h.refuses = [](const NewOrderData& o) { return (o.flags & kOrderParent) != 0; };
    h.price();
    const Timestamp first = h.now();
    std::vector<std::int64_t> asked;  // seconds after the first
    for (int n = 1; n <= 1'900; ++n) {
        const std::size_t before = h.parents();
        h.price_at(first + Duration::milliseconds(100 * n));
        if (h.parents() != before) asked.push_back(n / 10);
        if (n == 50) h.go_on_in_a_fresh_process();
    }
    EXPECT_EQ(asked, (std::vector<std::int64_t>{1, 3, 7, 15, 31, 63, 123, 183}));
}

// The beginning passed while it could not ask: it begins now, and takes its whole time from now.
TEST(Execute, BeginsLateWhereItMust) {
    Hosted h(twap(Duration{}));
    h.session(false);
    h.price();
    h.pass(Duration::hours(3));
    h.session(true);
    h.pass(Duration{});
    EXPECT_EQ(h.only(is_child).order.quantity, units(50));
    h.fill(h.only(is_child).order.tag, 50, "100.02");
    h.pass(Duration::minutes(10));
    EXPECT_EQ(h.only(is_child).order.quantity, units(50));
}

}  // namespace
}  // namespace fermata
