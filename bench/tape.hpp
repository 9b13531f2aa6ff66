#pragma once

/// A tape of the synthetic market's quotes.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "adapters/tape/tape_writer.hpp"
#include "bench/market.hpp"

namespace fermata::bench {

/// Writes it into `folder` and returns its path.
inline std::string write_tape(const std::filesystem::path& folder, std::size_t instruments,
                              std::uint64_t quotes) {
    const std::string path = (folder / ("quotes-" + std::to_string(quotes) + ".tape")).string();
    QuoteMarket market(instruments);
    tape::Tables tables;
    for (const Instrument& i : market.instruments().all()) tables.symbols.push_back(i.symbol);
    for (const StreamInfo& s : market.streams()) tables.streams.push_back({s.name, s.kind, 0});
    tape::TapeWriter writer(path, tables, {});
    std::vector<MarketEvent> batch;
    for (std::uint64_t n = 0; n < quotes;) {
        batch.clear();
        for (; batch.size() < 4096 && n < quotes; ++n) batch.push_back(market.next());
        writer.append(batch);
    }
    writer.close();
    return path;
}

}  // namespace fermata::bench
