#include "adapters/fix/wire_frames.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace fermata::fix {
namespace {

std::string wire(std::string text) {
    std::replace(text.begin(), text.end(), '|', '\x01');
    return text;
}
std::string message(const std::string& body) {
    return wire("8=FIX.4.4|9=" + std::to_string(body.size()) + "|" + body + "10=123|");
}

/// All messages that `text` has, when it arrives in parts of `part` bytes.
std::vector<std::string> cut(WireFrames& frames, const std::string& text, std::size_t part) {
    std::vector<std::string> all;
    std::string one;
    for (std::size_t at = 0; at < text.size(); at += part) {
        frames.add(text.data() + at, std::min(part, text.size() - at));
        while (frames.next(one)) all.push_back(one);
    }
    return all;
}

TEST(WireFrames, CutsMessagesHoweverTheyArrive) {
    // A body may contain what looks like a header or an end.
    const std::vector<std::string> sent{message("35=0|"), message("35=D|58=8=FIX.4.4|9=3|10=999|"),
                                        message(""), message(std::string(500, 'x') + "|")};
    std::string all;
    for (const std::string& m : sent) all += m;
    for (const std::size_t part : {std::size_t{1}, std::size_t{2}, std::size_t{7}, all.size()}) {
        WireFrames frames(1'000);
        EXPECT_EQ(cut(frames, all, part), sent) << part;
        EXPECT_EQ(frames.problem(), "");
    }
}

TEST(WireFrames, TakesABodyAtTheBoundAndRefusesALongerOneBeforeItComes) {
    WireFrames frames(500);
    EXPECT_EQ(cut(frames, message(std::string(500, 'x')), 64).size(), 1U);
    EXPECT_TRUE(cut(frames, wire("8=FIX.4.4|9=501|"), 1).empty());
    EXPECT_EQ(frames.problem(), "a message of 501 bytes, more than 500");
    frames.set_body_max(1'000);
    EXPECT_TRUE(cut(frames, message("35=0|"), 100).empty()) << "nothing comes behind a problem";
}

TEST(WireFrames, SaysWhyAStreamCannotBeCut) {
    const struct {
        const char* text;
        const char* why;
    } cases[] = {
        {"GET / HTTP/1.1", "what came does not begin with 8=FIX"},
        {"8=FX", "what came does not begin with 8=FIX"},
        {"\x16\x03\x01", "what came does not begin with 8=FIX"},
        {"8=FIX.4.4.4.4.4.4.4", "BeginString (8) has no end"},
        {"8=FIX.4.4|35=A|", "BodyLength (9) does not come second"},
        {"8=FIX.4.4|9=|", "BodyLength (9) is not a number"},
        {"8=FIX.4.4|9=-1|", "BodyLength (9) is not a number"},
        {"8=FIX.4.4|9=12a|", "BodyLength (9) is not a number"},
        {"8=FIX.4.4|9=99999999999999999999", "BodyLength (9) is not a number"},
        {"8=FIX.4.4|9=9999999999|", "a message of 9999999999 bytes, more than 1000"},
        {"8=FIX.4.4|9=5|35=0|10=12x|", "no CheckSum (10) behind a body of 5 bytes"},
        {"8=FIX.4.4|9=4|35=0|10=123|", "no CheckSum (10) behind a body of 4 bytes"},
    };
    for (const auto& c : cases) {
        for (const std::size_t part : {std::size_t{1}, std::size_t{100}}) {
            WireFrames frames(1'000);
            EXPECT_TRUE(cut(frames, wire(c.text), part).empty()) << c.text;
            EXPECT_EQ(frames.problem(), c.why) << c.text;
        }
    }
}

TEST(WireFrames, GivesWhatIsWholeBeforeTheProblem) {
    WireFrames frames(1'000);
    EXPECT_EQ(cut(frames, message("35=0|") + "garbage", 1'000).size(), 1U);
    EXPECT_EQ(frames.problem(), "what came does not begin with 8=FIX");
}

}  // namespace
}  // namespace fermata::fix
