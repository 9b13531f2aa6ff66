#include "core/order/link_stage.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "core/order/closing_tag.hpp"
#include "tests/support/allocation_count.hpp"

namespace fermata {
namespace {

constexpr VenueId kVenue{3};
constexpr InstrumentId kSpy{5};

/// Latches in memory; counts how often it is read.
class FakeLatch final : public Latch {
public:
    FakeLatch() : Latch(nullptr) { watch(&bits_); }
    void halt(ControlScope scope, std::uint64_t target,
              TradingState state = TradingState::kHalted) {
        pending_.insert({scope, target, state});
        bits_.store((bits_.load() + 1) | kLatched);
    }
    void read() noexcept override {
        ++reads;
        known_ = pending_;
    }
    [[nodiscard]] ControlData find(ControlScope scope,
                                   std::uint64_t target) const noexcept override {
        ControlData c;
        for (const auto& [s, t, state] : known_) {
            if (s == scope && t == target) c.state = state;
        }
        c.flatten = c.state == TradingState::kHalted && scope == flattens ? 1 : 0;
        return c;
    }
    [[nodiscard]] bool set(const ControlData&, Timestamp) noexcept override { return true; }

    int reads = 0;
    std::optional<ControlScope> flattens;  // what is halted there is halted by a flatten

private:
    std::atomic<std::uint64_t> bits_{0};
    std::set<std::tuple<ControlScope, std::uint64_t, TradingState>> pending_, known_;
};

class FakeLink final : public OrderLink {
public:
    FakeLink() { sent.reserve(1024); }
    [[nodiscard]] bool adopt(const KnownOrder&) noexcept override { return true; }
    void resume_after(std::uint64_t) noexcept override {}
    [[nodiscard]] OrderReason send(const OrderEvent& request) noexcept override {
        if (before_send) before_send();
        if (answer == OrderReason::kNone) sent.push_back(request);
        return answer;
    }
    [[nodiscard]] bool poll(OrderEvent& report) noexcept override {
        if (next == arrived.size()) return false;
        report = arrived[next++];
        return true;
    }
    [[nodiscard]] bool up() const noexcept override { return answer == OrderReason::kNone; }

    OrderReason answer = OrderReason::kNone;
    void (*before_send)() = nullptr;
    std::vector<OrderEvent> sent, arrived;
    std::size_t next = 0;
};

class LinkStageTest : public ::testing::Test {
protected:
    OrderEvent order(std::uint64_t seq) {
        OrderEvent e = make_order_event(OrderEventType::kSendNew, Timestamp{1000}, kSpy);
        e.seq = seq;
        e.data.new_order = NewOrderData{};
        e.data.new_order.order_id = make_client_order_id(1, 1, static_cast<std::uint32_t>(seq));
        e.data.new_order.strategy = StrategyId{7};
        e.data.new_order.account = AccountId{2};
        e.data.new_order.venue = kVenue;
        e.data.new_order.quantity = Quantity::from_units(10);
        return e;
    }
    OrderEvent change(std::uint64_t seq, OrderEventType type) {
        OrderEvent e = make_order_event(type, Timestamp{1000}, kSpy);
        e.seq = seq;
        e.data.change = ChangeOrderData{};
        e.data.change.order_id = make_client_order_id(1, 1, 1);
        e.data.change.strategy = StrategyId{7};
        e.data.change.account = AccountId{2};
        e.data.change.venue = kVenue;
        e.data.change.quantity = Quantity::from_units(10);
        return e;
    }
    void give(const OrderEvent& e) { ASSERT_TRUE(orders.try_push(e)); }
    OrderEvent report() {
        OrderEvent e;
        EXPECT_TRUE(reports.take(e));
        return e;
    }

    LinkStageTest() { stage.use(link, &latch); }

