#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "adapters/fix/out_message.hpp"
#include "core/types/time.hpp"

namespace fermata::venue {

/// A venue's session event by event, as CSV: time_ns, what, member, text. `what` is market, in,
/// out, logon, logout, refused, due, fault, or recovered; the order of the lines is the order in
/// which the matching thread dealt with them. Messages are "tag=value|..." .
///
/// Owner: the matching thread. Errors: std::runtime_error.
class VenueLog {
public:
    /// Appends; an empty path makes a log that writes nothing.
    explicit VenueLog(const std::filesystem::path& path);

    [[nodiscard]] bool on() const noexcept { return file_.is_open(); }
    void line(Timestamp ts, std::string_view what, std::string_view member, std::string_view text);
    void message(Timestamp ts, std::string_view member, const fix::OutMessage& message);
    /// Bytes of a FIX message that came in.
    void bytes(Timestamp ts, std::string_view member, std::string_view bytes);
    void flush();

private:
    std::string path_;
    std::ofstream file_;
};

}  // namespace fermata::venue
