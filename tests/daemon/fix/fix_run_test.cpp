#include "daemon/fix/fix_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace fermata {
namespace {

class SequenceSurveyTest : public ::testing::Test {
protected:
    SequenceSurveyTest() {
        config.sessions.resize(2);
        config.sessions[0].sender_comp_id = "US";
        config.sessions[1].sender_comp_id = "COPY";
        for (SessionConfig& s : config.sessions) s.target_comp_id = "VENUE";
    }
    /// "35=A|34=7|": of ours, or to us.
    void say(SequenceSurvey& survey, std::uint16_t session, const std::string& ours, bool sent,
             const std::string& text, std::uint64_t lost = 0, bool more = false) {
        std::string bytes = "8=FIX.4.4|9=70|" + text +
                            (sent ? "49=" + ours + "|56=VENUE|" : "49=VENUE|56=" + ours + "|") +
                            "98=0|10=000|";
        std::replace(bytes.begin(), bytes.end(), '|', '\x01');
        RawMessage m;
        m.ts = Timestamp{++now};
        m.session = session;
        m.sent = sent;
        m.lost = lost;
        m.more = more;
        m.bytes = bytes;
        survey.on_raw(m);
    }
    Config config;
    std::int64_t now = 1;
};

TEST_F(SequenceSurveyTest, FollowsEachSessionByItsNamesWhereverItStoodInTheConfiguration) {
    SequenceSurvey survey(config);
    for (const bool sent : {true, false}) {
        say(survey, 1, "US", sent, "35=A|34=7|");  // the other one stood before it
        say(survey, 0, "COPY", sent, "35=A|34=20|");
        say(survey, 0, "GONE", sent, "35=A|34=900|");
    }
    say(survey, 9, "US", true, "35=0|34=8|");
    const auto records = std::move(survey).take();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].count()->to_send, 9U);
    EXPECT_EQ(records[0].count()->to_receive, 8U);
    EXPECT_EQ(records[1].count()->to_send, 21U);
}

TEST_F(SequenceSurveyTest, TellsSessionsWithTheSameNamesApartByTheirPlace) {
    config.sessions[1].sender_comp_id = "US";
    SequenceSurvey survey(config);
    for (const bool sent : {true, false}) {
        say(survey, 0, "US", sent, "35=A|34=7|");
        say(survey, 1, "US", sent, "35=A|34=20|");
    }
    const auto records = std::move(survey).take();
    EXPECT_EQ(records[0].count()->to_send, 8U);
    EXPECT_EQ(records[1].count()->to_send, 21U);
}

TEST_F(SequenceSurveyTest, ReadsTheHeadOfALongMessageAndKnowsWhatIsNotOnRecord) {
    SequenceSurvey survey(config);
    say(survey, 0, "US", true, "35=A|34=1|");
    say(survey, 0, "US", false, "35=A|34=1|");
    say(survey, 0, "US", false, "35=8|34=2|", 0, true);
    say(survey, 0, "US", false, "35=8|34=500|", 0, true);  // what looks like a head is a part
    say(survey, 0, "US", false, "35=8|34=600|");
    say(survey, 1, "COPY", true, "35=A|34=1|", 3);
    say(survey, 0, "US", false, "35=8|34=6|");
    EXPECT_EQ(std::move(survey).take()[0].count()->to_receive, 7U);
}

}  // namespace
}  // namespace fermata
