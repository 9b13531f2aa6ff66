#include "risk/run_health.hpp"

#include <utility>

namespace fermata {

void RunHealth::adopt(const LimitTable& limits) noexcept {
    const Limits& common = limits.common();
    journal_age_ = common.duration(LimitId::kJournal);
    journal_bytes_ = common.raw(LimitId::kJournalBytes);
    drop_copy_ = common.duration(LimitId::kDropCopy);
    journal_age_on_ = common.on(LimitId::kJournal);
    journal_bytes_on_ = common.on(LimitId::kJournalBytes);
    drop_copy_on_ = common.on(LimitId::kDropCopy);
}

bool RunHealth::on_build(std::uint64_t running, std::uint64_t approved) noexcept {
    const State now = running == approved ? State::kGood : State::kBad;
    return std::exchange(build_, now) != now && now == State::kBad;
}

bool RunHealth::on_journal(Duration age, std::int64_t bytes) noexcept {
    if (!journal_age_on_ && !journal_bytes_on_) return false;
    journal_told_ = true;
    const bool behind =
        (journal_age_on_ && age > journal_age_) || (journal_bytes_on_ && bytes > journal_bytes_);
    return behind && !std::exchange(journal_tripped_, true);
}

bool RunHealth::on_drop_copy(Duration differs) noexcept {
    if (!drop_copy_on_) return false;
    drop_copy_told_ = true;
    return differs > drop_copy_ && !std::exchange(drop_copy_tripped_, true);
}

void RunHealth::judge(Findings& out) const noexcept {
    using enum ControlId;
    const auto say = [&out](ControlId id, bool told, bool bad, Fault fault) {
        if (!told) return;
        out.checked(id);
        if (bad) out.refuse(id, Scope::kFirm, fault);
    };
    say(kRecovering, recovering_ != State::kNotTold, recovering_ == State::kBad,
        Fault::kNotReconciled);
    say(kBuild, build_ != State::kNotTold, build_ == State::kBad, Fault::kNotApproved);
    say(kJournal, journal_told_, journal_tripped_, Fault::kTripped);
    say(kDropCopy, drop_copy_told_, drop_copy_tripped_, Fault::kTripped);
}

}  // namespace fermata
