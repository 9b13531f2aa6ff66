#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/event/market_event.hpp"

namespace fermata {

/// Holds back events until nothing earlier can come, and hands them out in feed order: by
/// (timestamp, phase_of), and as they were pushed when these are equal. A bar feed needs it: a row
/// tells the bar's end, and other events belong before that.
///
/// Owner: one thread. Uses `seq` of the events that it holds; they leave with seq 0.
class EventSorter {
public:
    [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

    void push(const MarketEvent& event) {
        heap_.push_back(event);
        heap_.back().seq = ++pushed_;
        std::size_t i = heap_.size() - 1;
        while (i > 0 && before(heap_[i], heap_[(i - 1) / 2])) {
            std::swap(heap_[i], heap_[(i - 1) / 2]);
            i = (i - 1) / 2;
        }
    }

    /// Appends to `out`, in order, every event with a time before `limit`, or at `limit` and with a
    /// phase of at most `phase`.
    void release(Timestamp limit, int phase, std::vector<MarketEvent>& out) {
        while (!heap_.empty()) {
            const MarketEvent& first = heap_.front();
            if (first.ts > limit || (first.ts == limit && phase_of(first) > phase)) return;
            pop(out);
        }
    }
    void release_all(std::vector<MarketEvent>& out) {
        while (!heap_.empty()) pop(out);
    }

private:
    [[nodiscard]] static bool before(const MarketEvent& a, const MarketEvent& b) noexcept {
        if (a.ts != b.ts) return a.ts < b.ts;
        const int phase_a = phase_of(a);
        const int phase_b = phase_of(b);
        return phase_a != phase_b ? phase_a < phase_b : a.seq < b.seq;
    }
    void pop(std::vector<MarketEvent>& out) {
        out.push_back(heap_.front());
        out.back().seq = 0;
        heap_.front() = heap_.back();
        heap_.pop_back();
        for (std::size_t i = 0, child = 1; child < heap_.size(); child = 2 * i + 1) {
            if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
            if (!before(heap_[child], heap_[i])) break;
            std::swap(heap_[i], heap_[child]);
            i = child;
        }
    }

    // A binary heap by hand: the standard one passes these 64-byte elements by value.
    std::vector<MarketEvent> heap_;
    std::uint64_t pushed_ = 0;
};

}  // namespace fermata
