// Any bytes as a file of a LEAN data folder: the feed gives events in feed order or throws
// FeedError.
//
// The first byte chooses the kind of data and the policy, and whether the rest is an archive or the
// text inside of one; two more choices make it the map or the factor file.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/lean/lean_feed.hpp"
#include "tests/fuzz/feed_check.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/stored_zip.hpp"

namespace {

using namespace fermata;
using namespace fermata::lean;

void put(MemoryFileSystem& files, const std::string& path, std::string_view bytes) {
    auto& file = files.files[path];
    file.bytes.resize(bytes.size());
    if (!bytes.empty()) std::memcpy(file.bytes.data(), bytes.data(), bytes.size());
}

/// Days in UTC with a session from 08:00 to 16:00, around October 2013.
Calendar make_calendar() {
    const Date first = to_date(2013, 10, 1);
    std::vector<Session> sessions;
    std::vector<Timestamp> day_start;
    for (Date d = first; d <= first + 20; d = d + 1) {
        const Timestamp start = *utc_midnight(d);
        day_start.push_back(start);
        if (d < first + 20)
            sessions.push_back({d, start + Duration::hours(8), start + Duration::hours(16)});
    }
    return Calendar("x", "UTC", std::move(sessions), first, std::move(day_start));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    static const Calendar calendar = make_calendar();
    const unsigned choice = data[0];
    const unsigned place = data[1] & 3;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

    LeanFeedConfig config;
    config.root = "data";
    config.symbol = "A";
    config.security = static_cast<LeanSecurity>((choice & 3) % 3);
    config.resolution = static_cast<LeanResolution>((choice >> 2 & 7) % 5);
    config.data = (choice & 32) != 0 ? LeanData::kQuote : LeanData::kTrade;
    config.adjust = place == 3 ? LeanAdjust::kAdjusted : LeanAdjust::kRaw;
    config.max_line_bytes = 128;
    if ((choice & 64) != 0) fermata::fuzz::skip_all(config.on_bad);
    config.extended_hours = (choice & 128) == 0;

    const std::string row = "20131007 00:00,10000,10000,10000,10000,1\n";
    const std::string archive =
        place == 0 ? std::string(bytes)
                   : test::stored_zip({{"20131007_a.csv", place == 1 ? std::string(bytes) : row}});
    MemoryFileSystem files;
    const std::string market = market_folder(config);
    const char* const resolutions[] = {"daily", "hour", "minute", "second", "tick"};
    const std::string folder =
        market + "/" + resolutions[static_cast<std::size_t>(config.resolution)] + "/";
    const std::string kind = config.data == LeanData::kTrade ? "_trade.zip" : "_quote.zip";
    put(files, folder + "a.zip", archive);
    put(files, folder + "a" + kind, archive);
    put(files, folder + "a/20131007" + kind, archive);
    if (place == 2) put(files, market + "/map_files/a.csv", bytes);
    if (place == 3) put(files, market + "/factor_files/a.csv", bytes);

    const InstrumentTable instruments = fermata::fuzz::instruments({"A"}, "x");
    FeedPorts ports;
    ports.instruments = &instruments;
    ports.calendar = [](const std::string&) { return &calendar; };
    ports.files = &files;
    fermata::fuzz::check_feed([&] { return std::make_unique<LeanFeed>(config, ports); });
    return 0;
}
