#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/fix/sequence_record.hpp"
#include "core/types/time.hpp"

namespace fermata::fix {

/// Whose messages a session receives: a count of sequence numbers can outlive a run.
struct SequenceRun {
    std::uint64_t id = 0;  ///< Of no other run of this session; 0: nobody keeps what it receives.
    bool goes_on = false;  ///< It has begun in an earlier process.
};

/// The two sequence numbers of a FIX session and the time at which its count began, in a file that
/// is mapped into memory: a change is one store to memory, no system call.
///
/// Threads:  one at a time (QuickFIX calls a store under a lock).
/// Survival: what was stored is the system's from then on, and so survives the death of the process
///           at any instant, SIGKILL included. Nothing is synced: after a loss of power the numbers
///           may be behind.
/// Format:   4,096 bytes, little endian. Header, from 0: 8 bytes "FERMASEQ"; uint32 version (1);
///           uint32 size of the file; 240 bytes name of the session, zero-filled; uint32 CRC-32C of
///           all these. From 264, 8 bytes each: next number to send; next number to receive (low
///           half the number, high half its complement); begin of the count in ns since 1970 (0: it
///           was being begun anew when the process ended); number of the first message to receive
///           that is the run's (the same way; 0 where no run ever had the file); id of that run.
/// Lock:     exclusive (flock), from opening until it is destroyed or the process ends.
class SequenceFile {
public:
    static constexpr std::uint32_t kVersion = 1;
    static constexpr std::size_t kBytes = 4'096;
    static constexpr std::size_t kNameMax = 239;

    /// Numbers of a count that goes on.
    struct State {
        std::uint32_t to_send = 1;
        std::uint32_t to_receive = 1;
        Timestamp begun;
    };

    /// Opens the file of session `name`; where there is none it is made, whole or not at all, with
    /// `first`. A count that was being begun anew begins at `first.begun`.
    /// Throws std::runtime_error, which names the file, what was found and what was expected: it is
    /// damaged, of another session or format, held by another process, or the system refuses.
    SequenceFile(const std::string& path, std::string_view name, const State& first);
    /// The same, and the file is the run's from then on: what was received before is no news to it.
    /// `on_record`: the count as messages on record show it. Where it is ahead of the file, as
    /// after an old copy of that was brought back, it goes on with what is on record.
    SequenceFile(const std::string& path, std::string_view name, const State& first,
                 const SequenceRun& run,
                 const std::optional<SequenceRecord::Count>& on_record = std::nullopt);
    SequenceFile(const SequenceFile&) = delete;
    SequenceFile& operator=(const SequenceFile&) = delete;
    ~SequenceFile();

    [[nodiscard]] std::uint32_t to_send() const noexcept { return state_.to_send; }
    [[nodiscard]] std::uint32_t to_receive() const noexcept { return state_.to_receive; }
    [[nodiscard]] Timestamp begun() const noexcept { return state_.begun; }
    /// When begin_anew was called last, by this process; zero: it was not.
    [[nodiscard]] Timestamp begun_anew() const noexcept { return begun_anew_; }
    /// The file was behind the messages on record when it was opened: what it said.
    [[nodiscard]] const std::optional<State>& behind() const noexcept { return behind_; }
    /// Number of the first message of the count that is for the run which has the file; 1 where no
    /// run ever had it.
    [[nodiscard]] std::uint32_t first_of_run() const noexcept { return first_of_run_; }
    /// Numbers are from 1 to 2^31 - 1, as FIX libraries count.
    void set_to_send(std::uint32_t number) noexcept;
    void set_to_receive(std::uint32_t number) noexcept;
    /// Both numbers become 1, and all of the count is the run's. Interrupted by death, it is
    /// finished by whoever opens the file next.
    void begin_anew(Timestamp now) noexcept;

private:
    [[nodiscard]] std::atomic<std::uint64_t>& word(std::size_t offset) noexcept;
    void open(const std::string& path, std::string_view name, const State& first);
    void make(const std::string& path, std::string_view name, const State& first);
    void examine(const std::string& path, std::string_view name);
    void catch_up(const SequenceRecord::Count& on_record) noexcept;
    void take_over(const SequenceRun& run,
                   const std::optional<SequenceRecord::Count>& on_record) noexcept;
    void begin_count(Timestamp begun, std::uint32_t to_send, std::uint32_t to_receive) noexcept;

    int descriptor_ = -1;
    std::byte* bytes_ = nullptr;
    State state_;
    std::optional<State> behind_;
    Timestamp begun_anew_;
    std::uint32_t first_of_run_ = 1;
};

}  // namespace fermata::fix
