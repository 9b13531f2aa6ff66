#include "risk/controls.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace fermata {
namespace {

constexpr std::string_view kBegin = "<!-- controls: begin, generated from risk/controls.hpp -->\n";
constexpr std::string_view kEnd = "<!-- controls: end -->\n";

std::filesystem::path document() {
    return std::filesystem::path(FERMATA_SOURCE_DIR) / "docs/controls.md";
}

TEST(Controls, HaveTheNumbersOfThePolicy) {
    EXPECT_EQ(static_cast<int>(ControlId::kState), 0);
    EXPECT_EQ(static_cast<int>(ControlId::kTickLot), 7);
    EXPECT_EQ(static_cast<int>(ControlId::kDuplicate), 18);
    EXPECT_EQ(static_cast<int>(ControlId::kPosition), 24);
    EXPECT_EQ(static_cast<int>(ControlId::kDrawdown), 34);
    EXPECT_EQ(static_cast<int>(ControlId::kDropCopy), kControlCount - 1);
}

TEST(Controls, HaveCodesOfTheirOwn) {
    std::set<std::string_view> codes;
    for (const Control& c : kControls) EXPECT_TRUE(codes.insert(c.code).second) << c.code;
}

TEST(Controls, CarryTheHouseDefaultsOfTheRiskPolicy) {
    const auto house = [](LimitId id) {
        return format_limit(limit_definition(id).unit, limit_definition(id).house);
    };
    EXPECT_EQ(house(LimitId::kMaxQuantityAdv), "0.01");
    EXPECT_EQ(house(LimitId::kMaxNotional), "0.02");
    EXPECT_EQ(house(LimitId::kCollar), "0.05");
    EXPECT_EQ(house(LimitId::kDuplicate), "3");
    EXPECT_EQ(house(LimitId::kDuplicateWindow), "1s");
    EXPECT_EQ(house(LimitId::kMessageRate), "100");
    EXPECT_EQ(house(LimitId::kMessageRateFirm), "250");
    EXPECT_EQ(house(LimitId::kOpenOrders), "50");
    EXPECT_EQ(house(LimitId::kPosition), "0.05");
    EXPECT_EQ(house(LimitId::kCash), "0.1");
    EXPECT_EQ(house(LimitId::kLeverage), "1");
    EXPECT_EQ(house(LimitId::kDrawdown), "0.15");
    EXPECT_EQ(house(LimitId::kBasket), "0.1");
    EXPECT_EQ(house(LimitId::kStale), "500ms");
    EXPECT_EQ(house(LimitId::kCrossedSpread), "0.05");
    EXPECT_EQ(house(LimitId::kCrossedJump), "0.1");
    EXPECT_EQ(house(LimitId::kOrderToTrade), "100");
    EXPECT_EQ(house(LimitId::kRepeat), "50");
    EXPECT_EQ(house(LimitId::kRepeatWindow), "60s");
    EXPECT_EQ(house(LimitId::kSector), "0.25");
    EXPECT_EQ(house(LimitId::kDayLoss), "0.02");
    EXPECT_EQ(house(LimitId::kWeekLoss), "0.05");
    EXPECT_EQ(house(LimitId::kRejectRate), "10");
    EXPECT_EQ(house(LimitId::kRejectRateWindow), "10s");
    EXPECT_EQ(house(LimitId::kClock), "50ms");
    EXPECT_EQ(house(LimitId::kClockAlert), "100000ns");
    EXPECT_EQ(house(LimitId::kDropCopy), "5s");
    EXPECT_EQ(house(LimitId::kInFlight), "2s");
}

TEST(Controls, NameTheirKeysAndMetricsAfterTheirCodes) {
    EXPECT_EQ(limit_key(LimitId::kPosition), "position");
    EXPECT_EQ(limit_key(LimitId::kMessageRateFirm), "message_rate_firm");
    EXPECT_EQ(metric_name(ControlId::kTickLot), "fermata_gate_refused_tick_lot_total");
    EXPECT_EQ(find_control("max_notional"), &control(ControlId::kMaxNotional));
    EXPECT_EQ(find_control("VAR_HISTORICAL"), &control(ControlId::kVarHistorical));
    EXPECT_EQ(find_control("nothing"), nullptr);
    EXPECT_EQ(find_control(""), nullptr);
}

// With FERMATA_UPDATE_DOCS=1 in the environment the table is rewritten instead of compared.
TEST(Controls, AreTheTableOfTheDocumentation) {
    std::string text;
    {
        std::ifstream in(document());
        ASSERT_TRUE(in) << "docs/controls.md is missing";
        text.assign(std::istreambuf_iterator<char>(in), {});
    }
    const auto begin = text.find(kBegin);
    const auto end = text.find(kEnd);
    ASSERT_NE(begin, std::string::npos);
    ASSERT_NE(end, std::string::npos);
    const auto from = begin + kBegin.size();
    if (std::getenv("FERMATA_UPDATE_DOCS") != nullptr) {
        text.replace(from, end - from, render_controls_markdown());
        std::ofstream(document()) << text;
        return;
    }
    EXPECT_EQ(text.substr(from, end - from), render_controls_markdown())
        << "run this test with FERMATA_UPDATE_DOCS=1 to rewrite docs/controls.md";
}

}  // namespace
}  // namespace fermata
