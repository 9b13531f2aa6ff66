#pragma once

#include <cstdint>
#include <optional>

namespace fermata {

/// From here on SIGINT and SIGTERM are only noted, so that a run can end in order.
void catch_interrupts();
/// Whether one came.
[[nodiscard]] bool interrupted();

/// From here on SIGUSR1 is only noted.
void catch_opening_bell();
/// Whether one came.
[[nodiscard]] bool opening_bell();

/// From here on SIGHUP is only noted, with the user that sent it.
void catch_reloads();
/// The user that sent the newest one since the last call, if one came.
[[nodiscard]] std::optional<std::uint32_t> take_reload();

}  // namespace fermata
