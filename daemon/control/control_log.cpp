#include "daemon/control/control_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace fermata {

ControlLog::ControlLog(const std::filesystem::path& path) {
    if (path.empty()) return;
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (descriptor_ < 0) {
        throw std::runtime_error("cannot write " + path.string() + ": " +
                                 std::generic_category().message(errno));
    }
}

ControlLog::~ControlLog() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool ControlLog::append(std::string line) {
    if (descriptor_ < 0) return true;
    line += '\n';
    const ssize_t written = ::write(descriptor_, line.data(), line.size());
    return written == static_cast<ssize_t>(line.size()) && ::fdatasync(descriptor_) == 0;
}

}  // namespace fermata
