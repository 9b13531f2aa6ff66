#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// Names that stand for ids in the files of a run, by dense id. "-" where there is none.
struct RunNames {
    const InstrumentTable* instruments = nullptr;
    std::vector<std::string> strategies;
    std::vector<std::string> accounts;
    std::vector<std::string> venues;

    [[nodiscard]] std::string_view strategy(StrategyId id) const {
        return name_in(strategies, id.value);
    }
    [[nodiscard]] std::string_view account(AccountId id) const {
        return name_in(accounts, id.value);
    }
    [[nodiscard]] std::string_view venue(VenueId id) const { return name_in(venues, id.value); }
    [[nodiscard]] std::string_view currency(CurrencyId id) const {
        return name_in(instruments->currencies(), id.value);
    }
    [[nodiscard]] std::string_view instrument(InstrumentId id) const {
        return instruments->contains(id) ? std::string_view((*instruments)[id].symbol) : "-";
    }
    /// "rsi#12": the twelfth order of the strategy "rsi". Empty for none.
    [[nodiscard]] std::string tag(OrderTag tag) const {
        if (tag.value == 0) return {};
        constexpr std::uint64_t kCountMask = 0xffff'ffff'ffffULL;
        return std::string(strategy(strategy_of(tag))) + "#" +
               std::to_string(tag.value & kCountMask);
    }

private:
    static std::string_view name_in(const std::vector<std::string>& names, std::size_t id) {
        return id < names.size() ? std::string_view(names[id]) : "-";
    }
};

}  // namespace fermata
