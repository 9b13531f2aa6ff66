#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "core/types/decimal.hpp"
#include "core/types/instrument.hpp"
#include "risk/risk_config.hpp"

namespace fermata::testing {

inline void add_instrument(InstrumentTable& instruments, CurrencyId currency, const char* tick,
                           std::int64_t multiplier, const char* volume, const char* sector) {
    Instrument i;
    i.symbol = std::string("I") + std::to_string(instruments.size());
    i.currency = currency;
    i.ticks = {{Timestamp::min(), parse<Price>(tick).value()}};
    i.multiplier = Multiplier::from_units(multiplier);
    i.average_daily_volume = parse<Quantity>(volume).value();
    i.sector = sector;
    instruments.add(i);
}

inline CurrencyId add_instruments(InstrumentTable& instruments) {
    const CurrencyId usd = instruments.currency("USD");
    add_instrument(instruments, usd, "0.01", 1, "0", "technology");
    add_instrument(instruments, usd, "0.05", 1, "15000", "technology");
    add_instrument(instruments, usd, "0.25", 50, "0", "");
    return usd;
}

/// A price moved up or down by less than the `nth` part of it, and back towards where it began when
/// it has gone far.
template <class Random>
std::int64_t moved_price(std::int64_t price, std::int64_t begun, std::int64_t nth, Random& random) {
    const auto part = static_cast<std::uint64_t>(price / nth + 1);
    const std::int64_t up = static_cast<std::int64_t>(random() % part);
    const std::int64_t down = static_cast<std::int64_t>(random() % part);
    const std::int64_t size = up > down ? up - down : down - up;
    if (price > begun * 3 / 2) return price - size;
    return price < begun * 2 / 3 ? price + size : price + up - down;
}

/// How many are worth so many hundredths of a percent of 100,000, at least one.
inline Quantity units_worth(const InstrumentTable& instruments, InstrumentId i, Price price,
                            int parts) {
    const std::int64_t each =
        price.raw() / 1'000'000 * (instruments[i].multiplier.raw() / 100'000'000);  // thousandths
    return Quantity::from_units(1 + parts * 10'000 / std::max<std::int64_t>(each, 1));
}

/// Limits at which every control refuses often and most orders still pass.
inline RiskConfig tight(std::initializer_list<std::pair<const char*, const char*>> others = {}) {
    RiskConfig config;
    for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"max_quantity", "250"},
             {"max_quantity_adv", "1%"},
             {"max_notional", "9%"},
             {"collar", "2%"},
             {"duplicate", "2"},
             {"duplicate_window", "400ms"},
             {"message_rate", "12"},
             {"message_rate_firm", "18"},
             {"message_rate_burst", "700ms"},
             {"message_rate_reserve", "20%"},
             {"open_orders", "6"},
             {"open_orders_notional", "16%"},
             {"position", "20%"},
             {"cash", "40%"},
             {"leverage", "0.5"},
             {"drawdown", "2%"},
             {"basket", "12%"},
             {"stale", "3s"},
             {"crossed_spread", "3%"},
             {"crossed_jump", "8%"},
             {"order_to_trade", "3"},
             {"repeat", "10"},
             {"repeat_window", "3s"},
             {"turnover", "30%"},
             {"turnover_firm", "60%"},
             {"sector", "25%"},
             {"day_loss", "0.5%"},
             {"week_loss", "1%"},
             {"best_execution", "1%"},
             {"reject_rate", "1"},
             {"reject_rate_window", "5s"},
             {"parent", "2"},
             {"parent_window", "30s"},
             {"collar_time", "4%"},
             {"liquidity", "5%"},
             {"trade_loss", "1.5%"},
             {"day_trade", "3"},
             {"correlated", "2"},
             {"var_parametric", "4%"},
             {"var_parametric_unmeasured", "5%"},
             {"var_historical", "3%"},
             {"stress", "14%"},
             {"day_trade_equity", "100000"},
             {"liquidity_exit", "0.2"},
             {"journal", "10s"},
             {"journal_bytes", "1000"},
             {"drop_copy", "5s"},
             {"clock_alert", "0.1ms"},
             {"in_flight", "2s"},
             {"credit", "300s"},
             {"wash_sale", "0"}}) {
        FERMATA_ASSERT(config.set_limit(key, value).ok());
    }
    for (const auto& [key, value] : others) FERMATA_ASSERT(config.set_limit(key, value).ok());
    // Strategy 0 may do everything in account 1, and in account 0 at venue 0 or with instrument 1.
    // Strategy 1 may do everything.
    config.permit({.strategy = 1, .account = {}, .instrument = {}, .venue = {}});
    config.permit({.strategy = 0, .account = 1, .instrument = {}, .venue = {}});
    config.permit({.strategy = 0, .account = {}, .instrument = {}, .venue = 0});
    config.permit({.strategy = 0, .account = 0, .instrument = 1, .venue = {}});
    // Six days of the house, six of the legacy rules, and so on; what account 0 has is its own.
    for (int n = 0; n < 40; ++n) {
        const Timestamp from =
            Timestamp{1'700'000'000'000'000'000} + Duration::seconds(n * 518'400);
        const auto mode = n % 2 == 0 ? DayTradeMode::kHouse : DayTradeMode::kLegacy;
        const auto other = n % 2 == 0 ? DayTradeMode::kLegacy : DayTradeMode::kHouse;
        config.set_day_trade_regime({from, other, 0});
        config.set_day_trade_regime({from, mode, {}});
    }
    // Twenty minutes of every two hours.
    for (int n = 0; n < 1'000; ++n) {
        const Timestamp from = Timestamp{1'700'000'000'000'000'000} + Duration::seconds(n * 7'200);
        config.restrict_trading(
            {static_cast<std::uint32_t>(n % 2), from, from + Duration::seconds(1'200)});
    }
    FERMATA_ASSERT(config.validate().empty());
    return config;
}

/// Limits under which, in turn, others are the nearest ones: each control is to refuse alone, too.
inline constexpr int kFlowSetups = 8;
inline RiskConfig flow_setup(int n) {
    switch (n % kFlowSetups) {
        case 1:  // sizes
            return tight({{"max_quantity", "45"}, {"max_quantity_adv", "0.15%"}, {"sector", "5%"}});
        case 2:  // open orders
            return tight(
                {{"open_orders", "2"}, {"open_orders_notional", "5%"}, {"max_notional", "3%"}});
        case 3:
            return tight({{"position", "5%"}, {"trade_loss", "0.5%"}, {"correlated", "3"}});
        case 4:  // losses, too
            return tight({{"leverage", "0.1"},
                          {"correlated", "3"},
                          {"day_loss", "5%"},
                          {"week_loss", "0.5%"}});
        case 5:
            return tight(
                {{"var_parametric", "0.4%"}, {"var_historical", "10%"}, {"drawdown", "0.7%"}});
        case 6:
            return tight(
                {{"var_historical", "0.4%"}, {"var_parametric", "10%"}, {"drawdown", "0.7%"}});
        case 7:
            return tight({{"day_loss", "5%"}, {"week_loss", "0.5%"}, {"stress", "2%"}});
        default:
            return tight();
    }
}

/// A cash account and a margin account with 100,000 each.
inline std::vector<AccountConfig> two_accounts(CurrencyId currency) {
    std::vector<AccountConfig> accounts(2);
    for (std::uint16_t a = 0; a < 2; ++a) {
        accounts[a].id = {a};
        accounts[a].base = currency;
        accounts[a].cash = {{currency, Money::from_units(100'000)}};
        accounts[a].type = a == 0 ? AccountConfig::Type::kCash : AccountConfig::Type::kMargin;
    }
    return accounts;
}

}  // namespace fermata::testing
