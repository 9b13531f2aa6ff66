#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/types/number.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/true_orders.hpp"

namespace fermata::test {

/// A venue that is right about its own book and wrong about everything else: it answers late and in
/// any order, twice or only after a reconnect, rejects, cancels and expires at will, takes fills
/// back and changes them. While its session is down requests are lost and reports wait.
///
/// What it keeps is the truth that the order manager is measured by. Quantities are whole units.
class HostileVenue {
public:
    HostileVenue(VenueId id, Dice& dice) : id_(id), dice_(dice) {}

    // --- the wire ---

    /// A request leaves for the venue.
    void send(const OrderEvent& e) {
        if (e.type == OrderEventType::kSendNew) {
            const NewOrderData& d = e.data.new_order;
            if (!ids_.insert(d.order_id.value).second) {
                wrong_ = "order " + std::to_string(d.order_id.value) + " was sent twice";
            }
            TrueOrder& o = orders_[d.order_id.value];
            o.terms = d;
            o.instrument = e.instrument;
            o.total = d.quantity.raw() / Quantity::kOne;
            o.lost = !connected_;
        } else if (e.type == OrderEventType::kSendReplace) {
            TrueOrder& o = orders_[e.data.change.order_id.value];
            o.wanted = std::max(o.wanted, e.data.change.quantity.raw() / Quantity::kOne);
        }
        if (connected_) {
            requests_.push_back(e);
        } else if (e.type != OrderEventType::kSendNew) {
            lost_changes_.push_back(e);
        }
    }
    /// Something happens: a request arrives, or the market or the venue has its way with an order.
    void act(Timestamp now) {
        now_ = now;
        if (!requests_.empty() && dice_.chance(60)) {
            arrive();
            return;
        }
        switch (dice_.pick(0, 19)) {
            case 0:
                end(any(), ExecType::kExpired, OrderReason::kSessionEnd);
                break;
            case 1:
                end(any(), ExecType::kCanceled, OrderReason::kNone);
                break;
            case 2:
                if (connected_) disconnect();
                break;
            case 3:
            case 4:
            case 5:
                if (!connected_) connect();
                break;
            case 6:
                if (corrects_) bust();
                break;
            case 7:
                if (corrects_) correct();
                break;
            default:
                trade(any());
                break;
        }
    }
    /// The next report that reaches Fermata, if any: one of the oldest, not always the first.
    std::optional<OrderEvent> deliver(Timestamp now) {
        if (!connected_ || wire_.empty()) return std::nullopt;
        const std::size_t window = std::min<std::size_t>(wire_.size(), 12);
        const std::size_t n = first_of_its_order(
            static_cast<std::size_t>(dice_.pick(0, static_cast<std::int64_t>(window) - 1)));
        OrderEvent e = wire_[n];
        if (!finishing_ && !in_sequence(e) && dice_.chance(4)) {  // comes with the next resend
            unsent_.push_back(e);
            wire_.erase(wire_.begin() + static_cast<std::ptrdiff_t>(n));
            return std::nullopt;
        }
        if (!dice_.chance(10)) wire_.erase(wire_.begin() + static_cast<std::ptrdiff_t>(n));
        e.ts = now;
        if (dice_.chance(2)) seen_.push_back(e);
        told(e);
        return e;
    }
    void disconnect() {
        connected_ = false;
        for (const OrderEvent& e : requests_) {  // what was under way is lost
            if (e.type == OrderEventType::kSendNew) {
                orders_[e.data.new_order.order_id.value].lost = true;
            } else {
                lost_changes_.push_back(e);
            }
        }
        requests_.clear();
        unsent_.insert(unsent_.end(), wire_.begin(), wire_.end());
        wire_.clear();
    }
    /// The session is up again: what was not delivered is sent again, and some of the rest too.
    void connect() {
        connected_ = true;
        wire_.insert(wire_.end(), unsent_.begin(), unsent_.end());
        unsent_.clear();
        wire_.insert(wire_.end(), seen_.begin(), seen_.end());
        seen_.clear();
    }
    /// Fermata asks for the state of an order that it holds for open; the venue says that it is
    /// not.
    void answer_closed(ClientOrderId id, Timestamp now) {
        now_ = now;
        const auto found = orders_.find(id.value);
        if (found == orders_.end()) return;
        put(report(found->second, ExecType::kExpired, OrderReason::kSessionEnd));
    }
    /// The end of the day: requests arrive, lost ones are answered (whoever asks for the state of
    /// everything hears that they are not known), what is open expires, and all that was ever
    /// reported is delivered.
    void finish(Timestamp now) {
        now_ = now;
        finishing_ = true;
        if (!connected_) connect();
        while (!requests_.empty()) arrive();
        for (const OrderEvent& e : lost_changes_) {
            refuse(orders_[e.data.change.order_id.value], e.type, OrderReason::kUnknownOrder);
        }
        lost_changes_.clear();
        for (auto& [id, o] : orders_) {
            if (o.lost && !o.arrived) {
                reject(o, OrderReason::kUnknownOrder);
            } else {
                end(&o, ExecType::kExpired, OrderReason::kSessionEnd);
            }
        }
        connect();
    }
    [[nodiscard]] bool idle() const {
        return requests_.empty() && wire_.empty() && unsent_.empty();
    }
    /// Fills are taken back and changed too.
    void set_corrects(bool corrects) { corrects_ = corrects; }

