#include "daemon/cli/id_text.hpp"

#include <gtest/gtest.h>

namespace fermata {
namespace {

TEST(IdText, AnOrderIsNamedAsItsVenueKnowsIt) {
    EXPECT_EQ(client_order_text(make_client_order_id(20'779, 1, 17)), "20779-1-17");
    EXPECT_EQ(client_order_text(make_client_order_id(65'535, 65'535, 4'294'967'295)),
              "65535-65535-4294967295");
}

TEST(IdText, AnOrderIsUnderstoodAsTextAndAsNumber) {
    const ClientOrderId id = make_client_order_id(20'779, 1, 17);
    EXPECT_EQ(parse_client_order("20779-1-17"), id);
    EXPECT_EQ(parse_client_order("20779-1-17-2"), id) << "a cancel of it";
    // 20779 * 2^48 + 1 * 2^32 + 17
    EXPECT_EQ(parse_client_order("5848768545365688337"), id);
    for (const char* none : {"", "0", "-5", "17x", "20779-1", "20779-1-0", "20779-01-17", "0x2a",
                             "18446744073709551616"}) {
        EXPECT_FALSE(parse_client_order(none)) << none;
    }
}

TEST(IdText, AnExecutionIsANumberWithoutASignBehindWhatTheVenueCallsIt) {
    EXPECT_EQ(execution_text(ExecId{0xffff'ffff'ffff'ffff}), "18446744073709551615");
    EXPECT_EQ(execution_text(std::int64_t{-1}), "18446744073709551615");
    EXPECT_EQ(execution_text(ExecId{7}, "EX-17"), "EX-17 (7)");
    EXPECT_EQ(execution_text(ExecId{7}, ""), "7");
    EXPECT_EQ(execution_text(ExecId{7}, "a\x1b\xff"), "a?? (7)");
}

}  // namespace
}  // namespace fermata
