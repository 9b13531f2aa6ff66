// The account book against a plain model that keeps everything in lists and recomputes it.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

#include "core/account/account_book.hpp"
#include "tests/core/account/account_world.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using test::AccountWorld;

/// Rounds a / b half to even, written down from the definition.
std::int64_t round_even(__int128 a, __int128 b) {
    __int128 floor = a / b;
    if (a % b != 0 && (a < 0) != (b < 0)) --floor;
    const __int128 twice = (a - floor * b) * 2;
    if (twice > b || (twice == b && floor % 2 != 0)) ++floor;
    return static_cast<std::int64_t>(floor);
}

struct PlainLot {
    std::int64_t quantity;  // signed
    std::int64_t value;     // signed micros
};

/// One account in one instrument: all numbers raw.
struct PlainHolding {
    std::deque<PlainLot> lots;
    std::int64_t average_cost = 0;
    std::int64_t realized = 0;
    std::int64_t realized_lots = 0;

    std::int64_t quantity() const {
        std::int64_t sum = 0;
        for (const PlainLot& l : lots) sum += l.quantity;
        return sum;
    }
    std::int64_t fifo_cost() const {
        std::int64_t sum = 0;
        for (const PlainLot& l : lots) sum += l.value;
        return sum;
    }

    /// `signed_quantity` bought (or sold, negative) for `value` micros in all, with the same sign.
    void fill(std::int64_t signed_quantity, std::int64_t value) {
        const std::int64_t held = quantity();
        const bool closes = held != 0 && (held > 0) != (signed_quantity > 0);
        std::int64_t rest = signed_quantity;
        std::int64_t rest_value = value;
        if (closes) {
            const std::int64_t size = std::min(std::abs(held), std::abs(signed_quantity));
            const std::int64_t closing = signed_quantity > 0 ? size : -size;
            const std::int64_t closing_value =
                round_even(static_cast<__int128>(value) * closing,
                           signed_quantity < 0 ? -signed_quantity : signed_quantity) *
                (signed_quantity < 0 ? -1 : 1);
            const std::int64_t cost =
                round_even(static_cast<__int128>(average_cost) * size, std::abs(held));
            average_cost -= cost;
            realized += -closing_value - cost;
            std::int64_t left = size;
            std::int64_t fifo = 0;
            while (left > 0) {
                PlainLot& lot = lots.front();
                const std::int64_t has = std::abs(lot.quantity);
                if (has <= left) {
                    fifo += lot.value;
                    left -= has;
                    lots.pop_front();
                    continue;
                }
                const std::int64_t part = round_even(static_cast<__int128>(lot.value) * left, has);
                fifo += part;
                lot.value -= part;
                lot.quantity += lot.quantity > 0 ? -left : left;
                left = 0;
            }
            realized_lots += -closing_value - fifo;
            rest -= closing;
            rest_value -= closing_value;
        }
        if (rest != 0) {
            lots.push_back({rest, rest_value});
            average_cost += rest_value;
        }
    }
};

struct PlainBook {
    std::map<std::pair<int, int>, PlainHolding> holdings;    // account, instrument
    std::map<std::pair<int, int>, std::int64_t> strategies;  // strategy, instrument
    std::map<std::pair<int, int>, std::int64_t> cash;        // account, currency
    std::map<int, std::int64_t> marks;                       // instrument
};

