#pragma once

/// Accounts, open orders and marks as a run's journal tells them: plain sums in floating point.

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/event/order_event.hpp"
#include "risk/controls.hpp"

namespace fermata::test {

class PolicyBooks {
protected:
    PolicyBooks(std::vector<std::string> sectors, const std::vector<double>& cash)
        : sectors_(std::move(sectors)), marks_(sectors_.size()) {
        for (const double money : cash) {
            Account account;
            account.cash = money;
            account.positions.resize(sectors_.size());
            accounts_.push_back(account);
        }
    }

    struct Mark {
        double now = 0;
        std::vector<std::pair<Timestamp, double>> earlier;  // what it was until then
    };
    struct Working {
        std::size_t account = 0;
        std::uint32_t instrument = 0;
        bool buys = false;
        double leaves = 0;
        double price = 0;  // at which it may cost the most
        double filled = 0;
        // A replace that was approved and not answered yet: either terms may trade.
        double new_leaves = 0, new_price = 0;
        bool cancel_sent = false;
        std::uint32_t basket = 0;

        [[nodiscard]] double open() const { return std::max(leaves, new_leaves); }
        [[nodiscard]] double cost() const { return open() * std::max(price, new_price); }
    };
    struct Account {
        double cash = 0;
        std::vector<double> positions;
        bool known = false;
        double last = 0, high = 0;
        std::int64_t day = -1, week = -1;
        double day_start = 0, week_start = 0;
        bool day_tripped = false, week_tripped = false;
        bool must_cancel = false;
        Timestamp tripped_at{0};
        double basket_sum = 0;
        std::uint32_t basket = 0;
        [[nodiscard]] bool tripped() const { return day_tripped || week_tripped; }
    };
    struct Open {
        double buys = 0, sales = 0;
    };

    static double real(Price p) { return static_cast<double>(p.raw()) / Price::kOne; }
    static double real(Quantity q) { return static_cast<double>(q.raw()) / Quantity::kOne; }
    static double real(Money m) { return static_cast<double>(m.raw()) / Money::kOne; }
    static std::size_t bit_of(ControlId id) { return static_cast<std::size_t>(id); }

    [[nodiscard]] double equity(std::size_t a) const {
        double sum = accounts_[a].cash;
        for (std::size_t i = 0; i < marks_.size(); ++i) {
            sum += accounts_[a].positions[i] * marks_[i].now;
        }
        return sum;
    }
    [[nodiscard]] Open open(std::size_t a, std::uint32_t i) const {
        Open sum;
        for (const auto& [id, order] : orders_) {
            if (order.account != a || order.instrument != i) continue;
            (order.buys ? sum.buys : sum.sales) += order.open();
        }
        return sum;
    }
    /// The largest size that open orders could bring a position to.
    [[nodiscard]] double worst(std::size_t a, std::uint32_t i) const {
        const Open sum = open(a, i);
        const double held = accounts_[a].positions[i];
        return std::max({held + sum.buys, sum.sales - held, 0.0});
    }
    /// The lowest price that the instrument had within the last second: a decision about another
    /// instrument may rest on it.
    [[nodiscard]] double recent(std::uint32_t i) const {
        double low = marks_[i].now;
        for (const auto& [until, price] : marks_[i].earlier) {
            if (now_.ns - until.ns <= 1'000'000'000) low = std::min(low, price);
        }
        return low;
    }
    void forget_marks() {
        for (Mark& mark : marks_) {
            std::erase_if(mark.earlier,
                          [this](const auto& m) { return now_.ns - m.first.ns > 1'000'000'000; });
        }
    }

    /// The most that a unit may cost (or bring in, for a sale).
    [[nodiscard]] double cost_of(std::uint32_t i, Side side, OrderType type, double price,
                                 double stop) const {
        const double mark = marks_[i].now;
        if (has_limit_price(type)) return side == Side::kBuy ? price : std::max(price, mark);
        const double base = has_stop_price(type) ? std::max(mark, stop) : mark;
        return side == Side::kBuy ? base * (1 + kCollar) : base;
    }

    /// A market order may trade that far beyond the market.
    static constexpr double kCollar = 0.05;

    std::vector<std::string> sectors_;
    std::vector<Mark> marks_;
    std::vector<Account> accounts_;
    std::map<std::uint64_t, Working> orders_;  // open, by id
    Timestamp now_{0};
};

}  // namespace fermata::test
