#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/account/account_book.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/exposure.hpp"
#include "core/order/order.hpp"
#include "core/types/instrument.hpp"
#include "risk/activity.hpp"
#include "risk/basket_limit.hpp"
#include "risk/controls.hpp"
#include "risk/credit.hpp"
#include "risk/day_trade.hpp"
#include "risk/drawdown.hpp"
#include "risk/exposure.hpp"
#include "risk/fill_drift.hpp"
#include "risk/in_flight.hpp"
#include "risk/intraday_margin.hpp"
#include "risk/limit_schedule.hpp"
#include "risk/limit_table.hpp"
#include "risk/liquidity_limit.hpp"
#include "risk/loss.hpp"
#include "risk/margin_need.hpp"
#include "risk/market_quality.hpp"
#include "risk/moving_limit.hpp"
#include "risk/own_book.hpp"
#include "risk/permission.hpp"
#include "risk/portfolio_limits.hpp"
#include "risk/rate.hpp"
#include "risk/risk_config.hpp"
#include "risk/run_health.hpp"
#include "risk/sector.hpp"
#include "risk/short_sale.hpp"
#include "risk/snapshot_shelf.hpp"
#include "risk/strategy_rate.hpp"
#include "risk/structural.hpp"
#include "risk/trips.hpp"
#include "risk/valuation.hpp"
#include "risk/venue_inputs.hpp"
#include "risk/wash_sale_tag.hpp"

namespace fermata {

class StateArchive;

/// Why a snapshot of portfolio risk was not taken; the one before stays in force.
enum class RiskSnapshotRefusal : std::uint8_t {
    kNotThere = 1,  ///< It is not on the shelf.
    kDigest = 2,    ///< What is there is another one.
    kShape = 3,     ///< It is of other instruments, or larger than the gate takes.
    kNotNewer = 4,  ///< One with this number or a larger one is in force.
};

/// What the gate counted, for metrics and the summary.
struct GateCounts {
    std::uint64_t approved = 0;
    std::uint64_t refused = 0;
    std::uint64_t cancels = 0;
    std::array<std::uint64_t, kControlCount> by_control{};  ///< Refusals in which the bit was set.
    void persist(StateArchive& a);
};

/// The pre-trade gate: every new order and every replace passes all enabled controls before the
/// order manager may have it.
///
/// Owner:      the trading loop; no other thread may call it. The books that it reads belong to the
///             same loop and must have taken in everything up to the request.
/// Time:       the request's timestamp; ascending. No clock.
/// Decision:   every enabled control is evaluated and sets its bit; the numbers are those of the
/// first
///             that refuses. A control that has nothing to look at (no such instrument or account)
///             is not marked as checked; another one refuses the order then. Nothing is ever
///             resized.
/// Cancels:    never blocked. They are counted, and the message rates keep a reserve for them.
/// Unknown:    no price or no equity refuses what a limit on value would have to judge; reductions
///             pass where the control only limits increases.
/// Memory:     fixed at construction. No call allocates or throws.
class Gate {
public:
    /// `config` has validated; overrides name existing ids. `config_hash` stands in every verdict.
    Gate(const RiskConfig& config, const InstrumentTable& instruments, const MarkTable& marks,
         const AccountBook& accounts, const ExposureBook& exposures, std::uint64_t config_hash);

    /// CREDIT judges margin accounts by this model until their first poll, and DAY_TRADE while the
    /// rules about intraday margin hold. Before the first event; the model must outlive this.
    void use_margin(const MarginModel& model);
    /// IN_FLIGHT is off: the stages do not keep the same time, so the time of events does not say
    /// how long a venue has not answered. Before the first event.
    void ignore_answers() noexcept { in_flight_.ignore(); }

    /// Judges a numbered intent (kNewOrder, payload NewOrderData with order_id). Approval commits
    /// it: the message is counted, and the order manager must take it.
    [[nodiscard]] VerdictData check_new(const OrderEvent& intent) noexcept;

    /// Judges new terms (kReplace, payload ChangeOrderData) for `live`, which is in the exposure
    /// book with its terms so far.
    [[nodiscard]] VerdictData check_replace(const OrderEvent& intent, const Order& live) noexcept;

    /// What the order manager would send by itself (kSendNew, kSendReplace) for `live`, which is in
    /// the books since it was approved: the controls that time, the market or an operator may have
    /// turned against it are asked again. See core/order/release_judge.hpp.
    [[nodiscard]] VerdictData check_release(const NewOrderData& terms, const Order& live,
                                            OrderEventType action, Timestamp now) noexcept;

    /// Counts a cancel; it passes whatever the state is.
    void count_cancel(const OrderEvent& intent) noexcept;

    /// What check_new would say to such an order (kPreview) now: the same bits and numbers. Nothing
    /// is counted or remembered, and no state changes. `explanation` gets the numbers of every
    /// control, also of those that pass; off the hot path.
    [[nodiscard]] VerdictData preview(const OrderEvent& question,
                                      Explanation* explanation = nullptr) noexcept;

