// A shard's state in an archive. See core/base/state_archive.hpp.

#include <algorithm>
#include <string>

#include "core/base/state_archive.hpp"
#include "core/strategy/shard.hpp"

namespace fermata {

static_assert(sizeof(TimerQueue) == 32, "TimerQueue::persist must deal with every member");
static_assert(sizeof(StrategyContext) == 376,
              "StrategyContext::persist must deal with every member");
static_assert(sizeof(ShardStage) == 280, "ShardStage::persist must deal with every member");

void StrategyContext::OpenOrder::persist(StateArchive& a) {
    a.all<OpenOrder>(tag, instrument, managed, closing);
}

void StrategyContext::persist(StateArchive& a) {
    a(positions_, open_by_instrument_, open_orders_, orders_sent_, timers_set_, sizing_, links_,
      winding_down_, previews_, previewed_, close_again_, derived(caller_));
    constexpr std::size_t kMost = std::size_t{1} << 24;
    a.sized(open_, kMost);
    const auto not_before = [](const OpenOrder& x, const OpenOrder& y) { return x.tag >= y.tag; };
    a.require(std::adjacent_find(open_.begin(), open_.end(), not_before) == open_.end(),
              "open orders are not in their order");
}

void ShardStage::persist(StateArchive& a) {
    a.require(!overflowed_, "something did not fit a lane, and is lost");
    bool running = running_;
    a(started_, running);
    if (a.reading()) {
        if (!a.require(!running_, "a shard that was started already is no place to read into")) {
            return;
        }
        // So that a strategy may add to it: the years 1823 to 2116.
        constexpr std::int64_t kFarthest = std::int64_t{1} << 62;
        if (!a.require(started_ > Timestamp{-kFarthest} && started_ < Timestamp{kFarthest},
                       "it started at an impossible time")) {
            return;
        }
        now_ = started_;
        for (const auto& slot : slots_) slot->each([](auto& part, auto& c) { part.on_start(c); });
        running_ = running;
    }
    a(marks_, timers_, accounts_);
    persist_strategies(a);
    a(now_, cause_, feed_position_, trading_position_, sent_, journaled_, since_record_);
    a.require(timers_.all_of([&](StrategyId id) { return slot_of(id) != nullptr; }),
              "a timer is of no strategy");
}

void ShardStage::persist_strategies(StateArchive& a) {
    const std::size_t count = a.count(slots_.size(), slots_.size());
    if (!a.require(count == slots_.size(), "there are other strategies than before")) return;
    for (const auto& slot : slots_) {
        a.section("strategy " + std::to_string(slot->context.id_.value), 3, [&] {
            a(slot->context);
            for (const auto& part : slot->parts) {
                a.require(part->persist(a), "its type does not support snapshots");
            }
            static_cast<void>(slot->desk.persist(a));
        });
    }
}

}  // namespace fermata
