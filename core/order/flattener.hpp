#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/event/order_event.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/order_manager.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// Why closing a position stands still. The numbers are part of the journal's format.
enum class FlattenStop : std::uint8_t {
    kNone = 0,
    kNoPrice = 1,       ///< Nothing was quoted or traded.
    kStale = 2,         ///< The newest price is too old.
    kClosed = 3,        ///< The session is closed.
    kHalted = 4,        ///< The instrument itself is HALTED here for another reason.
    kUnconfirmed = 5,   ///< Orders that could close it are not confirmed as over.
    kRefused = 6,       ///< The gate refuses; the alert names its control.
    kUnfilled = 7,      ///< Nobody trades at the prices that it may be closed at.
    kOffset = 8,        ///< Another strategy holds the opposite in the same account.
    kOddLot = 9,        ///< Less than what can be ordered is left.
    kTradingHalt = 10,  ///< Its venue halted trading.
    kRejected = 11,     ///< Its venue rejects the orders that would close it.
};
inline constexpr int kFlattenStopCount = 12;
[[nodiscard]] std::string_view name(FlattenStop why) noexcept;  ///< "the price is stale", ...

/// For whom a strategy's positions are closed, and where.
struct FlattenOwner {
    AccountId account;
    VenueId venue;
};

/// How positions are closed.
struct FlattenRules {
    Duration price_age = Duration::seconds(5);  ///< Older prices are stale.
    Duration confirm = Duration::seconds(5);    ///< For cancels to be confirmed, or it is Unknown.
    Duration between = Duration::milliseconds(100);  ///< From the end of one slice to the next.
    Duration again = Duration::seconds(1);  ///< From one look to the next where it stands still.
    std::int64_t slices = 10;               ///< Of the position that there was.
    /// How much worse than the touch a slice may trade: so much more after each that got nothing.
    Ratio step = Ratio::from_raw(Ratio::kOne / 1'000);
    std::uint32_t steps = 5;  ///< ... and no more than so often.
    /// After so many slices in a row that got something, one that the gate had halved is doubled.
    std::uint32_t grow_after = 3;
};

/// Closes positions in slices when a flatten is in force (kill level 4): once their orders are
/// confirmed as over, or Unknown, an immediate-or-cancel limit order at the touch or a little
/// beyond, one at a time for each strategy and instrument, until nothing is left.
///
/// Owner:      the trading stage, on its loop. Decides by what the stage knows alone (positions,
///             orders, marks, event time), so that a re-run decides the same.
/// Invariants: a closing order never exceeds what its strategy holds, nor what its account holds
///             less everything that open orders, Unknown ones included, may still close: whatever
///             fills, no position turns, and none grows. The gate judges each one as well.
/// Stops:      where the instrument is stale, closed or halted, or something else keeps it from
///             being closed: with one alert a reason, and goes on when that is over.
/// Cost:       one comparison an event while nothing is to be closed.
/// Memory:     allocates when the first flatten comes into force.
class Flattener {
public:
    Flattener(const InstrumentTable& instruments, const MarkTable& marks,
              const AccountBook& accounts, const OrderManager& orders)
        : instruments_(instruments), marks_(marks), accounts_(accounts), orders_(orders) {}

    /// Of each strategy, before the first event; without them nothing is closed.
    void use_owners(std::vector<FlattenOwner> owners);
    void set_rules(const FlattenRules& rules) noexcept { rules_ = rules; }

