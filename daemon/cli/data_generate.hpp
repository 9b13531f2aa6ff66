#pragma once

#include <map>
#include <string>

#include "daemon/cli/report_text.hpp"
#include "daemon/cli/tape_out.hpp"

namespace fermata {

/// What `fermata data generate` was asked for. The settings of the feed keep their text: they are
/// read as the same keys of a configuration are.
struct GenerateOptions {
    std::string out;      ///< FILE.tape or FILE.csv.
    std::string symbols;  ///< A number of symbols, or a list: AAA,BBB.
    std::string calendar;
    std::string asset_class = "equity";
    std::string tick = "0.01";
    std::string lot = "1";
    /// Keys of the feed (underscores) with their values; absent ones have their defaults.
    std::map<std::string, std::string> feed;
    std::string jump_intensity, jump_mean, jump_deviation;
    /// One a regime: "MULTIPLIER:P1,P2,...".
    std::vector<std::string> regimes;
    bool force = false;
};

/// Generates the data and writes the file. Returns what was written, with a feed's YAML that reads
/// it. Throws ConfigError whose paths are the options' names, and FeedError.
[[nodiscard]] Report generate_data(const GenerateOptions& options, const WriteProgress& progress);

}  // namespace fermata
