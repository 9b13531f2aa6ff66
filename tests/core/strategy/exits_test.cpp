#include "core/strategy/exits.hpp"

#include "tests/core/strategy/hosted_strategy.hpp"

namespace fermata {
namespace {

using test::HostedStrategy;
using test::price_of;
using test::units;
using Kind = ExitDistance::Kind;

/// With managed exits beside it.
struct Guarded : HostedStrategy {
    explicit Guarded(const ExitRules& exits) : rules(exits) {
        helpers.push_back(std::make_unique<ExitManager>(rules));
        start();
    }
    void restart_all() {
        std::vector<std::unique_ptr<Strategy>> fresh;
        fresh.push_back(std::make_unique<ExitManager>(rules));
        restart(std::move(fresh));
    }
    ExitRules rules;
};

/// The strategy trades at the market and the test fills it.
void trade(HostedStrategy& h, Side side, std::int64_t quantity, const std::string& price) {
    OrderTag tag;
    h.act([&](StrategyContext& c) {
        OrderRequest r;
        r.side = side;
        r.quantity = units(quantity);
        tag = c.submit(r);
    });
    h.fill(tag, quantity, price);
}

ExitRules stop_and_target() {
    ExitRules rules;
    rules.stop = {Kind::kPercent, 0.02};
    rules.targets = {{{Kind::kRisk, 3}, 1}};
    return rules;
}

// Entry 100.03: the stop 2% below is 98.0294, on the tick towards the entry 98.03; the target three
// times 2.0006 above is 106.0318, away from the entry 106.04.
TEST(ExitManager, PlacesStopAndTargetForALongPosition) {
    Guarded h(stop_and_target());
    trade(h, Side::kBuy, 50, "100.03");
    ASSERT_EQ(h.live().size(), 2u);
    const auto stop = h.only(OrderType::kStop).order;
    const auto target = h.only(OrderType::kLimit).order;
    EXPECT_EQ(stop.side, Side::kSell);
    EXPECT_EQ(stop.quantity, units(50));
    EXPECT_EQ(stop.stop_price, price_of("98.03"));
    EXPECT_EQ(target.price, price_of("106.04"));
    EXPECT_EQ(target.quantity, units(50));
    for (const NewOrderData& o : {stop, target}) {
        EXPECT_EQ(o.flags, kOrderReduceOnly | kOrderExit);
        EXPECT_EQ(o.link_role, LinkRole::kOuo);
    }
    EXPECT_EQ(stop.link, target.link);
    EXPECT_NE(stop.link, 0u);
}

// The same for a short one: the stop 102.0306 towards the entry is 102.03, the target 94.0282 away
// from it 94.02.
TEST(ExitManager, PlacesThemOnTheOtherSidesForAShortPosition) {
    Guarded h(stop_and_target());
    trade(h, Side::kSell, 50, "100.03");
    EXPECT_EQ(h.only(OrderType::kStop).order.side, Side::kBuy);
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("102.03"));
    EXPECT_EQ(h.only(OrderType::kLimit).order.price, price_of("94.02"));
}

TEST(ExitManager, FollowsAnEntryThatIsFilledInParts) {
    Guarded h(stop_and_target());
    OrderTag tag;
    h.act([&](StrategyContext& c) {
        OrderRequest r;
        r.quantity = units(100);
        tag = c.submit(r);
    });
    h.fill(tag, 40, "100");
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(40));
    // Average of 40 at 100 and 60 at 101 is 100.60, 2% below 98.588, on the tick 98.59.
    h.fill(tag, 60, "101");
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(100));
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("98.59"));
    EXPECT_EQ(h.only(OrderType::kLimit).leaves(), units(100));
}

