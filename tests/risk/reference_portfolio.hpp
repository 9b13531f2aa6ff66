#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "risk/gate_snapshot.hpp"
#include "tests/risk/reference_day_trades.hpp"

namespace fermata::testing {

/// CORRELATED, VAR_PARAMETRIC, VAR_HISTORICAL and STRESS: double and triple sums over everything
/// for every question; roots and shares in long double instead of products.
class ReferencePortfolio : public ReferenceDayTrades {
public:
    ReferencePortfolio(const Limits& limits, const InstrumentTable& instruments)
        : ReferenceDayTrades(limits, instruments),
          risk_(GateSnapshot::unknown(instruments.size(), 0.2)) {}

    void adopt(GateSnapshot snapshot, Timestamp now) {
        risk_ = std::move(snapshot);
        for (std::uint16_t a = 0; a < 2; ++a) choose_unit({a}, now);
    }

protected:
    template <class Fail>
    void judge_portfolio(const Case& c, const Fail& fail) {
        if (worst(c, c.after) <= worst(c, c.before)) return;
        const std::int64_t day = c.now.ns / kDay;
        if (!units_.contains(c.account.value) ||
            (day != days_[c.account.value] && risk_.number == 0)) {
            choose_unit(c.account, c.now);
        }
        if (day != days_[c.account.value]) take_prices(c.account, c.now);
        take_price(c.account, c.instrument.value);
        const Book before = book(c, c.before), after = book(c, c.after);
        const std::uint32_t i = c.instrument.value;
        if (before.quantities[i] == 0) {
            std::int64_t names = 1;
            for (std::uint32_t j = 0; j < risk_.instruments; ++j) {
                names += j != i && before.quantities[j] != 0 && correlated(i, j) ? 1 : 0;
            }
            fail(ControlId::kCorrelated, names > limits_.raw(LimitId::kCorrelated));
        }
        const auto bound = [&](LimitId id) {  // in 1e-9 units
            return static_cast<long double>(limits_.raw(id)) * 1e19L *
                   static_cast<long double>(equity(c.account)) /
                   std::exp2(static_cast<long double>(units_[c.account.value]));
        };
        const bool riskier = after.variance > before.variance || after.unknown > before.unknown;
        const long double unknown = static_cast<long double>(after.unknown) *
                                    static_cast<long double>(limits_.raw(LimitId::kVarUnmeasured));
        const long double z99 = 2.326347874040841100885606163347L;
        fail(ControlId::kVarParametric,
             riskier && z99 * deviation(after) + unknown > bound(LimitId::kVarParametric));

        std::int64_t days = 0;
        const long double most = bound(LimitId::kVarHistorical);
        for (const std::int64_t p : after.profits) {
            days += static_cast<long double>(p) - unknown < -most ? 1 : 0;
        }
        const auto allowed = static_cast<std::int64_t>(after.profits.size()) / 100;
        const auto tail = [&](const Book& b) {
            std::vector<std::int64_t> sorted = b.profits;
            std::ranges::sort(sorted);
            return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(allowed)];
        };
        fail(ControlId::kVarHistorical,
             (unknown > most || days > allowed) &&
                 (after.unknown > before.unknown || tail(after) < tail(before)));

        bool stressed = false;
        const long double least = -bound(LimitId::kStress);
        for (std::size_t s = 0; s < risk_.scenarios; ++s) {
            stressed = stressed || (static_cast<long double>(after.scenarios[s]) < least &&
                                    after.scenarios[s] < before.scenarios[s]);
        }
        if (risk_.volatility_factor != 0) {
            const long double times =
                std::sqrt(static_cast<long double>(risk_.volatility_factor) / 1e16L);
            stressed = stressed ||
                       (riskier &&
                        times * deviation(after) + static_cast<long double>(after.fallen) > -least);
        }
        fail(ControlId::kStress, stressed);
    }

private:
    struct Book {
        std::vector<__int128> quantities;
        std::vector<std::int64_t> weights, profits, scenarios;
        __int128 variance = 0;
        std::int64_t unknown = 0;  // size of what was not measured
        std::int64_t fallen = 0;   // what it loses in a fall
    };

    bool correlated(std::uint32_t i, std::uint32_t j) const {
        return risk_.measured[i] == 0 || risk_.measured[j] == 0 ||
               (risk_.correlated[i * risk_.words() + j / 64] >> (j % 64) & 1) != 0;
    }
    long double deviation(const Book& b) const {
        const __int128 variance = std::max<__int128>(b.variance, 0);
        return 1e9L * std::sqrt(static_cast<long double>(variance) /
                                std::exp2(static_cast<long double>(risk_.covariance_bits)));
    }

