#include "risk/limit_table.hpp"

#include "core/base/assert.hpp"

namespace fermata {

LimitTable::LimitTable(const RiskConfig& config, std::size_t strategies, std::size_t instruments,
                       std::size_t accounts)
    : common_(config.limits()), any_(!config.overrides().empty()) {
    if (!any_) return;
    by_strategy_.resize(strategies);
    by_instrument_.resize(instruments);
    by_account_.resize(accounts);
    for (const LimitOverride& o : config.overrides()) {
        Rows& rows = o.scope == Scope::kStrategy     ? by_strategy_
                     : o.scope == Scope::kInstrument ? by_instrument_
                                                     : by_account_;
        FERMATA_ASSERT(o.target < rows.size());
        rows[o.target].set(o.limit, o.value);
    }
}

const Limits& LimitTable::merge(const Limits* s, const Limits* i, const Limits* a) noexcept {
    merged_ = common_;
    for (const LimitDefinition& l : kLimits) {
        bool found = false;
        std::int64_t tightest = 0;
        for (const Limits* row : {s, i, a}) {
            if (row == nullptr || !row->on(l.id)) continue;
            if (!found || looser(l.id, tightest, row->raw(l.id))) tightest = row->raw(l.id);
            found = true;
        }
        if (found) merged_.set(l.id, tightest);
    }
    return merged_;
}

}  // namespace fermata