TEST(ExitManager, TakesTheOthersBackWhenOneFills) {
    Guarded h(stop_and_target());
    trade(h, Side::kBuy, 50, "100");
    h.fill(h.only(OrderType::kLimit).order.tag, 20, "106");
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(30));
    EXPECT_EQ(h.only(OrderType::kLimit).leaves(), units(30));
    h.fill(h.only(OrderType::kLimit).order.tag, 30, "106");
    EXPECT_TRUE(h.live().empty());
    EXPECT_TRUE(h.position().is_zero());
}

TEST(ExitManager, LeavesNothingWhenTheStrategyClosesThePositionItself) {
    Guarded h(stop_and_target());
    trade(h, Side::kBuy, 50, "100");
    trade(h, Side::kSell, 50, "101");
    EXPECT_TRUE(h.live().empty());
}

TEST(ExitManager, StartsAnewWhenAPositionTurns) {
    Guarded h(stop_and_target());
    trade(h, Side::kBuy, 50, "100");
    const std::uint32_t link = h.only(OrderType::kStop).order.link;
    trade(h, Side::kSell, 80, "100");
    EXPECT_EQ(h.only(OrderType::kStop).order.side, Side::kBuy);
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(30));
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("102"));
    EXPECT_NE(h.only(OrderType::kStop).order.link, link);
}

TEST(ExitManager, ClosesAPositionWhoseStopIsRefused) {
    Guarded h(stop_and_target());
    h.refuses = [](const NewOrderData& o) { return o.type == OrderType::kStop; };
    trade(h, Side::kBuy, 50, "100");
    ASSERT_EQ(h.live().size(), 1u);
    const auto out = h.only(OrderType::kMarket).order;
    EXPECT_EQ(out.side, Side::kSell);
    EXPECT_EQ(out.quantity, units(50));
    h.fill(out.tag, 50, "99");
    EXPECT_TRUE(h.live().empty());
}

TEST(ExitManager, TriesAgainAtTheNextPriceWhenTheWayOutIsRefused) {
    Guarded h(stop_and_target());
    int refused = 0;
    h.refuses = [&](const NewOrderData& o) {
        return (o.flags & kOrderExit) != 0 && ++refused <= 3;
    };
    trade(h, Side::kBuy, 50, "100");
    EXPECT_GE(refused, 2);
    h.quote("99", "99.02");
    h.quote("99", "99.02");
    EXPECT_EQ(h.only(OrderType::kMarket).order.quantity, units(50));
}

// Three bars of a true range of 2: the ATR of 3 is 2 from the fourth bar on, as the first has no
// close before it. Stop 1.5 ATRs below 100 is 97, target 2 ATRs above 104.
TEST(ExitManager, MeasuresInAverageTrueRanges) {
    ExitRules rules;
    rules.stop = {Kind::kAtr, 1.5};
    rules.targets = {{{Kind::kAtr, 2}, 1}};
    rules.atr_period = 3;
    Guarded h(rules);
    for (int n = 0; n < 4; ++n) h.bar("100", "101", "99", "100");
    trade(h, Side::kBuy, 10, "100");
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("97"));
    EXPECT_EQ(h.only(OrderType::kLimit).order.price, price_of("104"));
    // A wilder bar changes nothing: the ATR of the entry counts.
    h.bar("100", "110", "99", "100");
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("97"));
}

TEST(ExitManager, ClosesAtOnceWhatItCannotProtectYet) {
    ExitRules rules;
    rules.stop = {Kind::kAtr, 1.5};
    Guarded h(rules);
    trade(h, Side::kBuy, 10, "100");
    EXPECT_EQ(h.only(OrderType::kMarket).order.side, Side::kSell);
}

