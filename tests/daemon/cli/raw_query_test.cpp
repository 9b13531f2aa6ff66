#include "daemon/cli/raw_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "adapters/fix/order_text.hpp"
#include "tests/daemon/cli/journal_fixture.hpp"

namespace fermata {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Four messages of a session: an order, its fill, the fill of somebody else's, a cancel of it.
class RawQueries : public JournalFixture {
protected:
    void SetUp() override {
        const JournalManifest names = manifest();
        auto writer =
            JournalWriter::create(files_, {"run", 1 << 20, 0, true}, names,
                                  make_run_id(names.configuration_hash, names.start, make_sha256),
                                  {make_sha256, kDefaultChain, make_hasher});
        ASSERT_TRUE(writer.ok());
        for (const char* text :
             {"35=D|1=U1|11=20779-1-17|55=SPY|", "35=8|1=U1|37=V1|11=20779-1-17|17=EX-17|150=F|",
              "35=8|1=U2|37=V9|11=by hand|17=EX-18|19=EX-3|150=G|",
              "35=F|1=U1|11=20779-1-17-1|41=20779-1-17|"}) {
            std::string bytes = text;
            std::replace(bytes.begin(), bytes.end(), '|', '\x01');
            RawMessage message;
            message.ts = Timestamp{kStart};
            message.number = ++number_;
            message.session = 1;
            message.bytes = bytes;
            ASSERT_TRUE((*writer)->append(message).ok());
        }
        ASSERT_TRUE((*writer)->close().ok());
    }
    int ask(JournalQuery query) {
        query.directory = "run";
        query.types = {"raw"};
        std::ostringstream out, err;
        const int code = query_journal(files_, query, out, err);
        out_ = out.str();
        err_ = err.str();
        lines_ = std::ranges::count(out_, '\n') - 1;  // behind the heading
        return code;
    }
    int of_order(const std::string& order) {
        JournalQuery query;
        query.order = order;
        return ask(query);
    }
    int of_execution(const std::string& execution) {
        JournalQuery query;
        query.execution = execution;
        return ask(query);
    }

    std::string out_, err_;
    std::ptrdiff_t lines_ = 0;

private:
    std::uint64_t number_ = 0;
};

TEST_F(RawQueries, FindsTheMessagesAboutAnOrderByItsTextAndItsNumber) {
    const std::string number = std::to_string(make_client_order_id(20'779, 1, 17).value);
    for (const std::string& order : {std::string("20779-1-17"), number}) {
        EXPECT_EQ(of_order(order), 0) << err_;
        EXPECT_EQ(lines_, 3) << out_;
        EXPECT_THAT(out_, Not(HasSubstr("by hand")));
    }
    EXPECT_EQ(of_order("by hand"), 0);
    EXPECT_EQ(lines_, 1);
    EXPECT_EQ(of_order("V9"), 0) << "the venue's own id";
    EXPECT_EQ(lines_, 1);
    EXPECT_EQ(of_order("20779-1-18"), 1);
    EXPECT_THAT(err_, HasSubstr("no message is about that"));
    EXPECT_EQ(of_order("sma#3"), 2);
    EXPECT_THAT(err_, HasSubstr("give the id of the order"));
}

TEST_F(RawQueries, FindsTheVenuesTextOfAnExecutionByTheNumberThatIsOnRecord) {
    for (const std::uint64_t number : {fix::id_of("EX-17"), fix::id_of("EX-17", "U1")}) {
        EXPECT_EQ(of_execution(std::to_string(number)), 0) << err_;
        EXPECT_EQ(lines_, 1) << out_;
        EXPECT_THAT(out_, HasSubstr("17=EX-17|"));
    }
    EXPECT_EQ(of_execution("EX-3"), 0) << "what a correction is about";
    EXPECT_THAT(out_, HasSubstr("17=EX-18|"));
    EXPECT_EQ(of_execution(std::to_string(fix::id_of("EX-17", "U2"))), 1) << "of another account";
    EXPECT_EQ(lines_, 0) << out_;
}

}  // namespace
}  // namespace fermata
