#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>

#include "core/base/log_histogram.hpp"
#include "core/port/record_sink.hpp"
#include "daemon/cli/report_text.hpp"

namespace fermata {

/// The ways whose time is measured.
enum class LatencyHop : std::uint8_t {
    kIntent,           ///< Market event stamped -> order of its strategy on record.
    kVerdict,          ///< Market event stamped -> verdict of the gate on record.
    kSent,             ///< Market event stamped -> order on record, on its way to the venue.
    kAcknowledged,     ///< Order on its way -> first report of the venue about it on record.
    kCancelConfirmed,  ///< Cancel on its way -> the order canceled, on record.
};
inline constexpr std::size_t kLatencyHopCount = 5;

/// How long orders take, seen from where they are recorded: no hot stage does anything for it.
///
/// What is measured ends when the journal's thread takes the record from its lane. A stage puts a
/// record there before it hands the order on, so the order itself is never later than that by more
/// than the handing on takes; how late the journal's thread comes is in every number. The first
/// three begin with the stamp that the feed gave to the market event (UTC on arrival); of an order
/// that a timer led to, with the timer's due time. The others are distances on the journal's
/// thread, and so hold the way to the venue and back with both hops to the journal about even.
///
/// Threads: `on_record` and `on_batch` on the journal's; `rows` on any.
class LatencyMeter final : public RecordSink {
public:
    /// `next` gets every record afterwards, and outlives this. `now_ns` is UTC.
    LatencyMeter(RecordSink& next, std::function<std::int64_t()> now_ns)
        : next_(next), now_ns_(std::move(now_ns)) {}

    /// From here on records are of now: what an earlier process left is not measured.
    void start() noexcept { on_.store(true, std::memory_order_release); }

    void on_record(const OrderEvent& event) override;
    bool on_batch() override { return next_.on_batch(); }

    /// One row a hop: count, p50, p90, p99, p99.9, max in nanoseconds.
    [[nodiscard]] Report rows() const;
    [[nodiscard]] const LogHistogram& histogram(LatencyHop hop) const noexcept {
        return hops_[static_cast<std::size_t>(hop)];
    }

private:
    /// Orders that wait for an answer, by their number; of two in one place the newer one.
    struct Waiting {
        std::uint64_t order = 0;
        std::int64_t since_ns = 0;
    };
    static constexpr std::size_t kPlaces = 4'096;
    using Table = std::array<Waiting, kPlaces>;

    void add(LatencyHop hop, std::int64_t ns) noexcept {
        hops_[static_cast<std::size_t>(hop)].add(ns);
    }
    static void begin(Table& table, ClientOrderId id, std::int64_t now) noexcept {
        table[id.value % kPlaces] = {id.value, now};
    }
    void end(Table& table, ClientOrderId id, std::int64_t now, LatencyHop hop) noexcept;

    RecordSink& next_;
    std::function<std::int64_t()> now_ns_;
    std::atomic<bool> on_{false};
    std::array<LogHistogram, kLatencyHopCount> hops_;
    Table sent_{}, canceled_{};
};

}  // namespace fermata
