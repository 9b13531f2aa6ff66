#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/latch/latch_file.hpp"
#include "core/port/latch.hpp"

namespace fermata::latch {

/// The names by which a run knows what can be latched, each by its id.
struct Names {
    std::vector<std::string> accounts, strategies, instruments, venues;
};

/// A latch file as one loop of a run sees it: names become ids.
///
/// A target that the run does not know halts the firm: a strategy does not escape its halt by
/// another name. So does a file that is absent or cannot be read. It is looked for once, at
/// construction; a run that did not find it stays HALTED until it is offered one.
class RunLatch final : public Latch {
public:
    RunLatch(const std::string& path, Names names);

    /// Why it was HALTED at construction; kNone when the file could be opened.
    [[nodiscard]] const Error& opened() const noexcept { return opened_; }
    /// Why it is HALTED as a whole, as of the last `read` or `set`.
    [[nodiscard]] Fault fault() const noexcept { return state_.fault; }

    /// Where none could be opened: this one counts from the next `read` on, and the word changes so
    /// that there is one. On any thread, once.
    void offer(File file) noexcept;

    void read() noexcept override;
    [[nodiscard]] ControlData find(ControlScope scope,
                                   std::uint64_t target) const noexcept override;
    [[nodiscard]] bool set(const ControlData& control, Timestamp now) noexcept override;

private:
    struct Target {
        Level level = Level::kActive;
        std::uint8_t control = 0xff;
        std::uint32_t actor = kNoActor;
    };
    [[nodiscard]] const std::vector<std::string>* names(ControlScope scope) const noexcept;
    [[nodiscard]] std::vector<Target>& targets(ControlScope scope) noexcept {
        return targets_[static_cast<std::size_t>(scope)];
    }
    void take_in() noexcept;
    void latch_firm(Level level, std::uint8_t control, std::uint32_t actor) noexcept;

    Names names_;
    Error opened_;
    std::atomic<std::uint64_t> unreadable_{kEmergency | kLatched};
    std::optional<File> file_;
    std::optional<File> offered_;  // before has_offer_
    std::atomic<bool> has_offer_{false};
    State state_;
    std::vector<Target> targets_[kControlScopeCount];
    std::uint32_t released_by_ = kNoActor;
};

}  // namespace fermata::latch
