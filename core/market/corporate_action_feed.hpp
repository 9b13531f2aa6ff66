#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/market/calendar.hpp"
#include "core/market/corporate_action.hpp"
#include "core/port/feed.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/time.hpp"

namespace fermata {

struct CorporateActionFeedSettings {
    std::string name;                   ///< For messages: "actions.csv".
    std::string source_hash;            ///< Of what the actions were read from.
    StreamId stream;                    ///< Carried by every event.
    Timestamp from = Timestamp::min();  ///< Delivered is what lies in [from, to).
    Timestamp to = Timestamp::never();
};

/// Splits and dividends as kCorporateAction events at the beginning of their ex dates: local
/// midnight of the instrument's calendar. At that time everything that belongs to the day before is
/// over, and by phase_of the event comes before the first bar of the ex date.
///
/// Actions on dates that the calendar's table does not reach cannot touch a run whose data must lie
/// inside it: they are left out and counted as kOutOfSession.
class CorporateActionFeed final : public Feed {
public:
    /// `calendars` by InstrumentId; needed only here. Throws FeedError when an instrument that has
    /// actions has no calendar: nobody could say when its days begin.
    CorporateActionFeed(CorporateActionFeedSettings settings, std::vector<CorporateAction> actions,
                        const InstrumentTable& instruments,
                        std::span<const Calendar* const> calendars);

    [[nodiscard]] std::span<const MarketEvent> next() override;
    [[nodiscard]] std::string_view name() const noexcept override { return settings_.name; }
    [[nodiscard]] FeedStats stats() const noexcept override { return stats_; }
    [[nodiscard]] std::string source_hash() const override { return settings_.source_hash; }
    [[nodiscard]] double progress() const noexcept override { return delivered_ ? 1.0 : 0.0; }

private:
    CorporateActionFeedSettings settings_;
    std::vector<MarketEvent> events_;
    FeedStats stats_;
    bool delivered_ = false;
};

}  // namespace fermata
