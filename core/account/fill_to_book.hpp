#pragma once

#include <cstdint>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A fill, as far as accounts care.
struct FillToBook {
    Timestamp ts;
    InstrumentId instrument;
    AccountId account;
    StrategyId strategy;
    Side side = Side::kBuy;
    Price price;
    Quantity quantity;  ///< > 0
    Money fee;          ///< Positive is a cost, negative a rebate.
    CurrencyId fee_currency;
    /// To name it by when it is taken back or changed; unique within account and instrument. 0:
    /// it never will be.
    std::uint64_t fill_id = 0;
    std::uint32_t lot = 0;  ///< Lot (Lot::id) that it closes before others; 0: as the account does.
};

}  // namespace fermata
