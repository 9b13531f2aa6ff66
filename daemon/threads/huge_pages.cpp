#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "daemon/threads/placement.hpp"

namespace fermata {
namespace {

constexpr std::uintptr_t kHuge = std::uintptr_t{2} << 20;

#ifndef MADV_COLLAPSE
constexpr int MADV_COLLAPSE = 25;  // Linux 6.1; older kernels collapse in the background
#endif

struct Range {
    std::uintptr_t begin = 0, end = 0;
};

/// The part of a line of /proc/self/maps that can be huge pages: private, writable, of no file.
Range huge_part(const std::string& line) {
    unsigned long begin = 0, end = 0, offset = 0, inode = 0;
    char permissions[5] = {}, device[12] = {}, name[64] = {};
    const int fields = std::sscanf(line.c_str(), "%lx-%lx %4s %lx %11s %lu %63s", &begin, &end,
                                   permissions, &offset, device, &inode, name);
    if (fields < 6 || inode != 0 || std::strcmp(permissions, "rw-p") != 0) return {};
    if (fields == 7 && std::strcmp(name, "[heap]") != 0) return {};
    const Range aligned{(begin + kHuge - 1) & ~(kHuge - 1), end & ~(kHuge - 1)};
    return aligned.begin < aligned.end ? aligned : Range{};
}

}  // namespace

std::size_t advise_huge_pages() {
    std::ifstream maps("/proc/self/maps");
    std::vector<Range> ranges;  // first, for asking changes the map
    for (std::string line; std::getline(maps, line);) {
        const Range range = huge_part(line);
        if (range.begin != range.end) ranges.push_back(range);
    }
    std::size_t advised = 0;
    int refused = 0;
    for (const Range& range : ranges) {
        void* const at = reinterpret_cast<void*>(range.begin);
        const std::size_t length = range.end - range.begin;
        if (::madvise(at, length, MADV_HUGEPAGE) != 0) {
            refused = errno;
            continue;
        }
        advised += length;
        // At once where the kernel can; where it cannot, it will do so in its own time.
        (void)::madvise(at, length, MADV_COLLAPSE);
    }
    errno = refused;
    return advised;
}

}  // namespace fermata
