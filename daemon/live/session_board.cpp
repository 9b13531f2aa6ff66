#include "daemon/live/session_board.hpp"

#include <charconv>
#include <exception>
#include <utility>

namespace fermata {
namespace {

constexpr std::size_t kErrorMax = 200;    // bytes
constexpr std::size_t kRefusalsMax = 16;  // reasons of one session that are told until it is up
/// The standard header of a message, where its number, its type and PossDupFlag stand.
constexpr std::size_t kHeaderMax = 256;

/// The value of the first field with this tag; empty where there is none. `tag`: "\x01" "34=".
std::string_view field(std::string_view bytes, std::string_view tag) {
    const std::size_t at = bytes.find(tag);
    if (at == std::string_view::npos) return {};
    bytes.remove_prefix(at + tag.size());
    return bytes.substr(0, bytes.find('\x01'));
}

/// A counterparty's words as visible ASCII, and not too many of them.
std::string visible(std::string_view text) {
    std::string out(text.substr(0, kErrorMax));
    for (char& c : out) {
        if (c < ' ' || c > '~') c = '?';
    }
    return out;
}

/// What is wrong; nothing for an event that is no error.
const char* error_of(LinkEventKind kind) {
    switch (kind) {
        case LinkEventKind::kDown:
            return "session ended";
        case LinkEventKind::kSequenceReset:
            return "sequence numbers do not go on";
        case LinkEventKind::kUnreadable:
            return "a message cannot be understood";
        case LinkEventKind::kRefused:
            return "the venue refused a message";
        case LinkEventKind::kMassCancelRefused:
            return "the venue refused a mass cancel";
        default:
            return nullptr;
    }
}

/// Whether a process in this mode opens sessions of this role.
bool opens(Mode mode, SessionRole role) {
    switch (role) {
        case SessionRole::kMarketData:
            return mode != Mode::kReplay;
        case SessionRole::kOrders:
        case SessionRole::kDropCopy:
            return mode == Mode::kLive;
        case SessionRole::kWatchdog:
            return false;  // by a process of its own
    }
    return false;
}

}  // namespace

SessionBoard::SessionBoard(const Config& config, Timestamp now,
                           std::function<void(const std::string&)> report)
    : report_(std::move(report)) {
    for (const SessionConfig& s : config.sessions) {
        Slot& slot = slots_.emplace_back();
        slot.open = opens(config.mode, s.role);
        slot.row.name = s.name;
        slot.row.role = s.role;
        slot.row.venue = s.venue;
        slot.row.since = now;
    }
}

void SessionBoard::note_error(Slot& slot, Timestamp at, std::string_view what,
                              std::string_view text) {
    std::string error(what);
    if (!text.empty()) error.append(": ").append(visible(text));
    slot.row.error = std::move(error);
    slot.row.error_at = at;
}

std::string SessionBoard::refusal(Slot& slot, std::string_view why) {
    const std::string text = visible(why);
    std::string reason = text;
    std::erase_if(reason, [](char c) { return c >= '0' && c <= '9'; });
    if (slot.refusals.size() >= kRefusalsMax || !slot.refusals.insert(std::move(reason)).second) {
        return {};
    }
    const bool numbers =
        text.find("SeqNum") != std::string::npos || text.find("equence") != std::string::npos;
    return slot.row.name + ": the venue refused the logon (" +
           (text.empty() ? "it gave no reason" : text) + ")" +
           (numbers ? "; compare the sequence numbers (docs/fix.md)" : "");
}

void SessionBoard::on_link(std::size_t session, const LinkEvent& event) noexcept {
    if (session >= slots_.size()) return;
    Slot& slot = slots_[session];
    const char* const error = error_of(event.kind);
    try {
        const std::lock_guard lock(mutex_);
        const bool up = event.kind == LinkEventKind::kUp;
        if (up || event.kind == LinkEventKind::kDown) {
            slot.row.up = up;
            slot.row.since = event.ts;
            if (up) slot.refusals.clear();
        }
        if (error != nullptr) note_error(slot, event.ts, error, event.text);
    } catch (const std::exception&) {  // no memory for the words; the observer has them too
    }
}

void SessionBoard::on_raw(std::size_t session, Timestamp ts, bool sent,
                          std::string_view bytes) noexcept {
    if (session >= slots_.size()) return;
    Slot& slot = slots_[session];
    const std::string_view header = bytes.substr(0, kHeaderMax);
    const std::string_view text = field(header,
                                        "\x01"
                                        "34=");
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    // What is said once more has the number that it had.
    if (number != 0 && field(header,
                             "\x01"
                             "43=") != "Y") {
        (sent ? slot.sent : slot.received).store(number, std::memory_order_relaxed);
    }
    const std::string_view type = field(header,
                                        "\x01"
                                        "35=");
    if (sent || (type != "5" && type != "3")) return;
    const std::string_view why = field(bytes,
                                       "\x01"
                                       "58=");
    const bool logout = type == "5";
    try {
        std::string told;
        {
            const std::lock_guard lock(mutex_);
            if (!logout || !why.empty()) {
                note_error(slot, ts,
                           logout ? "the venue logged out" : "the venue refused a message", why);
            }
            // A refused logon is told by no event: the session was never up.
            if (logout && slot.open && !slot.row.up) told = refusal(slot, why);
        }
        if (!told.empty() && report_) report_(told);
    } catch (const std::exception&) {  // as above
    }
}

std::vector<SessionBoard::Row> SessionBoard::rows() const {
    std::vector<Row> all;
    const std::lock_guard lock(mutex_);
    for (const Slot& slot : slots_) {
        if (!slot.open) continue;
        Row& row = all.emplace_back(slot.row);
        row.sent = slot.sent.load(std::memory_order_relaxed);
        row.received = slot.received.load(std::memory_order_relaxed);
    }
    return all;
}

}  // namespace fermata
