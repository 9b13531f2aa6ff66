#include "core/market/corporate_action_feed.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata {

CorporateActionFeed::CorporateActionFeed(CorporateActionFeedSettings settings,
                                         std::vector<CorporateAction> actions,
                                         const InstrumentTable& instruments,
                                         std::span<const Calendar* const> calendars)
    : settings_(std::move(settings)) {
    sort_actions(actions);
    stats_.records = actions.size();
    std::vector<std::pair<Timestamp, const CorporateAction*>> delivered;
    for (const CorporateAction& action : actions) {
        FERMATA_ASSERT(instruments.contains(action.instrument));
        FERMATA_ASSERT(action.instrument.value < calendars.size());
        const Calendar* calendar = calendars[action.instrument.value];
        if (calendar == nullptr) {
            throw FeedError(settings_.name + ": " + instruments[action.instrument].symbol +
                            " has a corporate action on " + format_iso_date(action.ex_date) +
                            " but no calendar that says when that day begins; give the instrument "
                            "a calendar (24x7 for UTC days)");
        }
        const auto midnight = calendar->start_of(action.ex_date);
        if (!midnight || !calendar->covers(action.ex_date)) {
            ++stats_.skipped[static_cast<std::size_t>(SkipReason::kOutOfSession)];
        } else if (settings_.from <= *midnight && *midnight < settings_.to) {
            delivered.emplace_back(*midnight, &action);
        }
    }
    // Calendars of different zones begin a date at different instants. Events themselves are not
    // sorted: the buffer of std::stable_sort would not be aligned for them.
    std::stable_sort(delivered.begin(), delivered.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    events_.reserve(delivered.size());
    for (const auto& [ts, action] : delivered) {
        MarketEvent e =
            make_event(MarketEventType::kCorporateAction, ts, action->instrument, settings_.stream);
        e.data.corporate_action = action->data;
        events_.push_back(e);
    }
}

std::span<const MarketEvent> CorporateActionFeed::next() {
    if (std::exchange(delivered_, true)) return {};
    stats_.events = events_.size();
    return events_;
}

}  // namespace fermata
