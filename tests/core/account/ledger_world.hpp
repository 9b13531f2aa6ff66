#pragma once

#include <memory>

#include "core/account/lot_ledger.hpp"
#include "tests/core/account/account_world.hpp"

namespace fermata::test {

/// A ledger over the accounts of AccountWorld, spoken to in days and dollars.
struct LedgerWorld {
    AccountWorld world;
    LotRules rules;
    std::unique_ptr<LotLedger> made;
    std::uint64_t fills = 0;

    LotLedger& ledger() {
        if (!made) made = std::make_unique<LotLedger>(world.instruments, world.accounts, rules);
        return *made;
    }
    /// Noon UTC of a day.
    static Timestamp at(Date d) {
        return Timestamp{} + Duration::hours(24 * std::int64_t{d.days} + 12);
    }
    /// `quantity` units for `total` dollars in all; returns the number of the fill.
    std::uint64_t trade(Side side, Date on, std::int64_t quantity, std::int64_t total,
                        AccountId account = AccountId{0}, InstrumentId instrument = {0},
                        StrategyId strategy = StrategyId{0}, std::uint32_t lot = 0,
                        Money fee = Money::zero()) {
        FillToBook f{at(on),          instrument, account,
                     strategy,        side,       Price::from_raw(total * Price::kOne / quantity),
                     units(quantity), fee,        world.usd,
                     ++fills,         lot};
        ledger().fill(f);
        return fills;
    }
    std::uint64_t buy(Date on, std::int64_t quantity, std::int64_t total) {
        return trade(Side::kBuy, on, quantity, total);
    }
    std::uint64_t sell(Date on, std::int64_t quantity, std::int64_t total) {
        return trade(Side::kSell, on, quantity, total);
    }
    LotReport report() { return ledger().report(); }
};

}  // namespace fermata::test
