#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/indicator/atr.hpp"
#include "core/strategy/strategy.hpp"
#include "core/strategy/working_order.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A distance from a price.
struct ExitDistance {
    enum class Kind : std::uint8_t {
        kNone,
        kPrice,    ///< `value` in price units.
        kPercent,  ///< `value` times the entry price (0.02 is 2%).
        kAtr,      ///< `value` times the ATR, as it was at the entry.
        kRisk,  ///< `value` times the distance of the stop (targets only): the risk:reward ratio.
    };
    Kind kind = Kind::kNone;
    double value = 0;
};

/// When a strategy's positions are closed (and added to) without its own doing.
struct ExitRules {
    struct Target {
        ExitDistance distance;
        double fraction = 1;  ///< Of the position at its largest: scale out by several targets.
    };
    enum class Trail : std::uint8_t {
        kNone,
        kOrder,       ///< A trailing stop order at `trail_distance`, moved by every price.
        kChandelier,  ///< Highest high since the entry less `value` times the ATR now, moved at the
                      ///< end of each bar and never back (Le Beau).
    };
    ExitDistance stop;
    std::vector<Target> targets;
    Trail trail = Trail::kNone;
    ExitDistance trail_distance;
    std::int32_t bars = 0;  ///< Out at the end of so many bars after the entry; 0: never.
    Duration after{};       ///< Out so long after the entry; 0: never.
    std::int32_t atr_period = 14;
    std::int32_t adds = 0;      ///< Scale in: so many times at most ...
    ExitDistance add_distance;  ///< ... each time the price moved on by so much from the last
                                ///< entry (negative: against the position) ...
    double add_fraction = 1;    ///< ... by so much of the first entry.

    [[nodiscard]] bool any() const noexcept {
        return stop.kind != ExitDistance::Kind::kNone || !targets.empty() ||
               trail != Trail::kNone || bars > 0 || after.ns > 0 || adds > 0;
    }
};

/// Carries out ExitRules for one strategy: keeps reduce-only orders at work for the position that
/// the strategy has, whatever made it, and takes them back when it is gone.
///
/// A stop and its targets are one group (OUO): what one fills, the others lose at the venue, so
/// that they can never fill together. A stop that the gate or the venue refuses is replaced by
/// closing the position at the market: a position without its stop is not kept. Where the old terms
/// of a stop stay in force for the whole position, it is kept.
/// They are reduce-only except in `shared` instruments, which other strategies of the account trade
/// too: reduce-only is about the account's position, and says nothing about this strategy's there.
/// Closed markets (Strategy::on_session) take no orders: what is due waits for the next session.
/// In a halt (Strategy::on_halt) it waits for the first price behind it.
/// Corporate actions: a split rescales prices, distances and quantities; a dividend moves the
/// prices that it moves of open orders (adjust_open_order). Prices: stops are rounded towards the
/// entry, targets away from it. Distances in ATRs need `atr_period` + 1 bars; an entry before that
/// is closed at once, because its stop cannot be known. A position that the strategy began with is
/// as if entered at its cost, at the instrument's first price (the first ATR where the rules need
/// one): bars and times count from there.
class ExitManager final : public Strategy {
public:
    /// Event time between attempts to close a position when the order is refused.
    static constexpr Duration kRetryEvery = Duration::seconds(1);

    explicit ExitManager(ExitRules rules, std::vector<InstrumentId> shared = {})
        : rules_(std::move(rules)), shared_(std::move(shared)) {}

    void on_start(StrategyContext& context) override;
    void on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) override;
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData&) override;
    void on_trade(StrategyContext& context, InstrumentId id, const TradeData&) override;
    void on_corporate_action(StrategyContext& context, InstrumentId id,
                             const CorporateActionData& action) override;
    void on_session(StrategyContext& context, InstrumentId id, bool open) override;
    void on_halt(StrategyContext& context, InstrumentId id, bool halted) override;
    void on_timer(StrategyContext& context, std::uint64_t timer_id) override;
    void on_fill(StrategyContext& context, InstrumentId id, const FillData& fill) override;
    void on_order(StrategyContext& context, InstrumentId id,
                  const OrderUpdateData& update) override;
    bool persist(StateArchive& a) override;

private:
    struct Guard {  // of one instrument
        InstrumentId instrument;
        Atr atr{1};
        Quantity position;     // signed, as of the last fill
        Quantity largest;      // of this position, unsigned
        Quantity first_entry;  // unsigned
        double entry = 0;      // average price of the position
        double last_entry = 0;
        double extreme = 0;     // highest high (long) or lowest low since the entry
        double stop_price = 0;  // chandelier: where it stands
        double entry_atr = 0;
        double scale = 1;  // of price distances: splits since the start
        // What dividends since the entry took off the levels of the stop, the targets and the add.
        double stop_shift = 0, target_shift = 0, add_shift = 0;
        Timestamp retry_at{0};      // a refused close is not sent again before
        std::uint64_t entries = 0;  // positions opened so far: names the time exit's timer
        std::uint32_t link = 0;
        std::int32_t bars = 0;  // since the entry
        std::int32_t added = 0;
        bool leaving = false;    // everything goes at the market
        bool closed = false;     // the market
        bool halted = false;     // it, too
        bool resumed = false;    // from a halt, and no price has come since
        bool inherited = false;  // held before the run, and no price came since
        WorkingOrder stop, trail, close, add;
        std::vector<WorkingOrder> targets;
        std::vector<Quantity> target_filled;
        void persist(StateArchive& a);
    };
    Guard* find(InstrumentId id) noexcept;
    void opened(StrategyContext& context, Guard& g) noexcept;
    void update(StrategyContext& context, Guard& g) noexcept;
    void set_protection(StrategyContext& context, Guard& g) noexcept;
    void set_add(StrategyContext& context, Guard& g) noexcept;
    void sync(StrategyContext& context, Guard& g) noexcept;
    /// A position that the strategy began with: guarded from the first price on that it can be.
    void adopt(StrategyContext& context, Guard& g) noexcept;
    /// Another price: what waited for one behind a halt, and a position that is still to be closed.
    void on_price(StrategyContext& context, InstrumentId id) noexcept;
    void leave(StrategyContext& context, Guard& g) noexcept;
    void go_on(StrategyContext& context, Guard& g) noexcept;
    void ask_again(StrategyContext& context, Guard& g) noexcept;
    [[nodiscard]] double distance(const ExitDistance& d, const Guard& g) const noexcept;
    /// What the rules ask for needs an ATR that is not there yet.
    [[nodiscard]] bool lacks_atr(const Guard& g) const noexcept;
    template <class F>
    static void for_each_order(Guard& g, F&& f);

    [[nodiscard]] std::uint8_t flags(InstrumentId id) const noexcept;
    /// A stop or trail was refused, and what is in force does not cover the position.
    [[nodiscard]] static bool unprotected(const Guard& g) noexcept;

    ExitRules rules_;
    std::vector<InstrumentId> shared_;
    std::vector<Guard> guards_;
};

}  // namespace fermata
