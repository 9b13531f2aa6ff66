#include "ops/control/roles.hpp"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <stdexcept>

namespace fermata::console {

Roles::Roles(std::span<const RoleRule> rules, std::uint32_t own_uid) {
    for (const RoleRule& rule : rules) {
        Known known{false, 0, rule.role, rule.strategies};
        if (rule.uid) {
            known.id = *rule.uid;
        } else if (rule.gid) {
            known.group = true;
            known.id = *rule.gid;
        } else if (!rule.user.empty()) {
            const passwd* const user = ::getpwnam(rule.user.c_str());
            if (user == nullptr) {
                throw std::runtime_error("control.roles: this system has no user " + rule.user);
            }
            known.id = user->pw_uid;
        } else {
            const struct group* const found = ::getgrnam(rule.group.c_str());
            if (found == nullptr) {
                throw std::runtime_error("control.roles: this system has no group " + rule.group);
            }
            known.group = true;
            known.id = found->gr_gid;
        }
        known_.push_back(std::move(known));
    }
    if (known_.empty()) known_.push_back({false, own_uid, Role::kAdmin, {}});
}

Peer Roles::peer(std::uint32_t uid, std::uint32_t gid, std::int32_t pid,
                 std::span<const std::uint32_t> groups) const {
    Peer peer{uid, gid, pid, Role::kNone, {}};
    for (const Known& k : known_) {
        const bool applies =
            k.group ? k.id == gid || std::ranges::find(groups, k.id) != groups.end() : k.id == uid;
        if (!applies) continue;
        peer.role = std::max(peer.role, k.role);
        for (const std::string& strategy : k.strategies) peer.own(strategy);
    }
    return peer;
}

}  // namespace fermata::console
