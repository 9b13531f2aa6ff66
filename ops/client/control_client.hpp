#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace fermata::console {

/// A connection to a daemon's control socket, for a program that asks one thing at a time.
///
/// Errors: no call throws but for want of memory.
class ControlClient {
public:
    enum class ErrorCode : std::uint8_t {
        kNoDaemon,  ///< Nobody listens there.
        kDenied,    ///< The system does not let this user at the socket.
        kClosed,    ///< The daemon ended the connection.
        kTimeout,
        kTooLong,  ///< A line longer than kAnswerMax.
        kSystem,
    };
    struct Error {
        ErrorCode code = ErrorCode::kSystem;
        std::string message;  ///< For the operator.
    };
    static constexpr std::size_t kAnswerMax = std::size_t{16} << 20;

    [[nodiscard]] static Result<ControlClient, Error> connect(const std::string& path);
    ControlClient(ControlClient&& other) noexcept;
    ControlClient& operator=(ControlClient&& other) noexcept;
    ~ControlClient();

    /// Sends bytes as they are; a request ends with a line feed.
    [[nodiscard]] Status<Error> send(std::string_view bytes, std::chrono::milliseconds limit);
    /// The next line, without its line feed.
    [[nodiscard]] Result<std::string, Error> receive(std::chrono::milliseconds limit);
    /// Sends a request (without its line feed) and waits for a line. What the daemon had to say
    /// before it ended the connection is an answer too.
    [[nodiscard]] Result<std::string, Error> ask(const std::string& request,
                                                 std::chrono::milliseconds limit);

private:
    ControlClient(int descriptor, std::string path)
        : descriptor_(descriptor), path_(std::move(path)) {}
    [[nodiscard]] Err<Error> failure(ErrorCode code, const std::string& what) const;
    /// False at the time's end.
    [[nodiscard]] bool wait(short what, std::chrono::steady_clock::time_point until) const;

    int descriptor_ = -1;
    std::string path_;
    std::string input_;
    std::size_t searched_ = 0;  // of input_, without a line feed
};

}  // namespace fermata::console
