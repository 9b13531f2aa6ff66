#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/algo/router.hpp"
#include "core/algo/schedule.hpp"
#include "core/algo/volume_profile.hpp"
#include "core/base/random.hpp"
#include "core/event/algo_data.hpp"
#include "core/strategy/strategy.hpp"
#include "core/strategy/working_order.hpp"

namespace fermata {

/// An order that is worked over time, as a strategy asks for it.
struct AlgoRequest {
    AlgoKind kind = AlgoKind::kTwap;
    InstrumentId instrument;
    Side side = Side::kBuy;
    Quantity quantity;  ///< Whole lots.
    Timestamp begin{};  ///< Zero: now.
    Timestamp end{};    ///< TWAP, VWAP, shortfall: must be given. Else zero: until it is filled.
    Price price{};      ///< No child is priced beyond it; zero: none. Iceberg: its price, required.
    Ratio rate{};       ///< POV: share of the whole volume, in (0, 1). Shortfall: urgency k T >= 0.
    Quantity slice{};   ///< Iceberg and peg: at work at a time (zero: all). POV: smallest child.
    std::int32_t slices = 10;  ///< TWAP, VWAP, shortfall.
    Ratio randomness{};        ///< In [0, 1): see ScheduleTerms; iceberg: of the slices.
    std::uint64_t seed = 0;
    OffsetKind peg = OffsetKind::kPegPrimary;  ///< Peg only: to what, and ...
    Price offset{};                            ///< ... how far from it.
    VenueId venue{0xffff};                     ///< Of the children; 0xffff: the strategy's.
    /// TWAP, VWAP, POV, shortfall: each child goes where the router says (the router always does).
    bool routed = false;
};

/// Why a request makes no sense; empty when it does.
[[nodiscard]] std::string_view check(const AlgoRequest& request, Quantity lot,
                                     Timestamp now) noexcept;

/// Works the parent orders of one strategy: sends children when they are due, follows their fills,
/// ends with a report against the benchmarks. docs/algorithms.md describes each algorithm.
///
/// Hosted in the strategy's slot, so it sees what the strategy sees, at the same time and in the
/// same order; everything that it decides follows from events on record and from the seed on
/// record. A parent is an order at the order manager, which is never sent, adds up its children's
/// fills and refuses children beyond its quantity. Canceling the parent cancels the algorithm. Its
/// quantity and price in force are the algorithm's, whether a replace or a dividend changed them.
/// Memory: allocates when an algorithm begins, not while it works.
class AlgoDesk final : public Strategy {
public:
    /// Event time between attempts when a child is refused.
    static constexpr Duration kRetryEvery = Duration::seconds(1);

    /// Zero when `check` finds a fault. The algorithm begins when the gate passed the parent.
    OrderTag execute(StrategyContext& context, const AlgoRequest& request);
    /// No child is sent and none is left at work until it goes on. A schedule does not wait: what
    /// became due meanwhile is sent then. Closed sessions are like pauses, but for what is at work.
    /// False: there is no such algorithm.
    bool pause(StrategyContext& context, OrderTag parent);
    bool go_on(StrategyContext& context, OrderTag parent);
    /// Begins to learn the volume of an instrument over the day, which VWAP needs.
    void watch_volume(InstrumentId id);
    /// Days that VWAP could use now.
    [[nodiscard]] std::size_t days_watched(InstrumentId id) const noexcept;

    /// Before the first event. Without it nothing can be routed.
    void configure(const RoutingTable& table) { router_.configure(table); }

    /// It wants to see market events.
    [[nodiscard]] bool active() const noexcept {
        return !works_.empty() || !profiles_.empty() || router_.any();
    }
    [[nodiscard]] std::size_t working() const noexcept { return works_.size(); }

