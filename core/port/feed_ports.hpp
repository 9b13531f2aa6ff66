#pragma once

#include <functional>
#include <string>

#include "core/market/calendar.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// What a feed needs from the run that it serves. Everything outlives the feed.
struct FeedPorts {
    const InstrumentTable* instruments = nullptr;
    /// The calendar of that name, nullptr when there is none. An empty function means "no
    /// calendars".
    std::function<const Calendar*(const std::string& name)> calendar;
    FileSystem* files = nullptr;  ///< Needed by a feed that opens its source by a path.
    /// For source_hash(); without it the hash is "none".
    HasherFactory hasher;

    /// The calendar of an instrument, or nullptr when it has none: then it is open at all times.
    [[nodiscard]] const Calendar* calendar_of(const Instrument& instrument) const {
        if (instrument.calendar.empty() || !calendar) return nullptr;
        return calendar(instrument.calendar);
    }
};

}  // namespace fermata
