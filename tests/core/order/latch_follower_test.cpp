// The trading stage and what stands latched outside.

#include "core/order/latch_follower.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <vector>

#include "tests/core/order/stage_world.hpp"

namespace fermata {
namespace {

using test::StageWorld;

/// A latch in memory that remembers what was on record when it was written.
class FakeLatch final : public Latch {
public:
    FakeLatch() : Latch(&word_) {}
    void read() noexcept override { seen_ = states; }
    ControlData find(ControlScope scope, std::uint64_t target) const noexcept override {
        for (const ControlData& c : seen_) {
            if (c.scope == scope && c.target == target) return c;
        }
        ControlData active;
        active.scope = scope;
        active.target = target;
        active.actor = 7;
        return active;
    }
    bool set(const ControlData& control, Timestamp) noexcept override {
        written.push_back(control);
        if (position) position_then = position();
        if (refuses) return false;
        change(control);
        seen_ = states;
        return true;
    }
    /// As another process does it.
    void change(const ControlData& control) {
        std::erase_if(states, [&](const ControlData& c) {
            return c.scope == control.scope && c.target == control.target;
        });
        if (control.state != TradingState::kActive) states.push_back(control);
        word_.store((word_.load() & ~kLatched) + 1 + (states.empty() ? 0 : kLatched));
    }

