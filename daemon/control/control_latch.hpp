#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/latch/latch_file.hpp"

namespace fermata {

/// The latch file in the hands of the control socket: what is commanded stands in it, with its
/// reason, before anybody is told.
///
/// Owner: the control thread. Without a path nothing is latched, and every call says so.
class ControlLatch {
public:
    explicit ControlLatch(std::string path);

    enum class Outcome : std::uint8_t {
        kNone,          ///< There is no latch file in this run.
        kDone,          ///< On the disk.
        kAlready,       ///< It was latched as strictly before; nothing to release.
        kFirm,          ///< It could not be latched by itself: the whole firm is.
        kNotOnDisk,     ///< In force, but a loss of power may lose it.
        kStale,         ///< Somebody changed it meanwhile.
        kSecondPerson,  ///< Noted: it is for two people to release, and another must ask as well.
        kUnreadable,    ///< It cannot be read, which counts as HALTED; nothing was changed.
    };

    /// Where there was none that could be opened: looks for one again, and one that was made since
    /// is as good. It counts in `version`, so before that is asked for.
    void take_up();
    /// Latches, or (Level::kActive) releases what stands under `version`. `other` is who asked for
    /// the same release before `actor`.
    [[nodiscard]] Outcome set(ControlScope scope, std::string_view target, latch::Level level,
                              std::uint32_t actor, std::int64_t now_ns, std::string_view reason,
                              std::optional<std::uint64_t> version = {},
                              std::uint32_t other = kNoActor);
    /// What stands in it; nullptr without one.
    [[nodiscard]] const latch::State* read();
    /// What keeps the file from being in force, and what to do, in its order; empty: nothing does.
    /// After `read`.
    [[nodiscard]] std::string trouble() const;
    /// After `read`: what it holds cannot be read, which counts as HALTED.
    [[nodiscard]] bool unreadable() const noexcept;
    /// Grows with every change anybody makes.
    [[nodiscard]] std::uint64_t version() const noexcept;
    [[nodiscard]] bool used() const noexcept { return !path_.empty(); }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    dev_t device_ = 0;
    ino_t number_ = 0;
    std::optional<latch::File> file_;
    bool was_readable_ = false;  ///< When it was opened: one that is damaged since is not taken up.
    std::unique_ptr<latch::State> state_;
};

}  // namespace fermata
