#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// Keeps everybody else who asks for the same lock out of a directory until it is destroyed or the
/// process ends, however it ends. Programs that the process starts do not inherit it.
class DirectoryLock {
public:
    /// Locks the directory itself (flock): no file is left behind. kExists when it is held, with a
    /// message that names the directory and, where the system tells it, the holder's process id.
    [[nodiscard]] static Result<DirectoryLock, FileError> take(const std::string& directory);
    /// A lock of its own for one kind of work in the directory: the empty file `name`, which is
    /// made and left there, since a file that is removed while it is locked locks nobody out.
    [[nodiscard]] static Result<DirectoryLock, FileError> take(const std::string& directory,
                                                               const std::string& name);

    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&& other) = delete;
    ~DirectoryLock();

private:
    explicit DirectoryLock(int descriptor) noexcept : descriptor_(descriptor) {}
    [[nodiscard]] static Result<DirectoryLock, FileError> lock(int descriptor,
                                                               const std::string& directory);
    int descriptor_ = -1;
};

}  // namespace fermata
