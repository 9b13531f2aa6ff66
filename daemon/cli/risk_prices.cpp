#include "daemon/cli/risk_prices.hpp"

#include <algorithm>
#include <limits>

namespace fermata {
namespace {

constexpr Duration kDay = Duration::days(1);

double units(Price price) {
    return static_cast<double>(price.raw()) / static_cast<double>(Price::kOne);
}
double units(Quantity quantity) {
    return static_cast<double>(quantity.raw()) / static_cast<double>(Quantity::kOne);
}

void put(std::vector<DailyPrices::Close>& closes, DailyPrices::Close close) {
    if (!closes.empty() && closes.back().date == close.date) {
        closes.back().close = close.close;
        closes.back().volume += close.volume;
    } else {
        closes.push_back(close);
    }
}

/// Takes in events and keeps daily bars apart from other prices.
class Collector {
public:
    Collector(const StreamTable& streams, const std::vector<const Calendar*>& calendars)
        : streams_(streams),
          calendars_(calendars),
          daily_(calendars.size()),
          other_(calendars.size()),
          actions_(calendars.size()) {}

    void take(const MarketEvent& e) {
        if (e.instrument.value >= daily_.size()) return;
        switch (e.type) {
            case MarketEventType::kBar: {
                const Duration interval = streams_[e.stream.value].interval;
                const DailyPrices::Close close{date_of_bar(e, interval), units(e.data.bar.close),
                                               units(e.data.bar.volume)};
                put(interval.ns >= kDay.ns ? daily_[e.instrument.value]
                                           : other_[e.instrument.value],
                    close);
                break;
            }
            case MarketEventType::kTrade:
                put(other_[e.instrument.value],
                    {date_at(e.instrument, e.ts), units(e.data.trade.price), 0});
                break;
            case MarketEventType::kQuote:
                if (e.data.quote.bid_quantity.is_positive() &&
                    e.data.quote.ask_quantity.is_positive()) {
                    put(other_[e.instrument.value],
                        {date_at(e.instrument, e.ts),
                         (units(e.data.quote.bid) + units(e.data.quote.ask)) / 2, 0});
                }
                break;
            case MarketEventType::kCorporateAction:
                actions_[e.instrument.value].push_back(
                    {date_at(e.instrument, e.ts), e.data.corporate_action});
                break;
            default:
                break;
        }
    }

    [[nodiscard]] DailyPrices finish() && {
        DailyPrices prices;
        prices.actions = std::move(actions_);
        for (std::size_t i = 0; i < daily_.size(); ++i) {
            prices.closes.push_back(std::move(daily_[i].empty() ? other_[i] : daily_[i]));
            for (const DailyPrices::Close& close : prices.closes.back()) {
                prices.dates.push_back(close.date);
            }
        }
        std::sort(prices.dates.begin(), prices.dates.end());
        prices.dates.erase(std::unique(prices.dates.begin(), prices.dates.end()),
                           prices.dates.end());
        return prices;
    }

private:
    [[nodiscard]] Date date_at(InstrumentId id, Timestamp ts) const {
        const Calendar* const calendar = calendars_[id.value];
        return calendar == nullptr ? utc_date(ts) : calendar->date_at(ts).value_or(utc_date(ts));
    }
    /// A bar that ends at midnight belongs to the day before.
    [[nodiscard]] Date date_of_bar(const MarketEvent& e, Duration interval) const {
        if (calendars_[e.instrument.value] == nullptr && interval.ns >= kDay.ns) {
            return utc_date(Timestamp{e.ts.ns - kDay.ns});
        }
        return date_at(e.instrument, Timestamp{e.ts.ns - 1});
    }

    const StreamTable& streams_;
    const std::vector<const Calendar*>& calendars_;
    std::vector<std::vector<DailyPrices::Close>> daily_;
    std::vector<std::vector<DailyPrices::Close>> other_;
    std::vector<std::vector<DailyPrices::Action>> actions_;
};

}  // namespace

DailyPrices read_daily_prices(Feed& feed, const StreamTable& streams,
                              const std::vector<const Calendar*>& calendars, Timestamp from,
                              Timestamp to, const PriceProgress& progress) {
    Collector collector(streams, calendars);
    std::uint64_t events = 0;
    for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
        for (const MarketEvent& e : batch) {
            if (e.ts >= from && e.ts < to) collector.take(e);
        }
        events += batch.size();
        if (progress) progress(feed.progress(), batch.back().ts, events);
        if (batch.back().ts >= to) break;
    }
    return std::move(collector).finish();
}

portfolio::ReturnHistory make_return_history(const DailyPrices& prices, std::size_t window) {
    const std::size_t n = prices.closes.size();
    portfolio::ReturnHistory history(n, window);
    std::vector<std::size_t> next(n), next_action(n);
    std::vector<double> closes(n);
    for (const Date date : prices.dates) {
        for (std::size_t i = 0; i < n; ++i) {
            const auto& actions = prices.actions[i];
            while (next_action[i] < actions.size() && actions[next_action[i]].ex_date <= date) {
                history.apply(i, actions[next_action[i]++].data);
            }
            const auto& known = prices.closes[i];
            const bool here = next[i] < known.size() && known[next[i]].date == date;
            closes[i] = here ? known[next[i]++].close : std::numeric_limits<double>::quiet_NaN();
        }
        // Dates ascend and there is a close or NaN for each instrument: it cannot fail.
        FERMATA_ASSERT(history.add_day(date, closes).ok());
    }
    return history;
}

std::optional<double> mean_volume(const DailyPrices& prices, InstrumentId instrument,
                                  std::size_t days) {
    const auto& closes = prices.closes[instrument.value];
    const auto& actions = prices.actions[instrument.value];
    double sum = 0;
    std::size_t count = 0;
    double basis = 1;  // shares of today for one share of the day in hand
    std::size_t action = actions.size();
    for (std::size_t k = closes.size(); k-- > 0 && count < days; ++count) {
        while (action > 0 && actions[action - 1].ex_date > closes[k].date) {
            const CorporateActionData& data = actions[--action].data;
            if (data.kind != CorporateActionKind::kSplit) continue;
            basis *= static_cast<double>(data.numerator) / static_cast<double>(data.denominator);
        }
        sum += closes[k].volume * basis;
    }
    if (!(sum > 0)) return std::nullopt;
    return sum / static_cast<double>(count);
}

}  // namespace fermata
