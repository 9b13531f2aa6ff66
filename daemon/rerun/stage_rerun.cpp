#include "daemon/rerun/stage_rerun.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/order/sender.hpp"

namespace fermata {
namespace {

constexpr std::uint64_t kForgetEvery = 4096;  // records between two cleanings of the window

}  // namespace

StageRerun::StageRerun(PipelineStages& stages, FeedWindow& feed) : stages_(stages), feed_(feed) {
    for (std::size_t v = 0; v < stages_.to_venue.size(); ++v) {
        Follower& f = followers_.emplace_back();
        f.stream = venue_stream(v);
        f.name = "venue " + std::to_string(v);
        if (stages_.venue_stages.empty()) {
            f.link = stages_.link_stages[v];
        } else {
            f.venue = stages_.venue_stages[v];
        }
        f.market = stages_.venue_market[v].get();
        f.input = stages_.to_venue[v];
        f.output = stages_.from_venue[v];
        f.journal = stages_.venue_journal[v];
    }
    for (std::size_t s = 0; s < stages_.shard_stages.size(); ++s) {
        Follower& f = followers_.emplace_back();
        f.stream = shard_stream(s);
        f.name = "shard " + std::to_string(s);
        f.shard = stages_.shard_stages[s];
        f.market = stages_.shard_market[s].get();
        f.input = stages_.to_shard[s];
        f.output = stages_.from_shard[s];
        f.journal = stages_.shard_journal[s];
    }
}

bool StageRerun::take(const JournalRecord& record) {
    if (divergence_) return false;
    if (!started_) {
        started_ = true;
        if (const MarketEvent* first = feed_.at(1)) stages_.start(first->ts);
    }
    if (record.stream == JournalStream::kTrading) {
        if (!take_trading(record.event)) return false;
    } else {
        const auto f = std::find_if(followers_.begin(), followers_.end(),
                                    [&](const Follower& x) { return x.stream == record.stream; });
        if (f == followers_.end()) {
            return diverge(record.stream, record.position, "the configuration has no such stage",
                           &record.event, nullptr);
        }
        f->records.push_back(record.event);
        f->last_position = record.position;
    }
    for (Follower& f : followers_) {
        if (!pump(f)) return false;
    }
    if (stages_.portfolio != nullptr) portfolio_catch_up();
    if (stages_.overflowed()) {
        return diverge(record.stream, record.position,
                       "a lane of the re-run is too small: raise engine.order_lane", nullptr,
                       nullptr);
    }
    if (++since_forget_ >= kForgetEvery) {
        since_forget_ = 0;
        feed_.forget_before(next_feed_position());
    }
    return true;
}

bool StageRerun::end_boot() {
    if (divergence_) return false;
    for (Follower& f : followers_) {
        if (!pump(f)) return false;
        left_over_ = left_over_ || !f.records.empty();
        f.records.clear();
    }
    return true;
}

bool StageRerun::end_run() {
    if (divergence_) return false;
    OrderEvent left;
    if (stages_.trading_journal->take(left)) {
        return diverge(JournalStream::kTrading, left.seq,
                       "the trading stage put this on record where the journal was closed", nullptr,
                       &left);
    }
    if (left_over_) {
        return diverge(JournalStream::kTrading, 0,
                       "a venue or shard consumed what the trading stream does not hold", nullptr,
                       nullptr);
    }
    if (!trading_marked_) {
        return diverge(JournalStream::kTrading, 0,
                       "the journal was closed without the trading stage's end mark", nullptr,
                       nullptr);
    }
    for (Follower& f : followers_) {
        if (f.marked && f.journal->empty()) continue;
        return diverge(f.stream, f.last_position,
                       "the journal was closed without the end mark of this stage", nullptr,
                       nullptr);
    }
    return true;
}

void StageRerun::begin_boot(std::uint16_t epoch) {
    left_over_ = false;
    stages_.begin_boot(epoch);
    for (const Follower& f : followers_) {
        if (f.venue != nullptr) {
            f.venue->continue_journal(f.last_position);
        } else if (f.link != nullptr) {
            f.link->continue_journal(f.last_position);
        } else {
            f.shard->continue_journal(f.last_position);
        }
    }
}

void StageRerun::persist(StateArchive& a) {
    constexpr std::size_t kWaitingMax = std::size_t{1} << 24;
    a.section("re-run", 2, [&] {
        a.require(!divergence_, "the re-run diverged");
        a(trading_feed_, portfolio_feed_, trading_marked_, started_);
        for (Follower& f : followers_) {
            a(f.feed_position, f.last_position, f.marked);
            f.records.resize(a.count(f.records.size(), kWaitingMax));
            for (OrderEvent& record : f.records) {
                if (!a.ok()) return;
                stages_.persist_event(a, record);
            }
        }
    });
    stages_.persist_with_lanes(a);
    if (a.reading() && a.ok()) feed_.begin_at(next_feed_position());
}

std::uint64_t StageRerun::slowest_other() const noexcept {
    std::uint64_t least = trading_feed_;
    for (const Follower& f : followers_) least = std::min(least, f.feed_position);
    return least;
}

// --- the trading stage ---

bool StageRerun::take_trading(const OrderEvent& recorded) {
    if (stages_.trading_journal->empty()) {
        if ((recorded.flags & kFlagInput) != 0) {
            if (!consume_input(recorded)) return false;
        } else {
            // Something that followed from a market event, from one after the position at the most.
            while (stages_.trading_journal->empty() && trading_feed_ <= recorded.feed_position) {
                if (!trading_market_step()) break;
            }
        }
    }
    return compare(recorded);
}

bool StageRerun::consume_input(const OrderEvent& recorded) {
    if (!advance_trading(recorded.feed_position)) return false;
    if (!stages_.trading_journal->empty()) return true;  // compare() tells that it differs
    switch (recorded.type) {
        case OrderEventType::kExecution:
        case OrderEventType::kCorrection: {
            const std::size_t venue = recorded.type == OrderEventType::kExecution
                                          ? recorded.data.execution.venue.value
                                          : recorded.data.correction.venue.value;
            if (venue >= stages_.to_venue.size()) break;
            if (followers_[venue].link != nullptr) {
                // Whatever a venue outside answered is known from here alone.
                OrderEvent report = recorded;
                report.flags = 0;
                if (!followers_[venue].output->try_push(report)) break;
            } else if (!make_send(followers_[venue], recorded)) {
                return false;
            }
            (void)stages_.trading->step_report(venue);
            return true;
        }
        case OrderEventType::kAlert:
        case OrderEventType::kRiskInput:
        case OrderEventType::kControl: {
            OrderEvent command = recorded;  // the one input that comes from outside
            command.flags = 0;
            if (!stages_.control->try_push(command)) break;
            (void)stages_.trading->step_control();
            return true;
        }
        case OrderEventType::kRiskSnapshot:
            if (stages_.portfolio == nullptr) break;
            if (!make_snapshot(recorded)) return false;
            (void)stages_.trading->step_snapshot();
            return true;
        case OrderEventType::kMark:
            stages_.record_trading_mark(recorded.ts);
            return true;
        case OrderEventType::kNewOrder:
        case OrderEventType::kPreview:
        case OrderEventType::kCancel:
        case OrderEventType::kReplace:
        case OrderEventType::kBasket:
        case OrderEventType::kAlgo:
        case OrderEventType::kAlgoReport:
        case OrderEventType::kRoute:
        case OrderEventType::kTimer: {
            const std::size_t shard = stages_.shard_of(sender_of(recorded));
            if (!make_send(followers_[stages_.to_venue.size() + shard], recorded)) return false;
            (void)stages_.trading->step_intent(shard);
            return true;
        }
        default:
            break;
    }
    return diverge(JournalStream::kTrading, recorded.seq,
                   "the trading stage cannot have consumed this", &recorded, nullptr);
}

bool StageRerun::advance_trading(std::uint64_t position) {
    while (trading_feed_ < position && stages_.trading_journal->empty()) {
        const std::uint64_t before = trading_feed_;
        if (!trading_market_step() && trading_feed_ == before) {
            return diverge(JournalStream::kTrading, 0,
                           "the market data ends at feed position " + std::to_string(before) +
                               ", the journal goes on to " + std::to_string(position),
                           nullptr, nullptr);
        }
    }
    return true;
}

bool StageRerun::trading_market_step() {
    const MarketEvent* e = feed_.at(trading_feed_ + 1);
    if (e == nullptr) return false;
    ++trading_feed_;
    if (!PipelineStages::trading_wants(*e)) return true;
    const bool pushed = stages_.trading_market->try_push(*e);
    FERMATA_ASSERT(pushed);
    return stages_.trading->step_market();
}

// --- portfolio risk ---

bool StageRerun::make_snapshot(const OrderEvent& wanted) {
    const std::uint64_t number = wanted.data.risk_snapshot.number;
    stages_.portfolio->hand_out_from(number);
    for (;;) {
        const OrderEvent* next = stages_.snapshots->front();
        if (next == nullptr) {
            if (portfolio_step()) continue;
            return diverge(JournalStream::kTrading, wanted.seq,
                           "the market data ends before a snapshot of portfolio risk with this "
                           "number is made",
                           &wanted, nullptr);
        }
        if (next->data.risk_snapshot.number >= number) return true;
        // A newer one took its place while the shelf was full: nobody ever saw it.
        stages_.snapshots->pop();
    }
}

bool StageRerun::portfolio_step() {
    const MarketEvent* e = feed_.at(portfolio_feed_ + 1);
    if (e == nullptr) return false;
    ++portfolio_feed_;
    if (!PortfolioStage::wants(*e)) return true;
    const bool pushed = stages_.portfolio_market->try_push(*e);
    FERMATA_ASSERT(pushed);
    (void)stages_.portfolio->step();
    return true;
}

void StageRerun::portfolio_catch_up() {
    const std::uint64_t until = slowest_other();
    while (portfolio_feed_ < until && stages_.snapshots->empty() && portfolio_step()) {
    }
}

bool StageRerun::compare(const OrderEvent& recorded) {
    OrderEvent rerun;
    if (!stages_.trading_journal->take(rerun)) {
        return diverge(JournalStream::kTrading, recorded.seq,
                       "the trading stage put nothing on record where the journal has this",
                       &recorded, nullptr);
    }
    ++compared_;
    trading_marked_ = recorded.type == OrderEventType::kMark;
    if (same_record(recorded, rerun)) return true;
    return diverge(JournalStream::kTrading, recorded.seq,
                   "the trading stage put something else on record", &recorded, &rerun);
}

// --- shards and venues ---

bool StageRerun::wants(const Follower& f, const MarketEvent& e) const noexcept {
    return f.shard == nullptr || PipelineStages::shards_want(e);
}

bool StageRerun::market_step(Follower& f) {
    const MarketEvent* e = feed_.at(f.feed_position + 1);
    if (e == nullptr) return false;
    ++f.feed_position;
    if (!wants(f, *e)) return true;
    const bool pushed = f.market->try_push(*e);
    FERMATA_ASSERT(pushed);
    if (f.venue != nullptr) return f.venue->step_market();
    return f.link != nullptr ? f.link->step_market() : f.shard->step_market();
}

bool StageRerun::check_own_record(Follower& f) {
    OrderEvent rerun;
    while (f.journal->take(rerun)) {
        if (f.records.empty()) {
            return diverge(f.stream, rerun.seq,
                           "the stage put something on record that the journal does not have",
                           nullptr, &rerun);
        }
        ++compared_;
        if (!same_record(f.records.front(), rerun)) {
            return diverge(f.stream, rerun.seq, "the stage consumed or ended differently",
                           &f.records.front(), &rerun);
        }
        f.marked = f.records.front().type == OrderEventType::kMark;
        f.records.pop_front();
    }
    return true;
}

StageRerun::Followed StageRerun::follow(Follower& f) {
    const OrderEvent recorded = f.records.front();
    const bool consumes = recorded.type == OrderEventType::kConsumed &&
                          cause_kind(recorded.cause) == CauseKind::kTrading;
    if (consumes) {
        const OrderEvent* waiting = f.input->front();
        if (waiting == nullptr) return Followed::kNotYet;
        if (waiting->seq != cause_seq(recorded.cause)) {
            diverge(f.stream, recorded.seq, "another event of the trading stream is next for it",
                    &recorded, waiting);
            return Followed::kDiverged;
        }
    }
    const std::size_t known = f.records.size();
    while (f.feed_position < recorded.feed_position) {
        if (!market_step(f)) {
            diverge(f.stream, recorded.seq, "the market data ends before this", &recorded, nullptr);
            return Followed::kDiverged;
        }
        // A note of how far it came is due exactly where the journal has it.
        if (!check_own_record(f)) return Followed::kDiverged;
        if (f.records.size() != known) return Followed::kYes;
    }
    if (consumes) {
        if (f.venue != nullptr) {
            (void)f.venue->step_order();
        } else {
            (void)(f.link != nullptr ? f.link->step_order() : f.shard->step_report());
        }
    } else if (recorded.type == OrderEventType::kMark) {
        finish_marked(f, recorded);
    } else if (cause_kind(recorded.cause) == CauseKind::kTimer && f.venue != nullptr) {
        f.venue->step_advance(Timestamp{static_cast<std::int64_t>(cause_seq(recorded.cause))});
    }
    if (!check_own_record(f)) return Followed::kDiverged;
    if (f.records.size() != known) return Followed::kYes;
    diverge(f.stream, recorded.seq, "the stage put nothing on record where the journal has this",
            &recorded, nullptr);
    return Followed::kDiverged;
}

void StageRerun::finish_marked(Follower& f, const OrderEvent& mark) {
    if (f.venue != nullptr) return f.venue->record_mark();
    if (f.link != nullptr) return f.link->record_mark();
    f.shard->stop(mark.ts);
    f.shard->record_mark();
}

bool StageRerun::pump(Follower& f) {
    while (!f.records.empty()) {
        const Followed followed = follow(f);
        if (followed == Followed::kDiverged) return false;
        if (followed == Followed::kNotYet) return true;
    }
    return true;
}

bool StageRerun::make_send(Follower& f, const OrderEvent& wanted) {
    while (f.output->empty()) {
        std::uint64_t market_until = ~std::uint64_t{0};
        if (!f.records.empty()) {
            const Followed followed = follow(f);
            if (followed == Followed::kYes) continue;
            if (followed == Followed::kDiverged) return false;
            // What it consumes next is not sent yet, so it sent this on a market event before that.
            market_until = f.records.front().feed_position;
        }
        if (f.feed_position < market_until && market_step(f)) {
            if (!check_own_record(f)) return false;
            continue;
        }
        return diverge(JournalStream::kTrading, wanted.seq,
                       f.name + " sends nothing where the trading stage consumed this", &wanted,
                       nullptr);
    }
    return true;
}

bool StageRerun::diverge(JournalStream stream, std::uint64_t position, std::string what,
                         const OrderEvent* recorded, const OrderEvent* rerun) {
    Divergence d{stream, position, std::move(what), std::nullopt, std::nullopt};
    if (recorded != nullptr) d.recorded = *recorded;
    if (rerun != nullptr) d.rerun = *rerun;
    divergence_ = std::move(d);
    return false;
}

}  // namespace fermata
