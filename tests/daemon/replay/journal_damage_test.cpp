// A journal that was damaged, or rewritten by somebody who knows its format, is caught by the
// commands and named.

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "tests/daemon/replay/crash_fixture.hpp"
#include "tests/support/segment_surgery.hpp"

namespace fermata::test {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

using Bytes = std::vector<std::byte>;

class DamagedJournal : public ::testing::TestWithParam<Trial> {
protected:
    void SetUp() override {
        const std::string config = folder_ / "run.yaml";
        write_text(config, yaml_of(GetParam(), 3));
        ASSERT_EQ(Child({"replay", config, "--out", (folder_ / "out").string(), "-q", "--set",
                         "journal.segment_bytes=65536"})
                      .wait(),
                  0);
        for (const auto& file : std::filesystem::directory_iterator(journal_)) {
            names_.push_back(file.path().filename());
        }
        std::sort(names_.begin(), names_.end());
        ASSERT_GE(names_.size(), 3u);
        ASSERT_EQ(verify().code, 0);
        ASSERT_EQ(rerun().code, 0);
    }

    [[nodiscard]] Bytes load(std::size_t segment) const {
        const std::string text = read_text(journal_ / names_[segment]);
        const auto* first = reinterpret_cast<const std::byte*>(text.data());
        return {first, first + text.size()};
    }
    void save(std::size_t segment, const Bytes& bytes) const {
        write_text(journal_ / names_[segment],
                   {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    [[nodiscard]] Said verify(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> command = {"journal", "verify", journal_.string()};
        command.insert(command.end(), more.begin(), more.end());
        return run_command(std::move(command));
    }
    [[nodiscard]] Said rerun() const {
        return run_command({"journal", "rerun", journal_.string(), "-q"});
    }
    /// Changes one segment for as long as `check` runs.
    void with(std::size_t segment, const Bytes& changed, const std::function<void()>& check) {
        const Bytes original = load(segment);
        save(segment, changed);
        check();
        save(segment, original);
    }
    /// A verdict and the record of the trading stream that follows it in the file.
    static std::optional<std::pair<FrameAt, FrameAt>> neighbours(const Bytes& bytes) {
        const std::vector<FrameAt> frames = frames_of(bytes);
        const auto trading = [&](std::size_t n) {
            return frames[n].header.stream == JournalStream::kTrading;
        };
        for (std::size_t k = 0; k < frames.size(); ++k) {
            const std::size_t n = (frames.size() / 2 + k) % frames.size();  // the middle first
            if (n + 1 < frames.size() && trading(n) && trading(n + 1) &&
                frames[n].header.type == static_cast<std::uint16_t>(OrderEventType::kVerdict)) {
                return std::pair(frames[n], frames[n + 1]);
            }
        }
        return std::nullopt;
    }
    /// A segment that has such records, better not the first or the last: where threads put orders
    /// on record is different every time.
    [[nodiscard]] std::size_t busy_segment() const {
        for (std::size_t k = 1; k <= names_.size(); ++k) {
            if (neighbours(load(k % names_.size()))) return k % names_.size();
        }
        throw std::runtime_error("no two records follow each other");
    }
    static Bytes::difference_type at(std::size_t offset) {
        return static_cast<Bytes::difference_type>(offset);
    }
    /// Both commands refuse, and name the segment's file.
    void expect_both_name(const std::string& file, const char* kind) const {
        const Said verified = verify();
        EXPECT_EQ(verified.code, 1);
        EXPECT_THAT(verified.err, HasSubstr(kind));
        EXPECT_THAT(verified.err, HasSubstr(file));
        const Said again = rerun();
        EXPECT_EQ(again.code, 1);
        EXPECT_THAT(again.err, AnyOf(HasSubstr(file), HasSubstr("first divergence: stream ")));
    }

    TemporaryFolder folder_;
    std::filesystem::path journal_ = folder_ / "out/journal";
    std::vector<std::string> names_;  // of the segments
};

TEST_P(DamagedJournal, NamesTheFileOfAnyFlippedBit) {
    std::mt19937_64 random(20240102);
    for (int n = 0; n < 16; ++n) {
        const std::size_t segment = random() % names_.size();
        Bytes bytes = load(segment);
        const std::size_t offset = random() % bytes.size();
        const auto bit = static_cast<unsigned>(random() % 8);
        SCOPED_TRACE(names_[segment] + " byte " + std::to_string(offset) + " bit " +
                     std::to_string(bit));
        bytes[offset] ^= std::byte{1} << bit;
        with(segment, bytes, [&] {
            const Said verified = verify();
            EXPECT_EQ(verified.code, 1);
            EXPECT_THAT(verified.err, HasSubstr(names_[segment]));
            const Said again = rerun();
            EXPECT_THAT(again.err, HasSubstr(names_[segment]));
            // In the last frame of all it looks as if a crash had cut the end off, which is said.
            const bool torn = again.err.find("the journal was not closed") != std::string::npos;
            EXPECT_EQ(again.code, torn ? 0 : 1) << again.err;
            EXPECT_TRUE(!torn || segment + 1 == names_.size()) << again.err;
        });
    }
}

TEST_P(DamagedJournal, NamesADroppedRecord) {
    const std::size_t segment = busy_segment();
    Bytes bytes = load(segment);
    const FrameAt dropped = neighbours(bytes)->first;
    bytes.erase(bytes.begin() + at(dropped.offset),
                bytes.begin() + at(dropped.offset + dropped.size));
    with(segment, bytes, [&] {
        expect_both_name(names_[segment], "position_gap: ");
        EXPECT_THAT(verify().err, HasSubstr(std::to_string(dropped.header.position)));
    });
}

TEST_P(DamagedJournal, NamesASwappedPair) {
    const std::size_t segment = busy_segment();
    Bytes bytes = load(segment);
    const auto [first, second] = *neighbours(bytes);
    std::rotate(bytes.begin() + at(first.offset), bytes.begin() + at(second.offset),
                bytes.begin() + at(second.offset + second.size));
    with(segment, bytes, [&] {
        expect_both_name(names_[segment], "position_gap: ");
        EXPECT_THAT(verify().err, HasSubstr(std::to_string(first.header.position)));
    });
}

TEST_P(DamagedJournal, NamesATruncatedTail) {
    std::mt19937_64 random(7);
    const std::size_t last = names_.size() - 1;
    const Bytes whole = load(last);
    for (int n = 0; n < 6; ++n) {
        const std::size_t size = random() % whole.size();
        SCOPED_TRACE(size);
        with(last, Bytes(whole.begin(), whole.begin() + at(size)), [&] {
            const Said verified = verify();
            EXPECT_EQ(verified.code, 1);
            EXPECT_THAT(verified.err, HasSubstr(" (torn tail): " + names_[last]));
            // A crash leaves that, too: what is there can be done again, and is said to be a part.
            const Said again = rerun();
            EXPECT_THAT(again.err, HasSubstr("the journal was not closed: "));
            EXPECT_EQ(again.code, 0) << again.err;
        });
    }
    std::filesystem::remove(journal_ / names_[last]);
    EXPECT_THAT(verify().err, HasSubstr("not_closed"));
}

// One record says something else, and every checksum is right again: the chain knows, and so does
// the run.
TEST_P(DamagedJournal, NamesARewrittenSegment) {
    const std::size_t segment = busy_segment();
    Bytes bytes = load(segment);
    const FrameAt changed = neighbours(bytes)->first;
    bytes[changed.offset + changed.size - 1] ^= std::byte{1};
    repair_checksums(bytes);
    with(segment, bytes, [&] {
        const Said verified = verify();
        EXPECT_EQ(verified.code, 1);
        // A lockstep run has a hash of its records, too, which is looked at first.
        EXPECT_THAT(verified.err,
                    HasSubstr(GetParam().lockstep() ? "wrong_hash: " : "broken_chain: "));
        EXPECT_THAT(verified.err, HasSubstr(names_[segment]));
        const Said again = rerun();
        EXPECT_EQ(again.code, 1);
        EXPECT_THAT(again.err, HasSubstr("first divergence: stream trading, position " +
                                         std::to_string(changed.header.position) + ": "));
        EXPECT_THAT(again.err, HasSubstr("recorded\n"));
        EXPECT_THAT(again.err, HasSubstr("re-run\n"));
    });
}

// The whole journal is written anew around the change, chain and all. Nothing inside speaks against
// it; a witness outside does, and the run does.
TEST_P(DamagedJournal, NamesAJournalThatWasWrittenAnewAsAWhole) {
    const std::string witness = folder_ / "witness.jsonl";
    ASSERT_EQ(run_command({"journal", "anchor", journal_.string(), "--out", witness}).code, 0);
    EXPECT_EQ(verify({"--anchor", witness}).code, 0);

    PosixFileSystem files;
    auto opened = JournalReader::open(files, journal_);
    ASSERT_TRUE(opened.ok());
    JournalReader& reader = **opened;
    std::unique_ptr<JournalWriter> writer;
    const std::string forged = folder_ / "forged";
    std::uint64_t changed = 0;
    while (const JournalRecord* record = reader.next()) {
        if (!writer) {
            JournalOptions options;
            options.directory = forged;
            options.segment_bytes = 65'536;
            options.configuration = *reader.configuration();
            JournalHashers hashers;
            if (GetParam().lockstep()) hashers.records = sha256_hasher();
            hashers.chain = kDefaultChain;
            hashers.make_chain = chain_hashers();
            auto made =
                JournalWriter::create(files, options, *reader.manifest(), *reader.run(), hashers);
            ASSERT_TRUE(made.ok()) << made.error().message;
            writer = std::move(*made);
        }
        if (record->is_market) {
            ASSERT_TRUE(writer->append(record->market).ok());
            continue;
        }
        OrderEvent event = record->event;
        if (event.type == OrderEventType::kFill && changed == 0) {
            changed = record->position;
            event.data.fill.price = event.data.fill.price + Price::from_raw(10'000'000);
        }
        ASSERT_TRUE(writer->append(event, record->stream).ok());
    }
    ASSERT_EQ(reader.problem(), nullptr);
    ASSERT_TRUE(writer->close().ok());
    ASSERT_NE(changed, 0u);
    std::filesystem::copy(journal_ / "anchors.jsonl", folder_ / "kept.jsonl");
    std::filesystem::remove_all(journal_);
    std::filesystem::rename(forged, journal_);

    EXPECT_EQ(verify().code, 0) << "nothing inside speaks against it";
    const Said witnessed = verify({"--anchor", witness});
    EXPECT_EQ(witnessed.code, 1);
    EXPECT_THAT(witnessed.err, HasSubstr("not_anchored: " + witness + ":1: "));
    const Said again = rerun();
    EXPECT_EQ(again.code, 1);
    EXPECT_THAT(again.err, HasSubstr("first divergence: stream trading, position " +
                                     std::to_string(changed) + ": "));
}

constexpr Trial kDamageTrials[] = {
    {"2024-01-02T14:36:00Z", "sync: none, market: record", "schedule: lockstep"},
    {"2024-01-02T14:45:00Z", "sync: none, market: record", "schedule: concurrent, shards: 2"},
};
INSTANTIATE_TEST_SUITE_P(Runs, DamagedJournal, ::testing::ValuesIn(kDamageTrials),
                         [](const auto& trial) {
                             return trial.param.lockstep() ? "Lockstep" : "Concurrent";
                         });

}  // namespace
}  // namespace fermata::test
