#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/market_decoder.hpp"
#include "adapters/fix/session_end.hpp"
#include "core/loop/lane.hpp"
#include "core/port/market_link.hpp"

namespace fermata::fix {

/// A market data session. It subscribes at every logon, under an id that was never used before, so
/// that what is still said to an earlier subscription is known as such.
///
/// Loss: QuickFIX asks again for what is missing; a venue that sends a gap instead has lost updates
///       for us: every stream gets a gap, and the session subscribes anew. When the lane is
///       full, all is lost until its owner has emptied it: then come a gap, and the halts and
///       quotes that are in force.
class MarketSession final : public MarketLink, public SessionEnd {
public:
    MarketSession(SessionSettings settings, LinkObserver& observer);

    // The owner's thread.
    [[nodiscard]] bool poll(MarketEvent& event) noexcept override;
    [[nodiscard]] bool up() const noexcept override {
        return subscribed_.load(std::memory_order_acquire);
    }
    [[nodiscard]] std::uint64_t lost() const noexcept override {
        return lost_.load(std::memory_order_relaxed);
    }

    // The engine's thread.
    void on_sent_logout(const FIX::Message& message) noexcept override;
    void on_sent_gap() noexcept override;
    [[nodiscard]] bool may_send(const FIX::Message& message) noexcept override;
    [[nodiscard]] bool on_admin(const FIX::Message& message) noexcept override;
    void on_app(const FIX::Message& message) noexcept override;

private:
    void opened() override;
    void closed() override;
    void received(std::string_view bytes) override;
    void subscribe();
    void send_request(char action);
    void on_market_data(const FIX::Message& message);
    void add_gap();
    /// Puts `fresh_` into the lane.
    void hand_over();
    void push_all(const std::vector<MarketEvent>& events);
    void lose(std::size_t count);

    MarketDecoder decoder_;
    std::string raw_;  // the message that came last, as it came
    std::string request_id_;
    std::vector<MarketEvent> fresh_, again_;
    std::uint64_t subscriptions_ = 0;
    bool restate_ = false;  // quotes changed that the owner did not get
    std::atomic<bool> subscribed_{false};
    std::atomic<std::uint64_t> missing_{0};  // lost, and not told by a gap yet
    // The owner's.
    std::vector<MarketEvent> gaps_;
    std::size_t next_gap_ = 0;
    std::atomic<std::uint64_t> lost_{0};
    Lane<MarketEvent> lane_;
};

}  // namespace fermata::fix
