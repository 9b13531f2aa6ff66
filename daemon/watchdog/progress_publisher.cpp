#include "daemon/watchdog/progress_publisher.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace fermata {
namespace {

constexpr std::chrono::milliseconds kCopyEvery{10};

/// Makes the folder of the file where there is none. Throws std::runtime_error.
const std::string& in_a_folder(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code failed;
    if (!folder.empty()) std::filesystem::create_directories(folder, failed);
    if (failed) {
        throw std::runtime_error(path + ": its folder " + folder.string() +
                                 " cannot be made: " + failed.message());
    }
    return path;
}

}  // namespace

ProgressPublisher::ProgressPublisher(std::string path)
    : path_(std::move(path)),
      file_(std::make_unique<progress::Writer>(in_a_folder(path_), progress::State::kStarting,
                                               std::vector<std::string>{})) {}

ProgressPublisher::~ProgressPublisher() {
    if (!told_) failed("it ended without a word");
}

void ProgressPublisher::running(const Loops& loops) {
    if (loops.size() > progress::kLoopsMax) {
        throw std::runtime_error(path_ + ": a watchdog follows at most " +
                                 std::to_string(progress::kLoopsMax) + " loops, here are " +
                                 std::to_string(loops.size()));
    }
    std::vector<std::string> names;
    for (const auto& loop : loops) names.push_back(loop.name);
    file_ = std::make_unique<progress::Writer>(path_, progress::State::kRunning, names);
    stop_ = false;
    thread_ = std::thread([this, loops] { copy(loops); });
}

void ProgressPublisher::copy(const Loops& loops) {
    std::unique_lock lock(mutex_);
    do {
        for (std::size_t n = 0; n < loops.size(); ++n) {
            file_->pass(n, loops[n].passes->load(std::memory_order_relaxed));
        }
    } while (!wake_.wait_for(lock, kCopyEvery, [this] { return stop_; }));
}

void ProgressPublisher::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void ProgressPublisher::ending(const std::string& reason) {
    file_->stand(progress::State::kEnding, reason);
    stop();
}

void ProgressPublisher::ended(const std::string& reason) {
    stop();
    file_->stand(progress::State::kEnded, reason);
    told_ = true;
}

void ProgressPublisher::failed(const std::string& reason) {
    stop();
    file_->stand(progress::State::kFailed, reason);
    told_ = true;
}

}  // namespace fermata
