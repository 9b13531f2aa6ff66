#include "risk/surveillance/surveillance.hpp"

#include <utility>

namespace fermata::surveillance {

Surveillance::Surveillance(const SurveillanceSetup& setup, const FindingSink& sink)
    : setup_(setup),
      market_(setup.instruments),
      orders_at_venues_(setup.owners, setup.corrections) {
    const FindingSink counted = [this, sink](Finding finding) {
        ++findings_[static_cast<std::size_t>(finding.rule)];
        sink(std::move(finding));
    };
    const Settings& s = setup_.settings;
    if (applied(RuleId::kSpoofing)) spoofing_.emplace(DeceptiveOrders::spoofing(s), counted);
    if (applied(RuleId::kLayering)) layering_.emplace(DeceptiveOrders::layering(s), counted);
    if (applied(RuleId::kWashTrades)) wash_trades_.emplace(s, counted);
    if (applied(RuleId::kMarkingTheClose)) marking_the_close_.emplace(s, counted);
    if (applied(RuleId::kMomentumIgnition)) momentum_ignition_.emplace(s, counted);
    if (applied(RuleId::kOrderToTrade)) order_to_trade_.emplace(s, counted);
    if (applied(RuleId::kQuoteStuffing)) quote_stuffing_.emplace(s, counted);
}

bool Surveillance::applied(RuleId rule) const noexcept {
    return setup_.wanted[static_cast<std::size_t>(rule)] &&
           (!info(rule).needs_market || setup_.without_market.empty());
}

void Surveillance::take(const MarketEvent& e) {
    ++market_events_;
    if (marking_the_close_) marking_the_close_->advance(e.ts, market_);
    market_.take(e);
    if (marking_the_close_ && e.type == MarketEventType::kSession && e.data.session.closes()) {
        marking_the_close_->close(e.instrument, e.ts);
    }
}

void Surveillance::take(const OrderEvent& e) {
    if (marking_the_close_) marking_the_close_->advance(e.ts, market_);
    const std::optional<Activity> activity = orders_at_venues_.take(e, market_);
    if (!activity) return;
    if (activity->kind == Activity::Kind::kSent) ++orders_;
    if (activity->kind == Activity::Kind::kFilled) ++fills_;
    if (spoofing_) spoofing_->take(*activity, orders_at_venues_);
    if (layering_) layering_->take(*activity, orders_at_venues_);
    if (wash_trades_) wash_trades_->take(*activity);
    if (marking_the_close_) marking_the_close_->take(*activity, market_);
    if (momentum_ignition_) momentum_ignition_->take(*activity, market_);
    if (order_to_trade_) order_to_trade_->take(*activity);
    if (quote_stuffing_) quote_stuffing_->take(*activity);
}

void Surveillance::finish() {
    if (spoofing_) spoofing_->finish();
    if (layering_) layering_->finish();
    if (wash_trades_) wash_trades_->finish();
    if (marking_the_close_) marking_the_close_->finish(market_);
    if (momentum_ignition_) momentum_ignition_->finish();
    if (order_to_trade_) order_to_trade_->finish();
    if (quote_stuffing_) quote_stuffing_->finish();
}

std::vector<RuleOutcome> Surveillance::outcomes() const {
    std::vector<RuleOutcome> all;
    for (const RuleInfo& rule : rules()) {
        const auto index = static_cast<std::size_t>(rule.id);
        RuleOutcome outcome;
        outcome.rule = rule.id;
        outcome.wanted = setup_.wanted[index];
        outcome.applied = applied(rule.id);
        outcome.findings = findings_[index];
        if (!outcome.wanted) {
            outcome.note = "not asked for";
        } else if (!outcome.applied) {
            outcome.note = "needs prices: " + setup_.without_market;
        } else if (rule.id == RuleId::kMarkingTheClose && marking_the_close_ &&
                   marking_the_close_->closes() == 0) {
            outcome.applied = false;
            outcome.note = "the market data closes no session";
        } else if (rule.id == RuleId::kMarkingTheClose && marking_the_close_) {
            outcome.not_judged = marking_the_close_->not_judged();
        } else if (rule.id == RuleId::kMomentumIgnition && momentum_ignition_) {
            outcome.not_judged = momentum_ignition_->not_judged();
        }
        if (outcome.not_judged > 0) {
            outcome.note = std::to_string(outcome.not_judged) +
                           (rule.id == RuleId::kMarkingTheClose
                                ? " fills not judged: no price or no volume of the market, or "
                                  "their session was over in the market data"
                                : " bursts not judged: no price or no volume of the market");
        }
        all.push_back(std::move(outcome));
    }
    return all;
}

}  // namespace fermata::surveillance
