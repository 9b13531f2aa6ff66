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

#include "core/event/order_event.hpp"
#include "core/port/order_link.hpp"
#include "core/port/record_sink.hpp"
#include "daemon/live/reconciliation.hpp"
#include "daemon/live/sent_book.hpp"
#include "daemon/live/venue_link.hpp"

namespace fermata {

/// One venue outside of the process, as the desk deals with it.
struct DeskVenue {
    std::string name;
    VenueLink* link = nullptr;
    /// Asks the venue for all its open orders; false: it does not know the request, or is down. Any
    /// thread.
    std::function<bool()> ask_all;
    bool tells_all = false;  ///< It understands that request.
    /// Cancels everything that is open there for our session, with one request; false: the session
    /// is down. Any thread. Empty: the venue knows no such request.
    std::function<bool()> cancel_all = {};
};

/// How a venue stands with us.
enum class VenueStanding : std::uint8_t {
    kDown,        ///< No session.
    kAsking,      ///< Logged on; its books are being compared with ours.
    kDiffers,     ///< They differ: see `differences`. Nothing new is sent.
    kReconciled,  ///< Equal.
    kEnded,       ///< The session is over for this process: see the alert.
};

[[nodiscard]] std::string_view name(VenueStanding standing) noexcept;  ///< "down", ...

/// What became of one venue when somebody accepted the venues as they stand.
struct VenueAcceptance {
    enum class Outcome : std::uint8_t {
        kNothing,   ///< There was nothing to accept.
        kAccepted,  ///< As it is, from now on.
        kNot,       ///< It cannot be accepted yet: `said` says why.
    };
    VenueId venue;
    Outcome outcome = Outcome::kNothing;
    std::string said;  ///< What that means, or why not; for the operator.
};

struct DeskAcceptance {
    std::vector<VenueAcceptance> venues;  ///< All, by VenueId.
    bool ends_recovering = false;         ///< It was in force, and ends with this.
    bool waits = false;                   ///< It goes on, because not every venue was accepted.
};

/// How one venue stands, for the operator.
struct VenueReport {
    VenueStanding standing = VenueStanding::kDown;
    bool accepted = false;
    std::vector<std::string> differences;  ///< In words.
};

/// What may be open at the venues that is not among our own open orders.
struct ElsewhereOpen {
    std::size_t not_ours = 0;  ///< Orders that they told of, and that are not ours.
    /// Venues, by name, of which it is not known what is open there: they are down, do not answer,
    /// or have not been compared yet.
    std::vector<std::string> not_compared;
    /// Those that cannot be asked, nor be told to cancel everything.
    std::vector<std::string> cannot_tell;
};

/// Reconciles every venue with our own books whenever its session comes up: asks for all its open
/// orders, waits until what it reported before is on record too, compares, asks for the orders that
/// are missing there one by one, and lets new orders pass when nothing differs any more. At the
/// start of a process nothing new is accepted at all before that (RECOVERING).
///
/// What a halt was to cancel while a session was down is canceled when it is reconciled again. A
/// halt of the firm, the venue or the instrument that cancels everything also cancels the orders
/// there that are not ours: an earlier process or session may have left them.
///
/// A fill of an order that is unknown here leaves the positions here without it. That is a
/// difference until people accept it, also when the order is over.
///
/// A venue that is reconciled differs again when it counts more of an order as filled than its
/// fills on record come to, for longer than `settle`: a fill was not reported. Nothing new is sent
/// to it, and it is asked, until the fill is on record, or it counts what is, or people accept it.
/// It is asked as well when it refused to change an order that it has not open any more, without
/// having said how that ended.
///
/// A replace that a reconciled venue does not answer for longer than `patience` is asked about,
/// too: it is answered here when the venue calls the order by it, has the terms of before, or has
/// nothing of the order open any more.
///
/// What it decides reaches the trading stage as events on record, so that a re-run needs no desk.
///
/// Threads: `on_link` and the like on the threads of the links; `on_record` on the journal's;
///          `work` and what is not said otherwise on the feed's.
class VenueDesk final : public LinkObserver, public RecordSink {
public:
    struct Settings {
        /// What the venue said before it told of its orders may need so long until it is on record.
        Duration settle = Duration::milliseconds(500);
        /// Without an answer to a question for so long, it is put again.
        Duration patience = Duration::seconds(5);
        bool release_when_equal = false;  ///< Else an operator ends RECOVERING.
    };

