#include "tests/strategies/guide/dip_buyer.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/strategies/guide/register_dip_buyer.hpp"
#include "tests/strategies/shard_harness.hpp"

namespace fermata {
namespace {

using test::price;
using test::ShardHarness;

std::unique_ptr<Strategy> dip_buyer() {
    StrategyRegistry registry;
    register_dip_buyer(registry);
    const StrategyType& type = *registry.find("dip_buyer");
    return type.make(complete_params(type, {}));
}

ShardHarness harness() { return {dip_buyer(), 1, test::fixed_size(10)}; }

TEST(DipBuyer, BidsBelowTheClose) {
    ShardHarness shard = harness();
    shard.close("50");
    const auto bid = shard.take_order();
    ASSERT_TRUE(bid.has_value());
    EXPECT_EQ(bid->data.new_order.type, OrderType::kLimit);
    EXPECT_EQ(bid->data.new_order.price, price("49"));
    shard.close("60");
    EXPECT_FALSE(shard.take_order());  // one bid at a time
}

TEST(DipBuyer, WithdrawsABidThatNobodyHits) {
    ShardHarness shard = harness();
    shard.close("50");
    const auto bid = shard.take_order();
    shard.wait(Duration::hours(1));
    const auto cancel = shard.take_change();
    ASSERT_TRUE(cancel.has_value());
    EXPECT_EQ(cancel->type, OrderEventType::kCancel);
    EXPECT_EQ(cancel->data.change.tag, bid->data.new_order.tag);
    shard.cancel(*bid);
    shard.wait(Duration::hours(1));
    EXPECT_FALSE(shard.take_change());
}

TEST(DipBuyer, ProtectsEveryPartOfItsPosition) {
    ShardHarness shard = harness();
    shard.close("50");
    const auto bid = shard.take_order();
    shard.fill_part(*bid, Quantity::from_units(4), price("49"));
    const auto stop = shard.take_order();
    ASSERT_TRUE(stop.has_value());
    EXPECT_EQ(stop->data.new_order.type, OrderType::kStop);
    EXPECT_EQ(stop->data.new_order.side, Side::kSell);
    EXPECT_EQ(stop->data.new_order.stop_price, price("44.1"));
    EXPECT_EQ(stop->data.new_order.quantity, Quantity::from_units(4));
    shard.fill_part(*bid, Quantity::from_units(6), price("48"));
    const auto replace = shard.take_change();
    ASSERT_TRUE(replace.has_value());
    EXPECT_EQ(replace->type, OrderEventType::kReplace);
    EXPECT_EQ(replace->data.change.quantity, Quantity::from_units(10));
    EXPECT_EQ(replace->data.change.stop_price, price("43.2"));
}

TEST(DipBuyer, SellsAtOnceWhenTheStopIsRefused) {
    ShardHarness shard = harness();
    shard.close("50");
    shard.fill(*shard.take_order(), "49");
    shard.reject(*shard.take_order());
    const auto sale = shard.take_order();
    ASSERT_TRUE(sale.has_value());
    EXPECT_EQ(sale->data.new_order.type, OrderType::kMarket);
    EXPECT_EQ(sale->data.new_order.quantity, Quantity::from_units(10));
    shard.fill(*sale, "49");
    shard.close("50");
    EXPECT_TRUE(shard.take_order());  // flat again: the next bid
}

TEST(DipBuyer, RemembersItsOrdersAcrossARestart) {
    ShardHarness shard = harness();
    shard.close("50");
    const auto bid = shard.take_order();
    shard.restart(dip_buyer());
    shard.close("60");
    EXPECT_FALSE(shard.take_order());  // its bid is still there
    shard.fill_part(*bid, Quantity::from_units(4), price("49"));
    const auto stop = shard.take_order();
    ASSERT_TRUE(stop.has_value());
    shard.restart(dip_buyer());
    shard.fill_part(*bid, Quantity::from_units(6), price("48"));
    const auto replace = shard.take_change();
    ASSERT_TRUE(replace.has_value());
    EXPECT_EQ(replace->data.change.tag, stop->data.new_order.tag);
    EXPECT_EQ(replace->data.change.quantity, Quantity::from_units(10));
    shard.restart(dip_buyer());
    shard.wait(Duration::hours(1));  // the timer of the bid survives, too
    const auto cancel = shard.take_change();
    ASSERT_TRUE(cancel.has_value());
    EXPECT_EQ(cancel->data.change.tag, bid->data.new_order.tag);
}

/// Says nothing about its state.
class Silent final : public Strategy {};

TEST(Snapshots, AreRefusedWhenAStrategyDoesNotSupportThem) {
    ShardHarness shard(std::make_unique<Silent>(), 1, test::fixed_size(1));
    EXPECT_EQ(shard.snapshot_error(), "section strategy 0: its type does not support snapshots");
}

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(StrategyGuide, PrintsTheCodeThatIsTestedHere) {
    const std::filesystem::path here =
        std::filesystem::path(FERMATA_SOURCE_DIR) / "tests/strategies/guide";
    const std::string guide = content(here / "../../../docs/strategy-guide.md");
    for (const char* listing : {"dip_buyer.hpp", "register_dip_buyer.hpp"}) {
        const std::string code = content(here / listing);
        ASSERT_FALSE(code.empty()) << listing;
        EXPECT_NE(guide.find("```cpp\n" + code + "```\n"), std::string::npos) << listing;
    }
}

}  // namespace
}  // namespace fermata
