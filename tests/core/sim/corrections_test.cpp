// Fills that the venue takes back or changes.
#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

SimConfig with_fees() {
    SimConfig config;
    config.fees.model = FeeModel::kProportional;
    config.fees.rate = ratio("0.001");
    return config;
}

const CorrectionData& correction(const Exchange& x) { return x.reports().back().data.correction; }

// 10 @ 100 with a fee of 1: cash 100,000 - 1,000 - 1 = 98,999; busted: as before.
TEST(Corrections, TakeAFillBack) {
    Exchange x(with_fees());
    x.send(0, Ticket::buy("10"));
    x.open(0, "100");
    EXPECT_EQ(x.cash(), "98999");
    const ExecId fill = x.last().exec_id;
    ASSERT_TRUE(x.bust(fill));
    EXPECT_EQ(x.cash(), "100000");
    EXPECT_EQ(x.position(), "0");
    ASSERT_EQ(x.reports().back().type, OrderEventType::kCorrection);
    EXPECT_EQ(correction(x).kind, CorrectionKind::kBust);
    EXPECT_EQ(correction(x).ref_exec_id, fill);
    EXPECT_EQ(correction(x).order_id, ClientOrderId{1});
    EXPECT_NE(correction(x).exec_id, fill);
    EXPECT_TRUE(correction(x).leaves_quantity.is_zero());  // the order was over, and stays so
    EXPECT_TRUE(correction(x).cumulative_quantity.is_zero());
    EXPECT_FALSE(x.bust(fill));  // once
    EXPECT_FALSE(x.bust(ExecId{12345}));
}

// 10 @ 100 was 8 @ 101: cash 100,000 - 808 - 1 = 99,191.
TEST(Corrections, ChangeAFill) {
    Exchange x(with_fees());
    x.send(0, Ticket::buy("10"));
    x.open(0, "100");
    const ExecId fill = x.last().exec_id;
    ASSERT_TRUE(x.correct(fill, "101", "8"));
    EXPECT_EQ(x.cash(), "99191");
    EXPECT_EQ(x.position(), "8");
    EXPECT_EQ(correction(x).kind, CorrectionKind::kCorrect);
    EXPECT_EQ(to_string(correction(x).price), "101");
    EXPECT_EQ(to_string(correction(x).quantity), "8");
    EXPECT_EQ(to_string(correction(x).fee), "1");
    EXPECT_EQ(to_string(correction(x).cumulative_quantity), "8");
    // From now on the fill goes by the id of its correction.
    const ExecId corrected = correction(x).exec_id;
    EXPECT_FALSE(x.bust(fill));
    ASSERT_TRUE(x.bust(corrected));
    EXPECT_EQ(x.cash(), "100000");
    EXPECT_EQ(x.position(), "0");
}

// 60 of 100 sold at 105; busted: 100 are left to sell again.
TEST(Corrections, LetALiveOrderHaveAsMuchMoreToDo) {
    Exchange x({}, {.position = "100"});
    x.quote(0, "100.00", "500", "100.05", "500");
    x.send(1, Ticket::sell("100").limit("105"));
    x.quote(2, "105.00", "60", "105.05", "500");
    ASSERT_TRUE(x.bust(x.last().exec_id));
    EXPECT_EQ(to_string(correction(x).leaves_quantity), "100");
    EXPECT_EQ(x.position(), "100");
    x.quote(3, "105.01", "500", "105.05", "500");
    EXPECT_EQ(x.fills().back(), (FillSeen{1, "100", "105"}));
}

TEST(Corrections, AreKnownAfterARestart) {
    const SimConfig config = with_fees();
    Exchange x(config);
    x.send(0, Ticket::buy("10"));
    x.open(0, "100");
    const ExecId fill = x.last().exec_id;
    x.restart(config, {});
    ASSERT_TRUE(x.bust(fill));
    EXPECT_EQ(x.cash(), "100000");
}

}  // namespace
}  // namespace fermata
