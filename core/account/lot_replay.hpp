#pragma once

#include <array>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "core/account/lot_ledger.hpp"
#include "core/account/position.hpp"
#include "core/account/wash_sale.hpp"

namespace fermata {

/// One walk over the entries of a LotLedger: what its report is made of.
class LotReplay {
public:
    LotReplay(const InstrumentTable& instruments, std::span<const AccountConfig> accounts,
              const LotRules& rules)
        : instruments_(instruments), accounts_(accounts), rules_(rules) {}

    void fill(const LotLedger::Entry& entry);
    void split(const LotLedger::Entry& entry);
    [[nodiscard]] LotReport finish();

private:
    // Strategy 0xffff in a netting account.
    using Key = std::tuple<InstrumentId, AccountId, StrategyId>;
    struct Position {
        Quantity quantity;
        std::list<TaxLot*> lots;  // in the order in which they are closed
    };
    /// A disposal in progress: what is left of its flow and fee for the lots to come.
    struct Disposal {
        Timestamp ts;
        StrategyId strategy;
        std::uint32_t fill = 0;
        Quantity left;
        Money flow;  // negative sold
        Money fee;
    };

    [[nodiscard]] Key key(const FillToBook& fill) const;
    [[nodiscard]] Date day(InstrumentId i, Timestamp ts) const;
    [[nodiscard]] WashSales* washes(const TaxLot& lot);
    void close(Position& position, Quantity quantity, Disposal& disposal, std::uint32_t named);
    void close_part(TaxLot& lot, Quantity quantity, Disposal& disposal);
    void look_for_losses(std::size_t from);
    void open(Position& position, const LotLedger::Entry& entry, Quantity quantity, Money flow,
              Money fee);
    void split_position(Position& position, AccountId a, const LotLedger::Entry& entry);
    static void rescale(Position& position, Quantity before, Quantity after);
    static void rescale_tranches(TaxLot& lot, Quantity before);

    const InstrumentTable& instruments_;
    std::span<const AccountConfig> accounts_;
    const LotRules& rules_;
    std::map<Key, Position> positions_;
    std::deque<TaxLot> lots_;  // all that ever were
    std::map<std::tuple<InstrumentId, std::uint16_t, Side>, WashSales> washes_;
    // By order and day, the first fill of its purchase.
    std::map<std::pair<std::uint64_t, std::int32_t>, std::uint32_t> purchases_;
    std::vector<ClosedLot> closed_;
    std::set<std::uint32_t> named_;  // fills that closed the lot that they named
};

}  // namespace fermata
