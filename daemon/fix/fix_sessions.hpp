#pragma once

#include <cstddef>
#include <vector>

#include "adapters/fix/session_settings.hpp"
#include "daemon/config/config.hpp"

namespace fermata {

/// A configured session, ready for fix::Engine.
struct FixSession {
    std::size_t index = 0;  ///< In Config::sessions.
    fix::SessionSettings settings;
};

/// The sessions of one role, in the order of the configuration. Reads the files and variables that
/// hold secrets: call it at start, and let the result live no longer than it must.
/// Throws StartRefusal, with the session, the field and what to do, where a secret cannot be
/// read. A secret is in no message.
[[nodiscard]] std::vector<FixSession> make_fix_sessions(const Config& config, SessionRole role);

}  // namespace fermata
