// What is read off the book for records and people. See account_book.hpp.

#include "core/account/account_book.hpp"

namespace fermata {
namespace {

constexpr StrategyId kNobody{0xffff};

Quantity absolute(Quantity q) { return q.is_negative() ? -q : q; }

}  // namespace

EquityData AccountBook::summary(AccountId a) const noexcept {
    EquityData data;
    data.account = a;
    data.currency = base(a);
    data.equity = equity(a);
    data.gross = gross_value(a);
    data.cash = cash(a, data.currency);
    data.fees = fees(a, data.currency);
    const bool hedging = book(a) == AccountConfig::Book::kHedging;
    for (std::uint32_t n = 0; n < marks_.size(); ++n) {
        const InstrumentId i{n};
        const Holding& h = holding(a, i);
        const CurrencyId currency = instruments_[i].currency;
        AveragePosition total = h.average;
        if (hedging) {
            // The position is worth the same; what of the profit is realised is the strategies'.
            const __int128 flows = static_cast<__int128>(total.realized.raw()) - total.cost.raw();
            __int128 realized = 0;
            for (std::uint16_t s = 0; s < strategies(); ++s) {
                if (account_of(StrategyId{s}) != a) continue;
                realized += strategy_positions_[strategy_index(StrategyId{s}, i)].realized.raw();
            }
            if (!fits(realized) || !fits(realized - flows)) continue;
            total.realized = Money::from_raw(static_cast<std::int64_t>(realized));
            total.cost = Money::from_raw(static_cast<std::int64_t>(realized - flows));
        }
        if (total == AveragePosition{}) continue;
        data.realized += in_base(a, currency, total.realized).value_or(Money::zero());
        data.unrealized += in_base(a, currency, h.value - total.cost).value_or(Money::zero());
    }
    return data;
}

Quantity AccountBook::gross_position(AccountId a, InstrumentId i) const noexcept {
    __int128 sum = 0;
    for (std::uint16_t s = 0; s < strategies(); ++s) {
        const StrategyId strategy{s};
        if (account_of(strategy) == a) sum += absolute(strategy_position(strategy, i)).raw();
    }
    return fits(sum) ? Quantity::from_raw(static_cast<std::int64_t>(sum)) : Quantity::max();
}

std::vector<Attribution> AccountBook::attribute(AccountId a, InstrumentId i) const {
    FERMATA_ASSERT(contains(a) && i.value < marks_.size());
    const Holding& h = holding(a, i);
    const MarkSlot& m = marks_[i.value];
    std::vector<Attribution> shares;
    Attribution rest{kNobody, h.average.quantity, h.average.cost, h.average.realized,
                     h.value - h.average.cost};
    Money total = rest.realized + rest.unrealized;
    Quantity border;  // of the strategies up to the one in hand
    Money value;      // of that many
    for (std::uint16_t s = 0; s < strategies(); ++s) {
        const StrategyId strategy{s};
        const AveragePosition& own = strategy_positions_[strategy_index(strategy, i)];
        if (account_of(strategy) != a || own == AveragePosition{}) continue;
        border += own.quantity;
        // Each has what the value grows by when it comes in, so that the shares add up.
        const auto grown = h.unvalued ? Result<Money, NumberError>(Money::zero())
                                      : notional(m.price, border, m.multiplier);
        const Money now = grown ? *grown : value;
        shares.push_back({strategy, own.quantity, own.cost, own.realized, now - value - own.cost});
        value = now;
        total -= shares.back().realized + shares.back().unrealized;
        rest.quantity -= own.quantity;
    }
    if (!rest.quantity.is_zero() || !total.is_zero()) {
        shares.push_back({kNobody, rest.quantity, Money::zero(), Money::zero(), total});
    }
    return shares;
}

MarkReport AccountBook::mark_report(AccountId a, Timestamp now, Duration limit) const noexcept {
    MarkReport report;
    for (std::uint32_t n = 0; n < marks_.size(); ++n) {
        const InstrumentId i{n};
        if (position(a, i).is_zero()) continue;
        const MarkSlot& m = marks_[n];
        ++report.positions;
        if (m.ts == Timestamp::min() || now - m.ts > limit) ++report.stale;
        if (m.source == MarkSource::kFill) ++report.from_fills;
        if (m.ts < report.oldest_ts) {
            report.oldest_ts = m.ts;
            report.oldest = i;
        }
    }
    return report;
}

}  // namespace fermata
