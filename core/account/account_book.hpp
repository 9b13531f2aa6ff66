#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/account/account_config.hpp"
#include "core/account/account_reports.hpp"
#include "core/account/booking_journal.hpp"
#include "core/account/fill_to_book.hpp"
#include "core/account/financing.hpp"
#include "core/account/lots.hpp"
#include "core/account/position.hpp"
#include "core/base/assert.hpp"
#include "core/base/result.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/market/corporate_action.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// How the cost of what is closed is found: average cost, or lots by the account's LotMethod.
enum class CostMethod : std::uint8_t { kAverage = 0, kLots = 1 };

/// What a fill did.
struct FillBooking {
    Money value;          ///< price x quantity x multiplier, in the instrument's currency.
    Money realized;       ///< Profit realised, average cost, before fees.
    Money realized_lots;  ///< The same by lots.
    Money cash_after;     ///< Of the account, in the instrument's currency.
    Quantity position_after;
    Quantity strategy_position_after;
};

/// Why a fill was not taken back or changed. Then nothing was.
enum class ReversalError : std::uint8_t {
    kUnknownFill,  ///< There is none of that id, or it was taken back, or is too long ago.
    kOverflow,     ///< A number would not fit.
};

/// What a split or dividend did to one account.
struct ActionBooking {
    Quantity position;  ///< After it.
    Money amount;       ///< Cash that moved: dividend (negative on a short), cash in lieu.
    Money cash;         ///< After it, in the instrument's currency.
};

/// Numbers of lots that were held before the first fill follow this one.
inline constexpr std::uint32_t kOpeningLots = 4'000'000'000;

/// Positions, cash and profit of every account, valued at the latest marks.
///
/// Owner:      the trading loop; no other thread may call it.
/// Memory:     fixed at construction.
/// Cost:       `on_mark` is a store and a test when nobody holds the instrument, else constant per
///             account that holds it (and, for a currency pair, per balance that it values).
///             Readers are loads. Only fills, corporate actions and non-base currencies divide.
/// Cash:       a fill moves price x quantity x multiplier in the instrument's currency, whatever
/// the
///             asset class, and the fee in the fee's currency. Cash may become negative: the gate
///             prevents it where it is not allowed, the book tells the truth.
/// Valuation:  position x last mark; before the first mark, the fill price. A balance in another
///             currency than the account's base is valued by the instrument that is the direct
///             pair, "EURUSD" or "EUR/USD" (or the inverse, "USDEUR"). Without a positive mark of
///             it the equity is not known: `equity_known` is false and that balance counts nothing;
///             it is never taken one to one.
/// Opening:    what a configuration says was held before is a lot each; it moves no cash, and
///             cannot be taken back.
/// Reversal:   the newest `fills` fills and corporate actions are remembered together with every
///             position as it was before the oldest of them. To take a fill back, its position is
///             set to that and everything since is booked again without it: all is as if it had
///             never been (but marks; and borders between lots, should LotPool have run out).
///             Linear in the bookings of the instrument: not for the hot path.
/// Books:      an account's positions are net. A hedging account is the same with the positions of
///             its strategies side by side: its profit is theirs (summary, attribute); its lots by
///             strategy are in LotLedger.
/// Invariants: equity is the sum of the valued cash and positions; cost and profit are exact to the
///             micro: when a position is flat its cost is zero under both methods.
class AccountBook {
public:
    /// `accounts[i].id` must be i. Strategies have ids 0 .. strategies - 1. `lots` is the number of
    /// lots kept beyond the first of each position (see LotPool), `fills` (> 0) that of the
    /// bookings that can be taken back.
    AccountBook(const InstrumentTable& instruments, std::span<const AccountConfig> accounts,
                std::size_t strategies, std::size_t lots = 65'536, std::size_t fills = 65'536);

    // --- what the gate and the order manager read ---

    [[nodiscard]] std::size_t accounts() const noexcept { return accounts_.size(); }
    [[nodiscard]] std::size_t strategies() const noexcept { return strategy_account_.size(); }
    [[nodiscard]] bool contains(AccountId a) const noexcept { return a.value < accounts_.size(); }
    [[nodiscard]] bool contains(StrategyId s) const noexcept {
        return s.value < strategy_account_.size();
    }
    [[nodiscard]] AccountConfig::Type type(AccountId a) const noexcept { return account(a).type; }
    [[nodiscard]] AccountConfig::Book book(AccountId a) const noexcept { return account(a).book; }
    [[nodiscard]] CurrencyId base(AccountId a) const noexcept { return account(a).base; }

