#include "adapters/fix/sequence_record.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace fermata::fix {
namespace {

/// "35=A|34=1|" between the begin and the end of a message of ours, or of the venue's.
std::string wire(bool sent, std::string text) {
    text = std::string("8=FIX.4.4|9=70|") + text.substr(0, text.find('|') + 1) +
           (sent ? "49=US|56=VENUE|" : "49=VENUE|56=US|") + text.substr(text.find('|') + 1) +
           "10=000|";
    std::replace(text.begin(), text.end(), '|', '\x01');
    return text;
}

class SequenceRecordTest : public ::testing::Test {
protected:
    void message(bool sent, const std::string& text, bool lost = false) {
        const std::string bytes = wire(sent, text);
        const auto read = read_sequence(bytes);
        ASSERT_TRUE(read) << text;
        record.on_message(Timestamp{++now}, sent, *read, lost);
    }
    void sent(const std::string& text) { message(true, text); }
    void received(const std::string& text, bool lost = false) { message(false, text, lost); }
    void log_on(int ours = 1, int theirs = 1) {
        sent("35=A|34=" + std::to_string(ours) + "|98=0|108=30|");
        received("35=A|34=" + std::to_string(theirs) + "|98=0|108=30|");
    }
    /// "TO_SEND : TO_RECEIVE from FIRST"
    [[nodiscard]] std::string numbers() const {
        const auto c = record.count();
        return !c ? "none"
                  : std::to_string(c->to_send) + " : " + std::to_string(c->to_receive) + " from " +
                        std::to_string(c->first);
    }
    SequenceRecord record;
    std::int64_t now = 1'000;
};

TEST_F(SequenceRecordTest, ReadsWhatAMessageSaysOfNumbers) {
    const std::string bytes = wire(true, "35=4|34=17|43=Y|52=20260105-14:30:00|123=Y|36=30|");
    const auto m = read_sequence(bytes);
    ASSERT_TRUE(m);
    EXPECT_EQ(m->type, "4");
    EXPECT_EQ(m->sender, "US");
    EXPECT_EQ(m->target, "VENUE");
    EXPECT_EQ(m->number, 17U);
    EXPECT_EQ(m->new_number, 30U);
    EXPECT_TRUE(m->again && m->gap_fill && !m->reset);
    EXPECT_FALSE(read_sequence("")) << "nothing";
    EXPECT_FALSE(
        read_sequence("269=0\x01"
                      "34=5\x01"))
        << "the second part of a long message";
    EXPECT_FALSE(read_sequence(wire(true, "35=D|34=0|")));
    // Behind the header a field with such a tag says something else.
    const std::string text = wire(true, "35=D|34=17|11=x|43=Y|");
    EXPECT_FALSE(read_sequence(text)->again);
}

TEST_F(SequenceRecordTest, CountsBothWays) {
    EXPECT_EQ(numbers(), "none");
    log_on();
    sent("35=D|34=2|11=a|");
    received("35=8|34=2|37=x|");
    received("35=8|34=3|37=x|");
    EXPECT_EQ(numbers(), "3 : 4 from 1");
    EXPECT_EQ(record.count()->begun.ns, 1'001);
    EXPECT_EQ(record.count()->newest.ns, 1'005);
    EXPECT_EQ(record.count()->before.ns, 0);
}

TEST_F(SequenceRecordTest, BeginsWhereTheRunBegan) {
    log_on(208, 300);
    received("35=8|34=301|37=x|");
    EXPECT_EQ(numbers(), "209 : 302 from 300");
}

TEST_F(SequenceRecordTest, DoesNotCountWhatComesBehindAGapUntilItIsFilled) {
    log_on();
    received("35=8|34=5|37=x|");
    sent("35=2|34=2|7=2|16=0|");
    EXPECT_EQ(numbers(), "3 : 2 from 1");
    received("35=8|34=2|43=Y|37=x|");
    received("35=4|34=3|43=Y|123=Y|36=6|");
    EXPECT_EQ(numbers(), "3 : 6 from 1");
}

TEST_F(SequenceRecordTest, ExpectsWhatItAskedForAtTheFirstLogonOnRecord) {
    log_on(208, 310);
    sent("35=2|34=209|7=300|16=0|");
    EXPECT_EQ(numbers(), "210 : 300 from 310");
    received("35=8|34=300|43=Y|37=x|");
    EXPECT_EQ(numbers(), "210 : 301 from 300");
}

TEST_F(SequenceRecordTest, GoesOnBehindMessagesThatAreNotOnRecord) {
    log_on();
    received("35=8|34=9|37=x|", true);
    EXPECT_EQ(numbers(), "2 : 10 from 1");
    sent("35=2|34=2|7=30|16=0|");  // what it expects by then
    EXPECT_EQ(numbers(), "3 : 30 from 1");
}

TEST_F(SequenceRecordTest, DoesNotTakeWhatIsSaidInPlaceOfEarlierMessagesForANewCount) {
    log_on(1, 1);
    for (int n = 2; n < 50; ++n) sent("35=D|34=" + std::to_string(n) + "|11=a|");
    sent("35=4|34=2|43=Y|123=Y|36=50|");
    EXPECT_EQ(numbers(), "50 : 2 from 1");
}

/// As after the file of the numbers was lost: each refused logon has the next number.
TEST_F(SequenceRecordTest, TakesLogonsThatTheVenueRefusesForNoCount) {
    log_on(207, 300);
    const auto before = numbers();
    for (int n = 1; n < 20; n += 2) {
        sent("35=A|34=" + std::to_string(n) + "|98=0|108=30|");
        received("35=5|34=" + std::to_string(300 + n) + "|58=MsgSeqNum too low|");
        sent("35=5|34=" + std::to_string(n + 1) + "|");
    }
    EXPECT_EQ(numbers(), before);
    log_on(208, 320);
    EXPECT_EQ(numbers(), "209 : 301 from 300");
}

TEST_F(SequenceRecordTest, BeginsANewCountWithALogonThatTheVenueTook) {
    log_on();
    for (int n = 2; n < 50; ++n) sent("35=D|34=" + std::to_string(n) + "|11=a|");
    const std::int64_t last = now;
    log_on();
    received("35=8|34=2|37=x|");
    EXPECT_EQ(numbers(), "2 : 3 from 1");
    EXPECT_EQ(record.count()->before.ns, last);
    EXPECT_EQ(record.count()->begun.ns, last + 1);
}

TEST_F(SequenceRecordTest, IsNothingWhereTheVenueNeverTookALogon) {
    sent("35=A|34=1|98=0|108=30|");
    received("35=5|34=1|58=wrong password|");
    EXPECT_EQ(numbers(), "none");
}

}  // namespace
}  // namespace fermata::fix
