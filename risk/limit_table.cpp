#include "risk/limit_table.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"

namespace fermata {

LimitTable::LimitTable(const RiskConfig& config, std::size_t strategies, std::size_t instruments,
                       std::size_t accounts)
    : common_(config.limits()),
      hard_(config.hard()),
      by_strategy_(strategies),
      by_instrument_(instruments),
      by_account_(accounts),
      changes_max_(kChangesMax + config.schedule().size()),
      any_(false) {
    overridden_.reserve(kLimitCount);
    changes_.reserve(changes_max_);
    for (const LimitOverride& o : config.overrides()) {
        const ControlScope scope = o.scope == Scope::kStrategy     ? ControlScope::kStrategy
                                   : o.scope == Scope::kInstrument ? ControlScope::kInstrument
                                                                   : ControlScope::kAccount;
        put({o.value, 0, o.target, scope, o.limit});
    }
}

const LimitTable::Rows* LimitTable::rows(ControlScope scope) const noexcept {
    switch (scope) {
        case ControlScope::kStrategy:
            return &by_strategy_;
        case ControlScope::kInstrument:
            return &by_instrument_;
        case ControlScope::kAccount:
            return &by_account_;
        case ControlScope::kFirm:
        case ControlScope::kVenue:
            break;
    }
    return nullptr;
}

void LimitTable::put(const Change& change) noexcept {
    if (change.scope == ControlScope::kFirm) {
        common_.set(change.limit, change.value);
        return;
    }
    Rows& all = change.scope == ControlScope::kStrategy     ? by_strategy_
                : change.scope == ControlScope::kInstrument ? by_instrument_
                                                            : by_account_;
    FERMATA_ASSERT(change.target < all.size());
    all[change.target].set(change.limit, change.value);
    if (std::find(overridden_.begin(), overridden_.end(), change.limit) == overridden_.end()) {
        overridden_.push_back(change.limit);
    }
    any_ = true;
}

std::optional<std::int64_t> LimitTable::in_force(ControlScope scope, std::uint64_t target,
                                                 LimitId id) const noexcept {
    if (const Rows* all = rows(scope); all != nullptr && (*all)[target].on(id)) {
        return (*all)[target].raw(id);
    }
    return common_.on(id) ? std::optional(common_.raw(id)) : std::nullopt;
}

std::size_t LimitTable::find(ControlScope scope, std::uint64_t target, LimitId id) const noexcept {
    if (scope == ControlScope::kFirm) target = 0;
    const auto known = std::find_if(changes_.begin(), changes_.end(), [&](const Change& c) {
        return c.scope == scope && c.target == target && c.limit == id;
    });
    return static_cast<std::size_t>(known - changes_.begin());
}

LimitTable::Change& LimitTable::find_or_add(ControlScope scope, std::uint64_t target,
                                            LimitId id) noexcept {
    const std::size_t known = find(scope, target, id);
    if (known < changes_.size()) return changes_[known];
    FERMATA_ASSERT(changes_.size() < changes_max_);
    if (scope == ControlScope::kFirm) target = 0;
    return changes_.emplace_back(Change{0, 0, static_cast<std::uint32_t>(target), scope, id});
}

bool LimitTable::change(ControlScope scope, std::uint64_t target, LimitId id,
                        std::int64_t value) noexcept {
    const std::size_t known = find(scope, target, id);
    const bool was_asked = known < changes_.size() && changes_[known].is_asked;
    if (!was_asked && asked_ == kChangesMax) return false;
    Change& made = find_or_add(scope, target, id);
    if (!was_asked) ++asked_;
    made.is_asked = true;
    made.asked = made.value = value;
    put(made);
    return true;
}

void LimitTable::change_by_date(ControlScope scope, std::uint64_t target, LimitId id,
                                std::int64_t value) noexcept {
    Change& made = find_or_add(scope, target, id);
    made.value = value;
    put(made);
}

std::optional<std::int64_t> LimitTable::asked(ControlScope scope, std::uint64_t target,
                                              LimitId id) const noexcept {
    for (const std::size_t n : {find(scope, target, id), find(ControlScope::kFirm, 0, id)}) {
        if (n < changes_.size() && changes_[n].is_asked) return changes_[n].asked;
    }
    return std::nullopt;
}

const Limits& LimitTable::merge(const Limits* s, const Limits* i, const Limits* a) noexcept {
    merged_ = common_;
    for (const LimitId id : overridden_) {
        bool found = false;
        std::int64_t tightest = 0;
        for (const Limits* row : {s, i, a}) {
            if (row == nullptr || !row->on(id)) continue;
            if (!found || looser(id, tightest, row->raw(id))) tightest = row->raw(id);
            found = true;
        }
        if (found) merged_.set(id, tightest);
    }
    return merged_;
}

void LimitTable::Change::persist(StateArchive& a) {
    a.all<Change>(value, asked, target, choice(scope, kControlScopeCount),
                  choice(limit, kLimitCount), is_asked);
}

void LimitTable::persist(StateArchive& a) {
    a.sized(changes_, changes_max_);
    if (!a.reading()) return;
    asked_ = static_cast<std::size_t>(std::ranges::count(changes_, true, &Change::is_asked));
    if (!a.require(asked_ <= kChangesMax, "too many limits were changed")) return;
    for (const Change& c : changes_) {
        const Rows* all = rows(c.scope);
        const bool known =
            c.scope == ControlScope::kFirm || (all != nullptr && c.target < all->size());
        if (!a.require(known, "a limit was changed of what does not exist")) return;
        put(c);
    }
}

}  // namespace fermata
