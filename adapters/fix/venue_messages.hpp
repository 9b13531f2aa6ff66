#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/out_message.hpp"
#include "adapters/fix/venue_request.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata::fix {

/// What an ExecutionReport (8) says. Codes are those of FIX 4.4; zero or empty: left out, where FIX
/// lets it.
struct ExecutionLine {
    Timestamp ts;             ///< TransactTime (60).
    std::string order_id;     ///< OrderID (37), "NONE" for an order that is not there.
    std::string exec_id;      ///< ExecID (17).
    std::string ref_exec_id;  ///< ExecRefID (19).
    std::string client_id;    ///< ClOrdID (11).
    std::string original_id;  ///< OrigClOrdID (41).
    std::string list_id;      ///< ListID (66).
    std::string account, symbol, text;
    std::string request_id;  ///< MassStatusReqID (584).
    std::string currency;    ///< Of the commission.
    Price price, stop_price, last_price, average_price;
    Quantity quantity, display_quantity, last_quantity, leaves, cumulative;
    Money fee;
    Timestamp expire_time;
    TimeInForce tif = TimeInForce::kDay;
    OrderReason reason = OrderReason::kNone;
    char exec_type = '0';
    char status = '0';
    char side = '1';
    char type = '1';
    char liquidity = 0;      ///< LastLiquidityInd (851).
    char restatement = 0;    ///< ExecRestatementReason (378).
    int reject_reason = -1;  ///< OrdRejReason (103); -1: none.
    bool fill = false;       ///< Says last quantity and price.
    bool has_price = false, has_stop = false;
    bool copy = false;         ///< CopyMsgIndicator (797): a drop copy.
    int total = -1;            ///< TotNumReports (911); -1: left out.
    bool last_of_all = false;  ///< LastRptRequested (912).
};
[[nodiscard]] OutMessage execution_report(const ExecutionLine& line);

/// OrderCancelReject (9).
struct CancelRejectLine {
    Timestamp ts;
    std::string order_id = "NONE";
    std::string client_id, original_id, account, text;
    char status = '8';
    bool replace = false;  ///< Answers a G.
    int reason = 99;       ///< CxlRejReason (102).
};
[[nodiscard]] OutMessage cancel_reject(const CancelRejectLine& line);

/// OrderMassCancelReport (r). A response of '0' is a refusal, with MassCancelRejectReason (532).
struct MassCancelLine {
    Timestamp ts;
    std::string order_id, client_id, symbol, text;
    char request = '7';
    char response = '7';
    int reason = -1;
    std::vector<std::pair<std::string, std::string>> orders;  ///< ClOrdID and OrderID of each.
};
[[nodiscard]] OutMessage mass_cancel_report(const MassCancelLine& line);

/// ListStatus (N) that acknowledges an order list: how its orders stand at that time.
struct ListStatusLine {
    struct Order {
        std::string client_id;
        Quantity cumulative, leaves;
        Price average_price;
        char status = '0';
    };
    Timestamp ts;
    std::string list_id, text;
    char status = '3';  ///< ListOrderStatus (431): 3 executing, 7 reject.
    std::vector<Order> orders;
};
[[nodiscard]] OutMessage list_status(const ListStatusLine& line);

/// One entry of market data.
struct MarketDataLine {
    std::string_view symbol;
    char type = '0';  ///< MDEntryType (269): 0 bid, 1 offer, 2 trade.
    Price price;
    Quantity size;
    Timestamp ts;
    bool has_size = true;
    bool gone = false;  ///< Nobody is there: an empty side. X says delete, W leaves it out.
};
/// MarketDataSnapshotFullRefresh (W): all lines are of one symbol.
[[nodiscard]] OutMessage market_data_snapshot(std::string_view request_id, std::string_view symbol,
                                              const std::vector<MarketDataLine>& lines);
/// MarketDataIncrementalRefresh (X).
[[nodiscard]] OutMessage market_data_update(std::string_view request_id,
                                            const std::vector<MarketDataLine>& lines);
/// MarketDataRequestReject (Y).
[[nodiscard]] OutMessage market_data_reject(std::string_view request_id, char reason,
                                            std::string_view text);

struct SecurityLine {
    std::string symbol, currency;
    Quantity lot;
    Price tick;
    Multiplier multiplier;
};
/// SecurityList (y). Result (560): 0 valid, 1 invalid or unsupported, 2 none found.
[[nodiscard]] OutMessage security_list(std::string_view request_id, std::uint64_t response_id,
                                       char result, const std::vector<SecurityLine>& securities);
/// TradingSessionStatus (h): TradSesStatus (340) 1 halted, 2 open, 3 closed. An empty symbol: of
/// the whole venue; else TradingSessionID (336) is the symbol of the one instrument.
[[nodiscard]] OutMessage trading_status(std::string_view request_id, std::string_view symbol,
                                        char status, bool unsolicited, std::string_view text,
                                        Timestamp ts);

/// OrdRejReason (103) and CxlRejReason (102) for a reason of the core.
[[nodiscard]] int reject_code(OrderReason reason) noexcept;
[[nodiscard]] int cancel_reject_code(OrderReason reason) noexcept;

}  // namespace fermata::fix
