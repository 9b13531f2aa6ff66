#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/market_event.hpp"
#include "core/market/date.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"

namespace fermata {

/// A split or cash dividend of one instrument.
struct CorporateAction {
    InstrumentId instrument;
    Date ex_date;  ///< First trading date with the new price basis.
    CorporateActionData data;
    /// Close of the last trading date before `ex_date`, in the basis before it; zero when unknown.
    /// Only a series adjusted for dividends needs it.
    Price close_before;
};

/// More shares than before (2:1); a split with fewer is a reverse split (1:20).
[[nodiscard]] constexpr bool is_forward_split(const CorporateActionData& a) noexcept {
    return a.kind == CorporateActionKind::kSplit && a.numerator > a.denominator;
}
[[nodiscard]] constexpr bool is_reverse_split(const CorporateActionData& a) noexcept {
    return a.kind == CorporateActionKind::kSplit && a.numerator < a.denominator;
}

/// A split of `new_shares` for one old share, a decimal such as 2, 0.05 or 2.00001, as an exact
/// fraction in lowest terms; nullopt when it is not positive.
[[nodiscard]] std::optional<CorporateActionData> make_split(Ratio new_shares) noexcept;
[[nodiscard]] CorporateActionData make_dividend(Price cash_per_share) noexcept;

/// Puts actions into the order in which they take effect: by ex date, instrument, and dividends
/// before splits, because a dividend is paid on the shares from before the ex date.
void sort_actions(std::vector<CorporateAction>& actions);

// --- open orders ---

/// What is still open of an order.
struct OpenTerms {
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    /// Limit. Trailing stop-limit: its signed distance from the trigger; pegged: the worst price,
    /// zero for none (as in NewOrderData).
    Price price;
    Price stop_price;   ///< Trigger; zero: a trailing order has none yet.
    Quantity quantity;  ///< Not yet filled.
    Quantity display_quantity = Quantity::zero();  ///< Iceberg: shown at a time; zero: all of it.
    std::int64_t offset = 0;                       ///< Raw Price or Ratio, as `offset_kind` says.
    OffsetKind offset_kind = OffsetKind::kNone;
};

struct AdjustedTerms {
    enum class Outcome : std::uint8_t {
        kUnchanged,
        kChanged,
        kCancel,  ///< The order has no meaning any more; prices and quantity are as before.
    };
    Outcome outcome = Outcome::kUnchanged;
    Price price;
    Price stop_price;
    Quantity quantity;
    Quantity display_quantity = Quantity::zero();
    std::int64_t offset = 0;
};

/// The terms of an open order once `action` has taken effect. One rule for the order manager and
/// the simulated exchange, after FINRA Rule 5330 (Adjustment of Orders):
///
/// - Cash dividend of at least 0.01: buy limit, sell stop and sell stop-limit orders are lowered by
/// it
///   and rounded down to the tick (5330(a)(1)). Sell limits and buy stops stay. A price that would
///   not be positive any more cancels the order.
/// - Forward split: the quantity grows by the ratio, rounded down to the lot; prices shrink by it.
///   The rule rounds the amount taken off up to the tick, so the prices of buy limits, sell stops
///   and sell stop-limits round down (5330(a)(2)). The rule leaves sell limits and buy stops to the
///   customer; here they are rescaled too, because at the old price they would never fill, and
///   round up: no limit gets worse and no trigger nearer by rounding.
/// - Reverse split: every open order is canceled, as is one whose quantity rounds to nothing.
/// - An if-touched purchase rests below the market as a buy limit does. The trigger in force of a
///   trailing order is a stop price; its distance in price, that of its limit and the offset of a
///   pegged order shrink with a split (half to even, a trail never to zero), a percentage stays; a
///   dividend leaves them. The worst price of a pegged order is a limit. What an iceberg shows
///   grows with its quantity. A missing (zero) trigger or worst price stays missing.
///
/// Pure; `tick` and `lot` are those in force from the ex date on and positive.
[[nodiscard]] AdjustedTerms adjust_open_order(const CorporateActionData& action,
                                              const OpenTerms& terms, Price tick,
                                              Quantity lot) noexcept;

// --- positions ---

struct AdjustedPosition {
    Quantity quantity;  ///< Signed.
    Money cash;  ///< What the holder receives; negative: owes (dividend on a short position).
};

/// A position once `action` has taken effect. A dividend pays cash a unit of underlying. A split
/// multiplies the quantity by the exact ratio; whole shares (towards zero; whole lots of what
/// trades in smaller lots) stay, the fraction is paid as cash in lieu at `price`, which is in the
/// new basis. kOverflow when a result does not fit: then nothing may be booked.
[[nodiscard]] Result<AdjustedPosition, NumberError> adjust_position(
    const CorporateActionData& action, Quantity position, Quantity lot, Multiplier multiplier,
    Price price) noexcept;

/// A price from before a split in the basis after it, rounded half to even; a dividend leaves it.
[[nodiscard]] Result<Price, NumberError> rebase_price(const CorporateActionData& action,
                                                      Price price) noexcept;

}  // namespace fermata
