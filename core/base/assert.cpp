#include "core/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace fermata {

void assert_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "fermata: assertion failed: %s (%s:%d)\n", expression, file, line);
    std::fflush(stderr);
    std::abort();
}

}  // namespace fermata
