#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "daemon/replay/csv_file.hpp"
#include "daemon/replay/result_files.hpp"

namespace fermata {

/// One account's equity at the end of a civil day (UTC), for statistics.
struct DailyEquity {
    std::int32_t day = 0;  ///< Days since 1970-01-01.
    double equity = 0;     ///< In the account's base currency.
    double gross = 0;      ///< Sum of the absolute position values.
    double benchmark = 0;  ///< Mark of the benchmark; 0 without one or before its first price.
};

/// equity.csv: what every account is worth, sampled after each bar end and, on quotes and trades,
/// once an interval of event time. Keeps only one value a day in memory.
///
/// A sample is taken when time moves on from a timestamp, so it shows the state after everything
/// that happened at it.
class EquityCurve {
public:
    EquityCurve(const std::filesystem::path& dir, const RunNames& names, std::size_t accounts,
                Duration interval, std::optional<InstrumentId> benchmark);

    /// Before `next` is handled.
    void before(const MarketEvent& next, const AccountBook& accounts) {
        if (next.ts != now_) [[likely]] {
            if (due_) sample(accounts);
            now_ = next.ts;
        }
        switch (next.type) {
            case MarketEventType::kBar:
                due_ = true;
                break;
            case MarketEventType::kQuote:
            case MarketEventType::kTrade:
            case MarketEventType::kDepth:
                due_ = due_ || next.ts >= next_sample_;
                break;
            default:
                break;
        }
    }
    /// Instead of `before`, in a run whose accounts belong to another thread: a value on record.
    void record(Timestamp ts, const EquityData& data, std::optional<Price> benchmark);
    /// What the end of a day booked after its last row: counts for the day's value, and shows in
    /// equity.csv with the next row.
    void end_day(Timestamp ts, const EquityData& data);
    /// At the end of the run: samples once more if anything happened since.
    void finish(Timestamp now, const AccountBook& accounts);

    [[nodiscard]] const std::vector<DailyEquity>& daily(AccountId account) const {
        return daily_[account.value];
    }

private:
    void sample(const AccountBook& accounts);
    [[nodiscard]] DailyEquity& today(std::size_t account);
    [[nodiscard]] static std::int32_t day_of(Timestamp ts) noexcept;

    const RunNames& names_;
    Duration interval_;
    std::optional<InstrumentId> benchmark_;
    CsvFile file_;
    std::vector<std::vector<DailyEquity>> daily_;  // by AccountId
    Timestamp now_ = Timestamp::min();
    Timestamp next_sample_ = Timestamp::min();
    bool due_ = false;
};

}  // namespace fermata
