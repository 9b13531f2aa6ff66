#include "adapters/file/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace fermata {

Result<DirectoryLock, FileError> DirectoryLock::take(const std::string& directory) {
    const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        const int error = errno;
        return Err{FileError{error == ENOENT ? FileErrorCode::kNotFound : FileErrorCode::kOther,
                             error,
                             "cannot open the directory " + directory + ": " +
                                 std::generic_category().message(error)}};
    }
    DirectoryLock lock(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        const bool held = error == EWOULDBLOCK;
        return Err{FileError{held ? FileErrorCode::kExists : FileErrorCode::kOther, error,
                             "cannot lock " + directory + ": " +
                                 (held ? std::string("another process is at work on it")
                                       : std::generic_category().message(error))}};
    }
    return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace fermata
