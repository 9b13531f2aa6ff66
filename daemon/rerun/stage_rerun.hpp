#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "daemon/pipeline/stages.hpp"
#include "daemon/rerun/divergence.hpp"
#include "daemon/rerun/feed_window.hpp"

namespace fermata {

/// Re-runs stages that ran on threads of their own: makes every stage consume its inputs in the
/// order that the journal recorded, and compares everything that it puts on record with what is
/// there.
///
/// The stages are wired as they were live. What a shard or venue sends reaches the trading stage
/// through its lane, not from the journal; from outside come only the market data, operators'
/// commands, and what venues outside of the process reported. So one wrong decision anywhere shows
/// as the first record that differs.
///
/// The records are taken in the order of the file. A trading record is followed at once, for
/// whatever it depends on stands before it; a shard or venue goes on as far as its own records are
/// known, and further only when the trading stage is known to have consumed something that it sent.
///
/// Owner: one thread; it owns the stages too. The stages keep their state afterwards, so a run can
///        go on from there: this is recovery.
class StageRerun {
public:
    /// `stages` is fresh and wired with record_inputs and the recorded run's progress_every.
    StageRerun(PipelineStages& stages, FeedWindow& feed);

    /// Follows the next record of the file, of any stream but the feed's. False: a divergence.
    [[nodiscard]] bool take(const JournalRecord& record);
    /// At the end of what one process wrote: lets shards and venues consume what is on record. What
    /// they consumed of a future that was lost is left out.
    [[nodiscard]] bool end_boot();
    /// After end_boot, for a run that was closed: every stage put its end mark on record, and
    /// nothing is left over.
    [[nodiscard]] bool end_run();
    /// Before the first record of the process with that boot epoch, after end_boot.
    void begin_boot(std::uint16_t epoch);

    /// The state between two records, with that of the stages (core/base/state_archive.hpp), into a
    /// re-run of fresh stages. Not after a divergence. Afterwards the window begins at
    /// next_feed_position.
    void persist(StateArchive& a);

    [[nodiscard]] const std::optional<Divergence>& divergence() const noexcept {
        return divergence_;
    }
    /// Strategies were started: at the first record.
    [[nodiscard]] bool started() const noexcept { return started_; }
    [[nodiscard]] std::uint64_t compared() const noexcept { return compared_; }
    /// The lowest feed position that a stage has not consumed yet.
    [[nodiscard]] std::uint64_t next_feed_position() const noexcept {
        const std::uint64_t others = slowest_other() + 1;
        return stages_.portfolio == nullptr ? others : std::min(others, portfolio_feed_ + 1);
    }

private:
    /// A shard or venue: its records that were read and not followed yet.
    struct Follower {
        JournalStream stream = JournalStream::kTrading;
        std::string name;
        VenueStage* venue = nullptr;  // one of these three
        LinkStage* link = nullptr;
        ShardStage* shard = nullptr;
        std::uint64_t feed_position = 0;  // of the last event given to it
        Lane<MarketEvent>* market = nullptr;
        Lane<OrderEvent>* input = nullptr;
        Lane<OrderEvent>* output = nullptr;
        Lane<OrderEvent>* journal = nullptr;
        std::deque<OrderEvent> records;
        std::uint64_t last_position = 0;  // of its stream, that was read
        bool marked = false;              // its end mark was compared
    };

    [[nodiscard]] bool take_trading(const OrderEvent& recorded);
    [[nodiscard]] bool consume_input(const OrderEvent& recorded);
    /// Gives the trading stage market events up to `position`, or until it puts something on
    /// record.
    [[nodiscard]] bool advance_trading(std::uint64_t position);
    [[nodiscard]] bool trading_market_step();
    /// Makes the portfolio stage go on until the snapshot that the trading stage is about to
    /// consume is next on its lane.
    [[nodiscard]] bool make_snapshot(const OrderEvent& wanted);
    [[nodiscard]] bool portfolio_step();
    /// It follows the slowest of the others, but not beyond a snapshot that nobody took yet.
    void portfolio_catch_up();
    [[nodiscard]] bool compare(const OrderEvent& recorded);

    /// Makes it send something, as the trading stage is about to consume it.
    [[nodiscard]] bool make_send(Follower& f, const OrderEvent& wanted);
    /// Follows its records as far as what they consume is there.
    [[nodiscard]] bool pump(Follower& f);
    enum class Followed : std::uint8_t { kYes, kNotYet, kDiverged };
    [[nodiscard]] Followed follow(Follower& f);
    /// Of the trading stage, venues and shards.
    [[nodiscard]] std::uint64_t slowest_other() const noexcept;
    [[nodiscard]] bool market_step(Follower& f);
    [[nodiscard]] bool check_own_record(Follower& f);
    [[nodiscard]] bool wants(const Follower& f, const MarketEvent& e) const noexcept;
    void finish_marked(Follower& f, const OrderEvent& mark);

    bool diverge(JournalStream stream, std::uint64_t position, std::string what,
                 const OrderEvent* recorded, const OrderEvent* rerun);

    PipelineStages& stages_;
    FeedWindow& feed_;
    std::vector<Follower> followers_;  // venues, then shards
    std::uint64_t trading_feed_ = 0;
    std::uint64_t portfolio_feed_ = 0;
    bool trading_marked_ = false;
    bool left_over_ = false;  // records of venues or shards, at the end of a boot
    bool started_ = false;
    std::uint64_t compared_ = 0;
    std::uint64_t since_forget_ = 0;
    std::optional<Divergence> divergence_;
};

}  // namespace fermata