    void on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) override;
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) override;
    void on_trade(StrategyContext& context, InstrumentId id, const TradeData& trade) override;
    void on_session(StrategyContext& context, InstrumentId id, bool open) override;
    void on_halt(StrategyContext& context, InstrumentId id, bool halted) override;
    void on_timer(StrategyContext& context, std::uint64_t timer_id) override;
    void on_fill(StrategyContext& context, InstrumentId id, const FillData& fill) override;
    void on_order(StrategyContext& context, InstrumentId id,
                  const OrderUpdateData& update) override;
    bool persist(StateArchive& a) override;

private:
    enum class State : std::uint8_t {
        kAsked,    // the gate has not passed the parent yet
        kWorking,  //
        kPaused,
        kEnding,  // no more children; over when none is live
    };
    struct Work {
        AlgoData terms;
        InstrumentId instrument;
        std::uint32_t serial = 0;
        std::int32_t slices = 1;
        Side side = Side::kBuy;
        State state = State::kAsked;
        OffsetKind peg = OffsetKind::kNone;
        Price offset;
        VenueId venue;
        bool routed = false;
        bool closed = false;  // its session: the gate would refuse every child
        bool halted = false;  // trading there: the same
        std::vector<SchedulePoint> points;
        std::uint32_t next = 0;  // point
        Quantity due;            // by now
        Quantity filled;
        WorkingOrder child;
        Timestamp retry_at{0};  // a refused child is not sent again before
        Quantity child_sent, child_filled;
        std::uint32_t children = 0;
        Xoshiro256 random{0};
        // What the report needs.
        Price arrival, last;
        __int128 paid = 0;  // price x quantity of the fills, raw
        Money fees;
        Multiplier multiplier;
        double trade_value = 0, trade_volume = 0, bar_value = 0, bar_volume = 0;
        Timestamp bar_at{
            0};  // end of the last bar, or the session's opening; zero: neither was seen
        Duration bar_every{0};  // the shortest time between two bars; zero: not known
        double weighted = 0;    // mark x seconds
        Timestamp weighted_to;  // not before `began`
        Timestamp began;        // to work: the terms' beginning, or when the gate passed it later
        void persist(StateArchive& a);
    };
    struct Watched {
        InstrumentId instrument;
        VolumeProfile profile;
        void persist(StateArchive& a);
    };

    Work* find(OrderTag parent) noexcept;
    Watched* watched(InstrumentId id) noexcept;
    void begin(StrategyContext& context, Work& w);
    void plan(StrategyContext& context, Work& w);
    void begin_to_work(StrategyContext& context, Work& w);
    void amend(StrategyContext& context, Work& w, const OrderUpdateData& parent) noexcept;
    void rescale(StrategyContext& context, Work& w, Quantity before) noexcept;
    void work(StrategyContext& context, Work& w) noexcept;
    void set_child(StrategyContext& context, Work& w, Quantity quantity) noexcept;
    void bound_child(StrategyContext& context, Work& w, bool ask) noexcept;
    [[nodiscard]] static OrderRequest child_request(const Work& w, Quantity quantity) noexcept;
    [[nodiscard]] static bool is_beyond_bound(const Work& w, Price price) noexcept;
    /// POV: what may be filled by now, by the volume of the others.
    [[nodiscard]] static Quantity due_of_volume(StrategyContext& context, const Work& w) noexcept;
    /// Sends a child of at most `quantity` to the venue that the router chooses.
    void route_child(StrategyContext& context, Work& w, Quantity quantity) noexcept;
    void end(StrategyContext& context, Work& w) noexcept;
    void see(StrategyContext& context, Work& w, Price mark) noexcept;
    void see_volume(StrategyContext& context, Work& w) noexcept;
    /// Of a bar that ends now: the share that lies behind the beginning.
    [[nodiscard]] static double share_of_bar(StrategyContext& context, Work& w) noexcept;
    void record(StrategyContext& context, const Work& w, AlgoAction action) noexcept;
    void report(StrategyContext& context, Work& w) noexcept;

    std::vector<Work> works_;
    std::vector<Watched> profiles_;
    Router router_;
    std::uint32_t serial_ = 0;
};

}  // namespace fermata
