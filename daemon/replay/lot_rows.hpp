#pragma once

#include <filesystem>

#include "core/account/tax_lot.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// lots.csv: every tax lot, closed ones in the order in which they were closed, then open ones.
void write_lots(const std::filesystem::path& dir, const RunNames& names, const LotReport& report);

}  // namespace fermata
