#include "risk/surveillance/marking_the_close.hpp"

#include <algorithm>
#include <utility>

namespace fermata::surveillance {

MarkingTheClose::MarkingTheClose(const Settings& s, FindingSink sink)
    : window_(s.duration(Parameter::kCloseWindow)),
      after_(s.duration(Parameter::kCloseAfter)),
      share_min_(s.ratio(Parameter::kCloseShare)),
      move_min_(s.ratio(Parameter::kCloseMove)),
      one_sided_min_(s.ratio(Parameter::kCloseOneSided)),
      collector_(RuleId::kMarkingTheClose, s.count(Parameter::kCloseCount),
                 s.duration(Parameter::kCloseWithin), std::move(sink)) {}

void MarkingTheClose::take(const Activity& a, const MarketView& market) {
    if (a.kind != Activity::Kind::kFilled) return;
    const InstrumentId instrument = a.order.party.instrument;
    const auto judged = judged_.find(instrument);
    if (judged != judged_.end() && a.ts <= judged->second) {
        ++not_judged_;
        return;
    }
    auto& fills = recent_[instrument][a.order.party.owner];
    while (!fills.empty() && a.ts - fills.front().row.ts > window_) fills.pop_front();
    Fill fill;
    fill.row = fill_row(a);
    // The market may have shown the trade before the venue reported it; when the order was sent it
    // had not.
    const bool took = a.liquidity != Liquidity::kMaker && a.order.entry_mark.has_value();
    fill.price_before = took ? a.order.entry_mark : market.price(instrument);
    fill.volume_before = market.volume(instrument);
    fills.push_back(fill);
}

void MarkingTheClose::close(InstrumentId instrument, Timestamp ts) {
    ++closes_;
    pending_.push_back({instrument, ts});  // fills may come at this instant yet
}

void MarkingTheClose::advance(Timestamp now, const MarketView& market) {
    if (pending_.empty() || now - pending_.front().ts <= after_) return;
    const auto due = std::find_if(pending_.begin(), pending_.end(),
                                  [&](const Close& close) { return now - close.ts <= after_; });
    for (auto close = pending_.begin(); close != due; ++close) judge(*close, market);
    pending_.erase(pending_.begin(), due);
}

void MarkingTheClose::judge(const Close& close, const MarketView& market) {
    judged_[close.instrument] = close.ts;
    const auto found = recent_.find(close.instrument);
    if (found == recent_.end()) return;
    for (auto& [owner, fills] : found->second) {
        while (!fills.empty() && close.ts - fills.front().row.ts > window_) fills.pop_front();
        if (!fills.empty()) judge({owner, close.instrument}, fills, close, market);
    }
    recent_.erase(found);
}

void MarkingTheClose::judge(const Party& party, const std::deque<Fill>& fills, const Close& close,
                            const MarketView& market) {
    Wide bought = 0;
    Wide sold = 0;
    for (const Fill& fill : fills) {
        (fill.row.side == Side::kBuy ? bought : sold) += fill.row.quantity.raw();
    }
    const Wide net = bought >= sold ? bought - sold : sold - bought;
    if (net == 0) return;
    const Fill& first = fills.front();
    const std::optional<Price> closing = market.price(party.instrument);
    const std::optional<Wide> volume = market.volume(party.instrument);
    if (!first.price_before || !closing || !volume || !first.price_before->is_positive()) {
        not_judged_ += fills.size();
        return;
    }
    const Wide traded = *volume - first.volume_before.value_or(0);
    const Wide before = first.price_before->raw();
    const Wide move = bought >= sold ? closing->raw() - before : before - closing->raw();
    if (!at_least(net, one_sided_min_, bought + sold) || !at_least(net, share_min_, traded) ||
        move <= 0 || !at_least(move, move_min_, before)) {
        return;
    }
    Episode episode;
    episode.begin = first.row.ts;
    episode.end = close.ts;
    episode.severity = grade(move * Ratio::kOne, before * move_min_.raw());
    episode.measures = {
        {"share_min", Unit::kRatio, ratio_of(net, traded), share_min_.raw(), Asked::kAtLeast},
        {"move_min", Unit::kRatio, ratio_of(move, before), move_min_.raw(), Asked::kAtLeast},
        {"one_sided_min", Unit::kRatio, ratio_of(net, bought + sold), one_sided_min_.raw(),
         Asked::kAtLeast}};
    Evidence market_row;
    market_row.deed = Deed::kMarket;
    market_row.side = bought >= sold ? Side::kBuy : Side::kSell;
    market_row.ts = first.row.ts;
    market_row.price = *first.price_before;
    episode.evidence.push_back(market_row);
    for (const Fill& fill : fills) episode.evidence.push_back(fill.row);
    market_row.ts = close.ts;
    market_row.price = *closing;
    constexpr Wide most = Quantity::max().raw();
    market_row.quantity = Quantity::from_raw(static_cast<std::int64_t>(std::min(traded, most)));
    episode.evidence.push_back(market_row);
    collector_.add(party, std::move(episode));
}

void MarkingTheClose::finish(const MarketView& market) {
    for (const Close& close : pending_) judge(close, market);
    pending_.clear();
    recent_.clear();
    collector_.finish();
}

}  // namespace fermata::surveillance
