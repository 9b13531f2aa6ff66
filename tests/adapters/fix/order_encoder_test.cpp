#include "adapters/fix/order_encoder.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>

#include "adapters/fix/capabilities.hpp"
#include "tests/adapters/fix/fix_orders.hpp"

namespace fermata::fix {
namespace {

using test::change_of;
using test::dialect;
using test::limit_order;

/// Tag and value of everything in the body.
std::map<int, std::string> body(const FIX::Message* m) {
    std::map<int, std::string> fields;
    if (m == nullptr) return fields;
    for (const FIX::FieldBase& f : *m) fields[f.getTag()] = f.getString();
    return fields;
}
using Body = std::map<int, std::string>;

TEST(OrderEncoder, WritesALimitOrder) {
    const Dialect d = dialect();
    OrderEncoder encoder(d);
    OrderEvent e = limit_order(1);
    FIX::Message* m = encoder.new_order(e);
    ASSERT_NE(m, nullptr);
    EXPECT_EQ(m->getHeader().getField(35), "D");
    EXPECT_EQ(body(m), (Body{{1, "U1"},
                             {11, "20779-1-1"},
                             {21, "1"},
                             {38, "100"},
                             {40, "2"},
                             {44, "187.25"},
                             {54, "1"},
                             {55, "SPY"},
                             {59, "0"},
                             {60, "20260105-14:30:00.125"}}));
}

TEST(OrderEncoder, WritesNumbersExactlyAtTheirBounds) {
    const Dialect d = dialect();
    OrderEncoder encoder(d);
    const std::pair<std::int64_t, const char*> prices[] = {
        {1, "0.000000001"},
        {-1, "-0.000000001"},
        {0, "0"},
        {1'000'000'000, "1"},
        {-37'630'000'000, "-37.63"},
        {9'223'372'036'854'775'807, "9223372036.854775807"},
        {std::numeric_limits<std::int64_t>::min(), "-9223372036.854775808"}};
    for (const auto& [raw, text] : prices) {
        OrderEvent e = limit_order(1);
        e.data.new_order.price = Price::from_raw(raw);
        EXPECT_EQ(encoder.new_order(e)->getField(44), text);
    }
    const std::pair<std::int64_t, const char*> quantities[] = {
        {1, "0.00000001"},
        {150'000'000, "1.5"},
        {9'223'372'036'854'775'807, "92233720368.54775807"}};
    for (const auto& [raw, text] : quantities) {
        OrderEvent e = limit_order(1);
        e.data.new_order.quantity = Quantity::from_raw(raw);
        EXPECT_EQ(encoder.new_order(e)->getField(38), text);
    }
}

TEST(OrderEncoder, LeavesNothingOfOneOrderInTheNext) {
    const Dialect d = dialect();
    OrderEncoder encoder(d);
    OrderEvent full = limit_order(1);
    full.data.new_order.type = OrderType::kStopLimit;
    full.data.new_order.stop_price = Price::from_units(186);
    full.data.new_order.tif = TimeInForce::kGtd;
    full.data.new_order.expire_time = Timestamp{1'767'623'400'000'000'000};
    full.data.new_order.display_quantity = Quantity::from_units(10);
    full.data.new_order.flags = kOrderPostOnly | kOrderReduceOnly;
    const Body first = body(encoder.new_order(full));
    EXPECT_EQ(first.at(18), "6 E");
    EXPECT_EQ(first.at(40), "4");
    EXPECT_EQ(first.at(59), "6");
    EXPECT_EQ(first.at(99), "186");
    EXPECT_EQ(first.at(111), "10");
    EXPECT_EQ(first.at(126), "20260105-14:30:00.000");
    OrderEvent market = limit_order(2);
    market.data.new_order.type = OrderType::kMarket;
    market.data.new_order.account = AccountId{9};  // has no name there
    EXPECT_EQ(body(encoder.new_order(market)), (Body{{11, "20779-1-2"},
                                                     {21, "1"},
                                                     {38, "100"},
                                                     {40, "1"},
                                                     {54, "1"},
                                                     {55, "SPY"},
                                                     {59, "0"},
                                                     {60, "20260105-14:30:00.125"}}));
    EXPECT_EQ(body(encoder.new_order(full)), first);
}

TEST(OrderEncoder, SaysWhatKindOfSaleItIs) {
    const Dialect d = dialect();
    OrderEncoder encoder(d);
    OrderEvent e = limit_order(1);
    e.data.new_order.side = Side::kSell;
    EXPECT_EQ(encoder.new_order(e)->getField(54), "2");
    e.data.new_order.flags = kOrderShort;
    EXPECT_EQ(encoder.new_order(e)->getField(54), "5");
    e.data.new_order.flags = kOrderShortExempt;
    EXPECT_EQ(encoder.new_order(e)->getField(54), "6");
}

TEST(OrderEncoder, SendsExactlyWhatItsCapabilitiesPromise) {
    const Dialect d = dialect();
    OrderEncoder encoder(d);
    const VenueCapabilities can = fix_capabilities({}, true);
    for (int n = 0; n < kOrderTypeCount; ++n) {
        OrderEvent e = limit_order(1);
        e.data.new_order.type = static_cast<OrderType>(n);
        EXPECT_EQ(encoder.new_order(e) != nullptr, can.has(static_cast<OrderType>(n))) << n;
    }
    for (int n = 0; n < kTimeInForceCount; ++n) {
        OrderEvent e = limit_order(1);
        e.data.new_order.tif = static_cast<TimeInForce>(n);
        EXPECT_EQ(encoder.new_order(e) != nullptr, can.has(static_cast<TimeInForce>(n))) << n;
    }
    OrderEvent unknown = limit_order(1);
    unknown.instrument = InstrumentId{99};
    EXPECT_EQ(encoder.new_order(unknown), nullptr);
}

TEST(OrderEncoder, RefersToTheRequestThatTheVenueAcceptedLast) {
    const Dialect d = dialect();
    OrderEncoder encoder(d);
    SentOrder order;
    order.id = make_client_order_id(20'779, 1, 1);
    order.quantity = Quantity::from_units(100);
    order.type = OrderType::kLimit;
    order.account = AccountId{0};
    OrderEvent e = change_of(1, 1, OrderEventType::kSendReplace);
    e.data.change.price = Price::from_units(188);
    e.data.change.quantity = Quantity::from_units(50);
    EXPECT_EQ(body(encoder.replace(e, order)), (Body{{1, "U1"},
                                                     {11, "20779-1-1-1"},
                                                     {21, "1"},
                                                     {38, "50"},
                                                     {40, "2"},
                                                     {41, "20779-1-1"},
                                                     {44, "188"},
                                                     {54, "1"},
                                                     {55, "SPY"},
                                                     {59, "0"},
                                                     {60, "20260105-14:30:00.125"}}));
    order.accepted = 1;
    order.quantity = Quantity::from_units(50);
    EXPECT_EQ(body(encoder.cancel(change_of(1, 2, OrderEventType::kSendCancel), order)),
              (Body{{1, "U1"},
                    {11, "20779-1-1-2"},
                    {38, "50"},
                    {41, "20779-1-1-1"},
                    {54, "1"},
                    {55, "SPY"},
                    {60, "20260105-14:30:00.125"}}));
}

TEST(OrderEncoder, SpeaksTheDialect) {
    Dialect d = dialect();
    d.account_tag = 10'001;
    d.hand_inst = false;
    d.order_tags = {{100, "SMART"}, {6'122, "c"}};
    OrderEncoder encoder(d);
    const OrderEvent e = limit_order(1);
    const Body fields = body(encoder.new_order(e));
    EXPECT_EQ(fields.at(10'001), "U1");
    EXPECT_EQ(fields.at(100), "SMART");
    EXPECT_EQ(fields.at(6'122), "c");
    EXPECT_FALSE(fields.contains(1));
    EXPECT_FALSE(fields.contains(21));
}

TEST(OrderEncoder, SaysTheKindOfAnInstrumentInEveryRequestAboutIt) {
    Dialect d = dialect();
    d.security_types = {"CS"};
    OrderEncoder encoder(d);
    const OrderEvent fresh = limit_order(1);
    EXPECT_EQ(body(encoder.new_order(fresh)).at(167), "CS");
    SentOrder order;
    order.id = fresh.data.new_order.order_id;
    order.quantity = fresh.data.new_order.quantity;
    order.account = fresh.data.new_order.account;
    OrderEvent change = make_order_event(OrderEventType::kSendCancel, fresh.ts, fresh.instrument);
    change.data.change = ChangeOrderData{};
    change.data.change.order_id = order.id;
    change.data.change.change_id = 2;
    const Body cancel = body(encoder.cancel(change, order));
    EXPECT_EQ(cancel.at(167), "CS");
    EXPECT_EQ(cancel.at(1), "U1");
    change.type = OrderEventType::kSendReplace;
    change.data.change.quantity = order.quantity;
    EXPECT_EQ(body(encoder.replace(change, order)).at(167), "CS");
    // An account without a name, an instrument with a kind.
    order.account = AccountId{7};
    change.type = OrderEventType::kSendCancel;
    const Body nameless = body(encoder.cancel(change, order));
    EXPECT_EQ(nameless.at(167), "CS");
    EXPECT_FALSE(nameless.contains(1));
}

TEST(OrderEncoder, SendsNoOrderThatIsGoodTillATimeWhereTheVenueTakesNone) {
    Dialect d = dialect();
    OrderEvent e = limit_order(1);
    e.data.new_order.tif = TimeInForce::kGtd;
    e.data.new_order.expire_time = e.ts + Duration::minutes(5);
    EXPECT_NE(OrderEncoder(d).new_order(e), nullptr);
    d.expire_time = false;
    EXPECT_EQ(OrderEncoder(d).new_order(e), nullptr);
    EXPECT_TRUE(fix_capabilities({}, true).has(TimeInForce::kGtd));
    EXPECT_FALSE(fix_capabilities({}, false).has(TimeInForce::kGtd));
}

TEST(OrderEncoder, LeavesAVenueWhatItCannotDo) {
    VenueCapabilities poor;
    poor.drop(OrderType::kStop);
    poor.drop(kVenueIceberg);
    const VenueCapabilities left = fix_capabilities(poor, true);
    EXPECT_FALSE(left.has(OrderType::kStop) || left.has(kVenueIceberg) || left.has(kVenueLinks) ||
                 left.has(OrderType::kTrailingStop));
    EXPECT_TRUE(left.has(OrderType::kStopLimit) && left.has(kVenuePostOnly));
}

}  // namespace
}  // namespace fermata::fix
