#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// How the volume of one instrument spreads over its trading day: for each bin of five minutes the
/// median, over the last complete days, of the share of the day's volume in it.
///
/// A day begins where its session opens, without a calendar at midnight UTC, and is over when the
/// next one begins. Days that last, from the first to the last bin with volume, for less than 3/4
/// of the longest (half days) stand apart and do not count. Only days that are over count: nothing
/// here knows the volume of the day in hand.
/// The day in which watching begins counts only when it was seen from its beginning: when its first
/// volume is in its first bin, or in the bin where that of the next day is. The first session event
/// tells a state, not an opening: a session that is open then has a beginning that nobody saw.
/// Memory: fixed at construction, about 46 kB.
class VolumeProfile {
public:
    static constexpr std::int64_t kBin = 300'000'000'000;  // ns
    static constexpr std::size_t kBins = 288;
    static constexpr std::size_t kDays = 20;

    VolumeProfile() : days_(kDays) {}

    void on_session(Timestamp ts, bool open) noexcept;
    void add(Timestamp ts, Quantity volume) noexcept;

    /// Nothing more comes from before `now`.
    void advance(Timestamp now) noexcept;

    /// Complete full days that count.
    [[nodiscard]] std::size_t days() const noexcept;
    /// The expected shares of the volume in `slices` equal spans of [begin, end); all zero when no
    /// day counts. The curve repeats every 24 hours.
    [[nodiscard]] std::vector<double> shares(Timestamp begin, Timestamp end,
                                             std::int32_t slices) const;

    void persist(StateArchive& a);

private:
    struct Day {
        std::array<double, kBins> volume{};  // units
        std::uint32_t first_bin = 0;         // with volume
        std::uint32_t last_bin = 0;          // behind the last one with volume
        void persist(StateArchive& a);
    };
    void begin_day(Timestamp ts) noexcept;
    void judge_first_day() noexcept;
    [[nodiscard]] bool counts(const Day& day) const noexcept;

    std::vector<Day> days_;  // ring of complete ones
    std::uint64_t complete_ = 0;
    Day today_;
    Timestamp opened_{Timestamp::min()};  // of today; min: its beginning is not known
    bool has_sessions_ = false;
    bool first_judged_ = false;  // whether the first day was seen from its beginning
};

}  // namespace fermata
