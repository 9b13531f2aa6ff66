#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/account/account_config.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// Parts of a position's value that must be covered by equity.
struct MarginRates {
    Ratio initial_long;
    Ratio maintenance_long;
    Ratio initial_short;  ///< Besides the proceeds: 0.5 where a rule says 150%.
    Ratio maintenance_short;
};

inline constexpr std::size_t kAssetClassCount = 8;

/// The rates that are not in a regulation, and the smallest equity of a margin account.
struct MarginRules {
    /// Haircuts by AssetClass: of Margin::kHouse for all, of Margin::kRegT for what its rates are
    /// not about (futures, currencies, coins, bonds, options).
    std::array<MarginRates, kAssetClassCount> house = default_haircuts();
    /// FINRA 4210(b): of whoever borrows or is short, in the account's base currency; but never
    /// more than the cost of what is bought.
    Money minimum_equity = Money::from_units(2'000);

    [[nodiscard]] static std::array<MarginRates, kAssetClassCount> default_haircuts() noexcept;
};

/// An order as far as its margin matters, as if it were filled whole.
struct MarginOrder {
    InstrumentId instrument;
    StrategyId strategy;  ///< Matters in hedging accounts.
    Side side = Side::kBuy;
    Quantity quantity;  ///< > 0
    Price price;        ///< What it is expected to be filled at.
};

/// What an account must have and has, in its base currency.
struct MarginState {
    Money equity;
    Money long_value;    ///< Of all long positions at their marks.
    Money short_value;   ///< Of all short ones, positive.
    Money initial;       ///< Equity needed to open what is held.
    Money maintenance;   ///< Equity needed to keep it.
    Money excess;        ///< equity - initial; negative: nothing may be opened.
    Money cushion;       ///< equity - maintenance; negative: a margin call for as much.
    Money buying_power;  ///< Value of shares that could be bought with the excess, >= 0.
    /// Everything could be valued. If not, nothing else here means anything.
    bool known = true;
    /// A short position in a cash account, which may have none.
    bool forbidden = false;
};

/// Margin of the accounts, by the model that each is configured with.
///
/// kCash:  what is bought is paid for: the initial and maintenance margin of a long position is its
///         value. Short positions are forbidden.
/// kRegT:  stocks and funds. Initial: 50% of the value, long; 150% of it, short, of which the
///         proceeds are 100% (Regulation T, 12 CFR 220.12(a), (c)). Maintenance (FINRA 4210(c)):
///         25% long; short the greater of 5.00 a share and 30% from a price of 5.00 on, below it
///         the greater of 2.50 a share and 100%.
/// kHouse: haircuts by asset class.
/// Hedging accounts pay for the long and the short side of each strategy. Nothing is offset between
/// instruments. Short options have their haircut only: there is no model of their risk here.
///
/// Owner:   the trading loop, or whoever owns the book. Const, keeps nothing of the book.
/// Cost:    linear in the number of instruments (hedging: times strategies).
/// Rounds:  every requirement half to even to the micro.
class MarginModel {
public:
    MarginModel(const InstrumentTable& instruments, std::span<const AccountConfig> accounts,
                MarginRules rules = {});

    [[nodiscard]] MarginState state(const AccountBook& book, AccountId a) const;
    /// The same after an order. Without a mark, positions in its instrument are valued at its
    /// price.
    [[nodiscard]] MarginState after(const AccountBook& book, AccountId a,
                                    const MarginOrder& order) const;
    /// Whether the order may be made: it leaves the excess at zero or above, or does not lower it
    /// (closing is always possible), and nothing forbidden comes of it.
    [[nodiscard]] bool allows(const AccountBook& book, AccountId a, const MarginOrder& order) const;
    /// Equity that is needed to open a position of that size (signed) at that price, as if nothing
    /// else were held; nullopt when it cannot be valued. Constant.
    [[nodiscard]] std::optional<Money> opening(const AccountBook& book, AccountId a, InstrumentId i,
                                               Quantity position, Price price) const;
    /// The same to keep it: its maintenance margin.
    [[nodiscard]] std::optional<Money> keeping(const AccountBook& book, AccountId a, InstrumentId i,
                                               Quantity position, Price price) const;
    [[nodiscard]] AccountConfig::Margin model(AccountId a) const noexcept {
        return models_[a.value];
    }

private:
    struct Sums;
    void add(Sums& sums, const AccountBook& book, AccountId a, InstrumentId i, Quantity position,
             Price mark) const;
    void add_instrument(Sums& sums, const AccountBook& book, AccountId a, InstrumentId i,
                        const MarginOrder* order) const;
    [[nodiscard]] MarginState sum(const AccountBook& book, AccountId a,
                                  const MarginOrder* order) const;

    const InstrumentTable& instruments_;
    std::vector<AccountConfig::Margin> models_;  // by AccountId
    MarginRules rules_;
};

}  // namespace fermata
