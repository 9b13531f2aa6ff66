#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/market/date.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"

namespace fermata {

/// What is held, and what it is worth with the cash beside it.
struct Holdings {
    std::vector<Quantity> quantities;  ///< By InstrumentId, signed, all accounts together.
    double cash = 0;                   ///< Used without `equity`.
    /// Of a run: what it says itself. Cash is then the equity less the positions.
    std::optional<double> equity;
    /// Equity of all accounts at the end of each UTC date on which it was known; ascending.
    std::vector<std::pair<Date, double>> equity_curve;
    std::vector<std::string> notes;  ///< What the reader of the figures should know.
};

/// From SYMBOL=QUANTITY, one for each position; a symbol twice adds up. Throws
/// std::invalid_argument with a message for the operator.
[[nodiscard]] Holdings parse_holdings(const std::vector<std::string>& positions,
                                      const std::string& cash, const InstrumentTable& instruments);

/// From the result files of a run (positions.csv, equity.csv, summary.json). Throws
/// std::runtime_error that names the file and what is wrong with it.
[[nodiscard]] Holdings read_holdings(const std::filesystem::path& run,
                                     const InstrumentTable& instruments);

/// The instrument of that symbol; throws std::invalid_argument with the one that was probably
/// meant.
[[nodiscard]] const Instrument& instrument_of(const std::string& symbol,
                                              const InstrumentTable& instruments);

}  // namespace fermata
