#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/event/risk_data.hpp"
#include "core/types/ids.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

class StateArchive;

/// The limits that apply to one order: the common ones, replaced by the tightest of the overrides
/// of its strategy, instrument and account.
///
/// Owner:  the gate. Memory: fixed at construction; while nothing is overridden that costs a test.
class LimitTable {
public:
    /// Changes by persons that can be remembered, one for each limit of each target. Those by dates
    /// have room of their own.
    static constexpr std::size_t kChangesMax = 4'096;

    /// Overrides of ids beyond the counts are a bug of whoever resolved the names.
    LimitTable(const RiskConfig& config, std::size_t strategies, std::size_t instruments,
               std::size_t accounts);

    /// Valid until the next call.
    [[nodiscard]] const Limits& resolve(StrategyId s, InstrumentId i, AccountId a) noexcept {
        if (!any_) return common_;
        return merge(row(by_strategy_, s.value), row(by_instrument_, i.value),
                     row(by_account_, a.value));
    }
    [[nodiscard]] const Limits& common() const noexcept { return common_; }
    /// Of a strategy alone, whatever it trades and where. Valid until the next call.
    [[nodiscard]] const Limits& of_strategy(StrategyId s) noexcept {
        return any_ ? merge(row(by_strategy_, s.value), nullptr, nullptr) : common_;
    }

    [[nodiscard]] const Limits& of_instrument(InstrumentId i) noexcept {
        return any_ ? merge(nullptr, row(by_instrument_, i.value), nullptr) : common_;
    }
    [[nodiscard]] const Limits& of_account(AccountId a) noexcept {
        return any_ ? merge(nullptr, nullptr, row(by_account_, a.value)) : common_;
    }

    /// What is in force for that target: a value of its own, or the common one; nullopt when it is
    /// switched off there. kFirm: the common one. The target must exist.
    [[nodiscard]] std::optional<std::int64_t> in_force(ControlScope scope, std::uint64_t target,
                                                       LimitId id) const noexcept;
    /// The loosest value that any change may set.
    [[nodiscard]] std::int64_t hard(LimitId id) const noexcept { return hard_.raw(id); }
    /// Sets the value of one target, or the common one (kFirm), from the next call on. Whether it
    /// may is the caller's to know; see limit_change.hpp. False when too many were changed.
    bool change(ControlScope scope, std::uint64_t target, LimitId id, std::int64_t value) noexcept;
    /// The same, as one of the dates in the configuration says.
    void change_by_date(ControlScope scope, std::uint64_t target, LimitId id,
                        std::int64_t value) noexcept;
    /// What a person set last for that target, or else for all.
    [[nodiscard]] std::optional<std::int64_t> asked(ControlScope scope, std::uint64_t target,
                                                    LimitId id) const noexcept;
    /// What was changed since the configuration; see core/base/state_archive.hpp.
    void persist(StateArchive& a);

    /// Some order has that limit.
    [[nodiscard]] bool anywhere(LimitId id) const noexcept {
        if (common_.on(id)) return true;
        for (const std::vector<Limits>* rows : {&by_strategy_, &by_instrument_, &by_account_}) {
            for (const Limits& row : *rows) {
                if (row.on(id)) return true;
            }
        }
        return false;
    }

private:
    using Rows = std::vector<Limits>;
    [[nodiscard]] static const Limits* row(const Rows& rows, std::size_t id) noexcept {
        return id < rows.size() ? &rows[id] : nullptr;
    }
    struct Change {
        std::int64_t value = 0;
        std::int64_t asked = 0;  // what a person set, if one did
        std::uint32_t target = 0;
        ControlScope scope = ControlScope::kFirm;
        LimitId limit{};
        bool is_asked = false;
        void persist(StateArchive& a);
    };
    const Limits& merge(const Limits* s, const Limits* i, const Limits* a) noexcept;
    [[nodiscard]] const Rows* rows(ControlScope scope) const noexcept;
    void put(const Change& change) noexcept;
    /// The place of what was changed; size() when it was not.
    [[nodiscard]] std::size_t find(ControlScope scope, std::uint64_t target,
                                   LimitId id) const noexcept;
    Change& find_or_add(ControlScope scope, std::uint64_t target, LimitId id) noexcept;

    Limits common_;
    Limits hard_;
    Limits merged_;
    Rows by_strategy_, by_instrument_, by_account_;  // in force: overridden
    std::vector<LimitId> overridden_;                // that some row has
    std::vector<Change> changes_;                    // room for all persons' and all dates'
    std::size_t changes_max_;
    std::size_t asked_ = 0;  // of those, by persons
    bool any_;
};

}  // namespace fermata
