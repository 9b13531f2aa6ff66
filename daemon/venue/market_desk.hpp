#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/fix/venue_messages.hpp"
#include "adapters/fix/venue_request.hpp"
#include "core/event/market_event.hpp"
#include "core/types/instrument.hpp"
#include "daemon/venue/exchange_core.hpp"

namespace fermata::venue {

/// What members see of the market: best bid and offer, trades, the list of instruments, and whether
/// they trade.
///
/// Owner:   the matching thread.
/// Slow members: as long as a member is behind, changes of bid and offer wait and become one; every
///          trade is sent. So nothing grows here, whatever a member does not read.
/// Bars:    the close of a bar is told as a trade of the bar's volume.
class MarketDesk {
public:
    MarketDesk(const InstrumentTable& instruments, std::size_t sessions);

    /// Of kinds kMarketData, kSecurityList, kTradingSessionStatus.
    void on_request(std::size_t session, const fix::VenueRequest& request, const ExchangeCore& core,
                    Timestamp now);
    /// The session's subscriptions end.
    void on_logout(std::size_t session);
    void on_market(const MarketEvent& e);
    /// An instrument's trading halted, or resumed: whoever watches it, or follows the status, is
    /// told.
    void on_halt(InstrumentId instrument, bool halted, Timestamp now);
    /// Puts out what is to be said, less what waits for members who are `behind`.
    void publish(const std::function<bool(std::size_t)>& behind);

    [[nodiscard]] std::vector<Outgoing>& out() noexcept { return out_; }
    [[nodiscard]] std::size_t subscriptions() const noexcept { return subscriptions_.size(); }

private:
    struct Top {
        QuoteData quote;
        TradeData trade;
        Timestamp quoted, traded;
        bool size_unknown = false;
        bool has_quote = false, has_trade = false;
    };
    struct Watched {
        InstrumentId instrument;
        std::uint8_t changed = 0;  // MarketDataEntry bits that wait
    };
    struct Subscription {
        std::size_t session = 0;
        std::string id;
        std::uint8_t entries = 0;
        bool waits = false;
        std::vector<Watched> instruments;
        std::vector<fix::MarketDataLine> trades;  // to be sent with the next publication
    };

    void subscribe(std::size_t session, const fix::VenueRequest& request);
    void unsubscribe(std::size_t session, const std::string& id);
    void snapshot(const Subscription& s);
    void list(std::size_t session, const fix::VenueRequest& request);
    void add_lines(InstrumentId instrument, std::uint8_t entries,
                   std::vector<fix::MarketDataLine>& lines) const;
    void mark(InstrumentId instrument, std::uint8_t entries);
    void on_trade(const MarketEvent& e, Price price, Quantity quantity);

    const InstrumentTable& instruments_;
    std::vector<Top> tops_;  // by InstrumentId
    std::vector<std::unique_ptr<Subscription>> subscriptions_;
    std::vector<std::vector<std::pair<Subscription*, std::size_t>>> watchers_;  // by InstrumentId
    std::vector<Outgoing> out_;
    std::vector<bool> follows_status_;  // by session: asked by g for what happens
    std::uint64_t responses_ = 0;
    bool any_waits_ = false;
};

}  // namespace fermata::venue
