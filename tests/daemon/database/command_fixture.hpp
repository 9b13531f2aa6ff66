#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/daemon/replay/command.hpp"
#include "tests/support/postgres_cluster.hpp"

namespace fermata::test {

/// The built command, and a PostgreSQL of the test's own that `fermata db init` prepared.
class CommandsWithDatabase : public ::testing::Test {
protected:
    void SetUp() override {
        FERMATA_NEEDS_POSTGRES();
        cluster_ = std::make_unique<fermata::testing::PostgresCluster>();
        const Said said = run_command({"db", "init", "--database", cluster_->conninfo()});
        ASSERT_EQ(said.code, 0) << said.err;
        cluster_->sql("CREATE ROLE loader LOGIN; GRANT fermata_writer, fermata_reader TO loader");
    }
    /// As somebody who may insert and read, and no more.
    [[nodiscard]] std::string database() const { return cluster_->conninfo("loader"); }

    TemporaryFolder folder_;
    std::unique_ptr<fermata::testing::PostgresCluster> cluster_;
};

}  // namespace fermata::test
