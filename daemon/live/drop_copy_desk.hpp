#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/port/drop_copy_link.hpp"
#include "core/port/order_link.hpp"
#include "core/port/record_sink.hpp"
#include "daemon/fix/drop_copy_reconciler.hpp"
#include "daemon/live/venue_link.hpp"

namespace fermata {

/// One drop copy session, as the desk deals with it.
struct CopySession {
    std::string name;
    std::size_t index = 0;  ///< In Config::sessions.
    VenueId venue;
    DropCopyLink* link = nullptr;
};

/// Where the run began whose fills are compared.
struct CopyBegin {
    Timestamp start;          ///< Zero: nothing was before it.
    std::uint16_t epoch = 0;  ///< Of its first order ids, on the day of its start.
};

/// How the drop copies stand with us.
struct CopyStanding {
    struct Session {
        std::string name;
        VenueId venue;
        std::string_view state;  ///< "up", "down", "ended".
    };
    std::vector<Session> sessions;
    Duration differs;                      ///< For how long; zero: all agrees.
    std::vector<std::string> differences;  ///< In words, oldest first; the first few.
};

/// Compares what is on record with what the drop copy sessions tell, and lets the trading stage
/// know: as the input of DROP_COPY, on record, so that a re-run needs no desk. Where that is
/// configured, what only a drop copy tells is given to the trading stage as the report that never
/// came.
///
/// Before the run: a drop copy session that is used for the first time tells everything of its day.
///         Executions from before the run's start, by the venue's clock, are another run's or
///         nobody's: they are counted, told in one line, and not compared. An order of this run is
///         compared whatever the venue's clock says.
///
/// Threads: `on_record` on the journal's (before it runs: the owner's); `on_link` on those of the
///          links; `begin` before they start; `work` on the feed's; the rest on any.
class DropCopyDesk final : public RecordSink {
public:
    /// `venues` by VenueId: their names, and where reports in their place go.
    struct Venue {
        std::string name;
        VenueLink* link = nullptr;
    };
    /// `report` (lines for the operator) is called on any thread.
    DropCopyDesk(std::vector<CopySession> sessions, std::vector<Venue> venues,
                 std::vector<std::string> instruments, DropCopyReconciler::Settings settings,
                 std::function<void(const std::string&)> report, CopyBegin begun = {});

    void on_record(const OrderEvent& event) override;
    /// All earlier records were told. `resumed`: there were some, and what the venues told behind
    /// the newest message that was compared is asked for again.
    void begin(bool resumed, Timestamp now);
    /// Of the session at this place in the list of the constructor.
    void on_link(std::size_t session, const LinkEvent& event) noexcept;
    /// Takes what came. What it returns is for the trading stage: called again until there is
    /// nothing more.
    [[nodiscard]] std::optional<OrderEvent> work(Timestamp now);

    /// Somebody compared everything up to now, or accepts it as it is. False: nothing differs.
    [[nodiscard]] bool accept(std::uint32_t actor, std::uint32_t other = kNoActor);
    [[nodiscard]] CopyStanding standing(Timestamp now) const;

private:
    struct Session {
        CopySession with;
        std::string_view state = "down";
        std::uint64_t newest = 0;  // message that was taken
    };

    void take(Timestamp now);
    [[nodiscard]] bool is_from_before(const DropCopyReport& report) const noexcept;
    void tell_earlier(Timestamp now);
    /// Grows with all that was taken.
    [[nodiscard]] std::uint64_t taken() const noexcept { return reconciler_.taken() + earlier_; }
    void tell_differences(Timestamp now);
    void mark(Timestamp now);
    void note_text(const DropCopyReport& report);
    [[nodiscard]] std::string execution(VenueId venue, ExecId id) const;
    [[nodiscard]] std::string describe(const CopyDifference& d) const;
    void say(const std::string& text) const {
        if (report_) report_(text);
    }

    std::vector<Venue> venues_;
    std::vector<std::string> instruments_;
    Duration every_;
    CopyBegin begun_;
    std::function<void(const std::string&)> report_;
    mutable std::mutex mutex_;  // of what follows
    std::vector<Session> sessions_;
    DropCopyReconciler reconciler_;
    std::map<std::size_t, std::uint64_t> compared_;  // by index in the configuration: the message
    std::set<std::pair<VenueId, ExecId>> told_;      // differences that the operator knows
    std::map<std::pair<VenueId, ExecId>, std::string> texts_;  // ExecIDs of the newest copies
    std::deque<std::pair<VenueId, ExecId>> texts_order_;       // oldest first
    std::deque<OrderEvent> out_;
    std::uint64_t earlier_ = 0;       // executions from before the run
    std::uint64_t earlier_told_ = 0;  // of them
    Timestamp earlier_at_;            // the newest of them came
    std::uint64_t marked_ = 0;        // what was taken at the last mark
    Timestamp marked_at_;
    std::uint32_t actor_ = kNoActor, other_ = kNoActor;  // who accepted
};

}  // namespace fermata
