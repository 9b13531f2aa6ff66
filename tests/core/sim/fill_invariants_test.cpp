// Whatever the market does and whatever is sent: what must hold of every report.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "core/indicator/to_double.hpp"
#include "core/types/number.hpp"
#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

/// A random world, and a plain record of what was asked and what came of it.
class World {
public:
    /// With `restarts` a second exchange sees the same and is restarted from its own state all the
    /// time: it must report the same.
    explicit World(bool restarts = false)
        : config_(random_config()),
          setup_{.kind = *rc::gen::element(AccountKind::kCash, AccountKind::kMargin),
                 .position = "20",
                 .lot = "1"},
          x_(config_, setup_),
          restarted_(config_, setup_),
          restarts_(restarts) {}

    void run_on_bars() {
        for (int minute = 0; minute < 12; ++minute) {
            const std::int64_t start = minute * 60;
            const BarData bar = random_bar();
            send_some(start);
            show(make_bar_open(at(start), x_.instrument(), StreamId{0}, bar.open, bar.volume),
                 bar.open, bar.open);
            if (*rc::gen::inRange(0, 3) == 0) send_some(start + 30);
            show(make_bar(at(start + 60), x_.instrument(), StreamId{0}, bar), bar.low, bar.high);
            // With latency out the reports of a bar come later, and cannot be told apart by it.
            if (!config_.fill.participation.is_zero() && config_.latency_out == Duration{}) {
                RC_ASSERT(filled_in_bar_ <= cap(bar.volume));
            }
            filled_in_bar_ = Quantity::zero();
        }
        finish();
    }

    void run_on_ticks() {
        for (int second = 0; second < 40; ++second) {
            if (*rc::gen::inRange(0, 2) == 0) send_some(second);
            const Price low = random_price();
            if (*rc::gen::inRange(0, 3) == 0) {
                TradeData trade;
                trade.price = low;
                trade.quantity = Quantity::from_units(*rc::gen::inRange(0, 50));
                on_trade_ = true;
                show(make_trade(at(second), x_.instrument(), StreamId{2}, trade), std::nullopt,
                     std::nullopt);
                on_trade_ = false;
                // Resting orders get the trade, stops that it woke up get the quote.
                if (config_.latency_out == Duration{}) {
                    RC_ASSERT(filled_by_makers_ <= cap_or(trade.quantity, trade.quantity));
                }
            } else {
                const Price high = low + px("0.05");
                const auto size = [] { return Quantity::from_units(*rc::gen::inRange(0, 50)); };
                const QuoteData quote{low, size(), high, size()};
                show(make_quote(at(second), x_.instrument(), StreamId{1}, quote), std::nullopt,
                     std::nullopt);
            }
            filled_by_makers_ = Quantity::zero();
            filled_in_bar_ = Quantity::zero();
        }
        finish();
    }

private:
    struct Asked {
        NewOrderData terms;
        Timestamp arrives;
        Quantity cumulative = {};
        bool over = false;
        bool rejected = false;
        bool accepted = false;
        bool rival_filled = false;  // another order of its OCO group
    };

    template <class Act>
    void both(Act&& act) {
        act(x_);
        if (!restarts_) return;
        restarted_.restart(config_, setup_);
        act(restarted_);
        RC_ASSERT(!::testing::Test::HasFailure());
        RC_ASSERT(test::state_of(x_.exchange()) == test::state_of(restarted_.exchange()));
    }
    void compare_reports() const {
        RC_ASSERT(restarted_.reports().size() == x_.reports().size());
        for (std::size_t n = 0; n < x_.reports().size(); ++n) {
            RC_ASSERT(std::memcmp(&x_.reports()[n], &restarted_.reports()[n], sizeof(OrderEvent)) ==
                      0);
        }
    }

