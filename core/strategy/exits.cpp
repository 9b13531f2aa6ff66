#include "core/strategy/exits.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/indicator/to_double.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/rounding.hpp"

namespace fermata {
namespace {

using Kind = ExitDistance::Kind;

Quantity magnitude(Quantity q) noexcept { return q.is_negative() ? -q : q; }

/// Timers of the manager: instrument in the upper half, the entry's number below.
std::uint64_t timer_of(InstrumentId id, std::uint64_t entry) noexcept {
    return (std::uint64_t{id.value} & 0x0fff'ffff) << 32 | (entry & 0xffff'ffff);
}

}  // namespace

void ExitManager::on_start(StrategyContext& context) {
    for (const InstrumentId id : context.instruments()) {
        Guard g;
        g.instrument = id;
        g.atr = Atr(rules_.atr_period);
        g.targets.resize(rules_.targets.size());
        g.target_filled.resize(rules_.targets.size());
        g.position = context.position(id);
        g.inherited = !g.position.is_zero();
        g.entry = to_double(context.opening_cost(id));
        guards_.push_back(std::move(g));
    }
}

ExitManager::Guard* ExitManager::find(InstrumentId id) noexcept {
    for (Guard& g : guards_) {
        if (g.instrument == id) return &g;
    }
    return nullptr;
}

template <class F>
void ExitManager::for_each_order(Guard& g, F&& f) {
    f(g.stop);
    f(g.trail);
    f(g.close);
    f(g.add);
    for (WorkingOrder& target : g.targets) f(target);
}

double ExitManager::distance(const ExitDistance& d, const Guard& g) const noexcept {
    switch (d.kind) {
        case Kind::kNone:
            return 0;
        case Kind::kPrice:
            return d.value * g.scale;
        case Kind::kPercent:
            return d.value * std::fabs(g.entry);
        case Kind::kAtr:
            return d.value * g.entry_atr;
        case Kind::kRisk:
            return d.value * distance(rules_.stop, g);
    }
    return 0;
}

std::uint8_t ExitManager::flags(InstrumentId id) const noexcept {
    const bool shared = std::find(shared_.begin(), shared_.end(), id) != shared_.end();
    return shared ? kOrderExit : kOrderExit | kOrderReduceOnly;
}

bool ExitManager::unprotected(const Guard& g) noexcept {
    const Quantity position = magnitude(g.position);
    const auto gone = [&](const WorkingOrder& order) {
        return order.refused() && order.leaves() < position;
    };
    return gone(g.stop) || gone(g.trail);
}

bool ExitManager::lacks_atr(const Guard& g) const noexcept {
    if (g.entry_atr > 0) return false;
    const auto needs = [](const ExitDistance& d) { return d.kind == Kind::kAtr; };
    return needs(rules_.stop) || rules_.trail == ExitRules::Trail::kChandelier ||
           (rules_.trail == ExitRules::Trail::kOrder && needs(rules_.trail_distance)) ||
           std::any_of(rules_.targets.begin(), rules_.targets.end(),
                       [&](const ExitRules::Target& t) { return needs(t.distance); }) ||
           (rules_.adds > 0 && needs(rules_.add_distance));
}

/// A position began.
void ExitManager::opened(StrategyContext& context, Guard& g) noexcept {
    ++g.entries;
    g.bars = 0;
    g.added = 0;
    g.largest = g.first_entry = magnitude(g.position);
    g.last_entry = g.extreme = g.entry;
    g.stop_price = 0;
    g.stop_shift = g.target_shift = g.add_shift = 0;
    g.entry_atr = g.atr.ready() ? g.atr.value() : 0;
    g.link = context.new_link();
    std::fill(g.target_filled.begin(), g.target_filled.end(), Quantity::zero());
    g.leaving = lacks_atr(g);
    if (rules_.after.ns > 0) {
        context.set_timer(timer_of(g.instrument, g.entries), context.now() + rules_.after);
    }
}

void ExitManager::adopt(StrategyContext& context, Guard& g) noexcept {
    g.entry_atr = g.atr.ready() ? g.atr.value() : 0;
    if (lacks_atr(g)) return;
    g.inherited = false;
    if (!g.position.is_zero()) opened(context, g);
    update(context, g);
}

void ExitManager::on_fill(StrategyContext& context, InstrumentId id, const FillData& fill) {
    Guard* found = find(id);
    if (found == nullptr) return;
    Guard& g = *found;
    for_each_order(g, [&](WorkingOrder& order) {
        if (order.owns(fill.tag)) order.on_fill(fill);
    });
    for (std::size_t t = 0; t < g.targets.size(); ++t) {
        if (g.targets[t].owns(fill.tag)) g.target_filled[t] += fill.quantity;
    }
    const Quantity before = g.position;
    const Quantity after = fill.strategy_position_after;
    const double price = to_double(fill.price);
    g.position = after;
    const bool same_side = before.is_zero() || before.is_negative() == after.is_negative();
    if (after.is_zero()) {
        g.leaving = g.inherited = false;
    } else if (before.is_zero() || !same_side) {
        g.inherited = false;
        g.entry = price;
        opened(context, g);
    } else if (magnitude(after) > magnitude(before)) {
        const double old = std::fabs(to_double(before));
        const double now = std::fabs(to_double(after));
        g.entry = (g.entry * old + price * (now - old)) / now;
        g.last_entry = price;
        g.add_shift = 0;
        g.largest = std::max(g.largest, magnitude(after));
        if (g.add.owns(fill.tag)) {
            if (g.add.leaves().is_zero()) ++g.added;
        } else if (g.added == 0) {
            g.first_entry = magnitude(after);  // the entry came in parts
        }
    }
    update(context, g);
}

void ExitManager::on_order(StrategyContext& context, InstrumentId id,
                           const OrderUpdateData& update) {
    Guard* g = find(id);
    if (g == nullptr) return;
    bool mine = false;
    for_each_order(*g, [&](WorkingOrder& order) {
        if (!order.owns(update.tag)) return;
        order.on_order(update);
        mine = true;
    });
    if (!mine) return;
    if (!g->leaving && !g->position.is_zero() && unprotected(*g)) {
        g->leaving = true;
        return this->update(context, *g);
    }
    // The terms that were wanted are of before the action.
    if (update.reason == OrderReason::kCorporateAction) return this->update(context, *g);
    sync(context, *g);
}

void ExitManager::update(StrategyContext& context, Guard& g) noexcept {
    g.position = context.position(g.instrument);  // a split changes it without a fill
    if (g.inherited && !g.position.is_zero()) return;
    for_each_order(g, [](WorkingOrder& order) { order.withdraw(); });
    if (g.position.is_zero()) return sync(context, g);
    if (g.leaving) {
        OrderRequest out;
        out.instrument = g.instrument;
        out.side = g.position.is_positive() ? Side::kSell : Side::kBuy;
        out.quantity = magnitude(g.position);
        out.flags = flags(g.instrument);
        g.close.want(out);
        return sync(context, g);
    }
    set_protection(context, g);
    set_add(context, g);
    sync(context, g);
}

void ExitManager::set_protection(StrategyContext& context, Guard& g) noexcept {
    const bool is_long = g.position.is_positive();
    const double up = is_long ? 1 : -1;
    const Price tick = context.instrument(g.instrument).tick_at(context.now());
    const Quantity lot = context.instrument(g.instrument).lot;
    // Towards the entry: a long position's stop is rounded up, its target, too (away from it).
    const Rounding rounding = is_long ? Rounding::kUp : Rounding::kDown;
    OrderRequest base;
    base.instrument = g.instrument;
    base.side = is_long ? Side::kSell : Side::kBuy;
    base.quantity = magnitude(g.position);
    base.flags = flags(g.instrument);
    base.link = g.link;
    base.link_role = LinkRole::kOuo;

    if (rules_.stop.kind != Kind::kNone) {
        OrderRequest stop = base;
        stop.type = OrderType::kStop;
        stop.stop_price =
            price_on_tick(g.entry - up * distance(rules_.stop, g) + g.stop_shift, tick, rounding);
        g.stop.want(stop);
    }
    if (rules_.trail == ExitRules::Trail::kOrder) {
        OrderRequest trail = base;
        trail.type = OrderType::kTrailingStop;
        if (rules_.trail_distance.kind == Kind::kPercent) {
            trail.offset_kind = OffsetKind::kTrailPercent;
            trail.offset = static_cast<std::int64_t>(
                std::llround(rules_.trail_distance.value * static_cast<double>(Ratio::kOne)));
        } else {
            trail.offset_kind = OffsetKind::kTrailPrice;
            trail.offset = std::max(price_on_tick(distance(rules_.trail_distance, g), tick,
                                                  Rounding::kNearest),
                                    tick)
                               .raw();
        }
        g.trail.want(trail);
    } else if (rules_.trail == ExitRules::Trail::kChandelier) {
        const double level = g.extreme - up * rules_.trail_distance.value * g.atr.value();
        if (g.stop_price == 0 || up * level > up * g.stop_price) g.stop_price = level;
        OrderRequest trail = base;
        trail.type = OrderType::kStop;
        trail.stop_price = price_on_tick(g.stop_price, tick, rounding);
        g.trail.want(trail);
    }
    Quantity unassigned = magnitude(g.position);
    Quantity whole = g.largest;  // less what earlier targets are for
    double sum = 0;
    for (std::size_t t = 0; t < g.targets.size(); ++t) {
        const ExitRules::Target& rule = rules_.targets[t];
        sum += rule.fraction;
        // The last of targets that close everything takes what the rounding of the others left.
        const Quantity all =
            sum > 1 - 1e-9 ? whole : whole_lots(rule.fraction * to_double(g.largest), lot);
        whole -= std::min(all, whole);
        if (g.target_filled[t] >= all) continue;
        OrderRequest target = base;
        target.type = OrderType::kLimit;
        target.quantity = std::min(all - g.target_filled[t], unassigned);
        unassigned -= target.quantity;
        target.price = price_on_tick(g.entry + up * distance(rule.distance, g) + g.target_shift,
                                     tick, rounding);
        if (target.quantity.is_positive()) g.targets[t].want(target);
    }
}

void ExitManager::set_add(StrategyContext& context, Guard& g) noexcept {
    if (g.added >= rules_.adds) return;
    const bool is_long = g.position.is_positive();
    const double move = distance(rules_.add_distance, g);
    const Instrument& instrument = context.instrument(g.instrument);
    OrderRequest add;
    add.instrument = g.instrument;
    add.side = is_long ? Side::kBuy : Side::kSell;
    add.quantity = whole_lots(rules_.add_fraction * to_double(g.first_entry), instrument.lot);
    if (g.add.leaves().is_positive()) add.quantity = std::min(add.quantity, g.add.leaves());
    add.flags = kOrderExit;
    const Price level = price_on_tick(g.last_entry + (is_long ? move : -move) + g.add_shift,
                                      instrument.tick_at(context.now()), Rounding::kNearest);
    if (rules_.add_distance.value > 0) {  // with the market: a stop order
        add.type = OrderType::kStop;
        add.stop_price = level;
    } else {
        add.type = OrderType::kLimit;
        add.price = level;
    }
    if (add.quantity.is_positive()) g.add.want(add);
}

/// Nothing that opens is sent while something that closes is under way, and the other way round:
/// a position is closed at the market only when no other order could close it, too.
void ExitManager::sync(StrategyContext& context, Guard& g) noexcept {
    bool others = false;
    for_each_order(g, [&](WorkingOrder& order) {
        if (&order == &g.close) return;
        order.sync(context, g.closed || g.halted);
        others = others || order.is_live();
    });
    if (!g.leaving || !others) g.close.sync(context, g.closed || g.halted);
}

void ExitManager::on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) {
    Guard* g = find(id);
    if (g == nullptr) return;
    g->atr.update(to_double(bar.high), to_double(bar.low), to_double(bar.close));
    if (g->position.is_zero()) return;
    if (g->inherited) return adopt(context, *g);
    if (std::exchange(g->resumed, false)) {
        for_each_order(*g, [](WorkingOrder& order) { order.retry(); });
    }
    ++g->bars;
    g->extreme = g->position.is_positive() ? std::max(g->extreme, to_double(bar.high))
                                           : std::min(g->extreme, to_double(bar.low));
    if (rules_.bars > 0 && g->bars >= rules_.bars) g->leaving = true;
    if (g->leaving) return leave(context, *g);
    update(context, *g);
}

