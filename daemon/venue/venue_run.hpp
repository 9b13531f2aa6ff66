#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/fix/acceptor.hpp"
#include "core/market/stream.hpp"
#include "core/port/feed.hpp"
#include "core/port/file.hpp"
#include "core/types/instrument.hpp"
#include "core/types/time.hpp"
#include "daemon/config/config.hpp"
#include "daemon/venue/exchange_core.hpp"
#include "daemon/venue/faults.hpp"

namespace fermata::venue {

/// What a venue is run with.
struct VenueJob {
    CoreSettings core;
    fix::AcceptorSettings acceptor;
    std::vector<Fault> faults;
    std::uint64_t fault_seed = 1;
    LiveConfig live;         ///< Pace and start of the data.
    Timestamp from, to;      ///< Of the data.
    Feed* source = nullptr;  ///< Outlives the run.
    const InstrumentTable* instruments = nullptr;
    const StreamTable* streams = nullptr;
    std::filesystem::path folder;       ///< Its journal; the acceptor's files are its own.
    bool fresh = false;                 ///< Sets a journal that is there aside and begins anew.
    std::string identity;               ///< What must be the same for a journal to be gone on with.
    std::size_t requests_max = 65'536;  ///< That wait.
    std::filesystem::path log;          ///< Event by event; empty: none.
    std::function<bool()> stopped;      ///< Asked every few milliseconds.
    /// Whether the data is still to wait; asked until it says no. Not of data that had begun when
    /// an earlier process ended. Empty: it begins at once.
    std::function<bool()> held;
    std::function<void(const std::string&)> report;  ///< For the operator.
    std::function<void()> listening;                 ///< Members can connect now.
};

struct VenueResult {
    std::uint64_t market_events = 0;
    std::uint64_t requests = 0;
    std::uint64_t reports = 0;
    std::uint64_t faults = 0;
};

/// Runs an exchange until it is stopped; when its data ends it goes on with what is there. The
/// caller's thread is the matching thread. The folder is locked meanwhile, and nothing in it is
/// read or written before it is.
///
/// Throws std::runtime_error when it cannot go on: a folder at which another venue is at work, a
/// port that is taken, a disk that is full, a journal of another exchange.
VenueResult run_venue(VenueJob job, FileSystem& files);

}  // namespace fermata::venue
