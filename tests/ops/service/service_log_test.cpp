#include "ops/service/service_log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

namespace fermata::service {
namespace {

/// An environment variable for the length of a test.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name) {
        if (const char* before = std::getenv(name)) before_ = before;
        ::setenv(name, value.c_str(), 1);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() {
        if (before_.empty()) {
            ::unsetenv(name_);
        } else {
            ::setenv(name_, before_.c_str(), 1);
        }
    }

private:
    const char* name_;
    std::string before_;
};

std::string said(const std::function<void()>& what) {
    testing::internal::CaptureStderr();
    what();
    return testing::internal::GetCapturedStderr();
}

TEST(ServiceLog, SaysPlainTextWhereNoManagerReads) {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("JOURNAL_STREAM");
    ServiceLog log("fermatad");
    log.always("FERMATA_MODE", "paper");
    EXPECT_FALSE(log.structured());
    EXPECT_EQ(said([&] { log.write(Priority::kError, "hangs", "a loop hangs", {{"A", "b"}}); }),
              "fermatad: a loop hangs\n");
}

TEST(ServiceLog, PutsThePriorityInFrontWhereAManagerReads) {
    ::unsetenv("JOURNAL_STREAM");
    const Variable notify("NOTIFY_SOCKET", "/nowhere");
    ServiceLog log("fermatad");
    EXPECT_EQ(said([&] { log.write(Priority::kCritical, "", "x"); }), "<2>fermatad: x\n");
    EXPECT_EQ(said([&] { log.write(Priority::kNotice, "", "y"); }), "<5>fermatad: y\n");
}

TEST(ServiceLog, KnowsTheJournalsStreamByItsDeviceAndInode) {
    const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct stat is{};
    ASSERT_EQ(::fstat(file, &is), 0);
    const std::string here = std::to_string(is.st_dev) + ":" + std::to_string(is.st_ino);
    {
        const Variable stream("JOURNAL_STREAM", here);
        EXPECT_TRUE(is_journal_stream(file));
        EXPECT_FALSE(is_journal_stream(-1));
    }
    for (const std::string& other : {here + "0", "1" + here, std::string(":"), std::string("x")}) {
        const Variable stream("JOURNAL_STREAM", other);
        EXPECT_FALSE(is_journal_stream(file)) << other;
    }
    ::unsetenv("JOURNAL_STREAM");
    EXPECT_FALSE(is_journal_stream(file));
    ::close(file);
}

}  // namespace
}  // namespace fermata::service
