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

/// What goes to the venue of order 1, and what it answers.
struct AtTheVenue : Story {
    void send(std::uint64_t cause, OrderType type, std::int64_t at) {
        OrderEvent& e = event(OrderEventType::kSendNew);
        e.cause = cause;
        e.data.new_order = NewOrderData{};
        e.data.new_order.tag = kTag;
        e.data.new_order.order_id = kId;
        e.data.new_order.type = type;
        e.data.new_order.price = Price::from_units(at);
        e.data.new_order.quantity = Quantity::from_units(30);
        add();
    }
    void ask(std::int64_t at) {
        OrderEvent& e = event(OrderEventType::kSendReplace);
        e.data.change = ChangeOrderData{};
        e.data.change.tag = kTag;
        e.data.change.price = Price::from_units(at);
        e.data.change.quantity = Quantity::from_units(30);
        add();
    }
    /// `cause`: what the exchange did it for.
    void report(ExecType type, std::int64_t at, std::uint64_t cause = 0) {
        OrderEvent& e = event(OrderEventType::kExecution);
        e.cause = cause;
        e.data.execution = ExecutionData{};
        e.data.execution.order_id = kId;
        e.data.execution.exec_type = type;
        e.data.execution.price = Price::from_units(at);
        e.data.execution.leaves_quantity = Quantity::from_units(30);
        add();
    }
    void fill_of_the_report() {
        const std::uint64_t report = seq;
        OrderEvent& e = event(OrderEventType::kFill);
        e.cause = make_cause(CauseKind::kTrading, report);
        e.data.fill = FillData{};
        e.data.fill.tag = kTag;
        e.data.fill.order_id = kId;
        e.data.fill.quantity = Quantity::from_units(1);
        add();
    }
};

TEST_F(AtTheVenue, KnowsTheTermsThatWereInForceForEachFill) {
    market(quote(10, 5, 11, 5));
    order();
    send(make_cause(CauseKind::kTrading, seq), OrderType::kLimit, 11);
    report(ExecType::kNew, 0);
    market(quote(9, 5, 10, 5));
    ask(10);
    const Timestamp asked = next.ts;
    report(ExecType::kTrade, 0);
    fill_of_the_report();
    market(quote(8, 5, 9, 5));
    report(ExecType::kReplaced, 10);
    report(ExecType::kTrade, 0);
    fill_of_the_report();
    const RunStory story = builder.finish();
    const OrderStory& o = story.orders.at(0);
    ASSERT_EQ(o.at_venue.size(), 2u);
    ASSERT_EQ(o.fills.size(), 2u);
    EXPECT_FALSE(o.waited);
    EXPECT_EQ(o.terms_at(o.fills[0]).price, Price::from_units(11)) << "the change came later";
    EXPECT_EQ(o.terms_at(o.fills[1]).price, Price::from_units(10));
    EXPECT_EQ(o.at_venue[1].sent, asked) << "not when it was confirmed";
    EXPECT_EQ(o.at_venue[1].position, 2u);
    EXPECT_EQ(o.at_venue[1].quantity, Quantity::from_units(30));
    EXPECT_FALSE(o.at_venue[1].moved);
    EXPECT_EQ(story.longest_answer.ns, 3) << "of the change: a nanosecond a record";
}

TEST_F(AtTheVenue, ForgetsAChangeThatWasRefused) {
    order();
    send(make_cause(CauseKind::kTrading, seq), OrderType::kLimit, 11);
    report(ExecType::kNew, 0);
    ask(10);
    report(ExecType::kReplaceRejected, 0);
    ask(12);
    const Timestamp asked = next.ts;
    report(ExecType::kReplaced, 12);
    const RunStory story = builder.finish();
    ASSERT_EQ(story.orders.at(0).at_venue.size(), 2u);
    EXPECT_EQ(story.orders[0].at_venue[1].sent, asked);
}

