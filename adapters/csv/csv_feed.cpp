#include "adapters/csv/csv_feed.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

#include "adapters/csv/gzip_source.hpp"
#include "core/base/csv_line.hpp"
#include "core/port/file_source.hpp"

namespace fermata::csv {
namespace {

/// Events of one batch; a little more when a row gives several.
constexpr std::size_t kBatch = 1024;
constexpr std::size_t kMaxColumns = 4096;

std::string base_name(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};

/// Bars of several instruments whose sessions differ may begin in another order than their rows.
Duration lag_of(const CsvFeedConfig& config) noexcept {
    const bool several = config.columns.symbol.is_set() && config.symbols.size() != 1;
    const bool daily = config.kind == CsvKind::kBar && config.interval >= Duration::days(1);
    return several && daily ? Duration::days(2) : Duration{};
}

}  // namespace

struct CsvFeed::SymbolIndex {
    std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> slots;
    bool all_instruments = false;  // of the run: any other symbol is unknown
    std::string last;              // rows of one instrument often follow each other
    std::size_t last_slot = 0;
};

CsvFeed::CsvFeed(CsvFeedConfig config, CsvFeedPorts ports)
    : config_(std::move(config)),
      ports_(std::move(ports)),
      name_(base_name(config_.path)),
      faults_(config_.on_bad),
      cells_(config_, ports_.time_parser.get()),
      symbols_(std::make_unique<SymbolIndex>()),
      output_(lag_of(config_)) {
    if (ports_.run.files == nullptr)
        throw FeedError(config_.path + ": no file system to read from");
    open(std::make_unique<FileSource>(*ports_.run.files, config_.path));
}

CsvFeed::CsvFeed(CsvFeedConfig config, CsvFeedPorts ports, std::unique_ptr<ByteSource> source)
    : config_(std::move(config)),
      ports_(std::move(ports)),
      name_(base_name(config_.path)),
      faults_(config_.on_bad),
      cells_(config_, ports_.time_parser.get()),
      symbols_(std::make_unique<SymbolIndex>()),
      output_(lag_of(config_)) {
    ports_.run.files = nullptr;
    open(std::move(source));
}

CsvFeed::~CsvFeed() = default;

void CsvFeed::open(std::unique_ptr<ByteSource> source) {
    if (config_.kind == CsvKind::kBar && config_.interval.ns <= 0) {
        throw FeedError(config_.path + ": a bar feed needs a positive interval");
    }
    if (config_.kind == CsvKind::kQuote && config_.empty_side == CsvEmptySide::kNone &&
        (!config_.columns.bid_size.is_set() || !config_.columns.ask_size.is_set())) {
        throw FeedError(
            config_.path +
            ": empty_side: none needs the columns bid_size and ask_size, because a side "
            "without a quote is told by its size of zero");
    }
    add_slots();
    reader_ = std::make_unique<LineReader>(decompressed(std::move(source)), config_.max_line_bytes);
    fields_.resize(kMaxColumns);
    read_header();
}

void CsvFeed::add_slots() {
    const InstrumentTable* table = ports_.run.instruments;
    FERMATA_ASSERT(table != nullptr);
    if (!config_.columns.symbol.is_set() && config_.symbols.size() != 1) {
        throw FeedError(config_.path +
                        ": without a symbol column exactly one symbol is needed, not " +
                        std::to_string(config_.symbols.size()));
    }
    std::vector<const Instrument*> instruments;
    for (const std::string& symbol : config_.symbols) {
        instruments.push_back(table->find(symbol));
        if (instruments.back() == nullptr) {
            throw FeedError(config_.path + ": the symbol " + symbol +
                            " is not an instrument of this run");
        }
    }
    if (config_.symbols.empty()) {
        symbols_->all_instruments = true;
        for (const Instrument& instrument : table->all()) instruments.push_back(&instrument);
    }
    for (const Instrument* instrument : instruments) {
        const Calendar* calendar = ports_.run.calendar_of(*instrument);
        const Duration interval =
            config_.interval.ns > 0 ? config_.interval : Duration::nanoseconds(1);
        slots_.push_back(Slot{
            .id = instrument->id,
            .calendar = calendar,
            .clock = BarClock({interval, config_.stamp, config_.daily_span}, calendar),
            .negative_ok =
                config_.negative_prices.value_or(instrument->asset_class == AssetClass::kFuture),
            .last_start = std::nullopt});
        symbols_->slots.emplace(instrument->symbol, slots_.size() - 1);
    }
}

void CsvFeed::read_header() {
    const Line line = reader_->next();
    const std::string place = place_of(config_.path, line.number);
    if (line.status == LineStatus::kEnd) throw FeedError(config_.path + ": the file is empty");
    if (line.status == LineStatus::kEncoding) {
        const bool utf16 = line.text.starts_with("\xFF\xFE") || line.text.starts_with("\xFE\xFF");
        throw FeedError(place + ": found \"" + clip(line.text) +
                        "\", expected UTF-8 text without NUL " + "bytes" +
                        (utf16 ? "; this looks like UTF-16, convert it with iconv" : ""));
    }
    if (line.status == LineStatus::kTooLong) {
        throw FeedError(place + ": the first line is longer than " +
                        std::to_string(config_.max_line_bytes) + " bytes (max_line_bytes): \"" +
                        clip(line.text) + "\"");
    }
    const auto count = split_csv_line(line.text, config_.delimiter, fields_);
    if (!count) {
        throw FeedError(place + ": " + std::string(describe(count.error())) + ": \"" +
                        clip(line.text) + "\"");
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < *count; ++i) names.push_back(unescape_csv(fields_[i]));
    layout_ = resolve_layout(config_, names, place);
    fields_.resize(layout_.columns + 1);
    if (!config_.header) read_row(line);
}

std::span<const MarketEvent> CsvFeed::next() {
    if (delivered_) output_.clear();  // the first row may have come with the header
    delivered_ = true;
    while (!ended_ && output_.events().size() < kBatch) {
        if (!read_line()) finish();
    }
    faults_.stats.events += output_.events().size();
    return output_.events();
}

bool CsvFeed::read_line() {
    const Line line = reader_->next();
    if (line.status == LineStatus::kEnd) return false;
    read_row(line);
    return true;
}

void CsvFeed::finish() {
    ended_ = true;
    if (rows_ == 0) throw FeedError(config_.path + ": the file has a header but no rows");
    if (matched_ == 0) {
        const bool filtered = !layout_.filters.empty();
        throw FeedError(
            config_.path + ": none of its " + std::to_string(rows_) + " rows belongs to this feed" +
            (config_.symbols.empty() ? "" : "; the symbol is " + config_.symbols.front()) +
            (filtered ? "; see filters" : ""));
    }
    flush_depth(true);
    try {
        output_.finish();
    } catch (const FeedError& error) {
        throw FeedError(config_.path + ": " + error.what());
    }
}

bool CsvFeed::tolerates(RecordFault fault, const CsvField* field) {
    if (field != nullptr) fault.field = field->name;
    if (faults_.policy()[fault.reason] != BadAction::kError) {
        if (faults_.decide(fault, {}) == BadAction::kKeep) return true;
        const Slot* slot = row_slot_ != nullptr ? row_slot_ : &slots_.front();
        output_.skipped(own_time_, slot->id, config_.stream,
                        SkippedData{.line = line_, .reason = fault.reason, .reserved = {}});
        return false;
    }
    static_cast<void>(faults_.decide(fault, place_of(config_.path, line_)));  // throws
    return false;
}

bool CsvFeed::passes_filters(Fields row) const noexcept {
    for (std::size_t i = 0; i < layout_.filters.size(); ++i) {
        const std::vector<std::string>& values = config_.filters[i].values;
        if (std::find(values.begin(), values.end(), row[layout_.filters[i].index]) ==
            values.end()) {
            return false;
        }
    }
    return true;
}

/// nullptr when the row is of no instrument of this feed.
CsvFeed::Slot* CsvFeed::slot_of(Fields row) {
    if (!layout_.symbol.present()) return &slots_.front();
    const std::string_view symbol = row[layout_.symbol.index];
    SymbolIndex& index = *symbols_;
    if (symbol != index.last || index.last.empty()) {
        const auto found = index.slots.find(symbol);
        if (found == index.slots.end()) {
            if (index.all_instruments) {
                ++faults_.stats.records;
                ++matched_;
                static_cast<void>(tolerates({SkipReason::kUnknownInstrument,
                                             {},
                                             symbol,
                                             "the symbol of an instrument of this run"},
                                            &layout_.symbol));
            }
            return nullptr;
        }
        index.last = symbol;
        index.last_slot = found->second;
    }
    return &slots_[index.last_slot];
}

void CsvFeed::read_row(const Line& line) {
    line_ = line.number;
    own_time_.reset();
    row_slot_ = nullptr;
    ++rows_;
    RecordFault fault{SkipReason::kMalformed, {}, line.text, {}};
    if (line.status == LineStatus::kTooLong) {
        fault.reason = SkipReason::kLineTooLong;
        fault.expected = "a line within max_line_bytes";
    } else if (line.status == LineStatus::kEncoding) {
        fault.reason = SkipReason::kEncoding;
        fault.expected = "UTF-8 text without NUL bytes";
    }
    std::size_t count = 0;
    if (fault.expected.empty()) {
        const auto split = split_csv_line(line.text, config_.delimiter, fields_);
        std::string_view expected = "as many fields as in the first line";
        if (split && *split == layout_.columns) {
            count = *split;
        } else {
            if (!split && split.error() != CsvLineError::kTooManyFields) {
                expected = "quotes as in RFC 4180";
            }
            fault.expected = expected;
        }
    }
    if (!fault.expected.empty()) {
        ++faults_.stats.records;
        ++matched_;
        static_cast<void>(tolerates(fault));
        return;
    }
    const Fields row(fields_.data(), count);
    if (!passes_filters(row)) return;
    Slot* slot = slot_of(row);
    if (slot == nullptr) return;
    row_slot_ = slot;
    ++matched_;
    ++faults_.stats.records;
    Timestamp stamp;
    if (!cells_.time(row[layout_.time.index], stamp, fault)) {
        static_cast<void>(tolerates(fault, &layout_.time));
        return;
    }
    switch (config_.kind) {
        case CsvKind::kBar:
            return read_bar(row, *slot, stamp);
        case CsvKind::kQuote:
            return read_quote(row, *slot, stamp);
        case CsvKind::kTrade:
            return read_trade(row, *slot, stamp);
        case CsvKind::kDepth:
            return read_depth(row, *slot, stamp);
    }
}

std::string CsvFeed::source_hash() const {
    if (ports_.run.files == nullptr || !ports_.run.hasher) return "none";
    const std::unique_ptr<Hasher> hasher = ports_.run.hasher();
    hash_file(*ports_.run.files, config_.path, *hasher);
    return hasher->finish();
}

double CsvFeed::progress() const noexcept { return ended_ ? 1.0 : reader_->source().progress(); }

}  // namespace fermata::csv
