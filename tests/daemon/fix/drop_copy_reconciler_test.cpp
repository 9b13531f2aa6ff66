#include "tests/daemon/fix/copy_cases.hpp"

namespace fermata::test {
namespace {

class DropCopyReconcilerTest : public ::testing::Test {
protected:
    DropCopyReconcilerTest() { reconciler.on_record(sent({})); }
    std::int64_t differs_ms(std::int64_t now_ms) const {
        return reconciler.differs_for(at(now_ms)).ns / 1'000'000;
    }
    DropCopyReconciler reconciler{settings()};
};

TEST_F(DropCopyReconcilerTest, AFillAndItsCopyAgreeInEitherOrder) {
    EXPECT_EQ(differs_ms(5'000), 0);
    own(reconciler, {}, at(100));
    EXPECT_EQ(differs_ms(5'000), 4'900) << "a fill without a copy";
    reconciler.on_copy(copy({}, at(5'000)));
    EXPECT_EQ(differs_ms(9'000), 0);
    Case second;
    second.exec = 8;
    reconciler.on_copy(copy(second, at(6'000)));
    EXPECT_EQ(differs_ms(9'000), 3'000) << "a copy without a fill";
    own(reconciler, second, at(9'000));
    EXPECT_EQ(differs_ms(9'000), 0);
    EXPECT_EQ(reconciler.differences(), 0U);
}

TEST_F(DropCopyReconcilerTest, ADifferenceInAnyTermLastsUntilSomebodyAcceptsIt) {
    Case price, quantity, instrument, account, side;
    price.price = 6;
    quantity.quantity = 9;
    instrument.instrument = 1;
    account.account = 1;
    side.side = Side::kSell;
    for (const Case& c : {price, quantity, instrument, account, side}) {
        DropCopyReconciler one(settings());
        one.on_record(sent({}));
        own(one, {}, at(0));
        one.on_copy(copy(c, at(10)));
        EXPECT_EQ(one.differs_for(at(60'000)), Duration::seconds(60));
        one.accept();
        EXPECT_EQ(one.differs_for(at(60'000)), Duration{});
        // It is not found again by what is sent again.
        one.on_copy(copy(c, at(61'000)));
        EXPECT_EQ(one.differences(), 0U);
    }
}

TEST_F(DropCopyReconcilerTest, WhatTheCopyDoesNotSayIsNotCompared) {
    own(reconciler, {}, at(0));
    DropCopyReport bare = copy({}, at(1));
    bare.account = AccountId{0xffff};
    bare.side = 0xff;
    reconciler.on_copy(bare);
    EXPECT_EQ(reconciler.differences(), 0U);
}

TEST_F(DropCopyReconcilerTest, ACopyThatComesTwiceIsOne) {
    own(reconciler, {}, at(0));
    reconciler.on_copy(copy({}, at(1)));
    reconciler.on_copy(copy({}, at(2)));
    EXPECT_EQ(reconciler.differences(), 0U);
}

TEST_F(DropCopyReconcilerTest, ATradeOfSomebodyElseIsADifference) {
    Case by_hand;
    by_hand.order = 0;
    reconciler.on_copy(copy(by_hand, at(0)));
    EXPECT_EQ(differs_ms(6'000), 6'000);
}

TEST_F(DropCopyReconcilerTest, TheOldestDifferenceCounts) {
    Case second;
    second.exec = 8;
    own(reconciler, {}, at(0));
    own(reconciler, second, at(1'000));
    EXPECT_EQ(differs_ms(3'000), 3'000);
    reconciler.on_copy(copy({}, at(3'000)));
    EXPECT_EQ(differs_ms(3'000), 2'000);
}

TEST_F(DropCopyReconcilerTest, VenuesWithoutADropCopyAreNotAsked) {
    Case elsewhere;
    elsewhere.venue = kOther;
    elsewhere.order = 2;
    reconciler.on_record(sent(elsewhere));
    own(reconciler, elsewhere, at(0));
    EXPECT_EQ(reconciler.differences(), 0U);
}

TEST_F(DropCopyReconcilerTest, TwoVenuesMayUseOneExecId) {
    DropCopyReconciler::Settings s = settings();
    s.venues.push_back({kOther, std::nullopt});
    DropCopyReconciler two(s);
    Case elsewhere;
    elsewhere.venue = kOther;
    elsewhere.order = 2;
    elsewhere.price = 77;
    two.on_record(sent({}));
    two.on_record(sent(elsewhere));
    own(two, {}, at(0));
    own(two, elsewhere, at(0));
    two.on_copy(copy(elsewhere, at(1)));
    EXPECT_EQ(two.differences(), 1U);
    two.on_copy(copy({}, at(1)));
    EXPECT_EQ(two.differences(), 0U);
}

TEST_F(DropCopyReconcilerTest, AFillIsWhereItsReportSaysWhateverItsOrderIsCalledThere) {
    Case slice;
    slice.order = 77;  // a placement of the order
    reconciler.on_record(reported(slice, at(0)));
    reconciler.on_record(booked({}, at(0)));
    EXPECT_EQ(reconciler.differences(), 1U);
    reconciler.on_copy(copy(slice, at(1)));
    EXPECT_EQ(reconciler.differences(), 0U);
}

TEST_F(DropCopyReconcilerTest, CorrectionsAreMatchedToo) {
    OrderEvent bust = make_order_event(OrderEventType::kCorrection, at(0), InstrumentId{0});
    bust.data.correction = CorrectionData{};
    bust.data.correction.exec_id = ExecId{9};
    bust.data.correction.venue = kVenue;
    reconciler.on_record(bust);
    EXPECT_EQ(differs_ms(2'000), 2'000);
    DropCopyReport r;
    r.event = bust;
    reconciler.on_copy(r);
    EXPECT_EQ(differs_ms(2'000), 0);
    // A fill is no correction, whatever its id says.
    Case fill;
    fill.exec = 9;
    DropCopyReconciler one(settings());
    one.on_record(bust);
    one.on_copy(copy(fill, at(0)));
    EXPECT_EQ(one.differences(), 1U);
}

TEST_F(DropCopyReconcilerTest, LostReportsAreADifference) {
    DropCopyReport lost;
    lost.event = make_order_event(OrderEventType::kNone, at(0), InstrumentId{});
    lost.lost = 3;
    reconciler.on_copy(lost);
    EXPECT_EQ(differs_ms(4'000), 4'000);
    reconciler.accept();
    EXPECT_EQ(differs_ms(4'000), 0);
}

TEST_F(DropCopyReconcilerTest, TellsTheGateThatAllAgreesOnceAndADifferenceEverySecond) {
    const auto told = [&](std::int64_t ms) {
        const auto e = reconciler.poll(at(ms));
        if (!e) return std::int64_t{-1};
        EXPECT_EQ(e->type, OrderEventType::kRiskInput);
        EXPECT_EQ(e->data.risk_input.kind, RiskInputKind::kDropCopy);
        EXPECT_EQ(e->ts, at(ms));
        return e->data.risk_input.values[0] / 1'000'000;
    };
    EXPECT_EQ(told(0), 0);
    EXPECT_EQ(told(1), -1);
    own(reconciler, {}, at(1'000));
    EXPECT_EQ(told(1'500), -1) << "a copy takes its time";
    EXPECT_EQ(told(2'100), 1'100);
    EXPECT_EQ(told(2'900), -1);
    EXPECT_EQ(told(3'100), 2'100);
    reconciler.on_copy(copy({}, at(3'200)));
    EXPECT_EQ(told(3'300), 0);
    EXPECT_EQ(told(9'000), -1);
}

TEST_F(DropCopyReconcilerTest, ForgetsOnlyTheOldestThatAgree) {
    DropCopyReconciler::Settings s = settings();
    s.kept = 2;
    DropCopyReconciler small(s);
    Case open;
    open.exec = 100;
    own(small, open, at(0));
    for (std::uint64_t n = 1; n <= 3; ++n) {
        Case c;
        c.exec = n;
        own(small, c, at(1));
        small.on_copy(copy(c, at(2)));
    }
    EXPECT_EQ(small.differences(), 1U) << "what differs is never forgotten";
    Case third;
    third.exec = 3;
    small.on_copy(copy(third, at(3)));
    EXPECT_EQ(small.differences(), 1U) << "still known";
}

}  // namespace
}  // namespace fermata::test
