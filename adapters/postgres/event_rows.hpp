#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/postgres/copy_rows.hpp"
#include "adapters/postgres/vocabulary.hpp"
#include "core/base/result.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/port/event_store.hpp"

namespace fermata::postgres {

/// The tables that records become rows of.
enum class Table : std::uint8_t {
    kEvent,
    kOrders,
    kOrderEvents,
    kFills,
    kVerdicts,
    kControlActions,
    kPositions,
    kEquity,
    kAlerts,
    kCorrections,
    kAlgoEvents,
    kAlgoReports,
    kRoutes,
};
inline constexpr std::size_t kTableCount = 13;

struct TableLayout {
    std::string_view name;
    std::string_view columns;  ///< In the order in which rows are written.
};
[[nodiscard]] const TableLayout& layout(Table table) noexcept;

/// Market events have numbers from here on in event.type.
inline constexpr int kMarketTypeBase = 256;

/// Turns records into rows. Every record becomes a row of `event`; of the trading stream's records
/// some become a row of one more table.
class EventRows {
public:
    using Buffers = std::array<CopyRows, kTableCount>;

    EventRows(std::int32_t run_day, std::int32_t run_no, const Vocabulary& vocabulary)
        : run_day_(run_day), run_no_(run_no), vocabulary_(vocabulary) {}

    /// Appends the rows of one record. False when the payload is no event that this build knows.
    [[nodiscard]] bool add(const StoredRecord& record, Buffers& out) const;

private:
    void event_row(const StoredRecord& record, const OrderEvent& event, CopyRows& out) const;
    void event_row(const StoredRecord& record, const MarketEvent& event, CopyRows& out) const;
    void typed_row(const OrderEvent& event, Buffers& out) const;
    /// run_day, run_no, then for tables of orders order_id, position, ts, ts_ns.
    void key(CopyRows& out, std::size_t columns, const OrderEvent& event) const;
    void key(CopyRows& out, std::size_t columns, const OrderEvent& event, ClientOrderId id) const;
    void order(const OrderEvent& event, CopyRows& out) const;
    void change(const OrderEvent& event, CopyRows& out) const;
    void update(const OrderEvent& event, CopyRows& out) const;
    void fill(const OrderEvent& event, CopyRows& out) const;
    void verdict(const OrderEvent& event, CopyRows& out) const;
    void control(const OrderEvent& event, CopyRows& out) const;
    void holding(const OrderEvent& event, CopyRows& out) const;
    void equity(const OrderEvent& event, CopyRows& out) const;
    void mark(const OrderEvent& event, CopyRows& out) const;
    void alert(const OrderEvent& event, CopyRows& out) const;
    void correction(const OrderEvent& event, CopyRows& out) const;
    void algo(const OrderEvent& event, CopyRows& out) const;
    void algo_report(const OrderEvent& event, CopyRows& out) const;
    void route(const OrderEvent& event, CopyRows& out) const;
    [[nodiscard]] std::string_view code(std::size_t bit) const;

    std::int32_t run_day_;  // days since 1970
    std::int32_t run_no_;
    const Vocabulary& vocabulary_;
};

}  // namespace fermata::postgres
