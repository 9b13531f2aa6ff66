#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "ops/control/request.hpp"

/// The lines of the control protocol; docs/control-protocol.md.
namespace fermata::console {

/// Why a line is no request.
struct Refusal {
    std::uint64_t id = 0;  ///< Of the request, as far as it could be read.
    Error error = Error::kBadRequest;
    std::string message;
};

/// Reads one line, without its line feed. Whatever stands in it: a request, or a refusal. Uses a
/// bounded amount of memory and never throws but for want of memory.
[[nodiscard]] Result<Request, Refusal> parse_request(std::string_view line);

/// One line, with its line feed.
[[nodiscard]] std::string answer_line(std::uint64_t id, const Answer& answer);
/// `event` is a JSON object.
[[nodiscard]] std::string event_line(std::string_view event);

}  // namespace fermata::console
