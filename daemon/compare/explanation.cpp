#include "daemon/compare/explanation.hpp"

#include <algorithm>

#include "core/types/decimal.hpp"
#include "risk/verdict_text.hpp"

namespace fermata::compare {
namespace {

bool was_refused(const OrderStory& o) {
    return o.state == OrderState::kDenied || o.state == OrderState::kRejected;
}

std::string refusal_text(const OrderStory& o) {
    if (o.failed != 0) return "the gate refused it: " + render_codes(o.failed);
    const std::string who = o.state == OrderState::kDenied ? "the gate" : "the venue";
    return who + " refused it" +
           (o.reason == OrderReason::kNone ? std::string() : ": " + std::string(name(o.reason)));
}

/// How many of the ascending indices are not behind `last`.
std::size_t up_to(const std::vector<std::uint32_t>& indices, std::optional<std::size_t> last) {
    if (!last) return 0;
    return static_cast<std::size_t>(
        std::upper_bound(indices.begin(), indices.end(), static_cast<std::uint32_t>(*last)) -
        indices.begin());
}

std::string quantity_text(std::int64_t raw) { return to_string(Quantity::from_raw(raw)); }

}  // namespace

Explainer::Explainer(const RunStory& first, const RunStory& second, const MarketAlignment& market)
    : first_(make_side(first, "the first run")),
      second_(make_side(second, "the second run")),
      market_(market) {}

Explainer::Side Explainer::make_side(const RunStory& run, const char* name) {
    Side s{&run, {}, name, {}};
    for (const OrderStory& o : run.orders) {
        auto& fills = s.held[{o.strategy, o.instrument}];
        for (const FillStory& f : o.fills) {
            fills.push_back({f.known, sign(o.side()) * f.quantity.raw()});
        }
    }
    for (auto& [owner, fills] : s.held) {
        std::stable_sort(fills.begin(), fills.end(),
                         [](const Holding& a, const Holding& b) { return a.known < b.known; });
        std::int64_t sum = 0;
        for (Holding& h : fills) h.quantity = sum += h.quantity;
    }
    return s;
}

const OrderStory* Explainer::order(const OrderDifference& d, bool first) const {
    const auto index = first ? d.orders.first : d.orders.second;
    return index ? &side(first).run->orders[*index] : nullptr;
}

std::int64_t Explainer::held(bool first, const Owner& owner, std::uint64_t before) const {
    const auto at = side(first).held.find(owner);
    if (at == side(first).held.end()) return 0;
    const auto behind =
        std::lower_bound(at->second.begin(), at->second.end(), before,
                         [](const Holding& h, std::uint64_t p) { return h.known < p; });
    return behind == at->second.begin() ? 0 : std::prev(behind)->quantity;
}

Explainer::Earlier Explainer::earlier(bool first, const Owner& owner, std::uint64_t before) const {
    Earlier sum;
    for (const OrderStory& o : side(first).run->orders) {
        if (o.strategy != owner.first || o.instrument != owner.second) continue;
        if (o.decision() >= before) continue;
        std::int64_t filled = 0, known = 0;
        for (const FillStory& f : o.fills) {
            filled += f.quantity.raw();
            if (f.known < before) known += f.quantity.raw();
        }
        const std::int64_t wanted = is_terminal(o.state) ? filled : o.terms.quantity.raw();
        sum.came_to += sign(o.side()) * filled;
        sum.open += sign(o.side()) * (wanted - known);
    }
    return sum;
}

std::optional<std::uint64_t> Explainer::decision_in(const OrderDifference& d, bool first) const {
    if (const OrderStory* own = order(d, first)) return own->decision();
    const OrderStory* other = order(d, !first);
    const auto place = side(!first).run->decided_on(*other);
    if (!place) return std::nullopt;
    const auto here = first ? market_.to_first(*place) : market_.to_second(*place);
    if (!here) return std::nullopt;
    return side(first).run->fact(*here).position;
}

std::string Explainer::fact_text(bool first, FactPlace place) const {
    const RunStory& run = *side(first).run;
    const MarketStream& stream = run.market[place.stream];
    const MarketFact& f = run.fact(place);
    std::string text = std::string(name(stream.kind)) + ' ' + std::to_string(place.index + 1) +
                       " of " + stream.instrument;
    if (stream.kind == MarketEventType::kQuote) {
        const auto one = [&](Price price, Quantity size) {
            return to_string(price) + (f.size_unknown ? "" : " x " + to_string(size));
        };
        text += " (" + one(f.bid(), f.bid_size()) + " / " + one(f.ask(), f.ask_size()) + ')';
    } else if (stream.kind == MarketEventType::kTrade) {
        text += " (" + to_string(Quantity::from_raw(f.content[1])) + " @ " +
                to_string(Price::from_raw(f.content[0])) + ')';
    }
    return text;
}

bool Explainer::refused(OrderDifference& d) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    if (a == nullptr || b == nullptr || was_refused(*a) == was_refused(*b)) return false;
    d.cause = Cause::kRefused;
    const bool first = was_refused(*a);
    d.why = std::string("in ") + side(first).name + ' ' + refusal_text(first ? *a : *b);
    return true;
}

