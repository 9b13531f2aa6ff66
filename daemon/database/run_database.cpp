#include "daemon/database/run_database.hpp"

#include <utility>

namespace fermata {
namespace {

std::chrono::milliseconds milliseconds(Duration duration) {
    return std::chrono::milliseconds(duration.ns / 1'000'000);
}

LagLimits limits(const DatabaseLag& lag) {
    LagLimits limits;
    limits.alert_bytes = lag.alert_bytes;
    limits.halt_bytes = lag.halt_bytes;
    limits.alert_age = std::chrono::nanoseconds(lag.alert_age.ns);
    limits.halt_age = std::chrono::nanoseconds(lag.halt_age.ns);
    return limits;
}

postgres::ConnectOptions connection(const DatabaseConfig& config) {
    postgres::ConnectOptions options;
    options.database = config.url;
    options.connect_timeout =
        std::chrono::duration_cast<std::chrono::seconds>(milliseconds(config.connect_timeout));
    options.answer_timeout = milliseconds(config.answer_timeout);
    return options;
}

LoaderOptions loading(const DatabaseConfig& config, const std::string& directory) {
    LoaderOptions options;
    options.directory = directory;
    options.batch_records = config.batch_records;
    options.batch_interval = milliseconds(config.batch_interval);
    return options;
}

std::string line(const LoaderReport& report) {
    if (report.kind == LoaderReport::Kind::kConnected) return report.message;
    if (report.kind == LoaderReport::Kind::kFailed) {
        return "the database is not loaded any more: " + report.message;
    }
    return "database " + std::string(name(report.trouble)) + ": " + report.message +
           " (trying again; the journal holds everything)";
}

}  // namespace

RunDatabase::RunDatabase(const DatabaseConfig& config, const std::string& journal_directory,
                         Report report)
    : directory_(journal_directory),
      patience_(milliseconds(config.drain_timeout)),
      report_(report ? std::move(report) : [](const std::string&) {}),
      guard_(limits(config.lag)),
      loader_(loading(config, journal_directory), connection(config),
              [this](const LoaderReport& r) { report_(line(r)); }) {}

bool RunDatabase::finish() {
    const auto result = loader_.drain(patience_);
    using End = LoadResult::End;
    if (result && (result->end == End::kComplete || result->end == End::kUpToDate)) return true;
    std::string text = "the database holds " + std::to_string(status().records.load()) +
                       " records of this run, not all of them";
    if (result && !result->message.empty()) text += ": " + result->message;
    report_(text + "; fermata journal load " + directory_ + " goes on");
    return false;
}

}  // namespace fermata
