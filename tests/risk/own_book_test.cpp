// SELF_MATCH.

#include "risk/own_book.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

/// A gate in which orders rest as the order manager says.
struct Book : GateWorld {
    explicit Book(const char* mode = "2") : GateWorld(only({{"self_match", mode}})) {}
    Order rest(Side side, std::string_view at, std::uint16_t account = 0) {
        Order order = open(in_account(account, limit(0, side, "10", at)));
        tell(order);
        return order;
    }
    std::vector<std::uint64_t> to_cancel() {
        std::vector<std::uint64_t> ids;
        while (const auto id = gate().next_self_match()) ids.push_back(id->value);
        return ids;
    }
};

TEST(GateSelfMatch, RefusesALimitThatReachesAnOwnOrder) {
    Book w;
    w.rest(Side::kSell, "101", 1);  // whatever the account
    w.rest(Side::kBuy, "99");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100.99")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "101")), "SELF_MATCH firm 101 101");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "99.01")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "98")), "SELF_MATCH firm 98 99");
    EXPECT_EQ(w.text(w.limit(1, Side::kSell, "1", "98")), "APPROVED") << "another instrument";
    EXPECT_TRUE(w.to_cancel().empty());
}

TEST(GateSelfMatch, RefusesAMarketOrderThatWouldMeetAnOwnOrderFirst) {
    Book w;
    w.rest(Side::kSell, "101");
    w.quote(0, "99", "100.99");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "someone else is better";
    w.quote(0, "99", "101");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "SELF_MATCH firm 101 101");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "1")), "APPROVED");
    Book without_quote;
    without_quote.rest(Side::kBuy, "99");
    without_quote.trade(0, "100");
    EXPECT_EQ(without_quote.text(without_quote.order(0, Side::kSell, "1")), "APPROVED");
    without_quote.trade(0, "99");
    EXPECT_EQ(without_quote.text(without_quote.order(0, Side::kSell, "1")),
              "SELF_MATCH firm 99 99");
}

TEST(GateSelfMatch, RefusesEveryMarketOrderThatCouldMeetOneWhileNoPriceIsKnown) {
    Book w;
    w.rest(Side::kSell, "500");
    EXPECT_NE(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "1")), "APPROVED");
}

TEST(GateSelfMatch, FollowsOrdersThatEndAndChange) {
    Book w;
    Order best = w.rest(Side::kSell, "101");
    Order next = w.rest(Side::kSell, "102");
    best.state = OrderState::kCanceled;
    w.tell(best);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "101")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "102")), "SELF_MATCH firm 102 102");
    next.replace_pending = true;  // both prices may be in force
    next.pending_price = price("100");
    w.tell(next);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100")), "SELF_MATCH firm 100 100");
    next.pending_price = price("110");
    w.tell(next);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "102")), "SELF_MATCH firm 102 102");
    next.replace_pending = false;
    next.price = price("110");
    w.tell(next);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "109.99")), "APPROVED");
}

TEST(GateSelfMatch, JudgesReplacesToo) {
    Book w;
    w.rest(Side::kSell, "101");
    const Order own = w.rest(Side::kBuy, "99");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(own, "10", "100"), own)), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(own, "10", "101"), own)),
              "SELF_MATCH firm 101 101");
}

TEST(GateSelfMatch, AnOrderWithATriggerRestsOnceItIsTouched) {
    Book w;
    OrderEvent e = w.limit(0, Side::kSell, "10", "95");
    e.data.new_order.type = OrderType::kStopLimit;
    e.data.new_order.stop_price = price("96");
    Order stop = w.open(e);
    w.tell(stop);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100")), "APPROVED");
    stop.triggered = true;
    stop.state = OrderState::kTriggered;
    w.tell(stop);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100")), "SELF_MATCH firm 100 95");
}

TEST(GateSelfMatch, APegThatItsVenueMovesRestsAtItsWorstPrice) {
    Book w;
    w.quote(0, "99", "101");
    Order peg = w.open(w.peg(0, Side::kBuy, OffsetKind::kPegPrimary, "0", "100.50"));
    w.tell(peg);
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "100.50")), "SELF_MATCH firm 100.5 100.5");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "100.51")), "APPROVED");
    peg.price = price("99");  // its venue says where it stands; it may follow further
    w.tell(peg);
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "100.50")), "SELF_MATCH firm 100.5 100.5");
    peg.replace_pending = true;
    peg.pending_price = price("102");
    w.tell(peg);
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "102")), "SELF_MATCH firm 102 102");
    peg.state = OrderState::kCanceled;
    w.tell(peg);
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "99")), "APPROVED");
}

