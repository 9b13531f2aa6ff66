#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata::fix {

/// What a member asks of a venue. Names are the member's own texts: nothing is looked up yet.
enum class RequestKind : std::uint8_t {
    kNewOrder,              ///< D
    kCancel,                ///< F
    kReplace,               ///< G
    kOrderStatus,           ///< H
    kMassStatus,            ///< AF
    kMassCancel,            ///< q
    kOrderList,             ///< E
    kMarketData,            ///< V
    kSecurityList,          ///< x
    kTradingSessionStatus,  ///< g
};

/// One order of a D, G or E; of F and H the names alone.
struct OrderTerms {
    std::string client_id;    ///< ClOrdID (11).
    std::string original_id;  ///< OrigClOrdID (41).
    std::string order_id;     ///< OrderID (37), where the request names the order by it.
    std::string account;      ///< Account (1); empty: the member's first.
    std::string symbol;       ///< Symbol (55).
    Price price;
    Price stop_price;
    Quantity quantity;
    Quantity display_quantity;
    Timestamp expire_time;
    std::int64_t offset = 0;  ///< As in NewOrderData.
    OffsetKind offset_kind = OffsetKind::kNone;
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    std::uint8_t flags = 0;  ///< OrderFlag bits.
    char side_code = '1';    ///< Side (54), OrdType (40) as they were written.
    char type_code = '1';
    /// What FIX 4.4 knows and this venue does not: text for the reject; empty: nothing.
    std::string unsupported;
};

/// Entry types of a market data request, as bits.
enum MarketDataEntry : std::uint8_t { kEntryBid = 1, kEntryOffer = 2, kEntryTrade = 4 };

struct VenueRequest {
    RequestKind kind = RequestKind::kNewOrder;
    /// PossResend (97) or PossDupFlag (43): it may have come before, under the same ClOrdID.
    bool repeated = false;
    OrderTerms order;
    std::vector<OrderTerms> orders;    ///< E
    std::string id;                    ///< 262, 320, 335, 584, or ListID (66).
    char action = 0;                   ///< 263 (V, g), 530 (q), 585 (AF), 559 (x).
    std::vector<std::string> symbols;  ///< V; q, x: at most one.
    std::uint8_t entries = 0;          ///< V: MarketDataEntry bits.
    std::int64_t depth = 1;            ///< V: MarketDepth (264).
    std::string unsupported;           ///< V: why it is refused, if it is.
    char refusal = 0;                  ///< V: MDReqRejReason (281) for that.
};

/// Why a message is no request at all.
struct RequestProblem {
    enum class Kind : std::uint8_t {
        kMissing,  ///< A field that must be there is not.
        kFormat,   ///< It cannot be read.
        kValue,    ///< FIX 4.4 has no such value.
        kType,     ///< A venue does not take such messages.
    };
    Kind kind = Kind::kMissing;
    int tag = 0;
};

}  // namespace fermata::fix