    static SimConfig random_config() {
        SimConfig config;
        config.fill.path =
            *rc::gen::element(BarPath::kAdverse, BarPath::kOptimistic, BarPath::kOpenHighLowClose,
                              BarPath::kOpenLowHighClose);
        config.fill.limit = *rc::gen::element(LimitFill::kTouch, LimitFill::kThrough);
        config.fill.market = *rc::gen::element(MarketFill::kNextOpen, MarketFill::kNextPrice);
        config.fill.participation = *rc::gen::element(ratio("0"), ratio("0.1"), ratio("0.37"));
        config.slippage.model = *rc::gen::element(SlippageModel::kNone, SlippageModel::kFixed);
        config.slippage.amount = px("0.03");
        config.fees.model = *rc::gen::element(FeeModel::kNone, FeeModel::kProportional,
                                              FeeModel::kPerShare, FeeModel::kMakerTaker);
        config.fees.rate = ratio("0.001");
        config.fees.per_share = px("0.005");
        config.fees.minimum = usd("1");
        config.fees.maker = ratio("-0.0001");
        config.fees.taker = ratio("0.0003");
        config.latency_in = *rc::gen::element(Duration{}, Duration::milliseconds(700));
        config.latency_out = *rc::gen::element(Duration{}, Duration::milliseconds(300));
        return config;
    }
    /// Few distinct prices, so that levels are met exactly.
    static Price random_price() {
        return Price::from_raw(px("100").raw() + px("0.1").raw() * *rc::gen::inRange(-15, 16));
    }
    static BarData random_bar() {
        BarData bar{random_price(), random_price(), random_price(), random_price(),
                    Quantity::from_units(*rc::gen::inRange(0, 400))};
        bar.high = std::max({bar.open, bar.high, bar.low, bar.close});
        bar.low = std::min({bar.open, bar.low, bar.close});
        return bar;
    }

    /// Any type with any time in force that goes with it, and any flags that go with both; groups
    /// of linked orders 1 to 3.
    static Ticket random_ticket() {
        Ticket ticket;
        NewOrderData& d = ticket.data;
        d.side = *rc::gen::element(Side::kBuy, Side::kSell);
        d.type = static_cast<OrderType>(*rc::gen::inRange(0, kOrderTypeCount));
        d.quantity = Quantity::from_units(*rc::gen::inRange(1, 40));
        d.price = random_price();
        d.stop_price = random_price();
        const auto small = [] { return px("0.1").raw() * *rc::gen::inRange(1, 8); };
        if (is_trailing(d.type)) {
            d.offset_kind = *rc::gen::element(OffsetKind::kTrailPrice, OffsetKind::kTrailPercent);
            d.offset = d.offset_kind == OffsetKind::kTrailPrice ? small() : small() / 100;
            d.price = Price::from_raw(*rc::gen::element(-1, 0, 1) * small());
            if (*rc::gen::arbitrary<bool>()) d.stop_price = Price::zero();
        } else if (d.type == OrderType::kPegged) {
            d.offset_kind = *rc::gen::element(OffsetKind::kPegMid, OffsetKind::kPegPrimary,
                                              OffsetKind::kPegMarket);
            d.offset = *rc::gen::element(-1, 0, 1) * small();
            if (*rc::gen::arbitrary<bool>()) d.price = Price::zero();
        }
        const bool plain = d.type == OrderType::kMarket || d.type == OrderType::kLimit;
        const bool at_once = plain || d.type == OrderType::kMarketToLimit;
        d.tif = plain ? static_cast<TimeInForce>(*rc::gen::inRange(0, kTimeInForceCount))
                : at_once
                    ? *rc::gen::element(TimeInForce::kGtc, TimeInForce::kIoc, TimeInForce::kFok)
                    : *rc::gen::element(TimeInForce::kGtc, TimeInForce::kGtd, TimeInForce::kDay);
        const bool rests = d.type != OrderType::kMarket && d.type != OrderType::kStop &&
                           d.type != OrderType::kMarketToLimit &&
                           d.type != OrderType::kMarketIfTouched &&
                           d.type != OrderType::kTrailingStop && d.tif <= TimeInForce::kGtd;
        if (rests && *rc::gen::inRange(0, 4) == 0) d.flags |= kOrderPostOnly;
        if (rests && *rc::gen::inRange(0, 3) == 0) {
            d.display_quantity = std::min(d.quantity, qty("5"));
        }
        if (*rc::gen::inRange(0, 5) == 0) d.flags |= kOrderReduceOnly;
        if (*rc::gen::inRange(0, 3) == 0) {
            d.link = static_cast<std::uint32_t>(*rc::gen::inRange(1, 4));
            d.link_role = d.link == 1 ? LinkRole::kOco : LinkRole::kOuo;
        }
        return ticket;
    }

