#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "adapters/generator/generator_feed.hpp"
#include "core/indicator/to_double.hpp"

namespace fermata::generator {

inline constexpr double kDeviations = 5;  // of every statistical bound in these tests

/// A calendar of `days` sessions of 6.5 hours from 14:30 UTC, Monday to Friday, from 2001-01-01.
inline std::unique_ptr<Calendar> weekday_calendar(int days) {
    const Date first = to_date(2001, 1, 1);
    std::vector<Session> sessions;
    std::vector<Timestamp> day_start;
    Date date = first;
    for (; static_cast<int>(sessions.size()) < days; date = date + 1) {
        day_start.push_back(*utc_midnight(date));
        if (is_weekend(date)) continue;
        const Timestamp open = *utc_midnight(date) + Duration::minutes(14 * 60 + 30);
        sessions.push_back({date, open, open + Duration::minutes(390), false});
    }
    day_start.push_back(*utc_midnight(date));
    return std::make_unique<Calendar>("weekdays", "UTC", std::move(sessions), first,
                                      std::move(day_start));
}

/// Instruments S0, S1, ... with a fine tick, and feeds over them.
class Generator : public ::testing::Test {
protected:
    /// Adds instruments; `calendar` by name, empty for none.
    void add(int symbols, const std::string& calendar = "", Price tick = Price::from_raw(1'000),
             Quantity lot = Quantity::from_units(1)) {
        for (int i = 0; i < symbols; ++i) {
            Instrument instrument;
            instrument.symbol = "S" + std::to_string(instruments_.size());
            instrument.ticks = {{Timestamp::min(), tick}};
            instrument.lot = lot;
            instrument.calendar = calendar;
            config_.symbols.push_back(instrument.symbol);
            instruments_.add(instrument);
        }
    }
    FeedPorts ports() {
        FeedPorts ports;
        ports.instruments = &instruments_;
        ports.calendar = [this](const std::string& name) {
            return name == "weekdays" ? calendar_.get() : nullptr;
        };
        return ports;
    }
    void days(int n) {
        config_.from = *utc_midnight(to_date(2001, 1, 1));
        config_.to = config_.from + Duration::days(n);
    }
    std::vector<MarketEvent> generate(std::size_t batch_events = 4096) {
        GeneratorFeed feed(config_, ports(), batch_events);
        std::vector<MarketEvent> events;
        for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
            events.insert(events.end(), batch.begin(), batch.end());
        }
        EXPECT_EQ(feed.stats().events, events.size());
        EXPECT_EQ(feed.progress(), 1.0);
        return events;
    }
    /// Log returns from close to close of one instrument, the first from its open.
    static std::vector<double> log_returns(const std::vector<MarketEvent>& events,
                                           std::uint32_t instrument) {
        std::vector<double> returns;
        double before = 0;
        for (const MarketEvent& e : events) {
            if (e.instrument.value != instrument) continue;
            if (e.type == MarketEventType::kBarOpen && before == 0) {
                before = std::log(to_double(e.data.bar_open.open));
            }
            if (e.type != MarketEventType::kBar) continue;
            const double close = std::log(to_double(e.data.bar.close));
            returns.push_back(close - before);
            before = close;
        }
        return returns;
    }
    static bool same(const std::vector<MarketEvent>& a, const std::vector<MarketEvent>& b) {
        return a.size() == b.size() &&
               std::memcmp(a.data(), b.data(), a.size() * sizeof(MarketEvent)) == 0;
    }

    InstrumentTable instruments_;
    std::unique_ptr<Calendar> calendar_;
    GeneratorConfig config_;
};

}  // namespace fermata::generator
