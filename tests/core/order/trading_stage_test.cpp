// The trading stage with a gate that lets pass what the test says.

#include "core/order/trading_stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "tests/core/order/stage_world.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using test::AccountWorld;
using test::dollars;
using test::OpenGate;
using test::price;
using test::StageWorld;
using test::units;

TEST(TradingStage, AnswersAQuestionAndSendsNothing) {
    StageWorld w;
    OrderEvent question = w.order(2);
    question.type = OrderEventType::kPreview;
    const std::uint64_t state = w.orders.state_hash();
    w.intents({question});
    ASSERT_EQ(w.records.size(), 2U) << "question and answer are on record, and nothing else";
    EXPECT_EQ(w.records[0].type, OrderEventType::kPreview);
    EXPECT_EQ(w.records[0].data.new_order.order_id, ClientOrderId{}) << "it gets no number";
    EXPECT_EQ(w.records[1].cause, make_cause(CauseKind::kTrading, w.records[0].seq));
    EXPECT_TRUE(w.sent.empty());
    ASSERT_EQ(w.told.size(), 1U) << "its shard hears the verdict, and no update of an order";
    EXPECT_EQ(w.told[0].data.verdict.tag, question.data.new_order.tag);
    EXPECT_EQ(w.orders.state_hash(), state);
    EXPECT_TRUE(w.gate.exposure_seen.empty()) << "no order was judged";
}

TEST(TradingStage, LetsAStrategyAskWhileItsBasketComesIn) {
    StageWorld w;
    OrderEvent question = w.order(7);
    question.type = OrderEventType::kPreview;
    w.intents({w.announce(5, 2), w.order(1, 5), question, w.order(2, 5)});
    EXPECT_EQ(w.sent.size(), 2U) << "the question does not break the basket";
    ASSERT_FALSE(w.told.empty());
    EXPECT_EQ(w.told[0].type, OrderEventType::kVerdict) << "the answer, at once";
    for (std::size_t n = 1; n < w.told.size(); ++n) {
        EXPECT_NE(w.told[n].type, OrderEventType::kVerdict) << "those of orders go to nobody";
    }
}

TEST(TradingStage, SendsAPegWithTheWorstPriceThatTheGateGivesIt) {
    StageWorld w;
    w.gate.peg_bound = price(105);
    OrderEvent peg = w.order(1);
    peg.data.new_order.type = OrderType::kPegged;
    peg.data.new_order.offset_kind = OffsetKind::kPegPrimary;
    peg.data.new_order.price = Price{};
    OrderEvent own = peg;
    own.data.new_order.tag = w.order(1).data.new_order.tag;
    own.data.new_order.price = price(101);
    w.intents({peg, own});
    ASSERT_EQ(w.sent.size(), 2U);
    EXPECT_EQ(w.sent[0].data.new_order.price, price(105));
    EXPECT_EQ(w.sent[1].data.new_order.price, price(101));
    EXPECT_EQ(w.records[0].data.new_order.price, Price{}) << "what was asked for is on record";
    EXPECT_EQ(w.orders.find(peg.data.new_order.tag)->price, price(105));
}

// --- baskets ---

TEST(TradingStage, SendsABasketWhenAllOfItPasses) {
    StageWorld w;
    w.intents({w.announce(5, 3), w.order(1, 5), w.order(2, 5)});
    EXPECT_EQ(w.count(OrderEventType::kVerdict), 0U) << "not before it is complete";
    EXPECT_EQ(w.count(OrderEventType::kNewOrder), 2U) << "but on record";
    EXPECT_TRUE(w.sent.empty());
    w.intents({w.order(3, 5)});
    EXPECT_EQ(w.count(OrderEventType::kVerdict), 3U);
    ASSERT_EQ(w.sent.size(), 3U);
    for (std::size_t n = 0; n < 3; ++n) {
        EXPECT_EQ(w.sent[n].data.new_order.quantity, units(static_cast<std::int64_t>(n) + 1));
    }
    // Each was judged with those before it in the books.
    EXPECT_EQ(w.gate.exposure_seen, (std::vector<Quantity>{units(0), units(1), units(3)}));
    EXPECT_EQ(w.orders.open_count(), 3U);
}