TEST(GateSelfMatch, APegWithoutAWorstPriceThatItsVenueMovesMayBeAnywhere) {
    Book w;
    w.quote(0, "99", "101");
    w.tell(w.open(w.peg(0, Side::kSell, OffsetKind::kPegPrimary, "0")));
    EXPECT_NE(w.text(w.limit(0, Side::kBuy, "1", "0.01")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "0.01")), "APPROVED");
}

TEST(GateSelfMatch, APegThatIsFollowedFromHereRestsWhereItWasSent) {
    Book w;
    w.quote(0, "99", "101");
    Order peg = w.open(w.peg(0, Side::kBuy, OffsetKind::kPegPrimary, "0", "105"));
    peg.flags = kOrderEmulated;
    peg.held = true;
    w.tell(peg);
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "99")), "APPROVED") << "it is not sent";
    peg.held = false;
    peg.price = price("99");
    peg.repriced_at = w.now;
    w.tell(peg);
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "99")), "SELF_MATCH firm 99 99");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "99.01")), "APPROVED");
    peg.replace_pending = true;
    peg.pending_price = price("99.50");
    w.tell(peg);
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "99.50")), "SELF_MATCH firm 99.5 99.5");
}

TEST(GateSelfMatch, ATrailingStopLimitRestsOnceItIsTouched) {
    Book w;
    w.quote(0, "99", "101");
    Order stop = w.open(w.trailing_limit(0, Side::kSell, "2", "-0.50", "96"));
    w.tell(stop);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100")), "APPROVED");
    stop.triggered = true;
    stop.stop_price = price("98");  // it has trailed
    w.tell(stop);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "97.49")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "97.50")), "SELF_MATCH firm 97.5 97.5");
    stop.price = price("97.60");  // sent as a limit order from here
    stop.flags = kOrderEmulated;
    stop.repriced_at = w.now;
    w.tell(stop);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "97.59")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "97.60")), "SELF_MATCH firm 97.6 97.6");
}

TEST(GateSelfMatch, TheRestOfAMarketToLimitOrderRests) {
    Book w;
    w.quote(0, "99", "101");
    OrderEvent e = w.order(0, Side::kSell, "10");
    e.data.new_order.type = OrderType::kMarketToLimit;
    Order rest = w.open(e);
    w.tell(rest);
    EXPECT_NE(w.text(w.limit(0, Side::kBuy, "1", "50")), "APPROVED") << "nobody said where yet";
    rest.price = price("99");
    w.tell(rest);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "98.99")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "99")), "SELF_MATCH firm 99 99");
}

TEST(GateSelfMatch, JudgesAPegWhereItStandsOrWhereItMayComeToTake) {
    Book w;
    w.quote(0, "99", "102");
    w.rest(Side::kSell, "101.99");
    const auto peg = [&](OffsetKind kind, const char* offset, const char* worst) {
        return w.text(w.peg(0, Side::kBuy, kind, offset, worst));
    };
    EXPECT_EQ(peg(OffsetKind::kPegMarket, "0", "105"), "SELF_MATCH firm 105 101.99");
    EXPECT_EQ(peg(OffsetKind::kPegMarket, "-0.50", "101.98"), "APPROVED");
    EXPECT_EQ(peg(OffsetKind::kPegMid, "0.01", "105"), "SELF_MATCH firm 105 101.99");
    EXPECT_EQ(peg(OffsetKind::kPegMid, "0", "105"), "APPROVED") << "never reaches an offer";
    EXPECT_EQ(peg(OffsetKind::kPegPrimary, "0", "0"), "APPROVED");
    EXPECT_NE(peg(OffsetKind::kPegMarket, "0", "0"), "APPROVED");
}

TEST(GateSelfMatch, JudgesTheReplaceOfAStopLimitThatWasTouched) {
    Book w;
    w.rest(Side::kBuy, "99");
    OrderEvent e = w.limit(0, Side::kSell, "10", "101");
    e.data.new_order.type = OrderType::kStopLimit;
    e.data.new_order.stop_price = price("102");
    Order stop = w.open(e);
    stop.triggered = true;
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(stop, "10", "99"), stop)),
              "FIELD order stop_price_missing -");
    OrderEvent change = w.replace(stop, "10", "99");
    change.data.change.stop_price = stop.stop_price;
    EXPECT_EQ(w.text(w.gate().check_replace(change, stop)), "SELF_MATCH firm 99 99");
    change.data.change.price = price("99.01");
    EXPECT_EQ(w.text(w.gate().check_replace(change, stop)), "APPROVED");
}

