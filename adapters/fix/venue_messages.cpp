#include "adapters/fix/venue_messages.hpp"

#include <algorithm>

namespace fermata::fix {
namespace {

char tif_code(TimeInForce tif) noexcept {
    switch (tif) {
        case TimeInForce::kDay:
            return '0';
        case TimeInForce::kGtc:
            return '1';
        case TimeInForce::kGtd:
            return '6';
        case TimeInForce::kIoc:
            return '3';
        case TimeInForce::kFok:
            return '4';
        case TimeInForce::kAto:
            return '2';
        case TimeInForce::kAtc:
            return '7';
    }
    return '0';
}

void put_some(OutMessage& m, int tag, const std::string& text) {
    if (!text.empty()) m.put(tag, text);
}

std::uint64_t number(std::size_t n) noexcept { return n; }
std::uint64_t number(int n) noexcept { return static_cast<std::uint64_t>(n); }

}  // namespace

OutMessage execution_report(const ExecutionLine& line) {
    OutMessage m("8");
    m.put(37, line.order_id).put(17, line.exec_id);
    m.put(150, line.exec_type).put(39, line.status);
    put_some(m, 11, line.client_id);
    put_some(m, 41, line.original_id);
    put_some(m, 66, line.list_id);
    put_some(m, 19, line.ref_exec_id);
    put_some(m, 1, line.account);
    m.put(55, line.symbol.empty() ? "[N/A]" : line.symbol).put(54, line.side);
    if (!line.quantity.is_zero()) m.put(38, line.quantity);
    m.put(40, line.type).put(59, tif_code(line.tif));
    if (line.has_price) m.put(44, line.price);
    if (line.has_stop) m.put(99, line.stop_price);
    if (!line.display_quantity.is_zero()) m.put(111, line.display_quantity);
    if (line.tif == TimeInForce::kGtd) m.put(126, line.expire_time);
    if (line.fill) m.put(32, line.last_quantity).put(31, line.last_price);
    m.put(151, line.leaves).put(14, line.cumulative).put(6, line.average_price);
    if (!line.fee.is_zero()) {
        m.put(12, line.fee).put(13, '3');
        put_some(m, 479, line.currency);
    }
    if (line.liquidity != 0) m.put(851, line.liquidity);
    if (line.restatement != 0) m.put(378, line.restatement);
    if (line.reject_reason >= 0) m.put(103, number(line.reject_reason));
    put_some(m, 584, line.request_id);
    if (line.total >= 0) m.put(911, number(line.total));
    if (line.last_of_all) m.put(912, 'Y');
    if (line.copy) m.put(797, 'Y');
    put_some(m, 58, line.text);
    m.put(60, line.ts);
    return m;
}

OutMessage cancel_reject(const CancelRejectLine& line) {
    OutMessage m("9");
    m.put(37, line.order_id).put(11, line.client_id);
    m.put(41, line.original_id.empty() ? "NONE" : line.original_id);
    m.put(39, line.status).put(434, line.replace ? '2' : '1').put(102, number(line.reason));
    put_some(m, 1, line.account);
    put_some(m, 58, line.text);
    m.put(60, line.ts);
    return m;
}

OutMessage mass_cancel_report(const MassCancelLine& line) {
    OutMessage m("r");
    m.put(11, line.client_id).put(37, line.order_id);
    m.put(530, line.request).put(531, line.response);
    if (line.reason >= 0) m.put(532, number(line.reason));
    m.put(533, number(line.orders.size()));
    put_some(m, 55, line.symbol);
    put_some(m, 58, line.text);
    m.put(60, line.ts);
    m.group(534);
    for (const auto& [client_id, order_id] : line.orders) {
        m.entry().put(41, client_id).put(535, order_id);
    }
    return m;
}

OutMessage list_status(const ListStatusLine& line) {
    OutMessage m("N");
    m.put(66, line.list_id).put(429, '2').put(82, '1').put(83, '1').put(431, line.status);
    m.put(68, number(line.orders.size()));
    put_some(m, 58, line.text);
    m.put(60, line.ts);
    m.group(73);
    for (const ListStatusLine::Order& order : line.orders) {
        m.entry().put(11, order.client_id).put(14, order.cumulative).put(39, order.status);
        m.put(151, order.leaves).put(84, '0').put(6, order.average_price);
    }
    return m;
}

namespace {

/// MDEntryDate (272) and MDEntryTime (273).
void put_entry_time(OutMessage& m, Timestamp ts) {
    char text[kTextMax];
    const std::string_view utc(text, format_utc(ts, text));
    m.put(272, utc.substr(0, 8)).put(273, utc.substr(9));
}

}  // namespace

OutMessage market_data_snapshot(std::string_view request_id, std::string_view symbol,
                                const std::vector<MarketDataLine>& lines) {
    OutMessage m("W");
    m.put(262, request_id).put(55, symbol);
    // The count is required also where there is nothing to tell yet.
    const auto is_there = [](const MarketDataLine& line) { return !line.gone; };
    if (std::none_of(lines.begin(), lines.end(), is_there)) {
        m.put(268, "0");
        return m;
    }
    m.group(268);
    for (const MarketDataLine& line : lines) {
        if (line.gone) continue;
        m.entry().put(269, line.type).put(270, line.price);
        if (line.has_size) m.put(271, line.size);
        put_entry_time(m, line.ts);
    }
    return m;
}

OutMessage market_data_update(std::string_view request_id,
                              const std::vector<MarketDataLine>& lines) {
    OutMessage m("X");
    m.put(262, request_id).group(268);
    for (const MarketDataLine& line : lines) {
        // Top of book: what is there is replaced, whether or not something stood there before.
        m.entry().put(279, line.gone ? '2' : line.type == '2' ? '0' : '1').put(269, line.type);
        m.put(55, line.symbol);
        if (!line.gone) {
            m.put(270, line.price);
            if (line.has_size) m.put(271, line.size);
        }
        put_entry_time(m, line.ts);
    }
    return m;
}

OutMessage market_data_reject(std::string_view request_id, char reason, std::string_view text) {
    OutMessage m("Y");
    m.put(262, request_id).put(281, reason).put(58, text);
    return m;
}

OutMessage security_list(std::string_view request_id, std::uint64_t response_id, char result,
                         const std::vector<SecurityLine>& securities) {
    OutMessage m("y");
    m.put(320, request_id).put(322, response_id).put(560, result);
    m.put(393, number(securities.size()));
    if (!securities.empty()) m.put(893, 'Y');
    m.group(146);
    for (const SecurityLine& s : securities) {
        m.entry().put(55, s.symbol).put(15, s.currency).put(231, s.multiplier);
        m.put(561, s.lot).put(969, s.tick);
    }
    return m;
}

OutMessage trading_status(std::string_view request_id, std::string_view symbol, char status,
                          bool unsolicited, std::string_view text, Timestamp ts) {
    OutMessage m("h");
    if (!request_id.empty()) m.put(335, request_id);
    m.put(336, symbol.empty() ? std::string_view("VENUE") : symbol).put(340, status);
    m.put(325, unsolicited ? 'Y' : 'N').put(60, ts);
    if (!text.empty()) m.put(58, text);
    return m;
}

int reject_code(OrderReason reason) noexcept {
    switch (reason) {
        case OrderReason::kUnknownInstrument:
            return 1;
        case OrderReason::kMarketClosed:
            return 2;
        case OrderReason::kInsufficientFunds:
        case OrderReason::kInsufficientPosition:
            return 3;
        case OrderReason::kUnknownOrder:
            return 5;
        case OrderReason::kUnsupported:
            return 11;
        case OrderReason::kInvalidQuantity:
            return 13;
        default:
            return 99;
    }
}

int cancel_reject_code(OrderReason reason) noexcept {
    switch (reason) {
        case OrderReason::kTooLateToCancel:
            return 0;
        case OrderReason::kUnknownOrder:
            return 1;
        default:
            return 99;
    }
}

}  // namespace fermata::fix