TEST(TradingStage, SendsNothingOfABasketOneOfWhichIsRefused) {
    StageWorld w;
    w.gate.refuses = {2};
    w.intents({w.announce(5, 3), w.order(1, 5), w.order(2, 5), w.order(3, 5)});
    EXPECT_TRUE(w.sent.empty());
    EXPECT_EQ(w.count(OrderEventType::kVerdict), 3U) << "each has its verdict";
    const auto updates = w.updates();
    ASSERT_EQ(updates.size(), 3U);
    for (const OrderUpdateData& u : updates) EXPECT_EQ(u.state, OrderState::kDenied);
    EXPECT_EQ(updates[0].reason, OrderReason::kBasket);
    EXPECT_EQ(updates[1].reason, OrderReason::kGate);
    EXPECT_EQ(updates[1].failed, 4U);
    EXPECT_EQ(updates[2].reason, OrderReason::kBasket);
    EXPECT_EQ(w.orders.open_count(), 0U);
    EXPECT_EQ(w.orders.exposures().at(AccountId{0}, AccountWorld::kSpy).buy, Quantity::zero());
    EXPECT_EQ(w.orders.exposures().open_orders(), 0U);
    w.gate.refuses.clear();
    w.intents({w.announce(5, 1), w.order(2, 5)});
    EXPECT_EQ(w.sent.size(), 1U) << "the same link again, another basket";
}

TEST(TradingStage, DeniesABasketThatItsSenderDoesNotComplete) {
    StageWorld w;
    w.intents({w.announce(5, 3), w.order(1, 5), w.order(2, 5), w.order(9)});
    ASSERT_EQ(w.sent.size(), 1U) << "the plain order alone";
    EXPECT_EQ(w.sent[0].data.new_order.quantity, units(9));
    const auto updates = w.updates();
    ASSERT_EQ(updates.size(), 3U);
    EXPECT_EQ(updates[0].reason, OrderReason::kBasket);
    EXPECT_EQ(updates[1].reason, OrderReason::kBasket);
    EXPECT_EQ(updates[2].state, OrderState::kPendingNew);
}

TEST(TradingStage, DeniesAnIncompleteBasketAtTheEndOfASession) {
    StageWorld w;
    w.intents({w.announce(5, 2), w.order(1, 5)});
    MarketEvent e = make_event(MarketEventType::kSession, w.now, AccountWorld::kSpy, StreamId{0});
    e.data.session = SessionData{};
    w.happens(e);
    ASSERT_EQ(w.updates().size(), 1U);
    EXPECT_EQ(w.updates()[0].reason, OrderReason::kBasket);
    w.intents({w.order(1, 5)});
    EXPECT_EQ(w.updates().at(0).reason, OrderReason::kBasket) << "that basket is over";
    EXPECT_TRUE(w.sent.empty());
}

TEST(TradingStage, DeniesAMemberOfABasketThatWasNotAnnounced) {
    StageWorld w;
    w.intents({w.order(1, 5)});
    EXPECT_EQ(w.updates().at(0).state, OrderState::kDenied);
    EXPECT_EQ(w.updates().at(0).reason, OrderReason::kBasket);
    EXPECT_TRUE(w.sent.empty());
}

TEST(TradingStage, KeepsAnIncompleteBasketOverARestart) {
    StageWorld w;
    w.intents({w.announce(5, 2), w.order(1, 5)});
    test::restart(w.accounts_book, w.AccountWorld::book());
    test::restart(w.orders, w.config, w.instruments, w.accounts_book);
    test::restart(w.stage, w.instruments, w.marks, w.accounts_book, w.orders, w.gate, w.lanes());
    w.intents({w.order(2, 5)});
    EXPECT_EQ(w.sent.size(), 2U);
}

// --- reports ---

TEST(TradingStage, HaltsStrategyAndInstrumentAfterAnOverfill) {
    StageWorld w;
    w.intents({w.order(10)});
    OrderEvent fill = make_order_event(OrderEventType::kExecution, w.now, AccountWorld::kSpy);
    fill.data.execution = ExecutionData{};
    ExecutionData& x = fill.data.execution;
    x.order_id = w.sent.at(0).data.new_order.order_id;
    x.exec_id = ExecId{1};
    x.exec_type = ExecType::kTrade;
    x.last_price = price(20);
    x.last_quantity = units(12);
    ASSERT_TRUE(w.from_venue.try_push(fill));
    w.poll();
    EXPECT_EQ(w.accounts_book.position(AccountId{0}, AccountWorld::kSpy), units(12)) << "booked";
    ASSERT_EQ(w.gate.controls.size(), 2U) << "then halted";
    EXPECT_EQ(w.gate.controls[0].scope, ControlScope::kStrategy);
    EXPECT_EQ(w.gate.controls[0].target, StageWorld::kStrategy.value);
    EXPECT_EQ(w.gate.controls[1].scope, ControlScope::kInstrument);
    EXPECT_EQ(w.gate.controls[1].target, AccountWorld::kSpy.value);
    EXPECT_EQ(w.gate.controls[1].state, TradingState::kHalted);
    EXPECT_EQ(w.count(OrderEventType::kControl), 2U);
    // The last records are the controls, each with its alert, emitted and not consumed.
    ASSERT_GE(w.records.size(), 4U);
    for (std::size_t n = w.records.size() - 4; n < w.records.size(); n += 2) {
        EXPECT_EQ(w.records[n].type, OrderEventType::kControl);
        EXPECT_EQ(w.records[n].flags & kFlagInput, 0);
        ASSERT_EQ(w.records[n + 1].type, OrderEventType::kAlert);
        EXPECT_EQ(w.records[n + 1].data.alert.code, AlertCode::kHalt);
        EXPECT_EQ(w.records[n + 1].data.alert.control, 0) << "no control of the gate";
    }
}

