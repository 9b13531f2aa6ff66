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
    /// `running`: what the run began with.
    explicit LimitReload(const Config& running);

    struct Outcome {
        std::vector<OrderEvent> tighten;     ///< For the trading stage; without a time.
        std::vector<std::string> tightened;  ///< In words, one an event.
        std::vector<std::string> refused;    ///< What waits for the next start, in words.
    };
    /// Compares with what is in force as far as this file made it. `actor`: who asked. What is in
    /// `tighten` counts as done from here on.
    [[nodiscard]] Outcome ask(const Config& asked, std::uint32_t actor);

private:
    /// Scope, target, limit.
    using Key = std::tuple<ControlScope, std::uint32_t, LimitId>;

    [[nodiscard]] std::string who(const Key& key) const;
    /// Why nothing of `asked` can be compared; empty: all can.
    [[nodiscard]] std::string other_run(const Config& asked) const;

    std::vector<std::string> strategies_, accounts_, instruments_;
    std::string hash_;
    Limits hard_;
    Limits common_;
    std::map<Key, std::int64_t> own_;  // of one account, strategy or instrument
};

}  // namespace fermata
