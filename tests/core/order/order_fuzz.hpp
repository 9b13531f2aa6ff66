#pragma once

// A random venue against the order manager: reports are delayed, permuted and repeated, fills are
// taken back, some orders are children of others. What the venue truly did is kept in plain lists;
// at each step and in the end both must agree.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "core/order/order_manager.hpp"
#include "tests/core/order/order_world.hpp"

namespace fermata::test {

/// An order as the venue knows it. Quantities in whole units.
struct TrueOrder {
    OrderTag tag;
    ClientOrderId id;
    InstrumentId instrument;
    Side side = Side::kBuy;
    std::int64_t quantity = 0;
    std::int64_t filled = 0;
    std::int64_t limit = 0;
    bool live = true;
    OrderTag parent;
};

/// A fill as the venue knows it.
struct TrueFill {
    OrderEvent report;
    OrderTag tag;
    std::int64_t quantity = 0;
    bool busted = false;
};

class OrderFlow : public ::testing::TestWithParam<std::uint64_t> {
protected:
    OrderManagerConfig config_{4'096, 1 << 16, 19'000, 1};
    OrderWorld w_{config_};
    std::mt19937_64 random_{GetParam()};
    std::map<std::uint64_t, TrueOrder> venue_;  // by tag
    std::vector<OrderEvent> on_the_way_;
    std::vector<OrderEvent> delivered_;
    std::set<std::uint64_t> seen_fills_;
    std::map<std::uint32_t, std::int64_t> position_;  // of the delivered fills
    std::uint64_t fills_emitted_ = 0;
    bool busts_ = false;    // fills are taken back
    bool parents_ = false;  // some orders are children
    std::vector<TrueFill> fills_;
    std::set<std::uint64_t> booked_, busted_;        // execution ids of fills
    std::map<std::uint64_t, std::int64_t> allowed_;  // by the parents' tags
    std::uint64_t refused_children_ = 0, taken_back_ = 0;

    std::int64_t pick(std::int64_t low, std::int64_t high) {
        return low +
               static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
    }
    OrderEvent report(const TrueOrder& o, ExecType type) {
        OrderEvent e = w_.report(o.tag, type);
        e.data.execution.order_id = o.id;
        e.data.execution.cumulative_quantity = units(o.filled);
        e.data.execution.leaves_quantity = units(o.live ? o.quantity - o.filled : 0);
        e.data.execution.price = price(o.limit);
        return e;
    }
    void send(const OrderEvent& e) { on_the_way_.push_back(e); }

