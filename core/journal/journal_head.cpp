#include "core/journal/journal_head.hpp"

#include <algorithm>
#include <charconv>
#include <span>

namespace fermata {
namespace {

constexpr std::string_view kWord = "fermata-journal-head";

std::size_t digest_bytes(HashAlgorithm algorithm) noexcept {
    switch (algorithm) {
        case HashAlgorithm::kNone:
            return 0;
        case HashAlgorithm::kSha256:
            return 32;
        case HashAlgorithm::kBlake2b512:
            return 64;
    }
    return 0;
}

std::string hex_of(std::span<const std::byte> bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const std::byte b : bytes) {
        text += kDigits[std::to_integer<unsigned>(b) >> 4];
        text += kDigits[std::to_integer<unsigned>(b) & 0xf];
    }
    return text;
}

bool bytes_of_hex(std::string_view text, std::span<std::byte> out) {
    const auto digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (text.size() != 2 * out.size()) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = digit(text[2 * i]);
        const int low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = static_cast<std::byte>(high * 16 + low);
    }
    return true;
}

template <class T>
bool number(std::string_view text, T& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

/// Takes the next word off the text.
std::string_view word(std::string_view& text) {
    constexpr std::string_view kSpace = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    const std::string_view found = text.substr(0, text.find_first_of(kSpace));
    text.remove_prefix(found.size());
    return found;
}

/// Takes the next word, which is "key=value"; nothing when it has another key.
std::optional<std::string_view> value_of(std::string_view& text, std::string_view key) {
    const std::string_view found = word(text);
    if (!found.starts_with(key) || found.substr(key.size(), 1) != "=") return std::nullopt;
    return found.substr(key.size() + 1);
}

}  // namespace

std::string head_hex(const JournalHead& head) {
    return hex_of(std::span(head.head).first(digest_bytes(head.algorithm)));
}

std::string to_text(const JournalHead& head) {
    std::string text(kWord);
    text.append(" run=").append(to_hex(head.run));
    text.append(" segment=").append(std::to_string(head.segment));
    text.append(" block=").append(std::to_string(head.block));
    text.append(" records=").append(std::to_string(head.records));
    text.append(" ").append(name(head.algorithm)).append("=").append(head_hex(head));
    return text;
}

std::optional<JournalHead> parse_journal_head(std::string_view text) {
    if (word(text) != kWord) return std::nullopt;
    JournalHead head;
    const auto run = value_of(text, "run");
    if (!run || !bytes_of_hex(*run, head.run)) return std::nullopt;
    const auto segment = value_of(text, "segment");
    if (!segment || !number(*segment, head.segment)) return std::nullopt;
    const auto block = value_of(text, "block");
    if (!block || !number(*block, head.block)) return std::nullopt;
    const auto records = value_of(text, "records");
    if (!records || !number(*records, head.records)) return std::nullopt;
    const std::string_view last = word(text);
    const std::size_t equals = last.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto algorithm = hash_algorithm_of(last.substr(0, equals));
    if (!algorithm || *algorithm == HashAlgorithm::kNone) return std::nullopt;
    head.algorithm = *algorithm;
    if (!bytes_of_hex(last.substr(equals + 1),
                      std::span(head.head).first(digest_bytes(*algorithm))) ||
        !word(text).empty()) {
        return std::nullopt;
    }
    return head;
}

}  // namespace fermata
