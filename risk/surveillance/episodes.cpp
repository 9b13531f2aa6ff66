#include "risk/surveillance/episodes.hpp"

#include <algorithm>
#include <utility>

namespace fermata::surveillance {

void EpisodeCollector::merge(Finding& finding, Episode episode) {
    if (finding.episodes == 0) {
        finding.begin = episode.begin;
        finding.end = episode.end;
        finding.measures = episode.measures;
    }
    ++finding.episodes;
    finding.begin = std::min(finding.begin, episode.begin);
    finding.end = std::max(finding.end, episode.end);
    finding.severity = std::max(finding.severity, episode.severity);
    for (std::size_t i = 0; i < finding.measures.size(); ++i) {
        std::int64_t& kept = finding.measures[i].observed;
        const Measure& more = episode.measures[i];
        kept = more.asked == Asked::kAtMost ? std::min(kept, more.observed)
                                            : std::max(kept, more.observed);
    }
    for (const Evidence& row : episode.evidence) {
        if (finding.evidence.size() < kEvidenceMax) {
            finding.evidence.push_back(row);
        } else {
            ++finding.rows_left_out;
        }
    }
}

void EpisodeCollector::close(State& state) {
    if (!state.finding) return;
    Finding finding = std::move(*state.finding);
    state.finding.reset();
    const auto episodes = static_cast<std::int64_t>(finding.episodes);
    if (count_min_ > 1) {
        finding.severity = std::max(finding.severity, grade(episodes, count_min_));
    }
    finding.measures.insert(finding.measures.begin(),
                            {"count_min", Unit::kCount, episodes, count_min_, Asked::kAtLeast});
    sink_(std::move(finding));
}

void EpisodeCollector::add(const Party& party, Episode episode) {
    State& state = states_[party];
    if (state.finding) {
        if (episode.end - state.finding->end <= within_) {
            merge(*state.finding, std::move(episode));
            return;
        }
        close(state);
    }
    while (!state.recent.empty() && episode.end - state.recent.front().end > within_) {
        state.recent.pop_front();
    }
    state.recent.push_back(std::move(episode));
    if (static_cast<std::int64_t>(state.recent.size()) < count_min_) return;
    Finding finding;
    finding.rule = rule_;
    finding.party = party;
    for (Episode& each : state.recent) merge(finding, std::move(each));
    state.recent.clear();
    state.finding = std::move(finding);
}

void EpisodeCollector::finish() {
    for (auto& [party, state] : states_) {
        close(state);
    }
    states_.clear();
}

}  // namespace fermata::surveillance
