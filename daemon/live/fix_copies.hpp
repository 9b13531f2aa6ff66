#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/fix/engine.hpp"
#include "daemon/config/config.hpp"
#include "daemon/fix/fix_run.hpp"
#include "daemon/live/drop_copy_desk.hpp"
#include "daemon/live/raw_tap.hpp"
#include "daemon/live/session_board.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// The drop copy sessions of mode live, in an engine of their own, and the desk that compares.
class FixCopies {
public:
    /// `links` by VenueId: where reports in a venue's place go. What is referred to outlives it.
    /// `report` is called on any thread. Throws std::runtime_error when a session cannot be made,
    /// StartRefusal where its sequence numbers are gone.
    FixCopies(const Config& config, const RunNames& names, const FixRun& run,
              std::vector<VenueLink*> links, RawTap* tap, SessionBoard& board,
              const std::function<void(const std::string&)>& report);
    ~FixCopies();

    [[nodiscard]] DropCopyDesk& desk() noexcept { return *desk_; }
    void start() { engine_->start(); }
    void stop() noexcept { engine_->stop(); }

    /// There is a session of that role.
    [[nodiscard]] static bool configured(const Config& config) noexcept;

private:
    class Teller;

    std::vector<std::unique_ptr<Teller>> tellers_;  // by session
    std::unique_ptr<DropCopyDesk> desk_;
    std::unique_ptr<fix::Engine> engine_;
};

}  // namespace fermata
