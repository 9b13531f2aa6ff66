#include "adapters/progress/process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace fermata::progress {
namespace {

std::string contents_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The fields of /proc/PID/stat from the third on. The second, a name in parentheses, may hold
/// anything.
std::string_view behind_name(std::string_view stat) noexcept {
    const std::size_t end = stat.rfind(')');
    return end == stat.npos || end + 2 > stat.size() ? std::string_view() : stat.substr(end + 2);
}

}  // namespace

std::optional<Identity> identity_of(int pid) {
    constexpr int kStartTime = 22;  // its field, counted from 1 (proc(5))
    const std::string stat = contents_of("/proc/" + std::to_string(pid) + "/stat");
    std::string_view rest = behind_name(stat);
    for (int field = 3; field < kStartTime && !rest.empty(); ++field) {
        const std::size_t space = rest.find(' ');
        rest = space == rest.npos ? std::string_view() : rest.substr(space + 1);
    }
    Identity who;
    who.pid = pid;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), who.start_ticks);
    if (error != std::errc{} || end == rest.data()) return std::nullopt;
    const std::string boot = contents_of("/proc/sys/kernel/random/boot_id");
    const std::size_t length = std::min(boot.find('\n'), boot.size());
    boot.copy(who.boot.data(), std::min(length, who.boot.size() - 1));
    return who;
}

Identity identity_of_this_process() {
    const auto who = identity_of(::getpid());
    if (!who) throw std::runtime_error("/proc does not tell when this process started");
    return *who;
}

char activity_of(int pid) {
    const std::string stat = contents_of("/proc/" + std::to_string(pid) + "/stat");
    const std::string_view rest = behind_name(stat);
    return rest.empty() ? '?' : rest.front();
}

Process::Process(const Identity& who) : who_(who) {
    descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, who.pid, 0));
    if (descriptor_ < 0) {
        if (errno == ESRCH || errno == EINVAL) return;
        throw std::system_error(errno, std::generic_category(), "pidfd_open");
    }
    // The descriptor came first: it is the process that started then, or not, whatever happens to
    // the number from here on.
    if (const auto now = identity_of(who.pid); !now || *now != who) {
        ::close(std::exchange(descriptor_, -1));
    }
}

Process::Process(Process&& other) noexcept
    : who_(other.who_), descriptor_(std::exchange(other.descriptor_, -1)) {}

Process& Process::operator=(Process&& other) noexcept {
    std::swap(who_, other.who_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

Process::~Process() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool Process::gone() noexcept { return wait(0); }

bool Process::wait(int milliseconds) noexcept {
    if (descriptor_ < 0) return true;
    pollfd look{descriptor_, POLLIN, 0};
    if (::poll(&look, 1, milliseconds) != 1) return false;
    ::close(std::exchange(descriptor_, -1));
    return true;
}

int Process::kill() noexcept {
    if (gone()) return 0;
    if (::syscall(SYS_pidfd_send_signal, descriptor_, SIGKILL, nullptr, 0) == 0) return 0;
    return errno == ESRCH ? 0 : errno;
}

}  // namespace fermata::progress