    void place() {
        if (venue_.size() - finished() >= 60) return;
        TrueOrder o;
        o.instrument = pick(0, 1) == 0 ? OrderWorld::kSpy : OrderWorld::kSap;
        o.side = pick(0, 1) == 0 ? Side::kBuy : Side::kSell;
        o.quantity = pick(1, 100);
        o.limit = pick(1, 200);
        OrderEvent intent = w_.new_order(o.side, units(o.quantity), price(o.limit), o.instrument);
        if (parents_ && pick(0, 1) == 0 && !allowed_.empty()) {
            auto parent = allowed_.begin();
            std::advance(parent, pick(0, static_cast<std::int64_t>(allowed_.size()) - 1));
            const Order* p = w_.orders.find(OrderTag{parent->first});
            if (p == nullptr) return;
            intent.instrument = o.instrument = p->instrument;
            intent.data.new_order.side = o.side = p->side;
            intent.data.new_order.parent = o.parent = p->tag;
        }
        o.tag = w_.submit(intent);
        if (o.parent.value != 0 && w_.orders.find(o.tag) == nullptr) {
            ASSERT_EQ(w_.update().reason, OrderReason::kParent);
            ++refused_children_;
            return;
        }
        ASSERT_NE(w_.orders.find(o.tag), nullptr);
        o.id = w_.orders.find(o.tag)->id;
        venue_[o.tag.value] = o;
        if (pick(0, 9) == 0) {
            venue_[o.tag.value].live = false;
            send(report(venue_[o.tag.value], ExecType::kRejected));
        } else {
            send(report(o, ExecType::kNew));
        }
    }
    void place_parent() {
        if (!parents_ || allowed_.size() >= 40) return;
        OrderEvent e =
            w_.new_order(pick(0, 1) == 0 ? Side::kBuy : Side::kSell, units(pick(100, 400)),
                         price(100), pick(0, 1) == 0 ? OrderWorld::kSpy : OrderWorld::kSap);
        e.data.new_order.flags = kOrderParent;
        const OrderTag tag = w_.submit(e);
        ASSERT_EQ(w_.sends(), 0U);
        allowed_[tag.value] = e.data.new_order.quantity.raw() / Quantity::kOne;
    }
    /// Takes a fill back. The order goes on if it was live.
    void bust() {
        if (!busts_ || fills_.empty() || pick(0, 2) != 0) return;
        TrueFill& f = fills_[random_() % fills_.size()];
        if (f.busted) return;
        f.busted = true;
        TrueOrder& o = venue_[f.tag.value];
        o.filled -= f.quantity;
        send(w_.bust(f.report, units(o.live ? o.quantity - o.filled : 0)));
    }
    std::size_t finished() const {
        return static_cast<std::size_t>(std::count_if(
            venue_.begin(), venue_.end(), [](const auto& x) { return !x.second.live; }));
    }
    TrueOrder* any() {
        if (venue_.empty()) return nullptr;
        auto at = venue_.end();
        std::advance(
            at, -pick(1, std::min<std::int64_t>(80, static_cast<std::int64_t>(venue_.size()))));
        return &at->second;
    }
    void trade() {
        TrueOrder* o = any();
        if (o == nullptr || !o->live) return;
        const std::int64_t quantity = pick(1, o->quantity - o->filled);
        o->filled += quantity;
        if (o->filled == o->quantity) o->live = false;
        OrderEvent e = report(*o, ExecType::kTrade);
        e.data.execution.last_quantity = units(quantity);
        e.data.execution.last_price = price(o->limit);
        if (busts_) fills_.push_back({e, o->tag, quantity, false});
        send(e);
    }
    void cancel() {
        TrueOrder* o = any();
        if (o == nullptr) return;
        w_.cancel(o->tag);
        if (w_.emitted(OrderEventType::kSendCancel).empty()) return;
        const bool done = o->live && pick(0, 9) != 0;
        if (done) o->live = false;
        send(report(*o, done ? ExecType::kCanceled : ExecType::kCancelRejected));
    }
    void replace() {
        TrueOrder* o = any();
        if (o == nullptr) return;
        const std::int64_t quantity = pick(1, 150);
        const std::int64_t limit = pick(1, 200);
        w_.replace(o->tag, units(quantity), price(limit));
        if (w_.emitted(OrderEventType::kSendReplace).empty()) return;
        if (!o->live || quantity <= o->filled || pick(0, 9) == 0) {
            send(report(*o, ExecType::kReplaceRejected));
            return;
        }
        o->quantity = quantity;
        o->limit = limit;
        send(report(*o, ExecType::kReplaced));
    }
    void expire() {
        TrueOrder* o = any();
        if (o == nullptr || !o->live || pick(0, 5) != 0) return;
        o->live = false;
        send(report(*o, ExecType::kExpired));
    }
    void time_out() {
        TrueOrder* o = any();
        if (o == nullptr) return;
        w_.out.clear();
        w_.orders.on_timeout(o->id, w_.tick(), w_.out);
    }
    /// Any report that is under way arrives, or one that has arrived is repeated.
    void deliver() {
        if (!delivered_.empty() && pick(0, 9) == 0) {
            w_.tell(delivered_[random_() % delivered_.size()]);
            ASSERT_EQ(w_.alert(), AlertCode::kDuplicateExecution);
            return;
        }
        if (on_the_way_.empty()) return;
        const std::size_t n = random_() % on_the_way_.size();
        const OrderEvent e = on_the_way_[n];
        on_the_way_.erase(on_the_way_.begin() + static_cast<std::ptrdiff_t>(n));
        delivered_.push_back(e);
        w_.tell(e);
        ASSERT_FALSE(w_.out.empty()) << "a report without any answer";
        if (e.type == OrderEventType::kCorrection) {
            deliver_bust(e);
            return;
        }
        if (busted_.contains(e.data.execution.exec_id.value)) {
            ASSERT_EQ(w_.alert(), AlertCode::kDuplicateExecution) << "its bust came first";
            ASSERT_TRUE(w_.emitted(OrderEventType::kFill).empty());
            return;
        }
        const auto fills = w_.emitted(OrderEventType::kFill);
        fills_emitted_ += fills.size();
        if (e.data.execution.exec_type != ExecType::kTrade) {
            ASSERT_TRUE(fills.empty());
            return;
        }
        ASSERT_EQ(fills.size(), 1U);
        ASSERT_TRUE(seen_fills_.insert(e.data.execution.exec_id.value).second);
        booked_.insert(e.data.execution.exec_id.value);
        move_position(e.data.execution, 1);
    }
    void move_position(const ExecutionData& x, int direction) {
        for (const auto& [tag, o] : venue_) {
            if (o.id != x.order_id) continue;
            const std::int64_t q = x.last_quantity.raw() / Quantity::kOne;
            position_[o.instrument.value] += direction * (o.side == Side::kBuy ? q : -q);
        }
    }
    void deliver_bust(const OrderEvent& e) {
        const std::uint64_t id = e.data.correction.ref_exec_id.value;
        ASSERT_TRUE(busted_.insert(id).second);
        if (!booked_.contains(id)) {
            ASSERT_EQ(w_.alert(), AlertCode::kUnknownExecution);
            return;
        }
        ++taken_back_;
        ASSERT_EQ(w_.emitted(OrderEventType::kPosition).size(), 2U);
        for (const TrueFill& f : fills_) {
            if (f.report.data.execution.exec_id.value == id) {
                move_position(f.report.data.execution, -1);
            }
        }
    }

