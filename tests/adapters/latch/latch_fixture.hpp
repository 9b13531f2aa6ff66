#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "adapters/latch/latch_file.hpp"

namespace fermata::latch::test {

/// A latch file in a folder of its own.
class LatchFile : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "latch-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        path_ = (folder_ / "latch").string();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    /// A file in which nothing is latched.
    File ready() {
        auto file = File::create(path_, 7, 0, "new");
        EXPECT_TRUE(file.ok());
        EXPECT_EQ(release(*file, ControlScope::kFirm, ""), ErrorCode::kNone);
        return std::move(*file);
    }
    ErrorCode release(File& file, ControlScope scope, const std::string& target) {
        Change c;
        c.scope = scope;
        c.target = target;
        c.may_loosen = true;
        c.actor = 7;
        return file.change(c, *state_, 0).code;
    }
    ErrorCode latch(File& file, ControlScope scope, const std::string& target,
                    Level level = Level::kNoNewOrders) {
        Change c;
        c.scope = scope;
        c.target = target;
        c.level = level;
        return file.change(c, *state_, 0).code;
    }
    Level level(File& file, ControlScope scope, const std::string& target) {
        file.read(*state_);
        EXPECT_EQ(state_->fault, Fault::kNone);
        const Entry* e = state_->find(scope, target);
        return e == nullptr ? Level::kActive : e->level;
    }

    std::filesystem::path folder_;
    std::string path_;
    std::unique_ptr<State> state_ = std::make_unique<State>();
};

constexpr auto kFirm = ControlScope::kFirm;
constexpr auto kStrategy = ControlScope::kStrategy;

}  // namespace fermata::latch::test
