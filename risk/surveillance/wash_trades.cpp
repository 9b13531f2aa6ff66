#include "risk/surveillance/wash_trades.hpp"

#include <algorithm>
#include <utility>

#include "risk/wide.hpp"

namespace fermata::surveillance {
namespace {

/// |a - b| and the larger of |a| and |b|.
std::pair<Wide, Wide> difference(Price a, Price b) noexcept {
    const Wide apart = static_cast<Wide>(a.raw()) - b.raw();
    const Wide larger = std::max(magnitude(a.raw()), magnitude(b.raw()));
    return {apart < 0 ? -apart : apart, larger};
}

}  // namespace

WashTrades::WashTrades(const Settings& settings, FindingSink sink)
    : time_max_(settings.duration(Parameter::kWashTime)),
      price_max_(settings.ratio(Parameter::kWashPrice)),
      collector_(RuleId::kWashTrades, settings.count(Parameter::kWashCount),
                 settings.duration(Parameter::kWashWithin), std::move(sink)) {}

bool WashTrades::match(const Activity& a, const Activity& b) const {
    if (a.order.side == b.order.side || a.order.venue != b.order.venue) return false;
    if (a.liquidity != Liquidity::kUnknown && a.liquidity == b.liquidity) return false;
    // `b` comes later in the journal; `a` was of course sent before its own fill.
    if (b.order.terms_position > a.position) return false;
    const auto [apart, larger] = difference(a.fill_price, b.fill_price);
    return apart * Ratio::kOne <= larger * price_max_.raw();
}

void WashTrades::add(const Activity& earlier, const Activity& later, Wide quantity) {
    Episode episode;
    episode.begin = earlier.ts;
    episode.end = later.ts;
    const bool one_strategy = earlier.order.strategy == later.order.strategy;
    const bool one_account = earlier.order.account == later.order.account;
    episode.severity = one_strategy  ? Severity::kHigh
                       : one_account ? Severity::kMedium
                                     : Severity::kLow;
    episode.evidence = {fill_row(earlier), fill_row(later)};
    for (Evidence& row : episode.evidence) {
        row.quantity = Quantity::from_raw(static_cast<std::int64_t>(quantity));
    }
    const auto [apart, larger] = difference(earlier.fill_price, later.fill_price);
    episode.measures = {
        {"time_max", Unit::kDuration, (later.ts - earlier.ts).ns, time_max_.ns, Asked::kAtMost},
        {"price_max", Unit::kRatio, larger == 0 ? 0 : ratio_of(apart, larger), price_max_.raw(),
         Asked::kAtMost}};
    collector_.add(later.order.party, std::move(episode));
}

void WashTrades::take(const Activity& a) {
    if (a.kind != Activity::Kind::kFilled) return;
    auto& recent = recent_[a.order.party];
    while (!recent.empty() && a.ts - recent.front().what.ts > time_max_) recent.pop_front();
    Fill fill{a, a.fill_quantity.raw()};
    for (Fill& earlier : recent) {
        if (fill.left == 0) break;
        if (earlier.left == 0 || !match(earlier.what, a)) continue;
        const Wide both = std::min(earlier.left, fill.left);
        earlier.left -= both;
        fill.left -= both;
        add(earlier.what, a, both);
    }
    recent.push_back(fill);
}

}  // namespace fermata::surveillance
