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
      any_(false) {
    overridden_.reserve(kLimitCount);
    changes_.reserve(kChangesMax);
    for (const LimitOverride& o : config.overrides()) {
        const ControlScope scope = o.scope == Scope::kStrategy     ? ControlScope::kStrategy
                                   : o.scope == Scope::kInstrument ? ControlScope::kInstrument
                                                                   : ControlScope::kAccount;
        put({o.value, o.target, scope, o.limit});
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

bool LimitTable::change(ControlScope scope, std::uint64_t target, LimitId id,
                        std::int64_t value) noexcept {
    const Change made{value, static_cast<std::uint32_t>(scope == ControlScope::kFirm ? 0 : target),
                      scope, id};
    const auto known = std::find_if(changes_.begin(), changes_.end(), [&](const Change& c) {
        return c.scope == made.scope && c.target == made.target && c.limit == made.limit;
    });
    if (known != changes_.end()) {
        known->value = value;
    } else if (changes_.size() < kChangesMax) {
        changes_.push_back(made);
    } else {
        return false;
    }
    put(made);
    return true;
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
    a.all<Change>(value, target, choice(scope, kControlScopeCount), choice(limit, kLimitCount));
}

void LimitTable::persist(StateArchive& a) {
    a.sized(changes_, kChangesMax);
    if (!a.reading()) return;
    for (const Change& c : changes_) {
        const Rows* all = rows(c.scope);
        const bool known =
            c.scope == ControlScope::kFirm || (all != nullptr && c.target < all->size());
        if (!a.require(known, "a limit was changed of what does not exist")) return;
        put(c);
    }
}

}  // namespace fermata
