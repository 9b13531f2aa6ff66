#include "adapters/corporate_actions/corporate_actions_csv.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/base/csv_line.hpp"
#include "core/market/line_reader.hpp"
#include "core/port/feed.hpp"
#include "core/port/hashing_source.hpp"
#include "core/types/decimal.hpp"

namespace fermata {
namespace {

constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::size_t kMaxFields = 64;

enum Column : std::size_t { kSymbol, kExDate, kType, kValue, kCloseBefore, kColumns };
constexpr std::array<std::string_view, kColumns> kNames = {"symbol", "ex_date", "type", "value",
                                                           "close_before"};

class ActionReader {
public:
    ActionReader(std::unique_ptr<ByteSource> source, const InstrumentTable& instruments)
        : name_(source->name()),
          lines_(std::move(source), kMaxLineBytes),
          instruments_(instruments) {}

    CorporateActionList read() {
        if (!next_line()) fail("found an empty file, expected a line that names the columns");
        read_header();
        while (next_line()) read_row();
        sort_actions(list_.actions);
        return std::move(list_);
    }

private:
    [[noreturn]] void fail(const std::string& problem) const {
        throw FeedError(name_ + ":" + std::to_string(std::max<std::uint64_t>(line_.number, 1)) +
                        ": " + problem);
    }
    [[noreturn]] void fail(Column column, std::string_view expected) const {
        fail(std::string(kNames[column]) + ": found '" + clip(cell(column)) + "', expected " +
             std::string(expected));
    }

    bool next_line() {
        line_ = lines_.next();
        switch (line_.status) {
            case LineStatus::kEnd:
                return false;
            case LineStatus::kTooLong:
                fail("found a line of more than " + std::to_string(kMaxLineBytes) + " bytes");
            case LineStatus::kEncoding:
                fail("found '" + clip(line_.text) + "', expected UTF-8 text");
            case LineStatus::kLine:
                break;
        }
        const auto count = split_csv_line(line_.text, ',', fields_);
        if (!count) fail(std::string(describe(count.error())));
        count_ = *count;
        return true;
    }

    void read_header() {
        for (std::size_t i = 0; i < count_; ++i) {
            for (std::size_t c = 0; c < kColumns; ++c) {
                if (fields_[i] != kNames[c]) continue;
                if (position_[c]) fail("found the column '" + std::string(kNames[c]) + "' twice");
                position_[c] = i;
            }
        }
        for (const Column c : {kSymbol, kExDate, kType, kValue}) {
            if (position_[c]) continue;
            fail("found the columns '" + clip(line_.text) + "', expected '" +
                 std::string(kNames[c]) + "' among them");
        }
        width_ = count_;
    }

    [[nodiscard]] std::string_view cell(Column column) const { return fields_[*position_[column]]; }

    void read_row() {
        if (count_ != width_) {
            fail("found " + std::to_string(count_) + " fields, expected " + std::to_string(width_) +
                 " as in the first line");
        }
        ++list_.rows;
        if (cell(kSymbol).empty()) fail(kSymbol, "a symbol");
        const std::string symbol = unescape_csv(cell(kSymbol));
        CorporateAction action;
        const auto ex_date = parse_iso_date(cell(kExDate));
        if (!ex_date) fail(kExDate, "a date YYYY-MM-DD");
        action.ex_date = *ex_date;
        action.data = read_data();
        if (position_[kCloseBefore] && !cell(kCloseBefore).empty()) {
            const auto close = parse<Price>(cell(kCloseBefore));
            if (!close || !close->is_positive()) {
                fail(kCloseBefore, "a positive price of at most 9 decimals, or nothing");
            }
            action.close_before = *close;
        }
        refuse_repetition(symbol, action);
        const Instrument* instrument = instruments_.find(symbol);
        if (instrument == nullptr) {
            ++list_.other_symbols;
            return;
        }
        action.instrument = instrument->id;
        list_.actions.push_back(action);
    }

    [[nodiscard]] CorporateActionData read_data() const {
        const std::string_view type = cell(kType);
        if (type == "dividend") {
            const auto cash = parse<Price>(cell(kValue));
            if (!cash || !cash->is_positive()) {
                fail(kValue, "a positive amount of at most 9 decimals");
            }
            return make_dividend(*cash);
        }
        if (type != "split") fail(kType, "split or dividend");
        const auto ratio = parse<Ratio>(cell(kValue));
        const auto split = ratio ? make_split(*ratio) : std::nullopt;
        if (!split) fail(kValue, "a positive ratio of at most 9 decimals: new shares for one old");
        return *split;
    }

    void refuse_repetition(const std::string& symbol, const CorporateAction& action) {
        // Splits of one date collide whatever their ratio.
        const bool is_split = action.data.kind == CorporateActionKind::kSplit;
        const auto [known, is_new] = seen_.emplace(
            std::tuple(symbol, action.ex_date, is_split, is_split ? 0 : action.data.cash.raw()),
            line_.number);
        if (is_new) return;
        fail("found a second " + std::string(is_split ? "split" : "dividend of the same amount") +
             " of " + clip(symbol) + " on " + format_iso_date(action.ex_date) +
             ", the first is in line " + std::to_string(known->second));
    }

    std::string name_;
    LineReader lines_;
    const InstrumentTable& instruments_;
    Line line_;
    std::array<std::string_view, kMaxFields> fields_{};
    std::size_t count_ = 0;
    std::size_t width_ = 0;
    std::array<std::optional<std::size_t>, kColumns> position_{};
    std::map<std::tuple<std::string, Date, bool, std::int64_t>, std::uint64_t> seen_;
    CorporateActionList list_;
};

}  // namespace

CorporateActionList read_corporate_actions(std::unique_ptr<ByteSource> source,
                                           const InstrumentTable& instruments,
                                           const HasherFactory& hasher) {
    if (!hasher) {
        CorporateActionList list = ActionReader(std::move(source), instruments).read();
        list.source_hash = "none";
        return list;
    }
    const auto digest = hasher();
    auto hashed = std::make_unique<HashingSource>(std::move(source), *digest);
    CorporateActionList list = ActionReader(std::move(hashed), instruments).read();
    list.source_hash = digest->finish();
    return list;
}

}  // namespace fermata