    void send_some(std::int64_t seconds) {
        const int count = *rc::gen::inRange(0, 4);
        for (int n = 0; n < count; ++n) {
            Ticket ticket = random_ticket();
            ticket.data.expire_time = at(seconds + *rc::gen::inRange(5, 200));
            asked_.push_back({ticket.data, at(seconds) + config_.latency_in, {}});
            both([&](Exchange& x) { x.send(seconds, ticket); });
            check(std::nullopt, std::nullopt);
        }
        if (!asked_.empty() && *rc::gen::inRange(0, 4) == 0) {
            const auto order = *rc::gen::inRange<std::uint64_t>(1, asked_.size() + 1);
            both([&](Exchange& x) { x.cancel(seconds, order); });
            check(std::nullopt, std::nullopt);
        }
    }

    void show(const MarketEvent& e, std::optional<Price> low, std::optional<Price> high) {
        both([&](Exchange& x) { x.show(e); });
        check(config_.latency_out > Duration{} ? std::nullopt : low,
              config_.latency_out > Duration{} ? std::nullopt : high);
        if (config_.latency_out > Duration{}) return;
        for (const Asked& asked : asked_) {
            if (asked.terms.tif == TimeInForce::kIoc) {
                RC_ASSERT((asked.over || asked.cumulative.is_zero()));  // nothing is left of it
            }
        }
    }

    void finish() {
        while (x_.exchange().next_due() != Timestamp::never()) {
            const Timestamp due = x_.exchange().next_due();
            both([&](Exchange& x) { x.advance(due); });
        }
        if (restarts_) compare_reports();
        check(std::nullopt, std::nullopt);
        std::size_t open = 0;
        for (const Asked& asked : asked_) {
            open += asked.over ? 0 : 1;
            RC_ASSERT((asked.over || !asked.rival_filled));
        }
        RC_ASSERT(open == x_.exchange().live_orders());
        RC_ASSERT(usd(x_.cash()) == cash_);
        RC_ASSERT(qty(x_.position()) == position_);
    }

    /// Checks the reports that are new, of which the prices must lie in [low, high] where given.
    void check(std::optional<Price> low, std::optional<Price> high) {
        for (; checked_ < x_.reports().size(); ++checked_) {
            const OrderEvent& e = x_.reports()[checked_];
            const ExecutionData& report = e.data.execution;
            Asked& asked = asked_.at(report.order_id.value - 1);
            if (report.exec_type == ExecType::kCancelRejected) {
                RC_ASSERT(asked.over);
                continue;
            }
            RC_ASSERT(!asked.over);
            if (report.exec_type == ExecType::kNew) asked.accepted = true;
            RC_ASSERT(e.ts >= asked.arrives + config_.latency_out);
            if (report.exec_type == ExecType::kRestated) {
                RC_ASSERT(report.leaves_quantity.is_positive());
                asked.terms.quantity = report.cumulative_quantity + report.leaves_quantity;
            } else if (report.exec_type == ExecType::kTrade) {
                check_fill(report, asked, low, high);
            } else if (report.exec_type != ExecType::kNew &&
                       report.exec_type != ExecType::kTriggered) {
                asked.over = true;
                RC_ASSERT(report.leaves_quantity.is_zero());
                // A rejection comes before any fill.
                if (report.exec_type == ExecType::kRejected) {
                    RC_ASSERT(asked.cumulative.is_zero());
                }
            }
        }
    }

