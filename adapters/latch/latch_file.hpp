#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/latch/latch_format.hpp"
#include "core/base/result.hpp"

namespace fermata::latch {

enum class ErrorCode : std::uint8_t {
    kNone = 0,
    kAbsent,        ///< There is no such file.
    kExists,        ///< There is one already.
    kInputOutput,   ///< The system refused; see `system_error`.
    kUnreadable,    ///< What it holds counts as HALTED; see Fault.
    kStale,         ///< The state is not the one that the change was meant for.
    kNotLatched,    ///< There is nothing to release.
    kBusy,          ///< Another writer holds it for too long.
    kSecondPerson,  ///< Noted, and left to a second person who asks for the same.
};

struct Error {
    ErrorCode code = ErrorCode::kNone;
    int system_error = 0;        ///< errno, 0 when the system was not involved.
    Fault fault = Fault::kNone;  ///< With kUnreadable.
};
[[nodiscard]] std::string describe(const std::string& path, const Error& error);

/// What is to be latched or released.
struct Change {
    ControlScope scope = ControlScope::kFirm;
    std::string_view target;       ///< Name; ignored for the firm.
    Level level = Level::kActive;  ///< kActive: release.
    bool may_loosen = false;       ///< Else a target that is latched more strictly stays as it is.
    std::uint8_t control = 0xff;
    std::uint32_t actor = kNoActor;
    std::int64_t when_ns = 0;
    std::string_view reason;
    std::optional<std::uint64_t> expected_version;  ///< See State::version.
};

/// How long the second of two people may take.
inline constexpr std::int64_t kAgreeWithinNs = 15LL * 60 * 1'000'000'000;

/// A latch file in memory, shared with every process that has it open.
///
/// Threads:  one at a time for an object; any number of objects and processes for a file. Writers
///           exclude each other by a lock on the file, readers need none, and `halt_now` needs none
///           either.
/// Order:    what tightens is seen by all readers before it goes to the disk, what loosens after.
/// Damage:   an object that was opened keeps the file's memory. If somebody removes the file,
/// `read`
///           finds it absent; if somebody cuts it short, the next access kills the process
///           (SIGBUS), and the one that follows starts HALTED.
class File {
public:
    enum class Access : std::uint8_t { kRead, kWrite };

    /// kUnreadable only when it cannot be in memory at all (its length); else `read` says more.
    [[nodiscard]] static Result<File, Error> open(const std::string& path, Access access);
    /// A new file in which the firm is HALTED. It survives a loss of power, with its name, when
    /// this returns, and is never seen in part.
    /// `people`: how many must ask for the same before anything is loosened, 1 or 2.
    [[nodiscard]] static Result<File, Error> create(const std::string& path, std::uint32_t actor,
                                                    std::int64_t when_ns, std::string_view reason,
                                                    std::uint32_t people = 1);
    /// Makes a file whose state cannot be read into one in which the firm is HALTED, in place, so
    /// that those who have it open see it. kExists when it can be read.
    [[nodiscard]] static Result<File, Error> repair(const std::string& path, std::uint32_t actor,
                                                    std::int64_t when_ns, std::string_view reason,
                                                    std::uint32_t people = 1);
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();

    /// What changes with every change; see core/port/latch.hpp.
    [[nodiscard]] const std::atomic<std::uint64_t>* word() const noexcept;

    /// The state in force.
    void read(State& out) const noexcept;

    /// Durable when it returns kNone; `state` is the new one then, else the one found. kInputOutput
    /// after a change that tightens: it is in force, but perhaps not on the disk. Waits at most
    /// `wait_ms` for another writer. Where two people must agree to loosen, the first who asks gets
    /// kSecondPerson, and the second, another one who saw the same state and asks for the same
    /// within kAgreeWithinNs, loosens. When there is no room for the target, the firm is latched.
    [[nodiscard]] Error change(const Change& change, State& state, int wait_ms) noexcept;

    /// The firm is HALTED, for all readers, from the return on; then goes to the disk (kInputOutput
    /// when that fails). Waits for nobody: for a watchdog or when `change` cannot. Released with
    /// the firm, by who knew of it: a release under way does not end it.
    [[nodiscard]] Error halt_now(std::uint32_t actor, std::uint8_t control,
                                 std::int64_t when_ns) noexcept;

private:
    File(int descriptor, std::byte* bytes) noexcept : descriptor_(descriptor), bytes_(bytes) {}
    [[nodiscard]] static Result<File, Error> map(int descriptor, Access access);
    [[nodiscard]] std::span<std::byte> bytes() const noexcept { return {bytes_, kLatchBytes}; }
    [[nodiscard]] std::atomic<std::uint64_t>& at(std::size_t offset) const noexcept;
    [[nodiscard]] bool lock(int wait_ms) const noexcept;
    void unlock() const noexcept;
    [[nodiscard]] bool is_agreed(const Change& change, const State& state) noexcept;
    [[nodiscard]] Error change_locked(const Change& change, State& state) noexcept;
    [[nodiscard]] Error put_in_force(State& state, bool loosens, bool ends_emergency) noexcept;
    /// False: `ends_emergency`, but there was another emergency halt since `state` was read.
    bool publish(const State& state, bool ends_emergency) noexcept;
    [[nodiscard]] Error sync() const noexcept;

    int descriptor_ = -1;
    std::byte* bytes_ = nullptr;
};

}  // namespace fermata::latch
