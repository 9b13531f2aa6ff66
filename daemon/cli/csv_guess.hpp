#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/csv/csv_config.hpp"
#include "core/port/byte_source.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// What the first rows of a CSV file look like. A guess, to begin a configuration with: nothing
/// reads data by it.
struct CsvGuess {
    char delimiter = ',';
    bool header = false;
    std::vector<std::string> columns;              ///< Names, or "0", "1", ... without a header.
    std::vector<std::vector<std::string>> sample;  ///< The first data rows.
    std::size_t rows = 0;                          ///< Data rows that were looked at.
    bool whole_file = false;                       ///< There were no more rows.

    std::optional<csv::CsvKind> kind;
    /// Keys of the feed's `columns` with the columns that serve them; without time.
    std::vector<std::pair<std::string, std::string>> roles;
    std::optional<std::string> time_column;
    csv::CsvTime time;  ///< unit, or format without a zone.
    bool time_is_known = false;
    std::optional<Timestamp> first,
        last;                          ///< Of the rows that were looked at; local when by format.
    std::vector<std::string> symbols;  ///< In those rows.
    Duration interval;                 ///< Bars: the most frequent distance of two rows.
    std::vector<std::string> notes;    ///< What deserves a look.
};

/// Looks at up to `rows_max` rows. Throws FeedError when the source cannot be read or has no line.
[[nodiscard]] CsvGuess guess_csv(std::unique_ptr<ByteSource> source, std::size_t rows_max = 2000);

/// "ns", "us", "ms" or "s", when the number could be a time of the years 1980 to 2100 in it.
[[nodiscard]] std::optional<csv::CsvTimeUnit> guess_time_unit(std::string_view text);

/// A feed's YAML to begin with; `path` as it stands there.
[[nodiscard]] std::string feed_yaml(const CsvGuess& guess, const std::string& path);

}  // namespace fermata
