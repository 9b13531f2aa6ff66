#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "core/market/calendar.hpp"
#include "core/market/date.hpp"
#include "core/market/stream.hpp"
#include "core/port/feed.hpp"
#include "core/types/instrument.hpp"
#include "risk/portfolio/return_history.hpp"

namespace fermata {

/// What portfolio risk needs of a run's market data: one close an instrument and trading date.
struct DailyPrices {
    struct Close {
        Date date;
        double close = 0;
        double volume = 0;  ///< Of the day's daily bar; 0 where there is none.
    };
    struct Action {
        Date ex_date;
        CorporateActionData data;
    };
    std::vector<std::vector<Close>> closes;  ///< By InstrumentId; ascending by date.
    std::vector<std::vector<Action>> actions;
    std::vector<Date> dates;  ///< On which any instrument has a close; ascending.
};

/// Called now and then: fraction read, time of the newest event, events so far.
using PriceProgress = std::function<void(double, Timestamp, std::uint64_t)>;

/// Reads `feed` to its end. Closes are those of daily bars where an instrument has any, else the
/// last price (bar, trade, or middle of a quote) of each date. The date is the exchange's, by the
/// instrument's calendar; without one it is that of UTC, for a daily bar at its start. Only events
/// in [from, to) count. Throws FeedError.
[[nodiscard]] DailyPrices read_daily_prices(Feed& feed, const StreamTable& streams,
                                            const std::vector<const Calendar*>& calendars,
                                            Timestamp from, Timestamp to,
                                            const PriceProgress& progress);

/// Every return of `prices` that lies within the last `window` of its trading days.
[[nodiscard]] portfolio::ReturnHistory make_return_history(const DailyPrices& prices,
                                                           std::size_t window);

/// Mean volume of the last `days` daily bars, in the share basis after the last split; nothing
/// without any volume.
[[nodiscard]] std::optional<double> mean_volume(const DailyPrices& prices, InstrumentId instrument,
                                                std::size_t days);

}  // namespace fermata
