// What an execution algorithm sees of the market, and what it achieved against it. See
// algo_desk.hpp; the definitions stand in docs/algorithms.md.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/algo/algo_desk.hpp"
#include "core/indicator/to_double.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/rounding.hpp"

namespace fermata {
namespace {

double seconds(Duration d) noexcept { return static_cast<double>(d.ns) / 1e9; }

Price rounded(double value) noexcept {
    return price_on_tick(value, Price::from_raw(1), Rounding::kNearest);
}

}  // namespace

/// The mark was `w.last` until now and is `mark` from now on.
void AlgoDesk::see(StrategyContext& context, Work& w, Price mark) noexcept {
    if (w.state == State::kAsked) return;
    if (context.now() > w.weighted_to) {
        w.weighted += to_double(w.last) * seconds(context.now() - w.weighted_to);
        w.weighted_to = context.now();
    }
    w.last = mark;
    if (w.arrival.is_zero()) w.arrival = mark;
}

/// q = rho V / (1 - rho) with V the volume of the others.
Quantity AlgoDesk::due_of_volume(StrategyContext& context, const Work& w) noexcept {
    const double rho = to_double(w.terms.rate);
    const double volume = w.trade_volume > 0 ? w.trade_volume : w.bar_volume;
    return whole_lots(rho * volume / (1 - rho), context.instrument(w.instrument).lot);
}

void AlgoDesk::see_volume(StrategyContext& context, Work& w) noexcept {
    if (w.terms.kind != AlgoKind::kPov || w.state == State::kAsked) return;
    w.due = std::max(w.due, std::min(w.terms.quantity, due_of_volume(context, w)));
    work(context, w);
}

void AlgoDesk::on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) {
    router_.on_quote(context.stream(), id, quote);
    for (Work& w : works_) {
        if (w.instrument != id) continue;
        see(context, w, context.mark(id));
        // What was refused, or found no liquidity, is tried again.
        if (w.routed || w.terms.kind == AlgoKind::kIceberg || w.terms.kind == AlgoKind::kPeg ||
            w.child.held_back()) {
            work(context, w);
        }
    }
}

void AlgoDesk::on_trade(StrategyContext& context, InstrumentId id, const TradeData& trade) {
    if (Watched* p = watched(id)) p->profile.add(context.now(), trade.quantity);
    for (Work& w : works_) {
        if (w.instrument != id) continue;
        see(context, w, context.mark(id));
        if (w.state == State::kAsked || context.now() < w.terms.begin) continue;
        w.trade_value += to_double(trade.price) * to_double(trade.quantity);
        w.trade_volume += to_double(trade.quantity);
        see_volume(context, w);
    }
}

/// How long a bar lasts is not told; it is the shortest time between two that were seen. While
/// there was one only, all of it counts.
double AlgoDesk::share_of_bar(StrategyContext& context, Work& w) noexcept {
    const Timestamp last = std::exchange(w.bar_at, context.now());
    const Duration apart = context.now() - last;
    if (last.ns != 0 && apart.ns > 0 && (w.bar_every.ns == 0 || apart < w.bar_every)) {
        w.bar_every = apart;
    }
    const Duration since = context.now() - w.terms.begin;
    if (since.ns <= 0) return 0;
    return w.bar_every.ns == 0 ? 1 : std::min(seconds(since) / seconds(w.bar_every), 1.0);
}

/// A bar stands for its trades at (high + low + close) / 3, where no trades are seen. Its volume
/// counts as evenly spread over it.
void AlgoDesk::on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) {
    if (Watched* p = watched(id)) {
        // A bar's volume belongs to the time before its end.
        p->profile.add(context.now() - Duration::nanoseconds(1), bar.volume);
    }
    for (Work& w : works_) {
        if (w.instrument != id) continue;
        see(context, w, context.mark(id));
        const double share = share_of_bar(context, w);
        if (w.state == State::kAsked || share == 0) continue;
        const double typical =
            (to_double(bar.high) + to_double(bar.low) + to_double(bar.close)) / 3;
        const double volume = share * to_double(bar.volume);
        w.bar_value += typical * volume;
        w.bar_volume += volume;
        see_volume(context, w);
        if (w.terms.kind == AlgoKind::kIceberg || w.terms.kind == AlgoKind::kPeg) {
            work(context, w);
        }
    }
}

void AlgoDesk::report(StrategyContext& context, Work& w) noexcept {
    see(context, w, w.last);
    OrderEvent e = make_order_event(OrderEventType::kAlgoReport, context.now(), w.instrument);
    e.data.algo_report = AlgoReportData{};
    AlgoReportData& d = e.data.algo_report;
    d.tag = w.terms.tag;
    d.quantity = w.terms.quantity;
    d.filled = w.filled;
    d.arrival = w.arrival;
    d.last = w.last;
    d.strategy = w.terms.strategy;
    constexpr std::uint32_t kMostCounted = std::numeric_limits<std::uint16_t>::max();
    d.children = static_cast<std::uint16_t>(std::min(w.children, kMostCounted));
    d.kind = w.terms.kind;
    d.side = w.side;
    if (w.filled.is_positive()) {
        const auto average = divide_half_even(w.paid, w.filled.raw());
        if (average) d.average = Price::from_raw(*average);
    }
    const bool trades = w.trade_volume > 0;
    const double volume = trades ? w.trade_volume : w.bar_volume;
    if (volume > 0) d.interval_vwap = rounded((trades ? w.trade_value : w.bar_value) / volume);
    d.market_volume = whole_lots(volume, Quantity::from_raw(1));
    const double lasted = seconds(context.now() - w.began);
    d.interval_twap = lasted > 0 ? rounded(w.weighted / lasted) : w.last;
    // IS = s [sum q_k (p_k - p_0) + (Q - sum q_k) (p_T - p_0)] + fees
    const __int128 filled = w.filled.raw();
    const __int128 left = w.terms.quantity.raw() - filled;
    const __int128 paid_more = w.paid - filled * w.arrival.raw();
    const __int128 missed = left * (w.last.raw() - w.arrival.raw());
    const __int128 cost = (paid_more + missed) * sign(w.side);
    // raw price x raw quantity is 1e-17, times the multiplier in 1e-8; rounded once, to 1e-6. The
    // multiplier in lowest terms keeps the product small.
    constexpr __int128 kToMoney = 100'000'000'000;
    const std::int64_t common = std::gcd(w.multiplier.raw(), std::int64_t{Multiplier::kOne});
    __int128 product = 0;
    if (!__builtin_mul_overflow(cost, static_cast<__int128>(w.multiplier.raw() / common),
                                &product)) {
        const auto money = divide_half_even(product, kToMoney * (Multiplier::kOne / common));
        std::int64_t sum = 0;
        if (money && !__builtin_add_overflow(*money, w.fees.raw(), &sum)) {
            d.shortfall = Money::from_raw(sum);
        }
    }
    context.record(e);
}

}  // namespace fermata
