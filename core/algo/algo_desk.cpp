#include "core/algo/algo_desk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

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
    w.began = w.weighted_to = std::max(w.terms.begin, context.now());
    w.arrival = w.last = context.mark(w.instrument);
    if (w.terms.kind == AlgoKind::kRouter) w.due = w.terms.quantity;
    if (w.terms.end.ns != 0) context.set_timer(timer_of(w.serial, TimerKind::kEnd), w.terms.end);
    if (w.terms.begin > context.now()) {
        context.set_timer(timer_of(w.serial, TimerKind::kBegin), w.terms.begin);
    } else {
        begin_to_work(context, w);
    }
}

/// Its time has come. A schedule is planned now, from all that is past now.
void AlgoDesk::begin_to_work(StrategyContext& context, Work& w) {
    if (!is_scheduled(w.terms.kind)) return work(context, w);
    plan(context, w);
    context.set_timer(timer_of(w.serial, TimerKind::kPoint), w.points[0].at);
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
    } else if (Watched* p = watched(w.instrument);
               w.terms.kind == AlgoKind::kVwap && p != nullptr) {
        p->profile.advance(context.now());
        curve = vwap_curve(p->profile.shares(terms.begin, terms.end, w.slices));
    } else {
        curve = twap_curve(w.slices);
    }
    w.points = make_schedule(terms, curve, w.random);
    w.next = 0;
}

/// The parent has another quantity or price now.
void AlgoDesk::amend(StrategyContext& context, Work& w, const OrderUpdateData& parent) noexcept {
    const Quantity before = std::exchange(w.terms.quantity, parent.quantity);
    w.terms.price = parent.price;
    record(context, w, AlgoAction::kAmend);
    if (before != parent.quantity) rescale(context, w, before);
    // What a corporate action did to the parent it does to the child too, at the order manager.
    if (w.child.is_live()) bound_child(context, w, parent.reason != OrderReason::kCorporateAction);
    work(context, w);
}

/// A schedule is due in proportion to the quantity. What takes part in the volume goes on at its
/// rate, whatever the quantity.
void AlgoDesk::rescale(StrategyContext& context, Work& w, Quantity before) noexcept {
    const Quantity now = w.terms.quantity;
    const Quantity lot = context.instrument(w.instrument).lot;
    const auto in_proportion = [&](Quantity q) {
        const __int128 raw = static_cast<__int128>(q.raw()) * now.raw() / before.raw();
        return std::min(whole_lots(Quantity::from_raw(static_cast<std::int64_t>(raw)), lot), now);
    };
    if (w.terms.kind == AlgoKind::kPov) {
        w.due = std::min(std::max(w.due, due_of_volume(context, w)), now);
    } else if (w.terms.kind == AlgoKind::kRouter) {
        w.due = now;
    } else {
        for (SchedulePoint& p : w.points) p.due = in_proportion(p.due);
        if (!w.points.empty()) w.points.back().due = now;
        w.due = in_proportion(w.due);
    }
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
                return begin_to_work(context, w);
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
            if (w.child.held_back()) w.retry_at = context.now() + kRetryEvery;
            if (!w.child.is_live()) {
                w.child.withdraw();  // what comes next is decided anew
            } else if (update.reason == OrderReason::kCorporateAction) {
                // The new terms are the wanted ones, whether the parent's are known yet or not.
                OrderRequest as_adjusted = w.child.wanted();
                as_adjusted.price = update.price;
                w.child.want(as_adjusted);
            } else if (w.child.refused() && is_beyond_bound(w, update.price)) {
                w.child.withdraw();  // it cannot be taken to the bound, so it is taken back
            }
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
        } else if ((update.quantity != w.terms.quantity || update.price != w.terms.price) &&
                   update.quantity.is_positive()) {
            amend(context, w, update);
        }
        return;
    }
}

void AlgoDesk::on_session(StrategyContext& context, InstrumentId id, bool open) {
    if (Watched* p = watched(id)) p->profile.on_session(context.now(), open);
    for (Work& w : works_) {
        if (w.instrument != id) continue;
        w.closed = !open;
        if (!open) continue;
        w.bar_at = context.now();  // no bar begins before
        work(context, w);
    }
}

/// The next price or timer behind the halt finds what is due.
void AlgoDesk::on_halt(StrategyContext&, InstrumentId id, bool halted) {
    for (Work& w : works_) {
        if (w.instrument == id) w.halted = halted;
    }
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
      offset, venue, routed, closed, halted, child_sent, child_filled);
    a.sized(points, 100'000);
    a.require(next <= points.size(), "a schedule is behind its end");
    a(next, due, filled, child, retry_at, children, random, arrival, last, paid, fees, multiplier,
      trade_value, trade_volume, bar_value, bar_volume, bar_at, bar_every, weighted, weighted_to,
      began);
}

void AlgoDesk::Watched::persist(StateArchive& a) { a(instrument, profile); }

bool AlgoDesk::persist(StateArchive& a) {
    static_assert(sizeof(Work) == 608, "Work::persist must deal with every member");
    constexpr std::size_t kMost = 1 << 20;
    a.sized(works_, kMost);
    a.sized(profiles_, kMost);
    a(router_);
    a(serial_);
    return true;
}

}  // namespace fermata
