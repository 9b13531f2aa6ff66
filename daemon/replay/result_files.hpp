#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/event/order_event.hpp"
#include "core/port/hasher.hpp"
#include "daemon/replay/algo_rows.hpp"
#include "daemon/replay/csv_file.hpp"
#include "daemon/replay/execution_rows.hpp"
#include "daemon/replay/order_rows.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// What was counted while the files were written.
struct RunCounts {
    std::uint64_t orders = 0;           ///< New orders that strategies asked for.
    std::uint64_t fills = 0;            ///< Fills that were booked.
    std::uint64_t denied_orders = 0;    ///< Refused by the gate.
    std::uint64_t rejected_orders = 0;  ///< Refused by the gate or rejected by a venue.
    std::uint64_t canceled_orders = 0;
    std::uint64_t expired_orders = 0;
    std::uint64_t alerts = 0;
    std::uint64_t skipped_records = 0;  ///< Alerts about refused records of feeds.
    std::array<std::uint64_t, 64> denied_by_control{};
};

/// Hashes of the files, "sha256:...".
struct RunHashes {
    std::string fills;
    std::string orders;
    std::string executions;
};

/// orders.csv, executions.csv, fills.csv and algos.csv, written row by row from the records of the
/// trading stream.
class ResultFiles {
public:
    ResultFiles(const std::filesystem::path& dir, const RunNames& names,
                const HasherFactory& hasher);

    void on_record(const OrderEvent& event);
    RunHashes close();
    [[nodiscard]] const RunCounts& counts() const noexcept { return counts_; }

private:
    void on_fill(const OrderEvent& e);
    void count_end(const OrderUpdateData& update);

    const RunNames& names_;
    OrderRows orders_;
    ExecutionRows executions_;
    AlgoRows algos_;
    CsvFile fills_;
    RunCounts counts_;
};

/// positions.csv: what every account and strategy holds at the end.
void write_positions(const std::filesystem::path& dir, const RunNames& names,
                     const AccountBook& accounts);

}  // namespace fermata
