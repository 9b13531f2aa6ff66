#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/cli/report_text.hpp"
#include "daemon/control/view_state.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// Who saw an alert.
struct Acknowledged {
    std::uint32_t actor = kNoActor;
    std::int64_t when_ns = 0;
    std::string reason;
};

/// A part of a list: rows behind the key `after`, at most `count`.
struct Page {
    std::uint64_t after = 0;
    std::uint64_t count = 0;
};

/// How the state of a run stands in the answers of the control socket.
class ViewReport {
public:
    /// By StrategyId: their accounts, and their venues (may be empty). All outlive the report.
    ViewReport(const RunNames& names, const std::vector<AccountId>& strategy_accounts,
               const std::vector<VenueId>& strategy_venues)
        : names_(names), strategy_accounts_(strategy_accounts), strategy_venues_(strategy_venues) {}

    // Each: {"rows": [...], "next": the key to go on behind, when there are more}.
    [[nodiscard]] Report orders(const ViewState& v, const Page& page) const;
    [[nodiscard]] Report positions(const ViewState& v, const Page& page) const;
    [[nodiscard]] Report strategies(const ViewState& v, const Page& page) const;
    [[nodiscard]] Report limits(const ViewState& v, const Page& page) const;
    /// The newest first.
    [[nodiscard]] Report alerts(const ViewState& v, const Page& page,
                                const std::map<std::uint64_t, Acknowledged>& seen) const;
    /// What is not ACTIVE.
    [[nodiscard]] Report states(const ViewState& v) const;
    [[nodiscard]] Report cancels(const ViewState& v, ControlScope scope,
                                 std::uint64_t target) const;
    /// What a flatten would close: positions of strategies, without what strategies of one account
    /// hold against each other.
    [[nodiscard]] std::uint64_t positions_left(const ViewState& v, ControlScope scope,
                                               std::uint64_t target) const;

    [[nodiscard]] std::string target_name(ControlScope scope, std::uint64_t target) const;
    /// Nothing has that name.
    [[nodiscard]] std::optional<std::uint64_t> find_target(ControlScope scope,
                                                           std::string_view name) const;
    /// What lets the strategy's orders through, with its account and the firm.
    [[nodiscard]] TradingState strategy_state(const ViewState& v, StrategyId id) const;

private:
    void add_state(Report& rows, ControlScope scope, std::uint64_t target, const ScopeState& s,
                   std::int64_t ends_ns) const;

    const RunNames& names_;
    const std::vector<AccountId>& strategy_accounts_;
    const std::vector<VenueId>& strategy_venues_;
};

/// "uid 1000 (ann)", "control DRAWDOWN", "-".
[[nodiscard]] std::string actor_text(std::uint32_t actor, std::uint8_t control = 0xff);

}  // namespace fermata
