#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "core/event/order_event.hpp"
#include "daemon/config/codec.hpp"
#include "daemon/config/control_config.hpp"
#include "daemon/control/control_latch.hpp"
#include "daemon/control/dead_man.hpp"
#include "risk/controls.hpp"

namespace fermata {

/// Puts the dead-man switch into effect: says that time runs out, then latches the firm. What is
/// latched the trading stage follows by itself; without a latch file it is commanded. An alert goes
/// on record behind it: `halt`, without a control, with the time as its limit.
///
/// Owner: the feed's thread. It looks, for one load, at every call.
class DeadManWatch {
public:
    using Watch = std::function<std::optional<OrderEvent>(Timestamp now)>;

    /// `people` outlives it. `next` is asked when nothing is to be done here; may be empty.
    DeadManWatch(DeadManSwitch& people, latch::Level level, const std::string& latch,
                 std::function<void(const std::string&)> report, Watch next)
        : people_(people),
          level_(level),
          latch_(std::make_shared<ControlLatch>(latch)),
          report_(std::move(report)),
          next_(std::move(next)) {}

    std::optional<OrderEvent> operator()(Timestamp now) {
        if (auto alert = std::exchange(alert_, std::nullopt)) {
            alert->ts = now;
            return alert;
        }
        const auto steady = std::chrono::steady_clock::now().time_since_epoch();
        switch (people_.look(std::chrono::nanoseconds(steady).count())) {
            case DeadManSwitch::Word::kWarn:
                say("warning: nobody said `fermata alive` for " + text(people_.limit().ns / 2) +
                    "; trading stops after " + text(people_.limit().ns));
                break;
            case DeadManSwitch::Word::kTrip:
                return trip(now);
            case DeadManSwitch::Word::kNothing:
                break;
        }
        return next_ ? next_(now) : std::nullopt;
    }

private:
    [[nodiscard]] static std::string text(std::int64_t ns) {
        return config::format_duration(Duration{ns});
    }
    void say(const std::string& line) {
        if (report_) report_(line);
    }
    std::optional<OrderEvent> trip(Timestamp now) {
        using Outcome = ControlLatch::Outcome;
        const std::string why = "nobody said alive for " + text(people_.limit().ns);
        say("warning: dead-man switch: " + why + ": trading stops, until people release it");
        OrderEvent told = make_order_event(OrderEventType::kAlert, now, InstrumentId{0});
        told.data.alert = AlertData{};
        told.data.alert.code = AlertCode::kHalt;
        told.data.alert.detail[1] = people_.limit().ns;
        told.data.alert.unit = static_cast<std::uint8_t>(LimitUnit::kDuration);
        alert_ = told;
        if (latch_->set(ControlScope::kFirm, {}, level_, kNoActor, now.ns,
                        "dead-man switch: " + why) != Outcome::kNone) {
            return next_ ? next_(now) : std::nullopt;
        }
        OrderEvent e = make_order_event(OrderEventType::kControl, now, InstrumentId{0});
        e.data.control = ControlData{};
        e.data.control.scope = ControlScope::kFirm;
        e.data.control.state = latch::state_of(level_);
        e.data.control.cancel_orders = static_cast<std::uint8_t>(latch::cancels_of(level_));
        return e;
    }

    DeadManSwitch& people_;
    latch::Level level_;
    std::shared_ptr<ControlLatch> latch_;  // shared: a std::function copies its target
    std::function<void(const std::string&)> report_;
    Watch next_;
    std::optional<OrderEvent> alert_;  // that goes on record at the next look
};

}  // namespace fermata
