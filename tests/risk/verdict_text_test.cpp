#include "risk/verdict_text.hpp"

#include <gtest/gtest.h>

#include "risk/findings.hpp"

namespace fermata {
namespace {

VerdictData empty() {
    VerdictData v;
    v.config_hash = 0x9f3a'0c11'd2e4'b576;
    return v;
}

TEST(VerdictText, SaysCodeScopeObservedLimitAndHash) {
    VerdictData v = empty();
    Findings(v).refuse(ControlId::kPosition, Scope::kInstrument, LimitUnit::kMoney, 5'120'500'000,
                       5'000'000'000);
    EXPECT_EQ(render_verdict(v), "POSITION instrument 5120.5 5000 9f3a0c11d2e4b576");
}

TEST(VerdictText, RendersEachUnit) {
    const auto text = [](LimitUnit unit, std::int64_t observed, std::int64_t limit) {
        VerdictData v;
        Findings(v).refuse(ControlId::kState, Scope::kFirm, unit, observed, limit);
        return render_verdict(v);
    };
    EXPECT_EQ(text(LimitUnit::kState, 2, 0), "STATE firm HALTED ACTIVE 0000000000000000");
    EXPECT_EQ(text(LimitUnit::kPrice, 105'000'000'001, 105'000'000'000),
              "STATE firm 105.000000001 105 0000000000000000");
    EXPECT_EQ(text(LimitUnit::kQuantity, 150'000'000, 100'000'000),
              "STATE firm 1.5 1 0000000000000000");
    EXPECT_EQ(text(LimitUnit::kCount, 4, 3), "STATE firm 4 3 0000000000000000");
    EXPECT_EQ(text(LimitUnit::kIdentifier, -1, 7),
              "STATE firm 18446744073709551615 7 0000000000000000");
}

TEST(VerdictText, NamesAFaultThatHasNoNumber) {
    VerdictData v = empty();
    Findings(v).refuse(ControlId::kField, Scope::kOrder, Fault::kPriceMissing);
    EXPECT_EQ(render_verdict(v), "FIELD order price_missing - 9f3a0c11d2e4b576");
}

TEST(VerdictText, TellsTheFirstControlByItsNumberNotByTheOrderOfEvaluation) {
    VerdictData v = empty();
    Findings out(v);
    out.refuse(ControlId::kCash, Scope::kAccount, LimitUnit::kMoney, 1, 2);
    out.refuse(ControlId::kMaxNotional, Scope::kOrder, LimitUnit::kMoney, 30'000'000, 20'000'000);
    out.refuse(ControlId::kLeverage, Scope::kAccount, LimitUnit::kMoney, 3, 4);
    EXPECT_EQ(render_verdict(v), "MAX_NOTIONAL order 30 20 9f3a0c11d2e4b576");
    EXPECT_EQ(render_codes(v.failed), "MAX_NOTIONAL LEVERAGE CASH");
}

TEST(VerdictText, SaysApproved) { EXPECT_EQ(render_verdict(empty()), "APPROVED 9f3a0c11d2e4b576"); }

TEST(VerdictText, NamesEveryFault) {
    for (int i = 0; i <= static_cast<int>(Fault::kNotApproved); ++i) {
        EXPECT_NE(name(static_cast<Fault>(i)), "?");
    }
}

}  // namespace
}  // namespace fermata
