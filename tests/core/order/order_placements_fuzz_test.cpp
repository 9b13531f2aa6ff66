// Linked, emulated and sliced orders against a random venue that knows market and limit orders
// only. What the venue truly holds, by client order id, is kept in plain lists.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "tests/core/order/plain_venue_world.hpp"

namespace fermata {
namespace {

using test::OrderWorld;
using test::PlainVenueWorld;
using test::price;
using test::units;

struct Placement {
    OrderTag tag;
    Side side = Side::kBuy;
    std::int64_t quantity = 0;
    std::int64_t filled = 0;
    std::int64_t on_the_way = 0;  // filled, not yet reported
    bool live = true;
};

class PlacementFlow : public ::testing::TestWithParam<std::uint64_t> {
protected:
    PlainVenueWorld w_;
    std::mt19937_64 random_{GetParam()};
    std::map<std::uint64_t, Placement> venue_;  // by client order id
    std::vector<OrderEvent> on_the_way_;
    std::vector<OrderTag> tags_;
    std::uint32_t link_ = 0;
    std::int64_t last_ = 100;
    std::int64_t position_ = 0;
    std::uint64_t fills_ = 0, alerts_ = 0, triggered_ = 0, resent_ = 0;

    std::int64_t pick(std::int64_t low, std::int64_t high) {
        return low +
               static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
    }
    void report(std::uint64_t id, ExecType type) {
        const Placement& p = venue_[id];
        OrderEvent e = w_.report(p.tag, type);
        e.data.execution.order_id = ClientOrderId{id};
        e.data.execution.cumulative_quantity = units(p.filled);
        e.data.execution.leaves_quantity = units(p.live ? p.quantity - p.filled : 0);
        e.data.execution.price = price(last_);
        on_the_way_.push_back(e);
    }
    /// What the order manager just sent reaches the venue.
    void arrive() {
        for (const OrderEvent& e : w_.out.span()) {
            const ChangeOrderData& c = e.data.change;
            switch (e.type) {
                case OrderEventType::kSendNew: {
                    const NewOrderData& d = e.data.new_order;
                    ASSERT_FALSE(venue_.contains(d.order_id.value)) << "sent twice";
                    ASSERT_TRUE(d.type == OrderType::kMarket || d.type == OrderType::kLimit);
                    ASSERT_TRUE(d.quantity.is_positive());
                    resent_ += w_.orders.find(d.tag)->id != d.order_id ? 1 : 0;
                    venue_[d.order_id.value] = {d.tag, d.side, d.quantity.raw() / Quantity::kOne};
                    venue_[d.order_id.value].live = pick(0, 19) != 0;
                    report(d.order_id.value,
                           venue_[d.order_id.value].live ? ExecType::kNew : ExecType::kRejected);
                    break;
                }
                case OrderEventType::kSendCancel: {
                    Placement& p = venue_.at(c.order_id.value);
                    const bool done = p.live;
                    p.live = false;
                    report(c.order_id.value,
                           done ? ExecType::kCanceled : ExecType::kCancelRejected);
                    break;
                }
                case OrderEventType::kSendReplace: {
                    Placement& p = venue_.at(c.order_id.value);
                    const std::int64_t quantity = c.quantity.raw() / Quantity::kOne;
                    const bool done = p.live && quantity > p.filled;
                    if (done) p.quantity = quantity;
                    report(c.order_id.value,
                           done ? ExecType::kReplaced : ExecType::kReplaceRejected);
                    break;
                }
                case OrderEventType::kAlert:
                    ++alerts_;
                    break;
                case OrderEventType::kOrderUpdate:
                    triggered_ += e.data.update.state == OrderState::kTriggered &&
                                          e.data.update.previous == OrderState::kSuspended
                                      ? 1
                                      : 0;
                    break;
                default:
                    break;
            }
        }
    }
    void submit(OrderEvent e, LinkRole role = LinkRole::kNone) {
        if (w_.orders.open_count() >= 50) return;
        e.data.new_order.link = role == LinkRole::kNone ? 0 : link_;
        e.data.new_order.link_role = role;
        tags_.push_back(w_.submit(e));
        arrive();
    }
    OrderEvent make(Side side, OrderType type, std::int64_t quantity) {
        OrderEvent e = w_.order(side, type, quantity);
        NewOrderData& d = e.data.new_order;
        const std::int64_t away = pick(1, 6) * (side == Side::kBuy ? 1 : -1);
        if (has_limit_price(type)) d.price = price(last_ - away);
        if (has_stop_price(type))
            d.stop_price = price(last_ + (is_if_touched(type) ? -away : away));
        if (is_trailing(type)) {
            d.offset = price(pick(1, 6)).raw();
            d.offset_kind = OffsetKind::kTrailPrice;
        }
        if (type == OrderType::kPegged) d.offset_kind = OffsetKind::kPegPrimary;
        if (type == OrderType::kLimit && pick(0, 2) == 0) d.display_quantity = units(pick(1, 20));
        return e;
    }
    OrderType any_type() { return static_cast<OrderType>(pick(0, kOrderTypeCount - 1)); }
    void place() {
        const Side side = pick(0, 1) == 0 ? Side::kBuy : Side::kSell;
        const std::int64_t quantity = pick(1, 60);
        ++link_;
        switch (pick(0, 4)) {
            case 0:
                submit(make(side, OrderType::kLimit, quantity), LinkRole::kPrimary);
                submit(make(opposite(side), OrderType::kStop, quantity), LinkRole::kSecondaryOuo);
                submit(make(opposite(side), OrderType::kLimit, quantity), LinkRole::kSecondaryOuo);
                break;
            case 1:
                for (int n = 0; n < 3; ++n)
                    submit(make(side, any_type(), quantity), LinkRole::kOuo);
                break;
            case 2:
                for (int n = 0; n < 2; ++n)
                    submit(make(side, any_type(), quantity), LinkRole::kOco);
                break;
            default:
                submit(make(side, any_type(), quantity));
                break;
        }
    }
    void market() {
        last_ = std::clamp<std::int64_t>(last_ + pick(-3, 3), 50, 150);
        w_.now = w_.now + Duration::milliseconds(60);
        if (pick(0, 1) == 0) {
            w_.quote(price(last_ - 1), price(last_ + 1));
        } else {
            w_.print(price(last_));
        }
        arrive();
    }
    void trade() {
        if (venue_.empty()) return;
        auto at = venue_.end();
        std::advance(
            at, -pick(1, std::min<std::int64_t>(40, static_cast<std::int64_t>(venue_.size()))));
        auto& [id, p] = *at;
        if (!p.live) return;
        const std::int64_t quantity = pick(1, p.quantity - p.filled);
        p.filled += quantity;
        p.on_the_way += quantity;
        if (p.filled == p.quantity) p.live = false;
        report(id, ExecType::kTrade);
        on_the_way_.back().data.execution.last_quantity = units(quantity);
        on_the_way_.back().data.execution.last_price = price(last_);
    }
    void deliver() {
        if (on_the_way_.empty()) return;
        const std::size_t n = pick(0, 3) != 0 ? 0 : random_() % on_the_way_.size();
        const OrderEvent e = on_the_way_[n];
        on_the_way_.erase(on_the_way_.begin() + static_cast<std::ptrdiff_t>(n));
        const ExecutionData& x = e.data.execution;
        w_.tell(e);
        ASSERT_FALSE(w_.out.empty()) << "a report without any answer";
        if (x.exec_type == ExecType::kTrade) {
            ++fills_;
            ASSERT_EQ(w_.emitted(OrderEventType::kFill).size(), 1U);
            Placement& p = venue_.at(x.order_id.value);
            const std::int64_t quantity = x.last_quantity.raw() / Quantity::kOne;
            p.on_the_way -= quantity;
            position_ += p.side == Side::kBuy ? quantity : -quantity;
        }
        arrive();
    }
    void request() {
        if (tags_.empty()) return;
        const OrderTag tag =
            tags_[tags_.size() - 1 - random_() % std::min<std::size_t>(30, tags_.size())];
        const Order* order = w_.orders.find(tag);
        if (order == nullptr) return;
        if (pick(0, 1) == 0) {
            w_.cancel(tag);
        } else {
            OrderEvent e = w_.change(OrderEventType::kReplace, tag);
            e.data.change.quantity = units(pick(1, 80));
            e.data.change.price = order->bound.is_zero() ? order->price : order->bound;
            e.data.change.stop_price = order->stop_price;
            e.data.change.offset = order->offset;
            w_.out.clear();
            w_.orders.accept_replace(e, price(150), w_.out);
        }
        ASSERT_FALSE(w_.out.empty()) << "a request without any answer";
        arrive();
    }
    void check() {
        std::map<Side, std::int64_t> truth;
        for (const auto& [id, p] : venue_) {
            if (p.live) truth[p.side] += p.quantity - p.filled + p.on_the_way;
        }
        ASSERT_GE(w_.exposure().buy, units(truth[Side::kBuy]));
        ASSERT_GE(w_.exposure().sell, units(truth[Side::kSell]));
        ASSERT_EQ(w_.accounts_book.position(OrderWorld::kMain, OrderWorld::kSpy), units(position_));
    }
    void step() {
        switch (pick(0, 9)) {
            case 0:
                place();
                break;
            case 1:
            case 2:
                market();
                break;
            case 3:
            case 4:
                trade();
                break;
            case 5:
                request();
                break;
            default:
                deliver();
                break;
        }
    }
};

TEST_P(PlacementFlow, KeepsHeldLinkedAndSlicedOrdersTrueToTheVenue) {
    w_.quote(price(99), price(101));
    for (int n = 0; n < 20'000; ++n) {
        step();
        if (n % 8 == 0) check();
        if (n % 1'000 == 0) w_.restart_all();
        if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", step " << n;
    }
    // Everything is canceled, every answer arrives: nothing may be left.
    for (int round = 0; round < 10; ++round) {
        w_.out.clear();
        w_.orders.cancel_all(ControlScope::kFirm, 0, w_.tick(), w_.out);
        arrive();
        while (!on_the_way_.empty()) {
            deliver();
            if (HasFatalFailure()) FAIL() << "seed " << GetParam();
        }
    }
    check();
    EXPECT_EQ(w_.orders.open_count(), 0U);
    EXPECT_EQ(w_.exposure().open_orders(), 0U);
    EXPECT_EQ(w_.exposure().buy, Quantity::zero());
    EXPECT_EQ(w_.exposure().sell_value, Money::zero());
    std::int64_t position = 0;
    for (const auto& [id, p] : venue_) {
        EXPECT_FALSE(p.live) << "the venue works what nobody knows of";
        position += p.side == Side::kBuy ? p.filled : -p.filled;
    }
    EXPECT_EQ(w_.accounts_book.position(OrderWorld::kMain, OrderWorld::kSpy), units(position));
    EXPECT_GT(fills_, 500U);
    EXPECT_GT(triggered_, 50U);
    EXPECT_GT(resent_, 15U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PlacementFlow, ::testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace fermata