    /// Signed position of the account, of all its strategies together.
    [[nodiscard]] Quantity position(AccountId a, InstrumentId i) const noexcept {
        return holding(a, i).average.quantity;
    }
    /// The sizes of its strategies' positions together: what a hedging account holds, long plus
    /// short. Linear in the number of strategies.
    [[nodiscard]] Quantity gross_position(AccountId a, InstrumentId i) const noexcept;
    /// Signed position of one strategy.
    [[nodiscard]] Quantity strategy_position(StrategyId s, InstrumentId i) const noexcept {
        return strategy_positions_[strategy_index(s, i)].quantity;
    }
    /// Signed average cost of that position, in the instrument's currency.
    [[nodiscard]] Money strategy_cost(StrategyId s, InstrumentId i) const noexcept {
        return strategy_positions_[strategy_index(s, i)].cost;
    }
    struct Opening {
        AccountId account;
        OpeningPosition held;
    };
    /// What the accounts began with, by account and in the order of its configuration. The lot of
    /// the n-th of them (from 1) has the id kOpeningLots + n.
    [[nodiscard]] std::span<const Opening> openings() const noexcept { return openings_; }
    [[nodiscard]] Money cash(AccountId a, CurrencyId c) const noexcept {
        return balance(a, c).cash;
    }
    /// Cash plus positions at marks in the base currency. Only the known part if not equity_known.
    [[nodiscard]] Money equity(AccountId a) const noexcept { return clamp(account(a).equity); }
    /// Every balance and position could be valued, and the sum fits.
    [[nodiscard]] bool equity_known(AccountId a) const noexcept {
        const Account& x = account(a);
        return x.unvalued == 0 && fits(x.equity) && fits(x.gross);
    }
    /// Sum of the absolute values of the positions, in the base currency.
    [[nodiscard]] Money gross_value(AccountId a) const noexcept { return clamp(account(a).gross); }
    /// Signed value of a position at its mark, in the instrument's currency.
    [[nodiscard]] Money position_value(AccountId a, InstrumentId i) const noexcept {
        return holding(a, i).value;
    }
    /// Signed cost of the open position, in the instrument's currency.
    [[nodiscard]] Money cost(AccountId a, InstrumentId i, CostMethod method) const noexcept {
        const Holding& h = holding(a, i);
        return method == CostMethod::kAverage ? h.average.cost : h.lots.cost;
    }
    /// Profit realised so far, before fees, in the instrument's currency. Dividends are not in it.
    [[nodiscard]] Money realized(AccountId a, InstrumentId i, CostMethod method) const noexcept {
        const Holding& h = holding(a, i);
        return method == CostMethod::kAverage ? h.average.realized : h.lots.realized;
    }
    /// Value minus cost of the open position. Realised plus unrealised is the same by both methods.
    [[nodiscard]] Money unrealized(AccountId a, InstrumentId i, CostMethod method) const {
        return position_value(a, i) - cost(a, i, method);
    }
    /// Fees paid so far in one currency (rebates negative).
    [[nodiscard]] Money fees(AccountId a, CurrencyId c) const noexcept {
        return balance(a, c).fees;
    }
    /// Interest received so far (paid: negative), and fees paid for borrowed stock.
    [[nodiscard]] Money interest(AccountId a, CurrencyId c) const noexcept {
        return balance(a, c).interest;
    }
    [[nodiscard]] Money borrow_fees(AccountId a, CurrencyId c) const noexcept {
        return balance(a, c).borrow;
    }
    /// Cash as a broker states it, for whom a future has no value but its variation margin: the
    /// value of futures is in it. Linear in the number of instruments.
    [[nodiscard]] Money settled_cash(AccountId a, CurrencyId c) const noexcept;
    /// Whose profit it is: one entry a strategy that has or had a position there (it must trade in
    /// this account only), and one for what is left when fractions of strategies' positions were
    /// dropped by a split. Realised plus unrealised of all of them is the account's, to the micro:
    /// the value of the position is shared so that no rounding is lost. Allocates.
    [[nodiscard]] std::vector<Attribution> attribute(AccountId a, InstrumentId i) const;
    /// How old the marks of the account's positions are at `now`; stale beyond `limit`.
    [[nodiscard]] MarkReport mark_report(AccountId a, Timestamp now, Duration limit) const noexcept;
    /// What the account is worth, as it goes on record. Profit in currencies that cannot be valued
    /// now is left out. Linear in the number of instruments.
    [[nodiscard]] EquityData summary(AccountId a) const noexcept;
    /// The open lots of a position in the order in which they will be closed: index into lots().
    [[nodiscard]] const LotList& lot_list(AccountId a, InstrumentId i) const noexcept {
        return holding(a, i).lots.lots;
    }
    [[nodiscard]] const LotPool& lots() const noexcept { return lots_; }

