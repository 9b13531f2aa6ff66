#include "adapters/fix/resend_request.hpp"

#include <charconv>
#include <limits>
#include <optional>

namespace fermata::fix {
namespace {

/// With its sign; what does not fit is the largest or least there is.
std::optional<std::int64_t> number_of(std::string_view text) noexcept {
    std::int64_t value = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error == std::errc::invalid_argument || end != last) return std::nullopt;
    if (error == std::errc::result_out_of_range) {
        return text.front() == '-' ? std::numeric_limits<std::int64_t>::min()
                                   : std::numeric_limits<std::int64_t>::max();
    }
    return value;
}

}  // namespace

int wrong_in_resend_request(std::string_view begin, std::string_view end,
                            std::int64_t next) noexcept {
    constexpr int kBeginSeqNo = 7;
    constexpr int kEndSeqNo = 16;
    const auto first = number_of(begin);
    const auto last = number_of(end);
    if (first && (*first < 1 || *first >= next)) return kBeginSeqNo;
    if (first && last && *last != 0 && *last < *first) return kEndSeqNo;
    return 0;
}

}  // namespace fermata::fix
