#include "core/algo/algo_desk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/indicator/to_double.hpp"
#include "core/strategy/context.hpp"
#include "core/strategy/rounding.hpp"

namespace fermata {
namespace {

enum class TimerKind : std::uint8_t { kPoint = 0, kEnd = 1, kBegin = 2 };

std::uint64_t timer_of(std::uint32_t serial, TimerKind kind) noexcept {
    return std::uint64_t{serial} << 2 | static_cast<std::uint64_t>(kind);
}
bool is_scheduled(AlgoKind kind) noexcept {
    return kind == AlgoKind::kTwap || kind == AlgoKind::kVwap || kind == AlgoKind::kShortfall;
}

}  // namespace

std::string_view check(const AlgoRequest& r, Quantity lot, Timestamp now) noexcept {
    const Timestamp begin = r.begin.ns == 0 ? now : r.begin;
    if (r.kind == AlgoKind::kNone || static_cast<int>(r.kind) >= kAlgoKindCount) {
        return "there is no such algorithm";
    }
    if (!r.quantity.is_positive() || r.quantity.raw() % lot.raw() != 0) {
        return "the quantity is not a positive number of whole lots";
    }
    if (r.slice.is_negative() || r.slice.raw() % lot.raw() != 0) {
        return "the slice is not a number of whole lots";
    }
    if (is_scheduled(r.kind)) {
        if (r.end <= begin) return "the end is not after the beginning";
        if (r.slices < 1 || r.slices > 100'000) return "slices are not within 1 to 100000";
    } else if (r.end.ns != 0 && r.end <= begin) {
        return "the end is not after the beginning";
    }
    if (r.randomness.is_negative() || r.randomness >= Ratio::from_units(1)) {
        return "the randomness is not within 0 to 1";
    }
    if (r.kind == AlgoKind::kPov && (!r.rate.is_positive() || r.rate >= Ratio::from_units(1))) {
        return "the rate is not within 0 to 1";
    }
    if (r.routed && (r.kind == AlgoKind::kIceberg || r.kind == AlgoKind::kPeg)) {
        return "only children that take liquidity are routed";
    }
    if (r.kind == AlgoKind::kShortfall && r.rate.is_negative()) return "the urgency is negative";
    if (r.kind == AlgoKind::kIceberg && r.price.is_zero()) return "an iceberg needs a price";
    if (r.kind == AlgoKind::kPeg && r.peg != OffsetKind::kPegMid &&
        r.peg != OffsetKind::kPegPrimary && r.peg != OffsetKind::kPegMarket) {
        return "a peg needs a reference";
    }
    return {};
}

OrderTag AlgoDesk::execute(StrategyContext& context, const AlgoRequest& request) {
    const Instrument& instrument = context.instrument(request.instrument);
    const bool routed = request.routed || request.kind == AlgoKind::kRouter;
    if (!check(request, instrument.lot, context.now()).empty() || (routed && !router_.any())) {
        return OrderTag{};
    }
    OrderRequest parent;
    parent.instrument = request.instrument;
    parent.side = request.side;
    parent.quantity = request.quantity;
    parent.type = request.price.is_zero() ? OrderType::kMarket : OrderType::kLimit;
    parent.price = request.price;
    parent.flags = kOrderParent;
    parent.venue = request.venue;
    const OrderTag tag = context.submit(parent);
    if (tag.value == 0) return tag;
    Work w;
    w.terms.tag = tag;
    w.terms.begin = request.begin.ns == 0 ? context.now() : request.begin;
    w.terms.end = request.end;
    w.terms.quantity = request.quantity;
    w.terms.price = request.price;
    w.terms.rate = request.rate;
    w.terms.slice = request.slice;
    w.terms.seed = request.seed;
    w.terms.randomness = request.randomness;
    w.terms.strategy = context.id();
    w.terms.account = context.account_id();
    w.terms.kind = request.kind;
    w.instrument = request.instrument;
    w.serial = ++serial_;
    w.slices = request.slices;
    w.side = request.side;
    w.peg = request.peg;
    w.offset = request.offset;
    w.venue = request.venue;
    w.routed = routed;
    w.random = Xoshiro256(request.seed);
    w.multiplier = instrument.multiplier;
    record(context, w, AlgoAction::kBegin);
    works_.push_back(std::move(w));
    return tag;
}

AlgoDesk::Work* AlgoDesk::find(OrderTag parent) noexcept {
    for (Work& w : works_) {
        if (w.terms.tag == parent) return &w;
    }
    return nullptr;
}

bool AlgoDesk::pause(StrategyContext& context, OrderTag parent) {
    Work* w = find(parent);
    if (w == nullptr || w->state != State::kWorking) return false;
    w->state = State::kPaused;
    record(context, *w, AlgoAction::kPause);
    w->child.withdraw();
    w->child.sync(context);
    return true;
}

bool AlgoDesk::go_on(StrategyContext& context, OrderTag parent) {
    Work* w = find(parent);
    if (w == nullptr || w->state != State::kPaused) return false;
    w->state = State::kWorking;
    record(context, *w, AlgoAction::kGoOn);
    work(context, *w);
    return true;
}

void AlgoDesk::watch_volume(InstrumentId id) {
    if (watched(id) == nullptr) profiles_.push_back(Watched{id, {}});
}

AlgoDesk::Watched* AlgoDesk::watched(InstrumentId id) noexcept {
    for (Watched& p : profiles_) {
        if (p.instrument == id) return &p;
    }
    return nullptr;
}

std::size_t AlgoDesk::days_watched(InstrumentId id) const noexcept {
    for (const Watched& p : profiles_) {
        if (p.instrument == id) return p.profile.days();
    }
    return 0;
}

/// The gate passed the parent.
void AlgoDesk::begin(StrategyContext& context, Work& w) {
    w.state = State::kWorking;
    w.began = w.weighted_to = context.now();
    w.arrival = w.last = context.mark(w.instrument);
    if (w.terms.kind == AlgoKind::kRouter) w.due = w.terms.quantity;
    if (w.terms.end.ns != 0) context.set_timer(timer_of(w.serial, TimerKind::kEnd), w.terms.end);
    if (is_scheduled(w.terms.kind)) {
        plan(context, w);
        context.set_timer(timer_of(w.serial, TimerKind::kPoint), w.points[0].at);
    } else if (w.terms.begin > context.now()) {
        context.set_timer(timer_of(w.serial, TimerKind::kBegin), w.terms.begin);
    } else {
        work(context, w);
    }
}

void AlgoDesk::plan(StrategyContext& context, Work& w) {
    ScheduleTerms terms;
    terms.quantity = w.terms.quantity;
    terms.lot = context.instrument(w.instrument).lot;
    terms.begin = std::max(w.terms.begin, context.now());
    terms.end = std::max(w.terms.end, terms.begin);
    terms.slices = w.slices;
    terms.randomness = to_double(w.terms.randomness);
    std::vector<double> curve;
    if (w.terms.kind == AlgoKind::kShortfall) {
        curve = shortfall_curve(w.slices, to_double(w.terms.rate));
    } else if (const Watched* p = watched(w.instrument);
               w.terms.kind == AlgoKind::kVwap && p != nullptr) {
        curve = vwap_curve(p->profile.shares(terms.begin, terms.end, w.slices));
    } else {
        curve = twap_curve(w.slices);
    }
    w.points = make_schedule(terms, curve, w.random);
    w.next = 0;
}

/// The parent's quantity is another one now: what is due changes in proportion.
void AlgoDesk::amend(StrategyContext& context, Work& w, Quantity quantity) {
    const double factor = to_double(quantity) / to_double(w.terms.quantity);
    const Quantity lot = context.instrument(w.instrument).lot;
    const auto rescale = [&](Quantity q) {
        return std::min(whole_lots(to_double(q) * factor, lot), quantity);
    };
    for (SchedulePoint& p : w.points) p.due = rescale(p.due);
    if (!w.points.empty()) w.points.back().due = quantity;
    w.due = rescale(w.due);
    w.terms.quantity = quantity;
    record(context, w, AlgoAction::kAmend);
    work(context, w);
}

/// Sends what is due and not at work yet.
void AlgoDesk::work(StrategyContext& context, Work& w) noexcept {
    if (w.state != State::kWorking || context.now() < w.terms.begin || context.now() < w.retry_at) {
        return;
    }
    const Quantity left = w.terms.quantity - std::min(w.filled, w.terms.quantity);
    switch (w.terms.kind) {
        case AlgoKind::kIceberg: {
            if (w.child.is_live()) return;
            const Quantity lot = context.instrument(w.instrument).lot;
            Quantity slice = w.terms.slice.is_zero() ? left : w.terms.slice;
            const double factor = 1 + to_double(w.terms.randomness) * (2 * w.random.uniform() - 1);
            if (!w.terms.randomness.is_zero()) {
                slice = std::max(whole_lots(to_double(slice) * factor, lot), lot);
            }
            return set_child(context, w, std::min(slice, left));
        }
        case AlgoKind::kPeg:
            if (w.child.is_live()) return;
            return set_child(context, w,
                             w.terms.slice.is_zero() ? left : std::min(w.terms.slice, left));
        default: {
            if (w.child.is_live()) return;
            const Quantity due = w.due > w.filled ? w.due - w.filled : Quantity::zero();
            const Quantity lot = context.instrument(w.instrument).lot;
            const Quantity least =
                w.terms.kind == AlgoKind::kPov && due < left ? std::max(w.terms.slice, lot) : lot;
            if (due < least) return;
            if (w.routed) return route_child(context, w, std::min(due, left));
            set_child(context, w, std::min(due, left));
        }
    }
}

void AlgoDesk::set_child(StrategyContext& context, Work& w, Quantity quantity) noexcept {
    OrderRequest child;
    child.instrument = w.instrument;
    child.side = w.side;
    child.quantity = quantity;
    child.parent = w.terms.tag;
    child.venue = w.venue;
    child.price = w.terms.price;
    child.type = w.terms.price.is_zero() ? OrderType::kMarket : OrderType::kLimit;
    if (w.terms.kind == AlgoKind::kPeg) {
        child.type = OrderType::kPegged;
        child.offset_kind = w.peg;
        child.offset = w.offset.raw();
    } else if (w.terms.kind != AlgoKind::kIceberg) {
        child.tif = TimeInForce::kIoc;
    }
    const bool was_live = w.child.is_live();
    w.child.want(child);
    w.child.retry();
    w.child.sync(context);
    if (!was_live && w.child.is_live()) ++w.children;
}

void AlgoDesk::route_child(StrategyContext& context, Work& w, Quantity quantity) noexcept {
    const auto route = router_.choose(w.instrument, w.side, w.terms.price, w.multiplier);
    if (!route) return;
    OrderRequest child;
    child.instrument = w.instrument;
    child.side = w.side;
    child.quantity =
        whole_lots(std::min(quantity, route->quantity), context.instrument(w.instrument).lot);
    if (!child.quantity.is_positive()) return;
    child.parent = w.terms.tag;
    child.venue = route->venue;
    child.type = OrderType::kLimit;
    child.price = route->price;
    child.tif = TimeInForce::kIoc;
    w.child.want(child);
    w.child.retry();
    w.child.sync(context);
    if (!w.child.is_live()) return;
    ++w.children;
    w.child_sent = child.quantity;
    w.child_filled = Quantity::zero();
    router_.sent(w.instrument, w.side, route->venue, child.quantity);
    OrderEvent e = make_order_event(OrderEventType::kRoute, context.now(), w.instrument);
    e.data.route = RouteData{};
    RouteData& d = e.data.route;
    d.parent = w.terms.tag;
    d.child = w.child.tag();
    d.price = route->price;
    d.displayed = route->quantity;
    d.fee = route->fee;
    d.cost = route->cost;
    d.next_cost = route->next_cost;
    d.latency = route->latency;
    d.fill_rate = route->fill_rate;
    d.strategy = w.terms.strategy;
    d.venue = route->venue;
    d.next_venue = route->next;
    d.candidates = route->candidates;
    context.record(e);
}

void AlgoDesk::end(StrategyContext& context, Work& w) noexcept {
    if (w.state == State::kAsked) return;
    w.state = State::kEnding;
    w.child.withdraw();
    w.child.sync(context);
    if (!w.child.is_live()) context.cancel(w.terms.tag);
}

void AlgoDesk::on_timer(StrategyContext& context, std::uint64_t timer_id) {
    for (Work& w : works_) {
        if (w.serial != timer_id >> 2) continue;
        switch (static_cast<TimerKind>(timer_id & 3)) {
            case TimerKind::kPoint:
                if (w.next >= w.points.size()) return;
                w.due = w.points[w.next].due;
                if (++w.next < w.points.size()) {
                    context.set_timer(timer_of(w.serial, TimerKind::kPoint), w.points[w.next].at);
                }
                return work(context, w);
            case TimerKind::kBegin:
                return work(context, w);
            case TimerKind::kEnd:
                return end(context, w);
        }
        return;
    }
}

void AlgoDesk::on_fill(StrategyContext&, InstrumentId, const FillData& fill) {
    for (Work& w : works_) {
        if (!w.child.owns(fill.tag)) continue;
        w.child.on_fill(fill);
        w.filled += fill.quantity;
        w.child_filled += fill.quantity;
        w.paid += static_cast<__int128>(fill.price.raw()) * fill.quantity.raw();
        w.fees += fill.fee;
        return;
    }
}

void AlgoDesk::on_order(StrategyContext& context, InstrumentId, const OrderUpdateData& update) {
    for (std::size_t n = 0; n < works_.size(); ++n) {
        Work& w = works_[n];
        if (w.child.owns(update.tag)) {
            w.child.on_order(update);
            if (!w.child.is_live()) w.child.withdraw();  // what comes next is decided anew
            w.child.sync(context);
            if (w.child.is_live()) return;
            if (w.state == State::kEnding) return context.cancel(w.terms.tag);
            // The next slice of an iceberg or peg; a refused child waits for the next price.
            const bool goes_on =
                w.terms.kind == AlgoKind::kIceberg || w.terms.kind == AlgoKind::kPeg;
            if (w.routed) router_.over(w.child.wanted().venue, w.child_sent, w.child_filled);
            const bool refused =
                update.state == OrderState::kDenied || update.state == OrderState::kRejected;
            if (refused) w.retry_at = context.now() + kRetryEvery;
            if ((goes_on && update.state == OrderState::kFilled) || (w.routed && !refused)) {
                work(context, w);  // the next venue, where something is left to take
            }
            return;
        }
        if (w.terms.tag != update.tag) continue;
        if (is_terminal(update.state)) {
            if (w.state != State::kAsked) report(context, w);
            works_.erase(works_.begin() + static_cast<std::ptrdiff_t>(n));
            return;
        }
        if (w.state == State::kAsked && update.state == OrderState::kNew) {
            begin(context, w);
        } else if (update.state == OrderState::kPendingCancel && w.state != State::kEnding) {
            record(context, w, AlgoAction::kCancel);
            w.state = State::kEnding;
            w.child.withdraw();
            w.child.sync(context);
        } else if (update.quantity != w.terms.quantity && update.quantity.is_positive()) {
            amend(context, w, update.quantity);
        }
        return;
    }
}

void AlgoDesk::on_session(StrategyContext& context, InstrumentId id, bool open) {
    if (Watched* p = watched(id)) p->profile.on_session(context.now(), open);
}

void AlgoDesk::record(StrategyContext& context, const Work& w, AlgoAction action) noexcept {
    OrderEvent e = make_order_event(OrderEventType::kAlgo, context.now(), w.instrument);
    e.data.algo = w.terms;
    e.data.algo.action = action;
    context.record(e);
}

void AlgoDesk::Work::persist(StateArchive& a) {
    std::array<std::uint64_t, 11> words{};
    static_assert(sizeof(terms) == sizeof(words));
    if (!a.reading()) std::memcpy(words.data(), &terms, sizeof(terms));
    a(words);
    if (a.reading()) {
        std::memcpy(static_cast<void*>(&terms), words.data(), sizeof(terms));
        a.require(static_cast<int>(terms.kind) < kAlgoKindCount, "an algorithm is unknown");
    }
    a(instrument, serial, slices, choice(side, 2), choice(state, 4), choice(peg, kOffsetKindCount),
      offset, venue, routed, child_sent, child_filled);
    a.sized(points, 100'000);
    a.require(next <= points.size(), "a schedule is behind its end");
    a(next, due, filled, child, retry_at, children, random, arrival, last, paid, fees, multiplier,
      trade_value, trade_volume, bar_value, bar_volume, weighted, weighted_to, began);
}

void AlgoDesk::Watched::persist(StateArchive& a) { a(instrument, profile); }

bool AlgoDesk::persist(StateArchive& a) {
    static_assert(sizeof(Work) == 592, "Work::persist must deal with every member");
    constexpr std::size_t kMost = 1 << 20;
    a.sized(works_, kMost);
    a.sized(profiles_, kMost);
    a(router_);
    a(serial_);
    return true;
}

}  // namespace fermata
