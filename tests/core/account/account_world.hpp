#pragma once

#include <vector>

#include "core/account/account_book.hpp"

namespace fermata::test {

/// Instruments, currencies and accounts of the account and order tests.
///   instruments: 0 SPY USD, 1 ES USD x50, 2 SAP EUR, 3 EURUSD USD (fractions), 4 USDJPY JPY, 5
///   SONY JPY,
///                6 BTC USD (lot 0.00000001), 7 HSBA GBP (no pair)
///   accounts:    0 USD 100,000; 1 USD 50,000 + EUR 10,000; 2 EUR 1,000
struct AccountWorld {
    InstrumentTable instruments;
    CurrencyId usd, eur, jpy, gbp;
    std::vector<AccountConfig> accounts;

    static constexpr InstrumentId kSpy{0}, kEs{1}, kSap{2}, kEurUsd{3}, kUsdJpy{4}, kSony{5},
        kBtc{6}, kHsba{7};
    static constexpr std::size_t kStrategies = 4;

    AccountWorld() {
        usd = instruments.currency("USD");
        eur = instruments.currency("EUR");
        jpy = instruments.currency("JPY");
        gbp = instruments.currency("GBP");
        add("SPY", usd, 1, Quantity::from_units(1));
        add("ES", usd, 50, Quantity::from_units(1), AssetClass::kFuture);
        add("SAP", eur, 1, Quantity::from_units(1));
        add("EURUSD", usd, 1, Quantity::from_raw(1'000'000), AssetClass::kForex);
        add("USD/JPY", jpy, 1, Quantity::from_units(1), AssetClass::kForex);
        add("SONY", jpy, 1, Quantity::from_units(1));
        add("BTC", usd, 1, Quantity::from_raw(1), AssetClass::kCrypto);
        add("HSBA", gbp, 1, Quantity::from_units(1));
        accounts.push_back({AccountId{0}, "main", usd, {{usd, Money::from_units(100'000)}}});
        accounts.push_back({AccountId{1},
                            "mixed",
                            usd,
                            {{usd, Money::from_units(50'000)}, {eur, Money::from_units(10'000)}}});
        accounts.push_back({AccountId{2}, "euro", eur, {{eur, Money::from_units(1'000)}}});
    }

    AccountBook book(std::size_t lots = 1'024, std::size_t fills = 4'096) const {
        return AccountBook(instruments, accounts, kStrategies, lots, fills);
    }

private:
    void add(const char* symbol, CurrencyId currency, std::int64_t multiplier, Quantity lot,
             AssetClass asset_class = AssetClass::kEquity) {
        Instrument i;
        i.symbol = symbol;
        i.asset_class = asset_class;
        i.currency = currency;
        i.multiplier = Multiplier::from_units(multiplier);
        i.lot = lot;
        i.ticks = {{Timestamp::min(), Price::from_raw(1)}};
        instruments.add(i);
    }
};

inline Price price(std::int64_t units, std::int64_t thousandths = 0) {
    return Price::from_raw(units * 1'000'000'000 + thousandths * 1'000'000);
}
inline Quantity units(std::int64_t n) { return Quantity::from_units(n); }
inline Money dollars(std::int64_t n, std::int64_t micros = 0) {
    return Money::from_raw(n * 1'000'000 + micros);
}

}  // namespace fermata::test
