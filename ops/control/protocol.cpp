#include "ops/control/protocol.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <exception>
#include <memory>
#include <utility>

namespace fermata::console {
namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 4;
/// For the values of one line. What does not fit is refused.
constexpr std::size_t kParseBytes = 8 * kLineMax;

constexpr std::array<std::string_view, 6> kKeys = {"v",      "id",     "method",
                                                   "params", "reason", "expect"};

/// Thrown and caught in this file.
struct Bad {
    Error error;
    std::string message;
};
[[noreturn]] void bad(std::string message, Error error = Error::kBadRequest) {
    throw Bad{error, std::move(message)};
}

/// A word of the client in a message: short, and only what is printable.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text.substr(0, 32)) out += c >= ' ' && c <= '~' ? c : '?';
    return out + (text.size() > 32 ? "...'" : "'");
}

std::uint64_t whole_number(std::string_view key, const json::value& v) {
    if (v.is_int64() && v.get_int64() >= 0) return static_cast<std::uint64_t>(v.get_int64());
    if (v.is_uint64()) return v.get_uint64();
    bad(std::string(key) + " is not a whole number from 0");
}

std::string text(std::string_view key, const json::value& v, std::size_t most) {
    if (!v.is_string()) bad(std::string(key) + " is not a string");
    const json::string& s = v.get_string();
    if (s.size() > most) {
        bad(std::string(key) + " is longer than " + std::to_string(most) + " bytes");
    }
    const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
    if (std::ranges::any_of(s, control)) bad(std::string(key) + " contains a control character");
    return {s.data(), s.size()};
}

void read_params(const json::object& params, Request& out) {
    for (const auto& [k, v] : params) {
        const std::string_view key(k.data(), k.size());
        if (key == "scope") {
            out.scope = text(key, v, kNameMax);
        } else if (key == "target") {
            out.target = text(key, v, kNameMax);
        } else if (key == "limit") {
            out.limit = text(key, v, kNameMax);
        } else if (key == "value") {
            out.value = text(key, v, kNameMax);
        } else if (key == "alert") {
            out.alert = whole_number(key, v);
        } else if (key == "after") {
            out.after = whole_number(key, v);
        } else if (key == "count") {
            out.count = whole_number(key, v);
            if (out.count == 0 || out.count > kPageMax) {
                bad("count is not in 1.." + std::to_string(kPageMax));
            }
        } else {
            bad("params has no key " + quoted(key));
        }
    }
}

void check_scope(Request& r) {
    constexpr std::array<std::string_view, 6> kScopes = {"",         "firm",       "account",
                                                         "strategy", "instrument", "venue"};
    if (std::ranges::find(kScopes, r.scope) == kScopes.end()) {
        bad("scope " + quoted(r.scope) + " is none of firm, account, strategy, instrument, venue");
    }
    if (r.method == Method::kEnable || r.method == Method::kDisable) {
        if (r.scope.empty()) r.scope = "strategy";
        if (r.scope != "strategy") {
            bad(std::string(definition(r.method).name) + " is for strategies");
        }
    }
    if (r.scope.empty()) r.scope = "firm";
    if (!definition(r.method).command) return;
    if (r.scope == "firm" && !r.target.empty()) bad("the firm is one: it has no target");
    if (r.scope != "firm" && r.target.empty()) bad("scope " + r.scope + " needs a target");
}

void read(const json::value& root, std::uint64_t& id, Request& out) {
    if (!root.is_object()) bad("not a JSON object");
    const json::object& o = root.get_object();
    const json::value* given = o.if_contains("id");
    if (given == nullptr) bad("id is missing");
    out.id = id = whole_number("id", *given);
    const json::value* version = o.if_contains("v");
    if (version == nullptr) bad("v, the protocol's version, is missing");
    if (whole_number("v", *version) != kProtocolVersion) {
        bad("this daemon speaks version " + std::to_string(kProtocolVersion) + " of the protocol",
            Error::kVersion);
    }
    for (const auto& [k, v] : o) {
        const std::string_view key(k.data(), k.size());
        if (std::ranges::find(kKeys, key) == kKeys.end()) {
            bad("a request has no key " + quoted(key));
        }
    }
    const json::value* method = o.if_contains("method");
    if (method == nullptr) bad("method is missing");
    const std::string wanted = text("method", *method, kNameMax);
    const MethodDefinition* found = find_method(wanted);
    if (found == nullptr) bad("there is no method " + quoted(wanted), Error::kUnknownMethod);
    out.method = found->method;
    if (const json::value* params = o.if_contains("params")) {
        if (!params->is_object()) bad("params is not an object");
        read_params(params->get_object(), out);
    }
    if (const json::value* reason = o.if_contains("reason")) {
        out.reason = text("reason", *reason, kReasonMax);
    }
    if (const json::value* expect = o.if_contains("expect")) {
        out.expect = whole_number("expect", *expect);
    }
    if (found->command && out.reason.find_first_not_of(' ') == std::string::npos) {
        bad(wanted + " needs a reason");
    }
    if (found->command && !out.expect) {
        bad(wanted + " needs expect, the state version that it is based on (status tells it)");
    }
    check_scope(out);
}

}  // namespace

Result<Request, Refusal> parse_request(std::string_view line) {
    Refusal refusal;
    if (line.size() >= kLineMax) {
        refusal.message = "the line is longer than " + std::to_string(kLineMax) + " bytes";
        return Err{std::move(refusal)};
    }
    try {
        // On the heap, once for the one thread that parses.
        thread_local const auto memory = std::make_unique<unsigned char[]>(kParseBytes);
        json::static_resource resource(memory.get(), kParseBytes);
        json::parse_options options;
        options.max_depth = kDepthMax;
        boost::system::error_code ec;
        const json::value root =
            json::parse(json::string_view(line.data(), line.size()), ec, &resource, options);
        if (ec) bad("not JSON: " + ec.message());
        Request request;
        read(root, refusal.id, request);
        return request;
    } catch (Bad& e) {
        refusal.error = e.error;
        refusal.message = std::move(e.message);
    } catch (const std::exception&) {  // the resource is used up
        refusal.message = "too many values in one line";
    }
    return Err{std::move(refusal)};
}

std::string answer_line(std::uint64_t id, const Answer& answer) {
    std::string out = "{\"v\":" + std::to_string(kProtocolVersion) +
                      ",\"id\":" + std::to_string(id) +
                      ",\"state_version\":" + std::to_string(answer.state_version);
    if (answer.error == Error::kNone) {
        out += ",\"ok\":" + (answer.result.empty() ? std::string("{}") : answer.result);
    } else {
        out += ",\"error\":{\"code\":\"" + std::string(name(answer.error)) +
               "\",\"message\":" + json::serialize(json::string_view(answer.message)) + "}";
    }
    return out + "}\n";
}

std::string event_line(std::string_view event) {
    std::string out = "{\"v\":" + std::to_string(kProtocolVersion) + ",\"event\":";
    return out.append(event) + "}\n";
}

}  // namespace fermata::console