TEST(GateSelfMatch, SaysWhichOrdersGiveWay) {
    Book oldest("3");
    const Order a = oldest.rest(Side::kSell, "102");
    const Order b = oldest.rest(Side::kSell, "101");
    oldest.rest(Side::kSell, "103");
    EXPECT_EQ(oldest.text(oldest.limit(0, Side::kBuy, "1", "102")), "APPROVED");
    EXPECT_EQ(oldest.to_cancel(), (std::vector{a.id.value, b.id.value})) << "as they came";
    EXPECT_TRUE(oldest.to_cancel().empty());
    EXPECT_EQ(oldest.text(oldest.limit(0, Side::kBuy, "1", "100")), "APPROVED");
    EXPECT_TRUE(oldest.to_cancel().empty());
    EXPECT_EQ(oldest.text(oldest.limit(0, Side::kBuy, "1", "102.001")),
              "TICK_LOT order 102.001 0.01");
    EXPECT_TRUE(oldest.to_cancel().empty()) << "it is not sent, so nothing needs to give way";

    Book both("1");
    const Order c = both.rest(Side::kSell, "101");
    EXPECT_EQ(both.text(both.limit(0, Side::kBuy, "1", "102")), "SELF_MATCH firm 102 101");
    EXPECT_EQ(both.to_cancel(), std::vector{c.id.value});
}

TEST(GateSelfMatch, SeesTheMembersOfABasketBeforeThem) {
    Book w;
    OrderEvent sale = w.limit(0, Side::kSell, "1", "100");
    sale.data.new_order.flags = kOrderBasket;
    sale.data.new_order.link = 1;
    EXPECT_EQ(w.text(sale), "APPROVED");
    OrderEvent purchase = w.limit(0, Side::kBuy, "1", "100");
    purchase.data.new_order.flags = kOrderBasket;
    purchase.data.new_order.link = 1;
    EXPECT_EQ(w.text(purchase), "SELF_MATCH firm 100 100");
    // The basket is denied: the order manager does not know the first one any more.
    OrderEvent denied = make_order_event(OrderEventType::kOrderUpdate, w.now, {0});
    denied.data.update = OrderUpdateData{};
    denied.data.update.order_id = sale.data.new_order.order_id;
    denied.data.update.state = OrderState::kDenied;
    w.gate().on_order_event(denied, nullptr);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100")), "APPROVED");
}

TEST(OwnBook, KnowsTheBestPriceOfEachSideLikeOneThatLooksAtAllOfThem) {
    RiskConfig config = only({{"self_match", "2"}});
    const LimitTable limits(config, 1, 2, 1);
    OwnBook book(limits, 2);
    std::mt19937_64 random(11);
    std::vector<Order> live;
    std::uint64_t ids = 0;
    for (int n = 0; n < 20'000; ++n) {
        const auto pick = [&](std::uint64_t most) { return random() % most; };
        if (live.empty() || pick(10) < 4) {
            Order o;
            o.id = {++ids};
            o.type = OrderType::kLimit;
            o.state = OrderState::kNew;
            o.instrument = {static_cast<std::uint32_t>(pick(2))};
            o.side = static_cast<Side>(pick(2));
            o.price = Price::from_units(static_cast<std::int64_t>(pick(20)) - 10);
            live.push_back(o);
            book.on_order(o);
        } else {
            const std::size_t at = pick(live.size());
            Order& o = live[at];
            if (pick(2) == 0) {
                o.price = Price::from_units(static_cast<std::int64_t>(pick(20)) - 10);
                book.on_order(o);
            } else {
                o.state = OrderState::kFilled;
                pick(2) == 0 ? book.on_order(o) : book.forget(o.id);
                live.erase(live.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
        for (std::uint32_t i = 0; i < 2; ++i) {
            for (const Side side : {Side::kBuy, Side::kSell}) {
                std::optional<Price> best;
                for (const Order& o : live) {
                    if (o.instrument.value != i || o.side != side) continue;
                    if (!best || (side == Side::kBuy ? o.price > *best : o.price < *best)) {
                        best = o.price;
                    }
                }
                ASSERT_EQ(book.best({i}, side), best) << n;
            }
        }
        ASSERT_EQ(book.size(), live.size());
    }
}

TEST(OwnBook, RefusesEveryOrderWhenItIsFull) {
    Book w;
    Order o = w.rest(Side::kBuy, "1");
    for (std::uint64_t n = 1; n < OwnBook::kOrdersMax; ++n) {
        o.id = {o.id.value + 1'000'000};
        w.tell(o);
    }
    EXPECT_EQ(w.text(w.limit(1, Side::kBuy, "1", "1")), "SELF_MATCH firm too_many_orders -");
    o.state = OrderState::kCanceled;
    w.tell(o);
    EXPECT_EQ(w.text(w.limit(1, Side::kBuy, "1", "1")), "APPROVED");
}

}  // namespace
}  // namespace fermata::testing
