#include "adapters/fix/sequence_record.hpp"

#include <algorithm>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/wire_fields.hpp"

namespace fermata::fix {
namespace {

std::uint32_t number_of(std::string_view text) noexcept {
    const auto n = parse_whole(text);
    return n && *n > 0 && *n < 0x7fff'ffff ? static_cast<std::uint32_t>(*n) : 0;
}

/// Of those whose bodies say something of numbers: Logon, ResendRequest, SequenceReset.
bool is_about_numbers(std::string_view type) noexcept {
    return type == "A" || type == "2" || type == "4";
}

bool stands_in_header(int tag) noexcept {
    switch (tag) {
        case 8:
        case 9:
        case 34:
        case 35:
        case 43:
        case 49:
        case 50:
        case 52:
        case 56:
        case 57:
        case 90:
        case 91:
        case 97:
        case 115:
        case 116:
        case 122:
        case 128:
        case 129:
        case 142:
        case 143:
        case 144:
        case 145:
        case 369:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::optional<SequenceMessage> read_sequence(std::string_view bytes) noexcept {
    SequenceMessage m;
    WireFields fields(bytes);
    if (!fields.next() || fields.tag() != 8) return std::nullopt;
    while (fields.next()) {
        const std::string_view value = fields.value();
        switch (fields.tag()) {
            case 35:
                m.type = value;
                break;
            case 49:
                m.sender = value;
                break;
            case 56:
                m.target = value;
                break;
            case 34:
                m.number = number_of(value);
                break;
            case 36:
                m.new_number = number_of(value);
                break;
            case 7:
                m.asked_from = number_of(value);
                break;
            case 43:
                m.again = value == "Y";
                break;
            case 123:
                m.gap_fill = value == "Y";
                break;
            case 141:
                m.reset = value == "Y";
                break;
            default:
                break;
        }
        if (!stands_in_header(fields.tag()) && !is_about_numbers(m.type)) break;
    }
    if (m.number == 0 || m.type.empty()) return std::nullopt;
    return m;
}

void SequenceRecord::begin(Timestamp ts, std::uint32_t to_send) {
    const Timestamp before = now_.newest;
    now_ = Count{};
    now_.to_send = to_send;
    now_.begun = now_.newest = ts;
    now_.before = before;
    received_ = before.ns != 0;  // where the count began on record, its first message is number 1
    tried_ = 0;
}

void SequenceRecord::on_message(Timestamp ts, bool sent, const SequenceMessage& message,
                                bool lost) {
    if (lost) lost_ = true;
    if (sent) {
        on_sent(ts, message);
    } else {
        on_received(ts, message);
    }
}

void SequenceRecord::on_sent(Timestamp ts, const SequenceMessage& m) {
    if (m.again || (m.type == "4" && m.gap_fill)) return;  // in place of what was sent before
    if (m.number >= now_.to_send) {
        tried_ = 0;
        now_.to_send = m.number + 1;
        if (now_.begun.ns == 0) now_.begun = ts;
        now_.newest = ts;
    } else if (m.type == "A") {
        tried_ = m.number + 1;
        tried_at_ = ts;
        return;
    } else if (tried_ != 0) {
        tried_ = m.number + 1;  // such as the answer to a logout
        return;
    } else if (taken_) {
        begin(ts, m.number + 1);
    }
    // What a session asks for again begins with what it expects.
    if (m.type == "2" && m.asked_from != 0) now_.to_receive = m.asked_from;
}

void SequenceRecord::on_received(Timestamp ts, const SequenceMessage& m) {
    const bool logon = m.type == "A";
    if (tried_ != 0) {
        if (!logon) return;  // why it was refused
        begin(tried_at_, tried_);
    }
    taken_ = taken_ || logon;
    now_.newest = ts;
    if (!received_ && !m.again) {
        received_ = true;
        now_.first = now_.to_receive = m.number;
    }
    now_.first = std::min(now_.first, m.number);
    if (m.type == "4" && !m.gap_fill) {
        now_.to_receive = std::max<std::uint32_t>(m.new_number, 1);
        return;
    }
    const bool next = m.number == now_.to_receive;
    if (!next && !(lost_ && !m.again && m.number > now_.to_receive)) return;
    lost_ = false;
    now_.to_receive = m.type == "4" ? std::max(m.new_number, m.number + 1) : m.number + 1;
}

}  // namespace fermata::fix
