#include "risk/surveillance/market_view.hpp"

#include <gtest/gtest.h>

namespace fermata::surveillance {
namespace {

constexpr InstrumentId kInstrument{0};

MarketEvent bar(std::uint16_t stream, std::int64_t volume) {
    BarData d;
    d.open = d.high = d.low = d.close = Price::from_units(100);
    d.volume = Quantity::from_units(volume);
    return make_bar(Timestamp{1}, kInstrument, StreamId{stream}, d);
}
MarketEvent trade(std::int64_t units) {
    TradeData d;
    d.price = Price::from_units(100);
    d.quantity = Quantity::from_units(units);
    return make_trade(Timestamp{1}, kInstrument, StreamId{9}, d);
}
Wide units(std::int64_t n) { return Quantity::from_units(n).raw(); }

TEST(MarketView, KnowsNothingBeforeTheMarketSpoke) {
    const MarketView view(1);
    EXPECT_FALSE(view.price(kInstrument));
    EXPECT_FALSE(view.volume(kInstrument));
    EXPECT_FALSE(view.price(InstrumentId{1}));
    EXPECT_FALSE(view.volume(InstrumentId{1}));
}

TEST(MarketView, CountsTheVolumeOfOneBarIntervalOnly) {
    // Five bars of a minute and the one of five minutes that they make.
    MarketView view(1);
    for (int i = 0; i < 5; ++i) view.take(bar(1, 100));
    view.take(bar(2, 500));
    EXPECT_EQ(view.volume(kInstrument), units(500));
}

TEST(MarketView, CountsTradesAndNotTheBarsMadeOfThem) {
    MarketView view(1);
    for (int i = 0; i < 5; ++i) view.take(trade(100));
    view.take(bar(1, 500));
    EXPECT_EQ(view.volume(kInstrument), units(500));
}

TEST(MarketView, TakesBarsWithoutVolumeForNone) {
    MarketView view(1);
    view.take(bar(1, 0));
    EXPECT_TRUE(view.price(kInstrument));
    EXPECT_FALSE(view.volume(kInstrument));
}

TEST(MarketView, AddsUpMoreThanAQuantityHolds) {
    MarketView view(1);
    const std::int64_t most = Quantity::max().raw() / Quantity::kOne;
    for (int i = 0; i < 3; ++i) view.take(trade(most));
    EXPECT_EQ(view.volume(kInstrument), 3 * units(most));
}

}  // namespace
}  // namespace fermata::surveillance