/// price x quantity x multiplier in micros, half to even.
std::int64_t value_of(std::int64_t price, std::int64_t quantity, const Instrument& i) {
    return round_even(
        static_cast<__int128>(price) * quantity * (i.multiplier.raw() / Multiplier::kOne),
        100'000'000'000);
}

class AccountFlow : public ::testing::TestWithParam<std::uint64_t> {
protected:
    static constexpr int kAccounts = 3;
    AccountWorld world_;
    AccountBook book_ = world_.book(100'000);
    PlainBook plain_;
    std::mt19937_64 random_{GetParam()};

    void SetUp() override {
        for (const AccountConfig& a : world_.accounts) {
            for (const auto& [c, m] : a.cash) plain_.cash[{a.id.value, c.value}] = m.raw();
        }
    }
    std::int64_t pick(std::int64_t low, std::int64_t high) {
        return low +
               static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
    }

    void fill() {
        const Instrument& i = world_.instruments[{static_cast<std::uint32_t>(pick(0, 7))}];
        const int account = static_cast<int>(pick(0, kAccounts - 1));
        const int strategy = static_cast<int>(pick(0, 3));
        const auto id = static_cast<int>(i.id.value);
        const std::int64_t held = plain_.holdings[{account, id}].quantity();
        // Often back to flat, which is where rounding would show.
        const bool close = held != 0 && pick(0, 4) == 0;
        const bool buy = close ? held < 0 : pick(0, 1) == 0;
        const std::int64_t quantity = close             ? std::abs(held)
                                      : pick(0, 2) == 0 ? pick(1, 1'000'000'000)
                                                        : pick(1, 50) * Quantity::kOne;
        const std::int64_t price =
            pick(0, 99) == 0 ? -pick(1, 40'000'000'000) : pick(1, 300'000'000'000);
        const std::int64_t fee = pick(-500'000, 3'000'000);
        const auto fee_currency = static_cast<std::uint16_t>(pick(0, 3));
        const auto booked = book_.book_fill({Timestamp{1},
                                             i.id,
                                             {static_cast<std::uint16_t>(account)},
                                             {static_cast<std::uint16_t>(strategy)},
                                             buy ? Side::kBuy : Side::kSell,
                                             Price::from_raw(price),
                                             Quantity::from_raw(quantity),
                                             Money::from_raw(fee),
                                             {fee_currency}});
        ASSERT_TRUE(booked);

        const std::int64_t value = value_of(price, quantity, i);
        PlainHolding& h = plain_.holdings[{account, id}];
        const std::int64_t realized = h.realized;
        const std::int64_t realized_lots = h.realized_lots;
        h.fill(buy ? quantity : -quantity, buy ? value : -value);
        plain_.cash[{account, i.currency.value}] += buy ? -value : value;
        plain_.cash[{account, fee_currency}] -= fee;
        plain_.strategies[{strategy, id}] += buy ? quantity : -quantity;
        plain_.marks.emplace(id, price);
        ASSERT_EQ(booked->value.raw(), value);
        ASSERT_EQ(booked->realized.raw(), h.realized - realized);
        ASSERT_EQ(booked->realized_lots.raw(), h.realized_lots - realized_lots);
        ASSERT_EQ(booked->position_after.raw(), h.quantity());
        ASSERT_EQ(booked->strategy_position_after.raw(), (plain_.strategies[{strategy, id}]));
        ASSERT_EQ(booked->cash_after.raw(), (plain_.cash[{account, i.currency.value}]));
    }

    void mark() {
        const int id = static_cast<int>(pick(0, 7));
        const std::int64_t price =
            pick(0, 49) == 0 ? -pick(0, 1'000'000'000) : pick(1, 300'000'000'000);
        book_.on_mark({static_cast<std::uint32_t>(id)}, Price::from_raw(price));
        plain_.marks[id] = price;
    }

    /// Value of an amount in the account's base; false when there is no pair or no mark.
    bool convert(int account, int currency, std::int64_t amount, std::int64_t* out) {
        const auto base = world_.accounts[static_cast<std::size_t>(account)].base;
        *out = amount;
        if (currency == base.value || amount == 0) return true;
        const bool euro_dollar = (currency == world_.eur.value && base == world_.usd) ||
                                 (currency == world_.usd.value && base == world_.eur);
        const bool yen_dollar = currency == world_.jpy.value && base == world_.usd;
        if (!euro_dollar && !yen_dollar) return false;
        const auto rate = plain_.marks.find(euro_dollar ? 3 : 4);
        if (rate == plain_.marks.end() || rate->second <= 0) return false;
        const bool times = euro_dollar && currency == world_.eur.value;
        const __int128 wide = amount;
        *out = times ? round_even(wide * rate->second, 1'000'000'000)
                     : round_even(wide * 1'000'000'000, rate->second);
        return true;
    }

    void compare() {
        for (int a = 0; a < kAccounts; ++a) {
            std::int64_t equity = 0;
            std::int64_t gross = 0;
            bool known = true;
            for (int c = 0; c < 4; ++c) {
                std::int64_t value = plain_.cash[{a, c}];
                std::int64_t absolute = 0;
                for (const auto& [key, h] : plain_.holdings) {
                    const Instrument& i =
                        world_.instruments[{static_cast<std::uint32_t>(key.second)}];
                    if (key.first != a || i.currency.value != c || h.quantity() == 0) continue;
                    const std::int64_t v = value_of(plain_.marks[key.second], h.quantity(), i);
                    value += v;
                    absolute += std::abs(v);
                }
                std::int64_t in_base = 0;
                std::int64_t gross_in_base = 0;
                if (!convert(a, c, value, &in_base) || !convert(a, c, absolute, &gross_in_base)) {
                    known = false;
                    continue;
                }
                equity += in_base;
                gross += gross_in_base;
            }
            const AccountId account{static_cast<std::uint16_t>(a)};
            ASSERT_EQ(book_.equity(account).raw(), equity);
            ASSERT_EQ(book_.gross_value(account).raw(), gross);
            ASSERT_EQ(book_.equity_known(account), known);
        }
        for (const auto& [key, h] : plain_.holdings) {
            const AccountId a{static_cast<std::uint16_t>(key.first)};
            const InstrumentId i{static_cast<std::uint32_t>(key.second)};
            ASSERT_EQ(book_.position(a, i).raw(), h.quantity());
            ASSERT_EQ(book_.cost(a, i, CostMethod::kAverage).raw(), h.average_cost);
            ASSERT_EQ(book_.cost(a, i, CostMethod::kLots).raw(), h.fifo_cost());
            ASSERT_EQ(book_.realized(a, i, CostMethod::kAverage).raw(), h.realized);
            ASSERT_EQ(book_.realized(a, i, CostMethod::kLots).raw(), h.realized_lots);
            if (h.quantity() == 0) {
                ASSERT_EQ(h.average_cost, 0);
                // Flat: both methods have realised the same.
                ASSERT_EQ(h.realized, h.realized_lots);
            }
            ASSERT_EQ(book_.realized(a, i, CostMethod::kAverage) +
                          book_.unrealized(a, i, CostMethod::kAverage),
                      book_.realized(a, i, CostMethod::kLots) +
                          book_.unrealized(a, i, CostMethod::kLots));
        }
        for (const auto& [key, amount] : plain_.cash) {
            ASSERT_EQ(book_
                          .cash({static_cast<std::uint16_t>(key.first)},
                                {static_cast<std::uint16_t>(key.second)})
                          .raw(),
                      amount);
        }
    }
};

TEST_P(AccountFlow, AgreesWithThePlainModelToTheMicro) {
    for (int n = 0; n < 10'000; ++n) {
        if (pick(0, 1) == 0) {
            fill();
        } else {
            mark();
        }
        if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", event " << n;
        if (n % 20 == 0) compare();
        if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", event " << n;
    }
    compare();
    EXPECT_EQ(book_.lots().merged(), 0U);
}

TEST_P(AccountFlow, GoesOnAfterARestartAsIfNothingHadHappened) {
    for (int n = 0; n < 4'000; ++n) {
        if (pick(0, 1) == 0) {
            fill();
        } else {
            mark();
        }
        if (n % 50 == 0) test::restart(book_, world_.book(100'000));
        if (n % 20 == 0) compare();
        if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", event " << n;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AccountFlow, ::testing::Values(1, 2, 3, 20240611));

}  // namespace
}  // namespace fermata
