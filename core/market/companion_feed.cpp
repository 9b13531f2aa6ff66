#include "core/market/companion_feed.hpp"

#include <algorithm>
#include <utility>

namespace fermata {
namespace {

/// Whether `a` comes before `b` in feed order; on a tie it does not.
bool before(const MarketEvent& a, const MarketEvent& b) noexcept {
    return a.ts != b.ts ? a.ts < b.ts : phase_of(a) < phase_of(b);
}

/// How many of the events come before `limit`, or with it when `ties`.
std::size_t count_before(std::span<const MarketEvent> events, const MarketEvent& limit, bool ties) {
    const auto end = std::partition_point(events.begin(), events.end(), [&](const MarketEvent& e) {
        return ties ? !before(limit, e) : before(e, limit);
    });
    return static_cast<std::size_t>(end - events.begin());
}

}  // namespace

CompanionFeed::CompanionFeed(std::unique_ptr<Feed> main, std::unique_ptr<Feed> companion,
                             HasherFactory hasher)
    : main_(std::move(main)), companion_(std::move(companion)), hasher_(std::move(hasher)) {}

void CompanionFeed::begin() {
    started_ = true;
    for (auto batch = companion_->next(); !batch.empty(); batch = companion_->next()) {
        events_.insert(events_.end(), batch.begin(), batch.end());
    }
    waiting_ = events_;
    waiting_ = waiting_.subspan(count_before(waiting_, batch_.front(), false));
}

std::span<const MarketEvent> CompanionFeed::next() {
    if (batch_.empty()) batch_ = main_->next();
    if (batch_.empty()) return {};
    if (!started_) begin();
    std::span<const MarketEvent>& first =
        !waiting_.empty() && before(waiting_.front(), batch_.front()) ? waiting_ : batch_;
    std::size_t length = first.size();
    if (&first == &waiting_) {
        length = count_before(waiting_, batch_.front(), false);
    } else if (!waiting_.empty() && before(waiting_.front(), batch_.back())) {
        length = count_before(batch_, waiting_.front(), true);
    }
    const std::span<const MarketEvent> result = first.first(length);
    first = first.subspan(length);
    delivered_ += length;
    return result;
}

FeedStats CompanionFeed::stats() const noexcept {
    FeedStats stats = main_->stats();
    const FeedStats other = companion_->stats();
    stats.records += other.records;
    stats.events = delivered_;
    for (std::size_t i = 0; i < stats.skipped.size(); ++i) stats.skipped[i] += other.skipped[i];
    return stats;
}

std::string CompanionFeed::source_hash() const {
    if (!hasher_) return main_->source_hash() + "," + companion_->source_hash();
    const std::string lines = main_->source_hash() + "\n" + companion_->source_hash();
    const std::unique_ptr<Hasher> hasher = hasher_();
    hasher->update(std::as_bytes(std::span(lines)));
    return hasher->finish();
}

}  // namespace fermata
