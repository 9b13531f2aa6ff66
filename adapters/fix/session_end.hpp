#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/session_settings.hpp"
#include "core/port/order_link.hpp"
#include "core/types/time.hpp"

namespace fermata::fix {

/// Our end of one session, whatever it is for: what QuickFIX calls, and what all kinds share.
///
/// Threads: `on_*` and `may_send` on the engine's thread, and on whichever thread sends. Nothing
///          leaves them: the library would end the process.
class SessionEnd {
public:
    SessionEnd(SessionSettings settings, LinkObserver& observer);
    SessionEnd(const SessionEnd&) = delete;
    SessionEnd& operator=(const SessionEnd&) = delete;
    virtual ~SessionEnd() = default;

    void on_logon() noexcept;
    void on_logout() noexcept;
    void fill_logon(FIX::Message& message);
    void on_raw(bool sent, std::string_view bytes) noexcept;
    void on_text(std::string_view text) noexcept;
    /// A logout of ours.
    virtual void on_sent_logout(const FIX::Message& message) noexcept;
    /// A gap of ours is about to be sent in place of what the venue asked for again.
    virtual void on_sent_gap() noexcept {}
    /// False: it must not be sent.
    [[nodiscard]] virtual bool may_send(const FIX::Message& message) noexcept = 0;
    /// False: it must not be applied, and the session ends.
    [[nodiscard]] virtual bool on_admin(const FIX::Message& message) noexcept = 0;
    virtual void on_app(const FIX::Message& message) noexcept = 0;

    /// Both outlive it.
    void attach(FIX::Session& session, const SequenceFile& numbers) noexcept {
        session_ = &session;
        numbers_ = &numbers;
    }
    [[nodiscard]] const SessionSettings& settings() const noexcept { return settings_; }
    [[nodiscard]] FIX::SessionID id() const;
    [[nodiscard]] bool logged_on() const noexcept {
        return logged_on_.load(std::memory_order_acquire);
    }

protected:
    [[nodiscard]] FIX::Session* session() noexcept { return session_; }
    void tell(LinkEventKind kind, std::string_view text, std::int64_t count = 0) noexcept;
    /// Before it connects: asks again for what came behind message `newest`, the newest one on
    /// record (0: none is), but for nothing before `first_of_run`.
    void ask_again_after(std::uint64_t newest, std::uint32_t first_of_run);
    /// Tells kSequenceReset and logs out: connecting again would not set it right.
    void halt(std::string_view text) noexcept;
    /// A logout of the venue's came. Where it refuses our logon because it counts from more than we
    /// do, it ends the session: every further logon would only take a number more, until one that
    /// says nothing of what was lost is taken. Not where nobody keeps what comes. At the begin of a
    /// count by schedule, which the venue's clock may not have reached, it is begun again.
    void on_logout_of_venue(const FIX::Message& message) noexcept;
    [[nodiscard]] bool halted() const noexcept { return halted_.load(std::memory_order_relaxed); }

    // What a kind of session does besides, after it was told.
    virtual void opened() {}
    virtual void closed() {}
    virtual void received(std::string_view) {}  ///< Every message, before it is checked.

    const SessionSettings settings_;
    LinkObserver& observer_;

private:
    FIX::Session* session_ = nullptr;
    const SequenceFile* numbers_ = nullptr;
    std::atomic<bool> logged_on_{false};
    std::atomic<bool> halted_{false};
    bool from_one_ = false;  // both numbers, once the connection is gone
    Timestamp up_at_;        // logged on last
    std::mutex text_mutex_;  // QuickFIX also says things within `send`
    std::string down_text_;
};

/// The machine's UTC time.
[[nodiscard]] Timestamp utc_time() noexcept;
/// The same time in QuickFIX's terms.
[[nodiscard]] FIX::UtcTimeStamp quickfix_time(Timestamp ts);
/// The value of a field, empty when it is not there. QuickFIX would throw.
[[nodiscard]] std::string_view text_of(const FIX::FieldMap& fields, int tag) noexcept;
[[nodiscard]] inline std::string_view type_of(const FIX::Message& message) noexcept {
    return text_of(message.getHeader(), FIX::FIELD::MsgType);
}

}  // namespace fermata::fix