    /// `amount` of currency `c` in the account's base currency; nullopt without an FX mark.
    [[nodiscard]] std::optional<Money> in_base(AccountId a, CurrencyId c,
                                               Money amount) const noexcept;

    /// The mark that positions are valued at; nullopt before the first.
    [[nodiscard]] std::optional<Price> mark(InstrumentId i) const noexcept {
        const MarkSlot& m = marks_[i.value];
        return m.known ? std::optional<Price>(m.price) : std::nullopt;
    }

    /// When the mark was made; Timestamp::min() when that is not known.
    [[nodiscard]] Timestamp mark_time(InstrumentId i) const noexcept { return marks_[i.value].ts; }
    [[nodiscard]] MarkSource mark_source(InstrumentId i) const noexcept {
        return marks_[i.value].source;
    }

    /// Calls f(AccountId) for every account whose equity a mark of `i` moves: those that hold it,
    /// and those with a balance that it values (these may come twice). `f` must not book anything.
    template <class F>
    void for_each_affected(InstrumentId i, F&& f) const {
        const MarkSlot& m = marks_[i.value];
        if ((m.holders | m.fx_uses) == 0) return;
        for (std::uint32_t h = m.first_holder; h != kNone; h = holdings_[h].next) {
            f(account_of_holding(h, i));
        }
        for (std::size_t n = 0; n < m.fx_uses; ++n) f(fx_uses_[m.first_fx_use + n].account);
    }

    // --- what changes it ---

    /// The price to value `i` at from now on, made at `ts`. Negative and zero prices are values
    /// like any other.
    void on_mark(InstrumentId i, Price price, Timestamp ts = Timestamp::min(),
                 MarkSource source = MarkSource::kMarket) {
        FERMATA_ASSERT(i.value < marks_.size());
        MarkSlot& m = marks_[i.value];
        m.ts = ts;
        m.source = source;
        if ((m.holders | m.fx_uses) == 0) {
            m.price = price;
            m.known = true;
            return;
        }
        if (m.known && m.price == price) return;
        m.price = price;
        m.known = true;
        revalue(i);
    }

    /// Books a fill, all of it or (kOverflow: a number would not fit) nothing.
    [[nodiscard]] Result<FillBooking, NumberError> book_fill(const FillToBook& fill);

    /// Takes a fill back: position, strategy position, lots, cost, profit, cash and fees are as if
    /// it had never been booked.
    [[nodiscard]] Status<ReversalError> cancel_fill(AccountId a, InstrumentId i,
                                                    std::uint64_t fill_id);
    /// Changes the terms of a fill: all is as if it had been booked with these, at its time. It can
    /// be changed and taken back again. `quantity` > 0. Returns what the fill realises now, and
    /// cash and positions as they stand now.
    [[nodiscard]] Result<FillBooking, ReversalError> change_fill(AccountId a, InstrumentId i,
                                                                 std::uint64_t fill_id, Price price,
                                                                 Quantity quantity, Money fee);

    /// Books a split or dividend on one account's position. All accounts first (those without a
    /// position may be left out), then the strategies, then the mark, always: with it the action
    /// is remembered for reversals.
    [[nodiscard]] Result<ActionBooking, NumberError> book_action(AccountId a, InstrumentId i,
                                                                 const CorporateActionData& action);
    /// Rescales a strategy's position for a split; returns it. Fractions are dropped here: the
    /// account got cash in lieu of them.
    Quantity adjust_strategy(StrategyId s, InstrumentId i, const CorporateActionData& action);
    /// Rescales the mark like MarkTable does, so that equity does not jump before the next print,
    /// and remembers the action.
    void adjust_mark(InstrumentId i, const CorporateActionData& action);

