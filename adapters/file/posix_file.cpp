#include "adapters/file/posix_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace fermata {
namespace {

FileErrorCode code_of(int system_error) noexcept {
    switch (system_error) {
        case ENOENT:
            return FileErrorCode::kNotFound;
        case EEXIST:
            return FileErrorCode::kExists;
        case EACCES:
        case EPERM:
        case EROFS:
            return FileErrorCode::kPermission;
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return FileErrorCode::kNoSpace;
        case EIO:
            return FileErrorCode::kInputOutput;
        case EBADF:
        case EISDIR:
        case ENOTDIR:
        case ENOTEMPTY:
            return FileErrorCode::kInvalidState;
        default:
            return FileErrorCode::kOther;
    }
}

Err<FileError> failure(std::string_view verb, const std::string& path, int system_error) {
    std::string message = "cannot ";
    message.append(verb).append(" ").append(path).append(": ");
    message.append(std::generic_category().message(system_error));
    return Err{FileError{code_of(system_error), system_error, std::move(message)}};
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Repeats a system call for as long as a signal interrupts it.
template <class Call>
auto uninterrupted(Call call) noexcept {
    auto result = call();
    while (result == -1 && errno == EINTR) result = call();
    return result;
}

class Descriptor {
public:
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_;
};

class PosixWritableFile final : public WritableFile {
public:
    PosixWritableFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

    Status<FileError> append(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            const ssize_t n =
                uninterrupted([&] { return ::write(fd_.get(), bytes.data(), bytes.size()); });
            if (n < 0) return failure("write", path_, errno);
            // A write of zero bytes makes no progress and no error: treat it as a failed device.
            if (n == 0) return failure("write", path_, EIO);
            bytes = bytes.subspan(static_cast<std::size_t>(n));
        }
        return Unit{};
    }

    Status<FileError> sync() override {
        // After a failed fsync the kernel may have dropped the pages: never retried.
        if (uninterrupted([&] { return ::fsync(fd_.get()); }) != 0) {
            return failure("sync", path_, errno);
        }
        return Unit{};
    }

    Status<FileError> close() override {
        if (fd_.get() < 0) return failure("close", path_, EBADF);
        // On Linux the descriptor is gone even when close() was interrupted.
        if (::close(fd_.release()) != 0 && errno != EINTR) return failure("close", path_, errno);
        return Unit{};
    }

private:
    Descriptor fd_;
    std::string path_;
};

class PosixRandomAccessFile final : public RandomAccessFile {
public:
    PosixRandomAccessFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

    Result<std::size_t, FileError> read(std::uint64_t offset,
                                        std::span<std::byte> out) const override {
        if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()) - out.size()) {
            return failure("read", path_, EOVERFLOW);
        }
        std::size_t done = 0;
        while (done < out.size()) {
            const ssize_t n = uninterrupted([&] {
                return ::pread(fd_.get(), out.data() + done, out.size() - done,
                               static_cast<off_t>(offset + done));
            });
            if (n < 0) return failure("read", path_, errno);
            if (n == 0) break;
            done += static_cast<std::size_t>(n);
        }
        return done;
    }

    Result<std::uint64_t, FileError> size() const override {
        struct stat status{};
        if (::fstat(fd_.get(), &status) != 0) return failure("examine", path_, errno);
        return static_cast<std::uint64_t>(status.st_size);
    }

private:
    Descriptor fd_;
    std::string path_;
};

}  // namespace

Result<std::unique_ptr<WritableFile>, FileError> PosixFileSystem::create(const std::string& path) {
    const int fd = uninterrupted(
        [&] { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644); });
    if (fd < 0) return failure("create", path, errno);
    return std::unique_ptr<WritableFile>(std::make_unique<PosixWritableFile>(fd, path));
}

Result<std::unique_ptr<WritableFile>, FileError> PosixFileSystem::reopen(const std::string& path,
                                                                         std::uint64_t size) {
    // Appending goes to the end whatever the offset, and the end is where the file is cut.
    const int fd =
        uninterrupted([&] { return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC); });
    if (fd < 0) return failure("open", path, errno);
    auto file = std::make_unique<PosixWritableFile>(fd, path);
    struct stat status{};
    if (::fstat(fd, &status) != 0) return failure("examine", path, errno);
    if (!S_ISREG(status.st_mode)) return failure("go on with", path, EISDIR);
    if (static_cast<std::uint64_t>(status.st_size) < size) {
        return Err{FileError{FileErrorCode::kInvalidState, 0,
                             "cannot go on with " + path + " at byte " + std::to_string(size) +
                                 ": it has only " + std::to_string(status.st_size)}};
    }
    if (uninterrupted([&] { return ::ftruncate(fd, static_cast<off_t>(size)); }) != 0) {
        return failure("cut", path, errno);
    }
    return std::unique_ptr<WritableFile>(std::move(file));
}

Result<std::unique_ptr<RandomAccessFile>, FileError> PosixFileSystem::open(
    const std::string& path) {
    const int fd = uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); });
    if (fd < 0) return failure("open", path, errno);
    auto file = std::make_unique<PosixRandomAccessFile>(fd, path);
    struct stat status{};
    if (::fstat(fd, &status) != 0) return failure("examine", path, errno);
    // A directory opens for reading and a pipe never ends: neither is a file of ours.
    if (!S_ISREG(status.st_mode)) return failure("read as a plain file", path, EISDIR);
    return std::unique_ptr<RandomAccessFile>(std::move(file));
}

Result<std::vector<std::string>, FileError> PosixFileSystem::list(const std::string& directory) {
    DIR* stream = ::opendir(directory.c_str());
    if (stream == nullptr) return failure("list", directory, errno);
    std::vector<std::string> names;
    errno = 0;
    for (const dirent* entry = ::readdir(stream); entry != nullptr; entry = ::readdir(stream)) {
        const std::string_view entry_name = entry->d_name;
        if (entry_name != "." && entry_name != "..") names.emplace_back(entry_name);
        errno = 0;
    }
    const int read_error = errno;
    ::closedir(stream);
    if (read_error != 0) return failure("list", directory, read_error);
    std::sort(names.begin(), names.end());
    return names;
}

Status<FileError> PosixFileSystem::create_directories(const std::string& directory) {
    for (std::size_t end = 0; end != std::string::npos;) {
        end = directory.find('/', end + 1);
        const std::string part = directory.substr(0, end);
        if (part.empty()) continue;
        if (::mkdir(part.c_str(), 0755) == 0) {
            if (auto synced = sync_directory(parent_of(part)); !synced) return synced;
            continue;
        }
        const int error = errno;
        struct stat status{};
        const bool exists = ::stat(part.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
        if (!exists) return failure("create the directory", part, error);
    }
    return Unit{};
}

Status<FileError> PosixFileSystem::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return failure("rename", from + " to " + to, errno);
    }
    return Unit{};
}

Status<FileError> PosixFileSystem::remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0) return failure("remove", path, errno);
    return Unit{};
}

Status<FileError> PosixFileSystem::sync_directory(const std::string& directory) {
    const Descriptor fd(uninterrupted(
        [&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (fd.get() < 0) return failure("open the directory", directory, errno);
    if (uninterrupted([&] { return ::fsync(fd.get()); }) != 0) {
        return failure("sync the directory", directory, errno);
    }
    return Unit{};
}

}  // namespace fermata
