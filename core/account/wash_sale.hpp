#pragma once

#include <deque>
#include <map>
#include <vector>

#include "core/account/tax_lot.hpp"

namespace fermata {

/// Part of a lot with one holding period.
struct Tranche {
    Quantity quantity;
    Money adjustment;  ///< Losses disallowed because of these units.
    Date holding_start;
    bool used = false;  ///< They are the replacement of units that were sold at a loss.
};

/// A lot while it is open.
struct TaxLot {
    AccountId account;
    InstrumentId instrument;
    StrategyId strategy;
    Side side = Side::kBuy;
    std::uint32_t id = 0;
    std::uint32_t purchase = 0;  ///< ClosedLot::purchase
    Timestamp opened;
    Date opened_on;
    Quantity quantity;  ///< Of all tranches.
    Money cost;         ///< Gross, signed like price x quantity: negative of a short lot.
    Money fees;         ///< Paid when it was opened, as far as they are part of the basis.
    std::vector<Tranche> tranches;
};

/// Which losses are disallowed because of which purchases (IRC 1091, 26 CFR 1.1091-1 and -2), for
/// one taxpayer and one instrument and direction.
///
/// Rules:  losses in the order of disposal, each with the units acquired within 30 calendar days
///         before or after it (61 days), in the order of their acquisition; unit by unit, each unit
///         once; units of the purchase that was sold are no replacement of each other (Rev.
///         Rul. 56-602; the fills of one order on one day are one purchase), nor are units that
///         were disposed of before the loss or by the same fill. The disallowed loss is added to
///         the basis of the replacement, and the time for which the sold units were held to its
///         holding period (IRC 1223(3)).
/// Shorts: the same with short sales as what replaces (IRC 1091(e)(2)). Sales of a long position
///         within the 61 days (1091(e)(1)) are not looked at.
class WashSales {
public:
    static constexpr std::int32_t kDays = 30;

    /// A lot was opened; it may replace what was sold before. Call before anything else happens to
    /// the lot, which must outlive this.
    void opened(TaxLot& lot, std::vector<ClosedLot>& closed);
    /// closed[index] is a loss: finds what replaces it already. Call when the whole fill is booked.
    void lost(std::size_t index, std::vector<ClosedLot>& closed);
    /// Quantities change by numerator / denominator.
    void split(std::int64_t numerator, std::int64_t denominator);

private:
    struct Loss {
        std::size_t index;  // of the closed lot
        Quantity open;      // not yet replaced
        Money amount;       // of that, > 0
        Date closed_on;
        std::int32_t held;  // days
        std::uint32_t purchase;
        std::int64_t numerator = 1;  // of all splits since: units now for units when it was closed
        std::int64_t denominator = 1;
    };

    static void replace(Loss& loss, TaxLot& lot, std::vector<ClosedLot>& closed);
    [[nodiscard]] static bool has_unused(const TaxLot& lot) noexcept;

    std::deque<Loss> losses_;                  // not fully replaced, in the order of disposal
    std::map<std::uint32_t, TaxLot*> recent_;  // lots with units that may replace, by number
};

}  // namespace fermata
