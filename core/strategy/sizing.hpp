#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/account/position.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/indicator/atr.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"

namespace fermata {

class StateArchive;

/// How a strategy turns a signal into a quantity. All in whole lots, rounded down.
struct Sizing {
    enum class Type : std::uint8_t {
        kFixed,       ///< `quantity` units.
        kValue,       ///< `value` in the instrument's currency.
        kPercent,     ///< `fraction` of the account's equity.
        kVolatility,  ///< So that a move of `multiple` ATRs is `fraction` of the equity.
        kKelly,       ///< `fraction` of the Kelly criterion of the strategy's own closed trades.
        kRiskParity,  ///< `fraction` of the equity over the instruments, each with the same share
                      ///< of the portfolio's variance.
    };
    Type type = Type::kFixed;
    Quantity quantity = Quantity::from_units(1);
    Money value{};
    Ratio fraction{};
    std::int32_t period = 14;  ///< kVolatility: bars of the ATR. kRiskParity: returns of each
                               ///< instrument. kKelly: closed trades before it is trusted.
    double multiple = 2;       ///< kVolatility.
    Ratio maximum = Ratio::from_units(1);  ///< kKelly: never more of the equity than this ...
    Ratio initial{};                       ///< ... and this before `period` trades were closed.
};

/// The share of equity that Kelly's criterion stakes: p - (1 - p) / b, with p the share of winning
/// trades and b the average win over the average loss (Kelly 1956; Thorp 2006, section 7.1).
/// Never negative; 1 when nothing was ever lost.
[[nodiscard]] double kelly_fraction(std::uint64_t wins, std::uint64_t losses, double won,
                                    double lost) noexcept;

/// Weights that sum to 1 and give every asset the same share of the portfolio's variance: cyclical
/// coordinate descent (Griveau-Billion, Richard, Roncalli 2013). `covariance` is n x n, row by
/// row, with a positive diagonal. `weights` has room for n. False when it does not converge.
[[nodiscard]] bool equal_risk_weights(std::span<const double> covariance,
                                      std::span<double> weights) noexcept;

/// What a strategy's sizing must remember: true ranges, returns, results of closed trades.
///
/// Owner:  the strategy's context. Allocates at construction only.
/// Input:  every complete bar and every fill of the strategy, before the strategy sees it.
/// Result: `units` gives zero until enough is known, so that a signal before that opens nothing.
class SizingModel {
public:
    SizingModel() = default;
    SizingModel(const Sizing& sizing, std::span<const InstrumentId> instruments);

    void on_bar(InstrumentId id, const BarData& bar) noexcept;
    void on_fill(const Instrument& instrument, const FillData& fill) noexcept;
    void on_split(InstrumentId id, double price_factor) noexcept;

    [[nodiscard]] Quantity size(const Instrument& instrument, Price price,
                                Money equity) const noexcept;
    [[nodiscard]] const Sizing& sizing() const noexcept { return sizing_; }

    void persist(StateArchive& a);

private:
    struct PerInstrument {
        Atr atr{1};
        double last_close = 0;
        AveragePosition own;          // what the strategy itself holds, and what it cost
        Money realized;               // of the round trip in hand, after fees
        std::vector<double> returns;  // ring
        std::uint64_t count = 0;      // returns so far
        void persist(StateArchive& a);
    };
    [[nodiscard]] const PerInstrument* find(InstrumentId id) const noexcept;
    [[nodiscard]] PerInstrument* find(InstrumentId id) noexcept;
    [[nodiscard]] double parity_weight(InstrumentId id) const noexcept;

    Sizing sizing_;
    std::vector<InstrumentId> instruments_;
    std::vector<PerInstrument> states_;  // as instruments_
    mutable std::vector<double> covariance_, weights_;
    std::uint64_t wins_ = 0, losses_ = 0;
    double won_ = 0, lost_ = 0;
};

}  // namespace fermata
