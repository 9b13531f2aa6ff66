#include "adapters/lean/lean_feed.hpp"

#include <algorithm>
#include <utility>

#include "adapters/lean/zip_source.hpp"
#include "core/port/file_source.hpp"

namespace fermata::lean {
namespace {

constexpr std::size_t kBatch = 1024;

std::string basic(Date date) {
    std::string text = format_iso_date(date);
    std::erase(text, '-');
    return text;
}

std::uint64_t number_of(Date date) {
    const CivilDate civil = to_civil(date);
    return static_cast<std::uint64_t>(civil.year * 10'000 + civil.month * 100 + civil.day);
}

Duration interval_of(LeanResolution resolution) noexcept {
    switch (resolution) {
        case LeanResolution::kDaily:
            return Duration::days(1);
        case LeanResolution::kHour:
            return Duration::hours(1);
        case LeanResolution::kMinute:
            return Duration::minutes(1);
        case LeanResolution::kSecond:
            return Duration::seconds(1);
        case LeanResolution::kTick:
            break;
    }
    return {};
}

}  // namespace

LeanFeed::LeanFeed(LeanFeedConfig config, FeedPorts ports)
    : config_(std::move(config)),
      ports_(std::move(ports)),
      name_("lean " + config_.symbol),
      faults_(config_.on_bad),
      rows_(config_.security, config_.resolution, config_.data, config_.max_price) {
    FERMATA_ASSERT(ports_.instruments != nullptr && ports_.files != nullptr);
    instrument_ = ports_.instruments->find(config_.symbol);
    if (instrument_ == nullptr) {
        throw FeedError(name_ + ": the symbol " + config_.symbol +
                        " is not an instrument of this run");
    }
    calendar_ = ports_.calendar_of(*instrument_);
    check_config();
    if (config_.resolution != LeanResolution::kTick) {
        const DailySpan span =
            config_.security == LeanSecurity::kEquity ? DailySpan::kSession : DailySpan::kStamp;
        clock_.emplace(BarClockSettings{interval_of(config_.resolution), BarStamp::kStart, span},
                       calendar_);
    }
    open_reference_files();
}

void LeanFeed::check_config() const {
    if (config_.security == LeanSecurity::kEquity && calendar_ == nullptr) {
        throw FeedError(
            name_ +
            ": LEAN stamps equities in the exchange's time zone, so the instrument needs a "
            "calendar (us_equity)");
    }
    if (config_.security == LeanSecurity::kForex && config_.data == LeanData::kTrade) {
        throw FeedError(name_ + ": LEAN's forex data holds quotes only; set data: quote");
    }
    if (config_.security == LeanSecurity::kEquity && config_.data == LeanData::kQuote &&
        interval_of(config_.resolution) >= Duration::hours(1)) {
        throw FeedError(name_ + ": LEAN's daily and hour data of equities holds trades only");
    }
    if (config_.adjust == LeanAdjust::kAdjusted && config_.security != LeanSecurity::kEquity) {
        throw FeedError(name_ + ": only equities have factor files to adjust by");
    }
    if (config_.from.has_value() && config_.to.has_value() && *config_.from > *config_.to) {
        throw FeedError(name_ + ": from " + format_iso_date(*config_.from) + " lies after to " +
                        format_iso_date(*config_.to));
    }
}

void LeanFeed::open_reference_files() {
    constexpr Date kFirst = to_date(1, 1, 1);
    constexpr Date kLast = to_date(9999, 12, 31);
    std::vector<TickerSpan> spans = {{kFirst, kLast, ticker_of(config_)}};
    const std::string map_path = map_file_path(config_);
    if (config_.security == LeanSecurity::kEquity && config_.map_files &&
        file_exists(*ports_.files, map_path)) {
        spans = read_map_file(std::make_unique<FileSource>(*ports_.files, map_path));
        reference_files_.push_back(map_path);
    }
    if (config_.adjust == LeanAdjust::kAdjusted) {
        const std::string path = factor_file_path(config_);
        const auto rows = read_factor_file(std::make_unique<FileSource>(*ports_.files, path));
        auto adjustment = Adjustment::from_rows(
            rows, config_.adjust_basis.has_value() ? config_.adjust_basis : config_.to);
        if (!adjustment) {
            throw FeedError(path + ": " + std::string(describe(adjustment.error())));
        }
        adjustment_ = std::move(*adjustment);
        reference_files_.push_back(path);
    }
    // A market that trades around the clock has no calendar that says on which days files must
    // exist.
    const Calendar* const expected =
        config_.security == LeanSecurity::kEquity ? calendar_ : nullptr;
    parts_ = find_parts(config_, spans, *ports_.files, expected);
}

std::span<const MarketEvent> LeanFeed::next() {
    output_.clear();
    while (!ended_ && output_.events().size() < kBatch) {
        if (!step()) {
            ended_ = true;
            try {
                output_.finish();
            } catch (const FeedError& error) {
                throw FeedError(name_ + ": " + error.what());
            }
        }
    }
    faults_.stats.events += output_.events().size();
    return output_.events();
}

/// Reads one row, or goes to the next file; false at the end.
bool LeanFeed::step() {
    if (reader_ == nullptr) {
        if (part_ == parts_.size()) return false;
        open_part();
        return true;
    }
    read_line();
    return true;
}

std::optional<Timestamp> LeanFeed::midnight(Date date) const noexcept {
    return config_.security == LeanSecurity::kEquity ? calendar_->start_of(date)
                                                     : utc_midnight(date);
}

void LeanFeed::open_part() {
    const LeanPart& part = parts_[part_];
    line_ = 0;
    own_time_ = midnight(part.first);
    // Quotes of the day before say nothing about this one.
    quote_ = QuoteData{};
    if (part.missing) {
        const Session* const session =
            calendar_ != nullptr ? calendar_->session_on(part.first) : nullptr;
        if (session != nullptr) own_time_ = session->open;
        line_ = number_of(part.first);
        ++part_;
        static_cast<void>(tolerates({SkipReason::kMissing, "file", part.path,
                                     "the file to exist for " + format_iso_date(part.first)}));
        return;
    }
    try {
        auto source = open_zipped_csv(*ports_.files, part.path);
        check_member_date(part, source->name());
        reader_ = std::make_unique<LineReader>(std::move(source), config_.max_line_bytes);
    } catch (const FeedError& error) {
        part_failed(error.what());
    }
}

/// The file inside a dated archive begins with the same date: else someone renamed the archive.
void LeanFeed::check_member_date(const LeanPart& part, std::string_view member) const {
    if (part.first != part.last) return;
    const std::size_t begin = member.rfind(':') + 1;
    const std::string date = basic(part.first);
    if (member.substr(begin).starts_with(date)) return;
    throw FeedError(std::string(member) + ": the file inside the archive is not of " + date);
}

/// The archive at hand cannot be read (on): an error, or one skip for what is lost of it.
void LeanFeed::part_failed(const std::string& message) {
    reader_.reset();
    ++part_;
    if (faults_.policy()[SkipReason::kMalformed] == BadAction::kError) {
        throw FeedError(message +
                        " (malformed; on_bad: {malformed: skip} leaves the rest of it out)");
    }
    static_cast<void>(tolerates({SkipReason::kMalformed, {}, {}, {}}));
}

void LeanFeed::read_line() {
    Line line;
    try {
        line = reader_->next();
    } catch (const FeedError& error) {
        own_time_.reset();
        part_failed(error.what());
        return;
    }
    if (line.status == LineStatus::kEnd) {
        reader_.reset();
        ++part_;
        return;
    }
    line_ = line.number;
    own_time_.reset();
    RecordFault fault{SkipReason::kLineTooLong, {}, line.text, "a line within max_line_bytes"};
    if (line.status == LineStatus::kEncoding) {
        fault.reason = SkipReason::kEncoding;
        fault.expected = "UTF-8 text without NUL bytes";
    }
    LeanRow row;
    if (line.status != LineStatus::kLine || !rows_.read(line.text, row, fault)) {
        ++faults_.stats.records;
        static_cast<void>(tolerates(fault));
        return;
    }
    const LeanPart& part = parts_[part_];
    const Date date = row.date.value_or(part.first);
    if (date < part.first || date > part.last) return;  // of another instrument, or not asked for
    ++faults_.stats.records;
    if (part_midnight_date_ != date) {
        part_midnight_date_ = date;
        part_midnight_ = midnight(date);
    }
    const std::string_view text = line.text.substr(0, line.text.find(','));
    if (!part_midnight_.has_value()) {
        static_cast<void>(tolerates({SkipReason::kMalformed, "field 1", text,
                                     "a date that the instrument's calendar covers"}));
        return;
    }
    read_row(row, *part_midnight_ + row.time, date, text);
}

bool LeanFeed::tolerates(const RecordFault& fault) {
    if (faults_.policy()[fault.reason] == BadAction::kError) {
        const std::string_view source =
            reader_ != nullptr ? reader_->source().name() : std::string_view(name_);
        static_cast<void>(faults_.decide(fault, place_of(source, line_)));  // throws
    }
    if (faults_.decide(fault, {}) == BadAction::kKeep) return true;
    output_.skipped(own_time_, instrument_->id, config_.stream,
                    SkippedData{.line = line_, .reason = fault.reason, .reserved = {}});
    return false;
}

std::string LeanFeed::source_hash() const {
    if (!ports_.hasher) return "none";
    const std::unique_ptr<Hasher> whole = ports_.hasher();
    const auto add = [&](const std::string& path) {
        const std::unique_ptr<Hasher> one = ports_.hasher();
        hash_file(*ports_.files, path, *one);
        // Relative to the root, so that the place of the data folder does not matter.
        const std::string line = path.substr(config_.root.size()) + " " + one->finish() + "\n";
        whole->update(std::as_bytes(std::span(line)));
    };
    for (const std::string& path : reference_files_) add(path);
    for (const LeanPart& part : parts_) {
        if (!part.missing) add(part.path);
    }
    return whole->finish();
}

double LeanFeed::progress() const noexcept {
    if (ended_ || parts_.empty()) return 1.0;
    const double within = reader_ != nullptr ? reader_->source().progress() : 0.0;
    return (static_cast<double>(part_) + within) / static_cast<double>(parts_.size());
}

}  // namespace fermata::lean
