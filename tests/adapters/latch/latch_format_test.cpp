#include "adapters/latch/latch_format.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/port/latch.hpp"

namespace fermata::latch {
namespace {

using Bytes = std::vector<std::byte>;

/// Names of what is latched, with the level; "!" for a file that says HALTED by its fault.
using Said = std::vector<std::pair<std::string, Level>>;

Said said(const Bytes& bytes) {
    const auto state = std::make_unique<State>();
    examine(bytes, *state);
    if (state->fault != Fault::kNone) return {{"!", Level::kNoNewOrders}};
    Said out;
    for (const Entry& e : state->latched()) out.emplace_back(e.target.view(), e.level);
    if (state->emergency) out.emplace_back("emergency", Level::kCancelAll);
    return out;
}

bool halted(const Said& s) { return s.size() == 1 && s[0].first == "!"; }

Entry strategy(const std::string& name, Level level) {
    Entry e;
    e.scope = ControlScope::kStrategy;
    e.target.assign(name);
    e.level = level;
    return e;
}

void put_word(Bytes& bytes, std::uint64_t word) {
    std::memcpy(bytes.data() + kWordAt, &word, sizeof(word));
}

/// A file whose state is `generation` with these entries in the slot that an even or odd generation
/// goes to.
std::uint64_t put_state(Bytes& bytes, std::uint64_t generation, const std::vector<Entry>& entries) {
    const auto state = std::make_unique<State>();
    state->slot.generation = generation;
    state->slot.count = static_cast<std::uint32_t>(entries.size());
    std::copy(entries.begin(), entries.end(), state->entries.begin());
    write_slot(bytes, static_cast<int>(generation % 2), *state);
    return state->word();
}

Bytes file_of(std::uint64_t generation, const std::vector<Entry>& entries) {
    Bytes bytes(kLatchBytes);
    write_head(bytes);
    put_word(bytes, put_state(bytes, generation, entries));
    return bytes;
}

const std::vector<Entry> kOld = {strategy("alpha", Level::kNoNewOrders)};
const std::vector<Entry> kStricter = {strategy("alpha", Level::kCancelAll),
                                      strategy("beta", Level::kReduceOnly)};
const std::vector<Entry> kLooser = {};

TEST(LatchFormat, ReadsBackTheStateThatWasWritten) {
    EXPECT_EQ(said(file_of(7, kStricter)),
              (Said{{"alpha", Level::kCancelAll}, {"beta", Level::kReduceOnly}}));
    EXPECT_EQ(said(file_of(1, {})), Said{});
}

TEST(LatchFormat, SaysHaltedForWhatIsNoLatchFile) {
    const auto state = std::make_unique<State>();
    const auto fault_of = [&](const Bytes& bytes) {
        examine(bytes, *state);
        EXPECT_TRUE(state->latched().empty());
        return state->fault;
    };
    EXPECT_EQ(fault_of({}), Fault::kSize);
    EXPECT_EQ(fault_of(Bytes(kLatchBytes - 1)), Fault::kSize);
    EXPECT_EQ(fault_of(Bytes(kLatchBytes + 1)), Fault::kSize);
    EXPECT_EQ(fault_of(Bytes(kLatchBytes)), Fault::kHead);
    Bytes no_slot(kLatchBytes);
    write_head(no_slot);
    EXPECT_EQ(fault_of(no_slot), Fault::kSlots);
    Bytes lost = file_of(7, kOld);
    put_word(lost, 8);  // a state 8 was in force, and is nowhere
    EXPECT_EQ(fault_of(lost), Fault::kLost);
    Bytes apart = file_of(7, kOld);
    put_word(apart, 5);  // a writer is at most one ahead of the word
    EXPECT_EQ(fault_of(apart), Fault::kWord);
    Bytes disagrees = file_of(7, kOld);
    put_word(disagrees, 7);  // says that nothing is latched
    EXPECT_EQ(fault_of(disagrees), Fault::kWord);
}

TEST(LatchFormat, NamesNobodyOutOfWhatIsNoLatchFile) {
    const auto state = std::make_unique<State>();
    examine(Bytes(kLatchBytes, std::byte{0xa7}), *state);
    EXPECT_EQ(state->fault, Fault::kHead);
    EXPECT_TRUE(state->emergency) << "the stricter reading of it stays";
    EXPECT_EQ(state->emergency_actor, kNoActor);
    EXPECT_EQ(state->emergency_control, 0xff);
    EXPECT_EQ(state->emergency_when_ns, 0);
    EXPECT_EQ(state->slot.actor, Slot{}.actor);
}

TEST(LatchFormat, IsHaltedByTwoStatesOfOneNumber) {
    Bytes bytes = file_of(6, kLooser);  // in slot 0
    const Bytes other = file_of(6, kOld);
    std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(kSlotAt[0]), kSlotBytes,
                bytes.begin() + static_cast<std::ptrdiff_t>(kSlotAt[1]));
    const auto state = std::make_unique<State>();
    examine(bytes, *state);
    EXPECT_EQ(state->fault, Fault::kTwice);
    EXPECT_TRUE(halted(said(bytes))) << "the looser of them is not taken";
}

/// The bytes of the new slot reach the disk from its first to its last, and the word before, after
/// or in between, and the power goes at any of them.
TEST(LatchFormat, IsHaltedOrTheOldOrTheNewStateWhereverAWriteIsCut) {
    for (const auto& next : {kStricter, kLooser}) {
        const Bytes before = file_of(6, kOld);
        Bytes after = before;
        const std::uint64_t word = put_state(after, 7, next);
        const std::size_t from = kSlotAt[1];
        const std::size_t size = sizeof(Slot) + next.size() * sizeof(Entry);
        const Said old_state = said(before);
        Bytes published = after;
        put_word(published, word);
        const Said new_state = said(published);
        ASSERT_NE(old_state, new_state);
        std::size_t olds = 0, news = 0, halts = 0;
        for (std::size_t cut = 0; cut <= size; ++cut) {
            Bytes bytes = before;
            std::copy_n(after.begin() + static_cast<std::ptrdiff_t>(from), cut,
                        bytes.begin() + static_cast<std::ptrdiff_t>(from));
            for (const bool told : {false, true}) {
                if (told) put_word(bytes, word);
                const Said found = said(bytes);
                const bool is_old = found == old_state;
                const bool is_new = found == new_state;
                ASSERT_TRUE(is_old || is_new || halted(found)) << cut << " told " << told;
                // What was in force is never taken back to the state before it.
                ASSERT_FALSE(told && is_old) << cut;
                olds += is_old;
                news += is_new;
                halts += halted(found);
            }
        }
        // All three happen, so the test looks where it should.
        EXPECT_GT(olds, 20U);
        EXPECT_GE(news, 2U);
        EXPECT_GT(halts, 20U);
    }
}

/// A disk writes its sectors in any order, and after a loss of power any of them are the old ones.
RC_GTEST_PROP(LatchFormat, IsHaltedOrTheOldOrTheNewStateWhicheverSectorsAreWritten, ()) {
    std::vector<Entry> many;
    const int count = *rc::gen::inRange(0, 40);
    for (int n = 0; n < count; ++n) {
        many.push_back(strategy("s" + std::to_string(n), Level::kNoNewOrders));
    }
    const bool loosens = *rc::gen::arbitrary<bool>();
    const Bytes before = file_of(6, loosens ? many : kOld);
    Bytes after = before;
    put_word(after, put_state(after, 7, loosens ? kOld : many));
    Bytes mixed = before;
    constexpr std::size_t kSector = 512;
    for (std::size_t at = 0; at < kLatchBytes; at += kSector) {
        if (!*rc::gen::arbitrary<bool>()) continue;
        std::copy_n(after.begin() + static_cast<std::ptrdiff_t>(at), kSector,
                    mixed.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const Said found = said(mixed);
    RC_ASSERT(halted(found) || found == said(before) || found == said(after));
}

TEST(LatchFormat, NoFlippedBitMakesItLooser) {
    // One slot only: there is no state before it to fall back to.
    const Bytes whole = file_of(7, kStricter);
    const Said meant = said(whole);
    const auto flip = [&](std::size_t at) {
        for (int bit = 0; bit < 8; ++bit) {
            Bytes bytes = whole;
            bytes[at] ^= static_cast<std::byte>(1 << bit);
            Said found = said(bytes);
            if (halted(found)) continue;
            // The emergency bit halts beside the rest.
            std::erase_if(found, [](const auto& s) { return s.first == "emergency"; });
            ASSERT_EQ(found, meant) << "byte " << at << " bit " << bit;
        }
    };
    for (std::size_t at = 0; at < sizeof(Head); ++at) flip(at);
    const std::size_t used = sizeof(Slot) + kStricter.size() * sizeof(Entry);
    for (std::size_t at = 0; at < used; ++at) flip(kSlotAt[1] + at);
}

TEST(LatchFormat, KeepsTheEmergencyOfAFileThatCannotBeRead) {
    Bytes bytes(kLatchBytes);
    put_word(bytes, Latch::kEmergency);
    const auto state = std::make_unique<State>();
    examine(bytes, *state);
    EXPECT_EQ(state->fault, Fault::kHead);
    EXPECT_TRUE(state->emergency);
}

TEST(LatchFormat, KnowsLevelsByWhatTheyLetThrough) {
    EXPECT_EQ(state_of(Level::kReduceOnly), TradingState::kReducing);
    EXPECT_EQ(cancels_of(Level::kReduceOnly), CancelOrders::kIncreasing);
    EXPECT_EQ(state_of(Level::kNoNewOrders), TradingState::kHalted);
    EXPECT_EQ(cancels_of(Level::kNoNewOrders), CancelOrders::kNone);
    for (const Level level : {Level::kCancelAll, Level::kFlatten}) {
        EXPECT_EQ(state_of(level), TradingState::kHalted);
        EXPECT_EQ(cancels_of(level), CancelOrders::kAll);
    }
    EXPECT_LT(rank(Level::kActive), rank(Level::kReduceOnly));
    EXPECT_LT(rank(Level::kReduceOnly), rank(Level::kNoNewOrders));
    EXPECT_LT(rank(Level::kNoNewOrders), rank(Level::kCancelAll));
    EXPECT_LT(rank(Level::kCancelAll), rank(Level::kFlatten));
}

/// A view that was never given a text points nowhere, which memcpy must not be told.
TEST(LatchFormat, TakesATextThatIsNotThereForEmpty) {
    Text text;
    text.assign("before");
    text.assign(std::string_view());
    EXPECT_EQ(text.view(), "");
    EXPECT_TRUE(text.is({}));
}

TEST(LatchFormat, TreatsNamesThatAreTooLongAsEqualWhenTheyBeginAlike) {
    const std::string start(kTextMax - 1, 'x');
    Text text;
    text.assign(start + "first");
    EXPECT_TRUE(text.is(start + "second"));
    EXPECT_FALSE(text.is(start.substr(1)));
    EXPECT_EQ(text.view(), start);
}

}  // namespace
}  // namespace fermata::latch
