#include "daemon/venue/venue_journal.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "tests/adapters/fix/loopback_venue.hpp"
#include "tests/daemon/venue/exchange_desk.hpp"

namespace fermata::venue {
namespace {

class VenueJournalTest : public ::testing::Test {
protected:
    /// "kind:session:number:text" of each entry.
    std::vector<std::string> open(std::unique_ptr<VenueJournal>& journal) {
        std::vector<std::string> seen;
        journal.reset();
        journal = std::make_unique<VenueJournal>(files, path, [&](const Entry& e) {
            seen.push_back(std::to_string(static_cast<int>(e.kind)) + ':' +
                           std::to_string(e.session) + ':' + std::to_string(e.number) + ':' +
                           (e.kind == EntryKind::kMarket ? std::to_string(e.market.ts.ns)
                                                         : std::string(e.text)));
        });
        return seen;
    }
    static Entry arrived(std::uint64_t number, std::string_view text) {
        Entry e;
        e.kind = EntryKind::kArrived;
        e.session = 2;
        e.number = number;
        e.text = text;
        return e;
    }
    [[nodiscard]] std::filesystem::path file() const { return path / "venue.journal"; }

    fix::test::TemporaryFolder folder;
    const std::filesystem::path path = folder / "venue";
    PosixFileSystem files;
};

TEST_F(VenueJournalTest, GivesBackWhatWasFlushed) {
    std::unique_ptr<VenueJournal> journal;
    EXPECT_TRUE(open(journal).empty());
    journal->append(arrived(1, "35=D"));
    Entry market;
    market.kind = EntryKind::kMarket;
    market.market = test::quote(test::kOpen, "99.99", "100.01");
    journal->append(market);
    journal->append(arrived(2, ""));
    journal->flush();
    journal->append(arrived(3, "never handed over"));
    EXPECT_EQ(open(journal),
              (std::vector<std::string>{"3:2:1:35=D", "2:0:0:1767623400000000000", "3:2:2:"}));
}

TEST_F(VenueJournalTest, CutsOffATornEndWhereverItTears) {
    std::unique_ptr<VenueJournal> journal;
    open(journal);
    journal->append(arrived(1, "first"));
    journal->flush();
    const auto whole = std::filesystem::file_size(file());
    journal->append(arrived(2, "second"));
    journal->flush();
    journal.reset();
    const auto both = std::filesystem::file_size(file());
    std::ifstream in(file(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    for (auto size = whole; size < both; ++size) {
        std::ofstream(file(), std::ios::binary)
            .write(bytes.data(), static_cast<std::streamsize>(size));
        EXPECT_EQ(open(journal), std::vector<std::string>{"3:2:1:first"}) << size;
        journal->append(arrived(3, "third"));
        journal->flush();
        EXPECT_EQ(open(journal), (std::vector<std::string>{"3:2:1:first", "3:2:3:third"})) << size;
        journal.reset();
    }
}

TEST_F(VenueJournalTest, RefusesWhatIsDamagedBeforeItsEnd) {
    std::unique_ptr<VenueJournal> journal;
    open(journal);
    journal->append(arrived(1, "first"));
    journal->append(arrived(2, "second"));
    journal->flush();
    journal.reset();
    std::fstream damage(file(), std::ios::in | std::ios::out | std::ios::binary);
    damage.seekp(34);
    damage.put('X');
    damage.close();
    EXPECT_THROW(open(journal), std::runtime_error);
    VenueJournal::set_aside(path);
    EXPECT_TRUE(std::filesystem::exists(path / "venue.journal.1"));
    EXPECT_TRUE(open(journal).empty());
}

}  // namespace
}  // namespace fermata::venue
