#include "ops/control/request.hpp"

#include <algorithm>

namespace fermata::console {

std::string_view name(Role role) noexcept {
    switch (role) {
        case Role::kNone:
            return "none";
        case Role::kViewer:
            return "viewer";
        case Role::kTrader:
            return "trader";
        case Role::kRisk:
            return "risk";
        case Role::kAdmin:
            return "admin";
    }
    return "?";
}

std::optional<Role> parse_role(std::string_view text) noexcept {
    for (const Role role : {Role::kViewer, Role::kTrader, Role::kRisk, Role::kAdmin}) {
        if (text == name(role)) return role;
    }
    return std::nullopt;
}

static_assert(
    [] {
        for (std::size_t i = 0; i < kMethods.size(); ++i) {
            if (kMethods[i].method != static_cast<Method>(i)) return false;
            // Whoever loosens is two; whoever is two is an admin.
            if (kMethods[i].two != (kMethods[i].least == Role::kAdmin)) return false;
        }
        return true;
    }(),
    "methods stand in the order of their numbers");

const MethodDefinition& definition(Method method) noexcept {
    return kMethods[static_cast<std::size_t>(method)];
}

const MethodDefinition* find_method(std::string_view text) noexcept {
    const auto* found = std::ranges::find(kMethods, text, &MethodDefinition::name);
    return found == kMethods.end() ? nullptr : found;
}

std::string_view name(Error error) noexcept {
    switch (error) {
        case Error::kNone:
            return "none";
        case Error::kBadRequest:
            return "bad_request";
        case Error::kVersion:
            return "version";
        case Error::kUnknownMethod:
            return "unknown_method";
        case Error::kForbidden:
            return "forbidden";
        case Error::kStale:
            return "stale";
        case Error::kNotFound:
            return "not_found";
        case Error::kInvalid:
            return "invalid";
        case Error::kNothingToDo:
            return "nothing_to_do";
        case Error::kBusy:
            return "busy";
        case Error::kNotAvailable:
            return "not_available";
        case Error::kFailed:
            return "failed";
    }
    return "?";
}

void Peer::own(std::string_view strategy) {
    if (strategies.empty()) strategies = "\n";
    strategies.append(strategy).push_back('\n');
}

bool Peer::owns(std::string_view strategy) const {
    if (strategy.empty() || strategy.find('\n') != std::string_view::npos) return false;
    return strategies.find('\n' + std::string(strategy) + '\n') != std::string::npos;
}

std::string objection(const Peer& peer, const Request& request) {
    const MethodDefinition& wanted = definition(request.method);
    if (peer.role < wanted.least) {
        return std::string(wanted.name) + " needs the role " + std::string(name(wanted.least)) +
               "; uid " + std::to_string(peer.uid) + " has the role " +
               std::string(name(peer.role));
    }
    if (!wanted.command || peer.role != Role::kTrader) return {};
    // Alerts are everybody's, so a trader marks those of a strategy of their own only.
    if (request.scope == "strategy" && peer.owns(request.target)) return {};
    return "a trader may do that to strategies of their own only (scope strategy); uid " +
           std::to_string(peer.uid) + " does not have " +
           (request.target.empty() ? std::string("the firm") : "'" + request.target + "'");
}

}  // namespace fermata::console
