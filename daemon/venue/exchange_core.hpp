#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/fix/venue_messages.hpp"
#include "adapters/fix/venue_request.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/market/stream.hpp"
#include "core/order/event_buffer.hpp"
#include "core/sim/simulated_exchange.hpp"
#include "core/types/instrument.hpp"
#include "daemon/venue/order_ledger.hpp"

namespace fermata::venue {

/// A member's session as the exchange sees it; sessions are called by their place in the list.
struct ExchangeMember {
    std::string comp_id;
    std::uint32_t firm = 0;
    std::vector<AccountId> accounts;  ///< The first is for orders that name none.
    bool orders = true, market_data = false, drop_copy = false;
    bool cancel_on_disconnect = false;
    bool of_firm = false;  ///< May cancel, change and ask about every order of its firm.
};

struct CoreSettings {
    SimConfig sim;
    std::vector<ExchangeMember> members;
    std::vector<std::string> accounts;  ///< Names by AccountId.
    std::vector<SimAccount> balances;
    std::size_t orders_max = 65'536;  ///< Live ones.
    std::size_t orders_kept = 1'000'000;
    /// A stop that is triggered is told by ExecType L, which FIX has since 5.0; else by D.
    bool triggered_by_l = true;
};

/// A message that is to go to a session.
struct Outgoing {
    std::size_t session = 0;
    fix::OutMessage message;
};

/// The exchange as one deterministic machine: requests and market data in, reports out. The same
/// inputs in the same order give the same reports, byte for byte; who replays them after a crash
/// has the exchange again as it was.
///
/// Owner:  the matching thread. Reads no clock: every call says what time it is, never going back.
/// Output: `out()`, which the caller empties.
class ExchangeCore {
public:
    /// `instruments` and `streams` outlive it.
    ExchangeCore(CoreSettings settings, const InstrumentTable& instruments,
                 const StreamTable& streams);

    void on_market(const MarketEvent& e);
    /// Of the kinds that are about orders.
    void on_request(std::size_t session, const fix::VenueRequest& request, Timestamp now);
    /// `wish`: what the logon said about cancel on disconnect, if it did.
    void on_logon(std::size_t session, std::optional<bool> wish);
    void on_logout(std::size_t session, Timestamp now);
    /// No orders and no matching in an instrument, or both again.
    void halt(InstrumentId instrument, bool halted);
    /// The newest fill that was not taken back is, or its price changes by `ticks`. False: there is
    /// none.
    bool bust_newest(Timestamp now);
    bool correct_newest(std::int64_t ticks, Timestamp now);

    [[nodiscard]] Timestamp next_due() const noexcept { return sim_.next_due(); }
    void advance(Timestamp now);

    [[nodiscard]] std::vector<Outgoing>& out() noexcept { return out_; }
    [[nodiscard]] const SimulatedExchange& matching() const noexcept { return sim_; }
    [[nodiscard]] OrderLedger& ledger() noexcept { return ledger_; }
    [[nodiscard]] bool halted(InstrumentId i) const noexcept { return sim_.halted(i); }
    [[nodiscard]] bool logged_on(std::size_t session) const noexcept { return on_[session]; }
    [[nodiscard]] const std::vector<ExchangeMember>& members() const noexcept {
        return settings_.members;
    }

    /// A request that never reached the exchange, as a fault wants it: answered as refused.
    void refuse(std::size_t session, const fix::VenueRequest& request, std::string_view text,
                Timestamp now);

private:
    struct Refusal {
        int code = 99;
        std::string text;
    };

    // exchange_requests.cpp
    void new_order(std::size_t session, const fix::OrderTerms& terms, const std::string& list_id,
                   bool repeated, Timestamp now);
    void order_list(std::size_t session, const fix::VenueRequest& request, Timestamp now);
    void change(std::size_t session, const fix::OrderTerms& terms, bool replace, bool repeated,
                Timestamp now);
    void order_status(std::size_t session, const fix::OrderTerms& terms, Timestamp now);
    void mass_status(std::size_t session, const fix::VenueRequest& request, Timestamp now);
    void mass_cancel(std::size_t session, const fix::VenueRequest& request, Timestamp now);
    [[nodiscard]] std::optional<Refusal> refusal_of(const ExchangeMember& member,
                                                    const fix::OrderTerms& terms, Timestamp now);
    [[nodiscard]] std::optional<Refusal> refusal_of_sizes(const Instrument& instrument,
                                                          const fix::OrderTerms& terms,
                                                          Timestamp now) const;
    [[nodiscard]] VenueOrder* named(std::size_t session, const fix::OrderTerms& terms,
                                    const std::string& client_id);
    void send_cancel(VenueOrder& order, PendingChange change, Timestamp now);
    void send_status(std::size_t session, const VenueOrder& order, Timestamp now,
                     const std::string& request_id = {}, int total = -1, bool last = false);
    void refuse_cancel(std::size_t session, const fix::OrderTerms& terms, const VenueOrder* order,
                       bool replace, int code, std::string_view text, Timestamp now);
    [[nodiscard]] std::optional<AccountId> account_of(const ExchangeMember& member,
                                                      const std::string& name) const;
    [[nodiscard]] std::string own_exec_id(char kind);

    // exchange_core.cpp
    void take_reports();
    void on_report(const OrderEvent& e);
    void on_correction(const OrderEvent& e);
    void on_change_refused(VenueOrder& order, const OrderEvent& e);
    void apply_replace(VenueOrder& order, const ExecutionData& x, fix::ExecutionLine& line);
    [[nodiscard]] fix::ExecutionLine line_of(const VenueOrder& order, Timestamp ts) const;
    /// To the order's session and its firm's drop copies.
    void publish(const VenueOrder& order, const fix::ExecutionLine& line);
    void emit(std::size_t session, fix::OutMessage message) {
        out_.push_back({session, std::move(message)});
    }
    void submit(const OrderEvent& request);

    const CoreSettings settings_;
    const InstrumentTable& instruments_;
    SimulatedExchange sim_;
    EventBuffer buffer_;
    OrderLedger ledger_;
    std::vector<Outgoing> out_;
    std::vector<bool> foreign_;          // by StreamId
    std::vector<bool> on_;               // by session
    std::vector<bool> cancel_when_off_;  // by session
    struct Booked {
        ExecId exec_id;
        ClientOrderId order;
    };
    std::vector<Booked> fills_;  // the newest at the end
    std::uint64_t sequence_ = 0;
    std::uint32_t orders_ = 0;
    std::size_t unanswered_ = 0;  // new orders on their way through the engine
    std::uint64_t own_executions_ = 0;
};

}  // namespace fermata::venue