    /// `venues` by VenueId. `report` (lines for the operator) is called on any thread.
    VenueDesk(std::vector<DeskVenue> venues, std::vector<std::string> instruments,
              Settings settings, std::function<void(const std::string&)> report);

    /// Before the links start: what earlier records say was sent is made known to them, and what a
    /// venue said that is not on record is asked for again. `recovering`: an earlier process did
    /// not end it, or this one begins with it.
    void begin(bool resumed);

    // On any thread.
    void on_link(const LinkEvent& event) noexcept override;
    void on_status(const LinkOrderStatus& status) noexcept override;
    void on_raw(Timestamp, VenueId, bool, std::string_view) noexcept override {}
    void on_record(const OrderEvent& event) override;
    [[nodiscard]] VenueStanding standing(VenueId venue) const;
    [[nodiscard]] std::vector<Difference> differences() const;
    /// Of each venue, by VenueId.
    [[nodiscard]] std::vector<VenueReport> reports() const;
    /// Of what a halt of this scope and target means. Orders that are not ours belong to no
    /// strategy or account that is known.
    [[nodiscard]] ElsewhereOpen open_elsewhere(ControlScope scope, std::uint64_t target) const;
    /// A person looked at what differs, or at a venue that is down, and accepts it: new orders pass
    /// to it if it is up, and RECOVERING ends unless a venue cannot be accepted yet. Fills that are
    /// missing are never booked: their orders count as filled as far as that is on record, and end
    /// here when they are over there.
    [[nodiscard]] DeskAcceptance accept(std::uint32_t actor, std::uint32_t other = kNoActor);

    /// Goes on with what is due. What it returns is for the trading stage: called again until
    /// there is nothing more.
    [[nodiscard]] std::optional<OrderEvent> work(Timestamp now);
    /// All venues are reconciled, or accepted as they are.
    [[nodiscard]] bool recovered() const noexcept { return recovered_; }

private:
    /// So often a venue is asked in vain before a person may go on without its answer.
    static constexpr unsigned kSilencesMax = 3;
    /// From a cancel that was refused to the next one of the halt that it is of.
    static constexpr Duration kRepeatAfter = Duration::seconds(1);

    struct Question {
        Timestamp at;
        std::uint64_t after = 0;  // SentBook::changes() then
    };
    struct Stranger {
        Timestamp at;  // canceled last
        unsigned times = 0;
    };
    struct Venue {
        DeskVenue with;
        VenueStanding standing = VenueStanding::kDown;
        bool asked = false;
        Timestamp asked_at, told_at;
        std::uint64_t asked_after = 0;  // SentBook::changes() then
        bool told = false;              // all of it
        bool accepted = false;
        unsigned silences = 0;  // questions since the logon that were not answered
        std::vector<ToldOrder> orders;
        std::map<ClientOrderId, Question> questions;
        std::vector<Difference> differences;
        std::map<ClientOrderId, Quantity> excusing;  // accepted, and not on record yet
        /// The same, of orders that are not ours.
        std::map<std::pair<ClientOrderId, InstrumentId>, Quantity> excused_fills;
        /// Orders that are not ours and were canceled, by what they are called.
        std::map<std::pair<ClientOrderId, std::string>, Stranger> strangers;
        Timestamp strangers_at;               // the newest cancel of one
        Timestamp unseen_at;                  // the newest cancel of everything, known or not
        bool unseen_done = false;             // the venue said that it did, since the newest halt
        bool freed_some = false;              // answers in its place are on their way
        bool asks_again = false;              // people halted it: what became of older cancels?
        std::set<ClientOrderId> ending;       // ended in its place, the same
        std::set<ClientOrderId> looked_into;  // their end was not reported: asked for once
        /// Cancels that it never got, answered in its place: order, and number of the request.
        std::set<std::pair<ClientOrderId, std::uint32_t>> freed;
        /// The same of replaces that it does not answer; how often it was asked because of one.
        std::set<std::pair<ClientOrderId, std::uint32_t>> replaced;
        std::map<std::pair<ClientOrderId, std::uint32_t>, unsigned> replaces_asked;
    };

