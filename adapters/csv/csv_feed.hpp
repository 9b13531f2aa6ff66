#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/csv/csv_cells.hpp"
#include "adapters/csv/csv_config.hpp"
#include "adapters/csv/csv_layout.hpp"
#include "core/market/bar_clock.hpp"
#include "core/market/feed_output.hpp"
#include "core/market/line_reader.hpp"
#include "core/market/record_faults.hpp"
#include "core/port/byte_source.hpp"
#include "core/port/feed.hpp"

namespace fermata::csv {

/// A CSV file (RFC 4180 without line breaks in fields, UTF-8, plain or gzip) as a feed.
///
/// Rows:   every row has as many fields as the header (or as the first row); blank lines do not
///         count. A bar row gives kBarOpen at its start and kBar at its end (see BarClock); a
///         quote, trade or depth row gives one event at its time, a quote bar at its end with its
///         closing bid and ask. A depth snapshot is preceded by one event with action 1 (clear).
/// Faults: each kind of bad row follows CsvFeedConfig::on_bad. Duplicates are bars of one
/// instrument with
///         one start, and trades with the trade id of the row before. A refused quote that left a
///         side unchanged still sets the other side for the rows behind it.
/// Always an error, whatever the policy: a file that is missing, empty, damaged (gzip) or has no
/// row of the feed; a header that is not text, lacks a configured column or has it twice. Owner:
/// one thread. Memory: bounded by max_line_bytes, the instruments and the open bars.
class CsvFeed final : public Feed {
public:
    /// Opens the file at config.path by ports.run.files and reads its header. Throws FeedError.
    CsvFeed(CsvFeedConfig config, CsvFeedPorts ports);
    /// Reads `source` instead of the path, which then only serves messages; source_hash() is
    /// "none".
    CsvFeed(CsvFeedConfig config, CsvFeedPorts ports, std::unique_ptr<ByteSource> source);
    ~CsvFeed() override;

    [[nodiscard]] std::span<const MarketEvent> next() override;
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] FeedStats stats() const noexcept override { return faults_.stats; }
    /// The hash of the file's bytes as they are stored.
    [[nodiscard]] std::string source_hash() const override;
    [[nodiscard]] double progress() const noexcept override;

private:
    /// What is known of one instrument between rows.
    struct Slot {
        InstrumentId id;
        const Calendar* calendar;
        const Session* session = nullptr;  // that held the last tick
        BarClock clock;
        bool negative_ok;
        std::optional<Timestamp> last_start;  // of bars
        std::uint64_t last_trade_id = 0;
        QuoteData quote{};  // for sides that a row leaves unchanged
        bool has_bid = false;
        bool has_ask = false;
        bool bid_size_unknown = false;
        bool ask_size_unknown = false;
        bool in_snapshot = false;
    };
    struct SymbolIndex;
    /// One side of a quote row.
    struct QuoteSide {
        Price price;
        Quantity size;
        bool empty = false;  // the price's cell is
        bool size_unknown = false;
    };
    using Fields = std::span<const std::string_view>;

    void open(std::unique_ptr<ByteSource> source);
    void add_slots();
    void read_header();
    [[nodiscard]] bool read_line();
    void read_row(const Line& line);
    void finish();

    [[nodiscard]] bool passes_filters(Fields row) const noexcept;
    [[nodiscard]] Slot* slot_of(Fields row);
    void read_bar(Fields row, Slot& slot, Timestamp stamp);
    void read_quote(Fields row, Slot& slot, Timestamp stamp);
    void read_trade(Fields row, Slot& slot, Timestamp stamp);
    void read_depth(Fields row, Slot& slot, Timestamp stamp);
    [[nodiscard]] bool read_side(Fields row, const Slot& slot, const CsvField& price,
                                 const CsvField& size, QuoteSide& side);
    [[nodiscard]] bool read_price(Fields row, const Slot& slot, const CsvField& field, Price& out);
    [[nodiscard]] bool read_quantity(Fields row, const CsvField& field, Quantity& out);
    /// The bar's times, or nothing when the row was left out or lies outside [from, to).
    [[nodiscard]] std::optional<BarTimes> bar_times(Fields row, Slot& slot, Timestamp stamp);
    /// Whether an event at `t` has its place and is wanted.
    [[nodiscard]] bool takes(Fields row, Slot& slot, Timestamp stamp, Timestamp t);
    [[nodiscard]] bool in_session(Slot& slot, Timestamp t) const noexcept;
    [[nodiscard]] bool in_range(Timestamp t) const noexcept;
    void emit_depth(const MarketEvent& event, std::string_view group);
    void flush_depth(bool last);

    /// Applies the policy: true when the row goes on (kKeep), false when it was left out.
    [[nodiscard]] bool tolerates(RecordFault fault, const CsvField* field = nullptr);

    CsvFeedConfig config_;
    CsvFeedPorts ports_;
    std::string name_;
    RecordFaults faults_;
    CsvCells cells_;
    std::unique_ptr<LineReader> reader_;
    CsvLayout layout_;
    std::vector<std::string_view> fields_;
    std::vector<Slot> slots_;
    std::unique_ptr<SymbolIndex> symbols_;
    FeedOutput output_;

    // The row at hand, for refusals.
    std::uint64_t line_ = 0;
    std::optional<Timestamp> own_time_;
    const Slot* row_slot_ = nullptr;

    Timestamp last_stamp_ = Timestamp::min();  // of the rows that had a place
    std::uint64_t rows_ = 0;                   // data rows of any instrument
    std::uint64_t matched_ = 0;                // rows of this feed
    bool delivered_ = false;
    bool ended_ = false;
    std::optional<MarketEvent> held_depth_;  // waits for its `last`
    std::string held_group_;
};

}  // namespace fermata::csv
