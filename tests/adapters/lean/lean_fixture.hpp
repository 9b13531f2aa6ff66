#pragma once

#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/lean/lean_feed.hpp"
#include "core/market/calendar.hpp"
#include "core/market/date.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/plain_hasher.hpp"

namespace fermata::lean {

/// Hours that New York is behind UTC at midnight of a date, by the law in force: from 1987 daylight
/// saving from April's first Sunday to October's last, from 2007 from March's second to November's
/// first.
[[nodiscard]] inline int new_york_hours_behind(Date date) {
    const CivilDate civil = to_civil(date);
    const auto sunday_on_or_after = [&](int month, int day) {
        Date d = to_date(civil.year, month, day);
        while (weekday(d) != Weekday::kSunday) d = d + 1;
        return d;
    };
    const bool new_law = civil.year >= 2007;
    const Date begin = new_law ? sunday_on_or_after(3, 8) : sunday_on_or_after(4, 1);
    const Date end = new_law ? sunday_on_or_after(11, 1) : sunday_on_or_after(10, 25);
    return date > begin && date <= end ? 4 : 5;
}

/// 09:30 to 16:00 New York on every weekday but New Year's Day, 1998 to 2021.
[[nodiscard]] inline std::unique_ptr<Calendar> new_york_calendar() {
    std::vector<Session> sessions;
    std::vector<Timestamp> day_start;
    const Date first = to_date(1998, 1, 1);
    const Date last = to_date(2021, 12, 31);
    for (Date d = first; d <= last + 1; d = d + 1) {
        const Timestamp start = *utc_midnight(d) + Duration::hours(new_york_hours_behind(d));
        day_start.push_back(start);
        const CivilDate civil = to_civil(d);
        if (d > last || is_weekend(d) || (civil.month == 1 && civil.day == 1)) continue;
        sessions.push_back({d, start + Duration::minutes(570), start + Duration::hours(16)});
    }
    return std::make_unique<Calendar>("us_equity", "America/New_York", std::move(sessions), first,
                                      std::move(day_start));
}

/// IBM, EEM and SPY with the calendar, EURUSD and BTCUSD without; files in memory.
struct LeanRun {
    MemoryFileSystem files;
    InstrumentTable instruments;
    std::unique_ptr<Calendar> calendar = new_york_calendar();

    LeanRun() {
        for (const char* symbol : {"IBM", "EEM", "SPY"})
            add(symbol, AssetClass::kEquity, "us_equity");
        add("EURUSD", AssetClass::kForex, "");
        add("BTCUSD", AssetClass::kCrypto, "");
    }
    void add(const std::string& symbol, AssetClass asset_class, const std::string& calendar_name) {
        Instrument instrument;
        instrument.symbol = symbol;
        instrument.asset_class = asset_class;
        instrument.ticks = {{Timestamp::min(), Price::from_raw(1)}};
        instrument.calendar = calendar_name;
        instruments.add(instrument);
    }
    void put(const std::string& path, std::string_view bytes) {
        auto& file = files.files[path];
        file.bytes.resize(bytes.size());
        if (!bytes.empty()) std::memcpy(file.bytes.data(), bytes.data(), bytes.size());
    }
    /// Loads a file of the real data under the same path below "data".
    void load(const std::string& from, const std::string& to) {
        std::ifstream stream(from, std::ios::binary);
        put(to, std::string(std::istreambuf_iterator<char>(stream), {}));
    }
    [[nodiscard]] FeedPorts ports() {
        FeedPorts ports;
        ports.instruments = &instruments;
        ports.calendar = [this](const std::string&) { return calendar.get(); };
        ports.files = &files;
        ports.hasher = [] { return std::make_unique<PlainHasher>(); };
        return ports;
    }
    [[nodiscard]] std::unique_ptr<LeanFeed> open(const LeanFeedConfig& config) {
        return std::make_unique<LeanFeed>(config, ports());
    }
};

[[nodiscard]] inline LeanFeedConfig lean_config(const std::string& symbol,
                                                LeanResolution resolution, LeanData data) {
    LeanFeedConfig config;
    config.root = "data";
    config.symbol = symbol;
    config.resolution = resolution;
    config.data = data;
    if (symbol == "EURUSD") config.security = LeanSecurity::kForex;
    if (symbol == "BTCUSD") config.security = LeanSecurity::kCrypto;
    return config;
}

[[nodiscard]] inline std::vector<MarketEvent> drain(Feed& feed) {
    std::vector<MarketEvent> events;
    for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
        events.insert(events.end(), batch.begin(), batch.end());
    }
    return events;
}

}  // namespace fermata::lean
