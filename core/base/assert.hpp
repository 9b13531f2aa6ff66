#pragma once

/// Assertions that stay on in release. A failed assertion is a bug in Fermata: it prints the
/// expression and its place to standard error and aborts; the journal on disk is already safe.

namespace fermata {

/// Prints `expression` with its place and aborts. Never returns.
[[noreturn, gnu::cold, gnu::noinline]] void assert_failed(const char* expression, const char* file,
                                                          int line) noexcept;

}  // namespace fermata

// A macro, because the text and place of the expression are wanted.
#define FERMATA_ASSERT(expression)                      \
    (__builtin_expect(static_cast<bool>(expression), 1) \
         ? static_cast<void>(0)                         \
         : ::fermata::assert_failed(#expression, __FILE__, __LINE__))
