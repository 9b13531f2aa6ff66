#pragma once

#include <cstdint>
#include <string_view>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

// Payloads of order events about baskets, execution algorithms and routing; see order_event.hpp.

/// A basket: the next `count` orders of the strategy with this `link` are judged together.
struct BasketData {
    std::uint32_t link = 0;
    std::uint32_t count = 0;
    StrategyId strategy;
    AccountId account;
    std::uint32_t reserved = 0;
    std::uint64_t reserved2[9] = {};
};

enum class AlgoKind : std::uint8_t {
    kNone = 0,
    kTwap = 1,
    kVwap = 2,
    kPov = 3,
    kShortfall = 4,  ///< Implementation shortfall (Almgren-Chriss).
    kIceberg = 5,
    kPeg = 6,
    kRouter = 7,  ///< Smart order routing alone.
};
inline constexpr int kAlgoKindCount = 8;

enum class AlgoAction : std::uint8_t {
    kNone = 0,
    kBegin = 1,
    kPause = 2,
    kGoOn = 3,
    kAmend = 4,
    kCancel = 5,
    kEnd = 6,
};
inline constexpr int kAlgoActionCount = 7;

/// The terms of an execution algorithm, at each of its actions. The parent order of the same tag
/// says side and venue.
struct AlgoData {
    OrderTag tag;  ///< Of the parent order.
    Timestamp begin;
    Timestamp end;
    Quantity quantity;
    Price price;             ///< Bound: no child is priced beyond it; zero for none.
    Ratio rate;              ///< POV: share of the volume; shortfall: risk aversion.
    Quantity slice;          ///< Shown or sent at a time; zero: the algorithm's choice.
    std::uint64_t seed = 0;  ///< Of its random choices.
    Ratio randomness;        ///< By how much slices and times may deviate from the schedule.
    StrategyId strategy;
    AccountId account;
    AlgoKind kind = AlgoKind::kNone;
    AlgoAction action = AlgoAction::kNone;
    std::uint16_t reserved = 0;
    std::uint64_t reserved2 = 0;
};

/// What an execution algorithm achieved (definitions: docs/algorithms.md).
struct AlgoReportData {
    OrderTag tag;  ///< Of the parent order.
    Quantity quantity;
    Quantity filled;
    Price arrival;           ///< Mid when the parent came.
    Price average;           ///< Of its fills.
    Price interval_vwap;     ///< Of the market while it worked; zero if nothing traded.
    Price interval_twap;     ///< Time-weighted mid while it worked.
    Price last;              ///< Mid at its end.
    Money shortfall;         ///< Implementation shortfall, fees included; positive is a cost.
    Quantity market_volume;  ///< Traded while it worked.
    StrategyId strategy;
    std::uint16_t children = 0;
    AlgoKind kind = AlgoKind::kNone;
    Side side = Side::kBuy;
    std::uint16_t reserved = 0;
};

/// Why the router sent a child where it sent it: the chosen venue and the next best one.
struct RouteData {
    OrderTag parent;
    OrderTag child;
    Price price;         ///< Quoted by the chosen venue.
    Quantity displayed;  ///< There.
    Price fee;           ///< A unit, there; negative is a rebate.
    Price cost;          ///< Expected cost a unit there, against the best price anywhere.
    Price next_cost;     ///< The same at the next best venue.
    Duration latency;    ///< To the chosen venue, as measured.
    Ratio fill_rate;     ///< Of the orders sent there before.
    StrategyId strategy;
    VenueId venue;
    VenueId next_venue;  ///< 0xffff: there was no other.
    std::uint16_t candidates = 0;
    std::uint64_t reserved = 0;
};

[[nodiscard]] std::string_view name(AlgoKind v) noexcept;    ///< "twap", ...
[[nodiscard]] std::string_view name(AlgoAction v) noexcept;  ///< "begin", ...

}  // namespace fermata
