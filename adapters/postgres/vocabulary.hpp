#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/event/order_event.hpp"

namespace fermata::postgres {

/// What the database says in words and this folder cannot know: the risk gate's lists, handed in by
/// the assembly so that they are kept in one place.
struct Vocabulary {
    struct Control {
        std::string code;
        std::string rule;
    };
    struct Unit {
        std::string name;
        int decimals = 0;
    };
    std::vector<Control> controls;    ///< By bit.
    std::vector<Unit> units;          ///< By VerdictData::unit.
    std::vector<std::string> scopes;  ///< By VerdictData::scope; empty where there is none.
    /// The reject text of a refused verdict.
    std::function<std::string(const VerdictData&)> explain;
};

}  // namespace fermata::postgres
