#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>

#include "adapters/fix/order_encoder.hpp"
#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/report_decoder.hpp"
#include "adapters/fix/report_resolver.hpp"
#include "adapters/fix/sent_orders.hpp"
#include "adapters/fix/session_end.hpp"
#include "adapters/fix/session_settings.hpp"
#include "core/loop/lane.hpp"
#include "core/port/order_link.hpp"

namespace fermata::fix {

/// One session: the owner's end (send, poll) and the engine's end (on_*). Between them is a lane;
/// when it is full, reports wait behind it, in their order, and none is lost.
class Link final : public OrderLink, public SessionEnd {
public:
    Link(SessionSettings settings, LinkObserver& observer);

    // Before the start.
    [[nodiscard]] bool adopt(const KnownOrder& order) noexcept override;
    void resume_after(std::uint64_t message) noexcept override { resume_after_ = message; }
    /// Called when the engine has made the session, before it connects.
    void begin(std::uint32_t first_of_run);

    // The owner's thread.
    [[nodiscard]] OrderReason send(const OrderEvent& request) noexcept override;
    [[nodiscard]] bool poll(OrderEvent& report) noexcept override;
    [[nodiscard]] bool up() const noexcept override { return logged_on(); }
    [[nodiscard]] bool ask(ClientOrderId order) noexcept;

    // Any thread.
    [[nodiscard]] bool cancel_all() noexcept;
    [[nodiscard]] bool ask_all() noexcept;

    // The engine's thread, and what QuickFIX calls within `send` on the owner's.
    [[nodiscard]] bool may_send(const FIX::Message& message) noexcept override;
    [[nodiscard]] bool on_admin(const FIX::Message& message) noexcept override;
    void on_app(const FIX::Message& message) noexcept override;

private:
    [[nodiscard]] OrderReason send_new(const OrderEvent& request);
    [[nodiscard]] OrderReason send_change(const OrderEvent& request);
    [[nodiscard]] bool hand_over(FIX::Message& message, const SentRequest& request);
    void on_answer(char type, const FIX::Message& message);
    void on_mass_cancel_report(const FIX::Message& message);
    void tell_status(const InboundReport& report, const ReportFields& fields);
    void queue(const InboundReport& report);
    [[nodiscard]] bool next(InboundReport& report) noexcept;

    std::optional<std::uint64_t> resume_after_;  // else where the store is
    std::atomic<std::uint64_t> requests_{0};     // numbers mass requests
    // The owner's.
    OrderEncoder encoder_;
    SentOrders orders_;
    ReportResolver resolver_;
    InboundReport in_hand_;
    // The engine's.
    ReportDecoder decoder_;
    std::int64_t statuses_ = 0;
    // Between them.
    Lane<InboundReport> lane_;
    std::mutex backlog_mutex_;
    std::deque<InboundReport> backlog_;
    std::atomic<bool> has_backlog_{false};
};

}  // namespace fermata::fix
