#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/types/time.hpp"

namespace fermata::fix {

/// What a message on the wire says of its session and of sequence numbers. It refers to the bytes.
struct SequenceMessage {
    std::string_view type;            ///< MsgType (35).
    std::string_view sender, target;  ///< CompIDs (49, 56).
    std::uint32_t number = 0;         ///< MsgSeqNum (34).
    std::uint32_t new_number = 0;     ///< NewSeqNo (36); 0: not said.
    std::uint32_t asked_from = 0;     ///< BeginSeqNo (7); 0: not said.
    bool again = false;               ///< PossDupFlag (43).
    bool gap_fill = false;            ///< GapFillFlag (123).
    bool reset = false;               ///< ResetSeqNumFlag (141).
};

/// Nothing where the bytes are not the begin of a message with a number.
[[nodiscard]] std::optional<SequenceMessage> read_sequence(std::string_view bytes) noexcept;

/// How far the sequence numbers of a session came, as its messages on record say: what there is to
/// go on with where the file of the numbers is gone, or older than the record.
///
/// Counts: one begins where our numbers go back, at a logon that the venue took or behind one. A
///         logon that it refused begins none, whatever its number.
/// Bounds: what is not on record is not counted, so the numbers may be behind the truth; they are
///         never before it.
class SequenceRecord {
public:
    struct Count {
        std::uint32_t to_send = 1;     ///< Next number.
        std::uint32_t to_receive = 1;  ///< Next number: everything before it came.
        std::uint32_t first = 1;       ///< First received one; 1 where the count began on record.
        Timestamp begun;               ///< Of its first message on record.
        Timestamp newest;              ///< Of its newest one.
        Timestamp before;              ///< Of the newest one of the count before; zero: none is.
    };

    /// Every message of the session, in its order. `lost`: some before it are not on record.
    void on_message(Timestamp ts, bool sent, const SequenceMessage& message, bool lost = false);

    /// The newest count; nothing where the venue never took a logon.
    [[nodiscard]] std::optional<Count> count() const {
        return taken_ ? std::optional(now_) : std::nullopt;
    }

private:
    void on_sent(Timestamp ts, const SequenceMessage& m);
    void on_received(Timestamp ts, const SequenceMessage& m);
    void begin(Timestamp ts, std::uint32_t to_send);

    Count now_;
    bool taken_ = false;       // the venue took a logon
    bool received_ = false;    // something of this count
    bool lost_ = false;        // something since the newest one that was received
    Timestamp tried_at_;       // of a logon whose number went back and that was not answered yet
    std::uint32_t tried_ = 0;  // the number behind it; 0: there is none
};

}  // namespace fermata::fix
