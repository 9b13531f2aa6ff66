#pragma once

#include <string_view>

namespace fermata {

/// What the program was built from: the commit ("1a2b3c4d5e6f", with "-dirty" behind it when files
/// of the checkout were changed), or "sources-…" with the beginning of a hash of the sources where
/// there is no commit. The text is compiled into one file of its own (build_commit.cmake).
[[nodiscard]] std::string_view build_commit() noexcept;

}  // namespace fermata
