#include "daemon/cli/order_text.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <vector>

#include "core/market/date.hpp"
#include "core/types/decimal.hpp"
#include "daemon/config/problem.hpp"
#include "daemon/replay/order_flags.hpp"

namespace fermata {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

/// The words of an order, one after the other.
class Words {
public:
    explicit Words(std::string_view text) : text_(text) {
        std::string word;
        bool quoted = false, any = false;
        for (const char c : text) {
            if (c == '"') {
                quoted = !quoted;
                any = true;
            } else if (!quoted && (c == ' ' || c == '\t' || c == '=')) {
                if (any || !word.empty()) words_.push_back(word);
                word.clear();
                any = false;
            } else {
                word += c;
            }
        }
        if (quoted) fail("a quotation that does not end", "\"");
        if (any || !word.empty()) words_.push_back(word);
    }

    [[nodiscard]] bool over() const { return next_ == words_.size(); }
    std::string take(const std::string& expected) {
        if (over()) fail("the end", expected);
        return words_[next_++];
    }

    [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
        throw std::invalid_argument("--order " + config::in_quotes(text_) + ": found " + found +
                                    ", expected " + expected);
    }

private:
    std::string_view text_;
    std::vector<std::string> words_;
    std::size_t next_ = 0;
};

template <class E>
std::optional<E> named(std::string_view word, int count) {
    for (int n = 0; n < count; ++n) {
        if (lower(name(static_cast<E>(n))) == lower(word)) return static_cast<E>(n);
    }
    return std::nullopt;
}
template <class E>
std::string names_of(int count) {
    std::string out;
    for (int n = 0; n < count; ++n) {
        out += (n == 0 ? "" : n + 1 == count ? " or " : ", ") + lower(name(static_cast<E>(n)));
    }
    return out;
}

class OrderParser {
public:
    OrderParser(std::string_view text, const Config& config) : words_(text), config_(config) {}

    OrderEvent parse() {
        const std::string side = words_.take("buy or sell");
        const auto found = named<Side>(side, 2);
        if (!found) words_.fail(config::in_quotes(side), "buy or sell");
        order_.side = *found;
        order_.tif = TimeInForce::kGtc;  // as a strategy's orders
        order_.quantity = number<Quantity>("a quantity");
        const std::string symbol = words_.take("the symbol of an instrument");
        const InstrumentId instrument = instrument_of(symbol);
        while (!words_.over()) take_word();
        finish();
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, {}, instrument);
        e.data.new_order = order_;
        return e;
    }

private:
    template <class T>
    T number(const std::string& expected) {
        const std::string word = words_.take(expected);
        const auto value = fermata::parse<T>(word);
        if (!value) words_.fail(config::in_quotes(word), expected);
        return *value;
    }
    InstrumentId instrument_of(const std::string& symbol) const {
        if (const Instrument* const found = config_.instruments.find(symbol)) return found->id;
        std::vector<std::string> known;
        for (const Instrument& each : config_.instruments.all()) known.push_back(each.symbol);
        words_.fail(config::in_quotes(symbol), "the symbol of an instrument of the configuration" +
                                                   config::did_you_mean(symbol, known));
    }
    template <class Row>
    const Row& look_up(const char* what, const std::vector<Row>& rows) {
        const std::string word = words_.take(std::string("the name of ") + what);
        std::vector<std::string> known;
        for (const Row& row : rows) {
            if (row.name == word) return row;
            known.push_back(row.name);
        }
        std::string all;
        for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
        words_.fail(config::in_quotes(word), std::string(what) + ": " + all);
    }
    void offset(OffsetKind kind, std::int64_t raw) {
        order_.offset_kind = kind;
        order_.offset = raw;
    }

    /// Of two that contradict each other, none is taken for what was meant.
    void note(const std::string& word, const std::string& key) {
        const bool is_offset = key.starts_with("trail") || key.starts_with("peg_");
        const bool is_type =
            key != "limit" && key != "stop" && named<OrderType>(key, kOrderTypeCount).has_value();
        const std::string what = is_offset ? "distance" : is_type ? "type" : key;
        if (std::find(said_.begin(), said_.end(), what) != said_.end()) {
            words_.fail(config::in_quotes(word), is_offset || is_type ? "one " + what + " only"
                                                                      : "'" + what + "' once only");
        }
        said_.push_back(what);
    }

