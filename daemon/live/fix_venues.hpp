#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/fix/engine.hpp"
#include "daemon/config/config.hpp"
#include "daemon/fix/fix_run.hpp"
#include "daemon/live/fix_copies.hpp"
#include "daemon/live/outside_venues.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// The venues of mode live: one FIX session for each, and the desk that reconciles them; their drop
/// copies, where there are sessions for them.
class FixVenues final : public OutsideVenues {
public:
    /// `latch` is the venue loop's own reader, `tap` where messages are kept; both may be null.
    /// `run`: whose reports the sessions receive. `board` is told how they stand. `report` is
    /// called on any thread. Throws std::runtime_error when a session cannot be made, StartRefusal
    /// where its sequence numbers are gone.
    FixVenues(const Config& config, const RunNames& names, const FixRun& run,
              std::unique_ptr<Latch> latch, RawTap* tap, SessionBoard& board,
              std::function<void(const std::string&)> report);

    [[nodiscard]] std::span<OrderLink* const> links() noexcept override { return links_; }
    [[nodiscard]] Latch* latch() noexcept override { return latch_.get(); }
    [[nodiscard]] VenueDesk* desk() noexcept override { return desk_.get(); }
    [[nodiscard]] DropCopyDesk* copies() noexcept override {
        return copies_ == nullptr ? nullptr : &copies_->desk();
    }
    void start() override {
        if (copies_ != nullptr) copies_->start();
        engine_->start();
    }
    void stop() noexcept override {
        engine_->stop();
        if (copies_ != nullptr) copies_->stop();
    }

private:
    /// The engine needs somebody to tell before there is a desk; it is told of nothing until then.
    class Teller;

    std::unique_ptr<Latch> latch_;
    std::unique_ptr<Teller> teller_;
    std::unique_ptr<VenueDesk> desk_;
    std::unique_ptr<fix::Engine> engine_;
    std::vector<std::unique_ptr<VenueLink>> own_;
    std::vector<OrderLink*> links_;
    std::unique_ptr<FixCopies> copies_;

public:
    ~FixVenues() override;
};

}  // namespace fermata
