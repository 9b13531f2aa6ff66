#pragma once

#include <cstdint>

#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/trips.hpp"

namespace fermata {

class StateArchive;

/// RECOVERING, BUILD, JOURNAL, DROP_COPY: what the firm's own systems say of themselves. All of
/// them stop every request, reductions too; cancels pass, as always.
///
/// Told:   each says nothing, and is not marked as checked, before it was told something: a replay
///         has no venue to be reconciled with, no approved build and no drop copy.
/// Ends:   RECOVERING and BUILD when the opposite is told. What tripped, also what BUILD halted,
///         stays until an operator releases the firm; a build that is not approved is refused after
///         that, too.
/// Bounds: a lag or a difference at its limit passes, and more trips, once until the release.
class RunHealth {
public:
    explicit RunHealth(const LimitTable& limits) { adopt(limits); }
    /// Limits were changed while this runs.
    void adopt(const LimitTable& limits) noexcept;

    /// The run is not (any more) reconciled with its venues.
    void on_recovering(bool recovering) noexcept {
        recovering_ = recovering ? State::kBad : State::kGood;
    }
    /// Hashes of what runs and of what was approved. True when it trips the firm: at the first
    /// difference, and at the first after they were equal.
    [[nodiscard]] bool on_build(std::uint64_t running, std::uint64_t approved) noexcept;
    /// How far the journal's readers are behind it. True when it trips the firm.
    [[nodiscard]] bool on_journal(Duration age, std::int64_t bytes) noexcept;
    /// For how long the drop copy and the own state have differed. True when it trips the firm.
    [[nodiscard]] bool on_drop_copy(Duration differs) noexcept;

    /// What has just tripped the firm.
    [[nodiscard]] Measured journal_measured(Duration age, std::int64_t bytes) const noexcept {
        return journal_age_on_ && age > journal_age_
                   ? Measured{LimitUnit::kDuration, age.ns, journal_age_.ns}
                   : Measured{LimitUnit::kCount, bytes, journal_bytes_};
    }
    [[nodiscard]] Measured drop_copy_measured(Duration differs) const noexcept {
        return {LimitUnit::kDuration, differs.ns, drop_copy_.ns};
    }

    /// An operator released the firm.
    void release() noexcept { journal_tripped_ = drop_copy_tripped_ = false; }
    void check(Findings& out) const noexcept {
        if (any_told()) [[unlikely]]
            judge(out);
    }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    enum class State : std::uint8_t { kNotTold = 0, kGood = 1, kBad = 2 };

    [[nodiscard]] bool any_told() const noexcept {
        return recovering_ != State::kNotTold || build_ != State::kNotTold || journal_told_ ||
               drop_copy_told_;
    }
    void judge(Findings& out) const noexcept;

    Duration journal_age_;
    std::int64_t journal_bytes_ = 0;
    Duration drop_copy_;
    bool journal_age_on_ = false, journal_bytes_on_ = false, drop_copy_on_ = false;
    State recovering_ = State::kNotTold;
    State build_ = State::kNotTold;
    bool journal_told_ = false;
    bool journal_tripped_ = false;
    bool drop_copy_told_ = false;
    bool drop_copy_tripped_ = false;
};

}  // namespace fermata
