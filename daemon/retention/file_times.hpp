#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/port/file.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// When files were written last, by the clock of the machine.
class FileTimes {
public:
    FileTimes() = default;
    FileTimes(const FileTimes&) = delete;
    FileTimes& operator=(const FileTimes&) = delete;
    virtual ~FileTimes() = default;

    [[nodiscard]] virtual Result<Timestamp, FileError> changed(const std::string& path) = 0;
    [[nodiscard]] virtual Status<FileError> set_changed(const std::string& path,
                                                        Timestamp time) = 0;
};

/// Of the operating system's files.
class PosixFileTimes final : public FileTimes {
public:
    [[nodiscard]] Result<Timestamp, FileError> changed(const std::string& path) override;
    [[nodiscard]] Status<FileError> set_changed(const std::string& path, Timestamp time) override;
};

}  // namespace fermata