    void take_word() {
        const std::string word = words_.take("");
        const std::string key = lower(word);
        note(word, key);
        if (key == "limit") {
            order_.price = number<Price>("a limit price");
            has_limit_ = true;
        } else if (key == "stop") {
            order_.stop_price = number<Price>("a trigger price");
            has_stop_ = true;
        } else if (key == "type") {
            const std::string type = words_.take("a type of order");
            type_ = named<OrderType>(type, kOrderTypeCount);
            if (!type_) words_.fail(config::in_quotes(type), names_of<OrderType>(kOrderTypeCount));
        } else if (key == "tif") {
            const std::string tif = words_.take("a time in force");
            const auto found = named<TimeInForce>(tif, kTimeInForceCount);
            if (!found) {
                words_.fail(config::in_quotes(tif), names_of<TimeInForce>(kTimeInForceCount));
            }
            order_.tif = *found;
            has_tif_ = true;
        } else if (key == "expires") {
            const std::string time = words_.take("a time");
            const auto found = parse_iso_timestamp(time);
            if (!found) {
                words_.fail(config::in_quotes(time), "a time in UTC such as 2020-02-26T21:00:00Z");
            }
            order_.expire_time = *found;
            has_expiry_ = true;
        } else if (key == "display") {
            order_.display_quantity = number<Quantity>("a shown quantity");
        } else if (key == "trail") {
            offset(OffsetKind::kTrailPrice, number<Price>("a distance in price").raw());
        } else if (key == "trail_percent") {
            const std::string expected = "a distance in percent of at most 7 decimals, such as 2.5";
            const auto percent = number<Ratio>(expected);
            if (percent.raw() % 100 != 0) {
                words_.fail(config::in_quotes(to_string(percent)), expected);
            }
            offset(OffsetKind::kTrailPercent, percent.raw() / 100);
        } else if (key == "peg_mid" || key == "peg_primary" || key == "peg_market") {
            offset(*named<OffsetKind>(key, kOffsetKindCount),
                   number<Price>("a distance in price").raw());
        } else if (key == "account") {
            account_ = look_up("an account", config_.accounts).id;
        } else if (key == "strategy") {
            strategy_ = look_up("a strategy", config_.strategies).id;
        } else if (key == "venue") {
            venue_ = look_up("a venue", config_.venues).venue;
        } else if (key == "post_only") {
            order_.flags |= kOrderPostOnly;
        } else if (key == "reduce_only") {
            order_.flags |= kOrderReduceOnly;
        } else if (const auto type = named<OrderType>(word, kOrderTypeCount)) {
            type_ = type;
        } else {
            words_.fail(config::in_quotes(word),
                        "limit, stop, type, tif, expires, display, trail, trail_percent, peg_mid, "
                        "peg_primary, peg_market, account, strategy, venue, post_only, "
                        "reduce_only or a type of order");
        }
    }

    void finish() {
        order_.type = type_ ? *type_ : type_by_terms();
        if (has_limit_ && order_.type == OrderType::kMarket) {
            words_.fail("a limit price", "none with a market order");
        }
        if (has_expiry_ && !has_tif_) order_.tif = TimeInForce::kGtd;
        if (has_expiry_ && order_.tif != TimeInForce::kGtd) {
            words_.fail("a time of expiry with " + lower(name(order_.tif)), "gtd with it");
        }
        const StrategyConfig& strategy = the_strategy();
        order_.strategy = strategy.id;
        order_.account = account_.value_or(strategy.account);
        order_.venue = venue_.value_or(strategy.venue);
    }
    OrderType type_by_terms() const {
        switch (order_.offset_kind) {
            case OffsetKind::kTrailPrice:
            case OffsetKind::kTrailPercent:
                return has_limit_ ? OrderType::kTrailingStopLimit : OrderType::kTrailingStop;
            case OffsetKind::kPegMid:
            case OffsetKind::kPegPrimary:
            case OffsetKind::kPegMarket:
                return OrderType::kPegged;
            case OffsetKind::kNone:
                break;
        }
        if (has_stop_) return has_limit_ ? OrderType::kStopLimit : OrderType::kStop;
        return has_limit_ ? OrderType::kLimit : OrderType::kMarket;
    }
    const StrategyConfig& the_strategy() const {
        if (strategy_) return config_.strategies[strategy_->value];
        const StrategyConfig* only = nullptr;
        std::string fitting;
        int count = 0;
        for (const StrategyConfig& s : config_.strategies) {
            if (account_ && s.account != *account_) continue;
            only = &s;
            fitting += (count++ == 0 ? "" : ", ") + s.name;
        }
        if (count != 1) {
            words_.fail("no strategy", count == 0 ? "strategy=NAME: none trades in that account"
                                                  : "strategy=NAME, one of: " + fitting);
        }
        return *only;
    }

    Words words_;
    const Config& config_;
    NewOrderData order_;
    std::optional<OrderType> type_;
    std::optional<AccountId> account_;
    std::optional<StrategyId> strategy_;
    std::optional<VenueId> venue_;
    bool has_limit_ = false;
    bool has_stop_ = false;
    bool has_tif_ = false;
    bool has_expiry_ = false;
    std::vector<std::string> said_;
};

}  // namespace

OrderEvent parse_order(std::string_view text, const Config& config) {
    return OrderParser(text, config).parse();
}

std::string order_in_words(const OrderEvent& order, const Config& config) {
    const NewOrderData& d = order.data.new_order;
    std::string out = std::string(name(d.side)) + " " + to_string(d.quantity) + " " +
                      config.instruments[order.instrument].symbol + " " + std::string(name(d.type));
    if (has_limit_price(d.type) || !d.price.is_zero()) out += " " + to_string(d.price);
    if (has_stop_price(d.type) || !d.stop_price.is_zero())
        out += " stop " + to_string(d.stop_price);
    if (d.offset_kind != OffsetKind::kNone) {
        out += " " + std::string(name(d.offset_kind)) + " " + to_string(Price::from_raw(d.offset));
    }
    out += " " + std::string(name(d.tif));
    if (d.tif == TimeInForce::kGtd) out += " until " + format_iso_timestamp(d.expire_time);
    if (d.display_quantity.is_positive()) out += ", shows " + to_string(d.display_quantity);
    const auto flags = static_cast<std::uint8_t>(d.flags & ~kOrderBasket);
    if (flags != 0) out += ", " + render_order_flags(flags);
    return out + ", account " + config.accounts[d.account.value].name + ", strategy " +
           config.strategies[d.strategy.value].name + ", venue " +
           config.venues[d.venue.value].name;
}

}  // namespace fermata
