#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
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

/// Reconciles every venue with our own books whenever its session comes up: asks for all its open
/// orders, waits until what it reported before is on record too, compares, asks for the orders that
/// are missing there one by one, and lets new orders pass when nothing differs any more. At the
/// start of a process nothing new is accepted at all before that (RECOVERING).
///
/// What a halt was to cancel while a session was down is canceled when it is reconciled again.
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
    /// A person looked at what differs, or at a venue that is down, and accepts it: RECOVERING
    /// ends, and new orders pass to every venue that is up. What is to be told when there is
    /// nothing to accept (yet); else empty.
    [[nodiscard]] std::string accept(std::uint32_t actor, std::uint32_t other = kNoActor);

    /// Goes on with what is due. What it returns is for the trading stage: called again until
    /// there is nothing more.
    [[nodiscard]] std::optional<OrderEvent> work(Timestamp now);
    /// All venues are reconciled, or accepted as they are.
    [[nodiscard]] bool recovered() const noexcept { return recovered_; }

private:
    struct Venue {
        DeskVenue with;
        VenueStanding standing = VenueStanding::kDown;
        bool asked = false;
        Timestamp asked_at, told_at;
        bool told = false;  // all of it
        bool accepted = false;
        unsigned silences = 0;  // questions since the logon that were not answered
        std::vector<ToldOrder> orders;
        std::map<ClientOrderId, Timestamp> questions;
        std::vector<Difference> differences;
    };

    void ask(Venue& v, Timestamp now);
    void cancel_again(Timestamp now);
    void look(Venue& v, VenueId id, Timestamp now);
    [[nodiscard]] bool resolve(Venue& v, const Difference& d, Timestamp now);
    void differ(Venue& v, std::vector<Difference> found, Timestamp now);
    void agree(Venue& v, VenueId id, Timestamp now);
    void say(const std::string& text) const {
        if (report_) report_(text);
    }
    [[nodiscard]] std::string instrument_name(InstrumentId id) const;

    std::vector<std::string> instruments_;
    Settings settings_;
    std::function<void(const std::string&)> report_;
    SentBook book_;
    mutable std::mutex mutex_;  // of what follows
    std::vector<Venue> venues_;
    std::deque<OrderEvent> out_;
    std::vector<std::size_t> to_ask_;  // venues, of all their orders
    /// Halts in force that cancel, by scope and target.
    std::map<std::pair<ControlScope, std::uint64_t>, ControlData> cancels_;
    bool recovered_ = false;  // every venue is reconciled or accepted
    bool released_ = false;
    std::uint32_t actor_ = kNoActor;  // who accepted it ...
    std::uint32_t other_ = kNoActor;  // ... and with whom
};

}  // namespace fermata
