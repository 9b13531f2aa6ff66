#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "adapters/fix/request_decoder.hpp"
#include "daemon/venue/exchange_core.hpp"

namespace fermata::venue::test {

/// 2026-01-05 at 14:30 UTC.
inline constexpr Timestamp kOpen{1'767'623'400'000'000'000};

inline InstrumentTable instruments() {
    InstrumentTable table;
    for (const char* symbol : {"SPY", "QQQ"}) {
        Instrument i;
        i.symbol = symbol;
        i.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};  // 0.01
        i.currency = table.currency("USD");
        table.add(std::move(i));
    }
    return table;
}

inline StreamTable streams() { return {{StreamId{0}, "quotes", MarketEventType::kQuote, {}}}; }

/// Sessions: 0 A of firm one, 1 B of firm one with its authority and drop copies, 2 C of firm two.
inline CoreSettings settings() {
    CoreSettings s;
    s.accounts = {"main", "other", "third"};
    for (std::uint16_t n = 0; n < 3; ++n) {
        SimAccount account;
        account.id = AccountId{n};
        account.kind = AccountKind::kMargin;
        account.cash = {Money::from_units(1'000'000)};
        s.balances.push_back(account);
    }
    ExchangeMember a;
    a.comp_id = "A";
    a.accounts = {AccountId{0}, AccountId{1}};
    ExchangeMember b = a;
    b.comp_id = "B";
    b.of_firm = b.drop_copy = true;
    ExchangeMember c;
    c.comp_id = "C";
    c.firm = 1;
    c.accounts = {AccountId{2}};
    s.members = {a, b, c};
    s.orders_max = 256;
    s.orders_kept = 1'000;
    s.sim.id_epoch = 7;
    return s;
}

inline MarketEvent quote(Timestamp ts, const char* bid, const char* ask, std::int64_t size = 100,
                         std::uint32_t instrument = 0) {
    QuoteData q;
    q.bid = *fix::parse_as<Price>(bid);
    q.ask = *fix::parse_as<Price>(ask);
    q.bid_quantity = q.ask_quantity = Quantity::from_units(size);
    return make_quote(ts, InstrumentId{instrument}, StreamId{0}, q);
}

/// An exchange of which requests are asked as text: "35=D|11=1|...".
class ExchangeDesk {
public:
    explicit ExchangeDesk(CoreSettings s = settings()) : core(std::move(s), table_, streams_) {}

    std::vector<Outgoing> ask(std::size_t session, std::string text) {
        std::replace(text.begin(), text.end(), '|', '\001');
        const auto request = fix::decode_request(text);
        if (!request) std::abort();
        core.on_request(session, *request, now);
        return take();
    }
    std::vector<Outgoing> market(MarketEvent e) {
        e.seq = ++events_;
        now = std::max(now, e.ts);
        core.on_market(e);
        return take();
    }
    std::vector<Outgoing> take() { return std::exchange(core.out(), {}); }

    Timestamp now = kOpen;

private:
    const InstrumentTable table_ = instruments();
    const StreamTable streams_ = streams();
    std::uint64_t events_ = 0;

public:
    ExchangeCore core;
};

/// "8:0/0" for each message: MsgType, and of reports ExecType and OrdStatus.
inline std::string kinds(const std::vector<Outgoing>& out) {
    std::string text;
    for (const Outgoing& o : out) {
        if (!text.empty()) text += ' ';
        text += std::to_string(o.session) + ":" + o.message.type();
        if (o.message.type() != "8") continue;
        text += ':';
        text += o.message.find(150);
        text += '/';
        text += o.message.find(39);
    }
    return text;
}

}  // namespace fermata::venue::test
