#include "daemon/control/latency_meter.hpp"

#include <utility>

#include "core/order/closing_tag.hpp"

namespace fermata {

void LatencyMeter::end(Table& table, ClientOrderId id, std::int64_t now, LatencyHop hop) noexcept {
    Waiting& w = table[id.value % kPlaces];
    if (w.order != id.value || id.value == 0) return;
    add(hop, now - w.since_ns);
    w = Waiting{};
}

void LatencyMeter::on_record(const OrderEvent& e) {
    if (on_.load(std::memory_order_relaxed)) {
        switch (e.type) {
            case OrderEventType::kNewOrder:
                if (!is_closing(e.data.new_order.tag))
                    add(LatencyHop::kIntent, now_ns_() - e.ts.ns);
                break;
            case OrderEventType::kVerdict:
                add(LatencyHop::kVerdict, now_ns_() - e.ts.ns);
                break;
            case OrderEventType::kSendNew: {
                const std::int64_t now = now_ns_();
                add(LatencyHop::kSent, now - e.ts.ns);
                begin(sent_, e.data.new_order.order_id, now);
                break;
            }
            case OrderEventType::kSendCancel:
                begin(canceled_, e.data.change.order_id, now_ns_());
                break;
            case OrderEventType::kExecution: {
                const ExecutionData& x = e.data.execution;
                const std::int64_t now = now_ns_();
                end(sent_, x.order_id, now, LatencyHop::kAcknowledged);
                if (x.exec_type == ExecType::kCanceled) {
                    end(canceled_, x.order_id, now, LatencyHop::kCancelConfirmed);
                }
                break;
            }
            default:
                break;
        }
    }
    next_.on_record(e);
}

Report LatencyMeter::rows() const {
    static constexpr std::array<std::pair<const char*, const char*>, kLatencyHopCount> kNames = {
        {{"market event", "order of a strategy"},
         {"market event", "verdict"},
         {"market event", "sent"},
         {"sent", "acknowledged"},
         {"cancel sent", "canceled"}}};
    Report rows = Report::array();
    for (std::size_t n = 0; n < hops_.size(); ++n) {
        const LogHistogram& h = hops_[n];
        rows.push_back({{"from", kNames[n].first},
                        {"to", kNames[n].second},
                        {"count", h.count()},
                        {"p50_ns", h.per_mille(500)},
                        {"p90_ns", h.per_mille(900)},
                        {"p99_ns", h.per_mille(990)},
                        {"p99.9_ns", h.per_mille(999)},
                        {"max_ns", h.max()}});
    }
    return rows;
}

}  // namespace fermata
