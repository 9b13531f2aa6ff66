#pragma once

#include <cstdint>

#include "core/event/market_event.hpp"

namespace fermata {

/// The way from one venue's market data into the process.
///
/// Owner:    one feed loop calls `poll` and `up`; what comes in is received on threads of the
///           link's own and waits in a bounded lane until it is polled.
/// Blocking: never. No allocation in `poll`.
/// Events:   kQuote and kTrade, kSession where the venue says that an instrument's trading opens,
///           closes, halts or resumes, and kGap for every instrument of a stream whenever events
///           may be missing: the session went down or came back, a message could not be read, the
///           venue had sent more than is kept, or the lane was full. Stamped with the UTC time at
///           which they arrived; `seq` is left to whoever merges the feeds.
/// Gaps:     `GapData::lost` counts what is known to be lost; 0: nobody knows.
class MarketLink {
public:
    MarketLink() = default;
    MarketLink(const MarketLink&) = delete;
    MarketLink& operator=(const MarketLink&) = delete;
    virtual ~MarketLink() = default;

    /// The next event; false when there is none.
    [[nodiscard]] virtual bool poll(MarketEvent& event) noexcept = 0;
    /// Logged on, and subscribed.
    [[nodiscard]] virtual bool up() const noexcept = 0;
    /// Events that were lost because the lane was full, since the start. Any thread.
    [[nodiscard]] virtual std::uint64_t lost() const noexcept = 0;
};

}  // namespace fermata
