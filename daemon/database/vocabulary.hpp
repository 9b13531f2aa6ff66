#pragma once

#include "adapters/postgres/vocabulary.hpp"

namespace fermata {

/// The risk gate's lists for the database, from risk/controls.hpp.
[[nodiscard]] const postgres::Vocabulary& database_vocabulary();

}  // namespace fermata
