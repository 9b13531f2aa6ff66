#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "tests/adapters/fix/loopback_venue.hpp"

namespace fermata::test {

/// A FIX venue that holds orders of the firm which other sessions sent, and lets a watchdog's
/// session cancel them.
class FirmVenue {
public:
    /// `stubborn`: a mass cancel does not take them, a cancel of their own does.
    struct Order {
        bool stubborn = false;
        std::string symbol = "SPY";
    };
    FirmVenue(std::uint16_t port, const std::string& store, std::map<std::string, Order> orders,
              bool mass_cancel = true)
        : orders_(std::move(orders)), mass_cancel_(mass_cancel), venue_(port, store) {
        venue_.answer = [this](const FIX::Message& m) { answer(m); };
    }
    [[nodiscard]] bool up() const { return venue_.up; }
    [[nodiscard]] std::size_t open() {
        const std::lock_guard lock(mutex_);
        return orders_.size();
    }
    /// Messages of a type that came.
    [[nodiscard]] std::vector<FIX::Message> got(const std::string& type) {
        return venue_.got(type);
    }
    /// When the last order was canceled; what comes later about none does not change it.
    [[nodiscard]] std::chrono::steady_clock::time_point emptied() {
        const std::lock_guard lock(mutex_);
        return emptied_;
    }

private:
    void answer(const FIX::Message& m) {
        const std::string type = m.getHeader().getField(35);
        const std::lock_guard lock(mutex_);
        if (type == "q") {
            if (!mass_cancel_) {
                return fix::test::Venue::send(
                    "r", "37=V|11=" + m.getField(11) + "|530=7|531=0|532=0|58=not today|");
            }
            const std::size_t before = orders_.size();
            std::erase_if(orders_, [](const auto& order) { return !order.second.stubborn; });
            note();
            fix::test::Venue::send("r", "37=V|11=" + m.getField(11) + "|530=7|531=7|533=" +
                                            std::to_string(before - orders_.size()) + "|");
        } else if (type == "AF") {
            std::size_t n = 0;
            for (const auto& [id, order] : orders_) {
                const bool last = ++n == orders_.size();
                fix::test::Venue::send(
                    "8", "584=" + m.getField(584) + "|911=" + std::to_string(orders_.size()) +
                             "|912=" + (last ? "Y" : "N") + "|37=V" + id + "|11=" + id + "|17=S" +
                             std::to_string(++executions_) + "|150=I|39=0|55=" + order.symbol +
                             "|54=1|38=100|40=2|44=187|14=0|151=100|6=0|1=U1|");
            }
            if (orders_.empty()) {
                fix::test::Venue::send("8", "584=" + m.getField(584) +
                                                "|911=0|912=Y|37=NONE|11=NONE|17=S" +
                                                std::to_string(++executions_) +
                                                "|150=I|39=8|55=SPY|54=1|14=0|151=0|6=0|");
            }
        } else if (type == "F") {
            const std::string id = m.getField(41);
            orders_.erase(id);
            note();
            fix::test::Venue::send("8", "37=V" + id + "|11=" + m.getField(11) + "|41=" + id +
                                            "|17=S" + std::to_string(++executions_) +
                                            "|150=4|39=4|55=SPY|54=1|38=100|14=0|151=0|6=0|1=U1|");
        }
    }
    void note() {
        const bool first = emptied_ == std::chrono::steady_clock::time_point{};
        if (orders_.empty() && first) emptied_ = std::chrono::steady_clock::now();
    }

    std::mutex mutex_;
    std::map<std::string, Order> orders_;
    bool mass_cancel_;
    unsigned executions_ = 0;
    std::chrono::steady_clock::time_point emptied_;
    fix::test::Venue venue_;
};

}  // namespace fermata::test
