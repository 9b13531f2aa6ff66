#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/event/order_event.hpp"
#include "core/port/hasher.hpp"
#include "daemon/replay/csv_file.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// executions.csv: one row for every report of a venue, as the venue sent it, in the order in which
/// the reports were taken in, and what came of it: a repetition is a row of its own that says so.
///
/// A row is written when the next event is consumed, because what a report led to follows it in the
/// stream.
class ExecutionRows {
public:
    ExecutionRows(const std::filesystem::path& dir, const RunNames& names,
                  std::unique_ptr<Hasher> hasher);

    /// Every record of the trading stream, in order.
    void on_record(const OrderEvent& e);
    /// Writes the row in hand too.
    std::string close();

private:
    void follow(const OrderEvent& e);
    void write();
    void write_report(const ExecutionData& d);
    void write_report(const CorrectionData& d);
    [[nodiscard]] std::string_view outcome() const;

    const RunNames& names_;
    CsvFile file_;
    OrderEvent report_;  // whose row is not written yet; kNone: there is none
    bool booked_ = false;
    bool updated_ = false;
    bool repeated_ = false;
    std::string alerts_;
};

/// "maker", "taker", or nothing where it is not known.
[[nodiscard]] std::string_view liquidity_name(Liquidity v) noexcept;

}  // namespace fermata