    /// Interest and borrow fees run from the day (UTC) of `now` on, not from before it.
    void begin_days(AccountId a, Timestamp now) { static_cast<void>(days_to(a, now)); }
    /// Ends a day for an account: interest and borrow fees for the nights until the day of `next`,
    /// then the variation margin of futures, as of `now`. f(const Accrual&) for each that is not
    /// zero, in the order of currencies and instruments. The first time, without `begin_days`,
    /// nothing is due but the variation margin. See financing.hpp.
    template <class F>
    void end_of_day(AccountId a, Timestamp now, Timestamp next, const FinancingRates& rates,
                    F&& f) {
        const std::int32_t days = days_to(a, next);
        for (std::uint16_t c = 0; c < currencies_; ++c) {
            if (const auto x = accrue_interest(a, CurrencyId{c}, days, rates)) f(*x);
        }
        for (std::uint32_t n = 0; n < marks_.size(); ++n) {
            if (const auto x = accrue_borrow(a, InstrumentId{n}, days, rates)) f(*x);
            if (const auto x = settle(a, InstrumentId{n}, now)) f(*x);
        }
    }

    /// The account that a strategy traded in last; 0xffff before its first fill.
    [[nodiscard]] AccountId account_of(StrategyId s) const noexcept {
        return strategy_account_[s.value];
    }

    /// Over every number above, in a fixed order.
    [[nodiscard]] std::uint64_t state_hash() const noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::uint32_t kNone = 0xffff'ffff;
    static constexpr std::int32_t kNever = std::numeric_limits<std::int32_t>::min();

    struct Holding {  // one account in one instrument
        AveragePosition average;
        Money value;
        std::uint32_t next = kNone;  // holders of the instrument, by index into holdings_
        std::uint32_t previous = kNone;
        LotPosition lots;
        bool unvalued = false;  // its value does not fit Money
        void persist(StateArchive& a);
    };
    struct Checkpoint {  // a holding before the oldest booking that is remembered
        AveragePosition average;
        LotPosition lots;
        void persist(StateArchive& a);
    };
    struct Balance {  // one account in one currency
        Money cash;
        Money fees;
        Money interest;
        Money borrow;
        __int128 value = 0;  // positions quoted in this currency
        __int128 gross = 0;
        __int128 base_value = 0;  // what cash and positions add to the account's equity
        __int128 base_gross = 0;
        std::uint32_t pair = kNone;  // instrument that values it
        bool inverse = false;        // the pair is base/currency
        bool unvalued = false;
        void persist(StateArchive& a);
    };
    struct Account {
        __int128 equity = 0;
        __int128 gross = 0;
        std::uint32_t unvalued = 0;  // balances and positions without a value
        CurrencyId base;
        AccountConfig::Type type = AccountConfig::Type::kCash;
        LotMethod lots = LotMethod::kFifo;
        AccountConfig::Book book = AccountConfig::Book::kNetting;
        std::int32_t accrued_to = kNever;  // day up to which interest was booked
        void persist(StateArchive& a);
    };
    struct MarkSlot {  // one instrument; with what a revaluation needs of its definition
        Price price;
        Multiplier multiplier;
        Timestamp ts = Timestamp::min();
        std::uint32_t first_holder = kNone;
        std::uint32_t first_fx_use = 0;
        std::uint16_t holders = 0;
        std::uint16_t fx_uses = 0;  // balances that this instrument values
        CurrencyId currency;
        bool known = false;
        MarkSource source = MarkSource::kNone;
        void persist(StateArchive& a);
    };
    struct FxUse {
        InstrumentId pair;
        AccountId account;
        CurrencyId currency;
    };

