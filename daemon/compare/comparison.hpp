#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/compare/alignment.hpp"
#include "daemon/compare/run_story.hpp"

namespace fermata::compare {

/// In what two orders differ. Bits.
enum DifferenceKind : std::uint8_t {
    kOnlyFirst = 0x01,  ///< The second run has no such order.
    kOnlySecond = 0x02,
    kOtherTerms = 0x04,     ///< Side, type, quantity, prices, time in force.
    kOtherDecision = 0x08,  ///< Decided on another market event.
    kOtherRequests = 0x10,  ///< Cancels and new terms that were asked for.
    kOtherFills = 0x20,     ///< Quantities and prices, in order.
};

/// Why, as far as the two records tell. The order is that in which causes are looked for.
enum class Cause : std::uint8_t {
    kRefused,        ///< Gate or venue refused it in one run only.
    kCorrected,      ///< The venue took a fill back, or changed it, in one run only.
    kNotCovered,     ///< One run had ended, or not begun.
    kTermsInForce,   ///< New terms were in force at the venue in one run only when it was filled.
    kMetOtherQuote,  ///< The exchange had another quote when it filled the order.
    kCancelRace,    ///< Filled before its cancel in one run, canceled before its fill in the other.
    kSawOtherData,  ///< The strategy had seen other market events.
    kReportTiming,  ///< It decided before a report of its own earlier order in one run only.
    kEarlier,       ///< Its holdings, or its account's worth, differed by an earlier difference.
    kUnknown,       ///< The records do not tell.
};
inline constexpr int kCauseCount = 10;
/// "refused", "fill_corrected", "run_not_covered", "other_terms", "met_another_quote",
/// "cancel_race", "saw_other_data", "report_timing", "earlier_difference", "unknown".
[[nodiscard]] std::string_view name(Cause cause) noexcept;
/// One line about it.
[[nodiscard]] std::string_view meaning(Cause cause) noexcept;

/// Orders that are one: of the same strategy in the same instrument.
struct OrderPair {
    std::optional<std::size_t> first, second;  ///< Indices into RunStory::orders; at least one.
    bool same_decision = false;                ///< Decided on the same market event.
};

struct OrderDifference {
    OrderPair orders;
    std::uint8_t kinds = 0;  ///< DifferenceKind bits.
    Cause cause = Cause::kUnknown;
    std::string why;  ///< In words and numbers.
    /// Which events the first fill that differs can have met at the exchange: see met_by.
    std::vector<FactPlace> met_first, met_second;
};

/// Nanoseconds from a strategy's decision to the venue's first report, each in its run's clock; of
/// an order that the order manager kept first, from its sending.
struct LatencySummary {
    std::size_t count = 0;
    Duration median, p99, max;
};

struct RunComparison {
    std::vector<StreamAlignment> market;
    std::size_t orders_first = 0, orders_second = 0, fills_first = 0, fills_second = 0;
    std::size_t orders_equal = 0;              ///< Pairs without a difference.
    std::vector<OrderDifference> differences;  ///< As they happened in the first run.
    std::map<Cause, std::size_t> causes;       ///< How often; none at zero.
    LatencySummary latency_first, latency_second;
    /// Whether every order and every fill of one run is in the other.
    [[nodiscard]] bool equal() const noexcept { return differences.empty(); }
};

/// Compares what two runs of one market wanted and got, order by order and fill by fill. Names of
/// strategies, accounts and instruments count, ids do not.
[[nodiscard]] RunComparison compare_runs(const RunStory& first, const RunStory& second);

/// Which order of the one is which of the other, per strategy and instrument, in the order of the
/// decisions: first those that were decided on the same market event, then what stands between
/// them, side by side. Every order is in exactly one pair.
[[nodiscard]] std::vector<OrderPair> pair_orders(const RunStory& first, const RunStory& second,
                                                 const MarketAlignment& market);

/// The events of the order's instrument that fill `fill` can have met: with that price on the other
/// side, or beyond the limit that was in force, and enough of it; not before these terms were sent,
/// nor longer before the report than twice the longest answer of the run. One that comes behind the
/// report can be it when nothing before does, and it comes no later than the report took. The
/// nearest to the report is first. Where the record names the event (FillStory::met) it is that
/// one. `fill` is one of the order's.
[[nodiscard]] std::vector<FactPlace> met_by(const RunStory& run, const OrderStory& order,
                                            const FillStory& fill);

}  // namespace fermata::compare
