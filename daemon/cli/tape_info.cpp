#include "adapters/tape/mapped_file.hpp"
#include "adapters/tape/tape_check.hpp"
#include "adapters/tape/tape_view.hpp"
#include "core/market/stream.hpp"
#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/data_info.hpp"
#include "daemon/cli/event_census.hpp"

namespace fermata {
namespace {

StreamTable streams_of(const tape::Tables& tables) {
    StreamTable streams;
    for (const tape::Tables::Stream& s : tables.streams) {
        streams.push_back({StreamId{static_cast<std::uint16_t>(streams.size())}, s.name, s.kind,
                           Duration{s.interval_ns}});
    }
    return streams;
}

}  // namespace

Report tape_report(const std::filesystem::path& path, const TapeInfoOptions& options) {
    const tape::MappedFile file(path.string());
    const tape::TapeView view(file.bytes(), path.string());
    const StreamTable streams = streams_of(view.tables());
    const auto give_back = [&file](std::size_t block) {
        constexpr std::size_t kBytes = tape::kBlockEvents * sizeof(MarketEvent);
        file.done_with(tape::kHeaderBytes + block * kBytes, kBytes);
    };
    if (options.verify) tape::check_tape(view, sha256_hasher(), give_back);

    EventCensus census(view.tables().symbols.size(), streams.size(), options.head);
    for (std::size_t b = 0; b < view.block_count(); ++b) {
        census.add(view.block(b));
        give_back(b);
    }
    Report report;
    report["file"] = path.string();
    report["format"] = "tape";
    report["version"] = std::uint64_t{tape::kVersion};
    report["bytes"] = std::uint64_t{file.bytes().size()};
    report["content_hash"] =
        view.content_hash().empty() ? "none" : std::string(view.content_hash());
    report["verified"] = options.verify;
    census.report_range(report);
    report["symbols"] = view.tables().symbols;
    census.report_tables(report, view.tables().symbols, streams);
    return report;
}

}  // namespace fermata
