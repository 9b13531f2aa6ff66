// Why fills differ, and what follows from an order that differs. See explanation.hpp.

#include <algorithm>
#include <cstdio>

#include "core/types/decimal.hpp"
#include "daemon/compare/explanation.hpp"

namespace fermata::compare {
namespace {

std::string milliseconds(Duration d) {
    char text[48];
    (void)std::snprintf(text, sizeof text, "%.3f ms", static_cast<double>(d.ns) / 1e6);
    return text;
}

/// "a limit of 100.02 for 20"
std::string terms_text(const VenueTerms& t) {
    std::string text = t.price.is_zero() ? "no limit" : "a limit of " + to_string(t.price);
    if (!t.stop_price.is_zero()) text += " and a trigger of " + to_string(t.stop_price);
    return text + " for " + to_string(t.quantity);
}

}  // namespace

/// How long the venue took, and when the next quote came: with the terms that were in force for the
/// first fill that differs, or else from the sending to the first answer.
std::string Explainer::timing_text(const OrderDifference& d) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    const std::size_t n = a != nullptr && b != nullptr ? first_other_fill(*a, *b) : 0;
    std::string text;
    for (const bool first : {true, false}) {
        const OrderStory* o = order(d, first);
        if (o == nullptr) continue;
        Timestamp from = o->answered ? o->sent() : o->decided;
        std::uint64_t position = o->decision();
        const FillStory* fill = n < o->fills.size() ? &o->fills[n] : nullptr;
        const VenueTerms terms = fill != nullptr ? o->terms_at(*fill) : VenueTerms{};
        text += std::string("; ") + side(first).name;
        if (fill != nullptr && (o->waited || fill->terms != 0)) {
            from = terms.sent;
            position = terms.position;
            text +=
                " was told of the fill " + milliseconds(fill->ts - from) +
                (terms.moved ? " after the venue moved it there" : " after its terms were sent");
        } else {
            text += " was answered " +
                    (o->answered ? milliseconds(*o->answered - from) + " after its decision"
                                 : std::string("never"));
        }
        const RunStory& run = *side(first).run;
        const auto stream = run.stream_of(o->instrument, MarketEventType::kQuote);
        if (!stream) continue;
        const auto newest = run.newest(*stream, position);
        const std::size_t next = newest ? *newest + 1 : 0;
        if (next >= run.market[*stream].facts.size()) continue;
        text += ", the next quote came after " +
                milliseconds(run.market[*stream].facts[next].ts - from);
    }
    return text;
}

void Explainer::find_met(OrderDifference& d) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    if ((d.kinds & kOtherFills) == 0 || a == nullptr || b == nullptr) return;
    const std::size_t n = first_other_fill(*a, *b);
    if (n < a->fills.size()) d.met_first = met_by(*first_.run, *a, a->fills[n]);
    if (n < b->fills.size()) d.met_second = met_by(*second_.run, *b, b->fills[n]);
}

std::optional<FactPlace> Explainer::seen_last(const OrderDifference& d, bool first,
                                              std::uint64_t position) const {
    const OrderStory& o = *order(d, first);
    const RunStory& run = *side(first).run;
    std::optional<FactPlace> last;
    for (const MarketEventType kind : {MarketEventType::kQuote, MarketEventType::kTrade}) {
        const auto stream = run.stream_of(o.instrument, kind);
        const auto newest = stream ? run.newest(*stream, position) : std::nullopt;
        if (!newest) continue;
        const FactPlace place{*stream, *newest};
        if (!last || run.fact(*last).position < run.fact(place).position) last = place;
    }
    return last;
}

const OrderStory* Explainer::other_followed(const OrderDifference& d, bool first) const {
    const OrderStory* own = order(d, first);
    if (own == nullptr || !own->follows || !side(first).differed.contains(*own->follows)) {
        return nullptr;
    }
    return &side(first).run->orders[*own->follows];
}

