#include "daemon/control/latency_meter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace fermata {
namespace {

class Counter final : public RecordSink {
public:
    void on_record(const OrderEvent&) override { ++records; }
    int records = 0;
};

OrderEvent event(OrderEventType type, std::int64_t ts_ns, std::uint64_t order) {
    OrderEvent e = make_order_event(type, Timestamp{ts_ns}, InstrumentId{0});
    switch (type) {
        case OrderEventType::kNewOrder:
        case OrderEventType::kSendNew:
            e.data.new_order = NewOrderData{};
            e.data.new_order.order_id = ClientOrderId{order};
            break;
        case OrderEventType::kSendCancel:
            e.data.change = ChangeOrderData{};
            e.data.change.order_id = ClientOrderId{order};
            break;
        case OrderEventType::kExecution:
            e.data.execution = ExecutionData{};
            e.data.execution.order_id = ClientOrderId{order};
            break;
        default:
            e.data.verdict = VerdictData{};
            break;
    }
    return e;
}

struct Metered {
    std::int64_t now = 0;
    Counter next;
    LatencyMeter meter{next, [this] { return now; }};

    void at(std::int64_t time, const OrderEvent& e) {
        now = time;
        meter.on_record(e);
    }
    std::uint64_t count(LatencyHop hop) const { return meter.histogram(hop).count(); }
    std::uint64_t longest(LatencyHop hop) const { return meter.histogram(hop).max(); }
};

TEST(LatencyMeter, MeasuresEachHopOfAnOrder) {
    Metered m;
    m.meter.start();
    // A market event at 1,000; then when the journal's thread saw each record.
    m.at(1'030, event(OrderEventType::kNewOrder, 1'000, 7));
    m.at(1'031, event(OrderEventType::kVerdict, 1'000, 7));
    m.at(1'040, event(OrderEventType::kSendNew, 1'000, 7));
    OrderEvent report = event(OrderEventType::kExecution, 1'000, 7);
    m.at(1'200, report);
    m.at(1'300, report);  // only the first one acknowledges
    m.at(1'400, event(OrderEventType::kSendCancel, 1'000, 7));
    m.at(1'450, report);  // not the answer
    report.data.execution.exec_type = ExecType::kCanceled;
    m.at(1'500, report);
    EXPECT_EQ(m.longest(LatencyHop::kIntent), 30U);
    EXPECT_EQ(m.longest(LatencyHop::kVerdict), 31U);
    EXPECT_EQ(m.longest(LatencyHop::kSent), 40U);
    EXPECT_EQ(m.longest(LatencyHop::kAcknowledged), 160U);
    EXPECT_EQ(m.count(LatencyHop::kAcknowledged), 1U);
    EXPECT_EQ(m.longest(LatencyHop::kCancelConfirmed), 100U);
    EXPECT_EQ(m.next.records, 8);
    const Report rows = m.meter.rows();
    ASSERT_EQ(rows.size(), kLatencyHopCount);
    EXPECT_EQ(rows[3]["count"], 1);
    EXPECT_EQ(rows[3]["to"], "acknowledged");
    EXPECT_EQ(rows[3]["max_ns"], 160);
}

TEST(LatencyMeter, MeasuresNothingOfWhatAnEarlierProcessLeft) {
    Metered m;
    m.at(1'000'000, event(OrderEventType::kSendNew, 1'000, 7));
    m.meter.start();
    m.at(1'000'100, event(OrderEventType::kExecution, 1'000, 7));
    EXPECT_EQ(m.count(LatencyHop::kSent), 0U);
    EXPECT_EQ(m.count(LatencyHop::kAcknowledged), 0U);
    EXPECT_EQ(m.next.records, 2);
}

TEST(LatencyMeter, ForgetsAnOrderWhosePlaceANewerOneTook) {
    Metered m;
    m.meter.start();
    m.at(10, event(OrderEventType::kSendNew, 0, 1));
    m.at(20, event(OrderEventType::kSendNew, 0, 1 + 4'096));
    m.at(30, event(OrderEventType::kExecution, 0, 1));
    EXPECT_EQ(m.count(LatencyHop::kAcknowledged), 0U);
    m.at(40, event(OrderEventType::kExecution, 0, 1 + 4'096));
    EXPECT_EQ(m.longest(LatencyHop::kAcknowledged), 20U);
}

}  // namespace
}  // namespace fermata
