// What the gate takes for reducing: reduce-only orders at a venue that knows none, and linked
// orders that share a quantity. With the real order manager.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/order/order_manager.hpp"
#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

/// 100 of instrument 0 are held in account 1, at 20; venue 0 knows no reduce-only orders and no
/// links, venue 1 everything.
struct Reducer : GateWorld {
    std::unique_ptr<OrderManager> orders;
    std::unique_ptr<Gate> judge_;
    std::unique_ptr<EventBuffer> out;
    std::uint64_t tags = 0;
    std::uint64_t executions = 0;

    explicit Reducer(const RiskConfig& config = only({})) {
        hold(0, "100", "20", 1);
        OrderManagerConfig manager;
        manager.venues.resize(2);
        manager.venues[0].drop(kVenueReduceOnly);
        manager.venues[0].drop(kVenueLinks);
        orders = std::make_unique<OrderManager>(manager, instruments, book());
        orders->use_marks(marks());
        out = std::make_unique<EventBuffer>(orders->events_max());
        judge_ = std::make_unique<Gate>(config, instruments, marks(), book(), orders->exposures(),
                                        kConfigHash);
    }
    void reduce_only() {
        ControlData c;
        c.scope = ControlScope::kFirm;
        c.state = TradingState::kReducing;
        ASSERT_TRUE(judge_->on_control(c));
    }
    OrderEvent sale(std::string_view size, std::string_view at, LinkRole role = LinkRole::kNone,
                    std::uint8_t flags = 0, std::uint16_t venue = 0) {
        OrderEvent e = in_account(1, limit(0, Side::kSell, size, at));
        NewOrderData& o = e.data.new_order;
        o.tag = make_order_tag({0}, ++tags);
        o.tif = TimeInForce::kGtc;
        o.venue = {venue};
        o.flags = flags;
        o.link_role = role;
        o.link = role == LinkRole::kNone ? 0 : 3;
        return e;
    }
    /// The verdict; an order that is approved is at its venue from then on.
    std::string send(OrderEvent e) {
        orders->number(e);
        const std::string said = text(judge_->check_new(e));
        if (said != "APPROVED") return said;
        out->clear();
        orders->accept(e, judge_->reserve_price(e), *out);
        last = e.data.new_order.tag;
        if (is_terminal(orders->find(last)->state)) return "REJECTED";
        OrderEvent report = make_order_event(OrderEventType::kExecution, now, {0});
        report.data.execution = ExecutionData{};
        report.data.execution.order_id = orders->find(last)->id;
        report.data.execution.venue = e.data.new_order.venue;
        report.data.execution.exec_id = {++executions};
        report.data.execution.exec_type = ExecType::kNew;
        out->clear();
        orders->on_execution(report, *out);
        return said;
    }
    std::string change(OrderTag tag, std::string_view size, std::string_view at) {
        const Order& live = *orders->find(tag);
        return text(judge_->check_replace(replace(live, size, at), live));
    }
    OrderTag last;
};

TEST(GateReducing, CountsReduceOnlyOrdersWhereTheVenueDoesNotKnowThem) {
    Reducer w;
    w.reduce_only();
    EXPECT_EQ(w.send(w.sale("60", "21", LinkRole::kNone, kOrderReduceOnly)), "APPROVED");
    const OrderTag first = w.last;
    EXPECT_EQ(w.send(w.sale("41", "21", LinkRole::kNone, kOrderReduceOnly)).substr(0, 5), "STATE")
        << "one bar could fill both, and 1 would be short";
    EXPECT_EQ(w.send(w.sale("40", "21", LinkRole::kNone, kOrderReduceOnly)), "APPROVED");
    EXPECT_EQ(w.change(first, "61", "21").substr(0, 5), "STATE");
    EXPECT_EQ(w.change(first, "60", "22"), "APPROVED");
}

TEST(GateReducing, LeavesReduceOnlyToAVenueThatKnowsIt) {
    Reducer w;
    w.reduce_only();
    for (int n = 0; n < 3; ++n) {
        EXPECT_EQ(w.send(w.sale("100", "21", LinkRole::kNone, kOrderReduceOnly, 1)), "APPROVED");
    }
}

TEST(GateReducing, JudgesWhatSuchOrdersCouldOpenByThePositionLimit) {
    // Of 100,000 (bought at 20, worth 20) at most 2%: 100 shares, long or short.
    Reducer w(only({{"position", "2%"}}));
    EXPECT_EQ(w.send(w.sale("100", "21", LinkRole::kNone, kOrderReduceOnly)), "APPROVED");
    EXPECT_EQ(w.send(w.sale("101", "21", LinkRole::kNone, kOrderReduceOnly)).substr(0, 8),
              "POSITION")
        << "100 - 100 - 101 is -101";
}

TEST(GateReducing, CountsLinkedLegsOnceInWhatReduces) {
    for (const LinkRole role : {LinkRole::kOco, LinkRole::kOuo}) {
        Reducer w;
        w.reduce_only();
        EXPECT_EQ(w.send(w.sale("100", "19", role)), "APPROVED");
        const OrderTag stop = w.last;
        EXPECT_EQ(w.send(w.sale("100", "25", role)), "APPROVED") << "one of the two fills";
        const OrderTag target = w.last;
        EXPECT_EQ(w.change(stop, "100", "18"), "APPROVED");
        EXPECT_EQ(w.change(target, "100", "24"), "APPROVED");
        EXPECT_EQ(w.change(target, "101", "24").substr(0, 5), "STATE");
        EXPECT_EQ(w.send(w.sale("1", "25")).substr(0, 5), "STATE") << "with one of them 101";
        EXPECT_EQ(w.send(w.sale("101", "25", role)).substr(0, 5), "STATE");
    }
}

TEST(GateReducing, CountsLinkedLegsEachInWhatMayComeAtWorst) {
    Reducer w(only({{"position", "2%"}}));
    EXPECT_EQ(w.send(w.sale("100", "19", LinkRole::kOco)), "APPROVED");
    EXPECT_EQ(w.send(w.sale("101", "25", LinkRole::kOco)).substr(0, 8), "POSITION")
        << "both may fill before a cancel arrives";
}

}  // namespace
}  // namespace fermata::testing
