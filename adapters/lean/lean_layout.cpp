#include "adapters/lean/lean_layout.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "core/port/feed.hpp"

namespace fermata::lean {
namespace {

std::string_view name_of(LeanSecurity security) noexcept {
    switch (security) {
        case LeanSecurity::kEquity:
            return "equity";
        case LeanSecurity::kForex:
            return "forex";
        case LeanSecurity::kCrypto:
            return "crypto";
    }
    return "?";
}

std::string_view default_market(LeanSecurity security) noexcept {
    switch (security) {
        case LeanSecurity::kEquity:
            return "usa";
        case LeanSecurity::kForex:
            return "oanda";
        case LeanSecurity::kCrypto:
            return "coinbase";
    }
    return "?";
}

std::string_view name_of(LeanResolution resolution) noexcept {
    switch (resolution) {
        case LeanResolution::kDaily:
            return "daily";
        case LeanResolution::kHour:
            return "hour";
        case LeanResolution::kMinute:
            return "minute";
        case LeanResolution::kSecond:
            return "second";
        case LeanResolution::kTick:
            return "tick";
    }
    return "?";
}

std::string_view suffix_of(LeanData data) noexcept {
    return data == LeanData::kTrade ? "_trade.zip" : "_quote.zip";
}

/// The dates of the files YYYYMMDD_trade.zip in a folder; none when there is no such folder.
std::vector<Date> dates_in(FileSystem& files, const std::string& folder, LeanData data) {
    const auto names = files.list(folder);
    if (!names && names.error().code != FileErrorCode::kNotFound) {
        throw FeedError(names.error().message);
    }
    std::vector<Date> dates;
    if (!names) return dates;
    for (const std::string& name : *names) {
        if (name.size() != 18 || !name.ends_with(suffix_of(data))) continue;
        const std::optional<Date> date = parse_basic_date(std::string_view(name).substr(0, 8));
        if (date.has_value()) dates.push_back(*date);
    }
    std::sort(dates.begin(), dates.end());
    return dates;
}

std::string basic(Date date) {
    std::string text = format_iso_date(date);
    std::erase(text, '-');
    return text;
}

class PartFinder {
public:
    PartFinder(const LeanFeedConfig& config, FileSystem& files, const Calendar* calendar)
        : config_(config),
          files_(files),
          calendar_(calendar),
          folder_(market_folder(config) + "/" + std::string(name_of(config.resolution)) + "/") {}

    std::vector<LeanPart> find(const std::vector<TickerSpan>& spans) {
        const bool whole = config_.resolution == LeanResolution::kDaily ||
                           config_.resolution == LeanResolution::kHour;
        for (TickerSpan span : spans) {
            if (config_.from.has_value()) span.first = std::max(span.first, *config_.from);
            if (config_.to.has_value()) span.last = std::min(span.last, *config_.to);
            if (span.first > span.last) continue;
            if (whole) {
                add_whole(span);
            } else {
                add_dated(span);
            }
        }
        if (!whole) join_dates();
        if (std::all_of(parts_.begin(), parts_.end(), [](const auto& p) { return p.missing; })) {
            fail(whole, spans);
        }
        return std::move(parts_);
    }

private:
    void add_whole(const TickerSpan& span) {
        std::string path = folder_ + span.ticker;
        path += config_.security == LeanSecurity::kCrypto ? suffix_of(config_.data)
                                                          : std::string_view(".zip");
        const bool missing = !file_exists(files_, path);
        parts_.push_back({span.first, span.last, std::move(path), missing});
    }

    void add_dated(const TickerSpan& span) {
        const std::string folder = folder_ + span.ticker;
        for (const Date date : dates_in(files_, folder, config_.data)) {
            if (date < span.first || date > span.last) continue;
            present_[date] = path_of(span.ticker, date);
        }
        dated_spans_.push_back(span);
    }

    [[nodiscard]] std::string path_of(const std::string& ticker, Date date) const {
        return folder_ + ticker + "/" + basic(date) + std::string(suffix_of(config_.data));
    }

    /// The files that exist, and those that the calendar asks for between the first and the last.
    void join_dates() {
        for (const auto& [date, path] : present_) parts_.push_back({date, date, path, false});
        if (calendar_ == nullptr || present_.empty()) return;
        const Date from = config_.from.value_or(present_.begin()->first);
        const Date to = config_.to.value_or(present_.rbegin()->first);
        for (const Session& session : calendar_->sessions()) {
            if (session.date < from || session.date > to || present_.contains(session.date))
                continue;
            for (const TickerSpan& span : dated_spans_) {
                if (session.date < span.first || session.date > span.last) continue;
                parts_.push_back(
                    {session.date, session.date, path_of(span.ticker, session.date), true});
            }
        }
        std::sort(parts_.begin(), parts_.end(),
                  [](const LeanPart& a, const LeanPart& b) { return a.first < b.first; });
    }

    [[noreturn]] void fail(bool whole, const std::vector<TickerSpan>& spans) const {
        std::string tickers;
        for (const TickerSpan& span : spans) {
            const std::string path =
                folder_ + span.ticker +
                (whole ? ".zip" : "/YYYYMMDD" + std::string(suffix_of(config_.data)));
            if (tickers.find(path) == std::string::npos)
                tickers += (tickers.empty() ? "" : ", ") + path;
        }
        throw FeedError("no data of " + config_.symbol + " from " +
                        (config_.from ? format_iso_date(*config_.from) : "its beginning") + " to " +
                        (config_.to ? format_iso_date(*config_.to) : "its end") + "; looked for " +
                        tickers);
    }

    const LeanFeedConfig& config_;
    FileSystem& files_;
    const Calendar* calendar_;
    std::string folder_;
    std::vector<LeanPart> parts_;
    std::map<Date, std::string> present_;
    std::vector<TickerSpan> dated_spans_;
};

}  // namespace

std::string market_folder(const LeanFeedConfig& config) {
    const std::string market =
        config.market.empty() ? std::string(default_market(config.security)) : config.market;
    return config.root + "/" + std::string(name_of(config.security)) + "/" + market;
}

std::string ticker_of(const LeanFeedConfig& config) {
    std::string ticker = config.ticker.empty() ? config.symbol : config.ticker;
    for (char& c : ticker) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return ticker;
}

bool file_exists(FileSystem& files, const std::string& path) {
    const auto file = files.open(path);
    if (!file && file.error().code != FileErrorCode::kNotFound) {
        throw FeedError(file.error().message);
    }
    return file.ok();
}

std::string map_file_path(const LeanFeedConfig& config) {
    return market_folder(config) + "/map_files/" + ticker_of(config) + ".csv";
}

std::string factor_file_path(const LeanFeedConfig& config) {
    return market_folder(config) + "/factor_files/" + ticker_of(config) + ".csv";
}

std::vector<LeanPart> find_parts(const LeanFeedConfig& config, const std::vector<TickerSpan>& spans,
                                 FileSystem& files, const Calendar* calendar) {
    return PartFinder(config, files, calendar).find(spans);
}

}  // namespace fermata::lean
