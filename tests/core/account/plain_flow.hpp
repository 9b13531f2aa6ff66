#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/core/account/plain_accounts.hpp"

/// Long random flows for the accounts: a function of a seed.
namespace fermata::test::flow {

using plain::Event;
using plain::Kind;
using plain::Raw;

constexpr int kAccounts = 3;
constexpr int kInstruments[] = {0, 2, 6};  // SPY in dollars, SAP in euros, BTC
constexpr int kPair = 3;                   // EURUSD
constexpr std::size_t kEvents = 100'000;
constexpr Raw kCent = 10'000;
// Annual rates in 1e-9, by currency; debit, credit. And what is borrowed.
constexpr Raw kInterest[2][2] = {{90'000'000, 40'000'000}, {60'000'000, 20'000'000}};
constexpr Raw kBorrow = 35'000'000;

inline plain::Rules rules_of(std::uint64_t seed) {
    plain::Rules r;
    for (int a = 0; a < kAccounts; ++a) {
        r.method.push_back(static_cast<int>((seed + static_cast<std::uint64_t>(a)) % 4));
        r.margin.push_back(static_cast<int>((seed / 4 + static_cast<std::uint64_t>(a)) % 3));
    }
    r.base = {0, 0, 1};
    r.currency = {0, 0, 1, 0, 2, 2, 0};
    r.wash = {true, false, true, false, false, true, false};
    return r;
}

inline std::vector<Event> flow_of(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto pick = [&](Raw low, Raw high) {
        return low + static_cast<Raw>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    std::map<int, Raw> cents{{0, 2'000}, {2, 700}, {6, 3'000}};
    std::map<std::pair<int, int>, Raw> position;
    std::vector<Event> events;
    std::vector<int> fills;
    for (std::size_t n = 0; n < kEvents; ++n) {
        Event e;
        e.id = static_cast<int>(n) + 1;
        e.instrument = kInstruments[pick(0, 2)];
        e.account = static_cast<int>(pick(0, kAccounts - 1));
        Raw& price = cents[e.instrument];
        price = std::clamp<Raw>(price + pick(-40, 40), 100, 6'000);
        e.price = price * kCent;
        const Raw kind = pick(0, 4'999);
        if (kind == 0 && !fills.empty()) {
            e.kind = Kind::kCancel;
            const auto newest = static_cast<Raw>(fills.size()) - 1;
            e.lot = fills[static_cast<std::size_t>(pick(std::max<Raw>(0, newest - 2'000), newest))];
        } else if (kind < 350) {
            e.kind = Kind::kDay;
            e.days = static_cast<int>(pick(1, 4));
        } else if (kind < 1'500) {
            e.kind = Kind::kMark;
            if (pick(0, 9) == 0) {
                e.instrument = kPair;
                e.price = pick(80, 140) * kCent;
            }
        } else {
            Raw& held = position[{e.account, e.instrument}];
            e.shares = pick(1, 12);
            e.buy = pick(-30, 30) > held;
            if (pick(0, 9) == 0 && held != 0) {  // flat, and sometimes beyond
                e.buy = held < 0;
                e.shares = std::abs(held) + (pick(0, 1) == 0 ? pick(0, 3) : 0);
            }
            held += e.buy ? e.shares : -e.shares;
            e.strategy = static_cast<int>(pick(0, 3));
            e.fee = pick(0, 3) * kCent;
            if (pick(0, 3) == 0 && !fills.empty()) {
                const auto newest = static_cast<Raw>(fills.size()) - 1;
                e.lot =
                    fills[static_cast<std::size_t>(pick(std::max<Raw>(0, newest - 30), newest))];
            }
            fills.push_back(e.id);
        }
        events.push_back(e);
    }
    return events;
}

/// One line an event.
inline std::string text(const std::vector<Event>& events) {
    std::ostringstream out;
    for (const Event& e : events) {
        out << "\n  ";
        switch (e.kind) {
            case Kind::kFill:
                out << e.id << ": account " << e.account << " strategy " << e.strategy
                    << (e.buy ? " buys " : " sells ") << e.shares << " of " << e.instrument
                    << " at " << e.price << " fee " << e.fee << " lot " << e.lot;
                break;
            case Kind::kMark:
                out << e.id << ": mark of " << e.instrument << " is " << e.price;
                break;
            case Kind::kCancel:
                out << e.id << ": fill " << e.lot << " is taken back";
                break;
            case Kind::kDay:
                out << e.id << ": " << e.days << " days pass";
                break;
        }
    }
    return out.str();
}

}  // namespace fermata::test::flow