    Lane<MarketEvent> market{16};
    Lane<OrderEvent> orders{1024}, reports{1024}, journal{1024};
    FakeLink link;
    FakeLatch latch;
    LinkStage stage{kVenue, {&market, &orders, &reports, &journal, nullptr, 0}};
};

TEST_F(LinkStageTest, SendsWhatItIsGivenInItsOrderAndRecordsIt) {
    give(order(11));
    give(change(12, OrderEventType::kSendReplace));
    give(change(13, OrderEventType::kSendCancel));
    stage.poll(16);
    ASSERT_EQ(link.sent.size(), 3U);
    for (std::uint64_t n = 0; n < 3; ++n) {
        EXPECT_EQ(link.sent[n].seq, 11 + n);
        OrderEvent e;
        ASSERT_TRUE(journal.take(e));
        EXPECT_EQ(e.type, OrderEventType::kConsumed);
        EXPECT_EQ(e.seq, n + 1);
        EXPECT_EQ(e.cause, make_cause(CauseKind::kTrading, 11 + n));
        EXPECT_EQ(e.flags, kFlagInput);
    }
    EXPECT_TRUE(reports.empty());
    EXPECT_EQ(stage.trading_position(), 13U);
}

TEST_F(LinkStageTest, RefusesWhatBelongsToAnythingThatIsHalted) {
    const std::pair<ControlScope, std::uint64_t> targets[] = {
        {ControlScope::kFirm, 0},       {ControlScope::kVenue, kVenue.value},
        {ControlScope::kAccount, 2},    {ControlScope::kStrategy, 7},
        {ControlScope::kInstrument, 5},
    };
    for (const auto& [scope, target] : targets) {
        FakeLatch halted;
        halted.halt(scope, target);
        LinkStage under(kVenue, {&market, &orders, &reports, nullptr, nullptr, 0});
        under.use(link, &halted);
        give(order(1));
        give(change(2, OrderEventType::kSendReplace));
        under.poll(16);
        EXPECT_TRUE(link.sent.empty()) << static_cast<int>(scope);
        const OrderEvent first = report();
        EXPECT_EQ(first.type, OrderEventType::kExecution);
        EXPECT_EQ(first.data.execution.exec_type, ExecType::kRejected);
        EXPECT_EQ(first.data.execution.reason, OrderReason::kGate);
        EXPECT_EQ(first.data.execution.order_id, make_client_order_id(1, 1, 1));
        EXPECT_EQ(first.data.execution.venue, kVenue);
        EXPECT_TRUE(first.data.execution.leaves_quantity.is_zero());
        EXPECT_EQ(first.instrument, kSpy);
        EXPECT_EQ(report().data.execution.exec_type, ExecType::kReplaceRejected);
    }
}

TEST_F(LinkStageTest, SendsWhatBelongsToOthersThanTheHalted) {
    latch.halt(ControlScope::kVenue, kVenue.value + 1);
    latch.halt(ControlScope::kAccount, 3);
    latch.halt(ControlScope::kStrategy, 5);
    latch.halt(ControlScope::kInstrument, 7);
    give(order(1));
    stage.poll(16);
    EXPECT_EQ(link.sent.size(), 1U);
}

TEST_F(LinkStageTest, AlwaysLetsACancelPass) {
    latch.halt(ControlScope::kFirm, 0);
    give(change(1, OrderEventType::kSendCancel));
    stage.poll(16);
    ASSERT_EQ(link.sent.size(), 1U);
    EXPECT_EQ(link.sent[0].type, OrderEventType::kSendCancel);
    EXPECT_TRUE(reports.empty());
}

TEST_F(LinkStageTest, LeavesReducingToTheGate) {
    latch.halt(ControlScope::kFirm, 0, TradingState::kReducing);
    give(order(1));
    stage.poll(16);
    EXPECT_EQ(link.sent.size(), 1U);
}

TEST_F(LinkStageTest, LetsWhatClosesAPositionPassWhereTheLatchSaysFlattenAndNowhereElse) {
    OrderEvent closes = order(1);
    closes.data.new_order.tag = make_closing_tag(closes.data.new_order.strategy, 1);
    latch.halt(ControlScope::kFirm, 0);
    give(closes);
    stage.poll(16);
    EXPECT_TRUE(link.sent.empty());
    EXPECT_EQ(report().data.execution.exec_type, ExecType::kRejected);

    FakeLatch flatten;
    flatten.halt(ControlScope::kFirm, 0);
    flatten.halt(ControlScope::kAccount, 2);
    flatten.flattens = ControlScope::kAccount;
    LinkStage under(kVenue, {&market, &orders, &reports, nullptr, nullptr, 0});
    under.use(link, &flatten);
    give(order(2));
    give(closes);
    under.poll(16);
    ASSERT_EQ(link.sent.size(), 1U);
    EXPECT_EQ(link.sent[0].data.new_order.tag, closes.data.new_order.tag);
    EXPECT_EQ(report().data.execution.exec_type, ExecType::kRejected);
}

/// The latch closes while the link writes the first of two orders that lie on the lane together.
TEST_F(LinkStageTest, LooksAtTheLatchBeforeEveryOrderAndNotOnceAPoll) {
    static FakeLatch* closing = nullptr;
    closing = &latch;
    link.before_send = [] { closing->halt(ControlScope::kFirm, 0); };
    give(order(1));
    give(order(2));
    give(order(3));
    stage.poll(16);
    EXPECT_EQ(link.sent.size(), 1U);
    EXPECT_EQ(report().data.execution.order_id, make_client_order_id(1, 1, 2));
    EXPECT_EQ(report().data.execution.order_id, make_client_order_id(1, 1, 3));
    EXPECT_EQ(latch.reads, 1) << "read again only when its word changes";
}

TEST_F(LinkStageTest, AnswersForALinkThatIsDownAndKeepsACanceledOrderOpen) {
    link.answer = OrderReason::kDisconnected;
    give(order(1));
    give(change(2, OrderEventType::kSendReplace));
    give(change(3, OrderEventType::kSendCancel));
    stage.poll(16);
    EXPECT_EQ(report().data.execution.exec_type, ExecType::kRejected);
    EXPECT_EQ(report().data.execution.exec_type, ExecType::kReplaceRejected);
    const OrderEvent last = report();
    EXPECT_EQ(last.data.execution.exec_type, ExecType::kCancelRejected);
    EXPECT_EQ(last.data.execution.reason, OrderReason::kDisconnected);
    EXPECT_FALSE(last.data.execution.leaves_quantity.is_zero());
}

TEST_F(LinkStageTest, GivesReportsInTheirOrderBeforeItSendsAndNeverGoesBackInTime) {
    for (const std::int64_t ts : {5'000, 4'000, 6'000}) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, Timestamp{ts}, kSpy);
        e.data.execution = ExecutionData{};
        e.data.execution.exec_id = ExecId{static_cast<std::uint64_t>(ts)};
        link.arrived.push_back(e);
    }
    link.answer = OrderReason::kDisconnected;
    give(order(1));
    stage.poll(16);
    std::vector<std::int64_t> times;
    std::vector<std::uint64_t> executions, numbers;
    for (OrderEvent e; reports.take(e);) {
        times.push_back(e.ts.ns);
        executions.push_back(e.data.execution.exec_id.value);
        numbers.push_back(e.seq);
    }
    EXPECT_EQ(executions, (std::vector<std::uint64_t>{5'000, 4'000, 6'000, 0}));
    EXPECT_EQ(times, (std::vector<std::int64_t>{5'000, 5'000, 6'000, 6'000}));
    EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 3, 4}));
    EXPECT_EQ(stage.sent(), 4U);
}

TEST_F(LinkStageTest, NeverSendsAgainWhatAnEarlierProcessMayHaveSent) {
    stage.use(link, &latch, 12);
    latch.halt(ControlScope::kFirm, 0);
    give(order(11));
    give(change(12, OrderEventType::kSendCancel));
    give(change(13, OrderEventType::kSendCancel));
    stage.poll(16);
    ASSERT_EQ(link.sent.size(), 1U);
    EXPECT_EQ(link.sent[0].seq, 13U);
    EXPECT_TRUE(reports.empty()) << "nobody knows what became of the other two";
    for (std::uint64_t seq = 11; seq <= 13; ++seq) {
        OrderEvent e;
        ASSERT_TRUE(journal.take(e));
        EXPECT_EQ(e.cause, make_cause(CauseKind::kTrading, seq));
    }
}

TEST_F(LinkStageTest, RecordsTheSameWithoutItsLinkAsWithItsReports) {
    // What a re-run sees: the same requests, and none of the reports that came between them.
    Lane<OrderEvent> again_orders{16}, again_reports{16}, again_journal{16};
    LinkStage again(kVenue, {nullptr, &again_orders, &again_reports, &again_journal, nullptr, 0});
    OrderEvent filled = make_order_event(OrderEventType::kExecution, Timestamp{5'000'000}, kSpy);
    filled.data.execution = ExecutionData{};
    for (const std::uint64_t seq : {11, 12}) {
        link.arrived.push_back(filled);
        give(order(seq));
        ASSERT_TRUE(again_orders.try_push(order(seq)));
        stage.poll(16);
        again.poll(16);
    }
    stage.record_mark();
    again.record_mark();
    EXPECT_EQ(report().ts, Timestamp{5'000'000});
    EXPECT_TRUE(again_reports.empty());
    for (int n = 0; n < 3; ++n) {
        OrderEvent live, rerun;
        ASSERT_TRUE(journal.take(live));
        ASSERT_TRUE(again_journal.take(rerun));
        EXPECT_EQ(std::memcmp(&live, &rerun, sizeof live), 0) << n;
    }
}

TEST_F(LinkStageTest, TakesNoMoreOfEachInputThanItsBudget) {
    for (std::uint64_t n = 1; n <= 5; ++n) give(order(n));
    const Polled polled = stage.poll(2);
    EXPECT_EQ(polled.consumed, 2U);
    EXPECT_EQ(link.sent.size(), 2U);
}

TEST_F(LinkStageTest, SaysWhenAReportFoundNoRoom) {
    Lane<OrderEvent> small(2);
    LinkStage tight(kVenue, {nullptr, &orders, &small, nullptr, nullptr, 0});
    tight.use(link, nullptr);
    link.answer = OrderReason::kDisconnected;
    for (std::uint64_t n = 1; n <= 3; ++n) give(order(n));
    tight.poll(2);
    EXPECT_FALSE(tight.overflowed());
    tight.poll(2);
    EXPECT_TRUE(tight.overflowed());
}

TEST_F(LinkStageTest, PutsTheFeedPositionOnRecordOftenEnough) {
    LinkStage noted(kVenue, {&market, &orders, &reports, &journal, nullptr, 3});
    noted.use(link, nullptr);
    for (std::uint64_t n = 1; n <= 7; ++n) {
        MarketEvent e{};
        e.seq = n;
        e.ts = Timestamp{static_cast<std::int64_t>(n)};
        ASSERT_TRUE(market.try_push(e));
    }
    noted.poll(16);
    EXPECT_EQ(noted.feed_position(), 7U);
    std::vector<std::uint64_t> causes;
    for (OrderEvent e; journal.take(e);) causes.push_back(e.cause);
    EXPECT_EQ(causes, (std::vector<std::uint64_t>{make_cause(CauseKind::kMarket, 3),
                                                  make_cause(CauseKind::kMarket, 6)}));
}

TEST_F(LinkStageTest, AllocatesNothing) {
    if (!test::counts_allocations()) GTEST_SKIP() << "a sanitizer has the allocator";
    latch.halt(ControlScope::kStrategy, 6);
    latch.read();
    for (std::uint64_t n = 1; n <= 200; ++n) give(order(n));
    stage.poll(1);  // the fake latch copies its set when it is read first
    const std::uint64_t before = test::allocations();
    stage.poll(500);
    EXPECT_EQ(test::allocations(), before);
    EXPECT_EQ(link.sent.size(), 200U);
}

}  // namespace
}  // namespace fermata