/// A position that is to be closed and whose order was refused is tried again at later prices.
void ExitManager::on_quote(StrategyContext& context, InstrumentId id, const QuoteData&) {
    on_price(context, id);
}
void ExitManager::on_trade(StrategyContext& context, InstrumentId id, const TradeData&) {
    on_price(context, id);
}

void ExitManager::on_price(StrategyContext& context, InstrumentId id) noexcept {
    Guard* g = find(id);
    if (g == nullptr) return;
    if (g->inherited) return adopt(context, *g);
    if (std::exchange(g->resumed, false)) return go_on(context, *g);
    ask_again(context, *g);
    if (g->leaving) leave(context, *g);
}

/// What found no session with its venue.
void ExitManager::ask_again(StrategyContext& context, Guard& g) noexcept {
    bool held_back = false;
    for_each_order(g, [&](const WorkingOrder& order) { held_back |= order.held_back(); });
    if (!held_back || context.now() < g.retry_at) return;
    g.retry_at = context.now() + kRetryEvery;
    for_each_order(g, [](WorkingOrder& order) {
        if (order.held_back()) order.retry();
    });
    sync(context, g);
}

/// The market takes orders again.
void ExitManager::go_on(StrategyContext& context, Guard& g) noexcept {
    if (g.position.is_zero()) return;
    for_each_order(g, [](WorkingOrder& order) { order.retry(); });
    update(context, g);
}

