#include "daemon/fix/drop_copy_reconciler.hpp"

#include <algorithm>
#include <utility>

namespace fermata {

DropCopyReconciler::DropCopyReconciler(Settings settings) : settings_(std::move(settings)) {}

bool DropCopyReconciler::watches(VenueId venue) const noexcept {
    return std::find(settings_.venues.begin(), settings_.venues.end(), venue) !=
           settings_.venues.end();
}

void DropCopyReconciler::on_record(const OrderEvent& record) {
    switch (record.type) {
        case OrderEventType::kSendNew: {
            const NewOrderData& order = record.data.new_order;
            on_order(order.order_id, order.venue);
            return;
        }
        case OrderEventType::kFill: {
            const FillData& fill = record.data.fill;
            const auto venue = venue_of_.find(fill.order_id.value);
            if (venue == venue_of_.end()) return;
            take({fill.exec_id, venue->second},
                 {fill.price, fill.quantity, record.instrument, fill.account,
                  static_cast<std::uint8_t>(fill.side), false},
                 true, record.ts);
            return;
        }
        case OrderEventType::kCorrection: {
            const CorrectionData& c = record.data.correction;
            if (!watches(c.venue)) return;
            Terms terms;
            terms.correction = true;
            take({c.exec_id, c.venue}, terms, true, record.ts);
            return;
        }
        default:
            return;
    }
}

void DropCopyReconciler::on_order(ClientOrderId order, VenueId venue) {
    if (!watches(venue) || !venue_of_.try_emplace(order.value, venue).second) return;
    orders_.push_back(order.value);
    if (orders_.size() <= settings_.kept) return;
    venue_of_.erase(orders_.front());
    orders_.pop_front();
}

void DropCopyReconciler::on_copy(const DropCopyReport& copy) {
    if (copy.lost != 0 && !lost_since_) lost_since_ = copy.event.ts;
    const OrderEvent& e = copy.event;
    if (e.type == OrderEventType::kCorrection) {
        Terms terms;
        terms.correction = true;
        take({e.data.correction.exec_id, e.data.correction.venue}, terms, false, e.ts);
        return;
    }
    if (e.type != OrderEventType::kExecution) return;
    const ExecutionData& x = e.data.execution;
    if (x.exec_type != ExecType::kTrade) return;
    take({x.exec_id, x.venue},
         {x.last_price, x.last_quantity, e.instrument, copy.account, copy.side, false}, false,
         e.ts);
}

bool DropCopyReconciler::agree(const Terms& own, const Terms& copy) noexcept {
    if (own.correction || copy.correction) return own.correction == copy.correction;
    return own.price == copy.price && own.quantity == copy.quantity &&
           own.instrument == copy.instrument && (copy.side == 0xff || own.side == copy.side) &&
           (copy.account.value == 0xffff || own.account == copy.account);
}

void DropCopyReconciler::keep(const Key& key) {
    agreed_.push_back(key);
    if (agreed_.size() <= settings_.kept) return;
    fills_.erase(agreed_.front());
    agreed_.pop_front();
}

void DropCopyReconciler::take(const Key& key, const Terms& terms, bool own, Timestamp ts) {
    Fill& fill = fills_[key];
    if (own ? fill.has_own : fill.has_copy) return;  // it came again
    (own ? fill.own : fill.copy) = terms;
    (own ? fill.has_own : fill.has_copy) = true;
    if (!fill.has_own || !fill.has_copy) {
        if (own && ts < settings_.from) {
            // Kept, so that a copy that does come finds it.
            fill.expected = false;
            keep(key);
            return;
        }
        fill.since = ts;
        open_.emplace(ts, key);
        return;
    }
    if (!agree(fill.own, fill.copy)) {
        if (!fill.expected) {
            fill.expected = true;
            fill.since = ts;
            open_.emplace(ts, key);
            std::erase(agreed_, key);
        }
        return;  // since the first of the two came
    }
    if (!fill.expected) return;  // kept already
    open_.erase({fill.since, key});
    keep(key);
}

void DropCopyReconciler::accept() {
    for (const auto& [since, key] : open_) {
        fills_[key].has_own = fills_[key].has_copy = true;
        keep(key);
    }
    open_.clear();
    lost_since_.reset();
}

Duration DropCopyReconciler::differs_for(Timestamp now) const noexcept {
    Timestamp since = Timestamp::never();
    if (!open_.empty()) since = open_.begin()->first;
    if (lost_since_) since = std::min(since, *lost_since_);
    return since < now ? now - since : Duration{};
}

std::optional<OrderEvent> DropCopyReconciler::poll(Timestamp now) noexcept {
    Duration differs = differs_for(now);
    if (differs < settings_.every) differs = {};
    const bool again = told_ && differs.ns != 0 && told_->ns != 0 &&
                       differs - *told_ < settings_.every && *told_ <= differs;
    if (again || (told_ && told_->ns == 0 && differs.ns == 0)) return std::nullopt;
    told_ = differs;
    OrderEvent e = make_order_event(OrderEventType::kRiskInput, now, InstrumentId{0xffff'ffff});
    e.data.risk_input = RiskInputData{};
    e.data.risk_input.kind = RiskInputKind::kDropCopy;
    e.data.risk_input.values[0] = differs.ns;
    return e;
}

}  // namespace fermata
