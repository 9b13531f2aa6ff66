#include "core/strategy/working_order.hpp"

#include "core/base/state_archive.hpp"
#include "core/strategy/context.hpp"

namespace fermata {
namespace {

bool same_kind(const OrderRequest& a, const OrderRequest& b) noexcept {
    return a.instrument == b.instrument && a.side == b.side && a.type == b.type && a.tif == b.tif &&
           a.offset_kind == b.offset_kind && a.flags == b.flags && a.link == b.link &&
           a.venue == b.venue;
}
bool same_prices(const OrderRequest& a, const OrderRequest& b) noexcept {
    return a.price == b.price && a.stop_price == b.stop_price && a.offset == b.offset &&
           a.display_quantity == b.display_quantity;
}
void persist_request(StateArchive& a, OrderRequest& r) {
    a(r.instrument, choice(r.side, 2), r.quantity, choice(r.type, kOrderTypeCount), r.price,
      r.stop_price, choice(r.tif, kTimeInForceCount), r.expire_time, r.display_quantity,
      choice(r.offset_kind, kOffsetKindCount), r.offset, r.flags,
      choice(r.link_role, kLinkRoleCount), r.link, r.parent, r.venue);
}

}  // namespace

void WorkingOrder::want(const OrderRequest& request) noexcept {
    if (request.quantity != sent_.quantity || !same_kind(request, sent_) ||
        !same_prices(request, sent_)) {
        refused_ = false;
    }
    wanted_ = request;
}

bool WorkingOrder::same_terms() const noexcept {
    return leaves() == wanted_.quantity && same_prices(sent_, wanted_);
}

void WorkingOrder::sync(StrategyContext& context, bool closed) noexcept {
    if (asked_) return;
    const bool other = !wanted_.quantity.is_positive() || !same_kind(sent_, wanted_);
    if (held_back_ && !(is_live() && other && !cancel_held_back_)) return;
    if (!is_live()) {
        if (!wanted_.quantity.is_positive() || refused_ || closed) return;
        tag_ = context.submit(wanted_);
        if (tag_.value == 0) return;  // the strategy is stopped
        sent_ = wanted_;
        quantity_ = wanted_.quantity;
        filled_ = Quantity::zero();
        asked_ = true;
        return;
    }
    if (leaves().is_zero()) return;  // filled, and the report of its end is under way
    if (other) {
        context.cancel(tag_);
        asked_ = true;
    } else if (!same_terms() && !refused_ && !closed) {
        OrderTerms terms;
        terms.quantity = filled_ + wanted_.quantity;
        terms.price = wanted_.price;
        terms.stop_price = wanted_.stop_price;
        terms.display_quantity = wanted_.display_quantity;
        terms.offset = wanted_.offset;
        sent_ = wanted_;
        context.replace(tag_, terms);
        asked_ = true;
    }
}

/// What was wanted is still to be filled less what was: no request follows from a fill alone.
void WorkingOrder::on_fill(const FillData& fill) noexcept {
    filled_ += fill.quantity;
    for (OrderRequest* r : {&wanted_, &sent_}) {
        r->quantity = r->quantity > fill.quantity ? r->quantity - fill.quantity : Quantity::zero();
    }
}

void WorkingOrder::on_order(const OrderUpdateData& update) noexcept {
    const bool as_wanted = same_prices(sent_, wanted_) && sent_.quantity == wanted_.quantity;
    if (!asked_ && !is_trailing(sent_.type) && sent_.type != OrderType::kPegged) {
        sent_.price = update.price;  // a corporate action changed them
        sent_.stop_price = update.stop_price;
    }
    quantity_ = update.quantity;
    filled_ = update.cumulative_quantity;
    if (is_terminal(update.state)) {
        refused_ = as_wanted &&
                   (update.state == OrderState::kDenied || update.state == OrderState::kRejected);
        tag_ = OrderTag{};
        asked_ = held_back_ = cancel_held_back_ = false;
        return;
    }
    switch (update.state) {
        case OrderState::kPendingNew:
        case OrderState::kPendingCancel:
        case OrderState::kPendingReplace:
        case OrderState::kUnknown:
            asked_ = true;
            return;
        default:
            break;
    }
    // New terms that the gate or the venue refused are not in force, and are not asked for again.
    refused_ = asked_ && as_wanted &&
               (update.failed != 0 || update.reason == OrderReason::kUnsupported ||
                update.reason == OrderReason::kInvalidPrice ||
                update.reason == OrderReason::kInvalidQuantity);
    const bool no_session = asked_ && update.reason == OrderReason::kDisconnected;
    const bool no_cancel = update.previous == OrderState::kPendingCancel;
    const bool no_terms =
        update.previous == OrderState::kPendingReplace && !refused_ && leaves() != sent_.quantity;
    // Over at its venue: the report of its end is still to come, and nothing is to be asked.
    const bool over = no_cancel && (update.reason == OrderReason::kTooLateToCancel ||
                                    update.reason == OrderReason::kUnknownOrder);
    cancel_held_back_ = !over && (no_session || no_cancel);
    held_back_ = cancel_held_back_ || no_terms;
    asked_ = over;
}

void WorkingOrder::persist(StateArchive& a) {
    static_assert(sizeof(WorkingOrder) == 240, "WorkingOrder::persist must deal with every member");
    persist_request(a, wanted_);
    persist_request(a, sent_);
    a(tag_, quantity_, filled_, asked_, refused_, held_back_, cancel_held_back_);
}

}  // namespace fermata