    [[nodiscard]] static bool fits(__int128 raw) noexcept {
        return raw >= Money::min().raw() && raw <= Money::max().raw();
    }
    [[nodiscard]] static Money clamp(__int128 raw) noexcept {
        return raw < Money::min().raw()   ? Money::min()
               : raw > Money::max().raw() ? Money::max()
                                          : Money::from_raw(static_cast<std::int64_t>(raw));
    }
    [[nodiscard]] std::size_t holding_index(AccountId a, InstrumentId i) const noexcept {
        return i.value * accounts_.size() + a.value;
    }
    [[nodiscard]] AccountId account_of_holding(std::uint32_t index, InstrumentId i) const noexcept {
        return {static_cast<AccountId::rep>(index - i.value * accounts_.size())};
    }
    [[nodiscard]] std::size_t strategy_index(StrategyId s, InstrumentId i) const noexcept {
        return s.value * marks_.size() + i.value;
    }
    [[nodiscard]] const Holding& holding(AccountId a, InstrumentId i) const noexcept {
        return holdings_[holding_index(a, i)];
    }
    [[nodiscard]] const Balance& balance(AccountId a, CurrencyId c) const noexcept {
        return balances_[a.value * currencies_ + c.value];
    }
    [[nodiscard]] Balance& balance(AccountId a, CurrencyId c) noexcept {
        return balances_[a.value * currencies_ + c.value];
    }
    [[nodiscard]] const Account& account(AccountId a) const noexcept { return accounts_[a.value]; }

    [[nodiscard]] Result<AdjustedPosition, NumberError> adjusted(const AveragePosition& position,
                                                                 InstrumentId i,
                                                                 const CorporateActionData& action,
                                                                 Price mark) const;
    // End of day: account_financing.cpp.
    [[nodiscard]] std::int32_t days_to(AccountId a, Timestamp next);
    [[nodiscard]] std::optional<Accrual> accrue_interest(AccountId a, CurrencyId c,
                                                         std::int32_t days,
                                                         const FinancingRates& rates);
    [[nodiscard]] std::optional<Accrual> accrue_borrow(AccountId a, InstrumentId i,
                                                       std::int32_t days,
                                                       const FinancingRates& rates);
    [[nodiscard]] std::optional<Accrual> settle(AccountId a, InstrumentId i, Timestamp now);

    void split_strategy(AveragePosition& own, InstrumentId i, const CorporateActionData& action,
                        Price mark) const;
    void find_pairs();
    void persist_holders(StateArchive& a);
    void persist_lots(StateArchive& a, LotPool& pool, const AveragePosition& average,
                      LotPosition& position);
    void persist_checkpoint(StateArchive& a);

    void open(AccountId a, const OpeningPosition& held);
    // Reversal: account_reversal.cpp.
    void remember(const Booking& booking);
    void move_checkpoint(const Booking& booking);
    void move_checkpoint_by_fill(const Booking& booking);
    [[nodiscard]] Status<NumberError> rebook(const Booking& b, AccountId a,
                                             AveragePosition& average, LotPosition* lots,
                                             LotPool& pool, FillBooking* result) const;
    [[nodiscard]] __int128 flow_since(AccountId a, InstrumentId i) const;
    [[nodiscard]] Status<NumberError> rebuild(const Booking& fill, FillBooking* result);
    [[nodiscard]] Status<ReversalError> replace_fill(Booking& fill, Price price, Quantity quantity,
                                                     Money fee, FillBooking* result);
    [[nodiscard]] bool sums_are_right() const noexcept;
    void revalue(InstrumentId i);
    void revalue_holding(AccountId a, const MarkSlot& mark, Holding& h);
    void refresh_balance(AccountId a, CurrencyId c);
    void add_cash(AccountId a, CurrencyId c, Money amount);
    void set_quantity(AccountId a, InstrumentId i, Quantity quantity);
    [[nodiscard]] std::optional<Money> convert(const Balance& b, __int128 amount) const noexcept;
    [[nodiscard]] bool has_room(const FillToBook& fill, Money value) const noexcept;

    const InstrumentTable& instruments_;
    std::size_t currencies_;
    std::vector<MarkSlot> marks_;                      // by InstrumentId
    std::vector<Holding> holdings_;                    // by InstrumentId, AccountId
    std::vector<Balance> balances_;                    // by AccountId, CurrencyId
    std::vector<Account> accounts_;                    // by AccountId
    std::vector<AveragePosition> strategy_positions_;  // by StrategyId, InstrumentId
    std::vector<AccountId> strategy_account_;          // by StrategyId
    std::vector<FxUse> fx_uses_;                       // by pair
    LotPool lots_;
    // Everything as it was before the oldest booking of the journal.
    BookingJournal journal_;
    std::vector<Checkpoint> checkpoint_;
    std::vector<AveragePosition> strategy_checkpoint_;
    LotPool checkpoint_lots_;
    std::uint32_t fills_ = 0;  // booked so far
    std::vector<Opening> openings_;
};

}  // namespace fermata