    // --- the truth ---

    /// What the venue saw that must never be; empty: nothing.
    [[nodiscard]] const std::string& wrong() const { return wrong_; }
    [[nodiscard]] const std::map<std::uint64_t, TrueOrder>& orders() const { return orders_; }
    [[nodiscard]] const std::vector<TrueFill>& fills() const { return fills_; }
    /// The most that an order may still come to as far as Fermata can know of it. An order's last
    /// report says what it came to, so fills that it overtook count before they arrive.
    [[nodiscard]] static std::int64_t worst(const TrueOrder& o) {
        if (o.lost) return 0;
        if (!o.arrived) return std::max(o.total, o.wanted);
        if (o.over_told) return std::max(o.filled, o.told);
        return std::max(o.open ? std::max(o.total, o.filled) : o.filled, o.told);
    }
    [[nodiscard]] std::int64_t position(AccountId account, InstrumentId instrument) const {
        std::int64_t sum = 0;
        for (const auto& [id, o] : orders_) {
            if (o.terms.account == account && o.instrument == instrument) {
                sum += sign(o.terms.side) * o.filled;
            }
        }
        return sum;
    }
    /// What the fills moved: purchases, sales and fees.
    [[nodiscard]] Money cash(AccountId account) const {
        Money sum;
        for (const TrueFill& f : fills_) {
            const TrueOrder& o = orders_.at(f.order);
            if (f.busted || o.terms.account != account) continue;
            const std::int64_t value = f.price.raw() / 1'000 * f.quantity;  // whole cents: exact
            sum = sum - Money::from_raw(sign(o.terms.side) * value) - f.fee;
        }
        return sum;
    }

private:
    static std::uint64_t order_of(const OrderEvent& e) {
        return e.type == OrderEventType::kCorrection ? e.data.correction.order_id.value
                                                     : e.data.execution.order_id.value;
    }
    /// What the session delivers in the order of sending: a correction says what its order comes to
    /// from then on, so nothing later about that order may be ahead of it.
    static bool in_sequence(const OrderEvent& e) { return e.type == OrderEventType::kCorrection; }
    /// The report at `n`, or one before it that must be delivered first.
    std::size_t first_of_its_order(std::size_t n) const {
        const std::uint64_t order = order_of(wire_[n]);
        for (std::size_t m = 0; m < n; ++m) {
            if (order_of(wire_[m]) == order && in_sequence(wire_[m])) return m;
        }
        return n;
    }
    TrueOrder* any() {
        std::vector<TrueOrder*> live;
        for (auto at = orders_.rbegin(); at != orders_.rend() && live.size() < 40; ++at) {
            if (at->second.open) live.push_back(&at->second);
        }
        if (live.empty()) return nullptr;
        return live[static_cast<std::size_t>(
            dice_.pick(0, static_cast<std::int64_t>(live.size()) - 1))];
    }
    OrderEvent report(const TrueOrder& o, ExecType type, OrderReason reason = OrderReason::kNone) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, now_, o.instrument);
        ExecutionData d;
        d.order_id = o.terms.order_id;
        d.venue_order_id = o.venue_order_id;
        d.exec_id = ExecId{++execs_};
        d.leaves_quantity = Quantity::from_units(o.open ? o.total - o.filled : 0);
        d.cumulative_quantity = Quantity::from_units(o.filled);
        d.venue = id_;
        d.reason = reason;
        d.exec_type = type;
        d.price = o.terms.price;
        d.stop_price = o.terms.stop_price;
        e.data.execution = d;
        e.source = id_.value;
        return e;
    }
    void put(const OrderEvent& e) {
        if (connected_) {
            wire_.push_back(e);
        } else {
            unsent_.push_back(e);
        }
    }
    void arrive() {
        const OrderEvent e = requests_.front();
        requests_.erase(requests_.begin());
        if (e.type == OrderEventType::kSendNew) {
            TrueOrder& o = orders_[e.data.new_order.order_id.value];
            o.arrived = true;
            o.venue_order_id = VenueOrderId{++venue_orders_};
            if (dice_.chance(8)) {
                reject(o, OrderReason::kMarketClosed);
            } else {
                o.open = true;
                put(report(o, ExecType::kNew));
            }
            return;
        }
        const auto found = orders_.find(e.data.change.order_id.value);
        if (found == orders_.end()) {
            wrong_ = "a change of an order that was never sent";
            return;
        }
        TrueOrder& o = found->second;
        const bool is_cancel = e.type == OrderEventType::kSendCancel;
        if (!o.arrived || !o.open || dice_.chance(8)) {
            refuse(o, e.type, OrderReason::kTooLateToCancel);
        } else if (is_cancel) {
            end(&o, ExecType::kCanceled, OrderReason::kRequested);
        } else {
            replace(o, e.data.change);
        }
    }
    void refuse(TrueOrder& o, OrderEventType what, OrderReason reason) {
        const bool is_cancel = what == OrderEventType::kSendCancel;
        put(report(o, is_cancel ? ExecType::kCancelRejected : ExecType::kReplaceRejected, reason));
    }
    void replace(TrueOrder& o, const ChangeOrderData& d) {
        const std::int64_t total = d.quantity.raw() / Quantity::kOne;
        if (total <= o.filled) {
            put(report(o, ExecType::kReplaceRejected, OrderReason::kInvalidQuantity));
            return;
        }
        o.total = total;
        o.terms.price = d.price;
        o.terms.stop_price = d.stop_price;
        put(report(o, ExecType::kReplaced));
    }
    void reject(TrueOrder& o, OrderReason reason) {
        o.open = false;
        o.arrived = true;
        put(report(o, ExecType::kRejected, reason));
    }
    void end(TrueOrder* o, ExecType type, OrderReason reason) {
        if (o == nullptr || !o->open) return;
        o->open = false;
        put(report(*o, type, reason));
    }
    void trade(TrueOrder* o) {
        if (o == nullptr || o->total <= o->filled) return;
        TrueFill f;
        const std::int64_t left = o->total - o->filled;
        f.quantity = dice_.chance(40) ? left : dice_.pick(1, left);
        f.price = Price::from_raw(dice_.pick(9'000, 11'000) * 10'000'000);
        f.fee = Money::from_raw(dice_.pick(-20, 90) * 10'000);
        f.order = o->terms.order_id.value;
        o->filled += f.quantity;
        o->open = o->filled < o->total;
        OrderEvent e = report(*o, ExecType::kTrade);
        f.first = f.last = e.data.execution.exec_id;
        e.data.execution.last_quantity = Quantity::from_units(f.quantity);
        e.data.execution.last_price = f.price;
        e.data.execution.fee = f.fee;
        e.data.execution.liquidity = dice_.chance(50) ? Liquidity::kMaker : Liquidity::kTaker;
        fills_.push_back(f);
        put(e);
    }
    /// A fill that can be taken back or changed: known to Fermata, and not on its way to be.
    TrueFill* any_told() {
        std::vector<TrueFill*> told;
        for (auto at = fills_.rbegin(); at != fills_.rend() && told.size() < 30; ++at) {
            if (at->told && !at->busted && !at->under_correction) told.push_back(&*at);
        }
        if (told.empty()) return nullptr;
        return told[static_cast<std::size_t>(
            dice_.pick(0, static_cast<std::int64_t>(told.size()) - 1))];
    }
    OrderEvent correction(const TrueOrder& o, TrueFill& f, CorrectionKind kind) {
        OrderEvent e = make_order_event(OrderEventType::kCorrection, now_, o.instrument);
        CorrectionData d;
        d.order_id = o.terms.order_id;
        d.venue_order_id = o.venue_order_id;
        d.exec_id = ExecId{++execs_};
        d.ref_exec_id = f.last;
        d.leaves_quantity = Quantity::from_units(o.open ? o.total - o.filled : 0);
        d.cumulative_quantity = Quantity::from_units(o.filled);
        d.venue = id_;
        d.kind = kind;
        if (kind == CorrectionKind::kCorrect) {
            d.price = f.price;
            d.quantity = Quantity::from_units(f.quantity);
            d.fee = f.fee;
        }
        e.data.correction = d;
        e.source = id_.value;
        f.under_correction = true;
        f.last = d.exec_id;
        return e;
    }
    void bust() {
        TrueFill* f = any_told();
        if (f == nullptr) return;
        TrueOrder& o = orders_[f->order];
        f->busted = true;
        o.filled -= f->quantity;
        put(correction(o, *f, CorrectionKind::kBust));
    }
    void correct() {
        TrueFill* f = any_told();
        if (f == nullptr) return;
        TrueOrder& o = orders_[f->order];
        const std::int64_t quantity = dice_.pick(1, f->quantity);
        o.filled -= f->quantity - quantity;
        f->quantity = quantity;
        f->price = Price::from_raw(dice_.pick(9'000, 11'000) * 10'000'000);
        put(correction(o, *f, CorrectionKind::kCorrect));
    }
    /// Fermata knows it from now on.
    void told(const OrderEvent& e) {
        const std::uint64_t exec = e.type == OrderEventType::kCorrection
                                       ? e.data.correction.exec_id.value
                                       : e.data.execution.exec_id.value;
        if (!told_.insert(exec).second) return;
        if (e.type == OrderEventType::kCorrection) {
            for (TrueFill& f : fills_) {
                if (f.last.value != exec) continue;
                f.under_correction = false;
                f.known = f.busted ? 0 : f.quantity;
                if (e.data.correction.leaves_quantity.is_zero()) orders_[f.order].over_told = true;
                orders_[f.order].told = sum_known(f.order);
            }
            return;
        }
        const ExecutionData& d = e.data.execution;
        TrueOrder& o = orders_[d.order_id.value];
        switch (d.exec_type) {
            case ExecType::kTrade:
                for (TrueFill& f : fills_) {
                    if (f.first.value != exec) continue;
                    f.told = true;
                    f.known = f.quantity;
                }
                o.told = sum_known(d.order_id.value);
                break;
            case ExecType::kRejected:
            case ExecType::kExpired:
            case ExecType::kCanceled:
                o.over_told = true;
                break;
            default:
                break;
        }
    }
    /// What Fermata must have booked of an order.
    [[nodiscard]] std::int64_t sum_known(std::uint64_t order) const {
        std::int64_t sum = 0;
        for (const TrueFill& f : fills_) sum += f.order == order ? f.known : 0;
        return sum;
    }

    VenueId id_;
    Dice& dice_;
    Timestamp now_;
    bool connected_ = true;
    bool finishing_ = false;
    bool corrects_ = false;
    std::map<std::uint64_t, TrueOrder> orders_;  // by client order id
    std::vector<TrueFill> fills_;
    std::set<std::uint64_t> ids_, told_;
    std::vector<OrderEvent> requests_;  // on their way to the venue
    std::vector<OrderEvent> lost_changes_;
    std::vector<OrderEvent> wire_;    // reports on their way to Fermata
    std::vector<OrderEvent> unsent_;  // reports that wait for the session
    std::vector<OrderEvent> seen_;    // delivered, and sent once more after a reconnect
    std::uint64_t execs_ = 0;
    std::uint64_t venue_orders_ = 0;
    std::string wrong_;
};

}  // namespace fermata::test
