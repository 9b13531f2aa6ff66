#include "daemon/live/sent_book.hpp"

#include <algorithm>
#include <utility>

#include "daemon/live/reconciliation.hpp"

namespace fermata {
namespace {

/// A chain of corrections that is longer is a circle.
constexpr int kCorrectionsOfOne = 1'024;

}  // namespace

void SentBook::on_record(const OrderEvent& event) {
    switch (event.type) {
        case OrderEventType::kSendNew:
        case OrderEventType::kSendReplace:
        case OrderEventType::kSendCancel:
            return on_sent(event);
        case OrderEventType::kExecution:
            return on_execution(event);
        case OrderEventType::kFill:
            return on_fill(event);
        case OrderEventType::kCorrection:
            return on_correction(event);
        case OrderEventType::kAlert:
            return on_alert(event);
        case OrderEventType::kOrderUpdate: {
            const std::lock_guard lock(mutex_);
            Key key;
            BookedOrder* const order = order_of(event.data.update.order_id, &key);
            if (order == nullptr) return;
            const bool over = is_terminal(event.data.update.state);
            if (std::exchange(order->over_here, over) != over) changed(key, *order, event.ts);
            return;
        }
        default:
            return;
    }
}

void SentBook::on_sent(const OrderEvent& event) {
    const std::lock_guard lock(mutex_);
    if (event.type == OrderEventType::kSendNew) {
        const NewOrderData& d = event.data.new_order;
        BookedOrder booked;
        KnownOrder& order = booked.order;
        order.id = d.order_id;
        order.instrument = event.instrument;
        order.venue = d.venue;
        order.account = d.account;
        order.side = d.side;
        order.type = d.type;
        order.tif = d.tif;
        order.flags = d.flags;
        order.quantity = d.quantity;
        order.price = d.price;
        order.stop_price = d.stop_price;
        order.expire_time = d.expire_time;
        const Key key{d.venue, d.order_id};
        changed(key, orders_.insert_or_assign(key, booked).first->second, event.ts);
        return;
    }
    const ChangeOrderData& d = event.data.change;
    const auto found = orders_.find({d.venue, d.order_id});
    if (found == orders_.end() || found->second.over) return;
    KnownOrder& order = found->second.order;
    order.requests = static_cast<std::uint32_t>(d.change_id);
    if (event.type == OrderEventType::kSendReplace) {
        BookedOrder& booked = found->second;
        order.asked = order.requests;
        booked.replacing = true;
        booked.asked_at = event.ts;
        booked.asked_quantity = d.quantity;
        booked.asked_price = d.price;
        booked.asked_stop_price = d.stop_price;
        return changed(found->first, booked, event.ts, false);
    }
    found->second.canceling = true;
    found->second.canceled_at = event.ts;
    changed(found->first, found->second, event.ts, false);
}

void SentBook::note_message(const OrderEvent& event, VenueId venue) {
    if (cause_kind(event.cause) == CauseKind::kMessage && venue.value < newest_.size()) {
        // Not the highest: a session begins with 1 again.
        newest_[venue.value] = cause_seq(event.cause);
    }
}

void SentBook::on_execution(const OrderEvent& event) {
    const std::lock_guard lock(mutex_);
    const ExecutionData& x = event.data.execution;
    note_message(event, x.venue);
    in_hand_.reset();
    unknown_.reset();
    const Key key{x.venue, x.order_id};
    const auto found = orders_.find(key);
    note_surprise(x, found == orders_.end() ? nullptr : &found->second);
    if (found == orders_.end()) {
        if (x.exec_type == ExecType::kTrade) unknown_ = event;
        return;
    }
    BookedOrder& order = found->second;
    in_hand_ = InHand{key, x.exec_id, order, {}, {}, x.exec_type == ExecType::kTrade};
    const bool refusal =
        x.exec_type == ExecType::kCancelRejected || x.exec_type == ExecType::kReplaceRejected;
    // A refusal repeats what the link knew; the rest is the venue's own word.
    if (!refusal) order.claimed = std::max(order.claimed, x.cumulative_quantity);
    switch (x.exec_type) {
        case ExecType::kReplaced:
        case ExecType::kRestated:
            // Its quantity was filled before its venue took the larger one in.
            if (x.exec_type == ExecType::kReplaced && std::exchange(order.replacing, false) &&
                order.over && order.claimed >= order.order.quantity) {
                order.over = false;
            }
            if (order.over) break;
            if (x.exec_type == ExecType::kReplaced) order.order.accepted = order.order.asked;
            order.order.quantity = x.cumulative_quantity + x.leaves_quantity;
            order.order.price = x.price;
            order.order.stop_price = x.stop_price;
            order.order.acknowledged = true;
            order.over = x.leaves_quantity.is_zero();
            break;
        case ExecType::kRejected:
        case ExecType::kCanceled:
        case ExecType::kExpired:
            order.over = true;
            break;
        case ExecType::kCancelRejected:
            order.canceling = false;
            [[fallthrough]];
        case ExecType::kReplaceRejected:
            if (x.exec_type == ExecType::kReplaceRejected) order.replacing = false;
            // Zero says that the venue has nothing of it open any more.
            order.gone = order.gone || x.leaves_quantity.is_zero();
            break;
        case ExecType::kTrade:
            order.order.acknowledged = true;
            order.over = order.over || x.leaves_quantity.is_zero();
            break;
        default:
            order.order.acknowledged = true;
            break;
    }
    changed(key, order, event.ts, !refusal);
}

/// It follows the report that it was booked from, which says of which placement it is.
void SentBook::on_fill(const OrderEvent& event) {
    const std::lock_guard lock(mutex_);
    const FillData& fill = event.data.fill;
    if (!in_hand_ || !in_hand_->awaits_fill || in_hand_->exec_id != fill.exec_id) return;
    in_hand_->awaits_fill = false;
    const Key key = in_hand_->key;
    BookedOrder& order = orders_.at(key);
    order.order.cumulative_quantity += fill.quantity;
    if (fill.exec_id.value != 0) keep({key.venue, fill.exec_id}, {ExecId{}, fill.quantity});
    changed(key, order, event.ts);
}

void SentBook::on_correction(const OrderEvent& event) {
    const std::lock_guard lock(mutex_);
    const CorrectionData& d = event.data.correction;
    note_message(event, d.venue);
    in_hand_.reset();
    const Key key{d.venue, d.order_id};
    const auto found = orders_.find(key);
    if (found == orders_.end()) return on_foreign_correction(d);
    BookedOrder& order = found->second;
    in_hand_ = InHand{key, d.exec_id, order, {}, {}, false};
    const bool late = overtaken(d);  // what it says of its order is older than its bust
    const bool bust = late || d.kind == CorrectionKind::kBust;
    if (!late) {
        order.claimed = d.cumulative_quantity;
        order.over = d.leaves_quantity.is_zero();
        order.gone = false;
    }
    FillKey about{d.venue, d.ref_exec_id};
    if (Fill* const fill = fill_of(about)) {
        in_hand_->corrected = about;
        in_hand_->corrected_from = fill->quantity;
        const Quantity quantity = bust ? Quantity::zero() : d.quantity;
        order.order.cumulative_quantity += quantity - fill->quantity;
        fill->quantity = quantity;
    } else if (bust && about.id.value != 0) {
        keep(about, {ExecId{}, Quantity::zero(), true});
    }
    // Also where it cannot be applied: a later one may name it.
    if (d.exec_id.value != 0) keep({d.venue, d.exec_id}, {about.id, {}});
    changed(key, order, event.ts);
}

/// Whether a bust came first that named this correction, which is about its fill then.
bool SentBook::overtaken(const CorrectionData& d) {
    if (d.kind != CorrectionKind::kCorrect || d.exec_id.value == 0) return false;
    const auto early = fills_.find({d.venue, d.exec_id});
    if (early == fills_.end() || !early->second.busted) return false;
    early->second = {d.ref_exec_id, Quantity::zero()};
    return true;
}

void SentBook::take_back_correction() {
    if (!in_hand_->corrected) return;
    const auto fill = fills_.find(*in_hand_->corrected);
    if (fill != fills_.end()) fill->second.quantity = in_hand_->corrected_from;
}

void SentBook::on_alert(const OrderEvent& event) {
    const AlertData& d = event.data.alert;
    const std::lock_guard lock(mutex_);
    if (d.code == AlertCode::kUnknownOrder) return on_foreign(event);
    if (d.code == AlertCode::kVenueDiffers) {
        if (d.detail[0] == static_cast<std::int64_t>(DifferenceKind::kAccepted)) on_accepted(event);
        Key key;
        BookedOrder* const order = order_of(d.order_id, &key);
        if (order == nullptr) return;
        const Quantity theirs = Quantity::from_raw(d.detail[1]);
        if (d.detail[0] == static_cast<std::int64_t>(DifferenceKind::kAccepted)) {
            order->claimed = std::max(order->claimed, theirs);
            order->excused = std::max(theirs - order->filled(), Quantity::zero());
        } else if (d.detail[0] == static_cast<std::int64_t>(DifferenceKind::kWithdrawn)) {
            if (order->claimed == theirs) order->claimed = order->filled();
        } else {
            return;
        }
        return changed(key, *order, event.ts);
    }
    // What became of the report in hand, where nothing was booked.
    const bool again = d.code == AlertCode::kDuplicateExecution;
    const bool not_applied =
        d.code == AlertCode::kUnknownExecution || d.code == AlertCode::kCorrectionFailed;
    if ((!again && !not_applied) || !in_hand_ ||
        static_cast<std::uint64_t>(d.detail[1]) != in_hand_->exec_id.value) {
        return;
    }
    BookedOrder& order = orders_.at(in_hand_->key);
    take_back_correction();
    if (again) {
        order = in_hand_->before;  // it was said, and counted, before
    } else {
        order.order.cumulative_quantity = in_hand_->before.filled();
    }
    changed(in_hand_->key, order, event.ts);
    in_hand_.reset();
}

/// The fill in hand belongs to nobody here.
void SentBook::on_foreign(const OrderEvent& alert) {
    if (!unknown_) return;
    const OrderEvent fill = *std::exchange(unknown_, std::nullopt);
    const ExecutionData& x = fill.data.execution;
    if (static_cast<std::uint64_t>(alert.data.alert.detail[1]) != x.exec_id.value) return;
    const ForeignKey order{{x.venue, x.order_id}, fill.instrument, VenueOrderId{}};
    if (x.exec_id.value != 0) {
        const FillKey key{x.venue, x.exec_id};
        if (fills_.contains(key)) return;  // it came again, or was taken back before
        keep(key, {ExecId{}, x.last_quantity});
        foreign_of_.emplace(key, order);
    }
    add_foreign(order, x.last_quantity);
}

/// Of a fill that is nobody's here, and of an order that is not known.
void SentBook::on_foreign_correction(const CorrectionData& d) {
    const bool again = d.exec_id.value != 0 && fills_.contains({d.venue, d.exec_id});
    if (again && !fills_.at({d.venue, d.exec_id}).busted) return;
    const bool bust = overtaken(d) || d.kind == CorrectionKind::kBust;
    FillKey about{d.venue, d.ref_exec_id};
    if (Fill* const fill = fill_of(about)) {
        const auto order = foreign_of_.find(about);
        if (order == foreign_of_.end()) return;  // of an order that is ours
        const Quantity quantity = bust ? Quantity::zero() : d.quantity;
        add_foreign(order->second, quantity - fill->quantity);
        fill->quantity = quantity;
    } else if (bust && about.id.value != 0) {
        keep(about, {ExecId{}, Quantity::zero(), true});
    }
    if (d.exec_id.value != 0) keep({d.venue, d.exec_id}, {about.id, {}});
}

void SentBook::add_foreign(const ForeignKey& key, Quantity quantity) {
    ForeignFills& f = foreign_[key];
    f.venue = key.order.venue;
    f.order_id = key.order.id;
    f.instrument = key.instrument;
    f.quantity += quantity;
    if (f.quantity.is_zero()) foreign_.erase(key);
    foreign_count_.store(foreign_.size(), std::memory_order_release);
    changes_.fetch_add(1, std::memory_order_acq_rel);
}

/// People accepted an order as it stands; of one that is not ours, what its fills come to.
void SentBook::on_accepted(const OrderEvent& alert) {
    const ForeignKey key{
        {VenueId{alert.source}, alert.data.alert.order_id}, alert.instrument, VenueOrderId{}};
    if (!foreign_.contains(key)) return;
    // What came meanwhile stays.
    add_foreign(key, Quantity::zero() - Quantity::from_raw(alert.data.alert.detail[1]));
}

void SentBook::note_surprise(const ExecutionData& x, const BookedOrder* known) {
    if (!x.leaves_quantity.is_positive() || (known != nullptr && !known->over)) return;
    switch (x.exec_type) {
        case ExecType::kCancelRejected:
        case ExecType::kReplaceRejected:
            return;  // it repeats what the link knew
        case ExecType::kTrade:
            if (known != nullptr) return;  // its end overtook it
            break;
        default:
            break;
    }
    // The same name may be many orders' where it is none of ours.
    const ForeignKey key{{x.venue, x.order_id}, InstrumentId{}, x.venue_order_id};
    if (x.venue.value >= surprised_.size() || !surprises_.insert(key).second) return;
    surprised_[x.venue.value] = true;
    any_surprise_.store(true, std::memory_order_release);
}

bool SentBook::take_surprise(VenueId venue) {
    if (!any_surprise_.load(std::memory_order_acquire)) return false;
    const std::lock_guard lock(mutex_);
    const bool is = surprised_[venue.value];
    surprised_[venue.value] = false;
    const bool more = std::ranges::find(surprised_, true) != surprised_.end();
    any_surprise_.store(more, std::memory_order_release);
    return is;
}

BookedOrder* SentBook::order_of(ClientOrderId id, Key* key) {
    for (std::size_t v = 0; v < newest_.size(); ++v) {
        const Key at{VenueId{static_cast<std::uint16_t>(v)}, id};
        const auto found = orders_.find(at);
        if (found == orders_.end()) continue;
        if (key != nullptr) *key = at;
        return &found->second;
    }
    return nullptr;
}

void SentBook::keep(const FillKey& key, const Fill& fill) {
    if (!fills_.try_emplace(key, fill).second) return;
    fill_order_.push_back(key);
    if (fill_order_.size() <= kFillsKept) return;
    foreign_of_.erase(fill_order_.front());
    fills_.erase(fill_order_.front());
    fill_order_.pop_front();
}

/// The fill that `key` names, itself or by corrections of it; `key` becomes its own, also where
/// that fill is not known.
SentBook::Fill* SentBook::fill_of(FillKey& key) {
    auto found = fills_.find(key);
    for (int n = 0; n < kCorrectionsOfOne && found != fills_.end(); ++n) {
        if (found->second.of.value == 0) return &found->second;
        key.id = found->second.of;
        found = fills_.find(key);
    }
    return nullptr;
}

void SentBook::changed(const Key& key, BookedOrder& order, Timestamp ts, bool moved) {
    order.changed = changes_.load(std::memory_order_relaxed) + 1;
    changes_.store(order.changed, std::memory_order_release);
    if (moved) order.moved = order.changed;
    // What comes late after all is not excused any more.
    const Quantity more = std::max(order.claimed - order.filled(), Quantity::zero());
    order.excused = std::min(order.excused, more);
    const bool missing = !order.missing().is_zero(), unreported = order.unreported();
    if (unreported && order.since.ns == 0) order.since = ts;
    if (!unreported) order.since = Timestamp{};
    const auto list = [&](std::set<Key>& keys, bool in) {
        if (in) {
            keys.insert(key);
        } else {
            keys.erase(key);
        }
        return keys.size();
    };
    list(outstanding_, order.outstanding());
    unreported_count_.store(list(unreported_, unreported), std::memory_order_release);
    const bool ends = order.over && !order.over_here && !missing && !order.excused.is_zero();
    to_end_count_.store(list(to_end_, ends), std::memory_order_release);
    const bool replacing = order.replacing && !order.over_here;
    replacing_count_.store(list(replacing_, replacing), std::memory_order_release);
}

std::vector<BookedOrder> SentBook::listed(const std::set<Key>& keys, VenueId venue) const {
    std::vector<BookedOrder> all;
    for (const Key& key : keys) {
        if (key.venue == venue) all.push_back(orders_.at(key));
    }
    return all;
}

std::vector<BookedOrder> SentBook::outstanding(VenueId venue) const {
    const std::lock_guard lock(mutex_);
    return listed(outstanding_, venue);
}

std::vector<BookedOrder> SentBook::unreported(VenueId venue) const {
    if (unreported_count_.load(std::memory_order_acquire) == 0) return {};
    const std::lock_guard lock(mutex_);
    return listed(unreported_, venue);
}

std::vector<BookedOrder> SentBook::to_end(VenueId venue) const {
    if (to_end_count_.load(std::memory_order_acquire) == 0) return {};
    const std::lock_guard lock(mutex_);
    return listed(to_end_, venue);
}

std::vector<BookedOrder> SentBook::replacing(VenueId venue) const {
    if (replacing_count_.load(std::memory_order_acquire) == 0) return {};
    const std::lock_guard lock(mutex_);
    return listed(replacing_, venue);
}

std::vector<ForeignFills> SentBook::foreign(VenueId venue) const {
    if (foreign_count_.load(std::memory_order_acquire) == 0) return {};
    const std::lock_guard lock(mutex_);
    std::vector<ForeignFills> all;
    for (const auto& [key, fills] : foreign_) {
        if (key.order.venue == venue) all.push_back(fills);
    }
    return all;
}

std::optional<BookedOrder> SentBook::find(VenueId venue, ClientOrderId id) const {
    const std::lock_guard lock(mutex_);
    const auto found = orders_.find({venue, id});
    if (found == orders_.end()) return std::nullopt;
    return found->second;
}

std::uint64_t SentBook::newest_message(VenueId venue) const {
    const std::lock_guard lock(mutex_);
    return venue.value < newest_.size() ? newest_[venue.value] : 0;
}

}  // namespace fermata