    /// The price at which the rest of an order is valued, never negative: what the order manager
    /// reserves; see risk/price.hpp. Zero for a market order while no price is known. For a replace
    /// it is the larger of old and new terms', and the request must be the one judged last.
    [[nodiscard]] Price reserve_price(const OrderEvent& intent) noexcept;

    /// A pegged order without a worst price gets the collar's edge as that, so that it never
    /// follows further than any limit order may go. For the request judged last, before the order
    /// manager has it.
    void bind(OrderEvent& intent) const noexcept {
        if (bound_.is_zero()) [[likely]]
            return;
        const bool is_new = intent.type == OrderEventType::kNewOrder;
        (is_new ? intent.data.new_order.price : intent.data.change.price) = bound_;
    }

    /// WASH_SALE: what there is to say about the request that was approved last, once.
    [[nodiscard]] std::optional<AlertData> next_tag() noexcept {
        if (!tag_) [[likely]]
            return std::nullopt;
        return std::exchange(tag_, std::nullopt);
    }
    /// IN_FLIGHT: some request was not answered in time. To be asked at every event that moves the
    /// time on, before the event is taken in.
    [[nodiscard]] bool answers_overdue(Timestamp now) const noexcept {
        return in_flight_.overdue(now);
    }
    /// Requires that. The alert to put on record about the oldest one: its order is Unknown from
    /// here on, and what tripped by it is the next trip.
    [[nodiscard]] OrderEvent next_unanswered(Timestamp now) noexcept;

    /// All members of a basket of that strategy are judged next.
    void begin_basket(StrategyId s) noexcept { baskets_.begin(s); }
    /// A resting order of the firm that the request judged last would trade with, and that
    /// SELF_MATCH wants canceled. Call until there is none, before the next request.
    [[nodiscard]] std::optional<ClientOrderId> next_self_match() noexcept {
        return own_.next_to_cancel();
    }

    /// False when nothing follows from on_market, so that its caller can spare the call.
    [[nodiscard]] bool watches_market() const noexcept {
        return quality_.watches() || drift_.watches() || day_trades_.watches() ||
               shorts_.watches() || gross_.watches() || sectors_.watches() ||
               portfolio_.watches() || credit_.watches_market() || wash_sales_.watches() ||
               intraday_.watches_market();
    }
    /// STALE, CROSSED, COLLAR_TIME, CREDIT, DAY_TRADE: takes in a market event, after the marks
    /// did.
    void on_market(const MarketEvent& e) noexcept;

    /// Takes in what the gate is told from outside (kRiskInput), which its owner has put on record.
    /// What trips by it comes from next_trip; what there is to say about it is returned.
    std::optional<AlertData> on_input(const OrderEvent& e) noexcept;
    /// Where on_snapshot finds what it is told of; it outlives the gate. Without it there is none.
    void use_snapshots(SnapshotShelf& shelf) noexcept { shelf_ = &shelf; }
    /// A snapshot of portfolio risk (kRiskSnapshot) is in force from here on, if it is on the shelf
    /// and the one that was meant (kSnapshotRefused: detail[1] is a RiskSnapshotRefusal). Adds up
    /// what every account holds: not for the way of an order.
    std::optional<AlertData> on_snapshot(const OrderEvent& e) noexcept;

    /// False when nothing follows from on_order_event.
    [[nodiscard]] bool watches_orders() const noexcept { return watches_orders_; }
    /// SELF_MATCH, REPEAT, REJECT_RATE, ORDER_TO_TRADE, TURNOVER, LIQUIDITY, COLLAR_TIME,
    /// DAY_TRADE, CORRELATED, VAR_PARAMETRIC, VAR_HISTORICAL, STRESS: takes in what the order
    /// manager says (kOrderUpdate, kFill, kPosition; others are ignored),
    /// in its order. `order` is the one that it is about, as it stands now; nullptr when the order
    /// manager does not know it (any more).
    void on_order_event(const OrderEvent& e, const Order* order) noexcept;

    /// False when nothing follows from on_equity, so that its caller can spare the valuation.
    [[nodiscard]] bool watches_equity() const noexcept {
        return drawdown_.watches() || losses_.watches() || day_trades_.watches_equity();
    }
    /// DRAWDOWN, DAY_LOSS, WEEK_LOSS: takes in an account's equity, and returns the next trip.
    [[nodiscard]] std::optional<ControlData> on_equity(AccountId account, Money equity,
                                                       Timestamp now) noexcept;
    /// What a control that acts by itself decided, oldest first: its state is in force at once, and
    /// the control is for the owner to journal and to cancel open orders by (cancel_orders: 1 all
    /// in its scope, 2 those that increase). Call until there is none, after anything that may trip
    /// one. Each control trips once until it is released.
    [[nodiscard]] std::optional<ControlData> next_trip() noexcept { return trips_.take(); }
    /// A deposit (positive) or withdrawal, in the account's base currency: neither profit nor loss.
    void on_flow(AccountId account, Money amount) noexcept;

    /// Sets a trading state. An operator who sets another state than HALTED releases what tripped
    /// there: the firm's DRAWDOWN, CLOCK, JOURNAL, DROP_COPY and all DAY_LOSS and WEEK_LOSS, an
    /// account's DAY_LOSS and WEEK_LOSS, a strategy's REPEAT and REJECT_RATE, an instrument's
    /// COLLAR_TIME. False when the target does not exist.
    bool on_control(const ControlData& control) noexcept;