// --- what the gate is told, and what it decides by itself ---

TEST(TradingStage, TellsTheGateWhatTheOrderManagerSaysOfOrdersAndFills) {
    StageWorld w;
    w.intents({w.order(10)});
    const ClientOrderId id = w.sent.at(0).data.new_order.order_id;
    const auto told = [&](OrderEventType type) {
        return std::count(w.gate.told.begin(), w.gate.told.end(),
                          std::pair{type, type == OrderEventType::kFill ? ClientOrderId{} : id});
    };
    EXPECT_EQ(told(OrderEventType::kOrderUpdate), 1) << "PendingNew, with the order itself";
    w.filled(id, 10);
    EXPECT_EQ(told(OrderEventType::kFill), 1);
    EXPECT_EQ(told(OrderEventType::kOrderUpdate), 2);
}

TEST(TradingStage, TellsTheGateEveryMarketEvent) {
    StageWorld w;
    TradeData t;
    t.price = price(20);
    w.happens(make_trade(w.now, AccountWorld::kSpy, StreamId{0}, t));
    w.happens(make_event(MarketEventType::kGap, w.now, AccountWorld::kSpy, StreamId{0}));
    EXPECT_EQ(w.gate.market_seen, (std::vector{MarketEventType::kTrade, MarketEventType::kGap}));
}

TEST(TradingStage, RecordsAndObeysWhatControlsDecideWhileTheMarketMoves) {
    StageWorld w;
    ControlData halt;
    halt.state = TradingState::kHalted;
    halt.control = 21;
    w.gate.trips = {halt};
    w.happens(
        make_quote(w.now, AccountWorld::kSpy, {}, {price(20), units(1), price(21), units(1)}));
    ASSERT_EQ(w.count(OrderEventType::kControl), 1U);
    ASSERT_EQ(w.gate.controls.size(), 1U);
    for (const OrderEvent& e : w.records) {
        if (e.type != OrderEventType::kControl) continue;
        EXPECT_EQ(e.cause, make_cause(CauseKind::kMarket, w.feed));
    }
}

TEST(TradingStage, RecordsAndObeysWhatControlsDecideAfterAFill) {
    StageWorld w;
    w.intents({w.order(10), w.order(5)});
    ControlData halt;
    halt.scope = ControlScope::kStrategy;
    halt.target = StageWorld::kStrategy.value;
    halt.state = TradingState::kHalted;
    halt.cancel_orders = static_cast<std::uint8_t>(CancelOrders::kAll);
    halt.control = 21;
    halt.observed = 51;
    halt.limit = 50;
    halt.unit = 1;
    w.gate.trips = {halt};
    w.filled(w.sent.at(0).data.new_order.order_id, 10);
    ASSERT_EQ(w.count(OrderEventType::kControl), 1U);
    ASSERT_EQ(w.gate.controls.size(), 1U);
    EXPECT_EQ(w.gate.controls[0].control, 21);
    ASSERT_EQ(w.sent.size(), 1U);
    EXPECT_EQ(w.sent[0].type, OrderEventType::kSendCancel);
    for (const OrderEvent& e : w.records) {
        if (e.type != OrderEventType::kControl) continue;
        EXPECT_EQ(e.flags & kFlagInput, 0) << "nobody asked for it";
        EXPECT_EQ(e.cause, make_cause(CauseKind::kTrading, w.records.front().seq))
            << "the report is its cause";
    }
    // Whoever watches is told which control it was, and why.
    const auto told = std::find_if(w.records.begin(), w.records.end(), [](const OrderEvent& e) {
        return e.type == OrderEventType::kAlert;
    });
    ASSERT_NE(told, w.records.end());
    EXPECT_EQ(told->data.alert.code, AlertCode::kHalt);
    EXPECT_EQ(told->data.alert.control, 22) << "one more than its number";
    EXPECT_EQ(told->data.alert.detail[0], 51);
    EXPECT_EQ(told->data.alert.detail[1], 50);
    EXPECT_EQ(told->data.alert.unit, 1);
    EXPECT_EQ(told->data.alert.strategy, StageWorld::kStrategy);
}

