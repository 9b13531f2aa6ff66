#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/journal/format.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

/// The head of a journal's hash chain at one of its seals, to be kept outside of the journal (an
/// anchor): whoever holds it can tell later that nothing before it was rewritten.
struct JournalHead {
    RunId run{};
    HashAlgorithm algorithm = HashAlgorithm::kNone;
    std::uint32_t segment = 0;
    std::uint64_t block = 0;    ///< Its number, from 1.
    std::uint64_t records = 0;  ///< Of the run before it.
    Digest head{};
    friend bool operator==(const JournalHead&, const JournalHead&) = default;
};

/// The head's bytes as lower-case hex, as many as the algorithm has.
[[nodiscard]] std::string head_hex(const JournalHead& head);

/// One line: "fermata-journal-head run=HEX segment=N block=N records=N blake2b512=HEX".
[[nodiscard]] std::string to_text(const JournalHead& head);
/// Reads such a line, white space around it allowed; nothing for every other text.
[[nodiscard]] std::optional<JournalHead> parse_journal_head(std::string_view text);

}  // namespace fermata
