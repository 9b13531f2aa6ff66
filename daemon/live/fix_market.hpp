#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/fix/engine.hpp"
#include "daemon/config/config.hpp"
#include "daemon/fix/fix_run.hpp"
#include "daemon/live/live_source.hpp"
#include "daemon/live/raw_tap.hpp"
#include "daemon/live/session_board.hpp"

namespace fermata {

/// Market data as it comes over the FIX sessions with role market_data, one event of each session
/// in turn. It ends with the process: a session that is down leaves a gap, and comes back.
class FixMarketSource final : public LiveSource {
public:
    /// `report` (lines for the operator) is called on any thread; `tap` keeps the messages, and may
    /// be null; `board` is told how the sessions stand. Throws std::runtime_error when a session
    /// cannot be made, StartRefusal where its sequence numbers are gone.
    FixMarketSource(const Config& config, const FixRun& run, RawTap* tap, SessionBoard& board,
                    const std::function<void(const std::string&)>& report);
    ~FixMarketSource() override;

    /// Connects. What is on record was another process's: nothing is left out.
    void begin(LiveClock::Now now, std::uint64_t on_record) override;
    [[nodiscard]] const MarketEvent* front(LiveClock::Now now) override;
    void pop() override { has_ = false; }
    [[nodiscard]] Duration quiet(LiveClock::Now now) const override;
    [[nodiscard]] bool ended() const override { return false; }

private:
    class Teller;

    std::vector<std::unique_ptr<Teller>> tellers_;  // by session
    std::unique_ptr<fix::Engine> engine_;
    std::vector<MarketLink*> links_;
    std::size_t next_ = 0;
    MarketEvent event_{};
    bool has_ = false;
};

}  // namespace fermata
