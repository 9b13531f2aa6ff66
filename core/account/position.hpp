#pragma once

#include "core/account/lots.hpp"
#include "core/event/market_event.hpp"
#include "core/market/corporate_action.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"

namespace fermata {

class StateArchive;

/// How a fill meets a position: what of it closes, and what of it opens.
struct FillParts {
    Quantity closing;
    Quantity opening;
    Money close_flow;  ///< Value of what closes, positive bought, negative sold.
    Money open_flow;   ///< The same of what opens.
};
/// `quantity` > 0; `value` is price x quantity x multiplier.
[[nodiscard]] FillParts parts_of(Quantity position, Side side, Quantity quantity,
                                 Money value) noexcept;

/// How a split meets a position.
struct SplitParts {
    Quantity before;    ///< Size before it.
    Quantity exact;     ///< Size by the exact ratio, before the fraction goes.
    Quantity fraction;  ///< What is paid out of it.
    Money cash;         ///< For that.
    Quantity after;     ///< Signed, what is left.
};
/// kOverflow when a number does not fit.
[[nodiscard]] Result<SplitParts, NumberError> parts_of(Quantity position,
                                                       const CorporateActionData& split,
                                                       const AdjustedPosition& adjusted) noexcept;

/// A position at average cost. Amounts are in the instrument's currency. The cost is signed like
/// the value: positive long, negative short; it is zero when the position is flat.
struct AveragePosition {
    Quantity quantity;  ///< Signed.
    Money cost;
    Money realized;  ///< Before fees; dividends are not in it.

    /// Cost and profit will fit after a fill of value `value`.
    [[nodiscard]] bool has_room(Side side, Quantity quantity, Money value) const noexcept;
    /// Takes a fill for which there is room; returns the profit that it realised.
    Money fill(const FillParts& parts, Side side) noexcept;
    /// There is room for the cash of a split.
    [[nodiscard]] bool has_room(Money cash) const noexcept;
    void split(const SplitParts& parts) noexcept;
    /// Realises what is open against a value (variation margin); returns it.
    Money settle(Money value) noexcept;

    void persist(StateArchive& a);
    friend bool operator==(const AveragePosition&, const AveragePosition&) = default;
};

/// The same position by its lots.
struct LotPosition {
    Money cost;
    Money realized;
    LotList lots;

    [[nodiscard]] bool has_room(Money value) const noexcept;
    Money fill(LotPool& pool, const FillParts& parts, Timestamp ts, std::uint32_t id,
               LotMethod method, std::uint32_t named) noexcept;
    void split(LotPool& pool, const SplitParts& parts) noexcept;
    void settle(LotPool& pool, Quantity size, Money value) noexcept;

    void persist(StateArchive& a);  ///< Not the lots.
};

}  // namespace fermata
