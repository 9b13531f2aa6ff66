#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "core/event/order_event.hpp"
#include "daemon/config/config.hpp"

namespace fermata {

/// What a configuration that is read again changes in a run that goes on: limits that became
/// tighter, and nothing else. Whoever can write the file must not thereby loosen what two people
/// have to agree on, and strategies, instruments and venues are fixed while their stages live.
///
/// The gate judges each change once more against what is in force there, and puts it on record.
/// Not thread safe.
class LimitReload {
public:
    /// `running`: what is in force. `started_with`: what the file said at this process's start,
    /// where the session keeps rules of its own (session_config.hpp); else the same.
    explicit LimitReload(const Config& running) : LimitReload(running, running) {}
    LimitReload(const Config& running, const Config& started_with);

    struct Outcome {
        std::vector<OrderEvent> tighten;     ///< For the trading stage; without a time.
        std::vector<std::string> tightened;  ///< In words, one an event.
        std::vector<std::string> refused;    ///< Limits that do not change now, in words.
        std::vector<std::string> waits;      ///< Every other key that changed, in words.
    };
    /// Compares with what is in force as far as this file made it. `actor`: who asked. What is in
    /// `tighten` counts as done from here on.
    [[nodiscard]] Outcome ask(const Config& asked, std::uint32_t actor);

private:
    /// Scope, target, limit.
    using Key = std::tuple<ControlScope, std::uint32_t, LimitId>;

    [[nodiscard]] std::string who(const Key& key) const;
    /// Every key that is no limit, or no key of a limit that is in `said`, and how long it waits.
    [[nodiscard]] std::vector<std::string> waiting(const Config& asked, bool limits_compared,
                                                   const Outcome& said) const;
    /// Why nothing of `asked` can be compared; empty: all can.
    [[nodiscard]] std::string other_run(const Config& asked) const;

    std::vector<std::string> strategies_, accounts_, instruments_;
    std::string running_, started_with_;  // effective configurations
    Limits common_;
    std::map<Key, std::int64_t> own_;  // of one account, strategy or instrument
};

}  // namespace fermata
