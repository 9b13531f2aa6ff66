#include "adapters/fix/request_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace fermata::fix {
namespace {

Result<VenueRequest, RequestProblem> decode(std::string text) {
    std::replace(text.begin(), text.end(), '|', '\001');
    return decode_request(text);
}

TEST(RequestDecoder, ReadsEveryTermOfAnOrderExactly) {
    const auto request = decode(
        "8=FIX.4.4|9=200|35=D|34=17|49=A|52=20260105-14:30:00|56=V|11=id-1|1=main|55=SPY|54=5|"
        "38=0.00000001|40=4|44=-37.63|99=187.255|59=6|126=20260105-21:00:00.125|18=6 E|111=0.5|"
        "10=123|");
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->kind, RequestKind::kNewOrder);
    const OrderTerms& o = request->order;
    EXPECT_EQ(o.client_id, "id-1");
    EXPECT_EQ(o.account, "main");
    EXPECT_EQ(o.symbol, "SPY");
    EXPECT_EQ(o.side, Side::kSell);
    EXPECT_EQ(o.flags, kOrderShort | kOrderPostOnly | kOrderReduceOnly);
    EXPECT_EQ(o.type, OrderType::kStopLimit);
    EXPECT_EQ(o.quantity.raw(), 1);
    EXPECT_EQ(o.display_quantity.raw(), 50'000'000);
    EXPECT_EQ(o.price.raw(), -37'630'000'000);
    EXPECT_EQ(o.stop_price.raw(), 187'255'000'000);
    EXPECT_EQ(o.tif, TimeInForce::kGtd);
    // date -u -d '2026-01-05 21:00:00' +%s gives 1767646800.
    EXPECT_EQ(o.expire_time.ns, 1'767'646'800'125'000'000);
    EXPECT_FALSE(request->repeated);
}

TEST(RequestDecoder, SaysWhichFieldIsAtFault) {
    struct Case {
        const char* text;
        RequestProblem::Kind kind;
        int tag;
    };
    using Kind = RequestProblem::Kind;
    for (const Case& c : {
             Case{"35=D|55=SPY|54=1|38=1|40=1|", Kind::kMissing, 11},
             Case{"35=D|11=a|54=1|38=1|40=1|", Kind::kMissing, 55},
             Case{"35=D|11=a|55=SPY|38=1|40=1|", Kind::kMissing, 54},
             Case{"35=D|11=a|55=SPY|54=1|40=1|", Kind::kMissing, 38},
             Case{"35=D|11=a|55=SPY|54=1|38=1|", Kind::kMissing, 40},
             Case{"35=D|11=a|55=SPY|54=1|38=1|40=2|", Kind::kMissing, 44},
             Case{"35=D|11=a|55=SPY|54=1|38=1|40=3|", Kind::kMissing, 99},
             Case{"35=D|11=a|55=SPY|54=1|38=1e3|40=1|", Kind::kFormat, 38},
             Case{"35=D|11=a|55=SPY|54=1|38=-1|40=1|", Kind::kValue, 38},
             Case{"35=D|11=a|55=SPY|54=11|38=1|40=1|", Kind::kFormat, 54},
             Case{"35=D|11=a|55=SPY|54=1|38=1|40=1|59=6|126=20260231-00:00:00|", Kind::kFormat,
                  126},
             Case{"35=F|11=a|55=SPY|54=1|", Kind::kMissing, 41},
             Case{"35=AF|585=7|", Kind::kMissing, 584},
             Case{"35=q|11=a|", Kind::kMissing, 530},
             Case{"35=E|66=L|73=2|11=a|55=SPY|54=1|38=1|40=1|", Kind::kFormat, 73},
             Case{"35=E|66=L|73=1|11=a|55=SPY|54=1|40=1|", Kind::kMissing, 38},
             Case{"35=V|262=v|263=1|267=1|269=0|", Kind::kMissing, 55},
             Case{"35=R|131=a|", Kind::kType, 35},
             Case{"11=a|", Kind::kType, 35},
             Case{"35=D|what|", Kind::kFormat, 0},
         }) {
        const auto request = decode(c.text);
        ASSERT_FALSE(request.ok()) << c.text;
        EXPECT_EQ(request.error().kind, c.kind) << c.text;
        EXPECT_EQ(request.error().tag, c.tag) << c.text;
    }
}

TEST(RequestDecoder, KeepsWhatIsWellFormedAndNotKnownHereForTheBusiness) {
    for (const char* terms : {"54=1|38=1|40=G|", "54=8|38=1|40=1|", "54=1|38=1|40=1|59=5|",
                              "54=1|38=1|40=P|18=L|", "54=1|38=1|40=1|59=6|"}) {
        const auto request = decode("35=D|11=a|55=SPY|" + std::string(terms));
        ASSERT_TRUE(request.ok()) << terms;
        EXPECT_FALSE(request->order.unsupported.empty()) << terms;
    }
}

TEST(RequestDecoder, ReadsRepeatingGroupsInTheirOrder) {
    const auto list = decode(
        "35=E|66=L|394=3|68=2|73=2|11=a|67=1|55=SPY|54=1|38=1|40=1|11=b|67=2|55=QQQ|54=2|38=2|"
        "40=2|44=9|");
    ASSERT_TRUE(list.ok());
    ASSERT_EQ(list->orders.size(), 2U);
    EXPECT_EQ(list->id, "L");
    EXPECT_EQ(list->orders[0].client_id, "a");
    EXPECT_EQ(list->orders[0].price, Price::zero());
    EXPECT_EQ(list->orders[1].symbol, "QQQ");
    EXPECT_EQ(list->orders[1].price, Price::from_units(9));
    const auto data = decode("35=V|262=v|263=1|264=1|267=2|269=0|269=2|146=2|55=SPY|55=QQQ|");
    ASSERT_TRUE(data.ok());
    EXPECT_EQ(data->entries, kEntryBid | kEntryTrade);
    EXPECT_EQ(data->symbols, (std::vector<std::string>{"SPY", "QQQ"}));
}

TEST(RequestDecoder, KnowsARepetition) {
    EXPECT_TRUE(decode("35=F|97=Y|11=b|41=a|")->repeated);
    EXPECT_TRUE(decode("35=F|43=Y|11=b|41=a|")->repeated);
    EXPECT_FALSE(decode("35=F|97=N|11=b|41=a|")->repeated);
}

}  // namespace
}  // namespace fermata::fix
