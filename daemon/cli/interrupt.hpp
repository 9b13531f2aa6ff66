#pragma once

namespace fermata {

/// From here on SIGINT and SIGTERM are only noted, so that a run can end in order.
void catch_interrupts();
/// Whether one came.
[[nodiscard]] bool interrupted();

}  // namespace fermata
