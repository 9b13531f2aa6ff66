#include "daemon/cli/market_event_fields.hpp"

#include <algorithm>

#include "core/types/decimal.hpp"

namespace fermata {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields quote_fields(const MarketEvent& e) {
    const QuoteData& q = e.data.quote;
    return {{"bid", to_string(q.bid)},
            {"bid_quantity", to_string(q.bid_quantity)},
            {"ask", to_string(q.ask)},
            {"ask_quantity", to_string(q.ask_quantity)}};
}

Fields trade_fields(const MarketEvent& e) {
    const TradeData& t = e.data.trade;
    Fields fields{{"price", to_string(t.price)}, {"quantity", to_string(t.quantity)}};
    if (t.aggressor != 0) fields.emplace_back("aggressor", t.aggressor == 1 ? "buyer" : "seller");
    if (t.trade_id != 0) fields.emplace_back("trade_id", std::to_string(t.trade_id));
    if (t.exchange != 0)
        fields.emplace_back("exchange", std::string(1, static_cast<char>(t.exchange)));
    if (t.conditions != 0) fields.emplace_back("conditions", std::to_string(t.conditions));
    return fields;
}

Fields depth_fields(const MarketEvent& e) {
    const DepthData& d = e.data.depth;
    Fields fields;
    if (d.action == 1) {
        fields.emplace_back("action", "clear");
    } else {
        fields = {{"side", d.side == 0 ? "bid" : "ask"},
                  {"price", to_string(d.price)},
                  {"quantity", to_string(d.quantity)}};
        if (d.orders != 0) fields.emplace_back("orders", std::to_string(d.orders));
    }
    if (d.last != 0) fields.emplace_back("last", "yes");
    return fields;
}

Fields corporate_action_fields(const MarketEvent& e) {
    const CorporateActionData& a = e.data.corporate_action;
    if (a.kind == CorporateActionKind::kDividend) return {{"dividend", to_string(a.cash)}};
    return {{"split", std::to_string(a.numerator) + ":" + std::to_string(a.denominator)}};
}

std::string_view session_text(const SessionData& s) {
    switch (s.change) {
        case SessionChange::kBoundary:
            return s.open != 0 ? "opens" : "closes";
        case SessionChange::kHalt:
            return "halts";
        case SessionChange::kResumption:
            return "resumes";
    }
    return "?";
}

std::vector<std::string_view> names_of(MarketEventType type) {
    switch (type) {
        case MarketEventType::kQuote:
            return {"bid", "bid_quantity", "ask", "ask_quantity"};
        case MarketEventType::kTrade:
            return {"price", "quantity", "aggressor", "trade_id", "exchange", "conditions"};
        case MarketEventType::kBar:
            return {"open", "high", "low", "close", "volume"};
        case MarketEventType::kBarOpen:
            return {"open", "volume"};
        case MarketEventType::kDepth:
            return {"action", "side", "price", "quantity", "orders", "last"};
        case MarketEventType::kCorporateAction:
            return {"dividend", "split"};
        case MarketEventType::kSession:
            return {"session"};
        case MarketEventType::kGap:
            return {"lost"};
        case MarketEventType::kSkipped:
            return {"line", "reason"};
        case MarketEventType::kNone:
        case MarketEventType::kClock:
            return {};
    }
    return {};
}

}  // namespace

std::vector<std::string_view> market_field_names(const std::vector<MarketEventType>& types) {
    std::vector<std::string_view> all;
    for (const MarketEventType type : types) {
        for (const std::string_view name : names_of(type)) {
            if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
        }
    }
    return all;
}

std::vector<MarketEventType> market_event_types() {
    std::vector<MarketEventType> types;
    for (int type = 1; type < kMarketEventTypeCount; ++type) {
        types.push_back(static_cast<MarketEventType>(type));
    }
    return types;
}

Fields fields_of(const MarketEvent& e) {
    Fields fields;
    switch (e.type) {
        case MarketEventType::kNone:
            break;
        case MarketEventType::kQuote:
            fields = quote_fields(e);
            break;
        case MarketEventType::kTrade:
            fields = trade_fields(e);
            break;
        case MarketEventType::kBar:
            fields = {{"open", to_string(e.data.bar.open)},
                      {"high", to_string(e.data.bar.high)},
                      {"low", to_string(e.data.bar.low)},
                      {"close", to_string(e.data.bar.close)},
                      {"volume", to_string(e.data.bar.volume)}};
            break;
        case MarketEventType::kBarOpen:
            fields = {{"open", to_string(e.data.bar_open.open)},
                      {"volume", to_string(e.data.bar_open.volume)}};
            break;
        case MarketEventType::kDepth:
            fields = depth_fields(e);
            break;
        case MarketEventType::kCorporateAction:
            fields = corporate_action_fields(e);
            break;
        case MarketEventType::kSession:
            fields = {{"session", std::string(session_text(e.data.session))}};
            break;
        case MarketEventType::kGap:
            fields = {{"lost", std::to_string(e.data.gap.lost)}};
            break;
        case MarketEventType::kClock:
            break;
        case MarketEventType::kSkipped:
            fields = {{"line", std::to_string(e.data.skipped.line)},
                      {"reason", std::string(name(e.data.skipped.reason))}};
            break;
    }
    if (e.flags != 0) fields.emplace_back("flags", std::to_string(e.flags));
    return fields;
}

std::string fields_text(const MarketEvent& event) {
    std::string text;
    for (const auto& [key, value] : fields_of(event)) {
        text += (text.empty() ? "" : " ") + key + "=" + value;
    }
    return text;
}

}  // namespace fermata
