#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/lean/lean_config.hpp"
#include "adapters/lean/lean_layout.hpp"
#include "adapters/lean/lean_reference.hpp"
#include "adapters/lean/lean_rows.hpp"
#include "core/market/bar_clock.hpp"
#include "core/market/feed_output.hpp"
#include "core/market/line_reader.hpp"
#include "core/market/record_faults.hpp"
#include "core/port/feed.hpp"
#include "core/port/feed_ports.hpp"

namespace fermata::lean {

/// One instrument from a data folder in LEAN's layout (github.com/QuantConnect/Lean, Data/readme)
/// as a feed.
///
/// Times:   equities are stamped in the exchange's zone, so their instrument needs a calendar (its
///          day_start table serves; rows behind a change of clocks on the same day, which no equity
///          session has, are off by it). Forex and crypto are stamped in UTC.
/// Events:  trade bars give kBarOpen and kBar (see BarClock; a day of forex or crypto is the UTC
/// day).
///          Quote bars give one kQuote at the bar's END with its closing bid and ask: no bar
///          events, because their prices did not trade. Tick quotes give a kQuote after each row,
///          of the last bid and the last ask of that day; a row states one side and leaves the
///          other. Tick trades give kTrade.
/// Tickers: the map file says which ticker's files hold the instrument on which dates; rows outside
///          those dates belong to another instrument and are not part of the series.
/// Faults:  LeanFeedConfig::on_bad. An archive that is damaged or truncated, or whose file has
/// another
///          date than its name, is kMalformed: skipped, what was read before counts. A missing
///          day or ticker file is kMissing, its `line` the date as yyyymmdd. A flagged (suspicious)
///          row that is skipped changes no side of the quote.
/// Owner:   one thread. Memory: bounded.
class LeanFeed final : public Feed {
public:
    /// Reads the map and factor files and finds the data files. Throws FeedError.
    LeanFeed(LeanFeedConfig config, FeedPorts ports);

    [[nodiscard]] std::span<const MarketEvent> next() override;
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] FeedStats stats() const noexcept override { return faults_.stats; }
    /// The hash of a list of all files that the series is made of, each with its own hash.
    [[nodiscard]] std::string source_hash() const override;
    [[nodiscard]] double progress() const noexcept override;

private:
    void open_reference_files();
    void check_config() const;
    [[nodiscard]] bool step();
    void open_part();
    void check_member_date(const LeanPart& part, std::string_view member) const;
    void read_line();
    void read_row(const LeanRow& row, Timestamp stamp, Date date, std::string_view text);
    void emit_bar(LeanRow row, Timestamp stamp, Date date, std::string_view text);
    void emit_quote(LeanRow row, Timestamp stamp, Date date, std::string_view text);
    void emit_trade(LeanRow row, Timestamp stamp, Date date, std::string_view text);
    [[nodiscard]] std::optional<BarTimes> bar_times(Timestamp stamp, std::string_view text);
    [[nodiscard]] bool takes(Timestamp t, std::string_view text);
    [[nodiscard]] bool check_positive(Price price, std::string_view text);
    [[nodiscard]] bool in_session(Timestamp t) noexcept;
    /// Puts raw numbers into the basis of the adjustment, if there is one.
    template <class Data>
    [[nodiscard]] bool adjust(Data& data,
                              Result<Data, NumberError> (Adjustment::*rule)(const Data&, Date)
                                  const noexcept,
                              Date date, std::string_view text);
    [[nodiscard]] std::optional<Timestamp> midnight(Date date) const noexcept;
    void part_failed(const std::string& message);
    [[nodiscard]] bool tolerates(const RecordFault& fault);

    LeanFeedConfig config_;
    FeedPorts ports_;
    const Instrument* instrument_ = nullptr;
    const Calendar* calendar_ = nullptr;
    std::string name_;
    RecordFaults faults_;
    LeanRowReader rows_;
    std::optional<Adjustment> adjustment_;
    std::vector<std::string> reference_files_;
    std::vector<LeanPart> parts_;
    std::optional<BarClock> clock_;
    FeedOutput output_;

    std::size_t part_ = 0;  // the one at hand, or the next to open
    std::unique_ptr<LineReader> reader_;
    std::optional<Date> part_midnight_date_;
    std::optional<Timestamp> part_midnight_;
    const Session* session_ = nullptr;  // that held the last event
    QuoteData quote_{};                 // both sides, for rows that state one
    std::optional<Timestamp> last_start_;

    std::uint64_t line_ = 0;  // of the row at hand, for refusals
    std::optional<Timestamp> own_time_;
    bool ended_ = false;
};

}  // namespace fermata::lean
