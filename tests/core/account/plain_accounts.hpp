#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <tuple>
#include <vector>

namespace fermata::test {

/// Accounts, lots, taxes and margin once more, written down from the rules alone and as plainly as
/// possible: a position is a list of single shares, and whatever is asked for is looked for in all
/// of them. Shares are whole and cost whole micros, so nothing but averages, currencies and rates
/// is ever rounded. Shares no code with what it checks.
namespace plain {

using Raw = std::int64_t;
using Wide = __int128;

/// a / b rounded half to even, b > 0.
inline Raw round_even(Wide a, Wide b) {
    Wide floor = a / b;
    if (a % b != 0 && a < 0) --floor;
    const Wide twice = (a - floor * b) * 2;
    if (twice > b || (twice == b && floor % 2 != 0)) ++floor;
    return static_cast<Raw>(floor);
}

enum class Kind { kFill, kMark, kCancel, kDay };

struct Event {
    Kind kind = Kind::kFill;
    int id = 0;  // unique, > 0; kCancel: of the fill
    int account = 0, instrument = 0, strategy = 0;
    bool buy = true;
    Raw shares = 0;
    Raw price = 0;  // micros
    Raw fee = 0;    // micros a share
    int lot = 0;    // lot that is named, by the id of its fill
    int days = 0;   // kDay: how many pass
};

struct Share {
    int lot = 0;  // id of the fill
    int day = 0;
    bool is_long = true;
    Raw paid = 0;  // negative for what was received
    Raw fee = 0;
    Raw added = 0;  // disallowed losses
    int held_since = 0;
    bool used = false;
};

struct Sold {
    int account = 0, instrument = 0, fill = 0, day = 0;
    Share share;
    Raw proceeds = 0, basis = 0, disallowed = 0;
};

struct Rules {
    std::vector<int> method;    // by account: 0 FIFO, 1 LIFO, 2 HIFO, 3 named
    std::vector<int> base;      // by account: currency
    std::vector<int> currency;  // by instrument
    std::vector<bool> wash;     // by instrument
    std::vector<int> margin;    // by account: 0 cash, 1 Reg T, 2 house
    int pair = 3;               // instrument: dollars (currency 0) for a euro (currency 1)
    int window = 30;
};

struct Average {
    Raw shares = 0, cost = 0, realized = 0;
};

struct Margin {
    Raw equity = 0, initial = 0, maintenance = 0;
    bool known = true;
};

class Accounts {
public:
    explicit Accounts(Rules rules) : rules_(std::move(rules)) {}

    Rules rules_;
    std::map<std::pair<int, int>, std::vector<Share>> held;  // account, instrument: as acquired
    std::map<std::pair<int, int>, Average> average;
    std::map<std::pair<int, int>, Raw> realized_lots;
    std::map<std::pair<int, int>, Average> strategies;  // strategy, instrument
    std::map<std::pair<int, int>, Raw> cash, fees;      // account, currency
    std::map<int, Raw> marks;                           // micros
    std::vector<Sold> sold;
    int today = 0;

    void fill(const Event& e) {
        std::vector<Share>& shares = held[{e.account, e.instrument}];
        const std::size_t first_sold = sold.size();
        std::vector<Share> opened;
        for (Raw n = 0; n < e.shares; ++n) {
            const bool closes = !shares.empty() && shares.front().is_long != e.buy;
            if (closes) {
                close(e, shares);
            } else {
                Share s{e.id, today, e.buy, e.buy ? e.price : -e.price, e.fee, 0, today, false};
                opened.push_back(s);
                shares.push_back(s);
            }
        }
        for (std::size_t n = first_sold; n < sold.size(); ++n) look_behind(n);
        // A fill that closes and opens does it on different sides, so the order does not matter.
        for (std::size_t n = shares.size() - opened.size(); n < shares.size(); ++n) {
            look_ahead_from(shares[n], e.instrument);
        }
        const Raw value = e.shares * e.price;
        move(average[{e.account, e.instrument}], e.buy ? e.shares : -e.shares, e.price);
        move(strategies[{e.strategy, e.instrument}], e.buy ? e.shares : -e.shares, e.price);
        cash[{e.account, rules_.currency[static_cast<std::size_t>(e.instrument)]}] +=
            (e.buy ? -value : value) - e.shares * e.fee;
        fees[{e.account, rules_.currency[static_cast<std::size_t>(e.instrument)]}] +=
            e.shares * e.fee;
        marks.emplace(e.instrument, e.price);
    }

    Raw position(int account, int instrument) {
        Raw sum = 0;
        for (const Share& s : held[{account, instrument}]) sum += s.is_long ? 1 : -1;
        return sum;
    }

    /// In the account's base currency; false without a rate.
    bool in_base(int account, int currency, Raw amount, Raw* out) const {
        *out = amount;
        const int base = rules_.base[static_cast<std::size_t>(account)];
        if (base == currency || amount == 0) return true;
        const auto rate = marks.find(rules_.pair);
        if (rate == marks.end()) return false;
        *out = currency == 1 ? round_even(Wide{amount} * rate->second, 1'000'000)
                             : round_even(Wide{amount} * 1'000'000, rate->second);
        return true;
    }