    std::vector<ControlData> states, written;
    std::function<std::uint64_t()> position;  // of the newest record
    std::uint64_t position_then = 0;
    bool refuses = false;

private:
    std::atomic<std::uint64_t> word_{0};
    std::vector<ControlData> seen_;
};

ControlData halt_of(ControlScope scope, std::uint64_t target, CancelOrders cancels) {
    ControlData c;
    c.scope = scope;
    c.target = target;
    c.state = TradingState::kHalted;
    c.cancel_orders = static_cast<std::uint8_t>(cancels);
    c.actor = 7;
    return c;
}

TEST(LatchFollower, PutsWhatAnotherProcessLatchesOnRecordBeforeItJudgesTheNextOrder) {
    FakeLatch latch;
    StageWorld w({}, &latch);
    w.intents({w.order(10)});
    EXPECT_EQ(w.count(OrderEventType::kControl), 0U);
    latch.change(halt_of(ControlScope::kStrategy, StageWorld::kStrategy.value, CancelOrders::kAll));
    w.intents({w.order(5)});
    ASSERT_GE(w.records.size(), 3U);
    EXPECT_EQ(w.records[0].type, OrderEventType::kControl);
    EXPECT_EQ(w.records[0].flags & kFlagInput, kFlagInput) << "a re-run takes it from here";
    EXPECT_EQ(w.records[0].data.control.actor, 7U);
    ASSERT_EQ(w.gate.controls.size(), 1U);
    EXPECT_EQ(w.gate.controls[0].state, TradingState::kHalted);
    ASSERT_FALSE(w.sent.empty());
    EXPECT_EQ(w.sent[0].type, OrderEventType::kSendCancel) << "what was open goes";
    w.intents({w.order(5)});
    EXPECT_EQ(w.count(OrderEventType::kControl), 0U) << "once";
    EXPECT_TRUE(latch.written.empty()) << "nobody writes what he read";
    // And released by whoever released it.
    ControlData active = halt_of(ControlScope::kStrategy, StageWorld::kStrategy.value, {});
    active.state = TradingState::kActive;
    latch.change(active);
    w.poll();
    ASSERT_EQ(w.count(OrderEventType::kControl), 1U);
    EXPECT_EQ(w.records[0].data.control.state, TradingState::kActive);
    EXPECT_EQ(w.records[0].data.control.actor, 7U);
}

TEST(LatchFollower, TakesTheStricterOfBothWhenItBegins) {
    FakeLatch latch;
    latch.change(halt_of(ControlScope::kFirm, 0, CancelOrders::kNone));
    StageWorld w({}, &latch);
    // What the gate has from the journal of the process before.
    w.gate.controls = {halt_of(ControlScope::kStrategy, 0, CancelOrders::kNone)};
    w.intents({w.order(10)});
    EXPECT_EQ(w.gate.state(ControlScope::kFirm, 0), TradingState::kHalted);
    EXPECT_EQ(w.gate.state(ControlScope::kStrategy, 0), TradingState::kHalted) << "not released";
    ASSERT_EQ(latch.written.size(), 1U);
    EXPECT_EQ(latch.written[0].scope, ControlScope::kStrategy);
    EXPECT_EQ(latch.written[0].state, TradingState::kHalted);
    // From then on the latch decides.
    ControlData active = halt_of(ControlScope::kStrategy, 0, CancelOrders::kNone);
    active.state = TradingState::kActive;
    latch.change(active);
    w.poll();
    EXPECT_EQ(w.gate.state(ControlScope::kStrategy, 0), TradingState::kActive);
}

/// What a re-run takes from the journal, a stage without a latch does.
TEST(LatchFollower, LeavesARecordThatAStageWithoutALatchRepeats) {
    FakeLatch latch;
    StageWorld first({}, &latch);
    first.intents({first.order(10)});
    latch.change(halt_of(ControlScope::kFirm, 0, CancelOrders::kAll));
    first.intents({first.order(5)});
    const std::vector<OrderEvent> recorded = first.records;
    StageWorld again;
    again.intents({again.order(10)});
    ASSERT_TRUE(again.control.try_push(recorded.at(0)));
    again.intents({again.order(5)});
    ASSERT_EQ(again.records.size(), recorded.size());
    for (std::size_t n = 0; n < recorded.size(); ++n) {
        EXPECT_EQ(again.records[n].type, recorded[n].type) << n;
        EXPECT_EQ(again.records[n].seq, recorded[n].seq) << n;
        EXPECT_EQ(again.records[n].cause, recorded[n].cause) << n;
        EXPECT_EQ(again.records[n].flags, recorded[n].flags) << n;
    }
}

TEST(LatchFollower, CancelsAlsoWhenALatchIsOnlyRaised) {
    FakeLatch latch;
    StageWorld w({}, &latch);
    w.intents({w.order(10)});
    latch.change(halt_of(ControlScope::kFirm, 0, CancelOrders::kNone));
    w.poll();
    EXPECT_EQ(w.count(OrderEventType::kControl), 1U);
    EXPECT_TRUE(w.sent.empty());
    latch.change(halt_of(ControlScope::kFirm, 0, CancelOrders::kAll));
    w.poll();
    EXPECT_EQ(w.count(OrderEventType::kControl), 1U);
    ASSERT_EQ(w.sent.size(), 1U);
    EXPECT_EQ(w.sent[0].type, OrderEventType::kSendCancel);
}

TEST(LatchFollower, LatchesFirstThenRecordsThenCancels) {
    FakeLatch latch;
    StageWorld w({}, &latch);
    latch.position = [&] { return w.stage.position(); };
    w.intents({w.order(10)});
    w.gate.trips = {
        halt_of(ControlScope::kStrategy, StageWorld::kStrategy.value, CancelOrders::kAll)};
    w.gate.trips[0].control = 21;
    w.filled(w.sent.at(0).data.new_order.order_id, 4);
    ASSERT_EQ(latch.written.size(), 1U);
    const auto at = [&](OrderEventType type) {
        return static_cast<std::size_t>(
            std::find_if(w.records.begin(), w.records.end(),
                         [&](const OrderEvent& e) { return e.type == type; }) -
            w.records.begin());
    };
    const std::size_t control = at(OrderEventType::kControl);
    ASSERT_LT(control, w.records.size());
    EXPECT_EQ(w.records[control].seq, latch.position_then + 1) << "nothing was on record yet";
    EXPECT_LT(control, at(OrderEventType::kSendCancel));
    EXPECT_LT(at(OrderEventType::kSendCancel), w.records.size());
    w.poll();
    EXPECT_EQ(w.count(OrderEventType::kControl), 0U) << "its own latch is no news";
}

TEST(LatchFollower, CancelsAlthoughTheLatchCannotBeWrittenAndSaysSo) {
    FakeLatch latch;
    StageWorld w({}, &latch);
    latch.refuses = true;
    w.intents({w.order(10)});
    w.gate.trips = {
        halt_of(ControlScope::kStrategy, StageWorld::kStrategy.value, CancelOrders::kAll)};
    w.filled(w.sent.at(0).data.new_order.order_id, 4);
    EXPECT_EQ(w.count(OrderEventType::kControl), 1U);
    ASSERT_EQ(w.sent.size(), 1U);
    EXPECT_EQ(w.sent[0].type, OrderEventType::kSendCancel);
    const auto told = [](const OrderEvent& e) {
        return e.type == OrderEventType::kAlert && e.data.alert.code == AlertCode::kLatchFailed;
    };
    const auto alert = std::ranges::find_if(w.records, told);
    ASSERT_NE(alert, w.records.end());
    EXPECT_EQ(alert->flags & kFlagInput, kFlagInput) << "a re-run has no disk";
    EXPECT_EQ(w.count(OrderEventType::kControl), 1U) << "what the latch lacks is not released";
    w.poll();
    EXPECT_TRUE(w.records.empty()) << "said once";
    // As soon as the latch can be written again, it is.
    latch.refuses = false;
    latch.change(halt_of(ControlScope::kInstrument, 0, CancelOrders::kNone));
    w.poll();
    EXPECT_EQ(w.gate.state(ControlScope::kStrategy, StageWorld::kStrategy.value),
              TradingState::kHalted);
    EXPECT_EQ(latch.states.size(), 2U);
}

TEST(LatchFollower, DoesNotReleaseWhatTheLatchDoesNotRelease) {
    FakeLatch latch;
    StageWorld w({}, &latch);
    w.intents({w.order(10)});
    latch.refuses = true;
    OrderEvent e = make_order_event(OrderEventType::kControl, w.now, InstrumentId{0});
    e.data.control = ControlData{};
    e.data.control.actor = 7;
    ASSERT_TRUE(w.control.try_push(e));
    w.poll();
    EXPECT_TRUE(w.gate.controls.empty());
    ASSERT_EQ(w.records.size(), 1U);
    EXPECT_EQ(w.records[0].data.alert.code, AlertCode::kLatchFailed);
}

TEST(LatchFollower, DoesNotLoosenInPartWhatTheLatchKeeps) {
    FakeLatch latch;
    StageWorld w({}, &latch);
    w.intents({w.order(10)});
    latch.change(halt_of(ControlScope::kStrategy, 1, CancelOrders::kNone));
    w.poll();
    ASSERT_EQ(w.gate.state(ControlScope::kStrategy, 1), TradingState::kHalted);
    latch.refuses = true;
    OrderEvent e = make_order_event(OrderEventType::kControl, w.now, InstrumentId{0});
    e.data.control = halt_of(ControlScope::kStrategy, 1, CancelOrders::kNone);
    e.data.control.state = TradingState::kReducing;
    ASSERT_TRUE(w.control.try_push(e));
    w.poll();
    EXPECT_EQ(w.gate.state(ControlScope::kStrategy, 1), TradingState::kHalted);
    ASSERT_EQ(w.records.size(), 1U);
    EXPECT_EQ(w.records[0].data.alert.code, AlertCode::kLatchFailed);
}

TEST(LatchFollower, DoesNotLatchWhatEndsByItself) {
    FakeLatch latch;
    StageWorld w({}, &latch);
    w.intents({w.order(10)});
    w.gate.trips = {halt_of(ControlScope::kAccount, 0, CancelOrders::kIncreasing)};
    w.gate.trips[0].control = 32;  // of this gate: see OpenGate::latches
    w.filled(w.sent.at(0).data.new_order.order_id, 4);
    EXPECT_EQ(w.count(OrderEventType::kControl), 1U);
    EXPECT_TRUE(latch.written.empty());
}

TEST(LatchFollower, PutsAFlattenOnRecordBehindAKillThatWasThere) {
    FakeLatch latch;
    StageWorld w({}, &latch);
    w.intents({w.order(10)});
    ControlData control = halt_of(ControlScope::kFirm, 0, CancelOrders::kAll);
    latch.change(control);
    w.intents({});
    ASSERT_EQ(w.count(OrderEventType::kControl), 1U);
    control.flatten = 1;  // nothing else is different
    latch.change(control);
    w.intents({});
    ASSERT_EQ(w.count(OrderEventType::kControl), 1U);
    EXPECT_EQ(w.records[0].data.control.flatten, 1);
    latch.change(halt_of(ControlScope::kStrategy, 2, CancelOrders::kNone));  // another look
    w.intents({});
    ASSERT_EQ(w.count(OrderEventType::kControl), 1U);
    EXPECT_EQ(w.records[0].data.control.scope, ControlScope::kStrategy);
}

}  // namespace
}  // namespace fermata
