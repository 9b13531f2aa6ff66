#pragma once

#include <filesystem>
#include <vector>

#include "ops/control/roles.hpp"

namespace fermata {

/// The control socket of a daemon.
struct ControlConfig {
    std::filesystem::path socket;  ///< Empty: none.
    /// Without any, the daemon's own user is an admin.
    std::vector<console::RoleRule> roles = {};
    int admins = 2;  ///< Different admins that what loosens takes.
};

}  // namespace fermata
