#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/journal_head.hpp"
#include "core/journal/journal_problem.hpp"
#include "core/port/file.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

struct JournalVerifierOptions {
    HasherFactory records_hasher;  ///< Of the trading stream's records.
    HasherMaker chain_hasher;      ///< Without it the chain is not checked.
    /// A head that was kept outside: whether the journal still contains it.
    std::optional<JournalHead> anchor;
    /// 1: all segments must be there. 0: the first ones may have been pruned.
    std::uint32_t first_segment = 1;
    std::size_t problems_max = 1'000;  ///< As many are listed.
};

/// What the verification of a journal found.
struct JournalVerification {
    std::vector<JournalProblem> problems;  ///< In file order; the first `problems_max`.
    std::uint64_t problem_count = 0;       ///< Also those beyond `problems_max`.
    std::uint64_t records = 0;             ///< Valid ones.
    std::uint32_t first_segment = 0;       ///< That was read.
    std::uint32_t segments = 0;
    std::string hash;                 ///< Over all valid records of the trading stream.
    std::optional<JournalHead> head;  ///< At the last seal: what an anchor is made of.
    [[nodiscard]] bool ok() const noexcept { return problem_count == 0; }
};

/// Reads a whole journal, checks everything that it says about itself, and lists all problems. Goes
/// on behind damage with the next valid frame.
[[nodiscard]] JournalVerification verify_journal(FileSystem& files, const std::string& directory,
                                                 const JournalVerifierOptions& options);

}  // namespace fermata
