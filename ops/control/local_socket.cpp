#include "ops/control/local_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

namespace fermata::console {
namespace {

constexpr std::size_t kGroupsMax = 256;

std::string system_text() { return std::generic_category().message(errno); }

}  // namespace

void fail_socket(const std::filesystem::path& path, const std::string& what) {
    throw std::runtime_error("control socket " + path.string() + ": " + what);
}

void make_room(const std::filesystem::path& path) {
    constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
    if (path.native().size() > kLongest) {
        fail_socket(path, "found a path of " + std::to_string(path.native().size()) +
                              " bytes, expected at most " + std::to_string(kLongest));
    }
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0) {
        if (errno == ENOENT) return;
        fail_socket(path, system_text());
    }
    if (!S_ISSOCK(found.st_mode))
        fail_socket(path, "there is a file of that name that is no socket");
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) fail_socket(path, system_text());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    const int connected =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    const int why = errno;
    ::close(probe);
    if (connected == 0 || why == EAGAIN) fail_socket(path, "another daemon listens there");
    if (why != ECONNREFUSED && why != ENOENT) {
        fail_socket(path, std::generic_category().message(why));
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_socket(path, system_text());
}

Peer peer_of(int descriptor, const Roles& roles) {
    ucred credentials{};
    socklen_t length = sizeof(credentials);
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return {};
    std::array<gid_t, kGroupsMax> groups{};
    length = sizeof(groups);
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length) != 0) {
        length = 0;
    }
    return roles.peer(credentials.uid, credentials.gid, credentials.pid,
                      {groups.data(), length / sizeof(gid_t)});
}

}  // namespace fermata::console
