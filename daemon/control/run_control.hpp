#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/manifest.hpp"
#include "daemon/control/control_latch.hpp"
#include "daemon/control/control_log.hpp"
#include "daemon/control/control_queue.hpp"
#include "daemon/control/run_progress.hpp"
#include "daemon/control/run_view.hpp"
#include "daemon/control/view_report.hpp"
#include "ops/control/control_port.hpp"

namespace fermata {

/// What became of it when somebody accepted the venues and drop copies as they stand.
struct Acceptance {
    /// `accepted` (a row of each venue and copy: `venue`, `session`, `outcome` accepted, nothing or
    /// refused, `said`) and `recovering` (ends, goes_on or over).
    Report report;
    bool any = false;      ///< Something was accepted, or RECOVERING ends.
    bool refused = false;  ///< Something that differs was not accepted.
    std::string problem;   ///< Why nothing was, in words.
};

/// What the control socket needs to know of a run.
struct RunControlSetup {
    RunNames names;
    std::vector<AccountId> strategy_accounts;   ///< By StrategyId.
    std::vector<VenueId> strategy_venues = {};  ///< The same; may be empty.
    /// The latch file that the run's trading stage follows (TradingStage::use_latch); empty: halts
    /// end with the process.
    std::filesystem::path latch;
    std::filesystem::path log;  ///< Of what was commanded; empty: none is kept.
    /// How many different admins must ask for what loosens: 1 or 2.
    int admins = 2;
    /// The reader's clock for latch and log, UTC nanoseconds.
    std::function<std::int64_t()> clock;
    /// What `status` says of the process: mode, configuration, folder. Called on the control
    /// thread, like the others.
    std::function<Report()> about;
    /// Empty: it runs.
    std::function<SessionPhase()> phase = {};
    /// Null: what the newest record says is shown. Outlives the control.
    const FeedProgress* feed = nullptr;
    /// Rows of `sessions` and `latency`; empty where there are none.
    std::function<Report()> sessions;
    std::function<Report()> latency;
    /// What `status` says of the drop copies: null where there are none. May be empty.
    std::function<Report()> drop_copy;
    /// What `status` says of the venues' books beside ours: a row of each; may be empty.
    std::function<Report()> venues = {};
    /// What a halt of this scope and target means beside our own open orders: `not_ours`, orders at
    /// the venues that are not ours; by name, `not_compared`, venues of which it is not known what
    /// is open there, and `cannot_tell`, those that cannot say. May be empty.
    std::function<Report(ControlScope, std::uint64_t)> elsewhere = {};
    /// Accepts the venues as they stand, for one or two people. Empty where they are simulated.
    std::function<Acceptance(std::uint32_t actor, std::uint32_t other)> accept;
    /// Somebody said that they are there. What they are answered; empty where nobody asks for it.
    std::function<Report()> alive;
};

/// A run behind the control socket: answers from its view, and sends commands the way that
/// docs/kill-switch.md demands, the latch first.
///
/// Owner: the control thread.
class RunControl final : public console::ControlPort {
public:
    /// `view` and `queue` outlive it. Throws std::runtime_error when the log cannot be written.
    RunControl(RunControlSetup setup, RunView& view, ControlQueue& queue);

    [[nodiscard]] console::Answer answer(const console::Peer& peer,
                                         const console::Request& request) override;
    [[nodiscard]] std::uint64_t state_version() const noexcept override;
    void follow(bool on) override;
    void take_events(std::size_t most, std::vector<std::string>& out) override;

private:
    struct Asked {
        const console::Peer& peer;
        const console::Request& request;
        ControlScope scope;
        std::uint64_t target;
    };
    /// What one admin asked for, and waits for another.
    struct Proposal {
        console::Request request;
        std::uint32_t actor = 0;
        std::int64_t at_ns = 0;
    };

    [[nodiscard]] console::Answer done(Report report) const;
    [[nodiscard]] console::Answer refuse(console::Error error, std::string message) const;
    [[nodiscard]] std::shared_ptr<const ViewState> look();
    [[nodiscard]] console::Answer question(const Asked& a);
    [[nodiscard]] console::Answer status();
    void add_state(Report& report, const ViewState& v) const;
    void add_times(Report& report, const ViewState& v) const;
    [[nodiscard]] console::Answer command(const Asked& a);
    [[nodiscard]] console::Answer stop(const Asked& a, latch::Level level);
    [[nodiscard]] console::Answer release(const Asked& a);
    [[nodiscard]] console::Answer change_limit(const Asked& a);
    [[nodiscard]] console::Answer acknowledge(const Asked& a);
    [[nodiscard]] console::Answer accept(const Asked& a);
    /// An answer when another admin must agree first; nothing when one has.
    [[nodiscard]] std::optional<console::Answer> second(const Asked& a, std::uint32_t& other);
    [[nodiscard]] bool log(const Asked& a, const std::string& outcome);
    [[nodiscard]] bool send_control(const Asked& a, latch::Level level);

    RunControlSetup setup_;
    RunView& view_;
    ControlQueue& queue_;
    ViewReport report_;
    ControlLatch latch_;
    ControlLog log_;
    std::uint64_t base_;          // of the versions: differs in every start
    std::uint64_t commands_ = 0;  // accepted
    std::vector<Proposal> proposals_;
    std::map<std::uint64_t, Acknowledged> seen_;  // alerts, by number
    JournalManifest tables_;                      // names, as events in words want them
};

}  // namespace fermata