    // venue_desk_rounds.cpp
    void ask(Venue& v, Timestamp now);
    void cancel_again(Timestamp now);
    void repeat_refused(Timestamp now);
    void look(Venue& v, VenueId id, Timestamp now);
    [[nodiscard]] bool frees_cancels(Venue& v, const std::vector<BookedOrder>& ours, Timestamp now);
    void notice_unreported(Venue& v, VenueId id, Timestamp now);
    void end_excused(Venue& v, VenueId id, Timestamp now);
    // venue_desk_replaces.cpp
    [[nodiscard]] bool settles_replaces(Venue& v, VenueId id, Timestamp now);
    [[nodiscard]] bool misses_replaces(Venue& v, VenueId id, Timestamp now) const;
    // venue_desk_strangers.cpp
    void cancel_strangers(Venue& v, VenueId id, Timestamp now);
    void cancel_unseen(Venue& v, VenueId id, Timestamp now);
    [[nodiscard]] bool all_is_canceled(VenueId id) const;
    [[nodiscard]] bool means_strangers(const Venue& v, VenueId id,
                                       const std::vector<Difference>& found) const;
    [[nodiscard]] bool awaits_strangers(const Venue& v, Timestamp now) const;
    void forget_ended_strangers(Venue& v, const std::vector<Difference>& found) const;
    void add_foreign_fills(const Venue& v, VenueId id, std::vector<Difference>& to) const;
    // venue_desk_rounds.cpp
    enum class Resolved : std::uint8_t { kNo, kWaits, kDone };
    [[nodiscard]] Resolved resolve(Venue& v, const Difference& d, Timestamp now);
    [[nodiscard]] Resolved believe(Venue& v, const BookedOrder& known, std::size_t told,
                                   Timestamp now);
    [[nodiscard]] bool settles(const Venue& v, const Difference& d, Timestamp now) const;
    void differ(Venue& v, std::vector<Difference> found, Timestamp now);
    void agree(Venue& v, VenueId id, Timestamp now);
    void put_on_record(const Difference& d, DifferenceKind kind, Quantity theirs, Timestamp now);
    [[nodiscard]] std::string accept_one(Venue& v);

    void say(const std::string& text) const {
        if (report_) report_(text);
    }
    [[nodiscard]] std::string instrument_name(InstrumentId id) const;
    [[nodiscard]] std::string what_follows(bool released) const;

    std::vector<std::string> instruments_;
    Settings settings_;
    std::function<void(const std::string&)> report_;
    SentBook book_;
    mutable std::mutex mutex_;  // of what follows
    std::vector<Venue> venues_;
    std::deque<OrderEvent> out_;
    std::vector<std::size_t> to_ask_;     // venues, of all their orders
    std::vector<std::size_t> to_cancel_;  // venues, all their orders
    /// Halts in force that cancel, by scope and target.
    std::map<std::pair<ControlScope, std::uint64_t>, ControlData> cancels_;
    std::size_t repeated_ = 0;             // of these, on their way to the record once more
    std::optional<Timestamp> refused_at_;  // a cancel, while one of these stands
    /// Trading states that are not ACTIVE, by scope and target.
    std::map<std::pair<ControlScope, std::uint64_t>, TradingState> stopped_;
    bool recovered_ = false;  // every venue is reconciled or accepted
    bool released_ = false;
    std::uint32_t actor_ = kNoActor;  // who accepted it ...
    std::uint32_t other_ = kNoActor;  // ... and with whom
};

}  // namespace fermata
