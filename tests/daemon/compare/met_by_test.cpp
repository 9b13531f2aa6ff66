#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/compare/story_fixture.hpp"

namespace fermata::compare::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kTenth = kMillisecond / 10;

std::vector<FactPlace> met(const MadeRun& run) {
    const OrderStory& order = run.story.orders.back();
    return met_by(run.story, order, order.fills.back());
}
/// A limit order to buy, in cents.
OrderStory& rest(MadeRun& run, std::size_t on, std::int64_t cents) {
    OrderStory& order = run.order(Side::kBuy, on);
    order.terms.type = OrderType::kLimit;
    order.terms.price = price(cents);
    return order;
}
/// Its fill at its limit, which became known a millisecond behind quote `by`.
FillStory& hit(MadeRun& run, std::size_t by, std::int64_t cents) {
    FillStory& fill = run.fill(by);
    fill.price = price(cents);
    return fill;
}

TEST(MetBy, LooksALittleBehindTheReportWhenNothingBeforeItFits) {
    MadeRun run(0, kTenth);
    run.quotes({1000, 1001, 1002, 1003, 1001});
    run.order(Side::kBuy, 0);
    FillStory& fill = run.fill(3);
    fill.ts = *run.story.orders[0].answered;
    fill.position = 1;  // reported before quotes 2 to 4 were seen
    EXPECT_THAT(met(run), ElementsAre(FactPlace{0, 3}));
    fill.price = price(1002);
    EXPECT_THAT(met(run), ElementsAre(FactPlace{0, 1}, FactPlace{0, 4}))
        << "the next one is nearest, what else says so is not asked";
}

TEST(MetBy, TakesNoQuoteThatCameLongerBehindTheReportThanTheReportTook) {
    for (const std::int64_t took : {3'500'000, 7'000'000, 9'000'000}) {
        MadeRun run(0, 15 * kMillisecond);
        run.quotes({1000, 1001});
        run.order(Side::kBuy, 0, 100, took);
        FillStory& fill = run.fill(1);
        fill.ts = *run.story.orders[0].answered;
        fill.position = 1;
        // 11.5 and 8 ms behind an answer that took less; 6 behind one that took 9.
        EXPECT_EQ(met(run).empty(), took != 9'000'000) << took;
    }
}

TEST(MetBy, TakesALimitThatRestedForHitByWhatCameToIt) {
    MadeRun run;
    run.quotes({1000, 1001, 998, 997});
    rest(run, 0, 999);
    FillStory& fill = hit(run, 2, 999);
    EXPECT_THAT(met(run), ElementsAre(FactPlace{0, 2})) << "an offer of 9.99";
    fill.ts = fill.ts + Duration{10 * kMillisecond};
    fill.position = 4;
    EXPECT_THAT(met(run), ElementsAre(FactPlace{0, 3}, FactPlace{0, 2}))
        << "an offer below its limit, when 9.99 had been there for ten milliseconds";
}

TEST(MetBy, NamesTheQuoteInForceAtTheFillAndNotTheFirstThatFitted) {
    MadeRun run;
    run.quotes({1004, 998, 1003, 1005, 998, 1002});
    rest(run, 0, 999);
    hit(run, 4, 999);
    EXPECT_THAT(met(run), ElementsAre(FactPlace{0, 4}));
}

TEST(MetBy, NamesEveryQuoteThatTheReportCanBeOfWithTheNewestFirst) {
    MadeRun run(0, kMillisecond);
    run.quotes({1004, 998, 1003, 1005, 998, 998, 1002});
    rest(run, 0, 999);
    run.story.longest_answer = Duration{2 * kMillisecond};
    hit(run, 6, 999);  // 7 ms; the quotes of 4 and 5 ms fit, and that of 1 ms is too long ago
    EXPECT_THAT(met(run), ElementsAre(FactPlace{0, 5}, FactPlace{0, 4}));
}

TEST(MetBy, ComparesWithTheTermsThatWereInForce) {
    MadeRun run;
    run.quotes({1004, 1000, 1003, 1005, 1000, 1002});
    OrderStory& order = rest(run, 0, 999);
    const auto& facts = run.story.market[0].facts;
    order.at_venue = {{price(999), {}, units(100), facts[0].ts, 1, true},
                      {price(1001), {}, units(100), facts[3].ts, 4, true}};
    hit(run, 4, 1001).terms = 1;
    EXPECT_THAT(met(run), ElementsAre(FactPlace{0, 4}));
    order.fills[0].terms = 0;
    run.story.market[0].facts[4].content[2] = price(1000).raw();
    EXPECT_THAT(met(run), IsEmpty()) << "10.01 was nobody's price: the limit stood at 9.99";
}

TEST(MetBy, DoesNotLookBeforeTheTermsWereSent) {
    MadeRun run(0, kTenth);
    run.quotes({1000, 1004, 1000, 1004});
    OrderStory& order = rest(run, 0, 1001);
    const auto& facts = run.story.market[0].facts;
    order.at_venue = {{price(990), {}, units(100), facts[0].ts, 1, true},
                      {price(1001), {}, units(100), facts[1].ts, 2, true}};
    hit(run, 3, 1001).terms = 1;
    EXPECT_THAT(met(run), ElementsAre(FactPlace{0, 2}));
}

TEST(MetBy, TakesTheEventThatTheRecordNames) {
    MadeRun run;
    run.quotes({1000, 1001, 998, 997});
    rest(run, 0, 1000);
    hit(run, 2, 1000).met = 4;
    EXPECT_THAT(met(run), ElementsAre(FactPlace{0, 3}));
}

}  // namespace
}  // namespace fermata::compare::test
