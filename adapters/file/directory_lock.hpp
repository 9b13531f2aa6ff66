#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// Keeps other processes that ask for the same lock out of a directory until it is destroyed or the
/// process ends, however it ends (flock on the directory itself: no file is left behind).
class DirectoryLock {
public:
    /// kExists when another process holds it.
    [[nodiscard]] static Result<DirectoryLock, FileError> take(const std::string& directory);

    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&& other) = delete;
    ~DirectoryLock();

private:
    explicit DirectoryLock(int descriptor) noexcept : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace fermata
