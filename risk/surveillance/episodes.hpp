#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "risk/surveillance/finding.hpp"

namespace fermata::surveillance {

/// One time that a rule's pattern was seen.
struct Episode {
    Timestamp begin;
    Timestamp end;
    Severity severity = Severity::kLow;
    std::vector<Measure> measures;  ///< The same ones, in the same order, for each of a rule.
    std::vector<Evidence> evidence;
};

/// Turns the episodes of one rule into findings: `count_min` of a party whose ends lie within
/// `within` of each other are a pattern. It grows with each further episode that ends not later
/// than `within` after the last one, and is one finding.
///
/// Memory: by party, the episodes of the last `within` or one finding of bounded evidence.
class EpisodeCollector {
public:
    EpisodeCollector(RuleId rule, std::int64_t count_min, Duration within, FindingSink sink)
        : rule_(rule), count_min_(count_min), within_(within), sink_(std::move(sink)) {}

    /// Episodes of one party come in the order of their ends.
    void add(const Party& party, Episode episode);
    /// Hands over what is open: the journal ends.
    void finish();

private:
    struct State {
        std::deque<Episode> recent;  // not yet a pattern
        std::optional<Finding> finding;
    };
    static void merge(Finding& finding, Episode episode);
    void close(State& state);

    RuleId rule_;
    std::int64_t count_min_;
    Duration within_;
    FindingSink sink_;
    std::map<Party, State> states_;
};

}  // namespace fermata::surveillance
