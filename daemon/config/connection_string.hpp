#pragma once

#include <string_view>

namespace fermata::config {

/// Whether a PostgreSQL connection string carries a password, in whatever form libpq reads it:
/// user:password@ in a URL, or the keys password and sslpassword in a URL's query or a key=value
/// string, percent-encoded or not. Also true for a string that libpq refuses and that shows one.
[[nodiscard]] bool carries_password(std::string_view connection);

}  // namespace fermata::config
