#include "risk/surveillance/order_to_trade.hpp"

#include <algorithm>
#include <utility>

namespace fermata::surveillance {
namespace {

Quantity shortened(Wide quantity) noexcept {
    constexpr Wide most = Quantity::max().raw();
    return Quantity::from_raw(static_cast<std::int64_t>(std::min(quantity, most)));
}

}  // namespace

OrderToTrade::OrderToTrade(const Settings& s, FindingSink sink)
    : number_max_(s.ratio(Parameter::kOrderToTradeNumber)),
      volume_max_(s.ratio(Parameter::kOrderToTradeVolume)),
      orders_min_(s.count(Parameter::kOrderToTradeOrders)),
      sink_(std::move(sink)) {}

void OrderToTrade::take(const Activity& a) {
    Counts more;
    switch (a.kind) {
        case Activity::Kind::kSent:
        case Activity::Kind::kCancelRequested:
            more = {1, 0, a.order.open.raw(), 0};
            break;
        case Activity::Kind::kReplaceRequested:
            more = {2, 0, static_cast<Wide>(a.order.open.raw()) + a.requested.raw(), 0};
            break;
        case Activity::Kind::kFilled:
            more = {0, 1, 0, a.fill_quantity.raw()};
            break;
        default:
            return;
    }
    const Date date = utc_date(a.ts);
    const auto [found, added] = days_.try_emplace(a.order.party);
    Day& day = found->second;
    if (!added && day.date != date) {
        judge(a.order.party, day);
        day = {};
    }
    if (day.by_source.empty()) {
        day.date = date;
        day.first = a.ts;
    }
    day.last = a.ts;
    if (more.orders > 0) {
        day.last_message = message_row(a);
        if (day.first_message.position == 0) day.first_message = day.last_message;
    }
    Counts& counts = day.by_source[{a.order.strategy, a.order.account}];
    counts.orders += more.orders;
    counts.trades += more.trades;
    counts.ordered += more.ordered;
    counts.traded += more.traded;
}

void OrderToTrade::judge(const Party& party, const Day& day) const {
    Counts all;
    for (const auto& [source, counts] : day.by_source) {
        all.orders += counts.orders;
        all.trades += counts.trades;
        all.ordered += counts.ordered;
        all.traded += counts.traded;
    }
    const auto orders = static_cast<Wide>(all.orders);
    if (orders < orders_min_) return;
    const Wide trades = std::max<Wide>(1, static_cast<Wide>(all.trades));
    const bool number = (orders - trades) * Ratio::kOne > trades * number_max_.raw();
    const bool volume =
        all.traded > 0 && (all.ordered - all.traded) * Ratio::kOne > all.traded * volume_max_.raw();
    if (!number && !volume) return;
    Finding finding;
    finding.rule = RuleId::kOrderToTrade;
    finding.party = party;
    finding.begin = day.first;
    finding.end = day.last;
    finding.episodes = 1;
    if (number) {
        finding.measures.push_back({"number_max", Unit::kRatio, ratio_of(orders - trades, trades),
                                    number_max_.raw(), Asked::kMoreThan});
        finding.severity = grade((orders - trades) * Ratio::kOne, trades * number_max_.raw());
    }
    if (volume) {
        const Wide excess = all.ordered - all.traded;
        finding.measures.push_back({"volume_max", Unit::kRatio, ratio_of(excess, all.traded),
                                    volume_max_.raw(), Asked::kMoreThan});
        finding.severity =
            std::max(finding.severity, grade(excess * Ratio::kOne, all.traded * volume_max_.raw()));
    }
    finding.measures.push_back({"orders_min", Unit::kCount, static_cast<std::int64_t>(all.orders),
                                orders_min_, Asked::kAtLeast});
    finding.evidence = {day.first_message, day.last_message};
    for (const auto& [source, counts] : day.by_source) {
        Evidence row;
        row.strategy = source.first;
        row.account = source.second;
        row.ts = day.first;
        row.deed = Deed::kMessages;
        row.count = counts.orders;
        row.quantity = shortened(counts.ordered);
        finding.evidence.push_back(row);
        row.ts = day.last;
        row.deed = Deed::kTrades;
        row.count = counts.trades;
        row.quantity = shortened(counts.traded);
        finding.evidence.push_back(row);
    }
    sink_(std::move(finding));
}

void OrderToTrade::finish() {
    for (const auto& [party, day] : days_) judge(party, day);
    days_.clear();
}

}  // namespace fermata::surveillance