    /// A control came into force: one that flattens begins here, one that lets anything trade again
    /// ends it.
    void on_control(const ControlData& control);
    /// Something is to be closed.
    [[nodiscard]] bool active() const noexcept { return targets_ != 0; }
    /// Orders or positions changed: everything is looked at in the next call.
    void wake() noexcept { wake_ = Timestamp{0}; }
    /// Does what is due. `send` is given each order (kNewOrder, not yet numbered), puts its number
    /// into it and says what the gate said; alerts go to `outlet`.
    template <class Gate, class Outlet, class Send>
    void run(Timestamp now, const Gate& gate, Outlet& outlet, Send send) {
        if (now < wake_) return;
        const std::uint64_t cause = outlet.cause();
        const auto tell = [&](std::optional<OrderEvent> alert) {
            outlet.blame(cause);
            if (alert) outlet.emit(*alert);
        };
        for (std::size_t n = 0; n < items_.size(); ++n) {
            const StrategyId s{static_cast<std::uint16_t>(n / instruments_.size())};
            const InstrumentId i{static_cast<std::uint32_t>(n % instruments_.size())};
            if (!concerns(s, i)) continue;
            const bool halted =
                gate.state(ControlScope::kInstrument, i.value) == TradingState::kHalted &&
                !flattened(ControlScope::kInstrument, i.value);
            auto event = look(items_[n], s, i, halted, now);
            if (!event) continue;
            if (event->type == OrderEventType::kAlert) {
                tell(event);
                continue;
            }
            event->cause = cause;
            const VerdictData verdict = send(*event);
            tell(judged(items_[n], *event, verdict, now));
        }
        tell(end_pass(now));
    }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Item {
        ClientOrderId order;         // on its way; zero: none
        Timestamp waiting_since;     // for cancels; zero: it does not
        Timestamp next;              // look
        Quantity whole;              // slice as configured; zero: not begun
        Quantity slice;              // smaller where the gate refused
        std::uint32_t taken = 0;     // slices in a row that got something at this size
        std::uint32_t unfilled = 0;  // slices in a row that got nothing
        std::uint32_t refused = 0;   // by the gate, in a row
        std::uint8_t told = 0;       // FlattenStop of the last alert
        void persist(StateArchive& a);
    };

    [[nodiscard]] bool flattened(ControlScope scope, std::uint64_t target) const noexcept {
        return in_force_[static_cast<std::size_t>(scope)][target] != 0;
    }
    [[nodiscard]] bool concerns(StrategyId s, InstrumentId i) const noexcept;
    [[nodiscard]] std::optional<OrderEvent> look(Item& item, StrategyId s, InstrumentId i,
                                                 bool halted, Timestamp now);
    /// What became of the slice that was sent last.
    enum class Sent : std::uint8_t { kNothing, kOpen, kOver, kRejected };
    [[nodiscard]] Sent last_slice(Item& item, Timestamp now);
    [[nodiscard]] bool orders_open(StrategyId s, AccountId a, InstrumentId i) const;
    [[nodiscard]] FlattenStop market_stop(InstrumentId i, bool halted, Timestamp now) const;
    [[nodiscard]] Price limit_price(InstrumentId i, Side side, std::uint32_t unfilled,
                                    Timestamp now) const;
    [[nodiscard]] std::optional<OrderEvent> stop(Item& item, FlattenStop why, StrategyId s,
                                                 InstrumentId i, Timestamp now,
                                                 std::uint8_t control = 0);
    [[nodiscard]] std::optional<OrderEvent> judged(Item& item, const OrderEvent& order,
                                                   const VerdictData& verdict, Timestamp now);
    [[nodiscard]] std::optional<OrderEvent> end_pass(Timestamp now);
    void due(Item& item, Timestamp at) noexcept;

    const InstrumentTable& instruments_;
    const MarkTable& marks_;
    const AccountBook& accounts_;
    const OrderManager& orders_;
    FlattenRules rules_;
    std::vector<FlattenOwner> owners_;                                    // by StrategyId
    std::array<std::vector<std::uint8_t>, kControlScopeCount> in_force_;  // by target
    std::vector<Item> items_;    // by strategy, instrument; empty before the first flatten
    std::uint64_t targets_ = 0;  // in force
    std::uint64_t sent_ = 0;     // closing orders, over all
    std::uint64_t left_ = 0;     // positions that this pass saw
    Timestamp wake_{0};          // the next pass
    Timestamp earliest_ = Timestamp::never();  // look of the pass under way
    bool told_flat_ = false;
};

}  // namespace fermata
