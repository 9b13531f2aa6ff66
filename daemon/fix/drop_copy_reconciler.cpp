#include "daemon/fix/drop_copy_reconciler.hpp"

#include <algorithm>
#include <utility>

namespace fermata {
namespace {

constexpr InstrumentId kNoInstrument{0xffff'ffff};
/// A chain of corrections that is longer is a circle.
constexpr int kCorrectionsOfOne = 1'024;

OrderEvent drop_copy_input(Timestamp now) noexcept {
    OrderEvent e = make_order_event(OrderEventType::kRiskInput, now, InstrumentId{0});
    e.data.risk_input = RiskInputData{};
    e.data.risk_input.kind = RiskInputKind::kDropCopy;
    return e;
}

}  // namespace

DropCopyReconciler::DropCopyReconciler(Settings settings) : settings_(std::move(settings)) {}

const DropCopyReconciler::Watched* DropCopyReconciler::watched(VenueId venue) const noexcept {
    const auto at = std::find_if(settings_.venues.begin(), settings_.venues.end(),
                                 [&](const Watched& w) { return w.venue == venue; });
    return at == settings_.venues.end() ? nullptr : &*at;
}

// --- what is on record ---

void DropCopyReconciler::on_record(const OrderEvent& record) {
    switch (record.type) {
        case OrderEventType::kSendNew:
            return on_sent(record.data.new_order, record.instrument);
        case OrderEventType::kExecution: {
            const ExecutionData& x = record.data.execution;
            if (x.exec_type != ExecType::kTrade) return;
            execution_.reset();
            if (watched(x.venue) != nullptr) execution_ = Key{x.exec_id, x.venue};
            executed_ = x.order_id;
            return;
        }
        case OrderEventType::kFill:
            return on_own_fill(record);
        case OrderEventType::kCorrection:
            return on_own_correction(record);
        case OrderEventType::kAlert:
            return on_alert(record.data.alert, record.ts);
        case OrderEventType::kRiskInput: {
            const RiskInputData& d = record.data.risk_input;
            if (d.kind != RiskInputKind::kDropCopy || d.values[2] == 0) return;
            return settle_up_to(static_cast<std::uint64_t>(d.values[3]));
        }
        default:
            return;
    }
}

void DropCopyReconciler::on_sent(const NewOrderData& order, InstrumentId instrument) {
    if (watched(order.venue) == nullptr) return;
    const Sent sent{order.venue, order.account, instrument, static_cast<std::uint8_t>(order.side)};
    if (!sent_.try_emplace(order.order_id.value, sent).second) return;
    orders_.push_back(order.order_id.value);
    if (orders_.size() <= settings_.kept) return;
    sent_.erase(orders_.front());
    orders_.pop_front();
}

/// A fill follows the report that it was booked from, which says where; an order may have other
/// names at its venue.
void DropCopyReconciler::on_own_fill(const OrderEvent& record) {
    const FillData& fill = record.data.fill;
    if (!execution_ || execution_->exec_id != fill.exec_id) return;
    Terms terms;
    terms.price = fill.price;
    terms.quantity = fill.quantity;
    terms.order_id = executed_;
    terms.instrument = record.instrument;
    terms.account = fill.account;
    terms.side = static_cast<std::uint8_t>(fill.side);
    take(*execution_, terms, true, record.ts, record.seq);
}

void DropCopyReconciler::on_own_correction(const OrderEvent& record) {
    const CorrectionData& c = record.data.correction;
    if (watched(c.venue) == nullptr) return;
    Terms terms;
    terms.price = c.price;
    terms.quantity = c.quantity;
    terms.order_id = c.order_id;
    terms.reference = c.ref_exec_id;
    terms.instrument = record.instrument;
    terms.correction = true;
    terms.bust = c.kind == CorrectionKind::kBust;
    correction_ = Key{c.exec_id, c.venue};
    set_aside_.reset();
    if (const auto fill = fills_.find(*correction_); fill != fills_.end()) {
        const auto copy = waiting_.find(fill->second.arrival);
        if (copy != waiting_.end()) set_aside_ = copy->second;
    }
    take(*correction_, terms, true, record.ts, record.seq);
    if (!about_.try_emplace(*correction_, c.ref_exec_id).second) return;
    corrections_.push_back(*correction_);
    if (corrections_.size() <= settings_.kept) return;
    about_.erase(corrections_.front());
    corrections_.pop_front();
}

/// What this names will not be booked any more, whenever it comes: neither a fill nor, where it is
/// a correction, the fill that it was about.
void DropCopyReconciler::never(Key key) {
    for (int n = 0; n < kCorrectionsOfOne; ++n) {
        Fill& fill = fills_[key];
        if (fill.has_own && !fill.never) return;  // it was booked before
        // No fill but a correction that is not on record here: its copy is yet to be booked.
        if (fill.has_copy && fill.copy.correction && !about_.contains(key)) {
            fill.busted = true;
            return;
        }
        if (!fill.has_own) {
            fill.has_own = fill.never = true;
            if (fill.has_copy) {
                settle(key, fill);
            } else {
                fill.expected = false;  // a copy that comes finds it
                keep(key);
            }
        }
        const auto about = about_.find(key);
        if (about == about_.end() || about->second.value == 0) return;
        key.exec_id = about->second;
    }
}

/// An alert follows the correction that could not be applied.
void DropCopyReconciler::on_alert(const AlertData& alert, Timestamp ts) {
    const bool unknown = alert.code == AlertCode::kUnknownExecution;
    if (!correction_ || (!unknown && alert.code != AlertCode::kCorrectionFailed) ||
        static_cast<std::uint64_t>(alert.detail[1]) != correction_->exec_id.value) {
        return;
    }
    const Key key = *correction_;
    const auto at = fills_.find(key);
    if (at == fills_.end() || !at->second.has_own) return;
    const Terms own = at->second.own;
    if (unknown && (at->second.never || at->second.busted)) {  // its bust came first
        return never({about_.at(key), key.venue});
    }
    if (unknown && own.bust) return never({own.reference, key.venue});
    Fill& fill = at->second;
    const bool was_open = open_.erase({fill.since, key}) != 0;
    if (!fill.has_copy) {
        if (!was_open) std::erase(agreed_, key);
        fills_.erase(at);
        return;
    }
    fill.has_own = false;
    if (!was_open) std::erase(agreed_, key);
    if (set_aside_) {
        fill.arrival = ++arrivals_;
        waiting_.emplace(fill.arrival, *std::exchange(set_aside_, std::nullopt));
    }
    reopen(key, fill, ts);
}

/// A difference again, from `ts` on.
void DropCopyReconciler::reopen(const Key& key, Fill& fill, Timestamp ts) {
    fill.since = ts;
    fill.expected = true;
    open_.emplace(ts, key);
}

/// What an earlier process compared.
void DropCopyReconciler::settle_up_to(std::uint64_t position) {
    std::vector<Key> settled;
    for (const auto& [since, key] : open_) {
        const Fill& fill = fills_[key];
        if (fill.has_own && fill.position <= position && !fill.has_copy) settled.push_back(key);
    }
    for (const Key& key : settled) {
        Fill& fill = fills_[key];
        open_.erase({fill.since, key});
        fill.expected = false;
        keep(key);
    }
}

void DropCopyReconciler::begin(Timestamp now) {
    std::set<std::pair<Timestamp, Key>> open;
    for (const auto& [since, key] : open_) {
        Timestamp& from = fills_[key].since;
        from = std::max(from, now);
        open.emplace(from, key);
    }
    open_ = std::move(open);
}

// --- the copies ---

void DropCopyReconciler::lost(Timestamp ts) {
    if (!lost_since_) lost_since_ = ts;
}

void DropCopyReconciler::on_copy(const DropCopyReport& copy) {
    if (copy.lost != 0) lost(copy.event.ts);
    const OrderEvent& e = copy.event;
    Key key;
    Terms terms;
    terms.instrument = e.instrument;
    if (e.type == OrderEventType::kCorrection) {
        const CorrectionData& c = e.data.correction;
        key = {c.exec_id, c.venue};
        terms.price = c.price;
        terms.quantity = c.quantity;
        terms.order_id = c.order_id;
        terms.reference = c.ref_exec_id;
        terms.correction = true;
        terms.bust = c.kind == CorrectionKind::kBust;
    } else if (e.type == OrderEventType::kExecution &&
               e.data.execution.exec_type == ExecType::kTrade) {
        const ExecutionData& x = e.data.execution;
        key = {x.exec_id, x.venue};
        terms.price = x.last_price;
        terms.quantity = x.last_quantity;
        terms.order_id = x.order_id;
        terms.account = copy.account;
        terms.side = copy.side;
    } else {
        return;
    }
    take(key, terms, false, e.ts, 0);
    Fill& fill = fills_[key];
    if (fill.has_own || fill.arrival != 0) return;
    fill.arrival = ++arrivals_;
    waiting_.emplace(fill.arrival, Waiting{key, e, copy.counts, false});
}

bool DropCopyReconciler::agree(const Terms& own, const Terms& copy) noexcept {
    const bool same = own.correction == copy.correction && own.bust == copy.bust &&
                      own.price == copy.price && own.quantity == copy.quantity;
    if (own.correction || copy.correction) return same && own.reference == copy.reference;
    return same && own.instrument == copy.instrument &&
           (copy.side == 0xff || own.side == copy.side) &&
           (copy.account.value == 0xffff || own.account == copy.account);
}

void DropCopyReconciler::keep(const Key& key) {
    agreed_.push_back(key);
    if (agreed_.size() <= settings_.kept) return;
    fills_.erase(agreed_.front());
    agreed_.pop_front();
}

/// Both sides are known, and nothing differs.
void DropCopyReconciler::settle(const Key& key, Fill& fill) {
    open_.erase({fill.since, key});
    waiting_.erase(std::exchange(fill.arrival, 0));
    keep(key);
}

void DropCopyReconciler::take(const Key& key, const Terms& terms, bool own, Timestamp ts,
                              std::uint64_t position) {
    if (own) position_ = position;
    Fill& fill = fills_[key];
    if (own ? fill.has_own : fill.has_copy) return;  // it came again
    if (!own && fill.never && terms.correction && !about_.contains(key)) {
        // What a bust named is no fill but a correction that is not on record here.
        fill.has_own = fill.never = false;
        fill.expected = true;
        std::erase(agreed_, key);
    }
    ++taken_;
    (own ? fill.own : fill.copy) = terms;
    (own ? fill.has_own : fill.has_copy) = true;
    if (own) fill.position = position;
    if (!fill.has_own || !fill.has_copy) {
        fill.since = ts;
        open_.emplace(ts, key);
        return;
    }
    if (!fill.never && !agree(fill.own, fill.copy)) {
        if (!fill.expected) {
            reopen(key, fill, ts);
            std::erase(agreed_, key);
        }
        waiting_.erase(std::exchange(fill.arrival, 0));
        return;  // since the first of the two came
    }
    if (fill.expected) settle(key, fill);
}

void DropCopyReconciler::accept() {
    for (const auto& [since, key] : open_) {
        Fill& fill = fills_[key];
        fill.has_own = fill.has_copy = true;
        fill.arrival = 0;
        keep(key);
    }
    open_.clear();
    waiting_.clear();
    lost_since_.reset();
    ++taken_;
}

// --- what follows ---

Duration DropCopyReconciler::differs_for(Timestamp now) const noexcept {
    Timestamp since = Timestamp::never();
    if (!open_.empty()) since = open_.begin()->first;
    if (lost_since_) since = std::min(since, *lost_since_);
    return since < now ? now - since : Duration{};
}

std::vector<CopyDifference> DropCopyReconciler::differing(Timestamp now, Duration age) const {
    std::vector<CopyDifference> found;
    for (const auto& [since, key] : open_) {
        if (now - since < age) break;
        const Fill& fill = fills_.at(key);
        const Terms& terms = fill.has_own ? fill.own : fill.copy;
        CopyDifference d;
        d.venue = key.venue;
        d.exec_id = key.exec_id;
        d.kind = !fill.has_copy  ? CopyDifference::Kind::kNoCopy
                 : !fill.has_own ? CopyDifference::Kind::kNotHere
                                 : CopyDifference::Kind::kOtherTerms;
        d.correction = terms.correction;
        d.order_id = terms.order_id;
        d.instrument = terms.instrument;
        d.price = terms.price;
        d.quantity = terms.quantity;
        d.since = since;
        found.push_back(d);
    }
    return found;
}

std::optional<OrderEvent> DropCopyReconciler::poll(Timestamp now) noexcept {
    Duration differs = differs_for(now);
    if (differs < settings_.every) differs = {};
    const bool again = told_ && differs.ns != 0 && told_->ns != 0 &&
                       differs - *told_ < settings_.every && *told_ <= differs;
    if (again || (told_ && told_->ns == 0 && differs.ns == 0)) return std::nullopt;
    told_ = differs;
    OrderEvent e = drop_copy_input(now);
    e.data.risk_input.values[0] = differs.ns;
    return e;
}

std::optional<OrderEvent> DropCopyReconciler::agreed(Timestamp now, std::size_t session,
                                                     std::uint64_t message) const noexcept {
    if (!open_.empty() || lost_since_) return std::nullopt;
    OrderEvent e = drop_copy_input(now);
    e.data.risk_input.values[1] = static_cast<std::int64_t>(message);
    e.data.risk_input.values[2] = static_cast<std::int64_t>(session) + 1;
    e.data.risk_input.values[3] = static_cast<std::int64_t>(position_);
    return e;
}

/// Only what belongs to an order that we sent, and says so in all that it says; a correction only
/// once its fill is on record here.
bool DropCopyReconciler::bookable(const Waiting& waiting) const {
    const Terms& terms = fills_.at(waiting.key).copy;
    if (!waiting.counts) return false;
    if (terms.correction) {
        const auto fill = fills_.find(Key{terms.reference, waiting.key.venue});
        return fill != fills_.end() && fill->second.has_own;
    }
    const auto order = sent_.find(terms.order_id.value);
    if (order == sent_.end()) return false;
    const Sent& sent = order->second;
    return sent.venue == waiting.key.venue && sent.instrument == terms.instrument &&
           (terms.side == 0xff || terms.side == sent.side) &&
           (terms.account.value == 0xffff || terms.account == sent.account);
}

std::optional<OrderEvent> DropCopyReconciler::book(Timestamp now) {
    for (auto& [arrival, waiting] : waiting_) {
        const Watched* const venue = watched(waiting.key.venue);
        if (waiting.given || venue == nullptr || !venue->book_after) continue;
        if (now - fills_.at(waiting.key).since < *venue->book_after || !bookable(waiting)) continue;
        waiting.given = true;
        OrderEvent report = waiting.report;
        report.cause = 0;  // no message of the session of orders
        report.ts = now;
        if (report.instrument == kNoInstrument) report.instrument = InstrumentId{0};
        return report;
    }
    return std::nullopt;
}

}  // namespace fermata