bool Explainer::corrected(OrderDifference& d) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    if ((d.kinds & kOtherFills) == 0 || a == nullptr || b == nullptr) return false;
    const auto changed = [](const OrderStory& o) {
        return o.busted +
               static_cast<std::size_t>(std::count_if(
                   o.fills.begin(), o.fills.end(), [](const FillStory& f) { return f.corrected; }));
    };
    if (changed(*a) == changed(*b)) return false;
    d.cause = Cause::kCorrected;
    d.why = std::to_string(changed(*a)) + " fills were taken back or changed in the first run, " +
            std::to_string(changed(*b)) + " in the second";
    return true;
}

/// The run was being stopped: it accepted nothing new, which the other one did not see.
bool Explainer::at_the_stop(OrderDifference& d) const {
    if ((d.kinds & (kOnlyFirst | kOnlySecond)) == 0) return false;
    for (const bool first : {true, false}) {
        const auto& stop = side(first).run->stop;
        if (!stop) continue;
        const auto own = first ? d.orders.first : d.orders.second;
        const auto at = decision_in(d, first);
        if (own ? *own < stop->orders : !at || *at < stop->position) continue;
        d.cause = Cause::kNotCovered;
        d.why =
            std::string(side(first).name) + " was being stopped (RECOVERING) when it was decided";
        if (own && was_refused(*order(d, first))) {
            d.why += ": " + refusal_text(*order(d, first));
        }
        return true;
    }
    return false;
}

/// The run had ended, or not begun: nothing that it saw is as late, or as early; or it ended while
/// the order was open.
bool Explainer::not_covered(OrderDifference& d) const {
    for (const bool first : {true, false}) {
        const OrderStory *own = order(d, first), *other = order(d, !first);
        const RunStory& run = *side(first).run;
        if (own == nullptr) {
            const auto place = side(!first).run->decided_on(*other);
            if (!place) continue;
            const StreamAlignment* a =
                first ? market_.of_second(place->stream) : market_.of_first(place->stream);
            if (a == nullptr) continue;
            const auto& from_other = first ? a->to_first : a->to_second;
            const auto& alone_here = first ? a->alone_first : a->alone_second;
            const auto is_known = [](std::uint32_t n) { return n != StreamAlignment::kNone; };
            const auto begin = std::find_if(from_other.begin(), from_other.end(), is_known);
            if (begin == from_other.end()) continue;
            const auto end = std::find_if(from_other.rbegin(), from_other.rend(), is_known);
            const auto at = static_cast<std::ptrdiff_t>(place->index);
            const bool late = at > from_other.rend() - end - 1 &&
                              (alone_here.empty() || alone_here.back() < *end);
            const bool early = at < begin - from_other.begin() &&
                               (alone_here.empty() || alone_here.front() > *begin);
            if (!late && !early) continue;
            d.cause = Cause::kNotCovered;
            d.why = std::string(side(first).name) +
                    (late ? " had ended before " : " began after ") + fact_text(!first, *place);
            return true;
        }
        if (other == nullptr || (d.kinds & kOtherFills) == 0) continue;
        const bool open = !is_terminal(own->state);
        const bool swept =
            own->state == OrderState::kCanceled && !own->requested_cancel &&
            (own->reason == OrderReason::kEndOfRun || own->reason == OrderReason::kRequested);
        if ((!open && !swept) || own->fills.size() >= other->fills.size()) continue;
        if (first_other_fill(*own, *other) != own->fills.size()) continue;
        if (run.market.empty()) continue;
        d.cause = Cause::kNotCovered;
        d.why = std::string(side(first).name) + " ended while the order was open";
        return true;
    }
    return false;
}

