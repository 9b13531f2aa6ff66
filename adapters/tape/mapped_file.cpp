#include "adapters/tape/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/port/feed.hpp"

namespace fermata::tape {
namespace {

constexpr std::size_t kPage = 4096;

[[noreturn]] void fail(const std::string& path, const char* action) {
    throw FeedError(std::string("cannot ") + action + " " + path + ": " + std::strerror(errno));
}

}  // namespace

MappedFile::MappedFile(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail(path, "open");
    struct stat info{};
    if (::fstat(fd, &info) != 0) {
        ::close(fd);
        fail(path, "stat");
    }
    if (!S_ISREG(info.st_mode) || info.st_size == 0) {
        ::close(fd);
        throw FeedError(path + ": not a tape: " +
                        (S_ISREG(info.st_mode) ? "the file is empty" : "not a regular file"));
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    ::close(fd);
    if (address == MAP_FAILED) fail(path, "map");
    ::madvise(address, size, MADV_SEQUENTIAL);
    bytes_ = {static_cast<const std::byte*>(address), size};
}

MappedFile::~MappedFile() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

void MappedFile::will_need(std::size_t offset, std::size_t length) const noexcept {
    if (offset >= bytes_.size()) return;
    const std::size_t begin = offset / kPage * kPage;
    const std::size_t end = std::min(bytes_.size(), offset + length);
    ::madvise(const_cast<std::byte*>(bytes_.data()) + begin, end - begin, MADV_WILLNEED);
}

void MappedFile::done_with(std::size_t offset, std::size_t length) const noexcept {
    const std::size_t begin = (offset + kPage - 1) / kPage * kPage;
    const std::size_t end = std::min(bytes_.size(), offset + length) / kPage * kPage;
    if (begin >= end) return;
    ::madvise(const_cast<std::byte*>(bytes_.data()) + begin, end - begin, MADV_DONTNEED);
}

}  // namespace fermata::tape
