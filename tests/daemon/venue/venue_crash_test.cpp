#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

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
    // Both have noticed as many deaths, and are back.
    const auto back = [&](std::size_t deaths) {
        return eventually([&] {
            trader.poll();
            copy.poll();
            return trader.told.events(LinkEventKind::kDown).size() >= deaths &&
                   copy.told.events(LinkEventKind::kDown).size() >= deaths && trader.link().up() &&
                   copy.link().up();
        });
    };
    ASSERT_TRUE(back(0));
    std::mt19937 random(7);
    std::set<std::uint64_t> sent;
    std::uint32_t count = 0;
    constexpr std::size_t kDeaths = 5;
    for (std::size_t death = 1; death <= kDeaths; ++death) {
        const std::size_t before = 10 + random() % 30;
        for (std::size_t n = 0; n < 50; ++n) {
            if (n == before) {
                host.kill_process();
                host.open_process();
            }
            const OrderEvent order = limit_order(++count);  // buys 100 at 187.25: it is offered
            if (trader.link().send(order) == OrderReason::kNone) {
                sent.insert(order.data.new_order.order_id.value);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(random() % 3));
            trader.poll();
            copy.poll();
        }
        ASSERT_TRUE(back(death));
    }
    // Whatever was sent is over, or the venue says that it never came. Orders that were under way
    // when it died never come: what a venue wants to be sent again is answered with a gap.
    std::set<std::uint64_t> unknown;
    for (int tries = 0; tries < 300; ++tries) {
        trader.poll();
        copy.poll();
        for (const LinkOrderStatus& s : trader.told.statuses()) {
            if (s.state == OrderState::kRejected) unknown.insert(s.order_id.value);
        }
        bool open = false;
        for (const std::uint64_t id : sent) {
            if (trader.over.contains(id) || unknown.contains(id)) continue;
            open = true;
            if (tries % 10 == 0) (void)trader.engine->ask(0, ClientOrderId{id});
        }
        if (!open && copy.fills.size() >= trader.fills.size()) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    for (const std::uint64_t id : sent) {
        EXPECT_TRUE(trader.over.contains(id) || unknown.contains(id)) << id;
    }
    EXPECT_GT(trader.fills.size(), 50U) << "of " << sent.size();
    EXPECT_EQ(trader.fills, copy.fills) << "the drop copy knows the same fills";
    for (const auto& [order, filled] : trader.filled_by_order()) {
        EXPECT_EQ(filled, Quantity::from_units(100).raw()) << order;
    }
    for (const std::uint64_t id : unknown) EXPECT_FALSE(trader.answered.contains(id)) << id;
    EXPECT_TRUE(trader.told.events(LinkEventKind::kSequenceReset).empty());
    EXPECT_TRUE(copy.told.events(LinkEventKind::kSequenceReset).empty());
    EXPECT_TRUE(trader.told.events(LinkEventKind::kUnreadable).empty());
    trader.engine.reset();
    copy.engine.reset();
}

}  // namespace
}  // namespace fermata::venue
