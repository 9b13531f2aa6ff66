#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/port/feed.hpp"
#include "core/port/file.hpp"
#include "daemon/rerun/journal_feed.hpp"

namespace fermata {

/// The market events that were on record when a journal was resumed: what is appended behind them
/// while they are read does not belong to them.
class RecordedEvents final : public Feed {
public:
    /// The first `limit` events in `directory`. Throws FeedError.
    RecordedEvents(FileSystem& files, const std::string& directory, std::uint64_t limit)
        : directory_(directory), limit_(limit) {
        if (limit == 0) return;
        feed_ = std::make_unique<JournalFeed>(files, directory);
        // Which of them came from the source, before anything is appended.
        JournalFeed all(files, directory);
        std::uint64_t left = limit;
        for (auto batch = all.next(); !batch.empty() && left != 0; batch = all.next()) {
            for (const MarketEvent& e : batch.first(std::min<std::size_t>(left, batch.size()))) {
                if (e.type != MarketEventType::kClock) ++all_but_clock_;
                --left;
            }
        }
    }

    [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }
    [[nodiscard]] std::uint64_t all_but_clock() const noexcept { return all_but_clock_; }

    std::span<const MarketEvent> next() override {
        if (given_ == limit_) return {};
        auto batch = feed_->next();
        batch = batch.first(std::min<std::size_t>(limit_ - given_, batch.size()));
        given_ += batch.size();
        return batch;
    }
    std::string_view name() const noexcept override { return directory_; }
    FeedStats stats() const noexcept override {
        FeedStats stats;
        stats.records = stats.events = given_;
        return stats;
    }
    std::string source_hash() const override { return {}; }
    double progress() const noexcept override { return 0; }

private:
    std::string directory_;
    std::uint64_t limit_;
    std::uint64_t given_ = 0;
    std::uint64_t all_but_clock_ = 0;
    std::unique_ptr<JournalFeed> feed_;
};

}  // namespace fermata
