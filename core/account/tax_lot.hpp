#pragma once

#include <cstdint>
#include <vector>

#include "core/market/date.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Whether a gain is taxed as short-term or long-term.
enum class TaxTerm : std::uint8_t { kShort = 0, kLong = 1 };

/// Held for more than a year: the holding period begins on the day after the acquisition (Rev. Rul.
/// 66-7), and its anniversary must have come.
[[nodiscard]] TaxTerm term_of(Date acquired, Date disposed) noexcept;

/// A lot, or a part of one, that was closed. Money in the instrument's currency.
///
/// A long one was bought at `opened` and sold at `closed`; a short one was sold at `opened` and
/// bought back at `closed`. In both cases gain() = proceeds - basis + disallowed.
struct ClosedLot {
    AccountId account;
    InstrumentId instrument;
    StrategyId opened_by;
    StrategyId closed_by;
    Side side = Side::kBuy;  ///< kBuy: a long lot, kSell: a short one.
    std::uint32_t lot = 0;   ///< Its number, that of the fill that opened it (Lot::id).
    /// Number of the first fill of that day of the order that opened it: together one purchase.
    std::uint32_t purchase = 0;
    std::uint32_t fill = 0;  ///< Number of the fill that closed it; 0: cash in lieu of a fraction.
    Quantity quantity;       ///< > 0; in units of the time when it was closed.
    Timestamp opened;
    Timestamp closed;
    Date opened_on;      ///< Calendar day of `opened`, as the ledger reckons days.
    Date closed_on;      ///< The same of `closed`.
    Date holding_start;  ///< Earlier than `opened_on` when a holding period was tacked on.
    Money proceeds;
    Money basis;       ///< With `adjustment`.
    Money adjustment;  ///< Part of the basis that is a loss disallowed before.
    /// Loss of this sale that is disallowed, >= 0, and for how much of the quantity.
    Money disallowed;
    Quantity washed;
    /// A purchase up to this day can still disallow more of the loss; it equals `closed_on` when
    /// there is none, or none that could be disallowed.
    Date provisional_until;
    TaxTerm term = TaxTerm::kShort;

    /// What is taxable: negative for an allowed loss.
    [[nodiscard]] Money gain() const { return proceeds - basis + disallowed; }
};

/// What is still open of a lot.
struct OpenLot {
    AccountId account;
    InstrumentId instrument;
    StrategyId strategy;
    Side side = Side::kBuy;
    std::uint32_t lot = 0;
    Quantity quantity;
    Timestamp opened;
    Date opened_on;
    Date holding_start;
    /// Long: what was paid and what is added to it. Short: what was received, less what is added.
    Money basis;
    Money adjustment;  ///< Disallowed losses in it: `basis` with them is higher (long), lower
                       ///< (short).
};

/// Closed lots in the order in which they were closed, open ones by account, instrument and number.
struct LotReport {
    std::vector<ClosedLot> closed;
    std::vector<OpenLot> open;
    /// Of LotRules::identified, the fills that closed nothing of the lot that they name.
    std::vector<std::uint32_t> unmet;
};

}  // namespace fermata
