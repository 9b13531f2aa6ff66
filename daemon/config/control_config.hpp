#pragma once

#include <filesystem>
#include <vector>

#include "adapters/latch/latch_format.hpp"
#include "core/types/time.hpp"
#include "ops/control/roles.hpp"

namespace fermata {

/// The control socket of a daemon.
struct ControlConfig {
    std::filesystem::path socket;  ///< Empty: none.
    /// Without any, the daemon's own user is an admin.
    std::vector<console::RoleRule> roles = {};
    int admins = 2;     ///< Different admins that what loosens takes.
    Duration dead_man;  ///< Who operates says `alive` at least so often; zero: nobody must.
    latch::Level dead_man_level = latch::Level::kCancelAll;  ///< What happens otherwise.
};

}  // namespace fermata
