#pragma once

#include <memory>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "core/port/feed.hpp"

namespace fermata {

/// The market events that a journal holds itself (journal.market: record), as a feed.
class JournalFeed final : public Feed {
public:
    /// Throws FeedError when the journal cannot be opened. `files` outlives the feed.
    JournalFeed(FileSystem& files, const std::string& directory);

    std::span<const MarketEvent> next() override;
    std::string_view name() const noexcept override { return directory_; }
    FeedStats stats() const noexcept override { return stats_; }
    std::string source_hash() const override { return {}; }
    double progress() const noexcept override { return 0; }

private:
    std::string directory_;
    std::unique_ptr<JournalReader> reader_;
    std::vector<MarketEvent> batch_;
    FeedStats stats_;
};

}  // namespace fermata
