#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/market/stream.hpp"
#include "core/types/instrument.hpp"
#include "daemon/venue/exchange_core.hpp"
#include "daemon/venue/market_desk.hpp"
#include "daemon/venue/outbox.hpp"
#include "daemon/venue/request_queue.hpp"
#include "daemon/venue/venue_journal.hpp"

namespace fermata::venue {

/// What became of a request that was consumed.
enum class Verdict : std::uint8_t { kApplied = 0, kRefused = 1, kLost = 2 };

/// The exchange and the market data desk, driven by what stands in the journal: live right after
/// it was put there, and again when a venue comes back.
///
/// Owner: the matching thread.
class VenueMachine {
public:
    /// `identity` must be that of the journal. Instruments and streams outlive it.
    VenueMachine(CoreSettings settings, std::string identity, const InstrumentTable& instruments,
                 const StreamTable& streams);

    /// An entry of an earlier process; throws std::runtime_error for one of another exchange.
    void replay(const Entry& entry);
    /// Any entry but kBegin, kMarket, kArrived, kConsumed and kDelivered, right after it was put on
    /// record.
    void apply(const Entry& entry);
    void consume(const Arrival& arrival, Verdict verdict, Timestamp now, bool live);
    void on_market(const MarketEvent& e);
    void begin(std::uint64_t epoch);

    [[nodiscard]] bool begun() const noexcept { return core_ != nullptr; }
    [[nodiscard]] ExchangeCore& core() noexcept { return *core_; }
    [[nodiscard]] MarketDesk& desk() noexcept { return desk_; }
    [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }
    /// On record, and not consumed by an earlier process; by number.
    [[nodiscard]] std::map<std::uint64_t, Arrival>& waiting() noexcept { return waiting_; }
    [[nodiscard]] std::uint64_t arrived() const noexcept { return arrived_; }
    [[nodiscard]] std::uint64_t market_events() const noexcept { return market_events_; }
    [[nodiscard]] Timestamp last() const noexcept { return last_; }
    [[nodiscard]] bool recovered() const noexcept { return recovered_; }

private:
    CoreSettings settings_;
    const std::string identity_;
    const InstrumentTable& instruments_;
    const StreamTable& streams_;
    MarketDesk desk_;
    Outbox outbox_;
    std::unique_ptr<ExchangeCore> core_;
    std::map<std::uint64_t, Arrival> waiting_;
    std::uint64_t arrived_ = 0;
    std::uint64_t market_events_ = 0;
    Timestamp last_{0};
    bool recovered_ = false;
};

}  // namespace fermata::venue
