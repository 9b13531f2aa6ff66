#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_writer.hpp"
#include "daemon/retention/file_times.hpp"
#include "tests/support/memory_file_system.hpp"

namespace fermata::test {

/// The times that a test says; a file without one was changed at 1970.
class TestTimes final : public FileTimes {
public:
    std::map<std::string, Timestamp> times;
    Result<Timestamp, FileError> changed(const std::string& path) override { return times[path]; }
    Status<FileError> set_changed(const std::string& path, Timestamp time) override {
        times[path] = time;
        return Unit{};
    }
};

inline constexpr RunId kRun = {std::byte{0xab}, std::byte{2}};

/// A journal of `segments` segments in "run", each with some thirty records; small blocks, so that
/// every segment has several seals.
inline void write_journal(FileSystem& files, std::uint32_t segments, bool closed,
                          HashAlgorithm chain = HashAlgorithm::kBlake2b512) {
    JournalManifest manifest;
    manifest.build = "test";
    manifest.configuration_hash = "sha256:00";
    manifest.strategies = {"s"};
    JournalOptions options;
    options.directory = "run";
    options.segment_bytes = 4'096;
    options.buffer_bytes = 512;
    options.block_bytes = 1'024;
    auto writer =
        JournalWriter::create(files, options, manifest, kRun, {make_sha256, chain, make_hasher});
    ASSERT_TRUE(writer.ok());
    const std::string last = "run/" + segment_file_name(segments);
    for (std::uint64_t i = 1; !files.open(last).ok(); ++i) {
        OrderEvent e =
            make_order_event(OrderEventType::kNewOrder,
                             Timestamp{static_cast<std::int64_t>(1'000 + i)}, InstrumentId{0});
        e.seq = i;
        e.data.new_order.order_id = ClientOrderId{i};
        ASSERT_TRUE((*writer)->append(e).ok());
    }
    ASSERT_TRUE((*writer)->sync().ok());
    if (closed) {
        ASSERT_TRUE((*writer)->close().ok());
    }
}

}  // namespace fermata::test
