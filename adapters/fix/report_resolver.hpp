#pragma once

#include <optional>

#include "adapters/fix/report_decoder.hpp"
#include "adapters/fix/sent_orders.hpp"

namespace fermata::fix {

/// Completes what a venue says with what we asked: which order and request a reject is about, what
/// a report leaves out, and which request is in force now.
///
/// Owner: the loop that sends. Never allocates.
class ReportResolver {
public:
    explicit ReportResolver(SentOrders& orders) : orders_(orders) {}

    /// What to report; nullopt when nothing changes by it. `unattributed` is set when a reject is
    /// about no request that is known.
    [[nodiscard]] std::optional<OrderEvent> resolve(InboundReport report,
                                                    bool& unattributed) noexcept;

private:
    static void note_name(const InboundReport& report, SentOrder* order) noexcept;
    void complete(const InboundReport& report, SentOrder& order, ExecutionData& x) noexcept;
    void learn(const InboundReport& report) noexcept;

    SentOrders& orders_;
};

}  // namespace fermata::fix
