#include "core/account/account_book.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/account/state_hash.hpp"

namespace fermata {
namespace {

__int128 wide(Money m) noexcept { return m.raw(); }
__int128 magnitude(Money m) noexcept { return m.raw() < 0 ? -wide(m) : wide(m); }

const Instrument* find_pair(const InstrumentTable& instruments, const std::string& first,
                            const std::string& second) {
    const Instrument* pair = instruments.find(first + second);
    return pair != nullptr ? pair : instruments.find(first + "/" + second);
}

}  // namespace

AccountBook::AccountBook(const InstrumentTable& instruments,
                         std::span<const AccountConfig> accounts, std::size_t strategies,
                         std::size_t lots, std::size_t fills)
    : instruments_(instruments),
      currencies_(instruments.currencies().size()),
      marks_(instruments.size()),
      holdings_(instruments.size() * accounts.size()),
      balances_(accounts.size() * currencies_),
      accounts_(accounts.size()),
      strategy_positions_(strategies * instruments.size()),
      strategy_account_(strategies, AccountId{0xffff}),
      lots_(lots, holdings_.size()),
      journal_(fills, instruments.size()),
      checkpoint_(holdings_.size()),
      strategy_checkpoint_(strategy_positions_.size()),
      checkpoint_lots_(lots, holdings_.size()) {
    FERMATA_ASSERT(accounts.size() < 0xffff && strategies < 0xffff && holdings_.size() < kNone);
    for (const Instrument& i : instruments.all()) {
        marks_[i.id.value].multiplier = i.multiplier;
        marks_[i.id.value].currency = i.currency;
    }
    for (std::size_t n = 0; n < accounts.size(); ++n) {
        const AccountConfig& config = accounts[n];
        FERMATA_ASSERT(config.id.value == n && config.base.value < currencies_);
        accounts_[n].base = config.base;
        accounts_[n].type = config.type;
        accounts_[n].lots = config.lots;
        accounts_[n].book = config.book;
    }
    find_pairs();
    for (const AccountConfig& config : accounts) {
        for (const auto& [currency, amount] : config.cash) add_cash(config.id, currency, amount);
    }
    for (const AccountConfig& config : accounts) {
        for (const OpeningPosition& p : config.positions) open(config.id, p);
    }
    // They cannot be taken back.
    for (; journal_.size() != 0; journal_.drop_oldest()) move_checkpoint(journal_.oldest());
}

/// As a fill that moves no cash and realises nothing.
void AccountBook::open(AccountId a, const OpeningPosition& p) {
    FERMATA_ASSERT(!p.quantity.is_zero());
    const InstrumentId i = p.instrument;
    const bool is_long = p.quantity.is_positive();
    if (!marks_[i.value].known) on_mark(i, p.mark, p.opened, MarkSource::kFill);
    FillToBook fill;
    fill.ts = p.opened;
    fill.instrument = i;
    fill.account = a;
    fill.strategy = p.strategy;
    fill.side = is_long ? Side::kBuy : Side::kSell;
    fill.price = p.cost;
    fill.quantity = is_long ? p.quantity : -p.quantity;
    fill.fee_currency = marks_[i.value].currency;
    openings_.push_back({a, p});
    // Lots that fills open are named by the numbers of those.
    const std::uint32_t fills =
        std::exchange(fills_, kOpeningLots + static_cast<std::uint32_t>(openings_.size()) - 1);
    const auto booked = book_fill(fill);
    FERMATA_ASSERT(booked.ok());
    fills_ = fills;
    add_cash(a, fill.fee_currency, is_long ? booked->value : -booked->value);
}

void AccountBook::find_pairs() {
    const std::vector<std::string>& codes = instruments_.currencies();
    for (std::uint16_t a = 0; a < accounts_.size(); ++a) {
        const std::string& base = codes[accounts_[a].base.value];
        for (std::uint16_t c = 0; c < currencies_; ++c) {
            if (c == accounts_[a].base.value) continue;
            Balance& b = balance(AccountId{a}, CurrencyId{c});
            const Instrument* pair = find_pair(instruments_, codes[c], base);
            if (pair == nullptr) {
                pair = find_pair(instruments_, base, codes[c]);
                b.inverse = pair != nullptr;
            }
            if (pair == nullptr) continue;
            b.pair = pair->id.value;
            fx_uses_.push_back(FxUse{pair->id, AccountId{a}, CurrencyId{c}});
        }
    }
    std::stable_sort(fx_uses_.begin(), fx_uses_.end(),
                     [](const FxUse& x, const FxUse& y) { return x.pair < y.pair; });
    FERMATA_ASSERT(fx_uses_.size() < 0xffff);
    for (std::size_t n = fx_uses_.size(); n-- > 0;) {
        MarkSlot& m = marks_[fx_uses_[n].pair.value];
        m.first_fx_use = static_cast<std::uint32_t>(n);
        ++m.fx_uses;
    }
}

std::optional<Money> AccountBook::in_base(AccountId a, CurrencyId c, Money amount) const noexcept {
    if (c == account(a).base) return amount;
    return convert(balance(a, c), amount.raw());
}

std::optional<Money> AccountBook::convert(const Balance& b, __int128 amount) const noexcept {
    if (amount == 0) return Money::zero();
    if (b.pair == kNone || !fits(amount)) return std::nullopt;
    const MarkSlot& m = marks_[b.pair];
    if (!m.known || !m.price.is_positive()) return std::nullopt;
    const auto raw = b.inverse ? divide_half_even(amount * Price::kOne, m.price.raw())
                               : divide_half_even(amount * m.price.raw(), Price::kOne);
    return raw ? std::optional<Money>(Money::from_raw(*raw)) : std::nullopt;
}

void AccountBook::revalue(InstrumentId i) {
    const MarkSlot& m = marks_[i.value];
    for (std::uint32_t h = m.first_holder; h != kNone; h = holdings_[h].next) {
        revalue_holding(account_of_holding(h, i), m, holdings_[h]);
    }
    for (std::size_t n = 0; n < m.fx_uses; ++n) {
        const FxUse& use = fx_uses_[m.first_fx_use + n];
        refresh_balance(use.account, use.currency);
    }
}

void AccountBook::revalue_holding(AccountId a, const MarkSlot& mark, Holding& h) {
    const auto value = notional(mark.price, h.average.quantity, mark.multiplier);
    const Money now = value ? *value : Money::zero();
    const __int128 change = wide(now) - wide(h.value);
    const __int128 gross_change = magnitude(now) - magnitude(h.value);
    h.value = now;
    Account& x = accounts_[a.value];
    if (h.unvalued == value.ok()) {
        h.unvalued = !value.ok();
        x.unvalued += h.unvalued ? 1 : -1;
    }
    Balance& b = balance(a, mark.currency);
    b.value += change;
    b.gross += gross_change;
    if (mark.currency != x.base) {
        refresh_balance(a, mark.currency);
        return;
    }
    b.base_value += change;
    b.base_gross += gross_change;
    x.equity += change;
    x.gross += gross_change;
}

void AccountBook::refresh_balance(AccountId a, CurrencyId c) {
    Account& x = accounts_[a.value];
    Balance& b = balance(a, c);
    __int128 value = wide(b.cash) + b.value;
    __int128 gross = b.gross;
    if (c != x.base) {
        const auto base_value = convert(b, value);
        const auto base_gross = convert(b, gross);
        const bool unvalued = !base_value || !base_gross;
        value = unvalued ? 0 : wide(*base_value);
        gross = unvalued ? 0 : wide(*base_gross);
        if (unvalued != b.unvalued) {
            b.unvalued = unvalued;
            x.unvalued += unvalued ? 1 : -1;
        }
    }
    x.equity += value - b.base_value;
    x.gross += gross - b.base_gross;
    b.base_value = value;
    b.base_gross = gross;
}

void AccountBook::add_cash(AccountId a, CurrencyId c, Money amount) {
    balance(a, c).cash += amount;
    refresh_balance(a, c);
}

void AccountBook::set_quantity(AccountId a, InstrumentId i, Quantity quantity) {
    const auto index = static_cast<std::uint32_t>(holding_index(a, i));
    Holding& h = holdings_[index];
    MarkSlot& m = marks_[i.value];
    const bool held = !h.average.quantity.is_zero();
    if (!held && !quantity.is_zero()) {
        h.previous = kNone;
        h.next = m.first_holder;
        if (h.next != kNone) holdings_[h.next].previous = index;
        m.first_holder = index;
        ++m.holders;
    } else if (held && quantity.is_zero()) {
        (h.previous == kNone ? m.first_holder : holdings_[h.previous].next) = h.next;
        if (h.next != kNone) holdings_[h.next].previous = h.previous;
        --m.holders;
    }
    h.average.quantity = quantity;
    revalue_holding(a, m, h);
}

bool AccountBook::has_room(const FillToBook& fill, Money value) const noexcept {
    const Holding& h = holding(fill.account, fill.instrument);
    const AveragePosition& own =
        strategy_positions_[strategy_index(fill.strategy, fill.instrument)];
    if (!h.average.has_room(fill.side, fill.quantity, value) || !h.lots.has_room(value) ||
        !own.has_room(fill.side, fill.quantity, value)) {
        return false;
    }
    const __int128 v = magnitude(value);
    const CurrencyId currency = marks_[fill.instrument.value].currency;
    const __int128 fee = magnitude(fill.fee);
    return fits(magnitude(cash(fill.account, currency)) + v + fee) &&
           fits(magnitude(cash(fill.account, fill.fee_currency)) + v + fee) &&
           fits(magnitude(fees(fill.account, fill.fee_currency)) + fee);
}

Result<FillBooking, NumberError> AccountBook::book_fill(const FillToBook& fill) {
    FERMATA_ASSERT(contains(fill.account) && contains(fill.strategy) &&
                   fill.instrument.value < marks_.size() && fill.quantity.is_positive() &&
                   fill.fee_currency.value < currencies_);
    const auto value =
        notional(fill.price, fill.quantity, marks_[fill.instrument.value].multiplier);
    if (!value) return Err{value.error()};
    if (!has_room(fill, *value)) return Err{NumberError::kOverflow};

    const AccountId a = fill.account;
    const InstrumentId i = fill.instrument;
    Holding& h = holdings_[holding_index(a, i)];
    AveragePosition& own = strategy_positions_[strategy_index(fill.strategy, i)];
    const std::uint32_t number = ++fills_;
    const FillParts parts = parts_of(h.average.quantity, fill.side, fill.quantity, *value);
    FillBooking booking;
    booking.value = *value;
    booking.realized_lots = h.lots.fill(lots_, parts, fill.ts, number, account(a).lots, fill.lot);
    AveragePosition average = h.average;
    const Money cost_before = average.cost;
    booking.realized = average.fill(parts, fill.side);
    h.average.cost = average.cost;
    h.average.realized = average.realized;
    if (!marks_[i.value].known) on_mark(i, fill.price, fill.ts, MarkSource::kFill);
    set_quantity(a, i, average.quantity);
    const CurrencyId currency = marks_[i.value].currency;
    add_cash(a, currency, fill.side == Side::kBuy ? -*value : *value);
    if (!fill.fee.is_zero()) {
        add_cash(a, fill.fee_currency, -fill.fee);
        balance(a, fill.fee_currency).fees += fill.fee;
    }
    const AveragePosition own_before = own;
    own.fill(parts_of(own.quantity, fill.side, fill.quantity, *value), fill.side);
    strategy_account_[fill.strategy.value] = a;

    Booking entry;
    entry.ts = fill.ts;
    entry.fill_id = fill.fill_id;
    entry.price = fill.price;
    entry.quantity = fill.quantity;
    entry.fee = fill.fee;
    entry.value = *value;
    entry.cost = average.cost - cost_before;
    entry.realized = booking.realized;
    entry.own_cost = own.cost - own_before.cost;
    entry.own_realized = own.realized - own_before.realized;
    entry.instrument = i;
    entry.number = number;
    entry.named = fill.lot;
    entry.account = a;
    entry.strategy = fill.strategy;
    entry.fee_currency = fill.fee_currency;
    entry.side = fill.side;
    remember(entry);
    booking.cash_after = cash(a, currency);
    booking.position_after = h.average.quantity;
    booking.strategy_position_after = own.quantity;
    return booking;
}

std::uint64_t AccountBook::state_hash() const noexcept {
    StateHash hash;
    for (std::size_t n = 0; n < holdings_.size(); ++n) {
        const Holding& h = holdings_[n];
        if (h.average == AveragePosition{} && h.lots.realized.is_zero()) continue;
        hash.add(n);
        hash.add(h.average.quantity);
        hash.add(h.value);
        hash.add(h.average.cost);
        hash.add(h.lots.cost);
        hash.add(h.average.realized);
        hash.add(h.lots.realized);
        for (std::uint32_t l = h.lots.lots.head; l != LotList::kNone; l = lots_[l].next) {
            hash.add(lots_[l].quantity);
            hash.add(lots_[l].cost);
            hash.add(lots_[l].opened);
        }
    }
    for (const Balance& b : balances_) {
        hash.add(b.cash);
        hash.add(b.fees);
        hash.add(b.interest);
        hash.add(b.borrow);
    }
    for (const Account& x : accounts_) hash.add(static_cast<std::uint64_t>(x.accrued_to));
    for (const MarkSlot& m : marks_) {
        hash.add(static_cast<std::uint64_t>(m.source));
        hash.add(m.price);
        hash.add(m.ts);
    }
    for (std::size_t n = 0; n < strategy_positions_.size(); ++n) {
        const AveragePosition& own = strategy_positions_[n];
        if (own == AveragePosition{}) continue;
        hash.add(n);
        hash.add(own.quantity);
        hash.add(own.cost);
        hash.add(own.realized);
    }
    return hash.value();
}

}  // namespace fermata
