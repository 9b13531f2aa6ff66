#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// One round trip of one strategy in one instrument: from flat to flat, however many fills it took.
/// Money is in the instrument's currency.
struct Trade {
    StrategyId strategy;
    InstrumentId instrument;
    Side side = Side::kBuy;  ///< Of the entry.
    Timestamp entry, exit;   ///< First and last fill; `exit` is meaningless while it is open.
    double entry_value = 0;  ///< Gross value of all fills that increased it.
    double exit_value = 0;   ///< Gross value of all fills that reduced it.
    double fees = 0;
    double income = 0;  ///< Dividends received, or paid when short.
    double profit = 0;  ///< Realised on average cost, with income, after fees.
    /// Maximum adverse and favourable excursion of the price from the average cost while the trade
    /// was open, as fractions of the cost, never negative (Sweeney 1996).
    double mae = 0;
    double mfe = 0;

    /// profit / entry_value.
    [[nodiscard]] double profit_ratio() const noexcept {
        return entry_value > 0 ? profit / entry_value : 0;
    }
};

/// Makes trades out of the fills of a run. For analysis: not on the hot path, and it allocates.
///
/// Hand it what happened in the order in which it happened. Prices are optional: without them the
/// excursions know the fills only.
class TradeLedger {
public:
    explicit TradeLedger(const InstrumentTable& instruments) : instruments_(instruments) {}

    /// A fill as it was booked. `strategy_position_after` is the truth about the position: it also
    /// reveals what a split left over as cash.
    void on_fill(Timestamp ts, InstrumentId instrument, const FillData& fill);
    /// A lot that was held before the run (PositionChange::kOpening): part of a trade that was
    /// entered then, at its cost, but of nothing that the run traded.
    void on_opening(InstrumentId instrument, const PositionData& lot);
    /// Prices between `low` and `high` were traded while the positions were as they are.
    void on_prices(InstrumentId instrument, Price low, Price high);
    /// A split rescales cost and quantity, a dividend is income of who holds. What a split pays
    /// instead of fractions is left out.
    void on_corporate_action(Timestamp ts, InstrumentId instrument,
                             const CorporateActionData& action);

    /// Finished trades in the order in which they ended.
    [[nodiscard]] std::span<const Trade> closed() const noexcept { return closed_; }
    /// Trades that are still open, by instrument and strategy.
    [[nodiscard]] std::vector<Trade> open() const;
    /// Gross value of all fills.
    [[nodiscard]] double traded_value() const noexcept { return traded_value_; }

private:
    struct OpenTrade {
        Trade trade;
        double quantity = 0;  // units held, always positive
        double cost = 0;      // average, a unit
        Timestamp changed;    // by a fill or a corporate action

        void excursion(double price) noexcept;
    };
    using Key = std::pair<InstrumentId, StrategyId>;
    using Open = std::map<Key, OpenTrade>;

    /// Returns the value of it.
    double increase(const Key& key, Timestamp ts, Side side, double price, double quantity,
                    double fee);
    void reduce(const Key& key, Timestamp ts, const FillData& fill, double quantity, double fee);
    /// The position before a fill is `held`: a split may have turned fractions, or all, into cash.
    void follow(const Key& key, double held);
    void close(Open::iterator place);
    /// The open trades of one instrument.
    [[nodiscard]] auto range(InstrumentId instrument) {
        return std::pair{open_.lower_bound({instrument, StrategyId{0}}),
                         open_.upper_bound({instrument, StrategyId{0xffff}})};
    }

    const InstrumentTable& instruments_;
    Open open_;
    std::vector<Trade> closed_;
    double traded_value_ = 0;
};

}  // namespace fermata
