#pragma once

#include <string>
#include <string_view>

#include "core/event/order_event.hpp"
#include "daemon/config/config.hpp"

namespace fermata {

/// An order in words, as a person writes it:
///
///   SIDE QUANTITY SYMBOL [WORD VALUE | WORD=VALUE | post_only | reduce_only]...
///
///   buy 100 SPY
///   sell 20 AAPL limit 187.25 tif=day account=main strategy=rsi
///   buy 10 ES stop_limit limit=5001 stop=5000.5 venue cme
///
/// SIDE is buy or sell. Words: limit and stop (prices), type (market, limit, stop, ...: names as in
/// the documentation of orders; its own name does as well, as above; without one it follows from
/// the prices), tif (day, gtc, gtd, ioc, fok, ato, atc; default gtc), expires (a time, makes it
/// gtd), display, trail and trail_percent, peg_mid, peg_primary and peg_market (a distance),
/// account, strategy, venue, each at most once. Letters of either case. A name with blanks stands
/// in double quotes.
///
/// The strategy may be left out where there is one only, or one only that trades in that account;
/// account and venue are the strategy's unless said. Throws std::invalid_argument that says what
/// was found and what was expected.
[[nodiscard]] OrderEvent parse_order(std::string_view text, const Config& config);

/// The same in one line, with every name: "BUY 100 SPY LIMIT 450 GTC, account main, strategy rsi,
/// venue sim".
[[nodiscard]] std::string order_in_words(const OrderEvent& order, const Config& config);

}  // namespace fermata
