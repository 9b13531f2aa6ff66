#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include "adapters/fix/engine.hpp"
#include "tests/adapters/fix/fix_orders.hpp"
#include "tests/daemon/venue/venue_host.hpp"

namespace fermata::venue {
namespace {

using fix::test::eventually;
using fix::test::limit_order;
using test::kOpen;
using test::quote;
using test::VenueHost;

/// What one session was told: fills by execution id, which may come twice and must be the same.
class Account {
public:
    Account(const VenueHost& host, const std::string& comp_id) {
        fix::SessionSettings s =
            fix::test::client_settings(host.port, host.folder / ("client-" + comp_id));
        s.sender_comp_id = comp_id;
        s.dialect.accounts = {"main", "other"};
        engine = std::make_unique<fix::Engine>(std::vector{s}, told);
        engine->start();
    }
    OrderLink& link() { return engine->link(0); }
    void poll() {
        OrderEvent e;
        while (link().poll(e)) {
            const ExecutionData& x = e.data.execution;
            answered.insert(x.order_id.value);
            if (x.leaves_quantity.is_zero()) over.insert(x.order_id.value);
            if (x.exec_type != ExecType::kTrade) continue;
            const auto [at, is_new] =
                fills.emplace(x.exec_id.value, std::pair(x.order_id.value, x.last_quantity.raw()));
            EXPECT_TRUE(is_new || at->second == std::pair(x.order_id.value, x.last_quantity.raw()))
                << "two fills under one id";
        }
    }
    std::map<std::uint64_t, std::int64_t> filled_by_order() const {
        std::map<std::uint64_t, std::int64_t> sum;
        for (const auto& [id, fill] : fills) sum[fill.first] += fill.second;
        return sum;
    }

    fix::test::Told told;
    std::unique_ptr<fix::Engine> engine;
    std::set<std::uint64_t> answered, over;
    std::map<std::uint64_t, std::pair<std::uint64_t, std::int64_t>> fills;
};

TEST(VenueCrash, LosesNoFillAndRepeatsNoneWhenItIsKilledAgainAndAgain) {
    VenueHost host({quote(kOpen, "187.20", "187.25", 1'000'000)});
    host.keep_process();
    host.open_process();
    Account trader(host, "A");
    Account copy(host, "B");
    const auto up = [&] {
        return eventually([&] {
            trader.poll();
            copy.poll();
            return trader.link().up() && copy.link().up();
        });
    };
    ASSERT_TRUE(up());
    std::mt19937 random(7);
    std::set<std::uint64_t> sent;
    std::uint32_t count = 0;
    for (int round = 0; round < 6; ++round) {
        const int before_kill = static_cast<int>(random() % 40);
        for (int n = 0; n < 40; ++n) {
            if (n == before_kill) {
                host.kill_process();
                host.open_process();
            }
            const OrderEvent order = limit_order(++count);  // buys 100 at 187.25: it is offered
            if (trader.link().send(order) == OrderReason::kNone) {
                sent.insert(order.data.new_order.order_id.value);
            }
            trader.poll();
            copy.poll();
        }
        ASSERT_TRUE(up());
    }
    // Whatever was sent is over, or the venue says that it never came.
    const auto unknown = [&] {
        std::set<std::uint64_t> ids;
        for (const LinkOrderStatus& s : trader.told.statuses()) {
            if (s.state == OrderState::kRejected) ids.insert(s.order_id.value);
        }
        return ids;
    };
    for (const std::uint64_t id : sent) {
        if (trader.over.contains(id)) continue;
        ASSERT_TRUE(trader.engine->ask(0, ClientOrderId{id}));
    }
    ASSERT_TRUE(eventually([&] {
        trader.poll();
        copy.poll();
        const auto gone = unknown();
        return std::all_of(sent.begin(), sent.end(), [&](std::uint64_t id) {
            return trader.over.contains(id) || gone.contains(id);
        });
    })) << trader.over.size()
        << " of " << sent.size() << " are over";
    ASSERT_TRUE(eventually([&] {
        copy.poll();
        return copy.fills.size() >= trader.fills.size();
    }));
    EXPECT_GT(sent.size(), 100U);
    EXPECT_EQ(trader.fills, copy.fills) << "the drop copy knows the same fills";
    for (const auto& [order, filled] : trader.filled_by_order()) {
        EXPECT_EQ(filled, Quantity::from_units(100).raw()) << order;
    }
    for (const std::uint64_t id : unknown()) EXPECT_FALSE(trader.answered.contains(id)) << id;
    EXPECT_TRUE(trader.told.events(LinkEventKind::kSequenceReset).empty());
    EXPECT_TRUE(copy.told.events(LinkEventKind::kSequenceReset).empty());
    EXPECT_TRUE(trader.told.events(LinkEventKind::kUnreadable).empty());
    trader.engine.reset();
    copy.engine.reset();
}

}  // namespace
}  // namespace fermata::venue
