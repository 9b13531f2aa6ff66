#pragma once

#include <cstdint>

#include "core/event/order_event.hpp"
#include "core/strategy/order_request.hpp"
#include "core/types/ids.hpp"

namespace fermata {

class StateArchive;
class StrategyContext;

/// Keeps one order at the terms that its owner wants, whatever reports come in between: submits it,
/// replaces it, cancels it, one request at a time.
///
/// `want` says what should be open from now on (the quantity is what is still to be filled), and
/// `sync` does the next step towards it. Call `sync` after `want`, and after every report.
/// An order that was refused is not sent again before `want` asks for other terms.
class WorkingOrder {
public:
    /// Side, type and instrument of a live order cannot be changed: another one is canceled first.
    void want(const OrderRequest& request) noexcept;
    /// Nothing should be open.
    void withdraw() noexcept { wanted_.quantity = Quantity::zero(); }

    /// `closed`: the market takes no orders, so nothing but a cancel is sent.
    void sync(StrategyContext& context, bool closed = false) noexcept;

    [[nodiscard]] bool owns(OrderTag tag) const noexcept { return tag.value != 0 && tag == tag_; }
    /// A fill of the order. To be called before the report that follows it.
    void on_fill(const FillData& fill) noexcept;
    void on_order(const OrderUpdateData& update) noexcept;

    [[nodiscard]] OrderTag tag() const noexcept { return tag_; }
    [[nodiscard]] bool is_live() const noexcept { return tag_.value != 0; }
    /// The newest order was denied or rejected under the terms that are wanted now.
    [[nodiscard]] bool refused() const noexcept { return refused_; }
    /// What of the live order may still be filled.
    [[nodiscard]] Quantity leaves() const noexcept {
        return is_live() && quantity_ > filled_ ? quantity_ - filled_ : Quantity::zero();
    }
    /// A request found no session with the venue, or was refused there: nothing like it is asked of
    /// the order before `retry`, for it would be refused again at once, without end. New terms that
    /// were refused hold no cancel back.
    [[nodiscard]] bool held_back() const noexcept { return held_back_; }
    /// What was refused may be sent again.
    void retry() noexcept { refused_ = held_back_ = cancel_held_back_ = false; }
    [[nodiscard]] const OrderRequest& wanted() const noexcept { return wanted_; }

    void persist(StateArchive& a);

private:
    [[nodiscard]] bool same_terms() const noexcept;

    OrderRequest wanted_;
    OrderRequest sent_;  // the order that is live, with the terms last asked for
    OrderTag tag_;       // zero: none is live
    Quantity quantity_;  // of the live order, as its venue knows it
    Quantity filled_;
    bool asked_ = false;  // a request is not answered yet
    bool refused_ = false;
    bool held_back_ = false;
    bool cancel_held_back_ = false;
};

}  // namespace fermata