// Chandelier of 2 ATRs (ATR of 1 bar = the last true range). Entry 100. Bar 1: high 103, low 101,
// close 102, range 3 (from the close 100 before): level 103 - 6 = 97. Bar 2: high 105, low 104,
// close 105, range 3: 105 - 6 = 99. Bar 3: high 105, low 98, close 99, range 7: 105 - 14 = 91 is
// below 99, so 99 stays.
TEST(ExitManager, HangsAChandelierThatNeverComesDown) {
    ExitRules rules;
    rules.trail = ExitRules::Trail::kChandelier;
    rules.trail_distance = {Kind::kAtr, 2};
    rules.atr_period = 1;
    Guarded h(rules);
    h.bar("100", "100.5", "99.5", "100");
    h.bar("100", "100.5", "99.5", "100");
    trade(h, Side::kBuy, 10, "100");
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("98"));  // 100 - 2 x 1
    h.bar("101", "103", "101", "102");
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("98"));  // 97 is lower
    h.bar("104", "105", "104", "105");
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("99"));
    h.bar("104", "105", "98", "99");
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("99"));
}

TEST(ExitManager, SendsATrailingStopOrder) {
    ExitRules rules;
    rules.trail = ExitRules::Trail::kOrder;
    rules.trail_distance = {Kind::kPercent, 0.05};
    Guarded h(rules);
    trade(h, Side::kSell, 10, "100");
    const auto trail = h.only(OrderType::kTrailingStop).order;
    EXPECT_EQ(trail.side, Side::kBuy);
    EXPECT_EQ(trail.offset_kind, OffsetKind::kTrailPercent);
    EXPECT_EQ(trail.offset, 50'000'000);
}

TEST(ExitManager, LeavesAfterSoManyBars) {
    ExitRules rules;
    rules.bars = 2;
    Guarded h(rules);
    trade(h, Side::kBuy, 10, "100");
    h.bar("100", "100", "100", "100");
    EXPECT_TRUE(h.live().empty());
    h.bar("100", "100", "100", "100");
    EXPECT_EQ(h.only(OrderType::kMarket).order.quantity, units(10));
}

TEST(ExitManager, LeavesAfterSoLongAndNotForAnEarlierEntry) {
    ExitRules rules;
    rules.after = Duration::minutes(10);
    Guarded h(rules);
    trade(h, Side::kBuy, 10, "100");
    h.pass(Duration::minutes(6));
    trade(h, Side::kSell, 10, "100");
    trade(h, Side::kBuy, 20, "100");
    h.pass(Duration::minutes(5));  // ten minutes after the first entry
    EXPECT_TRUE(h.live().empty());
    h.pass(Duration::minutes(6));
    EXPECT_EQ(h.only(OrderType::kMarket).order.quantity, units(20));
}

// 100 shares in three: 50 at +1, 30 at +2, what is left runs with the stop.
TEST(ExitManager, ScalesOutByItsTargets) {
    ExitRules rules;
    rules.stop = {Kind::kPrice, 5};
    rules.targets = {{{Kind::kPrice, 1}, 0.5}, {{Kind::kPrice, 2}, 0.3}};
    Guarded h(rules);
    trade(h, Side::kBuy, 100, "100");
    const auto at = [&](const char* price) {
        return h.only([&](const NewOrderData& o) { return o.price == price_of(price); });
    };
    EXPECT_EQ(at("101").leaves(), units(50));
    EXPECT_EQ(at("102").leaves(), units(30));
    h.fill(at("101").order.tag, 50, "101");
    EXPECT_EQ(at("102").leaves(), units(30));
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(50));
    h.fill(at("102").order.tag, 30, "102");
    EXPECT_EQ(h.live().size(), 1u);
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(20));
}

// Twice half of the first entry, each 2% of the average entry beyond the last one: from 100 at 102;
// then the average is (100 x 100 + 50 x 102) / 150 = 100.6667, 2% of it 2.0133, from 102 at 104.01.
TEST(ExitManager, ScalesInWithTheMarket) {
    ExitRules rules;
    rules.adds = 2;
    rules.add_distance = {Kind::kPercent, 0.02};
    rules.add_fraction = 0.5;
    Guarded h(rules);
    trade(h, Side::kBuy, 100, "100");
    auto add = h.only(OrderType::kStop).order;
    EXPECT_EQ(add.side, Side::kBuy);
    EXPECT_EQ(add.quantity, units(50));
    EXPECT_EQ(add.stop_price, price_of("102"));
    EXPECT_EQ(add.flags & kOrderReduceOnly, 0);
    h.fill(add.tag, 50, "102");
    add = h.only(OrderType::kStop).order;
    EXPECT_EQ(add.stop_price, price_of("104.01"));
    EXPECT_EQ(add.quantity, units(50));
    h.fill(add.tag, 50, "104.01");
    EXPECT_TRUE(h.live().empty());
}

