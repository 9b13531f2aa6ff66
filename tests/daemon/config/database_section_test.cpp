#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::problems;

TEST(DatabaseSection, IsOffUnlessItIsAskedFor) {
    const Config c = parse(kMinimal);
    EXPECT_FALSE(c.database.enabled);
    EXPECT_EQ(c.database.batch_records, 10'000U);
    EXPECT_EQ(c.database.lag.halt_age, Duration::hours(1));
}

TEST(DatabaseSection, TakesSeveralHostsAndLimits) {
    const Config c =
        parse(kMinimal,
              {"database.enabled=true", "database.url=postgresql://trader@db1:5432,db2:5433/book",
               "database.lag.alert_age=5s", "database.lag.halt_bytes=1000000000"});
    EXPECT_TRUE(c.database.enabled);
    EXPECT_EQ(c.database.url, "postgresql://trader@db1:5432,db2:5433/book");
    EXPECT_EQ(c.database.lag.alert_age, Duration::seconds(5));
    EXPECT_EQ(c.database.lag.halt_bytes, 1'000'000'000U);
}

TEST(DatabaseSection, RefusesAPasswordAndDoesNotRepeatIt) {
    for (const std::string url :
         {"postgresql://trader:sesame@db1/book", "host=db1 password=sesame",
          "postgresql://db1/book?password=sesame", "host=db1 sslPassword=sesame",
          "postgresql://trader@/book?host=/tmp&%70assword=sesame", "host=db1 password = sesame"}) {
        const auto found = problems(kMinimal, {"database.url=\"" + url + "\""});
        ASSERT_EQ(found.size(), 1U) << url;
        EXPECT_THAT(found[0], testing::HasSubstr("password"));
        EXPECT_THAT(found[0], testing::Not(testing::HasSubstr("sesame")));
    }
}

TEST(DatabaseSection, RefusesAnAlertBehindTheHalt) {
    EXPECT_EQ(problems(kMinimal, {"database.lag={alert_bytes: 10, halt_bytes: 9}"}).size(), 1U);
    EXPECT_EQ(problems(kMinimal, {"database.lag={alert_age: 10s, halt_age: 9s}"}).size(), 1U);
    EXPECT_EQ(problems(kMinimal, {"database.lag={alert_age: 9s, halt_age: 9s}"}).size(), 0U);
}

}  // namespace
}  // namespace fermata
