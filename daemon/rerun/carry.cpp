#include "daemon/rerun/carry.hpp"

#include <algorithm>
#include <vector>

#include "core/base/assert.hpp"
#include "core/market/date.hpp"
#include "core/types/decimal.hpp"
#include "daemon/config/document.hpp"

namespace fermata {
namespace {

using config::Node;

/// What a unit cost, of `cost` signed like `quantity`.
Price unit_price(Money cost, Quantity quantity, Multiplier multiplier) {
    // price 1e-9, money 1e-6, quantity and multiplier 1e-8 and 1e-8 of their units.
    const __int128 units = static_cast<__int128>(quantity.raw()) * multiplier.raw();
    const __int128 scale = static_cast<__int128>(Price::kOne) * Quantity::kOne / Money::kOne;
    const __int128 value = static_cast<__int128>(cost.raw()) * scale * Multiplier::kOne;
    const auto price =
        units > 0 ? divide_half_even(value, units) : divide_half_even(-value, -units);
    FERMATA_ASSERT(price.ok());  // it was made of prices
    return Price::from_raw(*price);
}

struct Held {
    Quantity quantity;
    Price cost;
    Timestamp opened;
};

/// The lots of a strategy's position, or the position as one.
std::vector<Held> held_by(const StrategyConfig& strategy, const Instrument& instrument,
                          const AccountBook& books, std::span<const OpenLot> lots) {
    const Quantity position = books.strategy_position(strategy.id, instrument.id);
    std::vector<Held> own;
    Quantity sum;
    Timestamp oldest = Timestamp::never();
    for (const OpenLot& lot : lots) {
        if (lot.account != strategy.account || lot.instrument != instrument.id) continue;
        oldest = std::min(oldest, lot.opened);
        if (lot.strategy != strategy.id) continue;
        const Quantity quantity = lot.side == Side::kBuy ? lot.quantity : -lot.quantity;
        const Money cost = lot.side == Side::kBuy ? lot.basis : -lot.basis;
        sum += quantity;
        own.push_back({quantity, unit_price(cost, quantity, instrument.multiplier), lot.opened});
    }
    const bool one_sign = std::ranges::all_of(
        own, [&](const Held& h) { return h.quantity.is_negative() == position.is_negative(); });
    if (sum == position && one_sign) return own;
    const Money cost = books.strategy_cost(strategy.id, instrument.id);
    // Nothing is open there when strategies hold as much long as short: then it began today.
    if (oldest == Timestamp::never()) oldest = books.mark_time(instrument.id);
    return {{position, unit_price(cost, position, instrument.multiplier), oldest}};
}

Node positions_of(const Config& config, const AccountBook& books, std::span<const OpenLot> lots) {
    Node all = Node::list();
    for (const StrategyConfig& strategy : config.strategies) {
        for (const Instrument& instrument : config.instruments.all()) {
            if (books.strategy_position(strategy.id, instrument.id).is_zero()) continue;
            for (const Held& held : held_by(strategy, instrument, books, lots)) {
                Node& position = all.items.emplace_back(Node::map());
                position.add("instrument", Node::scalar(instrument.symbol));
                position.add("strategy", Node::scalar(strategy.name));
                position.add("quantity", Node::scalar(to_string(held.quantity)));
                position.add("cost", Node::scalar(to_string(held.cost)));
                if (const auto mark = books.mark(instrument.id)) {
                    position.add("mark", Node::scalar(to_string(*mark)));
                }
                position.add("opened", Node::scalar(format_iso_timestamp(held.opened)));
            }
        }
    }
    return all;
}

/// The lots of the account, whoever opened them, as `holder`'s.
std::string account_lots(const StrategyConfig& holder, const Instrument& instrument,
                         const AccountBook& books, std::span<const OpenLot> lots) {
    std::string text;
    for (const OpenLot& lot : lots) {
        if (lot.account != holder.account || lot.instrument != instrument.id) continue;
        const Quantity quantity = lot.side == Side::kBuy ? lot.quantity : -lot.quantity;
        const Money cost = lot.side == Side::kBuy ? lot.basis : -lot.basis;
        text += "- {instrument: " + instrument.symbol + ", strategy: " + holder.name +
                ", quantity: " + to_string(quantity) +
                ", cost: " + to_string(unit_price(cost, quantity, instrument.multiplier));
        if (const auto mark = books.mark(instrument.id)) text += ", mark: " + to_string(*mark);
        text += ", opened: " + format_iso_timestamp(lot.opened) + "}\n";
    }
    return text;
}

}  // namespace

std::vector<HeldAgainst> held_against(const Config& config, const AccountBook& books,
                                      std::span<const OpenLot> lots) {
    std::vector<HeldAgainst> all;
    for (const AccountConfig& account : config.accounts) {
        if (account.book != AccountConfig::Book::kNetting) continue;
        for (const Instrument& instrument : config.instruments.all()) {
            const Quantity net = books.position(account.id, instrument.id);
            const StrategyConfig *longest = nullptr, *shortest = nullptr;
            std::string who;
            for (const StrategyConfig& s : config.strategies) {
                const auto held = [&](const StrategyConfig& of) {
                    return books.strategy_position(of.id, instrument.id);
                };
                if (s.account != account.id || held(s).is_zero()) continue;
                who += (who.empty() ? "" : ", ") + s.name + " " + to_string(held(s));
                if (held(s).is_positive() && (!longest || held(s) > held(*longest))) longest = &s;
                if (held(s).is_negative() && (!shortest || held(s) < held(*shortest))) {
                    shortest = &s;
                }
            }
            if (longest == nullptr || shortest == nullptr) continue;
            HeldAgainst& found = all.emplace_back();
            found.what = "account " + account.name + ", " + instrument.symbol +
                         ": strategies hold against each other (" + who +
                         "), and the account holds " + to_string(net) +
                         "; the next run would book the profit of what closes itself once more";
            if (account.type == AccountConfig::Type::kCash) {
                found.what += ", and is refused: a cash account begins with nothing short";
            }
            const StrategyConfig& holder = net.is_negative() ? *shortest : *longest;
            found.lots = account_lots(holder, instrument, books, lots);
        }
    }
    return all;
}

std::string carried_yaml(const Config& config, const AccountBook& books,
                         std::span<const OpenLot> lots) {
    const Node effective = config::parse_document(config.effective, config.file);
    const Node* const accounts = effective.find("accounts");
    FERMATA_ASSERT(accounts != nullptr && accounts->items.size() == config.accounts.size());
    Node out = Node::map();
    Node& carried = out.add("accounts", *accounts);
    for (std::size_t n = 0; n < config.accounts.size(); ++n) {
        Node cash = Node::map();
        const AccountConfig& account = config.accounts[n];
        const auto& currencies = config.instruments.currencies();
        for (std::uint16_t c = 0; c < currencies.size(); ++c) {
            const Money left = books.cash(account.id, CurrencyId{c});
            if (left.is_zero() && CurrencyId{c} != account.base) continue;
            cash.add(currencies[c], Node::scalar(to_string(left)));
        }
        *carried.items[n].find("cash") = std::move(cash);
    }
    Node positions = positions_of(config, books, lots);
    if (!positions.items.empty()) out.add("positions", std::move(positions));
    return config::to_yaml(out);
}

}  // namespace fermata