// A split of 2:1 leaves 100 shares of an entry at 50: the stop of 2% is 49.
TEST(ExitManager, FollowsASplit) {
    Guarded h(stop_and_target());
    trade(h, Side::kBuy, 50, "100");
    h.split(2, 1);
    h.bar("50", "50", "50", "50");
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(100));
    EXPECT_EQ(h.only(OrderType::kStop).order.stop_price, price_of("49"));
    EXPECT_EQ(h.only(OrderType::kLimit).order.price, price_of("53"));
}

TEST(ExitManager, SendsNothingIntoAClosedMarketButCancels) {
    Guarded h(stop_and_target());
    h.session(true);
    OrderTag tag;
    h.act([&](StrategyContext& c) {
        OrderRequest r;
        r.quantity = units(50);
        tag = c.submit(r);
    });
    h.session(false);
    h.fill(tag, 50, "100");
    EXPECT_TRUE(h.live().empty());
    h.session(true);
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(50));
    EXPECT_EQ(h.only(OrderType::kLimit).leaves(), units(50));
    h.session(false);
    h.fill(h.only(OrderType::kStop).order.tag, 50, "98");
    EXPECT_TRUE(h.live().empty());
}

TEST(ExitManager, WaitsInAHaltForTheFirstPriceBehindIt) {
    Guarded h(stop_and_target());
    OrderTag tag;
    h.act([&](StrategyContext& c) {
        OrderRequest r;
        r.quantity = units(50);
        tag = c.submit(r);
    });
    h.halt(true);
    h.fill(tag, 50, "100");
    h.quote("99", "100");
    EXPECT_TRUE(h.live().empty());
    EXPECT_EQ(h.told(), "halts ");
    h.restart_all();
    h.halt(false);
    h.halt(false);
    EXPECT_TRUE(h.live().empty()) << "what the gate knows is of before the halt";
    h.quote("99", "100");
    EXPECT_EQ(h.only(OrderType::kStop).leaves(), units(50));
    EXPECT_EQ(h.only(OrderType::kLimit).leaves(), units(50));
    h.halt(true);
    h.fill(h.only(OrderType::kStop).order.tag, 50, "98");
    EXPECT_TRUE(h.live().empty()) << "cancels go out";
    EXPECT_EQ(h.told(), "resumes halts ") << "each once";
}

TEST(ExitManager, GoesWithoutReduceOnlyWhereOthersTradeTheInstrumentToo) {
    HostedStrategy h;
    h.helpers.push_back(
        std::make_unique<ExitManager>(stop_and_target(), std::vector{InstrumentId{0}}));
    h.start();
    trade(h, Side::kBuy, 50, "100");
    EXPECT_EQ(h.only(OrderType::kStop).order.flags, kOrderExit);
    EXPECT_EQ(h.only(OrderType::kLimit).order.flags, kOrderExit);
}

TEST(ExitManager, GoesOnFromASnapshot) {
    Guarded h(stop_and_target());
    trade(h, Side::kBuy, 50, "100");
    std::vector<std::unique_ptr<Strategy>> fresh;
    fresh.push_back(std::make_unique<ExitManager>(stop_and_target()));
    h.restart(std::move(fresh));
    h.fill(h.only(OrderType::kStop).order.tag, 50, "98");
    EXPECT_TRUE(h.live().empty());
}

