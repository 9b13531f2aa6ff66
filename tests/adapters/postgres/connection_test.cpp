#include "adapters/postgres/connection.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/postgres_cluster.hpp"

namespace fermata::postgres {
namespace {

using testing::PostgresCluster;

TEST(Connection, DescribesItsTargetWithoutThePassword) {
    EXPECT_EQ(describe_target("postgresql://ann:secret@db1:5433,db2:5434/book"),
              "database book at db1,db2, port 5433,5434");
    EXPECT_EQ(describe_target("host=h port=1 dbname=d password='secret'"),
              "database d at h, port 1");
    EXPECT_EQ(describe_target("postgresql://ann:secret@[broken"), "?");
}

TEST(Connection, KnowsAPasswordInAConnectionString) {
    EXPECT_TRUE(has_password("postgresql://ann:secret@db1/book"));
    EXPECT_TRUE(has_password("host=h password=secret"));
    EXPECT_FALSE(has_password("postgresql://ann@db1/book"));
}

TEST(Connection, NeverRepeatsAnUnreadableConnectionString) {
    for (const std::string text : {"postgresql://ann:secret@[broken", "secret", "host=h secret"}) {
        const auto opened = Connection::open({.database = text});
        ASSERT_FALSE(opened.ok());
        EXPECT_EQ(opened.error().message.find("secret"), std::string::npos);
    }
}

TEST(Connection, FillsInWhatTheTextLeavesOpenAndQuotesIt) {
    const auto conninfo =
        complete_conninfo({.database = "dbname='it''s' host=h connect_timeout=9"});
    EXPECT_FALSE(conninfo.has_value());
    const auto quoted = complete_conninfo({.database = "dbname='it\\'s' host=h connect_timeout=9"});
    ASSERT_TRUE(quoted.has_value());
    EXPECT_NE(quoted->find("dbname='it\\'s'"), std::string::npos);
    EXPECT_NE(quoted->find("connect_timeout='9'"), std::string::npos);
    EXPECT_EQ(quoted->find("connect_timeout='5'"), std::string::npos);
    EXPECT_NE(quoted->find("tcp_user_timeout='30000'"), std::string::npos);
}

TEST(Connection, TellsWhatAFailureMeans) {
    EXPECT_EQ(kind_of_sqlstate("25006"), StoreErrorKind::kReadOnly);
    EXPECT_EQ(kind_of_sqlstate("53100"), StoreErrorKind::kFull);
    EXPECT_EQ(kind_of_sqlstate("53300"), StoreErrorKind::kUnavailable);
    EXPECT_EQ(kind_of_sqlstate("57P01"), StoreErrorKind::kUnavailable);
    EXPECT_EQ(kind_of_sqlstate("57014"), StoreErrorKind::kUnavailable);
    EXPECT_EQ(kind_of_sqlstate("42501"), StoreErrorKind::kRefused);
    EXPECT_EQ(kind_of_sqlstate("28P01"), StoreErrorKind::kRefused);
    EXPECT_EQ(kind_of_sqlstate("42P01"), StoreErrorKind::kSchema);
    EXPECT_EQ(kind_of_sqlstate("23505"), StoreErrorKind::kExists);
    EXPECT_EQ(kind_of_sqlstate("22003"), StoreErrorKind::kRejected);
    EXPECT_EQ(kind_of_sqlstate("22021"), StoreErrorKind::kRejected);
    EXPECT_EQ(kind_of_sqlstate("22P02"), StoreErrorKind::kRejected);
    EXPECT_EQ(kind_of_sqlstate("23514"), StoreErrorKind::kRejected);
    EXPECT_EQ(kind_of_sqlstate("XX000"), StoreErrorKind::kFault);
    EXPECT_EQ(kind_of_sqlstate(""), StoreErrorKind::kUnavailable);
}

TEST(Connection, GivesUpAServerThatDoesNotAnswer) {
    FERMATA_NEEDS_POSTGRES();
    PostgresCluster cluster;
    ConnectOptions options{.database = cluster.conninfo()};
    options.answer_timeout = std::chrono::milliseconds(300);
    auto connection = Connection::open(options);
    ASSERT_TRUE(connection.ok());
    const auto begun = std::chrono::steady_clock::now();
    const auto slept = (*connection)->run("SELECT pg_sleep(30)");
    ASSERT_FALSE(slept.ok());
    EXPECT_EQ(slept.error().kind, StoreErrorKind::kUnavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

}  // namespace
}  // namespace fermata::postgres
