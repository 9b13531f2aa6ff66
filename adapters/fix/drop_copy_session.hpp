#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "adapters/fix/report_decoder.hpp"
#include "adapters/fix/session_end.hpp"
#include "core/port/drop_copy_link.hpp"

namespace fermata::fix {

/// A drop copy session: reads reports about everything that the firm did, and never sends any
/// request. Sequence numbers are kept, so that what was missed comes with the next logon.
class DropCopySession final : public DropCopyLink, public SessionEnd {
public:
    DropCopySession(SessionSettings settings, LinkObserver& observer);

    void resume_after(std::uint64_t message) noexcept override { resume_after_ = message; }
    /// Called when the engine has made the session, before it connects.
    void begin(std::uint32_t first_of_run);
    [[nodiscard]] bool poll(DropCopyReport& report) noexcept override;
    [[nodiscard]] bool up() const noexcept override { return logged_on(); }

    [[nodiscard]] bool may_send(const FIX::Message&) noexcept override { return false; }
    [[nodiscard]] bool on_admin(const FIX::Message& message) noexcept override;
    void on_app(const FIX::Message& message) noexcept override;

private:
    void keep(DropCopyReport report);

    std::optional<std::uint64_t> resume_after_;  // else where the store is
    const ReportDecoder decoder_;
    const std::size_t capacity_;
    std::mutex mutex_;
    std::deque<DropCopyReport> reports_;
    std::uint64_t lost_ = 0;  // since the last report that was kept
};

}  // namespace fermata::fix
