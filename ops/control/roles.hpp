#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/control/request.hpp"

namespace fermata::console {

/// One line of the configuration: who has which role. Exactly one of the four says who.
struct RoleRule {
    std::optional<std::uint32_t> uid;
    std::optional<std::uint32_t> gid;
    std::string user;
    std::string group;
    Role role = Role::kViewer;
    std::vector<std::string> strategies;  ///< A trader's own.
};

/// Who may do what, by what the system says about a connection.
class Roles {
public:
    /// Without any rule, `own_uid` is an admin and nobody else is anybody. Throws
    /// std::runtime_error for a user or group that the system does not know.
    Roles(std::span<const RoleRule> rules, std::uint32_t own_uid);

    /// The highest role of all rules that apply; a trader's strategies are those of all of them.
    [[nodiscard]] Peer peer(std::uint32_t uid, std::uint32_t gid, std::int32_t pid,
                            std::span<const std::uint32_t> groups) const;

private:
    struct Known {
        bool group = false;
        std::uint32_t id = 0;
        Role role = Role::kNone;
        std::vector<std::string> strategies;
    };
    std::vector<Known> known_;
};

}  // namespace fermata::console
