#include "adapters/fix/group_dictionary.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fermata::fix {
namespace {

/// A message as bytes: `|` for the separator, length and checksum as FIX 4.4 defines them.
std::string message(std::string body) {
    for (char& c : body) {
        if (c == '|') c = '\001';
    }
    std::string text = "8=FIX.4.4\0019=" + std::to_string(body.size()) + "\001" + body;
    unsigned sum = 0;
    for (const char c : text) sum += static_cast<unsigned char>(c);
    std::string digits = std::to_string(sum % 256);
    digits.insert(0, 3 - digits.size(), '0');
    return text + "10=" + digits + "\001";
}

constexpr const char* kHeader = "49=V|56=F|34=2|52=20260105-14:30:00.000|";

TEST(GroupDictionary, ReadsEveryEntryOfASnapshotInItsOrder) {
    const auto dictionary = make_group_dictionary();
    std::string body = std::string("35=W|") + kHeader + "262=r1|55=SPY|268=20|";
    for (int n = 0; n < 20; ++n) {
        body += "269=" + std::to_string(n % 2) + "|270=100." + std::to_string(10 + n) +
                "|271=" + std::to_string(n + 1) + "|";
    }
    const FIX::Message parsed(message(body), *dictionary, true);
    ASSERT_EQ(parsed.groupCount(FIX::FIELD::NoMDEntries), 20U);
    for (int n = 0; n < 20; ++n) {
        const FIX::FieldMap& entry = parsed.getGroupRef(n + 1, FIX::FIELD::NoMDEntries);
        EXPECT_EQ(entry.getField(269), std::to_string(n % 2));
        EXPECT_EQ(entry.getField(270), "100." + std::to_string(10 + n));
        EXPECT_EQ(entry.getField(271), std::to_string(n + 1));
    }
    EXPECT_EQ(parsed.getField(55), "SPY");
}

TEST(GroupDictionary, KeepsTheInstrumentOfAnUpdateInsideItsEntry) {
    const auto dictionary = make_group_dictionary();
    const FIX::Message parsed(message(std::string("35=X|") + kHeader +
                                      "262=r1|268=2|279=0|269=0|55=SPY|270=1.5|271=3|"
                                      "279=2|269=1|55=QQQ|"),
                              *dictionary, true);
    ASSERT_EQ(parsed.groupCount(FIX::FIELD::NoMDEntries), 2U);
    EXPECT_EQ(parsed.getGroupRef(1, 268).getField(55), "SPY");
    EXPECT_EQ(parsed.getGroupRef(2, 268).getField(55), "QQQ");
    EXPECT_FALSE(parsed.isSetField(55));
}

TEST(GroupDictionary, ReadsSubIdsInsideParties) {
    const auto dictionary = make_group_dictionary();
    const FIX::Message parsed(
        message(std::string("35=8|") + kHeader +
                "37=O1|453=2|448=A|447=D|452=1|802=1|523=x|803=4|448=B|447=D|452=3|150=0|39=0|"),
        *dictionary, true);
    ASSERT_EQ(parsed.groupCount(453), 2U);
    EXPECT_EQ(parsed.getGroupRef(1, 453).getGroupRef(1, 802).getField(523), "x");
    EXPECT_EQ(parsed.getGroupRef(2, 453).getField(448), "B");
    EXPECT_EQ(parsed.getField(150), "0");
}

TEST(GroupDictionary, ValidatesNothing) {
    const auto dictionary = make_group_dictionary();
    // An unknown type, an unknown tag, a value outside its enumeration.
    const FIX::Message parsed(message(std::string("35=ZZ|") + kHeader + "54=Q|20001=x|"),
                              *dictionary, true);
    EXPECT_NO_THROW(FIX::DataDictionary::validate(parsed, dictionary.get(), dictionary.get()));
    EXPECT_EQ(parsed.getField(20001), "x");
}

}  // namespace
}  // namespace fermata::fix
