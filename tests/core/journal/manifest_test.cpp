#include "core/journal/manifest.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/plain_hasher.hpp"

namespace fermata {
namespace {

JournalManifest some_manifest() {
    JournalManifest manifest;
    manifest.build = "0.1.0";
    manifest.configuration_hash = "sha256:ab";
    manifest.time_zones = "2026b";
    manifest.start = Timestamp{5};
    manifest.sources = {{"SPY.csv", "sha256:01"}, {"IBM.csv", "sha256:02"}};
    manifest.instruments = {"SPY", "IBM"};
    return manifest;
}

TEST(JournalManifest, GivesARepeatableRunTheSameIdWhereverItIsDone) {
    const JournalManifest manifest = some_manifest();
    const auto id = [](const JournalManifest& m) {
        return repeatable_run_id(m, make_plain_hasher);
    };
    JournalManifest elsewhere = manifest;
    elsewhere.folder = "/other";
    elsewhere.sources[0].name = "/other/SPY.csv";
    elsewhere.boot_epoch = 2;
    elsewhere.shards = 4;  // in lockstep nothing depends on it
    EXPECT_EQ(id(manifest), id(elsewhere));
    const auto changed = [&](auto change) {
        JournalManifest m = manifest;
        change(m);
        return id(m) != id(manifest);
    };
    EXPECT_TRUE(changed([](auto& m) { m.build = "0.1.1"; }));
    EXPECT_TRUE(changed([](auto& m) { m.configuration_hash = "sha256:ac"; }));
    EXPECT_TRUE(changed([](auto& m) { m.start = Timestamp{6}; }));
    EXPECT_TRUE(changed([](auto& m) { m.time_zones = "2026c"; }));
    EXPECT_TRUE(changed([](auto& m) { m.market = MarketRecord::kRecord; }));
    EXPECT_TRUE(changed([](auto& m) { m.sources[1].hash = "sha256:03"; }));
    EXPECT_TRUE(changed([](auto& m) { m.sources.pop_back(); }));
}

TEST(JournalManifest, NamesWhatMakesTwoBootsBootsOfDifferentRuns) {
    const JournalManifest manifest = some_manifest();
    const auto named = [&](auto change) {
        JournalManifest m = manifest;
        change(m);
        EXPECT_EQ(same_run(manifest, m), difference(manifest, m).empty());
        return difference(manifest, m);
    };
    EXPECT_EQ(named([](auto& m) { m.boot_epoch = 2; }), "");
    EXPECT_EQ(named([](auto& m) { m.build = "0.1.1"; }), "");
    EXPECT_EQ(named([](auto& m) { m.shards = 2; }), "");
    EXPECT_EQ(named([](auto& m) { m.schedule = RunSchedule::kConcurrent; }),
              "schedule (lockstep, concurrent)");
    EXPECT_EQ(named([](auto& m) { m.market = MarketRecord::kRecord; }),
              "journal.market (reference, record)");
    EXPECT_EQ(named([](auto& m) { m.configuration_hash = "sha256:ac"; }),
              "configuration (sha256:ab, sha256:ac)");
    EXPECT_EQ(named([](auto& m) { m.sources[1].hash = "sha256:03"; }),
              "source 1 (sha256:02, sha256:03)");
    EXPECT_EQ(named([](auto& m) { m.sources.pop_back(); }), "source 1 (sha256:02, nothing)");
    EXPECT_EQ(named([](auto& m) { m.instruments.push_back("QQQ"); }), "ids");
    EXPECT_EQ(named([](auto& m) { m.feed_start = 9; }), "first feed position (1, 9)");
    EXPECT_EQ(named([](auto& m) { m.order_epochs_taken = 9; }),
              "epochs of order ids taken before (0, 9)");
}

TEST(JournalManifest, IsWrittenAsLinesInAFixedOrder) {
    JournalManifest manifest;
    manifest.build = "0.1.0";
    manifest.configuration_hash = "sha256:ab";
    manifest.calendars = "2026a";
    manifest.time_zones = "2026b";
    manifest.start = Timestamp{-5};
    manifest.shards = 4;
    manifest.parent = "00ff";
    manifest.folder = "/runs";
    manifest.boot_epoch = 2;
    manifest.order_epochs_taken = 65'534;
    manifest.schedule = RunSchedule::kConcurrent;
    manifest.market = MarketRecord::kRecord;
    manifest.feed_start = 7;
    manifest.sources = {{"SPY.csv", "sha256:01"}};
    manifest.instruments = {"SPY", "A=B"};
    manifest.strategies = {"back\\slash\nline"};
    manifest.other = {{"note", "kept"}};
    EXPECT_EQ(to_text(manifest),
              "build=0.1.0\n"
              "configuration=sha256:ab\n"
              "calendars=2026a\n"
              "time_zones=2026b\n"
              "parent=00ff\n"
              "folder=/runs\n"
              "start_ns=-5\n"
              "shards=4\n"
              "boot_epoch=2\n"
              "order_epochs_taken=65534\n"
              "schedule=concurrent\n"
              "market=record\n"
              "feed_start=7\n"
              "source.0.name=SPY.csv\n"
              "source.0.hash=sha256:01\n"
              "instrument.0=SPY\n"
              "instrument.1=A=B\n"
              "strategy.0=back\\\\slash\\nline\n"
              "note=kept\n");
}

TEST(JournalManifest, SkipsEmptyLinesAndKeepsKeysThatItDoesNotKnow) {
    const auto manifest = parse_manifest("\nfuture.0.thing=x\n\nbuild=b");
    ASSERT_TRUE(manifest.ok());
    EXPECT_EQ(manifest->build, "b");
    ASSERT_EQ(manifest->other.size(), 1U);
    EXPECT_EQ(manifest->other[0].first, "future.0.thing");
}

TEST(JournalManifest, RefusesWhatItCannotRead) {
    for (const char* text :
         {"no equals sign", "=value", "shards=four", "shards=", "start_ns=1x",
          "instrument.1=first is not 0", "instrument=x", "instrument.00=x",
          "source.0.hash=before name", "source.0=x", "build=bad \\escape", "build=ends in \\"}) {
        EXPECT_FALSE(parse_manifest(text).ok()) << text;
    }
    EXPECT_EQ(parse_manifest("build=b\nshards=x\n").error().message,
              "line 2 of the manifest cannot be read: shards=x");
}

RC_GTEST_PROP(JournalManifest, ReadsBackWhatItWrote,
              (const std::string& build, const std::vector<std::string>& symbols,
               const std::vector<std::pair<std::string, std::string>>& sources, std::int64_t start,
               std::uint32_t shards)) {
    JournalManifest manifest;
    manifest.build = build;
    manifest.start = Timestamp{start};
    manifest.shards = shards;
    manifest.instruments = symbols;
    manifest.strategies = symbols;
    for (const auto& [name, hash] : sources) manifest.sources.push_back({name, hash});
    const auto back = parse_manifest(to_text(manifest));
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == manifest);
}

}  // namespace
}  // namespace fermata
