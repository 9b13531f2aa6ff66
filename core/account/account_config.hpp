#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/account/lot_method.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"

namespace fermata {

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
};

}  // namespace fermata