    /// The smallest unit, from 2^64 on, of which the equity is less than 2^26.
    void choose_unit(AccountId a, Timestamp now) {
        int bits = 64;
        while ((static_cast<__int128>(equity(a)) * kMoney >> bits) >= (1 << 26)) ++bits;
        units_[a.value] = bits;
        take_prices(a, now);
    }
    void take_prices(AccountId a, Timestamp now) {
        days_[a.value] = now.ns / kDay;
        for (std::uint32_t i = 0; i < risk_.instruments; ++i) take_price(a, i);
    }
    void take_price(AccountId a, std::uint32_t i) {
        const bool known = !risk_.prices[i].is_zero();
        prices_[{a.value, i}] = known ? risk_.prices[i] : marks.at(i);
    }

    Book book(const Case& c, std::int64_t own) {
        Book b;
        b.profits.resize(risk_.days);
        b.scenarios.resize(risk_.scenarios);
        const __int128 unit = static_cast<__int128>(1) << units_[c.account.value];
        for (std::uint32_t i = 0; i < risk_.instruments; ++i) {
            Sums s = open(c.account, {i});
            if (i == c.instrument.value)
                (c.side == Side::kBuy ? s.buys : s.sells) += own - c.before;
            const std::int64_t p = position(c.account, {i});
            const __int128 q = p + s.buys >= s.sells - p ? p + s.buys : p - s.sells;
            b.quantities.push_back(q);
            const __int128 value = worth(prices_[{c.account.value, i}], {i},
                                         static_cast<std::int64_t>(q < 0 ? -q : q));
            const auto units = static_cast<std::int64_t>(value / unit);
            b.weights.push_back(q < 0 ? -units : units);
        }
        for (std::uint32_t i = 0; i < risk_.instruments; ++i) {
            const std::int64_t w = b.weights[i];
            const auto row = static_cast<std::size_t>(i) * ((risk_.scenarios + 7) / 8 * 8);
            for (std::size_t s = 0; s < risk_.scenarios; ++s) {
                b.scenarios[s] += w * (w > 0 ? risk_.long_shocks : risk_.short_shocks)[row + s];
            }
            if (risk_.measured[i] == 0) {
                b.unknown += size(w);
                b.fallen += size(w) * size(risk_.long_shocks[row]);
                continue;
            }
            for (std::size_t t = 0; t < risk_.days; ++t) {
                b.profits[t] += w * risk_.returns[i * ((risk_.days + 7) / 8 * 8) + t];
            }
            for (std::uint32_t j = 0; j < risk_.instruments; ++j) {
                if (risk_.measured[j] == 0) continue;
                b.variance += static_cast<__int128>(w) * b.weights[j] *
                              risk_.covariance[i * risk_.instruments + j];
            }
        }
        return b;
    }

    GateSnapshot risk_;
    std::map<std::uint16_t, int> units_;
    std::map<std::uint16_t, std::int64_t> days_;
    std::map<std::pair<std::uint16_t, std::uint32_t>, Price> prices_;
};

/// A snapshot of `prices.size()` instruments, each measured or not, with a common factor in their
/// returns; some prices are not known.
inline GateSnapshot random_snapshot(std::uint64_t number, std::vector<Price> prices,
                                    std::mt19937_64& random) {
    const auto uniform = [&](double low, double high) {
        return low + (high - low) * static_cast<double>(random() % 1'000'000) * 1e-6;
    };
    portfolio::PortfolioSnapshot s;
    s.number = number;
    s.instruments = static_cast<std::uint32_t>(prices.size());
    s.days = static_cast<std::uint32_t>(20 + random() % 230);
    const std::size_t n = prices.size();
    std::vector<double> loading(n);
    ScenarioSettings settings;
    settings.windows = {{"window", {}}};
    for (std::size_t i = 0; i < n; ++i) {
        const bool measured = uniform(0, 1) < 0.85;
        s.measured.push_back(measured ? 1 : 0);
        s.sectors.push_back(static_cast<std::uint16_t>(random() % 2));
        s.volatilities.push_back(measured ? uniform(0.002, 0.06) : 0);
        s.betas.push_back(measured ? uniform(-0.5, 2) : 0);
        loading[i] = uniform(-0.95, 0.95);
        settings.windows[0].returns.push_back(uniform(-0.4, 0.4));
        if (uniform(0, 1) < 0.2) prices[i] = Price{};
    }
    s.average_daily_volumes.resize(n);
    s.covariance.assign(n * n, 0);
    s.correlated.assign(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const double r = i == j ? 1 : loading[i] * loading[j];
            s.covariance[i * n + j] = r * s.volatilities[i] * s.volatilities[j];
            if (i != j && s.measured[i] + s.measured[j] == 2 && r > 0.1) {
                s.correlated[i] |= std::uint64_t{1} << j;
            }
        }
    }
    for (std::size_t t = 0; t < s.days; ++t) {
        const double common = uniform(-2, 2);
        for (std::size_t i = 0; i < n; ++i) {
            s.returns.push_back(s.volatilities[i] * (loading[i] * common + uniform(-2, 2)));
        }
    }
    return make_gate_snapshot(s, prices, settings);
}

}  // namespace fermata::testing
