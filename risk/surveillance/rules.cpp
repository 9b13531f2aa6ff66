#include "risk/surveillance/rules.hpp"

#include "core/base/assert.hpp"
#include "core/types/decimal.hpp"

namespace fermata::surveillance {
namespace {

constexpr std::array<RuleInfo, kRuleCount> kRules{{
    {RuleId::kSpoofing, "spoofing", "A large order that is not meant to trade",
     "Delegated Regulation (EU) 2016/522 Annex II Section 1, 5(e); Commodity Exchange Act "
     "4c(a)(5)(C)",
     false},
    {RuleId::kLayering, "layering", "Several orders at several prices that are not meant to trade",
     "Delegated Regulation (EU) 2016/522 Annex II Section 1, 5(e); FINRA Rule 5210.03 (first type)",
     false},
    {RuleId::kWashTrades, "wash_trades", "One owner on both sides of a trade",
     "MAR (EU) 596/2014 Annex I A(c); FINRA Rules 5210.02 and 6140(b); Securities Exchange Act "
     "9(a)(1)",
     false},
    {RuleId::kMarkingTheClose, "marking_the_close", "Trading that moves the closing price",
     "MAR (EU) 596/2014 Art. 12(2)(b); Delegated Regulation (EU) 2016/522 Annex II Section 1",
     true},
    {RuleId::kMomentumIgnition, "momentum_ignition",
     "A burst that starts a move and is closed into it",
     "Delegated Regulation (EU) 2016/522 Annex II Section 1", true},
    {RuleId::kOrderToTrade, "order_to_trade", "Too many orders for the trades that come of them",
     "Delegated Regulation (EU) 2017/566 (RTS 9) Art. 3 and Annex", false},
    {RuleId::kQuoteStuffing, "quote_stuffing", "A flood of messages",
     "MAR (EU) 596/2014 Art. 12(2)(c)(i)", false},
}};

constexpr std::int64_t kPercent = Ratio::kOne / 100;
constexpr std::int64_t kMost = 1'000'000'000;
constexpr std::int64_t kMostRatio = Ratio::kOne * 1'000'000;
constexpr std::int64_t kMillisecond = Duration::milliseconds(1).ns;
constexpr std::int64_t kSecond = Duration::seconds(1).ns;
constexpr std::int64_t kMinute = Duration::minutes(1).ns;
constexpr std::int64_t kDay = Duration::days(1).ns;
constexpr std::int64_t kYear = 366 * kDay;

constexpr std::string_view kHouse = "house";
constexpr std::string_view kPattern = "FINRA 5210.03 asks for a frequent pattern; house number";

using P = Parameter;
using R = RuleId;
constexpr std::array<ParameterInfo, kParameterCount> kParameters{{
    // clang-format off
    {P::kSpoofingSize, R::kSpoofing, "size_min", Unit::kRatio, 5 * Ratio::kOne, 1, kMostRatio,
     "the order shows at least so many times what its owner wants on the other side", kHouse},
    {P::kSpoofingFilled, R::kSpoofing, "filled_max", Unit::kRatio, 10 * kPercent, 0, Ratio::kOne,
     "share of the order that was filled, at most", kHouse},
    {P::kSpoofingWithdrawn, R::kSpoofing, "withdrawn_min", Unit::kRatio, 80 * kPercent, 1, Ratio::kOne,
     "share of it that its owner withdraws, at least", kHouse},
    {P::kSpoofingCancelWithin, R::kSpoofing, "cancel_within", Unit::kDuration, 5 * kSecond, 0, kDay,
     "from the fill on the other side to the withdrawal, at most", "2016/522 Annex II: once the trade has taken place; house number"},
    {P::kSpoofingRequote, R::kSpoofing, "requote", Unit::kDuration, 250 * kMillisecond, 0, kDay,
     "what is shown again before so long was replaced, not withdrawn", kHouse},
    {P::kSpoofingLifetime, R::kSpoofing, "lifetime_max", Unit::kDuration, kMinute, 0, kYear,
     "the order stood so long before the fill, at most", kHouse},
    {P::kSpoofingCount, R::kSpoofing, "count_min", Unit::kCount, 3, 1, kMost,
     "times that it happened, at least", kPattern},
    {P::kSpoofingWithin, R::kSpoofing, "within", Unit::kDuration, 60 * kMinute, 1, kYear,
     "in which count_min times are a pattern", kHouse},
    {P::kLayeringLevels, R::kLayering, "levels_min", Unit::kCount, 3, 2, kMost,
     "different prices, at least", "FINRA 5210.03: multiple limit orders at various prices; house number"},
    {P::kLayeringSize, R::kLayering, "size_min", Unit::kRatio, 3 * Ratio::kOne, 1, kMostRatio,
     "the orders show together at least so many times what their owner wants on the other side", kHouse},
    {P::kLayeringFilled, R::kLayering, "filled_max", Unit::kRatio, 10 * kPercent, 0, Ratio::kOne,
     "share of the orders that was filled, at most", kHouse},
    {P::kLayeringWithdrawn, R::kLayering, "withdrawn_min", Unit::kRatio, 80 * kPercent, 1, Ratio::kOne,
     "share of them that their owner withdraws, at least", kHouse},
    {P::kLayeringCancelWithin, R::kLayering, "cancel_within", Unit::kDuration, 5 * kSecond, 0, kDay,
     "from the fill on the other side to the withdrawal, at most", "2016/522 Annex II: once the trade has taken place; house number"},
    {P::kLayeringRequote, R::kLayering, "requote", Unit::kDuration, 250 * kMillisecond, 0, kDay,
     "what is shown again before so long was replaced, not withdrawn", kHouse},
    {P::kLayeringLifetime, R::kLayering, "lifetime_max", Unit::kDuration, kMinute, 0, kYear,
     "an order that stood longer before the fill is no layer", kHouse},
    {P::kLayeringCount, R::kLayering, "count_min", Unit::kCount, 3, 1, kMost,
     "times that it happened, at least", kPattern},
    {P::kLayeringWithin, R::kLayering, "within", Unit::kDuration, 60 * kMinute, 1, kYear,
     "in which count_min times are a pattern", kHouse},
    {P::kWashTime, R::kWashTrades, "time_max", Unit::kDuration, 100 * kMillisecond, 0, kDay,
     "between the fills of the two sides, at most", kHouse},
    {P::kWashPrice, R::kWashTrades, "price_max", Unit::kRatio, 0, 0, Ratio::kOne,
     "difference of their prices, as a share, at most", "one trade has one price"},
    {P::kWashCount, R::kWashTrades, "count_min", Unit::kCount, 1, 1, kMost,
     "such trades, at least", "house: one is enough to be looked at"},
    {P::kWashWithin, R::kWashTrades, "within", Unit::kDuration, kDay, 1, kYear,
     "in which count_min trades are a pattern", kHouse},
    {P::kCloseWindow, R::kMarkingTheClose, "window", Unit::kDuration, 10 * kMinute, kSecond, kDay,
     "before the session's close in which trades count", kHouse},
    {P::kCloseAfter, R::kMarkingTheClose, "after", Unit::kDuration, kMinute, 0, kDay,
     "after the close in which fills and prices still belong to it", "closing auctions report late; house number"},
    {P::kCloseShare, R::kMarkingTheClose, "share_min", Unit::kRatio, 20 * kPercent, 0, kMostRatio,
     "the owner's net quantity as a share of the market's volume, at least", kHouse},
    {P::kCloseMove, R::kMarkingTheClose, "move_min", Unit::kRatio, 50 * kPercent / 100, 0, kMostRatio,
     "move of the price in the same direction, at least", kHouse},
    {P::kCloseOneSided, R::kMarkingTheClose, "one_sided_min", Unit::kRatio, 80 * kPercent, 0, Ratio::kOne,
     "net over gross quantity of the owner, at least", kHouse},
    {P::kCloseCount, R::kMarkingTheClose, "count_min", Unit::kCount, 1, 1, kMost,
     "closes, at least", kHouse},
    {P::kCloseWithin, R::kMarkingTheClose, "within", Unit::kDuration, 10 * kDay, 1, kYear,
     "in which count_min closes are a pattern", kHouse},
    {P::kMomentumFills, R::kMomentumIgnition, "fills_min", Unit::kCount, 3, 1, 1'000,
     "fills that took liquidity in one direction, at least", "2016/522 Annex II: series of transactions; house number"},
    {P::kMomentumBurst, R::kMomentumIgnition, "burst", Unit::kDuration, 30 * kSecond, 0, kDay,
     "from the first of them to the last, at most", kHouse},
    {P::kMomentumShare, R::kMomentumIgnition, "share_min", Unit::kRatio, 20 * kPercent, 0, kMostRatio,
     "their share of the market's volume until the owner turns, at least", kHouse},
    {P::kMomentumMove, R::kMomentumIgnition, "move_min", Unit::kRatio, 30 * kPercent / 100, 0, kMostRatio,
     "move of the price in their direction until the owner turns, at least", kHouse},
    {P::kMomentumReversal, R::kMomentumIgnition, "reversal_min", Unit::kRatio, 50 * kPercent, 1, kMostRatio,
     "share of the burst that the owner closes at better prices, at least", kHouse},
    {P::kMomentumReverseWithin, R::kMomentumIgnition, "reverse_within", Unit::kDuration, 2 * kMinute, 0, kDay,
     "from the burst's last fill to the turn, at most", kHouse},
    {P::kMomentumCount, R::kMomentumIgnition, "count_min", Unit::kCount, 1, 1, kMost,
     "times that it happened, at least", kHouse},
    {P::kMomentumWithin, R::kMomentumIgnition, "within", Unit::kDuration, kDay, 1, kYear,
     "in which count_min times are a pattern", kHouse},
    {P::kOrderToTradeNumber, R::kOrderToTrade, "number_max", Unit::kRatio, 100 * Ratio::kOne, 0, kMostRatio,
     "orders / trades - 1 of a UTC day that is not yet too much", "house, as the control ORDER_TO_TRADE"},
    {P::kOrderToTradeVolume, R::kOrderToTrade, "volume_max", Unit::kRatio, 500 * Ratio::kOne, 0, kMostRatio,
     "ordered / traded quantity - 1 of a UTC day that is not yet too much", kHouse},
    {P::kOrderToTradeOrders, R::kOrderToTrade, "orders_min", Unit::kCount, 200, 1, kMost,
     "orders of a day below which nothing is judged", kHouse},
    {P::kStuffingMessages, R::kQuoteStuffing, "messages_min", Unit::kCount, 100, 2, 1'000'000,
     "messages in time_max, at least", "house, as the control MESSAGE_RATE"},
    {P::kStuffingTime, R::kQuoteStuffing, "time_max", Unit::kDuration, kSecond, 0, kDay,
     "in which so many messages are a flood", "house, as the control MESSAGE_RATE"},
    {P::kStuffingFills, R::kQuoteStuffing, "fills_max", Unit::kRatio, 2 * kPercent, 0, kMostRatio,
     "fills a message during the flood, at most", kHouse},
    {P::kStuffingCount, R::kQuoteStuffing, "count_min", Unit::kCount, 1, 1, kMost,
     "floods, at least", kHouse},
    {P::kStuffingWithin, R::kQuoteStuffing, "within", Unit::kDuration, kDay, 1, kYear,
     "in which count_min floods are a pattern", kHouse},
    // clang-format on
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kParameterCount; ++i) {
        const ParameterInfo& p = kParameters[i];
        if (static_cast<std::size_t>(p.id) != i || p.normal < p.least || p.normal > p.most) {
            return false;
        }
    }
    for (std::size_t i = 0; i < kRuleCount; ++i) {
        if (static_cast<std::size_t>(kRules[i].id) != i) return false;
    }
    return true;
}
static_assert(in_order(), "the lists are indexed by their ids, and every default may be set");

struct DurationUnit {
    std::string_view name;
    std::int64_t ns;
};
constexpr std::array<DurationUnit, 7> kDurationUnits{{{"d", kDay},
                                                      {"h", 60 * kMinute},
                                                      {"m", kMinute},
                                                      {"s", kSecond},
                                                      {"ms", kMillisecond},
                                                      {"us", 1'000},
                                                      {"ns", 1}}};

std::optional<std::int64_t> parse_span(std::string_view text) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (text == "0") return 0;
    if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
    const auto number = parse_decimal(text.substr(0, digits), 0);
    if (!number) return std::nullopt;
    for (const DurationUnit& unit : kDurationUnits) {
        if (text.substr(digits) != unit.name) continue;
        std::int64_t ns = 0;
        if (__builtin_mul_overflow(*number, unit.ns, &ns)) return std::nullopt;
        return ns;
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_value(std::string_view text, Unit unit) {
    if (unit == Unit::kDuration) return parse_span(text);
    const auto number = parse_decimal(text, unit == Unit::kCount ? 0 : Ratio::kDecimals);
    if (!number) return std::nullopt;
    return *number;
}

std::string_view expected(Unit unit) {
    switch (unit) {
        case Unit::kCount:
            return "a whole number";
        case Unit::kRatio:
            return "a number such as 0.8";
        case Unit::kDuration:
            break;
    }
    return "a duration such as 250ms, 5s or 1h";
}

/// Keys of a rule, or the rules' names, for a message.
std::string keys_of(RuleId rule) {
    std::string list;
    for (const ParameterInfo& p : kParameters) {
        if (p.rule == rule) list += (list.empty() ? "" : ", ") + std::string(p.key);
    }
    return list;
}

}  // namespace

std::span<const RuleInfo, kRuleCount> rules() noexcept { return kRules; }
const RuleInfo& info(RuleId rule) noexcept { return kRules[static_cast<std::size_t>(rule)]; }
std::optional<RuleId> rule_of(std::string_view name) noexcept {
    for (const RuleInfo& rule : kRules) {
        if (rule.name == name) return rule.id;
    }
    return std::nullopt;
}

std::span<const ParameterInfo, kParameterCount> parameters() noexcept { return kParameters; }
const ParameterInfo& info(Parameter parameter) noexcept {
    return kParameters[static_cast<std::size_t>(parameter)];
}

std::string_view name(Unit unit) noexcept {
    switch (unit) {
        case Unit::kCount:
            return "count";
        case Unit::kRatio:
            return "ratio";
        case Unit::kDuration:
            break;
    }
    return "duration";
}

std::string text_of(std::int64_t value, Unit unit) {
    if (unit == Unit::kCount) return std::to_string(value);
    if (unit == Unit::kRatio) {
        return value == Ratio::max().raw() ? "unlimited" : format_decimal(value, Ratio::kDecimals);
    }
    if (value == 0) return "0";
    for (const DurationUnit& u : kDurationUnits) {
        if (value % u.ns == 0) return std::to_string(value / u.ns) + std::string(u.name);
    }
    FERMATA_ASSERT(false);  // every number is a multiple of a nanosecond
}

Settings::Settings() noexcept {
    for (const ParameterInfo& p : kParameters) values_[static_cast<std::size_t>(p.id)] = p.normal;
}

Status<std::string> Settings::set(std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    const std::size_t dot = assignment.find('.');
    if (equals == std::string_view::npos || dot == std::string_view::npos || dot > equals) {
        return Err{"\"" + std::string(assignment) +
                   "\" is not RULE.KEY=VALUE, such as spoofing.size_min=3"};
    }
    const std::string rule_name(assignment.substr(0, dot));
    const auto rule = rule_of(rule_name);
    if (!rule) {
        std::string list;
        for (const RuleInfo& r : kRules) list += (list.empty() ? "" : ", ") + std::string(r.name);
        return Err{"there is no rule \"" + rule_name + "\"; there are " + list};
    }
    const std::string_view key = assignment.substr(dot + 1, equals - dot - 1);
    const std::string_view text = assignment.substr(equals + 1);
    for (const ParameterInfo& p : kParameters) {
        if (p.rule != *rule || p.key != key) continue;
        const auto value = parse_value(text, p.unit);
        if (!value || *value < p.least || *value > p.most) {
            return Err{std::string(assignment.substr(0, equals)) + ": found \"" +
                       std::string(text) + "\", expected " + std::string(expected(p.unit)) +
                       " from " + text_of(p.least, p.unit) + " to " + text_of(p.most, p.unit)};
        }
        values_[static_cast<std::size_t>(p.id)] = *value;
        return fermata::Unit{};
    }
    return Err{"rule " + rule_name + " has no \"" + std::string(key) + "\"; it has " +
               keys_of(*rule)};
}

}  // namespace fermata::surveillance
