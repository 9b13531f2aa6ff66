#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/market/date.hpp"
#include "core/market/mark_table.hpp"
#include "core/types/instrument.hpp"
#include "risk/gate_snapshot.hpp"
#include "risk/portfolio/return_history.hpp"
#include "risk/portfolio/snapshot.hpp"
#include "risk/risk_config.hpp"
#include "risk/snapshot_shelf.hpp"

namespace fermata {

class StateArchive;

/// How snapshots of portfolio risk are made for the gate.
struct PortfolioStageSettings {
    std::size_t window = 512;  ///< Trading days of returns.
    /// Between two snapshots: a whole part of a UTC day, or whole days.
    Duration every = Duration::seconds(86'400);
    portfolio::SnapshotSettings estimate;
    portfolio::StressSettings scenarios;
    /// Parts of history that happen again: scenarios from their end on, if the run's own data
    /// holds the close before they begin.
    struct Window {
        std::string name;
        Date from, to;
    };
    std::vector<Window> windows;
    std::optional<InstrumentId> benchmark;  ///< Of the betas.
};

/// Controls that read a snapshot: when one of them is on, somebody has to make them.
[[nodiscard]] bool needs_snapshots(const RiskConfig& config) noexcept;

/// Turns market data into snapshots of portfolio risk, off the way of any order.
///
/// Owner:  the loop that polls it, which need not be the trading loop.
/// Input:  market events, in their order. Nothing else: snapshot number k of a run is a function of
///         the market data and the settings, whenever it is made and whoever makes it. No clock.
/// Day:    UTC, from midnight (excluded) to midnight (included), so that a bar that ends at
/// midnight
///         closes the day that it is of. The close of an instrument is its newest price of the day,
///         as a MarkTable knows it (trade, bar, middle of a quote). A day on which nothing had a
///         price is no trading day. Splits and dividends rescale what was before them.
/// Output: the first event behind an interval's end makes the snapshot of all days that are over
/// and
///         of the newest prices: the content goes on the shelf, and a kRiskSnapshot that names it
///         goes out on the lane. While the history is too short there is no snapshot and no number.
/// Full:   a snapshot that finds no room on the shelf waits for it, and gives way to a newer one;
///         its number is not used again. The consumer never waits.
/// Memory: fixed at construction, but for the snapshots.
class PortfolioStage {
public:
    struct Lanes {
        Lane<MarketEvent>* market = nullptr;
        Lane<OrderEvent>* snapshots = nullptr;  ///< To the trading stage.
    };
    /// `instruments` and `shelf` outlive the stage.
    PortfolioStage(const InstrumentTable& instruments, const PortfolioStageSettings& settings,
                   SnapshotShelf& shelf, Lanes lanes);

    Polled poll(std::size_t budget);
    /// One market event. False when the lane is empty.
    bool step();

    /// Whether an event goes to this stage.
    [[nodiscard]] static bool wants(const MarketEvent& e) noexcept {
        return e.type != MarketEventType::kDepth;
    }
    /// Position of the newest market event consumed.
    [[nodiscard]] std::uint64_t feed_position() const noexcept { return feed_position_; }
    /// Snapshots made so far.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    /// Snapshots with a smaller number are made and not handed out: for whoever follows a record
    /// that goes on with this one.
    void hand_out_from(std::uint64_t number) noexcept { first_wanted_ = number; }
    /// Makes the newest snapshot again and puts it on the shelf, for an event that was restored
    /// with the lane. Right behind the event that it was made at. False unless `event` names it.
    [[nodiscard]] bool restore_on_shelf(const OrderEvent& event);

    /// See core/base/state_archive.hpp. Nothing may wait for room on the shelf.
    void persist(StateArchive& a);

private:
    /// What the newest snapshot was made from, beside the history.
    struct Basis {
        Timestamp as_of;
        std::uint64_t feed_position = 0;
        std::vector<Price> prices;  ///< Zero: none.
    };
    struct Made {
        GateSnapshot snapshot;
        OrderEvent event;
    };

    void on_market(const MarketEvent& e);
    void close_day();
    void look_for_windows(Date day);
    void make(const MarketEvent& at);
    [[nodiscard]] std::optional<Made> build(std::uint64_t number, const Basis& basis) const;
    void hand_out();

    const InstrumentTable& instruments_;
    PortfolioStageSettings settings_;
    SnapshotShelf& shelf_;
    Lanes lanes_;
    std::vector<std::uint16_t> sectors_;
    std::vector<Quantity> volumes_;
    ScenarioSettings scenarios_;

    portfolio::ReturnHistory history_;
    MarkTable marks_;
    std::vector<std::uint8_t> fresh_;  // had a price since the day began
    bool any_fresh_ = false;
    bool any_new_ = false;  // since the newest snapshot
    Timestamp day_end_ = Timestamp::min();
    Timestamp interval_end_ = Timestamp::min();
    Timestamp newest_;
    std::uint64_t feed_position_ = 0;
    std::uint64_t number_ = 0;
    Basis made_;  // of number_
    Basis next_;
    std::vector<double> closes_;
    std::vector<std::uint8_t> window_passed_;  // by settings_.windows
    std::optional<Made> waiting_;
    std::uint64_t first_wanted_ = 0;
    std::uint64_t emitted_ = 0;
};

}  // namespace fermata
