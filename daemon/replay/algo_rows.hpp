#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/event/order_event.hpp"
#include "core/types/instrument.hpp"
#include "daemon/replay/csv_file.hpp"
#include "daemon/replay/order_rows.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// algos.csv: one row for every execution algorithm that ended, with its benchmarks.
class AlgoRows {
public:
    /// `orders` sees each record first, and outlives this.
    AlgoRows(const std::filesystem::path& dir, const RunNames& names, const OrderRows& orders);

    /// Every record of the trading stream, in order.
    void on_record(const OrderEvent& e);
    void close() { file_.close(); }

private:
    const RunNames& names_;
    const OrderRows& orders_;
    CsvFile file_;
};

/// Basis points with four decimals.
using BasisPoints = Fixed<struct BasisPointsTag, 4>;

/// How much worse than `benchmark` the price `average` is for that side: s (average - benchmark) /
/// benchmark. Nothing unless the benchmark is positive.
[[nodiscard]] std::optional<BasisPoints> slippage(Side side, Price average, Price benchmark);

/// The shortfall as a part of the value of the whole order at its arrival price.
[[nodiscard]] std::optional<BasisPoints> shortfall_bp(const AlgoReportData& report,
                                                      Multiplier multiplier);

}  // namespace fermata