    /// What the control sets stays until somebody releases it: false for DAY_LOSS and WEEK_LOSS,
    /// which end with their period, and for RECOVERING, by which a process that stops cancels.
    [[nodiscard]] static bool latches(const ControlData& control) noexcept {
        return control.control != static_cast<std::uint8_t>(ControlId::kDayLoss) &&
               control.control != static_cast<std::uint8_t>(ControlId::kWeekLoss) &&
               control.control != static_cast<std::uint8_t>(ControlId::kRecovering);
    }
    /// Of one scope alone; an unknown target is HALTED.
    [[nodiscard]] TradingState state(ControlScope scope, std::uint64_t target) const noexcept {
        return states_.get(scope, target);
    }
    /// The strictest that concerns such an order.
    [[nodiscard]] TradingState state(StrategyId s, InstrumentId i, AccountId a,
                                     VenueId v) const noexcept {
        return states_.effective(s, i, a, v).state;
    }
    /// DAY_TRADE: what the account's equity lacked of its maintenance margin at worst, today.
    [[nodiscard]] const IntradayMargin& intraday_margin() const noexcept { return intraday_; }
    [[nodiscard]] const GateCounts& counts() const noexcept { return counts_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    void fetch(const Request& r) const noexcept;
    void locate(Request& r) noexcept;
    /// Limits that are due by their dates.
    void keep_schedule(Timestamp now) noexcept {
        if (schedule_.due(now)) [[unlikely]] {
            if (schedule_.apply(now, limits_)) adopt_limits();
        }
    }
    [[nodiscard]] VerdictData judge(const Request& r, Explanation* explanation) noexcept;
    void check_instrument_limits(const Request& r, Findings& out) noexcept;
    void check_account_limits(const Request& r, Findings& out) noexcept;
    [[nodiscard]] VerdictData verdict_of(const Request& r, OrderEventType action) const noexcept;
    void approve(const Request& r) noexcept;
    void count_sent(const OrderEvent& e) noexcept;
    void on_fill(const FillData& fill, InstrumentId i, Timestamp now) noexcept;
    void take_margins(Timestamp now) noexcept;
    void trip(ControlId id, ControlScope scope, std::uint64_t target, TradingState state,
              CancelOrders cancels, const Measured& measured) noexcept;
    void trip_firm(ControlId id, CancelOrders cancels, const Measured& measured) noexcept;
    void release(const ControlData& control) noexcept;
    AlertData change_limit(const RiskInputData& input) noexcept;
    void adopt_limits() noexcept;
    [[nodiscard]] std::optional<AlertData> on_clock(Duration offset) noexcept;
    [[nodiscard]] std::optional<AlertData> on_health(const RiskInputData& input) noexcept;
    [[nodiscard]] std::optional<AlertData> on_buying_power(const RiskInputData& input,
                                                           Timestamp now) noexcept;
    void find_limit(Request& r) noexcept;
    [[nodiscard]] Price reserve_at(InstrumentId i, const PriceTerms& terms, Ratio collar,
                                   Timestamp now) const noexcept;

    const InstrumentTable& instruments_;
    const MarkTable& marks_;
    const AccountBook& accounts_;
    const ExposureBook& exposures_;
    std::uint64_t config_hash_;

    Valuation valuation_;
    LimitTable limits_;
    LimitSchedule schedule_;
    Permissions permissions_;
    RestrictedList restricted_;
    TradingStates states_;
    Duplicates duplicates_;
    MessageRates rates_;
    GrossExposure gross_;
    Drawdown drawdown_;
    PeriodLosses losses_;
    MarketQuality quality_;
    OrderToTrade order_to_trade_;
    StrategyRate repeat_;
    StrategyRate rejects_;
    StrategyRate parents_;
    Turnover turnover_;
    SectorExposure sectors_;
    LiquidityLimit liquidity_;
    FillDrift drift_;
    DayTrades day_trades_;
    ShortSales shorts_;
    PriceBands bands_;
    ClockOffset clock_;
    RunHealth health_;
    InFlight in_flight_;
    const MarginModel* margins_ = nullptr;
    MarginClock margin_clock_;
    Credit credit_;
    IntradayMargin intraday_;
    WashSaleTag wash_sales_;
    OwnBook own_;
    BasketLimit baskets_;
    PortfolioLimits portfolio_;
    SnapshotShelf* shelf_ = nullptr;
    Trips trips_;
    bool watches_orders_;
    std::optional<AlertData> tag_;  // of the request approved last, not yet taken
    GateCounts counts_;
    OrderTag replaced_;  // the order and reserve price of the replace judged last
    Price replaced_reserve_;
    Price bound_;         // of the request judged last, for `bind`; zero: none
    OrderTag requested_;  // the order that a cancel or replace counted last is about, and when
    Timestamp requested_at_{0};
    std::uint32_t released_ = 0;  // replaces that check_release counted, and that are not sent yet
};

}  // namespace fermata
