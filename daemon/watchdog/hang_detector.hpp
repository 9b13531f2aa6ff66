#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/progress/progress_format.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// How long each loop of one process did not go on, as seen by looks at its counters.
///
/// Owner: the watchdog's thread. Pure: the time of a look comes with it.
/// Time:  between two looks at most twice the time that should lie between them counts, so that a
///        watchdog which itself was stopped (or its machine) does not take that for a hang.
class HangDetector {
public:
    struct Hang {
        std::string loop;  ///< The one that stood longest; empty: none could be seen at all.
        Duration silent;   ///< How long, as far as it counts.
    };

    HangDetector(Duration poll_every, Duration hang_after)
        : most_(2 * poll_every.ns), hang_after_(hang_after) {}

    /// Another process.
    void reset() {
        seen_.clear();
        last_.reset();
        unseen_ns_ = 0;
    }
    /// A look at a process that should go on, at `now_ns` of a clock that nobody sets. A hang is
    /// told at every look that sees one.
    [[nodiscard]] std::optional<Hang> look(const std::vector<progress::Loop>& loops,
                                           std::int64_t now_ns) {
        const std::int64_t passed = since_last(now_ns);
        unseen_ns_ = 0;
        if (seen_.size() != loops.size()) {
            seen_.assign(loops.size(), {});
            for (std::size_t n = 0; n < loops.size(); ++n) seen_[n].passes = loops[n].passes;
            return std::nullopt;
        }
        std::optional<Hang> hang;
        for (std::size_t n = 0; n < loops.size(); ++n) {
            Seen& seen = seen_[n];
            seen.silent_ns = loops[n].passes == seen.passes ? seen.silent_ns + passed : 0;
            seen.passes = loops[n].passes;
            if (seen.silent_ns < hang_after_.ns) continue;
            if (!hang || Duration{seen.silent_ns} > hang->silent) {
                hang = {loops[n].name, Duration{seen.silent_ns}};
            }
        }
        return hang;
    }
    /// A look at which nothing could be seen: what nobody can see does not go on.
    [[nodiscard]] std::optional<Hang> blind(std::int64_t now_ns) {
        unseen_ns_ += since_last(now_ns);
        if (unseen_ns_ < hang_after_.ns) return std::nullopt;
        return Hang{"", Duration{unseen_ns_}};
    }
    /// A look at a process that need not go on: it starts, or ends.
    void rest(std::int64_t now_ns) {
        (void)since_last(now_ns);
        seen_.clear();
        unseen_ns_ = 0;
    }

private:
    struct Seen {
        std::uint64_t passes = 0;
        std::int64_t silent_ns = 0;
    };
    [[nodiscard]] std::int64_t since_last(std::int64_t now_ns) {
        const std::int64_t passed = last_ ? std::clamp<std::int64_t>(now_ns - *last_, 0, most_) : 0;
        last_ = now_ns;
        return passed;
    }

    std::int64_t most_;
    Duration hang_after_;
    std::vector<Seen> seen_;  // by loop
    std::optional<std::int64_t> last_;
    std::int64_t unseen_ns_ = 0;
};

}  // namespace fermata
