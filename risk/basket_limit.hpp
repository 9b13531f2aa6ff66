#pragma once

#include <vector>

#include "core/types/ids.hpp"
#include "risk/findings.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

class StateArchive;

/// BASKET: the value of all orders of a basket together, bought and sold, at their reserve prices,
/// against a share of equity. The members are judged one by one between two calls of `begin`; the
/// one that passes the limit is refused, and those after it, and with them the whole basket. What
/// can only reduce (flag reduce-only) does not count, as with MAX_NOTIONAL. What was judged
/// together stays so: a replace may not make a member worth more than its terms so far.
class BasketLimit {
public:
    explicit BasketLimit(std::size_t strategies) : sums_(strategies) {}

    /// All members of a basket of that strategy are judged next.
    void begin(StrategyId s) noexcept {
        if (s.value < sums_.size()) sums_[s.value] = 0;
    }
    /// Requires a known instrument, account and strategy. Adds the order to the sum, unless it
    /// is only asked about.
    void check(const Request& r, const Valuation& valuation, Findings& out) noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    std::vector<Value> sums_;  // by StrategyId
};

}  // namespace fermata
