#pragma once

/// Follows a run's journal and says where the risk policy did not hold. Plain: everything is summed
/// anew at every record, in floating point, from the prices and fills on record. It knows the
/// policy and what an order is; of the gate's code it uses the names of the controls only.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "risk/controls.hpp"
#include "tests/daemon/policy/policy.hpp"
#include "tests/daemon/policy/policy_books.hpp"

namespace fermata::test {

class PolicyChecker : private PolicyBooks {
public:
    /// `sectors` by instrument, empty: none. `cash` by account.
    PolicyChecker(std::vector<std::string> sectors, const std::vector<double>& cash,
                  Policy policy = {})
        : PolicyBooks(std::move(sectors), cash), policy_(policy) {}

    /// Instruments that are correlated with each other: of them only so many may be held or
    /// ordered.
    void use_alike(std::vector<bool> alike) { alike_ = std::move(alike); }

    PolicySeen seen;
    std::vector<std::string> breaches;           ///< In words, some of each kind.
    std::map<std::string, std::uint64_t> kinds;  ///< How many of each.

    void on_market(const MarketEvent& e) {
        double price = 0;
        switch (e.type) {
            case MarketEventType::kBar:
                price = real(e.data.bar.close);
                break;
            case MarketEventType::kBarOpen:
                price = real(e.data.bar_open.open);
                break;
            default:
                return;
        }
        settle_trips(e.ts);
        Mark& mark = marks_[e.instrument.value];
        mark.earlier.push_back({e.ts, mark.now});
        mark.now = price;
        for (std::size_t a = 0; a < accounts_.size(); ++a) {
            if (accounts_[a].positions[e.instrument.value] != 0) on_equity(a, e.ts);
        }
    }

    void on_record(const OrderEvent& e) {
        now_ = e.ts;
        using enum OrderEventType;
        using Take = void (PolicyChecker::*)(const OrderEvent&);
        static const std::map<OrderEventType, Take> kTakes{
            {kNewOrder, &PolicyChecker::on_intent},
            {kReplace, &PolicyChecker::on_replace},
            {kVerdict, &PolicyChecker::on_verdict},
            {kSendNew, &PolicyChecker::on_send},
            {kSendCancel, &PolicyChecker::on_send_cancel},
            {kOrderUpdate, &PolicyChecker::on_update},
            {kFill, &PolicyChecker::on_fill},
            {kControl, &PolicyChecker::on_control},
            {kEquity, &PolicyChecker::on_recorded_equity}};
        const auto take = kTakes.find(e.type);
        if (take != kTakes.end()) (this->*take->second)(e);
    }

    /// After the last record.
    void finish() {
        settle_trips(Timestamp{INT64_MAX});
        if (seen.drawdowns != 0 && !orders_.empty()) breach("orders are open after the halt");
        for (const ControlId id :
             {ControlId::kDayLoss, ControlId::kWeekLoss, ControlId::kDrawdown}) {
            if (controls_[bit_of(id)] == trips_[bit_of(id)]) continue;
            breach("trips on record and as seen", static_cast<double>(controls_[bit_of(id)]),
                   static_cast<double>(trips_[bit_of(id)]));
        }
    }

private:
    static constexpr double kRounding = 1e-9;  // of the equity
    static constexpr std::int64_t kDay = 86'400'000'000'000;

    void breach(const std::string& what, const std::string& numbers = "") {
        if (++kinds[what] > 5) return;
        breaches.push_back(std::to_string(now_.ns) + ": " + what + numbers);
    }
    void breach(const std::string& what, double observed, double limit) {
        breach(what, " " + std::to_string(observed) + ", limit " + std::to_string(limit));
    }

    // --- losses ---

