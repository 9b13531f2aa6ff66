#include "daemon/pipeline/concurrent_pipeline.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 256;        // events of one lane in one pass
constexpr std::uint32_t kYieldEvery = 64;  // events that are published without a pause

}  // namespace

bool ThreadBackpressure::wait(unsigned attempt) noexcept {
    thread_local Clock::time_point since;
    if (attempt == 0) since = Clock::now();
    if (aborted()) return false;
    Idle{}.wait(attempt);
    if (attempt % 64 == 63 && Clock::now() - since > limit_) {
        abort();
        return false;
    }
    return true;
}

ConcurrentPipeline::ConcurrentPipeline(PipelineStages& stages, ThreadBackpressure& backpressure,
                                       JournalPoll journal, Lane<MarketEvent>* feed_journal,
                                       std::uint64_t feed_recorded)
    : stages_(stages),
      backpressure_(backpressure),
      journal_(std::move(journal)),
      feed_journal_(feed_journal),
      feed_recorded_(feed_recorded),
      trading_from_(stages.trading->feed_position()) {
    FERMATA_ASSERT(journal_ != nullptr);
    for (std::size_t v = 0; v < stages_.venue_market.size(); ++v) {
        venue_from_.push_back(stages_.venue_feed_position(v));
    }
    for (const ShardStage* shard : stages_.shard_stages) {
        shard_from_.push_back(shard->feed_position());
    }
    if (stages_.portfolio != nullptr) portfolio_from_ = stages_.portfolio->feed_position();
}

ConcurrentPipeline::~ConcurrentPipeline() {
    if (!hosts_.empty()) backpressure_.abort();
    join();
}

template <class Pass, class Overflowed>
void ConcurrentPipeline::host(std::string name, Pass pass, Overflowed overflowed) {
    auto& self = *hosts_.emplace_back(std::make_unique<Host>());
    self.name = std::move(name);
    self.thread = std::thread([this, &self, pass, overflowed] {
        const Idle idle = placement_ != nullptr ? placement_->enter(self.name) : Idle{};
        unsigned attempt = 0;
        while (!stop_.load(std::memory_order_relaxed)) {
            const Polled polled = pass();
            if (polled == Polled{}) {
                idle.wait(attempt++);
            } else {
                attempt = 0;
                self.activity.fetch_add(1, std::memory_order_relaxed);
            }
            if (overflowed()) backpressure_.abort();
            if (backpressure_.aborted()) break;
            // Whoever sees this pass counted sees what it did.
            self.passes.fetch_add(1, std::memory_order_release);
        }
    });
}

void ConcurrentPipeline::start() {
    if (placement_ != nullptr) {
        placement_->prepare();
        yields_ = placement_->idle_of("feed") != IdleStrategy::kSpin;
    }
    host(
        "venues", [this] { return stages_.poll_venues(kBatch); },
        [this] { return stages_.venues_overflowed(); });
    host(
        "trading", [this] { return stages_.trading->poll(kBatch); },
        [this] { return stages_.trading->overflowed(); });
    for (std::size_t s = 0; s < stages_.shard_stages.size(); ++s) {
        ShardStage* shard = stages_.shard_stages[s];
        host(
            "shard " + std::to_string(s), [shard] { return shard->poll(kBatch); },
            [shard] { return shard->overflowed(); });
    }
    if (stages_.portfolio != nullptr) {
        host(
            "portfolio risk", [this] { return stages_.portfolios.poll(kBatch); },
            [] { return false; });
    }
    host("journal", [this] { return journal_(kBatch); }, [] { return false; });
}

bool ConcurrentPipeline::push(Lane<MarketEvent>& lane, const MarketEvent& e) {
    if (push_or_wait(lane, e, &backpressure_)) return true;
    backpressure_.abort();
    return false;
}

bool ConcurrentPipeline::publish(const MarketEvent& event, std::uint64_t position) {
    if (yields_ && ++since_yield_ == kYieldEvery) {
        since_yield_ = 0;
        std::this_thread::yield();
    }
    MarketEvent e = event;
    e.seq = position;
    // On record before anybody can act on it.
    if (feed_journal_ != nullptr && position > feed_recorded_ && !push(*feed_journal_, e)) {
        return false;
    }
    for (std::size_t v = 0; v < venue_from_.size(); ++v) {
        if (position > venue_from_[v] && !push(*stages_.venue_market[v], e)) return false;
    }
    if (position > trading_from_ && PipelineStages::trading_wants(e) &&
        !push(*stages_.trading_market, e)) {
        return false;
    }
    if (stages_.portfolio != nullptr && position > portfolio_from_ && PortfolioStage::wants(e) &&
        !push(*stages_.portfolio_market, e)) {
        return false;
    }
    if (!PipelineStages::shards_want(e)) return true;
    for (std::size_t s = 0; s < shard_from_.size(); ++s) {
        if (position > shard_from_[s] && !push(*stages_.shard_market[s], e)) return false;
    }
    return true;
}

bool ConcurrentPipeline::send_control(const OrderEvent& e) {
    return push_or_wait(*stages_.control, e, &backpressure_);
}

std::vector<ConcurrentPipeline::Progress> ConcurrentPipeline::progress() const {
    std::vector<Progress> all;
    for (const auto& h : hosts_) all.push_back({h->name, &h->passes});
    return all;
}

bool ConcurrentPipeline::quiesce() {
    for (;;) {
        std::vector<std::uint64_t> passes, activity;
        for (const auto& host : hosts_) {
            passes.push_back(host->passes.load(std::memory_order_acquire));
            activity.push_back(host->activity.load(std::memory_order_relaxed));
        }
        // Two whole passes of every thread without any activity: every lane was seen empty by its
        // consumer after the last event of any producer.
        bool quiet = true;
        for (std::size_t h = 0; h < hosts_.size(); ++h) {
            for (unsigned n = 0; hosts_[h]->passes.load(std::memory_order_acquire) < passes[h] + 3;
                 ++n) {
                if (failed()) return false;
                Idle{}.wait(n);
            }
        }
        for (std::size_t h = 0; h < hosts_.size(); ++h) {
            quiet = quiet && hosts_[h]->activity.load(std::memory_order_relaxed) == activity[h];
        }
        if (quiet) return !failed();
    }
}

void ConcurrentPipeline::join() {
    stop_.store(true, std::memory_order_relaxed);
    for (const auto& host : hosts_) {
        if (host->thread.joinable()) host->thread.join();
    }
    hosts_.clear();
}

Polled ConcurrentPipeline::poll_all() {
    Polled polled = stages_.poll_venues(kBatch);
    polled += stages_.portfolios.poll(kBatch);
    polled += stages_.trading->poll(kBatch);
    polled += stages_.shards.poll(kBatch);
    polled += journal_(kBatch);
    return polled;
}

void ConcurrentPipeline::drain(Timestamp until) {
    FERMATA_ASSERT(hosts_.empty());
    for (;;) {
        while (!failed() && !stages_.overflowed() && poll_all() != Polled{}) {
        }
        VenueStage* next = nullptr;
        for (VenueStage* venue : stages_.venue_stages) {
            if (venue->due() <= until && (next == nullptr || venue->due() < next->due())) {
                next = venue;
            }
        }
        if (next == nullptr || failed() || stages_.overflowed()) return;
        next->step_advance(next->due());
    }
}

}  // namespace fermata
