#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/market/corporate_action.hpp"
#include "core/port/byte_source.hpp"
#include "core/port/hasher.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// The splits and dividends of a file.
struct CorporateActionList {
    std::vector<CorporateAction>
        actions;                      ///< Of the run's instruments, in the order of sort_actions.
    std::uint64_t rows = 0;           ///< Data rows of the file.
    std::uint64_t other_symbols = 0;  ///< Rows of symbols that the run does not know.
    std::string source_hash;          ///< "sha256:..." of the bytes; "none" without a hasher.
};

/// Reads a comma-separated file (RFC 4180, UTF-8) whose first line names its columns, in any order:
///
///   symbol        as in the configuration; rows of other symbols are checked and counted
///   ex_date       YYYY-MM-DD, the first trading date with the new price basis
///   type          split or dividend
///   value         split: new shares for one old share, a decimal (2, 0.05 for a 1:20 reverse
///   split);
///                 dividend: cash a share, in the share basis before the ex date
///   close_before  optional; the last close before the ex date. Series that are adjusted for
///                 dividends need it.
///
/// Other columns are left alone. Several dividends of one date are several payments; the same row
/// twice, or two splits of one date, are refused.
/// Throws FeedError: "actions.csv:3: value: found 'two', expected a positive decimal number".
[[nodiscard]] CorporateActionList read_corporate_actions(std::unique_ptr<ByteSource> source,
                                                         const InstrumentTable& instruments,
                                                         const HasherFactory& hasher = {});

}  // namespace fermata
