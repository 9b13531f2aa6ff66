#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "adapters/generator/generator_config.hpp"
#include "core/event/market_event.hpp"
#include "core/market/calendar.hpp"
#include "core/types/instrument.hpp"
#include "daemon/cli/tape_out.hpp"

namespace fermata {

/// Writes generated events of one kind as CSV that a csv feed reads back as the same events:
///
///   bar    ts_ns,symbol,open,high,low,close,volume      ts_ns is the bar's start; of a daily bar
///                                                       midnight of its trading date
///   quote  ts_ns,symbol,bid,bid_size,ask,ask_size
///   trade  ts_ns,symbol,price,quantity,side,trade_id
///   depth  ts_ns,symbol,side,price,quantity,type,group  type "snapshot" marks a whole book
///
/// Throws FeedError when the file cannot be written.
class CsvOut {
public:
    CsvOut(const std::filesystem::path& path, generator::GeneratorKind kind,
           const InstrumentTable& instruments, std::vector<const Calendar*> calendars, bool daily);

    void append(std::span<const MarketEvent> events);
    void close();

private:
    void bar(const MarketEvent& e);
    void quote(const MarketEvent& e);
    void trade(const MarketEvent& e);
    void depth(const MarketEvent& e);
    void begin_row(Timestamp ts, InstrumentId instrument);
    template <class F>
    void cell(F value);
    void text(std::string_view cell);
    void flush();

    std::filesystem::path path_;
    std::ofstream out_;
    const InstrumentTable& instruments_;
    std::vector<const Calendar*> calendars_;
    bool daily_;
    std::string buffer_;
    std::vector<Timestamp> opens_;   // of each instrument's bar
    std::vector<bool> in_snapshot_;  // of each instrument's publication
    std::vector<bool> was_snapshot_;
    std::uint64_t group_ = 1;
};

/// The columns of a feed's YAML for such a file: "columns: {time: ts_ns, ...}".
[[nodiscard]] std::string csv_columns_yaml(generator::GeneratorKind kind);

}  // namespace fermata
