#pragma once

#include <initializer_list>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace fermata::service {

/// As syslog(3) numbers them.
enum class Priority : int { kCritical = 2, kError = 3, kWarning = 4, kNotice = 5, kInfo = 6 };

/// Lines for the operator. Where standard error is the system's journal, they go there with fields
/// of their own, by which `journalctl` selects (`journalctl FERMATA_EVENT=hangs`); else to standard
/// error as text, with the priority in front (`<5>`, sd-daemon(3)) where a service manager reads.
///
/// Thread: any; a line is written whole.
class ServiceLog {
public:
    /// A journal's field: A to Z, digits and underscores; FERMATA_... here.
    using Field = std::pair<std::string, std::string>;

    /// `identifier`: the program's name, in front of every line of text.
    explicit ServiceLog(std::string identifier);

    /// Stands in every line from here on; a later value replaces an earlier one.
    void always(const std::string& name, const std::string& value);
    /// `event`: what happened, in one word, for FERMATA_EVENT; may be empty.
    void write(Priority priority, const std::string& event, const std::string& text,
               std::initializer_list<Field> fields = {});

    /// Whether lines go to the system's journal with their fields.
    [[nodiscard]] bool structured() const noexcept { return structured_; }

private:
    std::string identifier_;
    bool structured_;
    std::mutex mutex_;
    std::vector<Field> always_;
};

/// Whether `descriptor` is the stream that the service manager connected with the system's journal:
/// the device and inode that JOURNAL_STREAM names (systemd.exec(5)).
[[nodiscard]] bool is_journal_stream(int descriptor);

}  // namespace fermata::service
