#include "adapters/fix/session_end.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "adapters/fix/wire.hpp"

namespace fermata::fix {
namespace {

/// How much later than we a venue may begin its count.
constexpr Duration kScheduleSlack = Duration::seconds(600);

/// Of a logout: our number is behind the one that the venue expects.
bool says_too_low(std::string_view text) {
    std::string lower(text.substr(0, 500));
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower.find("too low") != std::string::npos && lower.find("seq") != std::string::npos;
}

/// The message with the values of these fields replaced; its length and check sum stay those of the
/// message that was sent.
std::string without_secrets(std::string_view bytes, const std::vector<int>& tags) {
    std::string out(bytes);
    for (const int tag : tags) {
        const std::string field = "\x01" + std::to_string(tag) + "=";
        for (std::size_t at = out.find(field); at != std::string::npos;
             at = out.find(field, at + field.size())) {
            const std::size_t begin = at + field.size();
            out.replace(begin, std::min(out.find('\x01', begin), out.size()) - begin, "***");
        }
    }
    return out;
}

}  // namespace

Timestamp utc_time() noexcept {
    return {std::chrono::duration_cast<std::chrono::nanoseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
}

FIX::UtcTimeStamp quickfix_time(Timestamp ts) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    return FIX::UtcTimeStamp(static_cast<time_t>(ts.ns / kSecond),
                             static_cast<int>(ts.ns % kSecond), 9);
}

std::string_view text_of(const FIX::FieldMap& fields, int tag) noexcept {
    for (const FIX::FieldBase& field : fields) {
        if (field.getTag() == tag) return field.getString();
    }
    return {};
}

SessionEnd::SessionEnd(SessionSettings settings, LinkObserver& observer)
    : settings_(std::move(settings)),
      observer_(settings_.observer != nullptr ? *settings_.observer : observer) {}

FIX::SessionID SessionEnd::id() const {
    return FIX::SessionID("FIX.4.4", settings_.sender_comp_id, settings_.target_comp_id,
                          settings_.qualifier);
}

void SessionEnd::tell(LinkEventKind kind, std::string_view text, std::int64_t count) noexcept {
    observer_.on_link({utc_time(), settings_.dialect.venue, kind, count, text});
}

void SessionEnd::ask_again_after(std::uint64_t newest, std::uint32_t first_of_run) {
    // What was received and is not on record died with the process that received it. A number
    // beyond the one expected is of an earlier count: nothing of this one is on record.
    const auto expected = static_cast<std::uint64_t>(session_->getExpectedTargetNum());
    const std::uint64_t behind = newest < expected ? newest + 1 : 1;
    const std::uint64_t from = std::max<std::uint64_t>(behind, first_of_run);
    if (from < expected) session_->setNextTargetMsgSeqNum(static_cast<int>(from));
}

void SessionEnd::on_logon() noexcept {
    logged_on_.store(true, std::memory_order_release);
    up_at_ = utc_time();
    tell(LinkEventKind::kUp, "logged on");
    try {
        opened();
    } catch (const std::exception& e) {
        tell(LinkEventKind::kUnreadable, e.what());
    } catch (...) {
        tell(LinkEventKind::kUnreadable, "an unknown error at logon");
    }
}

void SessionEnd::on_logout() noexcept {  // behind the last number that a logout takes
    const bool was = logged_on_.exchange(false, std::memory_order_acq_rel);
    std::string text;
    {
        const std::lock_guard lock(text_mutex_);
        text.swap(down_text_);
    }
    if (std::exchange(from_one_, false)) {
        session_->setNextSenderMsgSeqNum(1);
        session_->setNextTargetMsgSeqNum(1);
    }
    if (!was) return;
    tell(LinkEventKind::kDown, text.empty() ? "disconnected" : text);
    try {
        closed();
    } catch (...) {
        tell(LinkEventKind::kUnreadable, "an unknown error at logout");
    }
}

void SessionEnd::on_text(std::string_view text) noexcept {
    const bool closing = text.starts_with(kClosingText);
    if (closing && !logged_on()) return tell(LinkEventKind::kRefused, text);
    try {
        const std::lock_guard lock(text_mutex_);
        if (text == "Disconnecting" && down_text_.starts_with(kClosingText)) return;  // that is why
        down_text_.assign(text.substr(0, 200));
    } catch (...) {  // a text less
    }
}

void SessionEnd::fill_logon(FIX::Message& message) {
    for (const auto& [tag, value] : settings_.logon_tags) message.setField(tag, value);
    const auto& [tag, value] = settings_.cancel_on_disconnect;
    if (tag != 0) message.setField(tag, value);
}

void SessionEnd::halt(std::string_view text) noexcept {
    if (halted_.exchange(true)) return;
    tell(LinkEventKind::kSequenceReset, text);
    if (session_ != nullptr) {
        try {
            session_->logout(std::string(text));
        } catch (...) {  // out of memory: whoever was told halts the venue
        }
    }
}

void SessionEnd::on_logout_of_venue(const FIX::Message& message) noexcept try {
    const std::string_view text = text_of(message, FIX::FIELD::Text);
    on_text(text);
    if (settings_.run.id == 0 || logged_on() || !says_too_low(text)) return;
    const Timestamp anew = numbers_->begun_anew();
    if (up_at_ < anew && utc_time() - anew < kScheduleSlack) {
        from_one_ = true;
        return;
    }
    halt("the venue refused the logon: " + std::string(text.substr(0, 200)) +
         "; our numbers are behind: see docs/fix.md");
} catch (...) {  // no memory for the words: it is tried again
}

void SessionEnd::on_sent_logout(const FIX::Message& message) noexcept {
    const std::string_view text = text_of(message, FIX::FIELD::Text);
    // QuickFIX's own words when the venue counts from less than it did.
    if (text.find("MsgSeqNum too low") != std::string_view::npos) halt(text);
}

void SessionEnd::on_raw(bool sent, std::string_view bytes) noexcept {
    const VenueId venue = settings_.dialect.venue;
    try {
        if (!sent) received(bytes);
        if (settings_.secret_tags.empty() || bytes.find("\x01"
                                                        "35=A\x01") == std::string_view::npos) {
            observer_.on_raw(utc_time(), venue, sent, bytes);
        } else {
            observer_.on_raw(utc_time(), venue, sent,
                             without_secrets(bytes, settings_.secret_tags));
        }
    } catch (...) {
        tell(LinkEventKind::kRefused, "no memory to keep a message for the audit trail");
    }
}

}  // namespace fermata::fix
