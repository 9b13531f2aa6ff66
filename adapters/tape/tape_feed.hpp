#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/tape/mapped_file.hpp"
#include "adapters/tape/tape_view.hpp"
#include "core/market/stream.hpp"
#include "core/port/feed.hpp"
#include "core/types/instrument.hpp"

namespace fermata::tape {

struct TapeFeedOptions {
    std::string path;
    Timestamp from = Timestamp::min();  ///< What lies in [from, to) is delivered.
    Timestamp to = Timestamp::never();
    /// Check the whole tape before the first event. Without it each block is checked when it is
    /// read, so that damage ends the run where it lies.
    bool verify = false;
};

/// Delivers a tape. Events go out where they lie in the mapping, without a copy, when the ids of
/// the tape are those of the run; otherwise block by block through a buffer.
///
/// Memory: constant; pages behind the reader are given back to the system.
class TapeFeed final : public Feed {
public:
    /// Appends the tape's streams to `streams`. Throws FeedError, also when a symbol of the tape is
    /// not in `instruments`.
    TapeFeed(TapeFeedOptions options, const InstrumentTable& instruments, StreamTable& streams);

    [[nodiscard]] std::span<const MarketEvent> next() override;
    [[nodiscard]] std::string_view name() const noexcept override { return view_.name(); }
    [[nodiscard]] FeedStats stats() const noexcept override { return stats_; }
    [[nodiscard]] std::string source_hash() const override {
        return std::string(view_.content_hash());
    }
    [[nodiscard]] double progress() const noexcept override;

private:
    void check_all() const;
    void map_ids(const InstrumentTable& instruments, StreamTable& streams);

    TapeFeedOptions options_;
    MappedFile file_;
    TapeView view_;
    std::vector<InstrumentId> instruments_;  // by the tape's id
    std::vector<StreamId> streams_;          // by the tape's id
    bool same_ids_ = true;
    std::vector<MarketEvent> buffer_;
    std::size_t first_block_ = 0;
    std::size_t next_block_ = 0;
    FeedStats stats_;
};

}  // namespace fermata::tape
