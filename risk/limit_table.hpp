#pragma once

#include <vector>

#include "core/types/ids.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

/// The limits that apply to one order: the common ones, replaced by the tightest of the overrides
/// of its strategy, instrument and account.
///
/// Owner:  the gate. Memory: fixed at construction; an account without overrides costs a test.
class LimitTable {
public:
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
    const Limits& merge(const Limits* s, const Limits* i, const Limits* a) noexcept;

    Limits common_;
    Limits merged_;
    Rows by_strategy_, by_instrument_, by_account_;  // in force: overridden
    bool any_;
};

}  // namespace fermata
