#include "daemon/cli/event_subject.hpp"

#include <gtest/gtest.h>

namespace fermata {
namespace {

OrderEvent update(std::uint64_t id, OrderState state) {
    OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, {}, InstrumentId{2});
    OrderUpdateData d;
    d.order_id = ClientOrderId{id};
    d.tag = make_order_tag(StrategyId{4}, id);
    d.strategy = StrategyId{4};
    d.account = AccountId{5};
    d.state = state;
    e.data.update = d;
    return e;
}

OrderEvent report(std::uint64_t id) {
    OrderEvent e = make_order_event(OrderEventType::kExecution, {}, InstrumentId{2});
    ExecutionData d;
    d.order_id = ClientOrderId{id};
    e.data.execution = d;
    return e;
}

TEST(SubjectResolver, AReportBelongsToWhomItsOrderBelongs) {
    SubjectResolver subjects;
    EXPECT_FALSE(subjects.resolve(report(1)).strategy) << "nothing was said about it yet";
    static_cast<void>(subjects.resolve(update(1, OrderState::kNew)));
    const EventSubject subject = subjects.resolve(report(1));
    EXPECT_EQ(subject.tag, make_order_tag(StrategyId{4}, 1));
    EXPECT_EQ(subject.strategy, StrategyId{4});
    EXPECT_EQ(subject.account, AccountId{5});
    EXPECT_EQ(subject.instrument, InstrumentId{2});
}

TEST(SubjectResolver, RemembersOpenOrdersAndTheLastThatEnded) {
    SubjectResolver subjects(2);
    static_cast<void>(subjects.resolve(update(1'000, OrderState::kNew)));
    for (std::uint64_t id = 1; id <= 100; ++id) {
        static_cast<void>(subjects.resolve(update(id, OrderState::kNew)));
        static_cast<void>(subjects.resolve(update(id, OrderState::kFilled)));
        static_cast<void>(subjects.resolve(update(id, OrderState::kFilled)));  // counts once
    }
    EXPECT_EQ(subjects.remembered(), 3U);
    EXPECT_TRUE(subjects.resolve(report(1'000)).strategy) << "open";
    EXPECT_TRUE(subjects.resolve(report(100)).strategy);
    EXPECT_TRUE(subjects.resolve(report(99)).strategy);
    EXPECT_FALSE(subjects.resolve(report(98)).strategy);
}

TEST(SubjectOf, AnAlertNamesAStrategyOnlyWhereItKnowsTheOrder) {
    OrderEvent e = make_order_event(OrderEventType::kAlert, {}, InstrumentId{1});
    AlertData d;
    d.order_id = ClientOrderId{7};
    d.code = AlertCode::kUnknownOrder;
    e.data.alert = d;
    EXPECT_FALSE(subject_of(e).strategy) << "zero is not strategy number zero here";
    EXPECT_EQ(subject_of(e).order_id, ClientOrderId{7});
    e.data.alert.code = AlertCode::kOverfill;
    e.data.alert.strategy = StrategyId{3};
    EXPECT_EQ(subject_of(e).strategy, StrategyId{3});
}

TEST(SubjectOf, ADividendOfAnAccountBelongsToNoStrategy) {
    OrderEvent e = make_order_event(OrderEventType::kPosition, {}, InstrumentId{1});
    PositionData d;
    d.account = AccountId{2};
    d.strategy = StrategyId{0xffff};
    e.data.position = d;
    EXPECT_FALSE(subject_of(e).strategy);
    EXPECT_EQ(subject_of(e).account, AccountId{2});
    e.data.position.strategy = StrategyId{0};
    EXPECT_EQ(subject_of(e).strategy, StrategyId{0});
}

TEST(SubjectOf, AControlConcernsItsTarget) {
    OrderEvent e = make_order_event(OrderEventType::kControl, {}, InstrumentId{0});
    ControlData d;
    d.scope = ControlScope::kInstrument;
    d.target = 6;
    e.data.control = d;
    EXPECT_EQ(subject_of(e).instrument, InstrumentId{6});
    EXPECT_FALSE(subject_of(e).strategy);
    e.data.control.scope = ControlScope::kFirm;
    EXPECT_FALSE(subject_of(e).instrument);
}

}  // namespace
}  // namespace fermata
