#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace fermata {

/// A dense or opaque identifier that cannot be mistaken for another kind.
template <class Tag, class Rep>
struct Id {
    using rep = Rep;
    Rep value = 0;
    friend constexpr auto operator<=>(Id, Id) = default;
};

/// Dense ids count from 0 in the order of the configuration and index flat arrays.
using InstrumentId = Id<struct InstrumentIdTag, std::uint32_t>;
using StrategyId = Id<struct StrategyIdTag, std::uint16_t>;
using AccountId = Id<struct AccountIdTag, std::uint16_t>;
using VenueId = Id<struct VenueIdTag, std::uint16_t>;
using CurrencyId = Id<struct CurrencyIdTag, std::uint16_t>;
/// One market data stream: a feed, its kind and (for bars) its interval.
using StreamId = Id<struct StreamIdTag, std::uint16_t>;

/// An order as its strategy knows it: strategy id in the top 16 bits, the strategy's own count from
/// 1 below. Zero means "no order".
using OrderTag = Id<struct OrderTagTag, std::uint64_t>;
/// An order as Fermata and the venue know it, unique for ever: day (16 bits, days since 1970),
/// boot epoch (16), counter from 1 (32). Numbered by the trading stage. Zero means "none yet".
using ClientOrderId = Id<struct ClientOrderIdTag, std::uint64_t>;
/// The venue's own id of an order; zero before its acknowledgement.
using VenueOrderId = Id<struct VenueOrderIdTag, std::uint64_t>;
/// A venue's execution id, unique a venue; duplicates are recognised by it.
using ExecId = Id<struct ExecIdTag, std::uint64_t>;

[[nodiscard]] constexpr OrderTag make_order_tag(StrategyId strategy, std::uint64_t count) noexcept {
    return {(static_cast<std::uint64_t>(strategy.value) << 48) | (count & 0xffff'ffff'ffffULL)};
}
[[nodiscard]] constexpr StrategyId strategy_of(OrderTag tag) noexcept {
    return {static_cast<std::uint16_t>(tag.value >> 48)};
}
[[nodiscard]] constexpr ClientOrderId make_client_order_id(std::uint16_t day, std::uint16_t epoch,
                                                           std::uint32_t count) noexcept {
    return {(static_cast<std::uint64_t>(day) << 48) | (static_cast<std::uint64_t>(epoch) << 32) |
            count};
}

}  // namespace fermata

template <class Tag, class Rep>
struct std::hash<fermata::Id<Tag, Rep>> {
    std::size_t operator()(fermata::Id<Tag, Rep> id) const noexcept {
        return std::hash<Rep>{}(id.value);
    }
};