    void on_equity(std::size_t a, Timestamp ts) {
        now_ = ts;
        Account& account = accounts_[a];
        const double value = equity(a);
        const std::int64_t day = ts.ns / kDay;
        const std::int64_t week = (day + 3) / 7;
        if (!account.known) {
            account.known = true;
            account.high = account.last = account.day_start = account.week_start = value;
            account.day = day;
            account.week = week;
            return;
        }
        begin_periods(account, day, week);
        account.last = value;
        // An account that starts with nothing has no share of it to lose.
        const auto lost = [&](double start, double share) {
            return start > 0 && start - value >= share * start;
        };
        if (!account.day_tripped && lost(account.day_start, policy_.day)) {
            account.day_tripped = trip(account, ts);
            ++trips_[bit_of(ControlId::kDayLoss)];
            if (seen.drawdowns == 0) ++seen.day_trips;
        }
        if (!account.week_tripped && lost(account.week_start, policy_.week)) {
            account.week_tripped = trip(account, ts);
            ++trips_[bit_of(ControlId::kWeekLoss)];
            if (seen.drawdowns == 0) ++seen.week_trips;
        }
        if (seen.drawdowns == 0 && account.high - value > policy_.drawdown * account.high) {
            ++trips_[bit_of(ControlId::kDrawdown)];
            ++seen.drawdowns;
            seen.halted = ts;
        }
        account.high = std::max(account.high, value);
    }
    static void begin_periods(Account& account, std::int64_t day, std::int64_t week) {
        if (day != account.day) {
            account.day = day;
            account.day_start = account.last;
            account.day_tripped = false;
        }
        if (week != account.week) {
            account.week = week;
            account.week_start = account.last;
            account.week_tripped = false;
        }
    }
    static bool trip(Account& account, Timestamp ts) {
        account.must_cancel = true;
        account.tripped_at = ts;
        return true;
    }
    /// Before anything that happens later than a trip: its cancels are out.
    void settle_trips(Timestamp ts) {
        for (std::size_t a = 0; a < accounts_.size(); ++a) {
            Account& account = accounts_[a];
            if (!account.must_cancel || ts <= account.tripped_at) continue;
            account.must_cancel = false;
            for (const auto& [id, order] : orders_) {
                if (order.account != a || order.cancel_sent) continue;
                const double held = account.positions[order.instrument];
                const Open sum = open(a, order.instrument);
                const bool reduces =
                    order.buys ? held < 0 && sum.buys <= -held : held > 0 && sum.sales <= held;
                if (!reduces) breach("an order that increases stays open after a trip");
            }
        }
        if (seen.drawdowns != 0 && ts > seen.halted) {
            for (const auto& [id, order] : orders_) {
                if (!order.cancel_sent) breach("an order stays open after the drawdown");
            }
        }
    }

    // --- orders ---

    void on_intent(const OrderEvent& e) {
        const NewOrderData& d = e.data.new_order;
        Working order;
        order.account = d.account.value;
        order.instrument = e.instrument.value;
        order.buys = d.side == Side::kBuy;
        order.leaves = real(d.quantity);
        order.price =
            cost_of(e.instrument.value, d.side, d.type, real(d.price), real(d.stop_price));
        order.basket = (d.flags & kOrderBasket) != 0 ? d.link : 0;
        intents_[d.order_id.value] = order;
        types_[d.order_id.value] = d.type;
    }
    void on_replace(const OrderEvent& e) { replaces_[e.data.change.order_id.value] = e; }

    void on_verdict(const OrderEvent& e) {
        const VerdictData& v = e.data.verdict;
        forget_marks();
        count(v);
        const bool is_new = v.action == static_cast<std::uint8_t>(OrderEventType::kNewOrder);
        if (v.approved == 0) {
            if (is_new) intents_.erase(v.order_id.value);
            return;
        }
        if (seen.drawdowns != 0) breach("approved after the drawdown");
        if (is_new) {
            const Working order = intents_.at(v.order_id.value);
            intents_.erase(v.order_id.value);
            judge(order, order.open(), order.price, 0, order.open());
            judge_names(order);
            orders_[v.order_id.value] = order;
            judge_sums(order, order.open(), 0);
        } else {
            const auto found = orders_.find(v.order_id.value);
            if (found == orders_.end()) {
                breach("a replace of no open order is approved");
                return;
            }
            Working& order = found->second;
            const ChangeOrderData& d = replaces_.at(v.order_id.value).data.change;
            const double before = order.open();
            const double leaves = std::max(0.0, real(d.quantity) - order.filled);
            const OrderType type = types_.at(v.order_id.value);
            const double price = cost_of(order.instrument, order.buys ? Side::kBuy : Side::kSell,
                                         type, real(d.price), real(d.stop_price));
            Working without = order;
            order.new_leaves = 0;
            const double total = std::max(real(d.quantity), before + order.filled);
            judge(without, std::max(leaves, before), std::max(price, order.price), before, total);
            order.new_leaves = leaves;
            order.new_price = price;
            judge_sums(order, order.open(), before);
        }
    }
    void count(const VerdictData& v) {
        ++(v.approved != 0 ? seen.approved : seen.refused);
        if (v.approved == 0 && seen.drawdowns != 0) ++seen.refused_after_halt;
        for (std::size_t c = 0; c < kControlCount; ++c) {
            if (((v.failed >> c) & 1) == 0) continue;
            ++seen.by[c];
            if (std::popcount(v.failed) == 1) ++seen.alone[c];
        }
    }

