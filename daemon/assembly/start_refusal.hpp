#pragma once

#include <stdexcept>

namespace fermata {

/// The exit code of a daemon that refuses to start. The service manager does not try again
/// (RestartPreventExitStatus in systemd/fermatad.service).
inline constexpr int kExitRefused = 3;

/// Why a daemon does not start, though its configuration reads well, and would not on any further
/// try: somebody has to do something first. The message says what.
class StartRefusal : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace fermata
