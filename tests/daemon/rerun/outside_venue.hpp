#pragma once

/// A venue on a thread of its own, which the stages reach over a link alone: nobody who has their
/// inputs can derive when and what it answers.

#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "core/loop/lane.hpp"
#include "core/order/order.hpp"
#include "core/port/order_link.hpp"

namespace fermata::testing {

class OutsideVenue final : public OrderLink {
public:
    explicit OutsideVenue(std::uint64_t seed) : random_(seed) {
        thread_ = std::thread([this] {
            while (!stop_.load(std::memory_order_relaxed)) {
                OrderEvent e;
                const std::uint64_t asked = asked_.load(std::memory_order_acquire);
                if (requests_.take(e)) {
                    for (std::uint64_t n = random_() % 4; n != 0; --n) std::this_thread::yield();
                    answer(e);
                    continue;
                }
                // One stays open: a crash then finds some.
                const bool settle = settled_.load(std::memory_order_relaxed) != asked;
                while (orders_.size() > 1 && (settle || random_() % 64 == 0)) complete();
                settled_.store(asked, std::memory_order_release);
                std::this_thread::yield();
            }
        });
    }
    ~OutsideVenue() override { stop(); }
    /// Returns when every request that was sent so far is answered and one order at the most is
    /// open, however slow the venue's thread is; true if it reported something since it returned
    /// before.
    bool answer_all() {
        const std::uint64_t asked = asked_.fetch_add(1, std::memory_order_release) + 1;
        while (settled_.load(std::memory_order_acquire) != asked) std::this_thread::yield();
        const std::uint64_t reported = reported_.load(std::memory_order_relaxed);
        return std::exchange(seen_, reported) != reported;
    }
    /// Afterwards `received` may be looked at.
    void stop() {
        stop_.store(true, std::memory_order_relaxed);
        if (thread_.joinable()) thread_.join();
    }

    [[nodiscard]] bool adopt(const KnownOrder&) noexcept override { return true; }
    void resume_after(std::uint64_t) noexcept override {}
    [[nodiscard]] OrderReason send(const OrderEvent& request) noexcept override {
        return requests_.try_push(request) ? OrderReason::kNone : OrderReason::kDisconnected;
    }
    [[nodiscard]] bool poll(OrderEvent& report) noexcept override { return reports_.take(report); }
    [[nodiscard]] bool up() const noexcept override { return true; }

    /// Before the first request: says that nothing of an order is open any more.
    void give_up(const Order& order) {
        OrderEvent request =
            make_order_event(OrderEventType::kSendCancel, order.updated, order.instrument);
        report(request, order.sent_id,
               {order.cumulative_quantity, order.cumulative_quantity, order.price, 0, request},
               ExecType::kCanceled, OrderReason::kNone);
    }

    /// Every request, in its order.
    std::vector<OrderEvent> received;

private:
    struct Resting {
        Quantity quantity, cumulative;
        Price price;
        std::uint64_t number = 0;
        OrderEvent request;
    };

    /// Fills what is left of the oldest resting order.
    void complete() {
        auto& [id, order] = *orders_.begin();
        const Quantity left = order.quantity - order.cumulative;
        order.cumulative = order.quantity;
        report(order.request, ClientOrderId{id}, order, ExecType::kTrade, OrderReason::kNone, left);
        orders_.erase(orders_.begin());
    }
    void answer(const OrderEvent& request) {
        received.push_back(request);
        if (request.type == OrderEventType::kSendNew) return place(request);
        const ChangeOrderData& d = request.data.change;
        const auto found = orders_.find(d.order_id.value);
        const bool cancel = request.type == OrderEventType::kSendCancel;
        if (found == orders_.end()) {
            return report(request, d.order_id, {},
                          cancel ? ExecType::kCancelRejected : ExecType::kReplaceRejected,
                          OrderReason::kTooLateToCancel);
        }
        if (cancel) {
            report(request, d.order_id, found->second, ExecType::kCanceled, OrderReason::kNone);
            orders_.erase(found);
            return;
        }
        found->second.quantity = d.quantity;
        found->second.price = d.price;
        report(request, d.order_id, found->second, ExecType::kReplaced, OrderReason::kNone);
    }
    void place(const OrderEvent& request) {
        const NewOrderData& d = request.data.new_order;
        Resting order{d.quantity, {}, d.price, ++numbers_, request};
        if (order.price.raw() == 0) order.price = Price::from_raw(100'000'000'000);
        if (random_() % 16 == 0) {
            return report(request, d.order_id, order, ExecType::kRejected,
                          OrderReason::kNoLiquidity);
        }
        report(request, d.order_id, order, ExecType::kNew, OrderReason::kNone);
        while (order.cumulative < order.quantity) {
            const Quantity left = order.quantity - order.cumulative;
            const Quantity some = random_() % 2 == 0 ? left : Quantity::from_raw(left.raw() / 2);
            order.cumulative = order.cumulative + some;
            report(request, d.order_id, order, ExecType::kTrade, OrderReason::kNone, some);
            if (random_() % 8 == 0 && order.cumulative < order.quantity) {
                orders_[d.order_id.value] = order;
                return;
            }
        }
    }
    void report(const OrderEvent& request, ClientOrderId id, const Resting& order, ExecType type,
                OrderReason reason, Quantity last = {}) {
        OrderEvent e = make_order_event(OrderEventType::kExecution,
                                        request.ts + Duration::nanoseconds(1), request.instrument);
        e.data.execution = ExecutionData{};
        ExecutionData& x = e.data.execution;
        x.order_id = id;
        x.venue_order_id = VenueOrderId{order.number};
        x.exec_type = type;
        x.reason = reason;
        x.cumulative_quantity = order.cumulative;
        const bool over = type == ExecType::kRejected || type == ExecType::kCanceled;
        x.leaves_quantity = over ? Quantity{} : order.quantity - order.cumulative;
        x.price = order.price;
        if (type == ExecType::kTrade) {
            x.exec_id = ExecId{++executions_};
            x.last_price = order.price;
            x.last_quantity = last;
        }
        while (!reports_.try_push(e) && !stop_.load(std::memory_order_relaxed)) {
            std::this_thread::yield();
        }
        reported_.fetch_add(1, std::memory_order_relaxed);
    }

    std::mt19937_64 random_;
    Lane<OrderEvent> requests_{4096}, reports_{4096};
    std::map<std::uint64_t, Resting> orders_;
    std::uint64_t numbers_ = 0;
    static inline std::atomic<std::uint64_t> executions_{0};
    std::atomic<std::uint64_t> asked_{0}, settled_{0};  // how often, by answer_all
    std::atomic<std::uint64_t> reported_{0};
    std::uint64_t seen_ = 0;  // of reported_, by answer_all
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace fermata::testing
