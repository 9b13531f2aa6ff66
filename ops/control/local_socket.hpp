#pragma once

#include <filesystem>
#include <string>

#include "ops/control/roles.hpp"

namespace fermata::console {

// What Unix sockets are beyond streams of bytes.

/// Throws std::runtime_error that names the socket.
[[noreturn]] void fail_socket(const std::filesystem::path& path, const std::string& what);

/// Checks the path, and removes a socket that nobody listens on any more; another daemon's, or a
/// file, stays, and is an error (fail_socket).
void make_room(const std::filesystem::path& path);

/// Who is at the other end; nobody (Role::kNone) when the system does not tell.
[[nodiscard]] Peer peer_of(int descriptor, const Roles& roles);

}  // namespace fermata::console
