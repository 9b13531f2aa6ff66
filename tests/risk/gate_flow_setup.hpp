#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

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

/// Limits at which every control refuses often and most orders still pass.
inline RiskConfig tight() {
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
             {"in_flight", "4s"},
             {"credit", "300s"},
             {"wash_sale", "0"}}) {
        FERMATA_ASSERT(config.set_limit(key, value).ok());
    }
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

}  // namespace fermata::testing