void ExitManager::leave(StrategyContext& context, Guard& g) noexcept {
    if (g.close.refused() && context.now() >= g.retry_at) {
        g.close.retry();
        g.retry_at = context.now() + kRetryEvery;
    }
    update(context, g);
}

void ExitManager::on_session(StrategyContext& context, InstrumentId id, bool open) {
    Guard* g = find(id);
    if (g == nullptr) return;
    g->closed = !open;
    if (open) go_on(context, *g);
}

/// The first price behind a halt is the first to place an order at, too.
void ExitManager::on_halt(StrategyContext&, InstrumentId id, bool halted) {
    Guard* g = find(id);
    if (g == nullptr) return;
    g->halted = halted;
    g->resumed = !halted;
}

void ExitManager::on_timer(StrategyContext& context, std::uint64_t timer_id) {
    for (Guard& g : guards_) {
        if (timer_of(g.instrument, g.entries) != timer_id || g.position.is_zero()) continue;
        g.leaving = true;
        update(context, g);
    }
}

void ExitManager::on_corporate_action(StrategyContext& context, InstrumentId id,
                                      const CorporateActionData& action) {
    Guard* g = find(id);
    if (g == nullptr) return;
    if (action.kind == CorporateActionKind::kDividend) {
        // As those of open orders: sell stops and buy limits, adjust_open_order.
        const double cash = to_double(action.cash);
        if (g->position.is_positive()) {
            g->stop_shift -= cash;
            g->extreme -= cash;
            if (g->stop_price != 0) g->stop_price -= cash;
        } else {
            g->target_shift -= cash;
        }
        const bool with_market = rules_.add_distance.value > 0;
        if (with_market != g->position.is_positive()) g->add_shift -= cash;
        return;
    }
    const double shares =
        static_cast<double>(action.numerator) / static_cast<double>(action.denominator);
    g->atr.rescale(1 / shares);
    for (double* price : {&g->entry, &g->last_entry, &g->extreme, &g->stop_price, &g->entry_atr,
                          &g->scale, &g->stop_shift, &g->target_shift, &g->add_shift}) {
        *price /= shares;
    }
    const Quantity lot = context.instrument(id).lot;
    const auto rescale = [&](Quantity& q) { q = whole_lots(to_double(q) * shares, lot); };
    rescale(g->largest);
    rescale(g->first_entry);
    for (Quantity& q : g->target_filled) rescale(q);
    // The orders and the position are rescaled where they are kept; a report says so.
}

void ExitManager::Guard::persist(StateArchive& a) {
    a(instrument, atr, position, largest, first_entry, entry, last_entry, extreme, stop_price,
      entry_atr, scale, stop_shift, target_shift, add_shift, entries, retry_at, link, bars, added,
      leaving, closed, halted, resumed, inherited, stop, trail, close, add, targets, target_filled);
}

bool ExitManager::persist(StateArchive& a) {
    a(guards_);
    return true;
}

}  // namespace fermata
