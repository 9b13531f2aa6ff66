#pragma once

#include <cstdint>
#include <string_view>

namespace fermata::fix {

/// The tag of the number in a ResendRequest (2) to which there is no answer; 0: there is one, or it
/// is no number at all, which QuickFIX refuses.
///
/// BeginSeqNo (7): `begin` is below 1, or from `next` on, the number of the message that is sent
/// next. EndSeqNo (16): `end` is below `begin`, and not 0, which stands for no end. QuickFIX 1.15
/// would answer with a gap that goes back, or with a message whose number is negative.
[[nodiscard]] int wrong_in_resend_request(std::string_view begin, std::string_view end,
                                          std::int64_t next) noexcept;

}  // namespace fermata::fix
