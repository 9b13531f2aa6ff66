// What a restart knows of the drop copy, and what is booked from it alone.

#include "tests/daemon/fix/copy_cases.hpp"

namespace fermata::test {
namespace {

constexpr Duration kAfter = Duration::seconds(2);

OrderEvent correction(CorrectionKind kind, std::uint64_t exec, std::uint64_t of, Timestamp ts) {
    OrderEvent e = make_order_event(OrderEventType::kCorrection, ts, InstrumentId{0});
    e.data.correction = CorrectionData{};
    CorrectionData& c = e.data.correction;
    c.order_id = ClientOrderId{1};
    c.exec_id = ExecId{exec};
    c.ref_exec_id = ExecId{of};
    c.venue = kVenue;
    c.kind = kind;
    if (kind == CorrectionKind::kCorrect) {
        c.price = Price::from_units(6);
        c.quantity = Quantity::from_units(10);
    }
    return e;
}
DropCopyReport copy_of(const OrderEvent& e) {
    DropCopyReport r;
    r.event = e;
    r.counts = true;
    return r;
}
/// What the order manager says of a correction whose fill it does not know.
OrderEvent unknown(const OrderEvent& c) {
    OrderEvent e = make_order_event(OrderEventType::kAlert, c.ts, InstrumentId{0});
    e.data.alert = AlertData{};
    e.data.alert.code = AlertCode::kUnknownExecution;
    e.data.alert.detail[0] = static_cast<std::int64_t>(c.data.correction.ref_exec_id.value);
    e.data.alert.detail[1] = static_cast<std::int64_t>(c.data.correction.exec_id.value);
    return e;
}
Case numbered(std::uint64_t exec) {
    Case c;
    c.exec = exec;
    return c;
}

class DropCopyBooking : public ::testing::Test {
protected:
    DropCopyBooking() { reconciler.on_record(sent({})); }
    /// The ids of what is to be booked now.
    std::vector<std::uint64_t> books(std::int64_t now_ms) {
        std::vector<std::uint64_t> ids;
        while (const auto e = reconciler.book(at(now_ms))) {
            EXPECT_EQ(e->cause, 0U) << "no message of the session of orders";
            ids.push_back(e->type == OrderEventType::kCorrection ? e->data.correction.exec_id.value
                                                                 : e->data.execution.exec_id.value);
        }
        return ids;
    }
    using Ids = std::vector<std::uint64_t>;
    DropCopyReconciler reconciler{settings(kAfter)};
};

TEST_F(DropCopyBooking, GivesWhatOnlyTheCopyTellsOnceAndInItsOrder) {
    reconciler.on_copy(copy(numbered(9), at(0)));
    reconciler.on_copy(copy(numbered(7), at(10)));
    EXPECT_EQ(books(1'999), Ids{});
    EXPECT_EQ(books(2'010), (Ids{9, 7}));
    EXPECT_EQ(books(9'000), Ids{}) << "once";
    EXPECT_EQ(reconciler.differences(), 2U) << "until they are on record";
    own(reconciler, numbered(9), at(2'020));
    own(reconciler, numbered(7), at(2'020));
    EXPECT_EQ(reconciler.differences(), 0U);
}

TEST_F(DropCopyBooking, WaitsForTheReportFirst) {
    reconciler.on_copy(copy({}, at(0)));
    own(reconciler, {}, at(1'500));
    EXPECT_EQ(books(9'000), Ids{});
}

TEST_F(DropCopyBooking, IsOnlyForOrdersOfOursInAllThatTheCopySays) {
    Case by_hand, sold, elsewhere, other_account;
    by_hand.order = 0;
    sold.side = Side::kSell;
    elsewhere.instrument = 1;
    other_account.account = 1;
    std::uint64_t exec = 10;
    for (Case c : {by_hand, sold, elsewhere, other_account}) {
        c.exec = ++exec;
        reconciler.on_copy(copy(c, at(0)));
    }
    DropCopyReport short_of_words = copy(numbered(20), at(0));
    short_of_words.counts = false;
    reconciler.on_copy(short_of_words);
    EXPECT_EQ(books(60'000), Ids{});
    EXPECT_EQ(reconciler.differences(), 5U);
    DropCopyReconciler careful(settings());
    careful.on_record(sent({}));
    careful.on_copy(copy({}, at(0)));
    EXPECT_FALSE(careful.book(at(60'000))) << "without being asked nothing is booked";
}

TEST_F(DropCopyBooking, ACorrectionWaitsForTheFillThatItIsAbout) {
    const OrderEvent c = correction(CorrectionKind::kCorrect, 8, 7, at(0));
    // On the session of orders the fill was lost, so its correction could not be applied.
    reconciler.on_record(c);
    reconciler.on_record(unknown(c));
    reconciler.on_copy(copy({}, at(0)));
    reconciler.on_copy(copy_of(c));
    EXPECT_EQ(reconciler.differences(), 2U);
    EXPECT_EQ(books(2'000), Ids{7});
    EXPECT_EQ(books(2'001), Ids{}) << "its fill is not on record yet";
    own(reconciler, {}, at(2'005));
    EXPECT_EQ(books(2'006), Ids{8});
    reconciler.on_record(correction(CorrectionKind::kCorrect, 8, 7, at(2'007)));
    EXPECT_EQ(reconciler.differences(), 0U);
}

TEST_F(DropCopyBooking, AFillWhoseBustCameFirstIsNotBookedAndNoDifference) {
    for (const bool copies_first : {false, true}) {
        DropCopyReconciler one(settings(kAfter));
        one.on_record(sent({}));
        const OrderEvent bust = correction(CorrectionKind::kBust, 8, 7, at(0));
        const auto copies = [&] {
            one.on_copy(copy({}, at(0)));
            one.on_copy(copy_of(bust));
        };
        if (copies_first) copies();
        one.on_record(bust);
        one.on_record(unknown(bust));
        if (!copies_first) copies();
        EXPECT_EQ(one.differences(), 0U);
        EXPECT_FALSE(one.book(at(60'000)));
    }
}

TEST_F(DropCopyBooking, ACorrectionToOtherTermsIsADifference) {
    reconciler.on_record(correction(CorrectionKind::kCorrect, 8, 7, at(0)));
    OrderEvent other = correction(CorrectionKind::kCorrect, 8, 7, at(0));
    other.data.correction.price = Price::from_units(5);
    reconciler.on_copy(copy_of(other));
    EXPECT_EQ(reconciler.differences(), 1U);
}

/// What stands on record of a process: its fills, and how far it compared.
class DropCopyRestart : public ::testing::Test {
protected:
    DropCopyRestart() {
        record(sent({}));
        own(before, numbered(1), at(0), 11);
        before.on_copy(copy(numbered(1), at(1)));
        const auto mark = before.agreed(at(2), 3, 40);
        EXPECT_TRUE(mark);
        own(after, numbered(1), at(0), 11);
        record(*mark);
    }
    void record(const OrderEvent& e) {
        before.on_record(e);
        after.on_record(e);
    }
    DropCopyReconciler before{settings()}, after{settings()};
};

TEST_F(DropCopyRestart, PutsOnRecordHowFarEverythingWasCompared) {
    const auto mark = before.agreed(at(2), 3, 40);
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->type, OrderEventType::kRiskInput);
    EXPECT_EQ(mark->data.risk_input.kind, RiskInputKind::kDropCopy);
    EXPECT_EQ(mark->data.risk_input.values[0], 0);
    EXPECT_EQ(mark->data.risk_input.values[1], 40);
    EXPECT_EQ(mark->data.risk_input.values[2], 4);
    EXPECT_EQ(mark->data.risk_input.values[3], 11);
    own(before, numbered(2), at(3), 15);
    EXPECT_FALSE(before.agreed(at(4), 3, 41)) << "while anything differs there is nothing to say";
}

TEST_F(DropCopyRestart, ExpectsNoCopyOfWhatWasComparedAndFindsItWhenItComesAgain) {
    after.begin(at(60'000));
    EXPECT_EQ(after.differences(), 0U);
    after.on_copy(copy(numbered(1), at(60'001)));
    EXPECT_EQ(after.differences(), 0U);
}

TEST_F(DropCopyRestart, ExpectsTheCopyOfEveryFillBehindAndGivesItTimeToCome) {
    own(after, numbered(2), at(3), 15);
    after.begin(at(60'000));
    EXPECT_EQ(after.differences(), 1U);
    EXPECT_EQ(after.differs_for(at(61'000)), Duration::seconds(1));
    after.on_copy(copy(numbered(2), at(61'001)));
    EXPECT_EQ(after.differences(), 0U);
}

TEST_F(DropCopyRestart, ACopyWithOtherTermsOfWhatWasComparedIsADifferenceAgain) {
    Case other = numbered(1);
    other.price = 6;
    after.on_copy(copy(other, at(20)));
    EXPECT_EQ(after.differs_for(at(1'020)), Duration::seconds(1));
}

}  // namespace
}  // namespace fermata::test
