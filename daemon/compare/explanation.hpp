#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/compare/comparison.hpp"

namespace fermata::compare {

/// Says why orders differ. See Cause for what it looks for, and in which order.
class Explainer {
public:
    /// All of them outlive it.
    Explainer(const RunStory& first, const RunStory& second, const MarketAlignment& market);

    /// Sets `cause`, `why` and what the fills met. In the order in which things happened, for what
    /// was explained before may be the cause of what comes later.
    void explain(OrderDifference& difference);

private:
    using Owner = std::pair<std::string, std::string>;  // strategy, instrument
    /// A fill as it became known, with what the strategy held then.
    struct Holding {
        std::uint64_t known = 0;
        std::int64_t quantity = 0;  // raw, signed
    };
    struct Side {
        const RunStory* run;
        std::map<Owner, std::vector<Holding>> held;
        const char* name;                // "the first run"
        std::set<std::size_t> differed;  // orders with a difference so far
    };

    // Each of these looks for one cause, and is true when it was found.
    bool refused(OrderDifference& d) const;
    bool corrected(OrderDifference& d) const;
    bool not_covered(OrderDifference& d) const;
    bool at_the_stop(OrderDifference& d) const;
    bool heard_elsewhere(OrderDifference& d) const;
    bool other_terms_in_force(OrderDifference& d) const;
    bool met_other(OrderDifference& d) const;
    bool cancel_race(OrderDifference& d) const;
    bool follows_other(OrderDifference& d) const;
    bool other_event(OrderDifference& d) const;
    bool other_holdings(OrderDifference& d) const;
    bool other_market_before(OrderDifference& d) const;
    bool other_equity(OrderDifference& d) const;

    [[nodiscard]] const OrderStory* order(const OrderDifference& d, bool first) const;
    [[nodiscard]] const Side& side(bool first) const { return first ? first_ : second_; }
    /// Feed position of the decision in that run, also where it has no such order.
    [[nodiscard]] std::optional<std::uint64_t> decision_in(const OrderDifference& d,
                                                           bool first) const;
    [[nodiscard]] std::int64_t held(bool first, const Owner& owner, std::uint64_t before) const;
    /// Of a strategy's orders before a decision.
    struct Earlier {
        std::int64_t came_to = 0;  ///< Raw, signed: all their fills, known at the decision or not.
        std::int64_t open = 0;     ///< What is still to be filled of them, as the strategy knew.
    };
    [[nodiscard]] Earlier earlier(bool first, const Owner& owner, std::uint64_t before) const;
    [[nodiscard]] std::string fact_text(bool first, FactPlace place) const;
    [[nodiscard]] std::string timing_text(const OrderDifference& d) const;
    /// The events that the first fill that differs can have met.
    void find_met(OrderDifference& d) const;
    /// The newest quote or trade of the order's instrument at this feed position.
    [[nodiscard]] std::optional<FactPlace> seen_last(const OrderDifference& d, bool first,
                                                     std::uint64_t position) const;
    /// Which change of the terms that were in force for two fills was not the same.
    [[nodiscard]] std::string change_text(const OrderDifference& d, std::size_t first_terms,
                                          std::size_t second_terms) const;
    /// The order that this one follows, where it differs itself.
    [[nodiscard]] const OrderStory* other_followed(const OrderDifference& d, bool first) const;
    static Side make_side(const RunStory& run, const char* name);

    Side first_, second_;
    const MarketAlignment& market_;
    std::set<std::string> differed_;  // accounts with a difference so far
};

/// In what the two orders differ; DifferenceKind bits.
[[nodiscard]] std::uint8_t differences_between(const RunStory& first, const RunStory& second,
                                               const OrderPair& pair,
                                               const MarketAlignment& market);
/// The index of the first fill that is not the same in both.
[[nodiscard]] std::size_t first_other_fill(const OrderStory& a, const OrderStory& b);

}  // namespace fermata::compare
