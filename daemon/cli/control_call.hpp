#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "daemon/cli/report_text.hpp"
#include "ops/client/control_client.hpp"

namespace fermata {

/// Exit codes of the commands that talk to a daemon.
enum ControlExit : int {
    kControlDone = 0,
    kControlFailed = 1,  ///< Refused, or it failed; the text says why.
    kControlUsage = 2,
    kControlNoDaemon = 3,  ///< Nobody listens, or this user may not use the socket.
    /// Done, but orders are unknown or not confirmed, positions stay, or not all was accepted.
    kControlOpen = 4,
    kControlPending = 5,  ///< Waits for a second admin.
};

/// A conversation with a daemon. What goes wrong is thrown as ControlFailure.
class ControlCall {
public:
    explicit ControlCall(const std::string& socket);

    /// The result (`ok`) of a request. `version` becomes that of the answer.
    Report ask(const std::string& method, const Report& params = Report::object());
    /// All pages of a list.
    Report list(const std::string& method);
    /// A command on the state `expect`. Nothing: a stale one is tried again on the state that is,
    /// as for what only stops.
    Report command(const std::string& method, const Report& params, const std::string& reason,
                   std::optional<std::uint64_t> expect);
    /// The next event; follows `ask("tail")`.
    Report next_event();
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

private:
    Report send(Report request);
    Report receive(std::chrono::milliseconds limit);

    /// Connects anew while the daemon says that it has no place for it, for as long as an answer
    /// may take.
    [[nodiscard]] Report answer_to(const Report& request);

    std::string socket_;
    console::ControlClient client_;
    std::uint64_t id_ = 0;
    std::uint64_t version_ = 0;
};

struct ControlFailure {
    int exit_code = kControlFailed;
    std::string code;  ///< The protocol's; empty when there was no answer.
    std::string message;
    std::optional<std::uint64_t> state_version = {};  ///< Of the answer.
};

}  // namespace fermata
