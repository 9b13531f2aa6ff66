#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/account/lot_method.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// What an account holds before anything is traded: one tax lot of one strategy.
struct OpeningPosition {
    InstrumentId instrument;
    StrategyId strategy;
    Quantity quantity;  ///< Signed, not zero.
    Price cost;         ///< What a unit was bought (sold) at.
    Price mark;         ///< What a unit is worth until its first price comes.
    Timestamp opened;   ///< When it was bought (sold), for holding periods.
};

/// One account as the configuration gives it. Ids are dense: the n-th account has id n.
struct AccountConfig {
    enum class Type : std::uint8_t {
        kCash,    ///< No borrowing and no short sales; the gate's controls see to it.
        kMargin,  ///< Both, within the leverage and credit controls.
    };
    enum class Book : std::uint8_t {
        kNetting,  ///< One position an instrument: strategies' fills close each other's lots.
        kHedging,  ///< One position a strategy and instrument: long and short side by side.
    };

    enum class Margin : std::uint8_t {
        kCash,   ///< Everything is paid for in full.
        kRegT,   ///< Regulation T and FINRA Rule 4210.
        kHouse,  ///< Haircuts by asset class (MarginRules).
    };

    AccountId id;
    std::string name;
    CurrencyId base;                                 ///< Equity is stated in it.
    std::vector<std::pair<CurrencyId, Money>> cash;  ///< Opening balances, one a currency.
    Type type = Type::kCash;
    Book book = Book::kNetting;
    Margin margin = Margin::kCash;
    LotMethod lots = LotMethod::kFifo;  ///< How its lots are closed.
    /// What it holds beside the cash, which is what is left after they were paid for.
    std::vector<OpeningPosition> positions = {};
};

}  // namespace fermata
