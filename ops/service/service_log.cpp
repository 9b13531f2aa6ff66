#include "ops/service/service_log.hpp"

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "ops/service/service_manager.hpp"

namespace fermata::service {

bool is_journal_stream(int descriptor) {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat is{};
    if (stream == nullptr || ::fstat(descriptor, &is) != 0) return false;
    return std::to_string(is.st_dev) + ":" + std::to_string(is.st_ino) == stream;
}

ServiceLog::ServiceLog(std::string identifier)
    : identifier_(std::move(identifier)), structured_(is_journal_stream(STDERR_FILENO)) {}

void ServiceLog::always(const std::string& name, const std::string& value) {
    const std::lock_guard lock(mutex_);
    const auto same = std::find_if(always_.begin(), always_.end(),
                                   [&](const Field& field) { return field.first == name; });
    if (same != always_.end()) {
        same->second = value;
    } else {
        always_.emplace_back(name, value);
    }
}

void ServiceLog::write(Priority priority, const std::string& event, const std::string& text,
                       std::initializer_list<Field> fields) {
    const std::string level = std::to_string(static_cast<int>(priority));
    const std::lock_guard lock(mutex_);
    if (structured_) {
        std::vector<std::string> entries = {"MESSAGE=" + text, "PRIORITY=" + level,
                                            "SYSLOG_IDENTIFIER=" + identifier_};
        if (!event.empty()) entries.push_back("FERMATA_EVENT=" + event);
        for (const Field& field : always_) entries.push_back(field.first + "=" + field.second);
        for (const Field& field : fields) entries.push_back(field.first + "=" + field.second);
        std::vector<iovec> parts;
        for (std::string& entry : entries) parts.push_back({entry.data(), entry.size()});
        if (::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0) return;
        // What the journal does not take is still said.
    }
    const bool read_by_manager = structured_ || ServiceManager::present();
    std::cerr << (read_by_manager ? "<" + level + ">" : "") << identifier_ << ": " << text
              << std::endl;
}

}  // namespace fermata::service
