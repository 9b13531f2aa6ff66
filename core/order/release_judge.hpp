#pragma once

#include <optional>

#include "core/event/order_event.hpp"
#include "core/order/order.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Whom the order manager asks before it sends what no request asked for just now: an order that it
/// held, the next slice of an iceberg, a new price of a peg, more of an order that follows another
/// one. What was approved minutes ago may not be allowed any more.
///
/// Owner: the trading loop. Only orders that something of is held or followed here ever get to it,
///        so that the one virtual call is not on the way of an ordinary order.
class ReleaseJudge {
public:
    /// `terms` are what would be sent, `live` is the order as it stands, `action` kSendNew or
    /// kSendReplace. Approval commits it: the message goes out.
    [[nodiscard]] virtual VerdictData judge(const NewOrderData& terms, const Order& live,
                                            OrderEventType action, Timestamp now) noexcept = 0;
    /// A resting order of the firm that gives way to the one judged last. Call until there is none.
    [[nodiscard]] virtual std::optional<ClientOrderId> next_self_match() noexcept = 0;

protected:
    ReleaseJudge() = default;
    ~ReleaseJudge() = default;
    ReleaseJudge(const ReleaseJudge&) = default;
    ReleaseJudge& operator=(const ReleaseJudge&) = default;
};

/// The gate of the build as the judge.
template <class Gate>
class GateJudge final : public ReleaseJudge {
public:
    explicit GateJudge(Gate& gate) noexcept : gate_(gate) {}
    [[nodiscard]] VerdictData judge(const NewOrderData& terms, const Order& live,
                                    OrderEventType action, Timestamp now) noexcept override {
        return gate_.check_release(terms, live, action, now);
    }
    [[nodiscard]] std::optional<ClientOrderId> next_self_match() noexcept override {
        return gate_.next_self_match();
    }

private:
    Gate& gate_;
};

}  // namespace fermata
