#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "core/port/order_link.hpp"

namespace fermata {

/// A link that lets new orders and new terms pass only while its venue is reconciled with us, and
/// through which somebody else may put questions and add reports. Cancels always pass.
///
/// Owner: the venue loop calls what OrderLink has; the rest is for any thread.
class VenueLink final : public OrderLink {
public:
    /// `ask` puts the question about one order to the venue, on the venue loop; it may be empty.
    VenueLink(OrderLink& link, std::function<bool(ClientOrderId)> ask)
        : link_(link), ask_(std::move(ask)) {}

    [[nodiscard]] bool adopt(const KnownOrder& order) noexcept override {
        return link_.adopt(order);
    }
    void resume_after(std::uint64_t message) noexcept override { link_.resume_after(message); }
    [[nodiscard]] OrderReason send(const OrderEvent& request) noexcept override {
        const bool cancel = request.type == OrderEventType::kSendCancel;
        if (!cancel && !open_.load(std::memory_order_acquire)) return OrderReason::kDisconnected;
        return link_.send(request);
    }
    [[nodiscard]] bool poll(OrderEvent& report) noexcept override {
        if (waiting_.load(std::memory_order_acquire)) [[unlikely]] {
            if (take(report)) return true;
        }
        return link_.poll(report);
    }
    [[nodiscard]] bool up() const noexcept override { return link_.up(); }

    void open(bool is) noexcept { open_.store(is, std::memory_order_release); }
    [[nodiscard]] bool is_open() const noexcept { return open_.load(std::memory_order_acquire); }
    /// Asks the venue how this order stands. The answer comes to the link's observer.
    void ask(ClientOrderId order) {
        const std::lock_guard lock(mutex_);
        questions_.push_back(order);
        waiting_.store(true, std::memory_order_release);
    }
    /// Cancels an order at the venue that the order manager does not know, on the venue loop. It
    /// may be lost: whoever asked for it looks whether it helped.
    void cancel(const OrderEvent& request) {
        const std::lock_guard lock(mutex_);
        cancels_.push_back(request);
        waiting_.store(true, std::memory_order_release);
    }
    /// Gives the trading stage a report in the venue's place: what follows from its answers.
    void add(const OrderEvent& report) {
        const std::lock_guard lock(mutex_);
        inbox_.push_back(report);
        waiting_.store(true, std::memory_order_release);
    }

private:
    /// Nothing is sent under the lock: whoever asks may hold up the link's own threads.
    [[nodiscard]] bool take(OrderEvent& report) noexcept {
        std::vector<ClientOrderId> questions;
        std::vector<OrderEvent> cancels;
        bool found = false;
        {
            const std::unique_lock lock(mutex_, std::try_to_lock);
            if (!lock) return false;
            questions.swap(questions_);
            cancels.swap(cancels_);
            found = !inbox_.empty();
            if (found) {
                report = inbox_.front();
                inbox_.erase(inbox_.begin());
            }
            if (inbox_.empty()) waiting_.store(false, std::memory_order_release);
        }
        // Where one cannot be asked now, the order stays missing and is asked for again.
        for (const ClientOrderId order : questions) {
            if (ask_) (void)ask_(order);
        }
        for (const OrderEvent& cancel : cancels) (void)link_.send(cancel);
        return found;
    }

    OrderLink& link_;
    std::function<bool(ClientOrderId)> ask_;
    std::atomic<bool> open_{false};
    std::atomic<bool> waiting_{false};
    std::mutex mutex_;
    std::vector<OrderEvent> inbox_;
    std::vector<ClientOrderId> questions_;
    std::vector<OrderEvent> cancels_;
};

}  // namespace fermata