    Margin margin(int account) {
        Margin m;
        Raw short_value = 0, long_value = 0;
        std::map<int, Raw> by_currency;
        for (int c = 0; c < 2; ++c) by_currency[c] = cash[{account, c}];
        const int model = rules_.margin[static_cast<std::size_t>(account)];
        for (int i = 0; i < static_cast<int>(rules_.currency.size()); ++i) {
            const Raw q = position(account, i);
            if (q == 0) continue;
            const int c = rules_.currency[static_cast<std::size_t>(i)];
            const Raw mark = marks[i];
            by_currency[c] += q * mark;
            Raw value = 0, floor = 0;
            const Raw size = q < 0 ? -q : q;
            const bool low = mark < 5'000'000;
            if (!in_base(account, c, size * mark, &value) ||
                !in_base(account, c, size * (low ? 2'500'000 : 5'000'000), &floor)) {
                m.known = false;
                continue;
            }
            (q > 0 ? long_value : short_value) += value;
            const auto part = [&](int percent) { return round_even(Wide{value} * percent, 100); };
            Raw initial = value, maintenance = value;
            const bool stock = rules_.wash[static_cast<std::size_t>(i)];  // here: all stocks
            if (model == 1 && stock) {
                initial = part(50);
                maintenance = q > 0 ? part(25) : std::max(part(low ? 100 : 30), floor);
            } else if (model != 0) {  // house haircuts of stocks and of coins
                initial = part(stock ? 50 : q > 0 ? 100 : 150);
                maintenance = part(stock ? (q > 0 ? 30 : 40) : q > 0 ? 100 : 150);
            }
            m.initial += std::max(initial, maintenance);
            m.maintenance += maintenance;
        }
        for (const auto& [c, amount] : by_currency) {
            Raw value = 0;
            if (!in_base(account, c, amount, &value)) m.known = false;
            m.equity += value;
        }
        if (model != 0 && m.initial > 0 && (short_value > 0 || long_value > m.equity)) {
            const Raw least = 2'000'000'000;
            m.initial = std::max(m.initial, short_value > 0 ? least : std::min(least, long_value));
        }
        return m;
    }

private:
    /// The share that the next sale takes.
    std::size_t pick(const Event& e, const std::vector<Share>& shares) const {
        std::size_t best = 0;
        const int method = rules_.method[static_cast<std::size_t>(e.account)];
        for (std::size_t n = 1; n < shares.size(); ++n) {
            const Share &a = shares[n], &b = shares[best];
            const bool better = method == 1 ? a.lot > b.lot : method == 2 ? a.paid > b.paid : false;
            if (better) best = n;
        }
        if (e.lot != 0) {
            for (std::size_t n = 0; n < shares.size(); ++n) {
                if (shares[n].lot == e.lot) return n;
            }
        }
        return best;
    }

    void close(const Event& e, std::vector<Share>& shares) {
        const std::size_t at = pick(e, shares);
        Sold s;
        s.account = e.account;
        s.instrument = e.instrument;
        s.fill = e.id;
        s.day = today;
        s.share = shares[at];
        shares.erase(shares.begin() + static_cast<std::ptrdiff_t>(at));
        if (s.share.is_long) {
            s.proceeds = e.price - e.fee;
            s.basis = s.share.paid + s.share.fee + s.share.added;
            realized_lots[{e.account, e.instrument}] += e.price - s.share.paid;
        } else {
            s.proceeds = -s.share.paid - s.share.fee;
            s.basis = e.price + e.fee + s.share.added;
            realized_lots[{e.account, e.instrument}] += -s.share.paid - e.price;
        }
        sold.push_back(s);
    }

    static void wash(Sold& s, Share& replacement) {
        s.disallowed = s.basis - s.proceeds;
        replacement.added += s.disallowed;
        replacement.held_since -= s.day - s.share.held_since;
        replacement.used = true;
    }

    bool is_open_loss(const Sold& s) const {
        return rules_.wash[static_cast<std::size_t>(s.instrument)] && s.basis > s.proceeds &&
               s.disallowed == 0;
    }

    /// Replacements that are there already: the earliest lot first.
    void look_behind(std::size_t index) {
        Sold& s = sold[index];
        if (!is_open_loss(s)) return;
        Share* best = nullptr;
        for (auto& [key, shares] : held) {
            if (key.second != s.instrument) continue;
            for (Share& x : shares) {
                if (x.is_long != s.share.is_long || x.used || x.lot == s.share.lot ||
                    x.day < s.day - rules_.window || x.lot == s.fill) {
                    continue;
                }
                if (best == nullptr || x.lot < best->lot) best = &x;
            }
        }
        if (best != nullptr) {
            wash(s, *best);
        } else {
            waiting_.push_back(index);
        }
    }

    /// A loss that a new share replaces: the earliest first.
    void look_ahead_from(Share& share, int instrument) {
        while (!waiting_.empty() && sold[waiting_.front()].day < today - rules_.window) {
            waiting_.pop_front();
        }
        for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
            Sold& s = sold[*at];
            if (s.instrument != instrument || s.share.is_long != share.is_long) continue;
            wash(s, share);
            waiting_.erase(at);
            return;
        }
    }

    static void move(Average& a, Raw shares, Raw price) {
        const Raw before = a.shares;
        const Raw size = std::abs(before);
        const bool closes = before != 0 && (before > 0) != (shares > 0);
        const Raw closing = closes ? std::min(size, std::abs(shares)) : 0;
        if (closing > 0) {
            const Raw cost = closing == size ? a.cost : round_even(Wide{a.cost} * closing, size);
            a.cost -= cost;
            a.realized += (shares < 0 ? closing * price : -closing * price) - cost;
        }
        const Raw opening = std::abs(shares) - closing;
        a.cost += shares > 0 ? opening * price : -opening * price;
        a.shares += shares;
    }

    std::deque<std::size_t> waiting_;  // losses without a replacement, in the order of disposal
};

}  // namespace plain
}  // namespace fermata::test
