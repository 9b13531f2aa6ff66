#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "adapters/tape/tape_feed.hpp"
#include "adapters/tape/tape_writer.hpp"
#include "core/base/crc32c.hpp"

namespace fermata::tape {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for each test, removed afterwards.
class Tape : public ::testing::Test {
protected:
    void SetUp() override {
        const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
        dir_ = fs::temp_directory_path() /
               ("fermata-tape-" + std::string(info->name()) + "-" + std::to_string(::getpid()));
        fs::create_directories(dir_);
        path_ = (dir_ / "test.tape").string();
        for (const char* symbol : {"AAA", "BBB"}) {
            Instrument instrument;
            instrument.symbol = symbol;
            instrument.ticks = {{Timestamp::min(), Price::from_raw(1)}};
            instruments_.add(instrument);
        }
    }
    void TearDown() override { fs::remove_all(dir_); }

    static Tables tables() {
        Tables t;
        t.symbols = {"AAA", "BBB"};
        t.streams = {{"AAA quotes", MarketEventType::kQuote, 0},
                     {"BBB 1m bars", MarketEventType::kBar, 60'000'000'000}};
        return t;
    }
    static MarketEvent quote(std::int64_t ns, std::int64_t bid) {
        return make_quote(Timestamp{ns}, InstrumentId{0}, StreamId{0},
                          QuoteData{Price::from_raw(bid), Quantity::from_units(1),
                                    Price::from_raw(bid + 10), Quantity::from_units(2), 0});
    }
    static std::vector<MarketEvent> quotes(std::size_t n) {
        std::vector<MarketEvent> events;
        for (std::size_t i = 0; i < n; ++i) {
            events.push_back(
                quote(static_cast<std::int64_t>(i) * 10, static_cast<std::int64_t>(i)));
        }
        return events;
    }
    void write(const std::vector<MarketEvent>& events, const Tables& t = tables()) {
        TapeWriter writer(path_, t, {});
        writer.append(events);
        writer.close();
    }
    std::vector<MarketEvent> read(TapeFeedOptions options) {
        StreamTable streams;
        TapeFeed feed(std::move(options), instruments_, streams);
        std::vector<MarketEvent> events;
        for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
            events.insert(events.end(), batch.begin(), batch.end());
        }
        return events;
    }
    std::string load() {
        std::ifstream in(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void store(const std::string& bytes) {
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    }
    /// The message of the FeedError that reading gives; empty when it reads well.
    std::string error() {
        try {
            read({path_});
        } catch (const FeedError& e) {
            return e.what();
        }
        return {};
    }

    fs::path dir_;
    std::string path_;
    InstrumentTable instruments_;
};

TEST_F(Tape, GivesBackEveryByteOfEveryEventOverSeveralBlocks) {
    const auto events = quotes(2 * kBlockEvents + 17);
    write(events);
    const auto read_back = read({path_});
    ASSERT_EQ(read_back.size(), events.size());
    EXPECT_EQ(std::memcmp(read_back.data(), events.data(), events.size() * sizeof(MarketEvent)), 0);
}

TEST_F(Tape, HoldsExactlyWhatTheFormatSays) {
    // One event: 4096 bytes of header, 64 of event, 24 of index, then the tables:
    // count 2, (3, "AAA"), (3, "BBB"), count 2, (kind 1, interval 0, 10 "AAA quotes"),
    // (kind 3, interval 6e10, 11 "BBB 1m bars") = 4+5+5+4+21+22 = 61 bytes.
    write(quotes(1));
    const std::string bytes = load();
    ASSERT_EQ(bytes.size(), 4096u + 64 + 24 + 61);
    EXPECT_EQ(bytes.substr(0, 8), "FERMTAPE");
    EXPECT_EQ(bytes.substr(8, 4), std::string("\x01\0\0\0", 4));
    EXPECT_EQ(bytes.substr(24, 8), std::string("\x01\0\0\0\0\0\0\0", 8));  // event count
    EXPECT_EQ(bytes.substr(4096 + 88, 9), std::string("\x02\0\0\0\x03\0AAA", 9));
}

TEST_F(Tape, DeliversOnlyTheAskedTimes) {
    write(quotes(3 * kBlockEvents));
    const std::int64_t from = 10 * (kBlockEvents + 5);
    const std::int64_t to = 10 * (2 * kBlockEvents + 7);
    const auto events = read({path_, Timestamp{from - 3}, Timestamp{to}});
    ASSERT_EQ(events.size(), kBlockEvents + 2u);
    EXPECT_EQ(events.front().ts.ns, from);
    EXPECT_EQ(events.back().ts.ns, to - 10);
    EXPECT_TRUE(read({path_, Timestamp{1'000'000'000}, Timestamp::never()}).empty());
}

TEST_F(Tape, TranslatesTheIdsOfTheTapeToThoseOfTheRun) {
    Tables other = tables();
    std::swap(other.symbols[0], other.symbols[1]);
    write(quotes(10), other);
    StreamTable streams(3);  // the run has three streams already
    TapeFeed feed({path_}, instruments_, streams);
    const auto batch = feed.next();
    ASSERT_EQ(batch.size(), 10u);
    EXPECT_EQ(batch[9].instrument.value, 1u);
    EXPECT_EQ(batch[9].stream.value, 3u);
    ASSERT_EQ(streams.size(), 5u);
    EXPECT_EQ(streams[4].name, "BBB 1m bars");
    EXPECT_EQ(streams[4].interval.ns, 60'000'000'000);
}

TEST_F(Tape, RefusesAnInstrumentThatTheRunDoesNotDefine) {
    Tables other = tables();
    other.symbols[1] = "ZZZ";
    write(quotes(1), other);
    EXPECT_NE(error().find("'ZZZ'"), std::string::npos) << error();
}

TEST_F(Tape, NoticesEveryFlippedByte) {
    write(quotes(5));
    const std::string good = load();
    for (std::size_t i = 0; i < good.size(); ++i) {
        // Behind the header's fields up to the first event lie zeros that mean nothing.
        if (i >= sizeof(Header) && i < kHeaderBytes) continue;
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x20);
        store(bad);
        ASSERT_NE(error(), "") << "byte " << i;
    }
}

TEST_F(Tape, NoticesEveryTruncation) {
    write(quotes(3));
    const std::string good = load();
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, std::size_t{100}, kHeaderBytes - 1, kHeaderBytes,
          kHeaderBytes + 63, good.size() - 62, good.size() - 1}) {
        store(good.substr(0, length));
        EXPECT_NE(error().find("test.tape"), std::string::npos) << length;
    }
}

TEST_F(Tape, RefusesATapeThatWasNeverClosed) {
    {
        TapeWriter writer(path_, tables(), {});
        writer.append(quotes(2 * kBlockEvents));
    }
    EXPECT_NE(error(), "");
}

TEST_F(Tape, RefusesAnotherVersionAndSaysWhichItExpects) {
    write(quotes(1));
    std::string bytes = load();
    bytes[8] = 9;
    store(bytes);
    EXPECT_NE(error().find("version 9, expected 1"), std::string::npos) << error();
}

TEST_F(Tape, RefusesToWriteEventsThatStepBack) {
    TapeWriter writer(path_, tables(), {});
    writer.append(quotes(3));
    const std::vector<MarketEvent> late = {quote(5, 1)};
    EXPECT_THROW(writer.append(late), FeedError);
}

TEST_F(Tape, RefusesTablesThatEndTooEarlyOrTooLate) {
    const std::string good = encode(tables());
    EXPECT_NO_THROW((void)decode_tables(good, "t"));
    for (std::size_t n = 0; n < good.size(); ++n) {
        EXPECT_THROW((void)decode_tables(good.substr(0, n), "t"), FeedError) << n;
    }
    EXPECT_THROW((void)decode_tables(good + '\0', "t"), FeedError);
    EXPECT_THROW((void)decode_tables(std::string(4, '\xff'), "t"), FeedError);
}

}  // namespace
}  // namespace fermata::tape
