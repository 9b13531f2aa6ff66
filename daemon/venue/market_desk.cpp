#include "daemon/venue/market_desk.hpp"

#include <algorithm>
#include <utility>

namespace fermata::venue {
namespace {

using fix::kEntryBid;
using fix::kEntryOffer;
using fix::kEntryTrade;
using fix::MarketDataLine;

constexpr std::size_t kSubscriptionsMax = 256;  // of one session
constexpr char kDuplicateId = '1';              // MDReqRejReason (281)
constexpr char kUnknownSymbol = '0';
constexpr char kNoBandwidth = '2';
constexpr char kNoPermission = '3';
constexpr char kUnsupportedDepth = '5';

}  // namespace

MarketDesk::MarketDesk(const InstrumentTable& instruments, std::size_t sessions)
    : instruments_(instruments),
      tops_(instruments.size()),
      watchers_(instruments.size()),
      follows_status_(sessions) {}

void MarketDesk::on_request(std::size_t session, const fix::VenueRequest& request,
                            const ExchangeCore& core, Timestamp now) {
    const bool permitted = core.members()[session].market_data;
    switch (request.kind) {
        case fix::RequestKind::kMarketData: {
            const auto refuse = [&](char reason, std::string_view text) {
                out_.push_back({session, fix::market_data_reject(request.id, reason, text)});
            };
            if (!permitted) return refuse(kNoPermission, "this session has no market data");
            if (request.action == '2') return unsubscribe(session, request.id);
            if (request.refusal != 0) return refuse(request.refusal, request.unsupported);
            if (request.depth != 1) return refuse(kUnsupportedDepth, "top of book only (264=1)");
            std::size_t own = 0;
            for (const auto& s : subscriptions_) {
                if (s->session != session) continue;
                if (s->id == request.id) return refuse(kDuplicateId, "this MDReqID is in use");
                ++own;
            }
            if (own >= kSubscriptionsMax) return refuse(kNoBandwidth, "too many subscriptions");
            for (const std::string& symbol : request.symbols) {
                if (instruments_.find(symbol) == nullptr) {
                    return refuse(kUnknownSymbol, "unknown symbol " + symbol);
                }
            }
            return subscribe(session, request);
        }
        case fix::RequestKind::kSecurityList:
            return list(session, request);
        case fix::RequestKind::kTradingSessionStatus: {
            follows_status_[session] = request.action == '1';
            if (request.action == '2') return;
            bool all_halted = instruments_.size() != 0;
            for (const Instrument& i : instruments_.all()) {
                if (!core.halted(i.id)) {
                    all_halted = false;
                    continue;
                }
                out_.push_back({session, fix::trading_status(request.id, i.symbol, '1', false,
                                                             "halted", now)});
            }
            out_.push_back({session, fix::trading_status(request.id, {}, all_halted ? '1' : '2',
                                                         false, {}, now)});
            return;
        }
        default:
            return;
    }
}

void MarketDesk::subscribe(std::size_t session, const fix::VenueRequest& request) {
    auto s = std::make_unique<Subscription>();
    s->session = session;
    s->id = request.id;
    s->entries = request.entries;
    for (const std::string& symbol : request.symbols) {
        const InstrumentId id = instruments_.find(symbol)->id;
        const bool twice = std::any_of(s->instruments.begin(), s->instruments.end(),
                                       [&](const Watched& w) { return w.instrument == id; });
        if (!twice) s->instruments.push_back({id, 0});
    }
    snapshot(*s);
    if (request.action == '0') return;
    for (std::size_t n = 0; n < s->instruments.size(); ++n) {
        watchers_[s->instruments[n].instrument.value].emplace_back(s.get(), n);
    }
    subscriptions_.push_back(std::move(s));
}

void MarketDesk::snapshot(const Subscription& s) {
    for (const Watched& watched : s.instruments) {
        std::vector<MarketDataLine> lines;
        add_lines(watched.instrument, s.entries, lines);
        const Top& top = tops_[watched.instrument.value];
        if ((s.entries & kEntryTrade) != 0 && top.has_trade) {
            MarketDataLine line;
            line.type = '2';
            line.price = top.trade.price;
            line.size = top.trade.quantity;
            line.ts = top.traded;
            lines.push_back(line);
        }
        const std::string& symbol = instruments_[watched.instrument].symbol;
        out_.push_back({s.session, fix::market_data_snapshot(s.id, symbol, lines)});
    }
}

void MarketDesk::unsubscribe(std::size_t session, const std::string& id) {
    for (const auto& s : subscriptions_) {
        if (s->session != session || s->id != id) continue;
        for (const Watched& watched : s->instruments) {
            auto& watchers = watchers_[watched.instrument.value];
            std::erase_if(watchers, [&](const auto& w) { return w.first == s.get(); });
        }
    }
    std::erase_if(subscriptions_,
                  [&](const auto& s) { return s->session == session && s->id == id; });
}

void MarketDesk::on_logout(std::size_t session) {
    follows_status_[session] = false;
    for (auto& watchers : watchers_) {
        std::erase_if(watchers, [&](const auto& w) { return w.first->session == session; });
    }
    std::erase_if(subscriptions_, [&](const auto& s) { return s->session == session; });
}

void MarketDesk::list(std::size_t session, const fix::VenueRequest& request) {
    std::vector<fix::SecurityLine> securities;
    // SecurityListRequestType (559): 0 one symbol, 4 all securities.
    const bool all = request.action == '4';
    for (const Instrument& i : instruments_.all()) {
        if (!all && (request.symbols.empty() || request.symbols.front() != i.symbol)) continue;
        securities.push_back({i.symbol, instruments_.currencies()[i.currency.value], i.lot,
                              i.ticks.back().tick, i.multiplier});
    }
    const char result = !all && request.action != '0' ? '1' : securities.empty() ? '2' : '0';
    out_.push_back({session, fix::security_list(request.id, ++responses_, result, securities)});
}

void MarketDesk::on_halt(InstrumentId instrument, bool halted, Timestamp now) {
    for (std::size_t session = 0; session < follows_status_.size(); ++session) {
        const auto& watchers = watchers_[instrument.value];
        const bool watches = std::any_of(watchers.begin(), watchers.end(), [&](const auto& w) {
            return w.first->session == session;
        });
        if (!watches && !follows_status_[session]) continue;
        out_.push_back(
            {session, fix::trading_status({}, instruments_[instrument].symbol, halted ? '1' : '2',
                                          true, halted ? "halted" : "resumed", now)});
    }
}

void MarketDesk::mark(InstrumentId instrument, std::uint8_t entries) {
    for (const auto& [s, place] : watchers_[instrument.value]) {
        const std::uint8_t changed = entries & s->entries;
        if (changed == 0) continue;
        s->instruments[place].changed |= changed;
        s->waits = any_waits_ = true;
    }
}

void MarketDesk::on_trade(const MarketEvent& e, Price price, Quantity quantity) {
    Top& top = tops_[e.instrument.value];
    top.trade.price = price;
    top.trade.quantity = quantity;
    top.traded = e.ts;
    top.has_trade = true;
    MarketDataLine line;
    line.symbol = instruments_[e.instrument].symbol;
    line.type = '2';
    line.price = price;
    line.size = quantity;
    line.ts = e.ts;
    for (const auto& [s, place] : watchers_[e.instrument.value]) {
        if ((s->entries & kEntryTrade) == 0) continue;
        s->trades.push_back(line);
        s->waits = any_waits_ = true;
    }
}

void MarketDesk::on_market(const MarketEvent& e) {
    if (e.instrument.value >= tops_.size()) return;
    Top& top = tops_[e.instrument.value];
    switch (e.type) {
        case MarketEventType::kQuote: {
            const QuoteData& now = e.data.quote;
            const bool unknown = (e.flags & kFlagSizeUnknown) != 0;
            const QuoteData& was = top.quote;
            std::uint8_t changed = 0;
            const bool first = !top.has_quote || unknown != top.size_unknown;
            if (first || now.bid != was.bid || now.bid_quantity != was.bid_quantity) {
                changed |= kEntryBid;
            }
            if (first || now.ask != was.ask || now.ask_quantity != was.ask_quantity) {
                changed |= kEntryOffer;
            }
            top.quote = now;
            top.quoted = e.ts;
            top.size_unknown = unknown;
            top.has_quote = true;
            // A quote that repeats the one before it confirms it: members see it, as strategies
            // do in a replay of the same data.
            mark(e.instrument, changed != 0 ? changed : kEntryBid | kEntryOffer);
            return;
        }
        case MarketEventType::kTrade:
            return on_trade(e, e.data.trade.price, e.data.trade.quantity);
        case MarketEventType::kBar:
            return on_trade(e, e.data.bar.close, e.data.bar.volume);
        default:
            return;
    }
}

void MarketDesk::add_lines(InstrumentId instrument, std::uint8_t entries,
                           std::vector<MarketDataLine>& lines) const {
    const Top& top = tops_[instrument.value];
    if (!top.has_quote) return;
    const auto add = [&](char type, Price price, Quantity size) {
        MarketDataLine line;
        line.symbol = instruments_[instrument].symbol;
        line.type = type;
        line.price = price;
        line.size = size;
        line.ts = top.quoted;
        line.has_size = !top.size_unknown;
        line.gone = !top.size_unknown && !size.is_positive();
        lines.push_back(line);
    };
    if ((entries & kEntryBid) != 0) add('0', top.quote.bid, top.quote.bid_quantity);
    if ((entries & kEntryOffer) != 0) add('1', top.quote.ask, top.quote.ask_quantity);
}

void MarketDesk::publish(const std::function<bool(std::size_t)>& behind) {
    if (!any_waits_) return;
    any_waits_ = false;
    for (const auto& s : subscriptions_) {
        if (!s->waits) continue;
        std::vector<MarketDataLine> lines = std::exchange(s->trades, {});
        if (behind(s->session)) {
            any_waits_ = true;  // what changed waits
        } else {
            s->waits = false;
            for (Watched& watched : s->instruments) {
                if (watched.changed == 0) continue;
                add_lines(watched.instrument, std::exchange(watched.changed, 0), lines);
            }
        }
        if (!lines.empty()) {
            out_.push_back({s->session, fix::market_data_update(s->id, lines)});
        }
    }
}

}  // namespace fermata::venue