TEST(TradingStage, CancelsTheRestingOrderBeforeItSendsTheOneThatWouldMeetIt) {
    StageWorld w;
    w.intents({w.order(10)});
    const ClientOrderId resting = w.sent.at(0).data.new_order.order_id;
    w.gate.self_matches = {resting, ClientOrderId{12'345}};  // one that is not known any more
    OrderEvent sale = w.order(10);
    sale.data.new_order.side = Side::kSell;
    w.intents({sale});
    ASSERT_EQ(w.sent.size(), 2U);
    EXPECT_EQ(w.sent[0].type, OrderEventType::kSendCancel);
    EXPECT_EQ(w.sent[0].data.change.order_id, resting);
    EXPECT_EQ(w.sent[1].type, OrderEventType::kSendNew);
}

TEST(TradingStage, CancelsNothingForABasketThatDoesNotPass) {
    StageWorld w;
    w.intents({w.order(10)});
    const ClientOrderId resting = w.sent.at(0).data.new_order.order_id;
    w.gate.refuses = {3};
    w.gate.self_matches = {resting};
    w.intents({w.announce(5, 2), w.order(2, 5), w.order(3, 5)});
    EXPECT_TRUE(w.sent.empty()) << "the second member was refused";
    w.gate.self_matches = {resting};
    w.intents({w.announce(6, 2), w.order(2, 6), w.order(4, 6)});
    ASSERT_EQ(w.sent.size(), 3U);
    EXPECT_EQ(w.sent[0].type, OrderEventType::kSendCancel);
    EXPECT_EQ(w.sent[0].data.change.order_id, resting);
    EXPECT_EQ(w.sent[1].type, OrderEventType::kSendNew);
    EXPECT_EQ(w.sent[2].type, OrderEventType::kSendNew);
}

TEST(TradingStage, TellsOfATripAboutItsInstrument) {
    StageWorld w;
    w.intents({w.order(10)});
    ControlData halt;
    halt.scope = ControlScope::kInstrument;
    halt.target = 1;
    halt.state = TradingState::kHalted;
    halt.control = 14;
    w.gate.trips = {halt};
    w.filled(w.sent.at(0).data.new_order.order_id, 4);
    int told = 0;
    for (const OrderEvent& e : w.records) {
        if (e.type != OrderEventType::kControl && e.type != OrderEventType::kAlert) continue;
        EXPECT_EQ(e.instrument, InstrumentId{1});
        ++told;
    }
    EXPECT_EQ(told, 2);
}

TEST(TradingStage, SaysWhenABasketBegins) {
    StageWorld w;
    w.intents({w.announce(5, 2), w.order(1, 5)});
    EXPECT_EQ(w.gate.baskets, 0);
    w.intents({w.order(2, 5)});
    EXPECT_EQ(w.gate.baskets, 1);
}

TEST(TradingStage, RoutesCorrectionsToTheOrderManager) {
    StageWorld w;
    w.intents({w.order(10)});
    OrderEvent fill = make_order_event(OrderEventType::kExecution, w.now, AccountWorld::kSpy);
    fill.data.execution = ExecutionData{};
    fill.data.execution.order_id = w.sent.at(0).data.new_order.order_id;
    fill.data.execution.exec_id = ExecId{1};
    fill.data.execution.exec_type = ExecType::kTrade;
    fill.data.execution.last_price = price(20);
    fill.data.execution.last_quantity = units(10);
    OrderEvent bust = make_order_event(OrderEventType::kCorrection, w.now, AccountWorld::kSpy);
    bust.data.correction = CorrectionData{};
    bust.data.correction.order_id = fill.data.execution.order_id;
    bust.data.correction.exec_id = ExecId{2};
    bust.data.correction.ref_exec_id = ExecId{1};
    ASSERT_TRUE(w.from_venue.try_push(fill));
    ASSERT_TRUE(w.from_venue.try_push(bust));
    w.poll();
    EXPECT_EQ(w.accounts_book.cash(AccountId{0}, w.usd), dollars(100'000));
    EXPECT_EQ(w.count(OrderEventType::kPosition), 2U);
    EXPECT_EQ(w.updates().back().state, OrderState::kCanceled);
}

TEST(TradingStage, SendsAHeldOrderWhenTheMarketTouchesItsTrigger) {
    VenueCapabilities venue;
    venue.drop(OrderType::kStop);
    StageWorld w(venue);
    OrderEvent stop = w.order(10);
    stop.data.new_order.type = OrderType::kStop;
    stop.data.new_order.stop_price = price(105);
    w.intents({stop});
    EXPECT_TRUE(w.sent.empty());
    TradeData t;
    t.price = price(105);
    t.quantity = units(1);
    w.happens(make_trade(w.now, AccountWorld::kSpy, StreamId{0}, t));
    ASSERT_EQ(w.sent.size(), 1U);
    EXPECT_EQ(w.sent[0].data.new_order.type, OrderType::kMarket);
    EXPECT_EQ(w.sent[0].cause, make_cause(CauseKind::kMarket, 1));
}

}  // namespace
}  // namespace fermata