bool Explainer::other_event(OrderDifference& d) const {
    for (const bool first : {true, false}) {
        const OrderStory* o = order(d, first);
        if (o == nullptr) continue;
        const auto place = side(first).run->decided_on(*o);
        if (!place) continue;
        if (first ? market_.to_second(*place) : market_.to_first(*place)) continue;
        if (side(!first).run->market.empty()) continue;
        d.cause = Cause::kSawOtherData;
        d.why = std::string(side(!first).name) + " never saw " + fact_text(first, *place) +
                ", on which " + o->name + " was decided";
        return true;
    }
    return false;
}

bool Explainer::other_holdings(OrderDifference& d) const {
    const OrderStory* any = order(d, true) != nullptr ? order(d, true) : order(d, false);
    const auto at_first = decision_in(d, true), at_second = decision_in(d, false);
    if (!at_first || !at_second) return false;
    const Owner owner{any->strategy, any->instrument};
    const std::int64_t a = held(true, owner, *at_first), b = held(false, owner, *at_second);
    const Earlier first = earlier(true, owner, *at_first);
    const Earlier second = earlier(false, owner, *at_second);
    if (a == b && first.open == second.open) return false;
    // What its earlier orders came to in the end is the same when only the news was late.
    const bool late = first.came_to == second.came_to;
    d.cause = late ? Cause::kReportTiming : Cause::kEarlier;
    d.why = "when it was decided the strategy knew of a holding of " + quantity_text(a) +
            " in the first run, " + quantity_text(b) + " in the second, with " +
            quantity_text(first.open) + " and " + quantity_text(second.open) + " still to come" +
            (late ? ": a fill was reported before the decision in one of them only"
                  : ", as its orders differ before");
    return true;
}

bool Explainer::other_market_before(OrderDifference& d) const {
    const OrderStory* any = order(d, true) != nullptr ? order(d, true) : order(d, false);
    const auto at_first = decision_in(d, true), at_second = decision_in(d, false);
    std::size_t alone_first = 0, alone_second = 0;
    for (std::size_t s = 0; s < first_.run->market.size(); ++s) {
        const StreamAlignment* a = market_.of_first(s);
        if (a == nullptr || a->instrument != any->instrument) continue;
        if (at_first) alone_first += up_to(a->alone_first, first_.run->newest(s, *at_first));
        if (!at_second) continue;
        const auto other = second_.run->stream_of(a->instrument, a->kind);
        alone_second += up_to(a->alone_second, second_.run->newest(*other, *at_second));
    }
    if (alone_first == 0 && alone_second == 0) return false;
    d.cause = Cause::kSawOtherData;
    d.why = "before it was decided, " + std::to_string(alone_first) + " events of " +
            any->instrument + " came in the first run only, " + std::to_string(alone_second) +
            " in the second only";
    return true;
}

bool Explainer::other_equity(OrderDifference& d) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    if (a == nullptr || b == nullptr || a->terms.quantity == b->terms.quantity ||
        a->equity == b->equity || !differed_.contains(a->account)) {
        return false;
    }
    d.cause = Cause::kEarlier;
    d.why = "the account was worth " + to_string(a->equity) + " in the first run, " +
            to_string(b->equity) + " in the second, as orders differ before";
    return true;
}

void Explainer::explain(OrderDifference& d) {
    const bool decided_alike =
        (d.kinds & (kOnlyFirst | kOnlySecond | kOtherTerms | kOtherDecision)) == 0;
    find_met(d);
    bool found = refused(d) || corrected(d) || at_the_stop(d) || not_covered(d);
    if (!found && decided_alike) {
        found = heard_elsewhere(d) || other_terms_in_force(d) || met_other(d) || cancel_race(d);
    }
    if (!found && ((d.kinds & kOtherRequests) != 0 || !decided_alike)) {
        found = other_event(d) || follows_other(d) || other_holdings(d) || other_market_before(d) ||
                other_equity(d);
    }
    if (!found && !follows_other(d)) {
        d.cause = Cause::kUnknown;
        const bool recorded = !first_.run->market.empty() && !second_.run->market.empty();
        d.why = (recorded
                     ? std::string("the records do not tell")
                     : std::string("market data is not on record in both: journal.market=record")) +
                timing_text(d);
    }
    for (const bool first : {true, false}) {
        if (const OrderStory* o = order(d, first)) differed_.insert(o->account);
    }
    if (d.orders.first) first_.differed.insert(*d.orders.first);
    if (d.orders.second) second_.differed.insert(*d.orders.second);
}

}  // namespace fermata::compare
