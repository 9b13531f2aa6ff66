#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/types/time.hpp"
#include "daemon/config/codec.hpp"

namespace fermata {
class TimeZone;
}

namespace fermata::config {

/// Time zones of a configuration, loaded once each.
class Zones {
public:
    Zones();
    ~Zones();

    /// What is wrong with a zone's name, for a message; empty when it is known.
    [[nodiscard]] std::string problem(const std::string& zone);
    /// The instant at which a written time begins (`end` false) or, for a date alone, at which it
    /// ends (`end` true: the next midnight). Local times are of `zone`, which must be known.
    /// nullopt, and `why`, for local times that daylight saving skips or repeats.
    [[nodiscard]] std::optional<Timestamp> resolve(const CivilTime& written,
                                                   const std::string& zone, bool end,
                                                   std::string& why);

private:
    std::map<std::string, std::shared_ptr<const TimeZone>> zones_;
};

/// What is wrong with the format of a CSV time column, for a message; empty when it can be used.
[[nodiscard]] std::string time_format_problem(const std::string& format);

}  // namespace fermata::config
