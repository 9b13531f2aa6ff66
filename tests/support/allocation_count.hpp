#pragma once

#include <cstdint>

namespace fermata::test {

/// Counts the calls of operator new in this test program (core_tests). Sanitizers bring their own
/// operator new: there the count is not available.
[[nodiscard]] bool counts_allocations() noexcept;
[[nodiscard]] std::uint64_t allocations() noexcept;

}  // namespace fermata::test
