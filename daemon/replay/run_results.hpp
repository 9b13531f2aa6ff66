#pragma once

#include <cstdint>

#include "core/account/account_book.hpp"
#include "core/account/lot_ledger.hpp"
#include "core/event/market_event.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/order_manager.hpp"
#include "core/port/record_sink.hpp"
#include "daemon/replay/equity_curve.hpp"
#include "daemon/replay/replay.hpp"
#include "daemon/replay/result_files.hpp"
#include "daemon/rerun/feed_window.hpp"
#include "research/trade_ledger.hpp"

namespace fermata {

/// Everything that a run leaves in its folder beside journal and summary, and the figures for the
/// summary: orders.csv, executions.csv, fills.csv, algos.csv, equity.csv, positions.csv, lots.csv,
/// round trips.
///
/// Owner: the thread of the records; what comes from market data only while that is the same one.
class RunResults final : public RecordSink {
public:
    /// Creates the folder. Keeps references to `job`.
    explicit RunResults(const ReplayJob& job);

    /// Counts and files a record of the trading stream.
    void on_record(const OrderEvent& event) override;

    /// On one thread with the stages: before and after a market event is handed to them.
    void before(const MarketEvent& e, const AccountBook& accounts) { curve_.before(e, accounts); }
    void after(const MarketEvent& e);
    /// On threads: the equity that is on record stands for the curve, and market events come from a
    /// feed of the results' own, as far as the records say that the trading stage consumed it.
    /// `market` outlives the results.
    void follow(FeedWindow& market) noexcept { market_ = &market; }

    /// At the end: closes the files and fills in the result.
    void finish(Timestamp now, const AccountBook& accounts, const OrderManager& orders,
                ReplayResult& result);

private:
    void catch_up(std::uint64_t feed_position);

    const ReplayJob& job_;
    ResultFiles files_;
    TradeLedger ledger_;
    LotLedger lots_;
    EquityCurve curve_;
    MarkTable marks_;                  // of what was consumed from market_
    FeedWindow* market_ = nullptr;     // on threads
    std::uint64_t feed_position_ = 0;  // consumed from market_
    bool accrued_ = false;             // the newest records are of a day's end
};

/// Days since 1970 of an instant, as client order ids hold it.
[[nodiscard]] std::uint16_t day_of(Timestamp t) noexcept;

}  // namespace fermata