    void check() {
        // Exposure covers what the venue may still fill and what is filled but has not arrived.
        std::map<std::uint64_t, std::int64_t> leaves;  // by tag, of the orders that are live
        for (const auto& [tag, o] : venue_) {
            if (o.live) leaves[tag] += o.quantity - o.filled;
        }
        for (const OrderEvent& e : on_the_way_) {
            if (e.type == OrderEventType::kCorrection) {
                // Nobody but the venue knows yet that there is more to fill.
                for (const TrueFill& f : fills_) {
                    if (f.report.data.execution.exec_id != e.data.correction.ref_exec_id) continue;
                    if (venue_[f.tag.value].live) leaves[f.tag.value] -= f.quantity;
                }
                continue;
            }
            if (e.data.execution.exec_type != ExecType::kTrade ||
                busted_.contains(e.data.execution.exec_id.value)) {
                continue;
            }
            for (const auto& [tag, o] : venue_) {
                // A terminal report may overtake the fills of its order: then they come as late
                // fills, and the venue itself has said that nothing is open.
                if (o.id != e.data.execution.order_id || !o.live) continue;
                leaves[tag] += e.data.execution.last_quantity.raw() / Quantity::kOne;
            }
        }
        std::map<std::pair<std::uint32_t, Side>, std::int64_t> truth;
        for (const auto& [tag, quantity] : leaves) {
            const TrueOrder& o = venue_[tag];
            truth[{o.instrument.value, o.side}] += std::max<std::int64_t>(quantity, 0);
        }
        std::size_t open = 0;
        Quantity sum;
        Money value;
        w_.orders.table().for_each_open([&](const Order& o) {
            ++open;
            sum += o.reserved_quantity;
            value += o.reserved_value;
            ASSERT_EQ(o.reserved_quantity, o.is_parent() ? Quantity::zero() : o.worst_leaves());
        });
        std::map<std::uint64_t, std::int64_t> out;
        for (const auto& [tag, o] : venue_) {
            if (o.parent.value != 0) out[o.parent.value] += o.live ? o.quantity : o.filled;
        }
        for (const auto& [parent, total] : out) ASSERT_LE(total, allowed_[parent]);
        Quantity counted;
        Money counted_value;
        std::size_t orders = 0;
        for (const InstrumentId i : {OrderWorld::kSpy, OrderWorld::kSap}) {
            const Exposure& e = w_.exposure(i);
            counted += e.buy + e.sell;
            counted_value += e.buy_value + e.sell_value;
            orders += e.open_orders();
            ASSERT_GE(e.buy, units(truth[{i.value, Side::kBuy}]));
            ASSERT_GE(e.sell, units(truth[{i.value, Side::kSell}]));
            ASSERT_EQ(w_.accounts_book.position(OrderWorld::kMain, i), units(position_[i.value]));
        }
        ASSERT_EQ(counted, sum);
        ASSERT_EQ(counted_value, value);
        ASSERT_EQ(orders, open);
        ASSERT_EQ(w_.orders.exposures().open_orders(), open);
    }

    void step() {
        switch (pick(0, 9)) {
            case 0:
            case 1:
                place();
                break;
            case 2:
            case 3:
                trade();
                break;
            case 4:
                cancel();
                break;
            case 5:
                replace();
                break;
            case 6:
                pick(0, 3) == 0 ? time_out() : expire();
                place_parent();
                bust();
                break;
            default:
                deliver();
                break;
        }
    }
};

}  // namespace fermata::test
