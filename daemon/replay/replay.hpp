#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/account/account_config.hpp"
#include "core/account/lot_ledger.hpp"
#include "core/port/feed.hpp"
#include "core/port/hasher.hpp"
#include "daemon/pipeline/pipeline.hpp"
#include "daemon/replay/equity_curve.hpp"
#include "daemon/replay/result_files.hpp"
#include "research/trade_ledger.hpp"

namespace fermata {

/// Where a run stands, for a progress bar.
struct ReplayProgress {
    double fraction = 0;  ///< Of the sources, 0 to 1.
    Timestamp now;        ///< Of the newest event.
    std::uint64_t events = 0;
};

/// Takes every market event that the stages get, before they get it: a journal that records them.
class MarketSink {
public:
    MarketSink() = default;
    MarketSink(const MarketSink&) = delete;
    MarketSink& operator=(const MarketSink&) = delete;
    virtual ~MarketSink() = default;
    virtual void on_market(const MarketEvent& event, std::uint64_t position) = 0;
};

/// One replay, complete and independent of any file format of configurations.
struct ReplayJob {
    PipelineSetup setup;  ///< `sink` is set by the run.
    RunNames names;
    std::vector<AccountConfig> accounts;  ///< As in `setup`, which the run takes apart.
    LotRules lot_rules;
    std::unique_ptr<Feed> feed;
    /// What the feed gave already, by a caller who wanted to see its beginning; may be empty.
    std::span<const MarketEvent> first_batch;
    std::vector<OrderEvent> risk_inputs;  ///< What the gate is told from outside, by time.
    Timestamp from = Timestamp::min();    ///< Events before it are not delivered.
    Timestamp to = Timestamp::never();    ///< Events at or after it are not delivered.
    std::filesystem::path out;            ///< Created if it does not exist.
    double speed = 0;                     ///< Event time per wall time; 0 = as fast as possible.
    Duration equity_interval = Duration::minutes(1);
    std::optional<InstrumentId> benchmark;  ///< Sampled together with the equity.
    RecordSink* journal = nullptr;          ///< Gets every record too; may be null.
    MarketSink* market_journal = nullptr;   ///< Gets every market event too; may be null.
    HasherFactory hasher;
    std::function<void(const ReplayProgress&)> progress;  ///< A few times a second; may be empty.
    std::function<bool()> cancelled;                      ///< Polled; true ends the run early.
};

struct ReplayResult {
    RunCounts counts;
    RunHashes hashes;
    FeedStats feed;
    std::uint64_t market_events = 0;  ///< Delivered to the stages.
    std::uint64_t records = 0;        ///< Order events on record.
    double seconds = 0;       ///< Wall time of the loop, without start-up and writing the summary.
    Timestamp first, last;    ///< Of the delivered events.
    bool overflowed = false;  ///< A lane was full: the run was halted there.
    bool cancelled = false;
    /// Why trading was halted while the run went on to its end; empty: it was not.
    std::string halted;
    /// Fills that did not close the lot that the configuration names for them (LotReport::unmet).
    std::vector<std::uint32_t> unmet_lots;
    struct Account {
        Money cash;
        std::optional<Money> equity;
        Money fees;
        std::vector<DailyEquity> daily;
    };
    std::vector<Account> accounts;
    std::vector<Trade> trades;  ///< Round trips that ended, in that order.
    double traded_value = 0;    ///< Gross value of all fills.
    std::uint64_t open_orders = 0;
};

/// Runs it and writes the CSV files of docs/run-files.md to `job.out`.
/// Throws FeedError and std::runtime_error (disk).
[[nodiscard]] ReplayResult run_replay(ReplayJob job);

}  // namespace fermata
