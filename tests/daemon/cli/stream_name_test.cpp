#include "daemon/cli/stream_name.hpp"

#include <gtest/gtest.h>

namespace fermata {
namespace {

TEST(StreamName, StagesAreCountedFromZero) {
    EXPECT_EQ(stream_text(JournalStream::kTrading), "trading");
    EXPECT_EQ(stream_text(JournalStream::kFeed), "feed");
    EXPECT_EQ(stream_text(JournalStream{16}), "venue.0");
    EXPECT_EQ(stream_text(JournalStream{63}), "venue.47");
    EXPECT_EQ(stream_text(JournalStream{64}), "shard.0");
    EXPECT_EQ(stream_text(JournalStream{255}), "shard.191");
    EXPECT_EQ(stream_text(JournalStream{3}), "stream.3") << "has no meaning yet";
}

TEST(StreamName, EveryNameLeadsBackToItsStream) {
    for (std::uint16_t number = 1; number < kJournalStreamsMax; ++number) {
        EXPECT_EQ(stream_of(stream_text(JournalStream{number})), JournalStream{number});
    }
    for (const char* text :
         {"", "venue", "venue.", "venue.48", "venue.00", "shard.-1", "control"}) {
        EXPECT_FALSE(stream_of(text)) << text;
    }
}

}  // namespace
}  // namespace fermata
