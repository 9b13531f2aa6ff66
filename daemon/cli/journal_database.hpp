#pragma once

#include <iosfwd>
#include <string>

namespace fermata {

/// Compares a journal with the database record by record. Prints one line when they are equal, else
/// names the first record that is missing, doubled or different to `err`. Returns 0 or 1.
int print_database_comparison(const std::string& directory, const std::string& database,
                              std::ostream& out, std::ostream& err);

}  // namespace fermata
