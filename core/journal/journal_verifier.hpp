#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/journal/journal_problem.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

/// What the verification of a journal found.
struct JournalVerification {
    std::vector<JournalProblem> problems;  ///< In file order; the first `problems_max`.
    std::uint64_t problem_count = 0;       ///< Also those beyond `problems_max`.
    std::uint64_t records = 0;             ///< Valid ones.
    std::uint32_t segments = 0;
    std::string hash;  ///< Over all valid records; the journal's hash when there is no problem.
    [[nodiscard]] bool ok() const noexcept { return problem_count == 0; }
};

/// Reads a whole journal, checks everything that it says about itself, and lists all problems. Goes
/// on behind damage with the next valid frame.
[[nodiscard]] JournalVerification verify_journal(FileSystem& files, const std::string& directory,
                                                 const HasherFactory& hasher_factory,
                                                 std::size_t problems_max = 1'000);

}  // namespace fermata
