#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/account/tax_lot.hpp"
#include "daemon/config/config.hpp"

namespace fermata {

/// What a run left, as the beginning of another: the keys `accounts` and `positions` of a
/// configuration in YAML, with its cash, its positions by strategy and their last marks.
///
/// `lots` are the open ones at their prices, without fees and wash sales. Where those of a strategy
/// make up its position they are given one by one; where they do not, as in an account in which
/// the fills of other strategies closed them, its position is one lot, at its average cost and of
/// the time of the oldest lot that the account has there.
[[nodiscard]] std::string carried_yaml(const Config& config, const AccountBook& books,
                                       std::span<const OpenLot> lots);

/// Strategies of one netting account that hold an instrument against each other: what
/// `carried_yaml` prints of them closes itself once more at the start of the next run.
struct HeldAgainst {
    std::string what;  ///< Account, instrument, who holds how much, and what comes of it.
    /// The account's own lots, as elements of `positions` in YAML, a line each; empty: it holds
    /// nothing. They are given to the strategy that holds most of that side.
    std::string lots;
};
[[nodiscard]] std::vector<HeldAgainst> held_against(const Config& config, const AccountBook& books,
                                                    std::span<const OpenLot> lots);

}  // namespace fermata
