#pragma once

#include "daemon/config/config.hpp"
#include "daemon/config/reader.hpp"
#include "daemon/config/settings.hpp"

namespace fermata::config {

/// Turns settings that are valid one by one into a Config: names become ids, civil times instants,
/// files of instruments instruments. What contradicts something elsewhere is a problem of `reader`;
/// the Config is usable only when there is none. `document` serves to find the places of keys.
/// Changes `settings` to the effective ones where a default depends on other keys.
[[nodiscard]] Config assemble(Reader& reader, const Node& document, Settings& settings);

}  // namespace fermata::config
