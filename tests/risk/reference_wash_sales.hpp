#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "tests/risk/reference_credit.hpp"

namespace fermata::testing {

/// WASH_SALE in plain numbers, from all fills: one taxpayer, average cost.
class ReferenceWashSales : public ReferenceCredit {
public:
    using ReferenceCredit::ReferenceCredit;

    struct Washed {
        double units, amount;
    };
    std::optional<Washed> tag;  // of the request judged last

protected:
    /// What an approved request may disallow.
    std::optional<Washed> washed(const Case& c) const {
        const double more = units_of(c.after - c.before);
        if (more <= 0) return std::nullopt;
        History h = history(c.instrument);
        h.forget(c.now.ns / kDay);
        const Account own = h.accounts[c.account.value];
        Washed w{0, 0};
        if (c.side == Side::kBuy) {
            const double opened = std::min(more, std::max(own.position + more, 0.0));
            w.units = std::min(opened, sum(h.losses));
            if (w.units > 0) w.amount = amount(h.losses) * w.units / sum(h.losses);
        } else if (own.position > 0) {
            const double sold = std::min(more, own.position);
            const bool limit = c.type == OrderType::kLimit || c.type == OrderType::kStopLimit;
            const Price mark = marks.at(c.instrument.value);
            const Price price = limit ? std::max(c.price, mark) : mark;
            const double loss = sold * (own.cost / own.position - value_of(price, c.instrument));
            w.units = std::min({sold, sum(h.purchases), std::max(h.held - sold, 0.0)});
            w.amount = loss * w.units / sold;
        }
        if (w.amount < 0.000'001) return std::nullopt;
        return w;
    }

private:
    struct Units {
        std::int64_t day;
        double quantity, amount;
    };
    struct Account {
        double position = 0, cost = 0;
    };
    struct History {
        std::vector<Units> losses, purchases;
        std::map<std::uint16_t, Account> accounts;
        double held = 0;
        void forget(std::int64_t today) {
            for (auto* list : {&losses, &purchases}) {
                std::erase_if(*list, [&](const Units& u) { return today - u.day > 30; });
            }
        }
    };
    static double units_of(std::int64_t raw) { return static_cast<double>(raw) / 1e8; }
    double value_of(Price p, InstrumentId i) const {
        return static_cast<double>(p.raw()) / 1e9 * units_of(instruments_[i].multiplier.raw());
    }
    static double sum(const std::vector<Units>& list) {
        double all = 0;
        for (const Units& u : list) all += u.quantity;
        return all;
    }
    static double amount(const std::vector<Units>& list) {
        double all = 0;
        for (const Units& u : list) all += u.amount;
        return all;
    }
    static void take(std::vector<Units>& list, double quantity) {
        for (Units& u : list) {
            const double used = std::min(u.quantity, quantity);
            if (used <= 0) continue;
            u.amount -= u.amount * used / u.quantity;
            u.quantity -= used;
            quantity -= used;
        }
    }
    History history(InstrumentId i) const {
        History h;
        for (const Fill& f : fills) {
            if (f.instrument != i) continue;
            const std::int64_t day = f.ns / kDay;
            h.forget(day);
            Account& own = h.accounts[f.account.value];
            const double q = units_of(size(f.signed_quantity)), at = value_of(f.price, i);
            const bool buys = f.signed_quantity > 0;
            const double sold = std::min(q, std::max(buys ? -own.position : own.position, 0.0));
            const double opened = q - sold;
            const double average = own.position != 0 ? own.cost / own.position : 0;
            if (buys) {
                const double replaces = std::min(opened, sum(h.losses));
                take(h.losses, replaces);
                h.purchases.push_back({day, opened - replaces, 0});
                h.held += opened;
            } else {
                h.held -= sold;
                const double loss = sold * (average - at);
                if (loss > 0.000'000'5) {
                    const double replaced = std::min({sold, sum(h.purchases), h.held});
                    take(h.purchases, replaced);
                    if (h.losses.empty() || h.losses.back().day != day) {
                        h.losses.push_back({day, 0, 0});  // those of one day are one
                    }
                    h.losses.back().quantity += sold - replaced;
                    h.losses.back().amount += loss * (sold - replaced) / sold;
                }
            }
            const double sign = buys ? 1 : -1;
            own.cost += sign * (sold * average + opened * at);
            own.position += sign * q;
        }
        return h;
    }
};

}  // namespace fermata::testing
