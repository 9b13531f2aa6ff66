#include "daemon/compare/run_story.hpp"

#include <gtest/gtest.h>

namespace fermata::compare {
namespace {

/// Records as a journal has them, of the strategies "a" and "b" in AAA.
struct Story : ::testing::Test {
    Story() {
        manifest.instruments = {"AAA"};
        manifest.strategies = {"a", "b"};
        manifest.accounts = {"main"};
    }
    void market(const MarketEvent& e) {
        JournalRecord record;
        record.is_market = true;
        record.stream = JournalStream::kFeed;
        record.market = e;
        record.market.seq = ++position;
        builder.add(record, manifest);
    }
    OrderEvent& event(OrderEventType type) {
        next = make_order_event(type, Timestamp{1000 + static_cast<std::int64_t>(seq)},
                                InstrumentId{0});
        next.seq = ++seq;
        next.feed_position = position;
        return next;
    }
    void add(JournalStream stream = JournalStream::kTrading) {
        JournalRecord record;
        record.stream = stream;
        record.event = next;
        builder.add(record, manifest);
    }
    /// Order 1 of strategy "a", as the client order 42.
    void order() {
        OrderEvent& e = event(OrderEventType::kNewOrder);
        e.data.new_order = NewOrderData{};
        e.data.new_order.tag = kTag;
        e.data.new_order.order_id = kId;
        e.cause = make_cause(CauseKind::kMarket, position);
        add();
    }
    void fill(std::uint64_t exec_id, std::int64_t quantity) {
        OrderEvent& e = event(OrderEventType::kFill);
        e.data.fill = FillData{};
        e.data.fill.tag = kTag;
        e.data.fill.order_id = kId;
        e.data.fill.exec_id = ExecId{exec_id};
        e.data.fill.quantity = Quantity::from_units(quantity);
        add();
    }

    static constexpr OrderTag kTag = make_order_tag(StrategyId{0}, 1);
    static constexpr ClientOrderId kId{42};
    JournalManifest manifest;
    StoryBuilder builder;
    OrderEvent next;
    std::uint64_t seq = 0, position = 0;
};

MarketEvent quote(std::int64_t bid, std::int64_t bid_size, std::int64_t ask,
                  std::int64_t ask_size) {
    return make_quote(Timestamp{1}, InstrumentId{0}, StreamId{0},
                      {Price::from_units(bid), Quantity::from_units(bid_size),
                       Price::from_units(ask), Quantity::from_units(ask_size)});
}

TEST_F(Story, SaysTheSameOfASideThatIsNotThereWhateverItsPrice) {
    market(quote(10, 5, 11, 0));
    market(quote(10, 5, 99, 0));
    market(quote(10, 5, 99, 1));
    const RunStory story = builder.finish();
    const auto& facts = story.market.at(0).facts;
    EXPECT_TRUE(facts[0].same_as(facts[1]));
    EXPECT_FALSE(facts[1].same_as(facts[2]));
}

TEST_F(Story, KeepsPricesOfQuotesWithoutSizes) {
    MarketEvent e = quote(10, 0, 11, 0);
    e.flags |= kFlagSizeUnknown;
    market(e);
    const MarketFact fact = builder.finish().market.at(0).facts.at(0);
    EXPECT_EQ(fact.bid(), Price::from_units(10));
    EXPECT_EQ(fact.ask(), Price::from_units(11));
}

TEST_F(Story, TellsAnOrderFromItsIntentToItsEnd) {
    market(quote(10, 5, 11, 5));
    market(make_trade(Timestamp{2}, InstrumentId{0}, StreamId{1},
                      {Price::from_units(11), Quantity::from_units(3)}));
    order();
    OrderEvent& verdict = event(OrderEventType::kVerdict);
    verdict.data.verdict = VerdictData{};
    verdict.data.verdict.tag = kTag;
    verdict.data.verdict.approved = 1;
    verdict.data.verdict.equity = Money::from_units(500);
    verdict.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kNewOrder);
    add();
    for (int n = 0; n < 2; ++n) {
        OrderEvent& report = event(OrderEventType::kExecution);
        report.data.execution = ExecutionData{};
        report.data.execution.order_id = kId;
        add();
    }
    fill(1, 30);
    OrderEvent& update = event(OrderEventType::kOrderUpdate);
    update.data.update = OrderUpdateData{};
    update.data.update.tag = kTag;
    update.data.update.state = OrderState::kCanceled;
    update.data.update.reason = OrderReason::kRequested;
    add();

    const RunStory story = builder.finish();
    ASSERT_EQ(story.orders.size(), 1u);
    const OrderStory& o = story.orders[0];
    EXPECT_EQ(o.name, "a#1");
    EXPECT_EQ(o.account, "main");
    EXPECT_EQ(o.instrument, "AAA");
    EXPECT_EQ(o.equity, Money::from_units(500));
    EXPECT_EQ(o.answered, Timestamp{1002}) << "the first report";
    EXPECT_EQ(o.state, OrderState::kCanceled);
    EXPECT_FALSE(o.requested_cancel) << "not by its strategy";
    ASSERT_EQ(o.fills.size(), 1u);
    EXPECT_EQ(o.fills[0].known, 2u) << "of the trading stage, where nothing else is on record";
    ASSERT_TRUE(story.decided_on(o));
    EXPECT_EQ(story.market[story.decided_on(o)->stream].kind, MarketEventType::kTrade);
}

TEST_F(Story, TakesAFillBackAndChangesOne) {
    order();
    fill(1, 30);
    fill(2, 40);
    for (const auto& [kind, ref] :
         {std::pair(CorrectionKind::kBust, 1), std::pair(CorrectionKind::kCorrect, 2)}) {
        OrderEvent& e = event(OrderEventType::kCorrection);
        e.data.correction = CorrectionData{};
        e.data.correction.order_id = kId;
        e.data.correction.ref_exec_id = ExecId{static_cast<std::uint64_t>(ref)};
        e.data.correction.kind = kind;
        e.data.correction.quantity = Quantity::from_units(41);
        add();
    }
    const RunStory story = builder.finish();
    const OrderStory& o = story.orders.at(0);
    EXPECT_EQ(o.busted, 1u);
    ASSERT_EQ(o.fills.size(), 1u);
    EXPECT_EQ(o.fills[0].quantity, Quantity::from_units(41));
    EXPECT_TRUE(o.fills[0].corrected);
}

TEST_F(Story, KnowsWhenTheStrategysOwnShardTookAFillIn) {
    order();
    OrderEvent& update = event(OrderEventType::kOrderUpdate);
    update.data.update = OrderUpdateData{};
    update.data.update.tag = kTag;
    add();
    const std::uint64_t update_record = seq;
    fill(1, 30);
    const std::uint64_t fill_record = seq;
    const auto consumed = [&](std::size_t shard, std::uint64_t record, std::uint64_t at) {
        event(OrderEventType::kConsumed);
        next.cause = make_cause(CauseKind::kTrading, record);
        next.feed_position = at;
        add(shard_stream(shard));
    };
    consumed(1, update_record, 6);
    consumed(1, fill_record, 7);
    consumed(0, fill_record, 9);  // another strategy's shard sees the fill as well
    EXPECT_EQ(builder.finish().orders.at(0).fills.at(0).known, 7u);
}

}  // namespace
}  // namespace fermata::compare
