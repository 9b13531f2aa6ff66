// What a strategy's question looks like when it leaves the shard, and how the answer comes back.

#include <gtest/gtest.h>

#include <vector>

#include "tests/core/strategy/hosted_strategy.hpp"

namespace fermata::test {
namespace {

OrderRequest request_of(std::int64_t quantity) {
    OrderRequest r;
    r.instrument = InstrumentId{0};
    r.side = Side::kSell;
    r.type = OrderType::kStopLimit;
    r.quantity = units(quantity);
    r.price = price_of("99.5");
    r.stop_price = price_of("99.75");
    r.tif = TimeInForce::kGtd;
    r.expire_time = Timestamp{12'345};
    r.display_quantity = units(1);
    r.flags = kOrderReduceOnly;
    r.link = 4;
    r.link_role = LinkRole::kOco;
    return r;
}

std::vector<OrderEvent> questions(const HostedStrategy& world) {
    std::vector<OrderEvent> found;
    for (const OrderEvent& e : world.records) {
        if (e.type == OrderEventType::kPreview) found.push_back(e);
    }
    return found;
}

TEST(StrategyPreview, AsksAboutTheVeryOrderThatItWouldSend) {
    HostedStrategy world;
    world.start();
    OrderTag asked, sent;
    world.act([&](StrategyContext& c) {
        asked = c.preview(request_of(7));
        EXPECT_EQ(c.open_orders(), 0u) << "a question is no order";
        sent = c.submit(request_of(7));
    });
    const auto found = questions(world);
    ASSERT_EQ(found.size(), 1u);
    const NewOrderData& q = found[0].data.new_order;
    const NewOrderData& o = world.orders.at(sent.value).order;
    EXPECT_EQ(q.tag, asked);
    EXPECT_EQ(sent.value, asked.value + 1) << "tags are of one row";
    EXPECT_EQ(q.order_id, ClientOrderId{});
    EXPECT_EQ(q.quantity, o.quantity);
    EXPECT_EQ(q.price, o.price);
    EXPECT_EQ(q.stop_price, o.stop_price);
    EXPECT_EQ(q.expire_time, o.expire_time);
    EXPECT_EQ(q.display_quantity, o.display_quantity);
    EXPECT_EQ(q.side, o.side);
    EXPECT_EQ(q.type, o.type);
    EXPECT_EQ(q.tif, o.tif);
    EXPECT_EQ(q.flags, o.flags);
    EXPECT_EQ(q.link, o.link);
    EXPECT_EQ(q.link_role, o.link_role);
    EXPECT_EQ(q.strategy, o.strategy);
    EXPECT_EQ(q.account, o.account);
    EXPECT_EQ(q.venue, o.venue);
    EXPECT_EQ(found[0].instrument, InstrumentId{0});
}

TEST(StrategyPreview, MayBeAskedSoOftenAtOneInstantAndAgainAtTheNext) {
    HostedStrategy world;
    world.start();
    const auto ask_often = [](StrategyContext& c) {
        for (std::uint32_t n = 0; n < StrategyContext::kPreviewsMax; ++n) {
            EXPECT_NE(c.preview(request_of(1)), OrderTag{});
        }
        EXPECT_EQ(c.preview(request_of(1)), OrderTag{}) << "not asked";
        EXPECT_NE(c.submit(request_of(1)), OrderTag{}) << "orders are not concerned";
    };
    world.act(ask_often);
    EXPECT_EQ(questions(world).size(), StrategyContext::kPreviewsMax);
    world.act(ask_often);
    EXPECT_EQ(questions(world).size(), 2 * StrategyContext::kPreviewsMax);
}

TEST(StrategyPreview, IsNotAskedByAStrategyThatWindsDown) {
    HostedStrategy world;
    world.start();
    world.act([](StrategyContext& c) {
        c.wind_down();
        EXPECT_EQ(c.preview(request_of(1)), OrderTag{});
    });
    EXPECT_TRUE(questions(world).empty());
}

/// Counts what it hears.
class Listener final : public Strategy {
public:
    explicit Listener(std::vector<std::uint64_t>& heard) : heard_(heard) {}
    void on_preview(StrategyContext&, InstrumentId id, const VerdictData& verdict) override {
        heard_.push_back(verdict.tag.value * 10 + id.value);
    }
    void on_order(StrategyContext&, InstrumentId, const OrderUpdateData&) override {
        heard_.push_back(0);
    }

private:
    std::vector<std::uint64_t>& heard_;
};

TEST(StrategyPreview, TellsTheAnswerToTheStrategyThatAskedAndToNoOther) {
    InstrumentTable instruments;
    Instrument instrument;
    instrument.symbol = "S0";
    instrument.currency = instruments.currency("USD");
    instrument.ticks = {{Timestamp::min(), price_of("0.01")}};
    instruments.add(instrument);
    const AccountConfig account{
        AccountId{0}, "main", instrument.currency, {{instrument.currency, Money::from_units(1)}}};
    Lane<MarketEvent> market{64};
    Lane<OrderEvent> reports{64}, intents{64};
    ShardStage shard(0, instruments, std::span(&account, 1), 64, {&market, &reports, &intents});
    std::vector<std::uint64_t> heard[2];
    for (std::uint16_t s = 0; s < 2; ++s) {
        StrategySetup setup;
        setup.id = {s};
        setup.strategy = std::make_unique<Listener>(heard[s]);
        shard.add(std::move(setup));
    }
    shard.start(Timestamp{0});
    OrderEvent answer = make_order_event(OrderEventType::kVerdict, Timestamp{5}, InstrumentId{0});
    answer.data.verdict = VerdictData{};
    answer.data.verdict.strategy = StrategyId{1};
    answer.data.verdict.tag = OrderTag{42};
    answer.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kPreview);
    ASSERT_TRUE(reports.try_push(answer));
    shard.poll(64);
    EXPECT_TRUE(heard[0].empty());
    EXPECT_EQ(heard[1], (std::vector<std::uint64_t>{420}));
}

}  // namespace
}  // namespace fermata::test
