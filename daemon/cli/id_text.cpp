#include "daemon/cli/id_text.hpp"

#include <charconv>

#include "adapters/fix/order_text.hpp"

namespace fermata {

std::string client_order_text(ClientOrderId id) {
    char text[fix::kTextMax];
    return {text, fix::format_request_id({id, 0}, text)};
}

std::optional<ClientOrderId> parse_client_order(std::string_view text) {
    if (const auto request = fix::parse_request_id(text)) return request->order;
    ClientOrderId id;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value);
    if (error != std::errc{} || end != text.data() + text.size() || id.value == 0) {
        return std::nullopt;
    }
    return id;
}

std::string execution_text(ExecId id) { return std::to_string(id.value); }
std::string execution_text(std::int64_t detail) {
    return execution_text(ExecId{static_cast<std::uint64_t>(detail)});
}
std::string execution_text(ExecId id, std::string_view venue_text) {
    std::string out(venue_text);
    for (char& c : out) {
        if (c < ' ' || c > '~') c = '?';
    }
    return out.empty() ? execution_text(id) : out + " (" + execution_text(id) + ")";
}

}  // namespace fermata
