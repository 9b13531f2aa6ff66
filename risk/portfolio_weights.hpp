#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/gate_snapshot.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

class StateArchive;

/// What an account holds, as the measures of portfolio risk see it: by instrument the worse of
/// position + open purchases and position - open sales, signed, as a whole number of units of the
/// account. All sums over the numbers of a snapshot are exact integers, so what is kept step by
/// step is what adding everything up again would give.
///
/// Unit:    2^unit_bits x 1e-25 of the base currency, such that the equity was below 2^26 and not
///          below 2^25 of them when it was chosen (never finer than 2^64 x 1e-25). Weights and
///          the limits that they meet are cut off at whole units, so what is exactly at a limit
///          passes; a name counts for at most a unit, 2^-25 of the equity, too little. Sizes add up
///          to less than 2^30, 16 times that equity; beyond it nothing is known
///          (Fault::kOverflow).
/// Price:   that of the snapshot. What has none there, or had a corporate action since, is valued
///          at its mark when it is needed first, anew with each request about itself and with the
///          first of a day (UTC). Other currencies are converted then too. The size of a price
///          counts.
/// Update:  instruments are noted when something may have changed, and looked at in the next
///          request: market events cost nothing.
struct PortfolioWeights {
    static constexpr std::int64_t kGrossMax = (std::int64_t{1} << 30) - 1;

    enum class Priced : std::uint8_t { kNo = 0, kBySnapshot = 1, kByMark = 2 };
    static constexpr int kPricedCount = 3;

    unsigned unit_bits = 0;              ///< 0: not built, there was no equity to choose it by.
    std::vector<Price> prices;           ///< By instrument; in the base currency, not negative.
    std::vector<Priced> priced;          ///< By instrument.
    std::vector<std::int32_t> weights;   ///< By instrument, as of the last settle().
    std::vector<std::uint64_t> held;     ///< Bits of what is held or may come, whatever its price.
    std::vector<std::uint8_t> is_noted;  ///< By instrument.
    std::vector<std::uint32_t> noted;    ///< Those; after settle(): what has no price.
    Timestamp priced_until = Timestamp::min();

    std::int64_t gross = 0;              ///< Sizes of all weights.
    std::int64_t unmeasured = 0;         ///< Those of what the snapshot has not measured.
    __int128 variance = 0;               ///< w' S w of the others, in 2^-covariance_bits.
    std::vector<std::int64_t> risk;      ///< S w, by instrument.
    std::vector<std::int64_t> profit;    ///< By day, 1e-9, padded with zeros.
    std::vector<std::int64_t> scenario;  ///< By scenario, likewise.

    /// No day's profit is below it; `lowest_is_exact`: and one is it, or it is zero.
    std::int64_t lowest = 0;
    bool lowest_is_exact = true;
    std::optional<std::int64_t> tail;  ///< See tail_of; until a weight changes.

    void persist(StateArchive& a);
};

/// The larger one by size, with its sign; the long one of equals.
[[nodiscard]] constexpr WideQuantity signed_worst(const Reach& reach) noexcept {
    return reach.highest >= -reach.lowest ? reach.highest : reach.lowest;
}

/// The weights of all accounts, for one snapshot.
///
/// Owner:  PortfolioLimits. Memory: fixed at construction.
/// Cost:   a change of one weight adds a row of N, of T and of S numbers.
class PortfolioBook {
public:
    PortfolioBook(const InstrumentTable& instruments, std::size_t accounts, double fall);

    [[nodiscard]] const GateSnapshot& snapshot() const noexcept { return *current_; }
    /// The snapshot can be taken: it has the instruments of this run and fits.
    [[nodiscard]] bool fits(const GateSnapshot& s) const noexcept;
    /// From now on all is measured by `s`, which outlives its being in force. Adds everything up.
    void adopt(const GateSnapshot& s, Timestamp now, const Valuation& valuation) noexcept;

    /// Position or open orders may have changed.
    void note(AccountId a, InstrumentId i) noexcept;
    /// The price in the snapshot is no longer one of this instrument.
    void forget_price(InstrumentId i) noexcept;

    /// Takes in what was noted. What keeps the account's weights from being known; kNone: nothing.
    /// `held` is right in any case.
    [[nodiscard]] Fault settle(const Request& r, const Valuation& valuation) noexcept;
    [[nodiscard]] const PortfolioWeights& of(AccountId a) const noexcept {
        return accounts_[a.value];
    }

    struct Weight {
        std::int64_t value = 0;
        Fault fault = Fault::kNone;
    };
    /// Of a quantity that is not held yet. Requires a settled account.
    [[nodiscard]] Weight weigh(AccountId a, InstrumentId i, WideQuantity quantity,
                               const Valuation& valuation) noexcept;

    /// Remembers an account as it is, so that a mere question leaves no trace in it. Copies it.
    void keep(AccountId a) noexcept;
    void put_back(AccountId a) noexcept;

    /// Makes `lowest` exact: linear in the days, once after a change.
    void tighten(AccountId a) noexcept;
    /// The smallest profit of a day but for the `allowed` smaller ones. There are more days.
    [[nodiscard]] std::int64_t tail_of(AccountId a, std::int64_t allowed) noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    /// Chooses the unit, values everything and adds it up.
    [[nodiscard]] Fault build(AccountId a, Timestamp now, Money equity,
                              const Valuation& valuation) noexcept;
    void clear(PortfolioWeights& x) noexcept;
    void price(AccountId a, InstrumentId i, const Valuation& valuation) noexcept;
    void price_by_marks_again(AccountId a, Timestamp now, const Valuation& valuation) noexcept;
    [[nodiscard]] std::int64_t weight(const PortfolioWeights& x, InstrumentId i,
                                      WideQuantity quantity) const noexcept;
    /// The sums follow weight `i` to its new value.
    void move(PortfolioWeights& x, std::size_t i, std::int32_t to) noexcept;
    void take_shape() noexcept;

    const InstrumentTable& instruments_;
    GateSnapshot own_;  // what is in force, unless that lies elsewhere
    const GateSnapshot* current_ = &own_;
    std::vector<std::uint8_t> repriced_;  // by instrument: a corporate action came since
    std::vector<PortfolioWeights> accounts_;
    PortfolioWeights kept_;           // has the capacity of one of them
    std::vector<std::int64_t> days_;  // scratch
};

}  // namespace fermata
