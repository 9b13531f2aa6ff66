#include "daemon/retention/file_times.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace fermata {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Err<FileError> failure(const std::string& what, const std::string& path, int error) {
    const FileErrorCode code = error == ENOENT ? FileErrorCode::kNotFound : FileErrorCode::kOther;
    return Err{
        FileError{code, error,
                  "cannot " + what + " " + path + ": " + std::generic_category().message(error)}};
}

}  // namespace

Result<Timestamp, FileError> PosixFileTimes::changed(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return failure("examine", path, errno);
    return Timestamp{std::int64_t{status.st_mtim.tv_sec} * kSecond + status.st_mtim.tv_nsec};
}

Status<FileError> PosixFileTimes::set_changed(const std::string& path, Timestamp time) {
    std::array<timespec, 2> times{};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = time.ns / kSecond;
    times[1].tv_nsec = time.ns % kSecond;
    if (::utimensat(AT_FDCWD, path.c_str(), times.data(), 0) != 0) {
        return failure("set the time of", path, errno);
    }
    return Unit{};
}

}  // namespace fermata
