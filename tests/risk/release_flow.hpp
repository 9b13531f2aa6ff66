#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/order/order_manager.hpp"
#include "risk/gate.hpp"
#include "risk/verdict_text.hpp"
#include "tests/risk/reference_gate.hpp"

namespace fermata::testing {

/// What goes out without a request in hand: the controls that time, the market or an operator can
/// turn against an order after its approval. It was counted in full then, and adds nothing.
inline std::uint64_t judge_release(ReferenceGate& reference, const Order& order,
                                   const NewOrderData& sent, Timestamp now) {
    using enum ControlId;
    ReferenceGate::Case c{};
    c.now = now;
    c.instrument = order.instrument;
    c.strategy = order.strategy;
    c.account = order.account;
    c.venue = order.venue;
    c.side = sent.side;
    c.type = sent.type;
    c.tif = sent.tif;
    c.expire = sent.expire_time;
    c.price = sent.price;
    c.stop = sent.stop_price;
    c.quantity = sent.quantity.raw();
    c.before = c.after = order.worst_leaves().raw();
    c.exempt = (order.flags & kOrderShortExempt) != 0;
    c.order = &order;
    std::uint64_t asked = 0;
    for (const ControlId id : {kState, kInstrument, kMessageRate, kDrawdown, kDayLoss, kWeekLoss,
                               kClock, kRecovering, kBuild, kJournal, kDropCopy, kRestricted,
                               kCollar, kStale, kCrossed, kLuld, kInFlight, kSelfMatch, kShort}) {
        asked |= bit(id);
    }
    const auto tag = reference.tag;  // of the request judged last
    const std::uint64_t failed = reference.judge(c) & asked;
    reference.tag = tag;
    if (failed == 0) reference.messages.push_back({order.strategy, now.ns});
    return failed;
}

/// As if some live order had been held, and were due now as a market or limit order.
inline void ask_to_release(Gate& gate, ReferenceGate& reference, const OrderManager& orders,
                           const std::vector<ClientOrderId>& live, std::mt19937_64& random,
                           Timestamp now) {
    if (live.empty()) return;
    const Order& order = *orders.find(live[random() % live.size()]);
    if (order.created == now) return;  // a request that is counted already
    NewOrderData sent;
    sent.side = order.side;
    sent.type = random() % 4 == 0 ? OrderType::kMarket : OrderType::kLimit;
    sent.tif = order.tif;
    sent.expire_time = order.expire_time;
    const std::int64_t mark = reference.marks.at(order.instrument.value).raw();
    sent.price = Price::from_raw(mark / 100 * (92 + static_cast<std::int64_t>(random() % 17)));
    sent.quantity = order.leaves();
    const VerdictData verdict = gate.check_release(sent, order, OrderEventType::kSendNew, now);
    EXPECT_EQ(render_codes(verdict.failed),
              render_codes(judge_release(reference, order, sent, now)))
        << render_verdict(verdict);
    EXPECT_EQ(verdict.approved != 0, verdict.failed == 0);
    EXPECT_EQ(verdict.action, static_cast<std::uint8_t>(OrderEventType::kSendNew));
}

}  // namespace fermata::testing
