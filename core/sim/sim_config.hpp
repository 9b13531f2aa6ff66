#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"
#include "core/types/venue_capabilities.hpp"

namespace fermata {

/// How the simulated exchange fills orders. Every default below is the conservative one; what each
/// choice means is drawn, with numbers, in docs/fill-model.md.

/// What the instrument's orders meet when the run has several kinds of data for it.
enum class MatchSource : std::uint8_t {
    kAuto = 0,   ///< The finest that the instrument has shown: quotes and trades, else the shortest
                 ///< bars.
    kBars = 1,   ///< Bars only (the shortest interval), even where there are quotes.
    kTicks = 2,  ///< Quotes and trades only.
};

/// Where a market order is filled on bars. On quotes and trades the choice makes no difference.
enum class MarketFill : std::uint8_t {
    kNextOpen = 0,  ///< At the open of the next bar.
    kNextPrice =
        1,  ///< At the next known price: the open of the next bar or, inside a bar, its close.
};

/// What a resting limit order needs to be filled at its price.
enum class LimitFill : std::uint8_t {
    kTouch = 0,    ///< The market reaches the price.
    kThrough = 1,  ///< The market goes beyond it: the order is last in the queue at its price.
};

/// The way that the price took inside a bar, of which only four points are known.
enum class BarPath : std::uint8_t {
    kAdverse = 0,     ///< Where the order of events is open, stops come before limits.
    kOptimistic = 1,  ///< Where the order of events is open, limits come before stops.
    kOpenHighLowClose = 2,
    kOpenLowHighClose = 3,
};

struct FillConfig {
    MatchSource source = MatchSource::kAuto;
    MarketFill market = MarketFill::kNextOpen;
    LimitFill limit = LimitFill::kTouch;
    BarPath path = BarPath::kAdverse;
    /// Largest share of a bar's volume, of a displayed size or of a trade's size that all orders of
    /// the run together may take; what is left keeps working. Zero: no cap on bars, the whole size
    /// on quotes and trades. At most 1.
    Ratio participation = Ratio::zero();
    /// Match on bars, quotes and trades outside the sessions of the instrument's calendar too.
    bool outside_session = false;
};

enum class SlippageModel : std::uint8_t {
    kNone = 0,
    kFixed = 1,   ///< `amount` of price.
    kRate = 2,    ///< price x `rate` (0.0001 is one basis point).
    kSpread = 3,  ///< (ask - bid) x `rate`; `amount` stands for the spread where there is no quote.
    kVolumeShare = 4,  ///< price x `rate` x impact(quantity / volume).
};

/// impact(s) of the volume share s = quantity / volume, 0 <= s <= 1; an unknown volume counts as 1.
enum class ImpactShape : std::uint8_t {
    kSquare = 0,      ///< s^2, with rate 0.1 the volume share model of Quantopian's zipline.
    kSquareRoot = 1,  ///< sqrt(s), the square-root law; the rate is Y x sigma of one bar.
};

/// Worsens the price of every fill that takes liquidity, never beyond a limit price. Fills of
/// resting limit orders at their own price are not touched.
struct SlippageConfig {
    SlippageModel model = SlippageModel::kNone;
    ImpactShape impact = ImpactShape::kSquare;
    Price amount = Price::zero();  ///< kFixed, kSpread; never negative.
    Ratio rate = Ratio::zero();    ///< kRate, kSpread, kVolumeShare; never negative.
};

enum class FeeModel : std::uint8_t {
    kNone = 0,
    kPerShare = 1,      ///< `per_share` a unit, between `minimum` and `maximum` of an ORDER.
    kProportional = 2,  ///< `rate` of the value of each fill.
    kMakerTaker = 3,    ///< `maker` or `taker` of the value of each fill; negative is a rebate.
    kMakerTakerPerShare =
        4,  ///< `maker_per_share` or `taker_per_share` a unit; negative is a rebate.
};

struct FeeConfig {
    FeeModel model = FeeModel::kNone;
    Price per_share = Price::zero();  ///< kPerShare: currency a unit; never negative.
    Money minimum = Money::zero();    ///< kPerShare: least fee of one order, over all its fills.
    Ratio maximum = Ratio::zero();    ///< kPerShare: most, as a fraction of the value; zero = none.
    Ratio rate = Ratio::zero();       ///< kProportional; never negative.
    Ratio maker = Ratio::zero();
    Ratio taker = Ratio::zero();
    Price maker_per_share = Price::zero();
    Price taker_per_share = Price::zero();
};

struct SimConfig {
    VenueId venue;
    std::string name = "sim";
    FillConfig fill;
    SlippageConfig slippage;
    FeeConfig fees;
    /// An order that needs something else is Rejected as kUnsupported; linked orders of a venue
    /// that does not know them are taken each by itself.
    VenueCapabilities supports;
    Duration latency_in;   ///< From the sending of a request to its arrival at the exchange.
    Duration latency_out;  ///< From an event at the exchange to the arrival of its report.
    /// Top half of the venue's order and execution ids, so that they stay unique over restarts.
    std::uint32_t id_epoch = 0;
};

/// Whether the broker checks buying power.
enum class AccountKind : std::uint8_t {
    kCash = 0,    ///< No leverage, no short sales; checked at each fill.
    kMargin = 1,  ///< No check by the broker; limits are the gate's affair.
};

struct SimPosition {
    InstrumentId instrument;
    Quantity quantity;  ///< Signed.
};

/// An account as the simulated broker opens it.
struct SimAccount {
    AccountId id;
    AccountKind kind = AccountKind::kCash;
    std::vector<Money> cash;  ///< By CurrencyId; currencies behind the end have none.
    std::vector<SimPosition> positions;
};

/// What is wrong with `config`, for a message to the operator; empty when it can be used.
[[nodiscard]] std::string check(const SimConfig& config);

}  // namespace fermata
