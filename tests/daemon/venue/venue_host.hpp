#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "core/port/feed.hpp"
#include "daemon/venue/venue_run.hpp"
#include "tests/adapters/fix/loopback_venue.hpp"
#include "tests/daemon/venue/exchange_desk.hpp"

namespace fermata::venue::test {

/// Events that the test wrote down.
class WrittenFeed final : public Feed {
public:
    explicit WrittenFeed(std::vector<MarketEvent> events) : events_(std::move(events)) {}
    std::span<const MarketEvent> next() override {
        if (std::exchange(given_, true)) return {};
        return events_;
    }
    std::string_view name() const noexcept override { return "written"; }
    FeedStats stats() const noexcept override { return {}; }
    std::string source_hash() const override { return {}; }
    double progress() const noexcept override { return 0; }

private:
    std::vector<MarketEvent> events_;
    bool given_ = false;
};

/// A venue on a thread of this process, on a port and in a folder of its own.
class VenueHost {
public:
    explicit VenueHost(std::vector<MarketEvent> events) : events_(std::move(events)) {
        settings = test::settings();
    }
    VenueHost(const VenueHost&) = delete;
    VenueHost& operator=(const VenueHost&) = delete;
    ~VenueHost() {
        close();
        if (keeper_ <= 0) return;
        ::close(orders_[1]);
        ::close(answers_[0]);
        ::waitpid(keeper_, nullptr, 0);
    }

    /// In this process.
    void open() {
        stop_ = listening = false;
        thread_ = std::thread([this, job = make_job()]() mutable {
            job.stopped = [this] { return stop_.load(); };
            job.listening = [this] { listening = true; };
            try {
                result = run_venue(std::move(job), files_);
            } catch (const std::exception& e) {
                error = e.what();
                listening = true;
            }
        });
        fix::test::eventually([this] { return listening.load(); });
    }
    void close() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    /// From now on the venue is a process of its own, which can be killed. Before this process has
    /// threads: a keeper without any is forked, and forks the venues.
    void keep_process() {
        ASSERT_EQ(::pipe(orders_), 0);
        ASSERT_EQ(::pipe(answers_), 0);
        keeper_ = ::fork();
        if (keeper_ != 0) {
            ::close(orders_[0]);
            ::close(answers_[1]);
            return;
        }
        ::close(orders_[1]);
        ::close(answers_[0]);
        for (char order = 0; ::read(orders_[0], &order, 1) == 1;) {
            const ::pid_t venue = ::fork();
            if (venue == 0) be_venue();
            const bool killed = ::read(orders_[0], &order, 1) == 1;
            ::kill(venue, SIGKILL);
            int status = 0;
            ::waitpid(venue, &status, 0);
            const char how = WIFSIGNALED(status) ? 'k' : 'e';
            if (!killed || ::write(answers_[1], &how, 1) != 1) break;
        }
        ::_exit(0);
    }
    void open_process() { ASSERT_EQ(::write(orders_[1], "o", 1), 1); }
    void kill_process() {
        ASSERT_EQ(::write(orders_[1], "k", 1), 1);
        char how = 0;
        ASSERT_EQ(::read(answers_[0], &how, 1), 1);
        EXPECT_EQ(how, 'k') << "the venue ended by itself";
    }

    fix::test::TemporaryFolder folder;
    const std::uint16_t port = fix::test::free_port();
    CoreSettings settings;
    std::vector<Fault> faults;
    std::string log;
    std::string venue_folder = folder / "venue";
    bool fresh = false;
    std::vector<std::string> reports;  ///< What it told the operator; to be read when it is closed.
    std::function<bool()> held;
    std::atomic<bool> listening{false};
    VenueResult result;
    std::string error;

private:
    [[noreturn]] void be_venue() {
        ::close(orders_[0]);
        ::close(answers_[1]);
        try {
            run_venue(make_job(), files_);
        } catch (const std::exception& e) {
            (void)std::fprintf(stderr, "venue: %s\n", e.what());
        }
        ::_exit(1);  // it ends by being killed
    }
    VenueJob make_job() {
        feed_ = std::make_unique<WrittenFeed>(events_);
        VenueJob job;
        job.core = settings;
        job.acceptor.port = port;
        job.acceptor.comp_id = "VENUE";
        for (const ExchangeMember& m : settings.members) job.acceptor.members.push_back(m.comp_id);
        job.acceptor.store_folder = folder / "sessions";
        job.acceptor.cancel_on_disconnect_tag = 9'001;
        job.faults = faults;
        job.from = Timestamp::min();
        job.to = Timestamp::never();
        job.source = feed_.get();
        job.instruments = &table_;
        job.streams = &streams_;
        job.folder = venue_folder;
        job.fresh = fresh;
        job.report = [this](const std::string& text) { reports.push_back(text); };
        job.log = log;
        job.held = held;
        job.identity = "test";
        return job;
    }

    const InstrumentTable table_ = instruments();
    const StreamTable streams_ = streams();
    std::vector<MarketEvent> events_;
    std::unique_ptr<WrittenFeed> feed_;
    PosixFileSystem files_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
    ::pid_t keeper_ = -1;
    int orders_[2] = {-1, -1};
    int answers_[2] = {-1, -1};
};

}  // namespace fermata::venue::test