TEST(StrategyContext, CountsNoManagedOrdersAmongItsOwn) {
    Guarded h(stop_and_target());
    trade(h, Side::kBuy, 50, "100");
    std::uint32_t open = 99;
    h.act([&](StrategyContext& c) { open = c.open_orders(); });
    EXPECT_EQ(h.live().size(), 2u);
    EXPECT_EQ(open, 0u);
}

TEST(StrategyContext, WindsDownToNothing) {
    Guarded h(stop_and_target());
    trade(h, Side::kBuy, 50, "100");
    OrderTag ignored{1};
    bool done = true;
    h.act([&](StrategyContext& c) {
        OrderRequest limit;
        limit.type = OrderType::kLimit;
        limit.price = price_of("90");
        limit.quantity = units(5);
        c.submit(limit);
        c.wind_down();
        ignored = c.submit(limit);
        done = c.wound_down();
    });
    EXPECT_EQ(ignored.value, 0u);
    EXPECT_FALSE(done);
    ASSERT_EQ(h.live().size(), 1u);
    const auto close = h.only(OrderType::kMarket).order;
    EXPECT_EQ(close.quantity, units(50));
    EXPECT_EQ(close.flags, kOrderReduceOnly);
    h.fill(close.tag, 20, "99");
    h.end(close.tag);  // the rest found no liquidity: what is left is sent again
    h.fill(h.only(OrderType::kMarket).order.tag, 30, "99");
    EXPECT_TRUE(h.live().empty());
    EXPECT_TRUE(h.position().is_zero());
}

TEST(StrategyContext, WindingDownTriesARefusedCloseAgainAtTheNextPrice) {
    HostedStrategy h;
    h.start();
    trade(h, Side::kSell, 50, "100");
    int refused = 0;
    h.refuses = [&](const NewOrderData&) { return ++refused == 1; };
    h.act([](StrategyContext& c) { c.wind_down(); });
    h.quote("100", "100.02");
    h.quote("100", "100.02");
    EXPECT_EQ(refused, 2);
    EXPECT_EQ(h.only(OrderType::kMarket).order.side, Side::kBuy);
}

TEST(StrategyContext, SendsABracketAsOneGroup) {
    HostedStrategy h;
    h.start();
    BracketTags tags;
    h.act([&](StrategyContext& c) {
        OrderRequest entry;
        entry.type = OrderType::kLimit;
        entry.price = price_of("99");
        entry.quantity = units(10);
        tags = c.submit_bracket(entry, price_of("97"), price_of("103"));
    });
    const NewOrderData& entry = h.orders.at(tags.entry.value).order;
    const NewOrderData& stop = h.orders.at(tags.stop.value).order;
    const NewOrderData& target = h.orders.at(tags.target.value).order;
    EXPECT_EQ(entry.link_role, LinkRole::kPrimary);
    EXPECT_EQ(stop.link_role, LinkRole::kSecondaryOuo);
    EXPECT_EQ(target.link_role, LinkRole::kSecondaryOuo);
    EXPECT_TRUE(entry.link != 0 && entry.link == stop.link && stop.link == target.link);
    EXPECT_EQ(stop.stop_price, price_of("97"));
    EXPECT_EQ(target.price, price_of("103"));
    EXPECT_EQ(target.side, Side::kSell);
}

TEST(StrategyContext, AnnouncesABasketBeforeItsMembers) {
    HostedStrategy h;
    h.start();
    h.act([&](StrategyContext& c) {
        OrderRequest r;
        r.quantity = units(1);
        const std::vector<OrderRequest> orders(3, r);
        c.submit_basket(orders);
    });
    ASSERT_EQ(h.records.size(), 1u);
    const BasketData& basket = h.records[0].data.basket;
    EXPECT_EQ(basket.count, 3u);
    ASSERT_EQ(h.orders.size(), 3u);
    for (const auto& [tag, seen] : h.orders) {
        EXPECT_EQ(seen.order.link, basket.link);
        EXPECT_EQ(seen.order.flags, kOrderBasket);
    }
}

}  // namespace
}  // namespace fermata
