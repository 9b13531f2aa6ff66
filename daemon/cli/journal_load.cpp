#include "daemon/cli/journal_load.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "adapters/postgres/postgres_event_store.hpp"
#include "daemon/cli/database_option.hpp"
#include "daemon/database/loader.hpp"
#include "daemon/database/vocabulary.hpp"
#include "daemon/retention/journal_disk.hpp"

namespace fermata {
namespace {

struct LoadArguments {
    std::string directory;
    std::string database;
    bool follow = false;
    bool quiet = false;
    std::size_t batch = LoaderOptions{}.batch_records;
    int patience_s = 60;
};

std::atomic<int> stop_signal{0};

/// One line on standard error: what is committed, how fast, and how much is left.
class LoadProgress {
public:
    explicit LoadProgress(bool enabled) : enabled_(enabled) {}
    void show(const LoaderStatus& status) {
        if (!enabled_) return;
        const auto now = std::chrono::steady_clock::now();
        const std::uint64_t records = status.records.load();
        if (!shown_) first_ = records;
        if (shown_ && now - last_ < std::chrono::milliseconds(200)) return;
        shown_ = true;
        last_ = now;
        const double seconds = std::chrono::duration<double>(now - begun_).count();
        std::fprintf(stderr, "\r%llu records committed, %.0f/s, %.1f MB behind    ",
                     static_cast<unsigned long long>(records),
                     static_cast<double>(records - first_) / seconds,
                     static_cast<double>(status.lag_bytes.load()) / 1e6);
        std::fflush(stderr);
    }
    void clear() {
        if (shown_) std::fprintf(stderr, "\r%*s\r", 78, "");
        shown_ = false;
    }

private:
    bool enabled_;
    bool shown_ = false;
    std::uint64_t first_ = 0;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last_{};
};

int finish(const LoadResult& result, const LoaderStatus& status) {
    const std::string counts = std::to_string(result.loaded) + " records loaded, " +
                               std::to_string(status.records.load()) + " in the database";
    switch (result.end) {
        case LoadResult::End::kComplete:
            std::cout << counts << ": the run is complete\n";
            return 0;
        case LoadResult::End::kUpToDate:
            std::cout << counts << ": the journal is not closed (" << result.message << ")\n";
            return 0;
        case LoadResult::End::kStopped:
            std::cout << counts << ": stopped, to be continued\n";
            return 0;
        case LoadResult::End::kDamaged:
        case LoadResult::End::kDiffers:
        case LoadResult::End::kNoJournal:
        case LoadResult::End::kGaveUp:
        case LoadResult::End::kFailed:
            break;
    }
    std::cout << counts << '\n';
    std::cerr << "fermata: " << result.message << '\n';
    return 1;
}

int load(const LoadArguments& arguments) {
    LoaderOptions options;
    options.directory = arguments.directory;
    options.follow = arguments.follow;
    options.batch_records = arguments.batch;
    if (!arguments.follow) options.patience = std::chrono::seconds(arguments.patience_s);
    JournalDisk disk;
    FileSystem& files = disk.files();
    postgres::PostgresEventStore store(database_options(arguments.database), database_vocabulary());
    LoaderStatus status;
    LoadProgress progress(!arguments.quiet && ::isatty(STDERR_FILENO) == 1);
    Loader loader(
        files, store, options, status,
        [&](const LoaderReport& report) {
            progress.clear();
            if (report.kind == LoaderReport::Kind::kTrouble) {
                std::cerr << "fermata: database " << name(report.trouble) << ": " << report.message
                          << " (trying again)\n";
            } else if (report.kind == LoaderReport::Kind::kConnected && !arguments.quiet) {
                std::cerr << report.message << '\n';
            }
        },
        [&](const LoaderStatus& now) { progress.show(now); });
    std::stop_source stop;
    std::jthread watcher([&stop](const std::stop_token& done) {
        while (!done.stop_requested()) {
            if (stop_signal.load() != 0) stop.request_stop();
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    });
    const LoadResult result = loader.run(stop.get_token());
    progress.clear();
    return finish(result, status);
}

}  // namespace

void add_journal_load(CLI::App& journal) {
    CLI::App* command = journal.add_subcommand(
        "load", "Load a journal into PostgreSQL; loading it again changes nothing");
    const auto arguments = std::make_shared<LoadArguments>();
    command->add_option("DIR", arguments->directory, "Directory of the journal")->required();
    add_database_option(*command, arguments->database);
    command->add_flag("--follow", arguments->follow,
                      "Go on with what the journal grows by, until the run is closed");
    command->add_option("--batch", arguments->batch, "Records of one transaction")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command
        ->add_option("--patience", arguments->patience_s,
                     "Seconds after which a database that does not work is given up; 0: never. "
                     "With --follow it never is")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_flag("--quiet,-q", arguments->quiet, "No progress");
    command->callback([arguments] {
        std::signal(SIGINT, [](int number) { stop_signal.store(number); });
        std::signal(SIGTERM, [](int number) { stop_signal.store(number); });
        const int code = load(*arguments);
        std::cout.flush();
        if (code != 0) throw CLI::RuntimeError(code);
    });
}

}  // namespace fermata
