#include "adapters/file/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace fermata {
namespace {

/// Who holds a lock on the open file, by the kernel's list of locks; 0 when it does not say (the
/// list may be hidden, or the holder may live in another container).
long holder_of(int descriptor) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return 0;
    char file[64];
    std::snprintf(file, sizeof file, "%02x:%02x:%llu", major(status.st_dev), minor(status.st_dev),
                  static_cast<unsigned long long>(status.st_ino));
    // 1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        std::istringstream words(line);
        std::string number, kind, advisory, access, where;
        long process = 0;
        if (!(words >> number >> kind >> advisory >> access >> process >> where)) continue;
        if (kind == "FLOCK" && where == file && process > 0) return process;
    }
    return 0;
}

Err<FileError> cannot_open(const std::string& what, int error) {
    return Err{FileError{error == ENOENT ? FileErrorCode::kNotFound : FileErrorCode::kOther, error,
                         "cannot open " + what + ": " + std::generic_category().message(error)}};
}

}  // namespace

Result<DirectoryLock, FileError> DirectoryLock::take(const std::string& directory) {
    const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return cannot_open("the directory " + directory, errno);
    return lock(fd, directory);
}

Result<DirectoryLock, FileError> DirectoryLock::take(const std::string& directory,
                                                     const std::string& name) {
    const std::string path = directory + "/" + name;
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return cannot_open(path, errno);
    return lock(fd, directory);
}

Result<DirectoryLock, FileError> DirectoryLock::lock(int descriptor, const std::string& directory) {
    DirectoryLock taken(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return taken;
    const int error = errno;
    if (error != EWOULDBLOCK) {
        return Err{
            FileError{FileErrorCode::kOther, error,
                      "cannot lock " + directory + ": " + std::generic_category().message(error)}};
    }
    const long holder = holder_of(descriptor);
    return Err{FileError{
        FileErrorCode::kExists, error,
        "cannot lock " + directory + ": " +
            (holder == 0 ? std::string("another process") : "process " + std::to_string(holder)) +
            " is at work on it"}};
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace fermata