    /// What concerns the order by itself, before it is among the open ones. `before`: what it could
    /// do so far; `total`: with what it filled.
    void judge(const Working& order, double open_after, double price, double before, double total) {
        Account& account = accounts_[order.account];
        const double worth = equity(order.account);
        const double held = account.positions[order.instrument];
        const Open others = open(order.account, order.instrument);
        const double same_side = (order.buys ? others.buys : others.sales) - before;
        const bool reduces = order.buys ? held < 0 && same_side + open_after <= -held
                                        : held > 0 && same_side + open_after <= held;
        const double share = total * price / worth;
        seen.trade = std::max(seen.trade, share);
        if (share > policy_.trade + kRounding) breach("a trade's share", share, policy_.trade);
        if (!reduces && share * policy_.stressed_move > policy_.trade + kRounding) {
            breach("what a trade may lose", share * policy_.stressed_move, policy_.trade);
        }
        begin_periods(account, now_.ns / kDay, (now_.ns / kDay + 3) / 7);
        if (account.tripped()) {
            if (!reduces && open_after > before) breach("an increase while a loss is tripped");
            if (reduces) ++seen.reductions_while_tripped;
        }
        if (order.basket != 0) {
            if (account.basket != order.basket) account.basket_sum = 0;
            account.basket = order.basket;
            account.basket_sum += open_after * price;
            if (account.basket_sum > (policy_.basket + kRounding) * worth) {
                breach("a basket's share", account.basket_sum / worth, policy_.basket);
            }
        }
    }
    /// A name that is neither held nor ordered yet comes to those that are.
    void judge_names(const Working& order) {
        if (alike_.empty() || !alike_[order.instrument]) return;
        if (worst(order.account, order.instrument) != 0) return;
        std::uint64_t names = 1;
        for (std::uint32_t i = 0; i < alike_.size(); ++i) {
            if (alike_[i] && worst(order.account, i) != 0) ++names;
        }
        seen.alike = std::max(seen.alike, names);
        if (names > policy_.alike) {
            breach("correlated names", static_cast<double>(names),
                   static_cast<double>(policy_.alike));
        }
    }
    /// What concerns sums over open orders and positions, with the order among them.
    void judge_sums(const Working& order, double open_after, double before) {
        const std::size_t a = order.account;
        const Account& account = accounts_[a];
        const double worth = equity(a);
        const double held = account.positions[order.instrument];
        const Open all = open(a, order.instrument);
        const double w = worst(a, order.instrument);
        const double other = order.buys ? all.sales - held : held + all.buys;
        const double w_before = std::max({order.buys ? held + all.buys - open_after + before
                                                     : all.sales - open_after + before - held,
                                          other, 0.0});
        const double mark = marks_[order.instrument].now;
        if (w > w_before) {  // a passive breach forbids increases, and nothing else
            const double share = w * mark / worth;
            seen.position = std::max(seen.position, share);
            if (share > policy_.position + kRounding) {
                breach("a position's share", share, policy_.position);
            }
            check_gross(order, w * mark, worth);
        }
        const bool reduces = order.buys && held < 0 && all.buys <= -held;
        if (order.buys && !reduces) {
            double reserved = 0;
            for (const auto& [id, working] : orders_) {
                if (working.account == a && working.buys) reserved += working.cost();
            }
            const double left = (account.cash - reserved) / worth;
            // A new purchase, or one that may cost more than before.
            if (open_after > before) {
                seen.cash = std::min(seen.cash, left);
                if (left < policy_.cash - kRounding) breach("cash", left, policy_.cash);
            }
        }
        held_to_[{a, order.instrument}] = std::max(held_to_[{a, order.instrument}], w);
    }
    void check_gross(const Working& order, double own, double worth) {
        double gross = own, in_sector = own;
        double exact_gross = own, exact_sector = own;
        const std::string& sector = sectors_[order.instrument];
        for (std::uint32_t i = 0; i < marks_.size(); ++i) {
            if (i == order.instrument) continue;
            const double w = worst(order.account, i);
            if (w == 0) continue;
            gross += w * recent(i);
            exact_gross += w * marks_[i].now;
            if (sectors_[i] != sector) continue;
            in_sector += w * recent(i);
            exact_sector += w * marks_[i].now;
        }
        seen.leverage = std::max(seen.leverage, exact_gross / worth);
        if (gross > (policy_.leverage + kRounding) * worth) {
            breach("leverage", gross / worth, policy_.leverage);
        }
        if (sector.empty()) return;
        seen.sector = std::max(seen.sector, exact_sector / worth);
        if (in_sector > (policy_.sector + kRounding) * worth) {
            breach("a sector's share", in_sector / worth, policy_.sector);
        }
    }

