#include "core/market/session_feed.hpp"

#include <algorithm>
#include <utility>

namespace fermata {

Timestamp SessionFeed::Group::boundary() const noexcept {
    const auto& sessions = calendar->sessions();
    if (session >= sessions.size()) return Timestamp::never();
    return opens ? sessions[session].open : sessions[session].close;
}

void SessionFeed::Group::advance() noexcept {
    if (!opens) ++session;
    opens = !opens;
}

SessionFeed::SessionFeed(std::unique_ptr<Feed> inner, std::vector<const Calendar*> calendars)
    : inner_(std::move(inner)) {
    for (std::size_t i = 0; i < calendars.size(); ++i) {
        if (calendars[i] == nullptr) continue;
        auto group = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const Group& g) { return g.calendar == calendars[i]; });
        if (group == groups_.end()) {
            groups_.push_back(Group{calendars[i], {}, 0, true});
            group = groups_.end() - 1;
        }
        group->instruments.push_back(InstrumentId{static_cast<std::uint32_t>(i)});
    }
}

std::span<const MarketEvent> SessionFeed::next() {
    out_.clear();
    if (batch_.empty()) batch_ = inner_->next();
    if (batch_.empty()) {
        // What ends with the last event belongs to the run: the close of the last bar's session.
        while (started_ && next_.ts <= last_) emit_boundary();
        return out_;
    }
    if (!started_) begin(batch_.front());
    const auto key = [](const MarketEvent& e) { return Key{e.ts, phase_of(e)}; };
    while (next_ < key(batch_.front())) emit_boundary();
    if (!out_.empty()) return out_;
    // Everything before the next boundary goes out where it lies.
    const auto end =
        key(batch_.back()) <= next_
            ? batch_.end()
            : std::partition_point(batch_.begin(), batch_.end(),
                                   [&](const MarketEvent& e) { return key(e) <= next_; });
    const auto length = static_cast<std::size_t>(end - batch_.begin());
    const std::span<const MarketEvent> result = batch_.first(length);
    batch_ = batch_.subspan(length);
    last_ = result.back().ts;
    return result;
}

FeedStats SessionFeed::stats() const noexcept {
    FeedStats stats = inner_->stats();
    stats.events += emitted_;
    return stats;
}

void SessionFeed::begin(const MarketEvent& first) {
    started_ = true;
    const Timestamp before = first.ts - Duration::nanoseconds(1);
    for (Group& group : groups_) {
        // The first boundary at or after the first event; what lies before is history.
        const auto& sessions = group.calendar->sessions();
        const auto found = std::partition_point(
            sessions.begin(), sessions.end(), [&](const Session& s) { return s.close < first.ts; });
        group.session = static_cast<std::size_t>(found - sessions.begin());
        group.opens = found == sessions.end() || found->open >= first.ts;
        if (found != sessions.end()) add(group, before, !group.opens);
    }
    find_next();
}

void SessionFeed::find_next() {
    next_ = Key{Timestamp::never(), 0};
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        const Key key{groups_[g].boundary(), phase_of(MarketEventType::kSession, groups_[g].opens)};
        if (key.ts != Timestamp::never() && key < next_) {
            next_ = key;
            which_ = g;
        }
    }
}

void SessionFeed::emit_boundary() {
    Group& group = groups_[which_];
    add(group, next_.ts, group.opens);
    group.advance();
    find_next();
}

void SessionFeed::add(const Group& group, Timestamp ts, bool open) {
    for (const InstrumentId id : group.instruments) {
        out_.push_back(make_session(ts, id, StreamId{0}, open));
        ++emitted_;
    }
}

}  // namespace fermata