TEST_F(AtTheVenue, TellsAMoveOfTheVenueByItself) {
    order();
    send(make_cause(CauseKind::kTrading, seq), OrderType::kPegged, 0);
    report(ExecType::kNew, 0);
    report(ExecType::kRestated, 10);
    const RunStory story = builder.finish();
    const OrderStory& o = story.orders.at(0);
    ASSERT_EQ(o.at_venue.size(), 2u);
    EXPECT_FALSE(o.at_venue[0].limit);
    EXPECT_TRUE(o.at_venue[1].limit);
    EXPECT_TRUE(o.at_venue[1].moved);
    EXPECT_EQ(o.at_venue[1].sent, next.ts);
}

TEST_F(AtTheVenue, CountsTheLatencyOfAnOrderThatWasKeptFromItsSending) {
    market(quote(10, 5, 11, 5));
    order();
    for (int n = 0; n < 5; ++n) market(quote(10, 5, 11, 5 + n));
    seq += 100;  // ns
    send(make_cause(CauseKind::kMarket, position), OrderType::kMarket, 0);
    report(ExecType::kNew, 0);
    const RunStory story = builder.finish();
    EXPECT_TRUE(story.orders.at(0).waited);
    ASSERT_TRUE(story.orders[0].latency());
    EXPECT_EQ(story.orders[0].latency()->ns, 1);
}

TEST_F(AtTheVenue, NamesTheEventAtWhichAnExchangeOfTheRunFilled) {
    market(quote(10, 5, 11, 5));
    order();
    send(make_cause(CauseKind::kTrading, seq), OrderType::kLimit, 11);
    report(ExecType::kTrade, 0, make_cause(CauseKind::kMarket, 1));
    fill_of_the_report();
    report(ExecType::kTrade, 0, make_cause(CauseKind::kMessage, 1));
    fill_of_the_report();
    report(ExecType::kTrade, 0, make_cause(CauseKind::kTrading, 2));
    fill_of_the_report();
    const RunStory story = builder.finish();
    const auto& fills = story.orders.at(0).fills;
    EXPECT_EQ(fills.at(0).met, 1u);
    EXPECT_FALSE(fills.at(1).met) << "a venue outside";
    EXPECT_FALSE(fills.at(2).met) << "when it arrived there";
}

TEST_F(Story, KnowsOfWhichOrderAnOrderHeardWhenItWasDecided) {
    order();
    fill(1, 30);
    const std::uint64_t told = seq;
    OrderEvent& e = event(OrderEventType::kNewOrder);
    e.data.new_order = NewOrderData{};
    e.data.new_order.tag = make_order_tag(StrategyId{0}, 2);
    e.cause = make_cause(CauseKind::kTrading, told);
    add();
    const RunStory story = builder.finish();
    EXPECT_FALSE(story.orders.at(0).follows);
    EXPECT_EQ(story.orders.at(1).follows, 0u);
}

TEST_F(Story, KnowsFromWhereOnItsRunWasBeingStopped) {
    const auto recovering = [&](bool on) {
        OrderEvent& e = event(OrderEventType::kRiskInput);
        e.data.risk_input = RiskInputData{};
        e.data.risk_input.kind = RiskInputKind::kRecovering;
        e.data.risk_input.values[0] = on ? 1 : 0;
        add();
    };
    recovering(true);
    market(quote(10, 5, 11, 5));
    recovering(false);
    order();
    market(quote(10, 5, 11, 5));
    recovering(true);
    market(quote(10, 5, 11, 5));
    recovering(true);
    const RunStory story = builder.finish();
    ASSERT_TRUE(story.stop);
    EXPECT_EQ(story.stop->position, 2u);
    EXPECT_EQ(story.stop->orders, 1u);
}

TEST_F(Story, IsNotBeingStoppedWhenItBeginsRecovering) {
    OrderEvent& e = event(OrderEventType::kRiskInput);
    e.data.risk_input = RiskInputData{};
    e.data.risk_input.kind = RiskInputKind::kRecovering;
    e.data.risk_input.values[0] = 1;
    add();
    event(OrderEventType::kRiskInput);
    next.data.risk_input = RiskInputData{};
    next.data.risk_input.kind = RiskInputKind::kRecovering;
    add();
    EXPECT_FALSE(builder.finish().stop);
}

}  // namespace
}  // namespace fermata::compare
