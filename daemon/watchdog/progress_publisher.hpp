#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/progress/progress_file.hpp"
#include "daemon/pipeline/concurrent_pipeline.hpp"

namespace fermata {

/// Tells other processes that the loops of this one go on: a thread copies their counters into the
/// progress file every 10 ms. It copies and does not judge, so it hides no loop that hangs; when it
/// hangs itself, all of them seem to.
///
/// Owner:  the thread that runs the session.
/// Errors: std::runtime_error when the file cannot be made, or belongs to a process that lives.
class ProgressPublisher {
public:
    using Loops = std::vector<ConcurrentPipeline::Progress>;

    /// From here on the process starts.
    explicit ProgressPublisher(std::string path);
    ProgressPublisher(const ProgressPublisher&) = delete;
    ProgressPublisher& operator=(const ProgressPublisher&) = delete;
    /// Without `ended` the process failed.
    ~ProgressPublisher();

    /// The loops run. They stay valid until `ending`.
    void running(const Loops& loops);
    /// They are brought to an end, which is no hang.
    void ending(const std::string& reason);
    /// The process ends, and leaves nothing behind.
    void ended(const std::string& reason);
    /// It ends, and orders may be open.
    void failed(const std::string& reason);

private:
    void copy(const Loops& loops);
    void stop();

    std::string path_;
    std::unique_ptr<progress::Writer> file_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stop_ = false;
    bool told_ = false;
    std::thread thread_;
};

}  // namespace fermata
