#pragma once

#include <cstdint>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A new order as a strategy asks for it. What a field means by type: NewOrderData.
struct OrderRequest {
    InstrumentId instrument;
    Side side = Side::kBuy;
    Quantity quantity;
    OrderType type = OrderType::kMarket;
    Price price{};       ///< Limit price (limit, stop-limit, limit-if-touched).
    Price stop_price{};  ///< Trigger (stop, stop-limit, if-touched; optional: trailing).
    TimeInForce tif = TimeInForce::kGtc;
    Timestamp expire_time{};      ///< GTD only.
    Quantity display_quantity{};  ///< Iceberg: shown at a time; zero: all of it.
    OffsetKind offset_kind = OffsetKind::kNone;
    std::int64_t offset = 0;  ///< Trailing and pegged: raw Price or Ratio, as the kind says.
    std::uint8_t flags = 0;   ///< OrderFlag: post-only, reduce-only.
    LinkRole link_role = LinkRole::kNone;
    std::uint32_t link = 0;  ///< From StrategyContext::new_link().
    OrderTag parent{};       ///< The order that it is a child of.
    VenueId venue{0xffff};   ///< 0xffff: the strategy's own.
};

/// New terms for a live order; all are absolute.
struct OrderTerms {
    Quantity quantity;
    Price price{};
    Price stop_price{};
    Quantity display_quantity{};
    std::int64_t offset = 0;
};

}  // namespace fermata