/// Decided on the news of an order: the same news came at another place of the market, and so the
/// order met another one.
bool Explainer::heard_elsewhere(OrderDifference& d) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    if ((d.kinds & kOtherFills) == 0 || a == nullptr || b == nullptr) return false;
    if (!a->follows || !b->follows) return false;
    const auto at_first = seen_last(d, true, a->decision());
    const auto at_second = seen_last(d, false, b->decision());
    if (!at_first || !at_second || market_.to_second(*at_first) == at_second) return false;
    const bool differs = other_followed(d, true) != nullptr || other_followed(d, false) != nullptr;
    d.cause = differs ? Cause::kEarlier : Cause::kReportTiming;
    d.why = "it followed " + first_.run->orders[*a->follows].name + " at " +
            fact_text(true, *at_first) + " in the first run, " +
            second_.run->orders[*b->follows].name + " at " + fact_text(false, *at_second) +
            " in the second" + (differs ? ", which differ" : "");
    return true;
}

std::string Explainer::change_text(const OrderDifference& d, std::size_t first_terms,
                                   std::size_t second_terms) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    const std::size_t both = std::min(first_terms, second_terms);
    for (std::size_t n = 1; n <= both; ++n) {
        const VenueTerms &first = a->at_venue[n], &second = b->at_venue[n];
        const std::string change = "change " + std::to_string(n);
        if (first.moved != second.moved) {
            return change + " was made by the venue itself in one of them only";
        }
        const auto at_first = seen_last(d, true, first.position);
        const auto at_second = seen_last(d, false, second.position);
        if (!at_first || !at_second) continue;
        if (market_.to_second(*at_first) == at_second && first.same_as(second)) continue;
        return change + " was of " + fact_text(true, *at_first) + " in the first run, of " +
               fact_text(false, *at_second) + " in the second";
    }
    return "change " + std::to_string(both + 1) + " was in time in one of them only";
}

/// The terms had been changed in one run, and not yet, or to something else, in the other.
bool Explainer::other_terms_in_force(OrderDifference& d) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    if ((d.kinds & (kOtherFills | kOtherRequests)) != kOtherFills) return false;
    if (a == nullptr || b == nullptr) return false;
    const std::size_t n = first_other_fill(*a, *b);
    if (n >= a->fills.size() || n >= b->fills.size()) return false;
    const FillStory &at_a = a->fills[n], &at_b = b->fills[n];
    if (at_a.terms == 0 && at_b.terms == 0) return false;
    const VenueTerms first = a->terms_at(at_a), second = b->terms_at(at_b);
    if (first.same_as(second)) return false;
    d.cause = Cause::kTermsInForce;
    d.why = "for fill " + std::to_string(n + 1) + ' ' + terms_text(first) +
            " was in force in the first run, " + terms_text(second) +
            " in the second: " + change_text(d, at_a.terms, at_b.terms) + timing_text(d);
    return true;
}

bool Explainer::met_other(OrderDifference& d) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    if (d.met_first.empty() || d.met_second.empty()) return false;
    for (const FactPlace place : d.met_first) {
        const auto there = market_.to_second(place);
        if (there &&
            std::find(d.met_second.begin(), d.met_second.end(), *there) != d.met_second.end()) {
            return false;
        }
    }
    d.cause = Cause::kMetOtherQuote;
    d.why = "fill " + std::to_string(first_other_fill(*a, *b) + 1) + " met " +
            fact_text(true, d.met_first.front()) + " in the first run, " +
            fact_text(false, d.met_second.front()) + " in the second" + timing_text(d);
    return true;
}

bool Explainer::cancel_race(OrderDifference& d) const {
    const OrderStory *a = order(d, true), *b = order(d, false);
    if ((d.kinds & kOtherFills) == 0 || a == nullptr || b == nullptr) return false;
    if (!a->requested_cancel || !b->requested_cancel) return false;
    const bool first = a->state == OrderState::kCanceled;
    if (first == (b->state == OrderState::kCanceled)) return false;
    d.cause = Cause::kCancelRace;
    d.why = std::string("the cancel was in time in ") + side(first).name + ", too late in " +
            side(!first).name;
    return true;
}

/// Decided on the news of an order that differs itself: an exit of what was not held in the other
/// run, the next part of an algorithm.
bool Explainer::follows_other(OrderDifference& d) const {
    for (const bool first : {true, false}) {
        const OrderStory* followed = other_followed(d, first);
        if (followed == nullptr) continue;
        d.cause = Cause::kEarlier;
        d.why = std::string("in ") + side(first).name + " it follows " + followed->name +
                ", which differs";
        return true;
    }
    return false;
}

}  // namespace fermata::compare
