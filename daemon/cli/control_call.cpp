#include "daemon/cli/control_call.hpp"

#include <thread>
#include <utility>

namespace fermata {
namespace {

using console::ControlClient;
using namespace std::chrono_literals;

constexpr auto kAnswerTime = 10s;
constexpr auto kBusyPause = 20ms;
constexpr int kStaleTries = 20;

[[noreturn]] void fail(const ControlClient::Error& error) {
    const bool nobody = error.code == ControlClient::ErrorCode::kNoDaemon ||
                        error.code == ControlClient::ErrorCode::kDenied;
    throw ControlFailure{nobody ? kControlNoDaemon : kControlFailed, {}, error.message};
}

ControlClient connected(const std::string& socket) {
    auto client = ControlClient::connect(socket);
    if (!client) fail(client.error());
    return std::move(client).value();
}

}  // namespace

ControlCall::ControlCall(const std::string& socket) : socket_(socket), client_(connected(socket)) {}

Report ControlCall::receive(std::chrono::milliseconds limit) {
    const auto line = client_.receive(limit);
    if (!line) fail(line.error());
    Report answer = Report::parse(*line, nullptr, false);
    if (!answer.is_object()) {
        throw ControlFailure{kControlFailed, {}, "the daemon's answer is not JSON"};
    }
    return answer;
}

Report ControlCall::answer_to(const Report& request) {
    const auto until = std::chrono::steady_clock::now() + kAnswerTime;
    for (;;) {
        const auto line = client_.ask(request.dump(), kAnswerTime);
        if (!line) fail(line.error());
        Report answer = Report::parse(*line, nullptr, false);
        if (!answer.is_object()) {
            throw ControlFailure{kControlFailed, {}, "the daemon's answer is not JSON"};
        }
        // No answer to this request but the end of the connection, in favour of a newer one: it was
        // not looked at. What comes next is the newest one again.
        const bool displaced = answer.value("id", std::uint64_t{0}) == 0 &&
                               answer.contains("error") &&
                               answer["error"].value("code", "") == "busy";
        if (!displaced || std::chrono::steady_clock::now() >= until) return answer;
        std::this_thread::sleep_for(kBusyPause);
        client_ = connected(socket_);
    }
}

Report ControlCall::send(Report request) {
    request["id"] = ++id_;
    const Report answer = answer_to(request);
    version_ = answer.value("state_version", std::uint64_t{0});
    if (answer.contains("error")) {
        const Report& error = answer["error"];
        throw ControlFailure{kControlFailed, error.value("code", ""), error.value("message", ""),
                             version_};
    }
    if (!answer.contains("ok")) {
        throw ControlFailure{kControlFailed, {}, "the daemon's answer has no result"};
    }
    return answer["ok"];
}

Report ControlCall::ask(const std::string& method, const Report& params) {
    return send({{"v", 1}, {"id", 0}, {"method", method}, {"params", params}});
}

Report ControlCall::list(const std::string& method) {
    Report rows = Report::array();
    Report params = Report::object();
    for (;;) {
        Report page = ask(method, params);
        for (Report& row : page["rows"]) rows.push_back(std::move(row));
        if (!page.contains("next")) return rows;
        params["after"] = page["next"];
    }
}

Report ControlCall::command(const std::string& method, const Report& params,
                            const std::string& reason, std::optional<std::uint64_t> expect) {
    for (int n = 1;; ++n) {
        if (!expect && version_ == 0) (void)ask("cancels");  // any answer names the version
        try {
            return send({{"v", 1},
                         {"id", 0},
                         {"method", method},
                         {"params", params},
                         {"reason", reason},
                         {"expect", expect.value_or(version_)}});
        } catch (const ControlFailure& e) {
            // The refusal named the version that is.
            if (expect || e.code != "stale" || n == kStaleTries) throw;
        }
    }
}

Report ControlCall::next_event() {
    for (;;) {
        Report line = receive(std::chrono::hours(24));
        if (line.contains("event")) return line["event"];
        if (line.contains("error")) {
            const Report& error = line["error"];
            throw ControlFailure{kControlFailed, error.value("code", ""),
                                 error.value("message", "")};
        }
    }
}

}  // namespace fermata
