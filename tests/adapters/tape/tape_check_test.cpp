#include "adapters/tape/tape_check.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "adapters/tape/mapped_file.hpp"
#include "adapters/tape/tape_writer.hpp"
#include "core/base/crc32c.hpp"
#include "core/port/feed.hpp"
#include "tests/support/plain_hasher.hpp"

namespace fermata::tape {
namespace {

class TapeCheck : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "fermata-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        path_ = name + "/a.tape";
        Tables tables;
        tables.symbols = {"AAA"};
        tables.streams = {{"AAA 1m", MarketEventType::kBar, 60}};
        TapeWriter writer(path_, tables, [] { return std::make_unique<PlainHasher>(); });
        std::vector<MarketEvent> events;
        for (std::int64_t t = 0; t < 5000; ++t) {  // two blocks
            events.push_back(make_bar(Timestamp{t}, {0}, {0}, BarData{}));
            events.push_back(make_bar_open(Timestamp{t}, {0}, {0}, Price{}, Quantity{}));
        }
        writer.append(events);
        writer.close();
        std::ifstream in(path_, std::ios::binary);
        bytes_ = {std::istreambuf_iterator<char>(in), {}};
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    /// Changes event `number` (from 1) and makes the checksums right again.
    template <class Change>
    void change_event(std::size_t number, Change change) {
        MarketEvent e;
        char* const at = bytes_.data() + kHeaderBytes + (number - 1) * sizeof(MarketEvent);
        std::memcpy(&e, at, sizeof e);
        change(e);
        std::memcpy(at, &e, sizeof e);
        Header header;
        std::memcpy(&header, bytes_.data(), sizeof header);
        for (std::size_t b = 0; b < header.index_entries; ++b) {
            char* const place = bytes_.data() + header.index_offset + b * sizeof(IndexEntry);
            IndexEntry entry;
            std::memcpy(&entry, place, sizeof entry);
            entry.crc = crc(kHeaderBytes + b * kBlockEvents * sizeof(MarketEvent),
                            entry.events * sizeof(MarketEvent));
            std::memcpy(place, &entry, sizeof entry);
        }
        header.index_crc = crc(header.index_offset, header.index_entries * sizeof(IndexEntry));
        std::memcpy(bytes_.data(), &header, sizeof header);
        header.header_crc = crc(0, offsetof(Header, header_crc));
        std::memcpy(bytes_.data(), &header, sizeof header);
    }
    std::uint32_t crc(std::size_t offset, std::size_t length) const {
        return crc32c(std::as_bytes(std::span(bytes_).subspan(offset, length)));
    }
    /// The message of the check; empty when all is well.
    std::string check() {
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes_;
        const MappedFile file(path_);
        std::size_t blocks = 0;
        try {
            check_tape(
                TapeView(file.bytes(), "a.tape"), [] { return std::make_unique<PlainHasher>(); },
                [&](std::size_t block) { EXPECT_EQ(block, blocks++); });
        } catch (const FeedError& e) {
            return e.what();
        }
        EXPECT_EQ(blocks, 3u);
        return "";
    }

    std::filesystem::path folder_;
    std::string path_;
    std::string bytes_;
};

TEST_F(TapeCheck, PassesWhatTheWriterWrote) { EXPECT_EQ(check(), ""); }

TEST_F(TapeCheck, NoticesAChangeThatAllChecksumsCover) {
    change_event(4321, [](MarketEvent& e) { e.data.bar.close = Price::from_raw(7); });
    EXPECT_NE(check().find("content hash plain:"), std::string::npos) << check();
}

TEST_F(TapeCheck, NoticesEventsOfOneTimeInTheWrongOrder) {
    // Event 5001 is the bar of time 2500; its bar open follows. The other way round is wrong.
    change_event(5001, [](MarketEvent& e) { e.type = MarketEventType::kBarOpen; });
    change_event(5002, [](MarketEvent& e) { e.type = MarketEventType::kBar; });
    EXPECT_EQ(check(),
              "a.tape: event 5002 (bar) does not belong behind a bar_open of the same time");
}

TEST_F(TapeCheck, NoticesAPositionThatIsNotZero) {
    change_event(4097, [](MarketEvent& e) { e.seq = 9; });
    EXPECT_EQ(check(), "a.tape: event 4097 has position 9, expected 0");
}

TEST_F(TapeCheck, RefusesImpossibleValuesOfActionsDepthAndSkips) {
    const std::string good = bytes_;
    change_event(1, [](MarketEvent& e) {
        e.type = MarketEventType::kCorporateAction;
        e.data.corporate_action = CorporateActionData{};
        e.data.corporate_action.denominator = 0;
    });
    EXPECT_NE(check().find("impossible values"), std::string::npos);
    bytes_ = good;
    change_event(1, [](MarketEvent& e) {
        e.type = MarketEventType::kDepth;
        e.data.depth = DepthData{};
        e.data.depth.side = 2;
    });
    EXPECT_NE(check().find("impossible values"), std::string::npos);
    bytes_ = good;
    change_event(1, [](MarketEvent& e) {
        e.type = MarketEventType::kSkipped;
        e.data.skipped = SkippedData{};
        e.data.skipped.reason = static_cast<SkipReason>(kSkipReasonCount);
    });
    EXPECT_NE(check().find("impossible values"), std::string::npos);
}

}  // namespace
}  // namespace fermata::tape
