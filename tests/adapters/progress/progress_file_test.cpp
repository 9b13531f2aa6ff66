#include "adapters/progress/progress_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace fermata::progress {
namespace {

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "progress-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(const std::string& name) const {
        return (path_ / name).string();
    }

private:
    std::filesystem::path path_;
};

/// A process that does nothing. Killed and reaped in the end.
class Child {
public:
    Child() : pid_(::fork()) {
        if (pid_ == 0) {
            for (;;) ::pause();
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() { end(); }
    [[nodiscard]] int pid() const noexcept { return pid_; }
    /// The signal that ended it.
    int reap() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
    void end() {
        if (pid_ == 0) return;
        ::kill(pid_, SIGKILL);
        (void)reap();
    }

private:
    pid_t pid_;
};

const std::vector<std::string> kLoops{"venues", "trading"};

TEST(ProgressFile, ShowsToAnotherReaderWhatItsOwnerCounts) {
    const Folder folder;
    const std::string path = folder / "progress";
    Writer writer(path, State::kRunning, kLoops);
    writer.pass(0, 3);
    writer.pass(1, 4);
    auto s = read(path);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->who, identity_of_this_process());
    EXPECT_EQ(s->who.pid, ::getpid());
    EXPECT_EQ(s->state, State::kRunning);
    EXPECT_EQ(s->loops[0].passes, 3u);
    EXPECT_EQ(s->loops[1].passes, 4u);
    writer.pass(1, 5);
    writer.stand(State::kEnded, std::string(500, 'x'));
    s = read(path);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->loops[1].passes, 5u);
    EXPECT_EQ(s->state, State::kEnded);
    EXPECT_EQ(s->reason, std::string(kReasonMax - 1, 'x'));
}

TEST(ProgressFile, OfTheSameProcessReplacesItselfAndOfADeadOneSaysWhoWasBefore) {
    const Folder folder;
    const std::string path = folder / "progress";
    int pid = 0;
    if (pid_t child = ::fork(); child == 0) {
        Writer writer(path, State::kRunning, kLoops);
        writer.stand(State::kFailed, "a lane stayed full");
        ::_exit(0);
    } else {
        pid = child;
        ::waitpid(child, nullptr, 0);
    }
    const Writer starting(path, State::kStarting, {});
    const Writer running(path, State::kRunning, kLoops);
    const auto s = read(path);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->who, identity_of_this_process());
    EXPECT_EQ(s->before.pid, pid);
    EXPECT_EQ(s->state_before, State::kFailed);
    EXPECT_EQ(s->loops.size(), 2u);
}

TEST(ProgressFile, OfAProcessThatLivesIsNotTakenFromIt) {
    const Folder folder;
    const std::string path = folder / "progress";
    const Child child;
    const auto who = identity_of(child.pid());
    ASSERT_TRUE(who);
    const auto bytes = make(*who, {}, std::nullopt, State::kRunning, kLoops);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    EXPECT_THROW(Writer(path, State::kStarting, {}), std::runtime_error);
    EXPECT_EQ(read(path)->who, *who);
}

TEST(ProgressFile, ThatIsAbsentCutShortOrSomethingElseIsAnErrorAndNoMore) {
    const Folder folder;
    const auto fault = [](const std::string& path) {
        const auto s = read(path);
        return s ? std::string() : std::string(name(s.error()));
    };
    EXPECT_EQ(fault(folder / "none"), name(Fault::kAbsent));
    EXPECT_EQ(fault("/dev/null"), name(Fault::kSize));
    std::filesystem::create_directory(folder / "folder");
    EXPECT_FALSE(read(folder / "folder"));
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(fault(folder / "pipe"), name(Fault::kSize));  // and it does not wait for a writer
    const std::string path = folder / "progress";
    const Writer writer(path, State::kRunning, kLoops);
    std::filesystem::resize_file(path, 4096);
    EXPECT_EQ(fault(path), name(Fault::kSize));
}

TEST(ProgressFile, IsSettledForTheProcessThatDiedAndForNoOther) {
    const Folder folder;
    const std::string path = folder / "progress";
    const Writer writer(path, State::kRunning, kLoops);
    Identity other = identity_of_this_process();
    ++other.start_ticks;
    EXPECT_FALSE(settle(path, other));
    EXPECT_EQ(read(path)->state, State::kRunning);
    EXPECT_TRUE(settle(path, identity_of_this_process()));
    EXPECT_EQ(read(path)->state, State::kSettled);
    EXPECT_FALSE(settle(folder / "none", other));
}

TEST(Process, IsGoneWhenItEndedAlsoBeforeItsParentAsks) {
    Child child;
    Process process(*identity_of(child.pid()));
    EXPECT_FALSE(process.gone());
    EXPECT_EQ(process.kill(), 0);
    EXPECT_TRUE(process.wait(60'000));
    EXPECT_TRUE(process.gone());
    EXPECT_EQ(process.kill(), 0);
    EXPECT_EQ(child.reap(), SIGKILL);
}

TEST(Process, ThatIsStoppedIsKilledAllTheSame) {
    Child child;
    ASSERT_EQ(::kill(child.pid(), SIGSTOP), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child.pid(), &status, WUNTRACED), child.pid());
    EXPECT_EQ(activity_of(child.pid()), 'T');
    Process process(*identity_of(child.pid()));
    EXPECT_FALSE(process.gone());
    EXPECT_EQ(process.kill(), 0);
    EXPECT_TRUE(process.wait(60'000));
    EXPECT_EQ(child.reap(), SIGKILL);
}

TEST(Process, WithTheNumberOfAnotherIsGoneAndTheOtherLives) {
    Child child;
    for (const int field : {0, 1}) {
        Identity earlier = *identity_of(child.pid());
        if (field == 0) --earlier.start_ticks;  // it had the number before
        if (field == 1) earlier.boot[0] = 'z';  // in another run of the machine
        Process process(earlier);
        EXPECT_TRUE(process.gone());
        EXPECT_EQ(process.kill(), 0);
    }
    // The kill would have arrived by now: what comes next is another signal.
    ASSERT_EQ(::kill(child.pid(), SIGUSR1), 0);
    EXPECT_EQ(child.reap(), SIGUSR1);
}

TEST(Process, IsKnownByItsStartAlsoWithAnyName) {
    const auto mine = identity_of_this_process();
    EXPECT_EQ(identity_of(::getpid()), mine);
    EXPECT_GT(mine.start_ticks, 0u);
    EXPECT_FALSE(identity_of(0));
    EXPECT_EQ(activity_of(0), '?');
    // ") R 1 2" in a name does not move the fields (proc(5)).
    const int fd = ::open("/proc/self/comm", O_RDWR);
    ASSERT_GE(fd, 0);
    ASSERT_GT(::write(fd, ") Z 1 2", 7), 0);
    EXPECT_EQ(identity_of_this_process(), mine);
    EXPECT_NE(activity_of(::getpid()), 'Z');
    ::close(fd);
}

}  // namespace
}  // namespace fermata::progress
