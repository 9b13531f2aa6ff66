#include "adapters/fix/report_decoder.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/report_resolver.hpp"
#include "tests/adapters/fix/fix_orders.hpp"

namespace fermata::fix {
namespace {

using test::dialect;
using test::limit_order;
using Kind = InboundReport::Kind;

constexpr Timestamp kNow{1'767'623'401'000'000'000};
const ClientOrderId kOrder = make_client_order_id(20'779, 1, 1);

class Reports : public ::testing::Test {
protected:
    /// A report as "tag=value|...", later ones of a tag in `more` replacing those of `text`.
    Result<InboundReport, DecodeProblem> decode(char type, const std::string& text,
                                                const std::string& more = "") {
        values_.clear();
        for (const std::string& part : {text, more}) {
            for (std::size_t at = 0; at < part.size();) {
                const std::size_t equals = part.find('=', at);
                const std::size_t end = part.find('|', at);
                values_[std::stoi(part.substr(at, equals - at))] =
                    part.substr(equals + 1, end - equals - 1);
                at = end + 1;
            }
        }
        ReportFields fields;
        for (const auto& [tag, value] : values_) fields.take(tag, value);
        return decoder_.decode(type, fields, kNow);
    }
    std::optional<OrderEvent> resolve(char type, const std::string& text,
                                      const std::string& more = "") {
        const auto report = decode(type, text, more);
        EXPECT_TRUE(report.ok()) << report.error().tag << " " << report.error().what;
        return report.ok() ? resolver_.resolve(*report, unattributed_) : std::nullopt;
    }
    SentOrder& open() {
        SentOrder o;
        o.id = kOrder;
        o.quantity = o.leaves_quantity = Quantity::from_units(100);
        o.price = Price::from_units(187);
        o.type = OrderType::kLimit;
        o.account = AccountId{0};
        return *orders_.insert(o);
    }

    static constexpr const char* kFill =
        "1=U1|37=V7|11=20779-1-1|17=E1|150=F|39=1|55=SPY|54=1|38=100|44=187|32=40|31=186.995|"
        "14=40|151=60|6=186.995|";
    Dialect dialect_ = dialect();
    ReportDecoder decoder_{dialect_};
    SentOrders orders_{16, 16};
    ReportResolver resolver_{orders_};
    bool unattributed_ = false;
    std::map<int, std::string> values_;
};

TEST_F(Reports, AFillIsExact) {
    open();
    const auto e = resolve('8', kFill, "12=0.35|13=3|479=EUR|851=1|");
    ASSERT_TRUE(e.has_value());
    EXPECT_EQ(e->type, OrderEventType::kExecution);
    EXPECT_EQ(e->ts, kNow);
    EXPECT_EQ(e->instrument, InstrumentId{0});
    const ExecutionData& x = e->data.execution;
    EXPECT_EQ(x.order_id, kOrder);
    EXPECT_EQ(x.exec_type, ExecType::kTrade);
    EXPECT_EQ(x.last_price.raw(), 186'995'000'000);
    EXPECT_EQ(x.last_quantity, Quantity::from_units(40));
    EXPECT_EQ(x.cumulative_quantity, Quantity::from_units(40));
    EXPECT_EQ(x.leaves_quantity, Quantity::from_units(60));
    EXPECT_EQ(x.fee.raw(), 350'000);
    EXPECT_EQ(x.fee_currency, CurrencyId{1});
    EXPECT_EQ(x.liquidity, Liquidity::kMaker);
    EXPECT_EQ(x.venue, test::kVenue);
    EXPECT_EQ(x.exec_id.value, id_of("E1", "U1"));
}

TEST_F(Reports, AnExecutionIsKnownByItsAccountAndIdWhateverElseItSays) {
    const auto id = [this](const std::string& more) {
        return decode('8', kFill, more)->event.data.execution.exec_id;
    };
    EXPECT_EQ(id(""), id("60=20260105-14:30:00|43=Y|122=20260105-14:29:00|31=187|"));
    EXPECT_NE(id(""), id("17=E2|"));
    EXPECT_NE(id(""), id("1=U2|")) << "ids of another account are other ids";
    dialect_.executions_by_account = false;
    const ReportDecoder by_venue(dialect_);
    ASSERT_TRUE(decode('8', kFill).ok());
    ReportFields fields;
    for (const auto& [tag, value] : values_) fields.take(tag, value);
    EXPECT_EQ(by_venue.decode('8', fields, kNow)->event.data.execution.exec_id.value, id_of("E1"));
}

TEST_F(Reports, FeesByUnitAndByValueAreComputed) {
    open();
    // 40 x 0.0035 = 0.14
    EXPECT_EQ(resolve('8', kFill, "12=0.0035|13=1|")->data.execution.fee.raw(), 140'000);
    // 40 x 186.995 x 0.0001 = 0.74798
    EXPECT_EQ(resolve('8', kFill, "12=0.0001|13=2|")->data.execution.fee.raw(), 747'980);
    EXPECT_EQ(resolve('8', kFill, "12=-0.2|13=3|")->data.execution.fee.raw(), -200'000) << "rebate";
    EXPECT_EQ(decode('8', kFill, "12=1|13=6|").error().tag, 13);
}

/// FIX 4.4, ExecType (150), every value of it.
TEST_F(Reports, EveryExecTypeOfFix44HasItsMeaning) {
    const std::map<char, ExecType> reported = {
        {'0', ExecType::kNew},      {'3', ExecType::kDoneForDay}, {'4', ExecType::kCanceled},
        {'5', ExecType::kReplaced}, {'8', ExecType::kRejected},   {'9', ExecType::kSuspended},
        {'C', ExecType::kExpired},  {'D', ExecType::kRestated},   {'F', ExecType::kTrade},
        {'1', ExecType::kTrade},    {'2', ExecType::kTrade},      {'L', ExecType::kTriggered}};
    for (const auto& [code, type] : reported) {
        const auto r = decode('8', kFill, std::string("150=") + code + "|");
        ASSERT_TRUE(r.ok()) << code;
        EXPECT_EQ(r->kind, Kind::kExecution) << code;
        EXPECT_EQ(r->event.data.execution.exec_type, type) << code;
    }
    for (const char code : {'6', '7', 'A', 'B', 'E'}) {
        const auto r = decode('8', kFill, std::string("150=") + code + "|");
        ASSERT_TRUE(r.ok()) << code;
        EXPECT_EQ(r->kind, Kind::kNote) << code;
    }
    EXPECT_EQ(decode('8', kFill, "150=G|19=E0|")->kind, Kind::kCorrection);
    EXPECT_EQ(decode('8', kFill, "150=H|19=E0|")->kind, Kind::kCorrection);
    EXPECT_EQ(decode('8', kFill, "150=I|")->kind, Kind::kStatus);
    for (const char* code : {"Z", "10", "", "?"}) {
        const auto r = decode('8', kFill, std::string("150=") + code + "|");
        ASSERT_FALSE(r.ok()) << code;
        EXPECT_EQ(r.error().tag, 150);
    }
}

TEST_F(Reports, AStatusNeverBecomesAFill) {
    open();
    // As a venue answers a status request: with the last fill in it.
    EXPECT_EQ(resolve('8', kFill, "150=I|39=2|14=100|151=0|"), std::nullopt);
    EXPECT_TRUE(orders_.find(kOrder)->cumulative_quantity.is_zero());
}

TEST_F(Reports, PendingSaysNothingAndStoppedAcknowledges) {
    open();
    EXPECT_EQ(resolve('8', kFill, "150=A|39=A|"), std::nullopt);
    const auto e = resolve('8', kFill, "150=7|39=7|14=0|151=100|");
    ASSERT_TRUE(e.has_value());
    EXPECT_EQ(e->data.execution.exec_type, ExecType::kNew);
}

TEST_F(Reports, NumbersThatAreNotExactRefuseTheWholeReport) {
    const std::pair<const char*, int> wrong[] = {{"31=186.9950000001|", 31},
                                                 {"31=1e2|", 31},
                                                 {"31=+1|", 31},
                                                 {"31=|", 31},
                                                 {"31=abc|", 31},
                                                 {"32=-40|", 32},
                                                 {"32=0|", 32},
                                                 {"32=4O|", 32},
                                                 {"32=99999999999999|", 32},
                                                 {"14=-1|", 14},
                                                 {"151=x|", 151},
                                                 {"38=1.000000001|", 38},
                                                 {"44=1..2|", 44},
                                                 {"12=x|13=3|", 12},
                                                 {"17=|", 17},
                                                 {"39=|", 39}};
    for (const auto& [more, tag] : wrong) {
        const auto r = decode('8', kFill, more);
        ASSERT_FALSE(r.ok()) << more;
        EXPECT_EQ(r.error().tag, tag) << more;
        EXPECT_FALSE(r.error().what.empty());
    }
}

TEST_F(Reports, AFieldThatComesTwiceRefusesTheReport) {
    ReportFields fields;
    fields.take(150, "F");
    fields.take(31, "10");
    fields.take(31, "11");
    const auto r = decoder_.decode('8', fields, kNow);
    ASSERT_FALSE(r.ok());
    EXPECT_EQ(r.error().tag, 31);
}

TEST_F(Reports, ACorrectionRefersToItsFill) {
    open();
    const std::string more = "17=E9|19=E1|14=30|151=70|32=30|31=186.5|";
    const auto bust = resolve('8', kFill, more + "150=H|");
    ASSERT_TRUE(bust.has_value());
    EXPECT_EQ(bust->type, OrderEventType::kCorrection);
    EXPECT_EQ(bust->data.correction.kind, CorrectionKind::kBust);
    EXPECT_EQ(bust->data.correction.ref_exec_id, decode('8', kFill)->event.data.execution.exec_id);
    EXPECT_EQ(bust->data.correction.leaves_quantity, Quantity::from_units(70));
    const auto fixed = resolve('8', kFill, more + "150=G|");
    EXPECT_EQ(fixed->data.correction.kind, CorrectionKind::kCorrect);
    EXPECT_EQ(fixed->data.correction.price.raw(), 186'500'000'000);
    EXPECT_EQ(fixed->data.correction.quantity, Quantity::from_units(30));
    EXPECT_EQ(decode('8', kFill, "150=H|").error().tag, 19);
}

TEST_F(Reports, AReplaceMovesTheIdThatTheNextRequestRefersTo) {
    SentOrder& order = open();
    const auto e =
        resolve('8', kFill, "150=5|39=5|11=20779-1-1-3|41=20779-1-1|38=80|44=188|14=0|151=80|");
    ASSERT_TRUE(e.has_value());
    EXPECT_EQ(e->data.execution.order_id, kOrder);
    EXPECT_EQ(e->data.execution.price, Price::from_units(188));
    EXPECT_EQ(e->data.execution.leaves_quantity, Quantity::from_units(80));
    EXPECT_EQ(order.accepted, 3U);
    EXPECT_EQ(order.quantity, Quantity::from_units(80));
}

TEST_F(Reports, AnEndHasItsReason) {
    SentOrder& order = open();
    const auto reason = [&](const std::string& more) {
        return resolve('8', kFill, more)->data.execution.reason;
    };
    EXPECT_EQ(reason("150=4|39=4|11=20779-1-1-1|41=20779-1-1|151=0|"), OrderReason::kRequested);
    EXPECT_EQ(reason("150=4|39=4|151=0|"), OrderReason::kNone) << "the venue by itself";
    EXPECT_EQ(reason("150=C|39=C|151=0|"), OrderReason::kSessionEnd);
    order.tif = TimeInForce::kGtd;
    EXPECT_EQ(reason("150=C|39=C|151=0|"), OrderReason::kExpireTime);
    order.tif = TimeInForce::kIoc;
    EXPECT_EQ(reason("150=4|39=4|151=0|"), OrderReason::kNoLiquidity);
    EXPECT_EQ(reason("150=8|39=8|103=1|151=0|"), OrderReason::kUnknownInstrument);
    EXPECT_EQ(reason("150=8|39=8|103=2|151=0|"), OrderReason::kMarketClosed);
    EXPECT_EQ(reason("150=8|39=8|103=99|151=0|"), OrderReason::kNone);
    EXPECT_TRUE(order.over);
}

TEST_F(Reports, ACancelRejectSaysWhatIsLeft) {
    open();
    resolve('8', kFill);
    const char* text = "37=V7|11=20779-1-1-1|41=20779-1-1|39=1|434=1|102=0|";
    const ExecutionData x = resolve('9', text)->data.execution;
    EXPECT_EQ(x.exec_type, ExecType::kCancelRejected);
    EXPECT_EQ(x.reason, OrderReason::kTooLateToCancel);
    EXPECT_EQ(x.order_id, kOrder);
    EXPECT_EQ(x.leaves_quantity, Quantity::from_units(60));
    EXPECT_EQ(x.cumulative_quantity, Quantity::from_units(40));
    EXPECT_TRUE(resolve('9', text, "39=2|")->data.execution.leaves_quantity.is_zero());
    EXPECT_EQ(resolve('9', text, "434=2|102=1|")->data.execution.exec_type,
              ExecType::kReplaceRejected);
    EXPECT_EQ(decode('9', text, "434=7|").error().tag, 434);
}

TEST_F(Reports, ARejectedMessageIsFoundByItsNumber) {
    open();
    orders_.note({11, {kOrder}, OrderEventType::kSendNew});
    orders_.note({12, {kOrder, 1}, OrderEventType::kSendCancel});
    orders_.note({13, {kOrder, 2}, OrderEventType::kSendReplace});
    EXPECT_EQ(resolve('j', "45=11|372=D|380=2|")->data.execution.exec_type, ExecType::kRejected);
    EXPECT_EQ(resolve('3', "45=12|372=F|373=5|")->data.execution.exec_type,
              ExecType::kCancelRejected);
    const auto replace = resolve('j', "45=13|372=G|380=4|");
    EXPECT_EQ(replace->data.execution.exec_type, ExecType::kReplaceRejected);
    EXPECT_EQ(replace->data.execution.reason, OrderReason::kMarketClosed);
    EXPECT_EQ(replace->data.execution.order_id, kOrder);
    EXPECT_EQ(resolve('j', "45=99|372=D|380=0|"), std::nullopt);
    EXPECT_TRUE(unattributed_);
    const auto by_id = resolve('j', "45=99|372=D|379=20779-1-1|380=0|");
    ASSERT_TRUE(by_id.has_value());
    EXPECT_EQ(by_id->data.execution.order_id, kOrder);
}

TEST_F(Reports, AnOrderOfAProcessBeforeIsLearnedFromItsStatus) {
    resolve('8', kFill, "150=I|11=20779-1-1-4|40=2|");
    const SentOrder* order = orders_.find(kOrder);
    ASSERT_NE(order, nullptr);
    EXPECT_EQ(order->accepted, 4U);
    EXPECT_EQ(order->quantity, Quantity::from_units(100));
    EXPECT_EQ(order->side, Side::kBuy);
    EXPECT_EQ(order->type, OrderType::kLimit);
    EXPECT_EQ(order->account, AccountId{0});
    EXPECT_FALSE(order->over);
}

TEST_F(Reports, ATextThatIsNotOursLeavesTheOrderUnknown) {
    const auto e = resolve('8', kFill, "11=desk-cancel|");
    EXPECT_EQ(e->data.execution.order_id, ClientOrderId{});
    const auto canceled = resolve('8', kFill, "150=4|39=4|11=desk|41=20779-1-1|151=0|");
    EXPECT_EQ(canceled->data.execution.order_id, kOrder) << "OrigClOrdID is ours";
}

TEST(SentOrders, ForgetTheOldestThatIsOverAndNeverAnOpenOne) {
    SentOrders orders(2, 16);
    const auto add = [&](std::uint32_t n) {
        SentOrder o;
        o.id = make_client_order_id(1, 1, n);
        return orders.insert(o);
    };
    SentOrder* first = add(1);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(add(1), nullptr) << "known";
    ASSERT_NE(add(2), nullptr);
    EXPECT_EQ(add(3), nullptr) << "both are open";
    first->over = true;
    EXPECT_NE(orders.find(make_client_order_id(1, 1, 1)), nullptr) << "a fill may come late";
    ASSERT_NE(add(3), nullptr);
    EXPECT_EQ(orders.find(make_client_order_id(1, 1, 1)), nullptr);
    EXPECT_NE(orders.find(make_client_order_id(1, 1, 2)), nullptr);
}

TEST(ReportFields, EveryTagFindsItsFieldAndBack) {
    for (int n = 0; n < kFieldCount; ++n) {
        EXPECT_EQ(field_of(tag_of(static_cast<Field>(n))), static_cast<Field>(n));
    }
    EXPECT_EQ(tag_of(Field::kTotalReports), 911);
    EXPECT_EQ(tag_of(Field::kRejectReason), 103);
    EXPECT_EQ(tag_of(Field::kLastReport), 912);
    for (const int tag : {-1, 0, 2, 913, 1'000'000}) EXPECT_EQ(field_of(tag), std::nullopt);
}

TEST_F(Reports, AStatusNamesTheRequestThatIsInForce) {
    SentOrder& order = open();
    EXPECT_FALSE(resolve('8', kFill, "11=20779-1-1-2|17=0|150=I|39=E|"));
    EXPECT_EQ(order.accepted, 0U) << "it is still under way";
    EXPECT_FALSE(resolve('8', kFill, "11=20779-1-1-2|17=0|150=I|39=1|"));
    EXPECT_EQ(order.accepted, 2U) << "the next request names it";
    EXPECT_FALSE(resolve('8', kFill, "11=20779-1-1-1|17=0|150=I|39=1|"));
    EXPECT_EQ(order.accepted, 2U) << "an answer of before";
}

}  // namespace
}  // namespace fermata::fix