    void check_fill(const ExecutionData& fill, Asked& asked, std::optional<Price> low,
                    std::optional<Price> high) {
        const bool buy = asked.terms.side == Side::kBuy;
        asked.cumulative += fill.last_quantity;
        RC_ASSERT(fill.last_quantity.is_positive());
        RC_ASSERT(fill.cumulative_quantity == asked.cumulative);
        const Quantity total = fill.cumulative_quantity + fill.leaves_quantity;
        if (asked.terms.link_role == LinkRole::kOuo) {
            RC_ASSERT(total <= asked.terms.quantity);  // reduced in this event, reported at its end
        } else {
            RC_ASSERT(total == asked.terms.quantity);
        }
        check_flags(fill, asked);
        if (asked.terms.tif == TimeInForce::kFok) RC_ASSERT(fill.leaves_quantity.is_zero());
        asked.over = fill.leaves_quantity.is_zero();
        if (has_limit_price(asked.terms.type)) {
            RC_ASSERT((buy ? fill.last_price <= asked.terms.price
                           : fill.last_price >= asked.terms.price));
        }
        const Price slip =
            config_.slippage.model == SlippageModel::kFixed && fill.liquidity == Liquidity::kTaker
                ? px("0.03")
                : Price::zero();
        // A post-only order through which the market gaps was in its book, and is hit there.
        if ((asked.terms.flags & kOrderPostOnly) != 0) low = high = std::nullopt;
        if (low) RC_ASSERT(fill.last_price >= *low - (buy ? Price::zero() : slip));
        if (high) RC_ASSERT(fill.last_price <= *high + (buy ? slip : Price::zero()));
        filled_in_bar_ += fill.last_quantity;
        if (on_trade_ && fill.liquidity == Liquidity::kMaker) {
            filled_by_makers_ += fill.last_quantity;
        }

        const Money value =
            notional(fill.last_price, fill.last_quantity, Multiplier::from_units(1)).value();
        cash_ += (buy ? -value : value) - fill.fee;
        position_ += buy ? fill.last_quantity : -fill.last_quantity;
        if (setup_.kind == AccountKind::kCash) {
            RC_ASSERT(!position_.is_negative());
            if (buy) RC_ASSERT(!cash_.is_negative());
        }
    }

    void check_flags(const ExecutionData& fill, const Asked& asked) {
        const bool buy = asked.terms.side == Side::kBuy;
        if ((asked.terms.flags & kOrderPostOnly) != 0) {
            RC_ASSERT(fill.liquidity == Liquidity::kMaker);
        }
        if ((asked.terms.flags & kOrderReduceOnly) != 0) {
            RC_ASSERT((buy ? position_ + fill.last_quantity <= Quantity::zero()
                           : position_ - fill.last_quantity >= Quantity::zero()));
        }
        // The first fill of a group ends whatever else of it was there.
        RC_ASSERT(!asked.rival_filled);
        if (asked.terms.link_role != LinkRole::kOco) return;
        for (Asked& other : asked_) {
            const bool rival = &other != &asked && other.terms.link_role == LinkRole::kOco;
            if (rival && other.accepted && !other.over) other.rival_filled = true;
        }
    }

    [[nodiscard]] Quantity cap(Quantity volume) const {
        return Quantity::from_units(static_cast<std::int64_t>(
            to_double(volume) * to_double(config_.fill.participation) + 1e-9));
    }
    [[nodiscard]] Quantity cap_or(Quantity volume, Quantity otherwise) const {
        return config_.fill.participation.is_zero() ? otherwise : cap(volume);
    }

    SimConfig config_;
    Exchange::Setup setup_;
    Exchange x_;
    Exchange restarted_;
    bool restarts_;
    std::vector<Asked> asked_;
    std::size_t checked_ = 0;
    Quantity filled_in_bar_;
    Quantity filled_by_makers_;
    bool on_trade_ = false;
    Money cash_ = usd("100000");
    Quantity position_ = qty("20");
};

RC_GTEST_PROP(FillInvariants, HoldOnBars, ()) { World().run_on_bars(); }
RC_GTEST_PROP(FillInvariants, HoldOnQuotesAndTrades, ()) { World().run_on_ticks(); }

RC_GTEST_PROP(SimulatedExchange, GoesOnAfterARestartAsIfNothingHadHappenedOnBars, ()) {
    World(true).run_on_bars();
}
RC_GTEST_PROP(SimulatedExchange, GoesOnAfterARestartAsIfNothingHadHappenedOnTicks, ()) {
    World(true).run_on_ticks();
}

}  // namespace
}  // namespace fermata
