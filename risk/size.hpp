#pragma once

#include "risk/findings.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

/// MAX_QUANTITY: the smaller of the configured number and the share of the average daily volume. A
/// replace that does not raise the quantity passes.
void check_max_quantity(const Request& r, Findings& out) noexcept;

/// MAX_NOTIONAL: the whole order at its reserve price against a share of equity. A replace to a
/// value that is no larger passes; so does a reduction while the equity is unknown or not positive,
/// because then the limit says nothing about the order's size.
void check_max_notional(const Request& r, const Valuation& valuation, Findings& out) noexcept;

/// TRADE_LOSS: what an order that makes the worst case worse would lose, at its reserve price, by a
/// stressed move against it and slippage, against a share of equity. A stop that is to limit the
/// loss is sent after the entry, so none is known yet.
void check_trade_loss(const Request& r, const Valuation& valuation, Findings& out) noexcept;

}  // namespace fermata
