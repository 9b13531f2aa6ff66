#include "daemon/database/loader_thread.hpp"

#include <exception>
#include <utility>

#include "daemon/database/vocabulary.hpp"

namespace fermata {
namespace {

LoaderOptions following(LoaderOptions options) {
    options.follow = true;
    return options;
}

}  // namespace

LoaderThread::LoaderThread(LoaderOptions options, const postgres::ConnectOptions& database,
                           Loader::OnReport on_report)
    : store_(database, database_vocabulary()),
      loader_(disk_.files(), store_, following(std::move(options)), status_, std::move(on_report)),
      thread_([this](const std::stop_token& stop) {
          LoadResult result;
          try {
              result = loader_.run(stop);
          } catch (const std::exception& e) {
              result = {LoadResult::End::kFailed, std::string("the loader failed: ") + e.what(), 0};
          } catch (...) {
              result = {LoadResult::End::kFailed, "the loader failed", 0};
          }
          const std::lock_guard lock(mutex_);
          result_ = std::move(result);
          ended_.notify_all();
      }) {}

std::optional<LoadResult> LoaderThread::drain(std::chrono::milliseconds patience) {
    loader_.drain();
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, patience, [this] { return result_.has_value(); });
    return result_;
}

}  // namespace fermata
