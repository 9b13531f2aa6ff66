#pragma once

#include <cstddef>
#include <string>

namespace fermata::fix {

/// Cuts what comes over a socket into FIX messages, by their BodyLength (9).
///
/// Strict: a stream that does not go on with "8=FIX", whose BodyLength is no number or beyond the
///         bound, or where no CheckSum (10) stands behind the body, cannot be cut any further:
///         `problem` says why, and no message comes any more. Whether the CheckSum is right is the
///         session's to judge.
/// Memory: no more than one message at the bound and what was added behind it.
/// Owner:  one thread.
class WireFrames {
public:
    /// Bodies of at most so many bytes.
    explicit WireFrames(std::size_t body_max) : body_max_(body_max) {}

    void set_body_max(std::size_t bytes) noexcept { body_max_ = bytes; }
    /// What arrived. Take the messages out before more is added.
    void add(const char* bytes, std::size_t count);
    /// The next whole message; false when there is none.
    [[nodiscard]] bool next(std::string& message);
    /// Why the stream is over; empty: it is not.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

private:
    /// Bytes of the message that begins at `at_`; zero: not known yet, or there is a problem.
    [[nodiscard]] std::size_t length();
    [[nodiscard]] std::size_t fail(std::string why);

    std::size_t body_max_;
    std::string bytes_;
    std::size_t at_ = 0;  // what lies before was taken
    std::string problem_;
};

}  // namespace fermata::fix
