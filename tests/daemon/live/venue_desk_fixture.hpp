#pragma once

/// A desk with one venue, whose link and answers the test plays.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "daemon/live/venue_desk.hpp"

namespace fermata::test {

inline constexpr VenueId kVenue{0};
inline constexpr InstrumentId kSpy{0};

inline Quantity units(int n) { return Quantity::from_units(n); }
inline Timestamp at_ms(std::int64_t ms) { return Timestamp{1'000'000'000'000 + ms * 1'000'000}; }

/// Takes everything; what it was told and asked is looked at.
class QuietLink final : public OrderLink {
public:
    [[nodiscard]] bool adopt(const KnownOrder& order) noexcept override {
        adopted.push_back(order);
        return true;
    }
    void resume_after(std::uint64_t message) noexcept override { resumed_after = message; }
    [[nodiscard]] OrderReason send(const OrderEvent& request) noexcept override {
        sent.push_back(request);
        return OrderReason::kNone;
    }
    [[nodiscard]] bool poll(OrderEvent&) noexcept override { return false; }
    [[nodiscard]] bool up() const noexcept override { return true; }

    std::vector<KnownOrder> adopted;
    std::vector<OrderEvent> sent;
    std::uint64_t resumed_after = ~std::uint64_t{0};
};

class VenueDeskTest : public ::testing::Test {
protected:
    explicit VenueDeskTest(bool when_equal = true, bool tells_all = true)
        : desk({DeskVenue{"NYSE", &link,
                          [this] {
                              ++asked_all;
                              return true;
                          },
                          tells_all,
                          [this] {
                              ++canceled_all;
                              return true;
                          }}},
               {"SPY"}, {Duration::milliseconds(500), Duration::seconds(5), when_equal},
               [this](const std::string& text) { said.push_back(text); }) {}

    static OrderEvent sent(std::uint64_t id, int quantity) {
        OrderEvent e = make_order_event(OrderEventType::kSendNew, at_ms(0), kSpy);
        e.data.new_order = NewOrderData{};
        e.data.new_order.order_id = ClientOrderId{id};
        e.data.new_order.quantity = units(quantity);
        return e;
    }
    static OrderEvent cancel_sent(std::uint64_t id, std::uint64_t number) {
        OrderEvent e = make_order_event(OrderEventType::kSendCancel, at_ms(0), kSpy);
        e.data.change = ChangeOrderData{};
        e.data.change.order_id = ClientOrderId{id};
        e.data.change.change_id = number;
        return e;
    }
    static OrderEvent report(ExecType type, std::uint64_t id, int filled, int leaves,
                             std::uint64_t message) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, at_ms(0), kSpy);
        e.cause = make_cause(CauseKind::kMessage, message);
        e.data.execution = ExecutionData{};
        e.data.execution.order_id = ClientOrderId{id};
        e.data.execution.exec_type = type;
        e.data.execution.cumulative_quantity = units(filled);
        e.data.execution.leaves_quantity = units(leaves);
        return e;
    }
    /// A fill as the venue reports it, and as it is booked.
    void filled(std::uint64_t id, std::uint64_t exec, int last, int cumulative, int leaves,
                std::int64_t ms, std::uint64_t message = 5) {
        OrderEvent e = report(ExecType::kTrade, id, cumulative, leaves, message);
        e.ts = at_ms(ms);
        e.data.execution.exec_id = ExecId{exec};
        e.data.execution.last_quantity = units(last);
        desk.on_record(e);
        OrderEvent f = make_order_event(OrderEventType::kFill, at_ms(ms), kSpy);
        f.data.fill = FillData{};
        f.data.fill.order_id = ClientOrderId{id};
        f.data.fill.exec_id = ExecId{exec};
        f.data.fill.quantity = units(last);
        desk.on_record(f);
    }
    void reconcile(std::int64_t ms) {
        link_says(LinkEventKind::kUp, ms);
        work(ms);
        link_says(LinkEventKind::kStatusEnd, ms);
        work(ms);
        ASSERT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
    }
    /// With order 1 of that quantity open on both sides.
    void reconcile_with_an_order(int quantity) {
        desk.on_record(sent(1, quantity));
        desk.on_record(report(ExecType::kNew, 1, 0, quantity, 3));
        link_says(LinkEventKind::kUp, 0);
        work(0);
        venue_says(1, 0, quantity);
        link_says(LinkEventKind::kStatusEnd, 0);
        work(600);
        ASSERT_EQ(desk.standing(kVenue), VenueStanding::kReconciled);
    }
    /// What goes on record comes back, as from the journal.
    std::vector<OrderEvent> work_on_record(std::int64_t ms) {
        const std::vector<OrderEvent> due = work(ms);
        for (const OrderEvent& e : due) desk.on_record(e);
        return due;
    }
    void link_says(LinkEventKind kind, std::int64_t ms, std::string_view text = {}) {
        desk.on_link({at_ms(ms), kVenue, kind, 0, text});
    }
    void venue_says(std::uint64_t id, int filled, int leaves, OrderState state = OrderState::kNew) {
        LinkOrderStatus s;
        s.order_id = ClientOrderId{id};
        s.instrument = kSpy;
        s.venue = kVenue;
        s.cumulative_quantity = units(filled);
        s.leaves_quantity = units(leaves);
        s.state = state;
        s.client_text = "text";
        desk.on_status(s);
    }
    /// Everything that is due; what it has for the trading stage.
    std::vector<OrderEvent> work(std::int64_t ms) {
        std::vector<OrderEvent> due;
        while (const auto e = desk.work(at_ms(ms))) due.push_back(*e);
        return due;
    }
    static std::size_t count(const std::vector<OrderEvent>& events, AlertCode code) {
        return static_cast<std::size_t>(
            std::count_if(events.begin(), events.end(), [&](const OrderEvent& e) {
                return e.type == OrderEventType::kAlert && e.data.alert.code == code;
            }));
    }
    static bool releases(const std::vector<OrderEvent>& events) {
        return std::any_of(events.begin(), events.end(), [](const OrderEvent& e) {
            return e.type == OrderEventType::kRiskInput &&
                   e.data.risk_input.kind == RiskInputKind::kRecovering &&
                   e.data.risk_input.values[0] == 0;
        });
    }
    using Outcome = VenueAcceptance::Outcome;
    Outcome accept(std::uint32_t actor) { return desk.accept(actor).venues.at(0).outcome; }
    [[nodiscard]] bool passes_new_orders() { return link.send(sent(99, 1)) == OrderReason::kNone; }
    std::optional<OrderEvent> report_in_its_place() {
        OrderEvent e;
        if (!link.poll(e)) return std::nullopt;
        return e;
    }

    QuietLink wire;
    std::vector<ClientOrderId> asked;
    int asked_all = 0, canceled_all = 0;
    std::vector<std::string> said;
    VenueLink link{wire, [this](ClientOrderId id) {
                       asked.push_back(id);
                       return true;
                   }};
    VenueDesk desk;
};

}  // namespace fermata::test