    void on_send(const OrderEvent& e) {
        if (!orders_.contains(e.data.new_order.order_id.value)) {
            breach("an order is sent that no verdict approved");
        }
        if (seen.drawdowns != 0) breach("an order is sent after the drawdown");
    }
    void on_send_cancel(const OrderEvent& e) {
        const auto found = orders_.find(e.data.change.order_id.value);
        if (found == orders_.end()) return;
        found->second.cancel_sent = true;
        if (accounts_[found->second.account].must_cancel || seen.drawdowns != 0) {
            ++seen.canceled_by_trips;
        }
    }
    void on_update(const OrderEvent& e) {
        const OrderUpdateData& d = e.data.update;
        const auto found = orders_.find(d.order_id.value);
        if (found == orders_.end()) return;
        Working& order = found->second;
        if (is_terminal(d.state)) {
            orders_.erase(found);
            types_.erase(d.order_id.value);
            replaces_.erase(d.order_id.value);
            return;
        }
        order.leaves = real(d.leaves_quantity);
        order.filled = real(d.cumulative_quantity);
        if (d.state == OrderState::kPendingReplace) return;
        order.new_leaves = order.new_price = 0;
        if (has_limit_price(d.type) && d.price.is_positive()) {
            order.price = std::max(order.buys ? 0.0 : marks_[order.instrument].now, real(d.price));
        }
    }

    void on_fill(const OrderEvent& e) {
        const FillData& d = e.data.fill;
        ++seen.fills;
        settle_trips(e.ts);
        if (seen.drawdowns != 0 && e.ts > seen.halted) breach("a fill after the drawdown");
        Account& account = accounts_[d.account.value];
        const std::uint32_t i = e.instrument.value;
        const double quantity = real(d.quantity) * (d.side == Side::kBuy ? 1 : -1);
        const double before = account.positions[i];
        const auto order = orders_.find(d.order_id.value);
        if (order == orders_.end() || real(d.quantity) > order->second.open()) {
            breach("a fill of more than is open of an approved order", real(d.quantity),
                   order == orders_.end() ? 0 : order->second.open());
        } else {
            Working& working = order->second;
            working.leaves = std::max(0.0, working.leaves - real(d.quantity));
            working.new_leaves = std::max(0.0, working.new_leaves - real(d.quantity));
            working.filled += real(d.quantity);
        }
        account.positions[i] += quantity;
        account.cash -= quantity * real(d.price) + real(d.fee);
        if (std::fabs(account.cash - real(d.cash_after)) > 0.01) {
            breach("cash on record", real(d.cash_after), account.cash);
        }
        if (account.positions[i] != real(d.position_after)) {
            breach("position on record", real(d.position_after), account.positions[i]);
        }
        const double after = std::fabs(account.positions[i]);
        if (after > std::fabs(before)) {
            // No fill may lead further than the approvals that were judged.
            if (after > held_to_[{d.account.value, i}] + kRounding) {
                breach("a fill beyond what was approved", after, held_to_[{d.account.value, i}]);
            }
            if (account.tripped() && e.ts > account.tripped_at && e.ts.ns / kDay == account.day) {
                breach("a fill that increases after a trip");
            }
            if (after * marks_[i].now > policy_.position * equity(d.account.value)) {
                ++seen.passive_breaches;
            }
        }
        if (account.positions[i] == 0) held_to_[{d.account.value, i}] = worst(d.account.value, i);
        on_equity(d.account.value, e.ts);
    }
    void on_control(const OrderEvent& e) {
        if (e.data.control.control < kControlCount) ++controls_[e.data.control.control];
    }
    void on_recorded_equity(const OrderEvent& e) {
        const EquityData& d = e.data.equity;
        const double own = equity(d.account.value);
        if (std::fabs(own - real(d.equity)) > 0.01) {
            breach("equity on record", real(d.equity), own);
        }
    }

    Policy policy_;
    std::vector<bool> alike_;
    std::unordered_map<std::uint64_t, Working> intents_;
    std::unordered_map<std::uint64_t, OrderType> types_;
    std::unordered_map<std::uint64_t, OrderEvent> replaces_;
    std::map<std::pair<std::size_t, std::uint32_t>, double> held_to_;
    std::array<std::uint64_t, kControlCount> controls_{}, trips_{};
};

}  // namespace fermata::test
