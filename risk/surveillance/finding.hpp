#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"
#include "risk/surveillance/rules.hpp"

namespace fermata::surveillance {

/// Sums of quantities over a run, which 64 bits cannot hold: raw Quantity, or such a sum.
using Wide = __int128;

/// value >= ratio x of, exact. Any |value|, |of| below 2^90.
[[nodiscard]] constexpr bool at_least(Wide value, Ratio ratio, Wide of) noexcept {
    return value * Ratio::kOne >= of * ratio.raw();
}
/// value / of in 1e-9, rounded down, for reports and never for decisions; the largest number where
/// it does not fit. 0 < of.
[[nodiscard]] constexpr std::int64_t ratio_of(Wide value, Wide of) noexcept {
    constexpr Wide most = Ratio::max().raw();
    if (of <= 0) return Ratio::max().raw();
    const Wide ratio = value * Ratio::kOne / of;
    return static_cast<std::int64_t>(ratio > most ? most : ratio < -most ? -most : ratio);
}

/// Who: all accounts of one owner, in one instrument.
struct Party {
    std::uint16_t owner = 0;
    InstrumentId instrument;
    friend constexpr auto operator<=>(const Party&, const Party&) = default;
};

/// What a row of evidence says happened.
enum class Deed : std::uint8_t {
    kShown,      ///< The order stood in the book at `ts`, with that open quantity.
    kFilled,     ///< It was filled.
    kWithdrawn,  ///< Its owner canceled it, or took back that quantity of it.
    kSent,       ///< A message about the order went to the venue.
    kMessages,   ///< `count` messages were sent.
    kTrades,     ///< `count` fills came.
    kMarket,     ///< What the market showed: its price and, where it counts, its volume.
};
[[nodiscard]] std::string_view name(Deed deed) noexcept;  ///< "shown", "filled", ...

inline constexpr StrategyId kNoStrategy{0xffff};
inline constexpr AccountId kNoAccount{0xffff};

/// One line of evidence; every fact in it stands in the journal or the run's market data.
struct Evidence {
    Timestamp ts;
    std::uint64_t position = 0;  ///< In the trading stream; 0: not a record of it.
    Deed deed = Deed::kShown;
    OrderTag tag;  ///< Zero: of no order.
    ClientOrderId order_id;
    Side side = Side::kBuy;
    Price price;
    Quantity quantity;
    std::uint64_t count = 0;
    StrategyId strategy = kNoStrategy;
    AccountId account = kNoAccount;
};

/// What a rule asks of a number.
enum class Asked : std::uint8_t { kAtLeast, kAtMost, kMoreThan };
[[nodiscard]] std::string_view name(Asked asked) noexcept;  ///< "at least", ...

/// One of the numbers that a rule looks at.
struct Measure {
    std::string_view name;  ///< The key of its parameter.
    Unit unit = Unit::kCount;
    std::int64_t observed = 0;
    std::int64_t threshold = 0;
    Asked asked = Asked::kAtLeast;  ///< Of `observed` against `threshold`.
};

enum class Severity : std::uint8_t { kLow, kMedium, kHigh };
[[nodiscard]] std::string_view name(Severity severity) noexcept;  ///< "low", "medium", "high"

/// How far beyond its threshold a number is: from three times on high, from one and a half on
/// medium.
[[nodiscard]] constexpr Severity grade(Wide observed, Wide threshold) noexcept {
    if (observed >= 3 * threshold) return Severity::kHigh;
    return 2 * observed >= 3 * threshold ? Severity::kMedium : Severity::kLow;
}

/// Something that somebody should look at. It is an indication, not a proof of intent.
struct Finding {
    RuleId rule = RuleId::kSpoofing;
    Severity severity = Severity::kLow;
    Party party;
    Timestamp begin;
    Timestamp end;
    std::uint64_t episodes = 0;       ///< How often it happened.
    std::vector<Measure> measures;    ///< The strongest of the episodes, each.
    std::vector<Evidence> evidence;   ///< In the order of the episodes.
    std::uint64_t rows_left_out = 0;  ///< Of the evidence, behind kEvidenceMax.
};
inline constexpr std::size_t kEvidenceMax = 200;

using FindingSink = std::function<void(Finding)>;

}  // namespace fermata::surveillance
