#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

enum class AssetClass : std::uint8_t {
    kEquity,
    kEtf,
    kIndex,
    kFuture,
    kForex,
    kCrypto,
    kBond,
    kOption
};

/// The tick in force from a point in time on; several make a dated tick table.
struct TickRule {
    Timestamp from;  ///< First instant at which `tick` applies.
    Price tick;      ///< Positive; every order price is a multiple of it.
};

/// What is traded. Built once from the configuration, then constant: every stage may read it.
struct Instrument {
    InstrumentId id;
    std::string symbol;  ///< Unique within a run.
    AssetClass asset_class = AssetClass::kEquity;
    std::vector<TickRule>
        ticks;  ///< Ascending by `from`, at least one, the first from Timestamp::min().
    Quantity lot = Quantity::from_units(1);
    Quantity min_quantity = Quantity::zero();  ///< Smallest order, zero = one lot.
    Multiplier multiplier = Multiplier::from_units(1);
    CurrencyId currency;   ///< Index into InstrumentTable::currencies().
    std::string sector;    ///< Empty when not classified.
    std::string calendar;  ///< Name of the exchange calendar; empty = open at all times.
    Quantity average_daily_volume = Quantity::zero();  ///< Zero = unknown.

    /// The tick in force at `t`.
    [[nodiscard]] Price tick_at(Timestamp t) const noexcept {
        Price tick = ticks.front().tick;
        for (const TickRule& rule : ticks) {
            if (rule.from > t) break;
            tick = rule.tick;
        }
        return tick;
    }
};

/// All instruments and currencies of a run, by dense id. Constant after start-up.
class InstrumentTable {
public:
    /// Adds an instrument and gives it the next id. The symbol must be new.
    InstrumentId add(Instrument instrument);
    /// Finds or adds a currency by its ISO 4217 code.
    CurrencyId currency(const std::string& code);

    [[nodiscard]] const Instrument& operator[](InstrumentId id) const {
        return instruments_[id.value];
    }
    [[nodiscard]] bool contains(InstrumentId id) const noexcept {
        return id.value < instruments_.size();
    }
    /// nullptr when the symbol is unknown.
    [[nodiscard]] const Instrument* find(const std::string& symbol) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return instruments_.size(); }
    [[nodiscard]] const std::vector<Instrument>& all() const noexcept { return instruments_; }
    [[nodiscard]] const std::vector<std::string>& currencies() const noexcept {
        return currencies_;
    }

private:
    std::vector<Instrument> instruments_;
    std::vector<std::string> currencies_;
};

}  // namespace fermata
