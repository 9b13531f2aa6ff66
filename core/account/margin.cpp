#include "core/account/margin.hpp"

#include <algorithm>

namespace fermata {
namespace {

constexpr Ratio percent(std::int64_t p) noexcept { return Ratio::from_raw(p * Ratio::kOne / 100); }

/// FINRA 4210(c)(2), (3): below and from this price on.
constexpr Price kLowPrice = Price::from_raw(5 * Price::kOne);
constexpr Price kLeastLow = Price::from_raw(Price::kOne * 5 / 2);
constexpr Price kLeastHigh = Price::from_raw(5 * Price::kOne);
/// Regulation T's share of what is bought that must be paid.
constexpr std::int64_t kRegTBuying = 2;

bool is_stock(AssetClass c) noexcept { return c == AssetClass::kEquity || c == AssetClass::kEtf; }

Quantity absolute(Quantity q) { return q.is_negative() ? -q : q; }
__int128 magnitude(Money m) noexcept {
    const __int128 raw = m.raw();
    return raw < 0 ? -raw : raw;
}

}  // namespace

std::array<MarginRates, kAssetClassCount> MarginRules::default_haircuts() noexcept {
    std::array<MarginRates, kAssetClassCount> rates;
    const auto set = [&](AssetClass c, int initial_long, int long_, int initial_short, int short_) {
        rates[static_cast<std::size_t>(c)] = {percent(initial_long), percent(long_),
                                              percent(initial_short), percent(short_)};
    };
    set(AssetClass::kEquity, 50, 30, 50, 40);
    set(AssetClass::kEtf, 50, 30, 50, 40);
    set(AssetClass::kIndex, 100, 100, 100, 100);  // not traded as such
    set(AssetClass::kFuture, 12, 10, 12, 10);
    set(AssetClass::kForex, 5, 4, 5, 4);
    set(AssetClass::kCrypto, 100, 100, 150, 150);
    set(AssetClass::kBond, 25, 20, 25, 20);
    set(AssetClass::kOption, 100, 100, 100, 100);
    return rates;
}

MarginModel::MarginModel(const InstrumentTable& instruments,
                         std::span<const AccountConfig> accounts, MarginRules rules)
    : instruments_(instruments), rules_(rules) {
    for (const AccountConfig& a : accounts) models_.push_back(a.margin);
}

struct MarginModel::Sums {
    __int128 equity = 0;  // besides the book's
    __int128 long_value = 0;
    __int128 short_value = 0;
    __int128 initial = 0;
    __int128 maintenance = 0;
    bool known = true;
    bool forbidden = false;
};

/// What a position needs, added to the sums.
void MarginModel::add(Sums& sums, const AccountBook& book, AccountId a, InstrumentId i,
                      Quantity position, Price mark) const {
    if (position.is_zero()) return;
    const Instrument& instrument = instruments_[i];
    const bool is_long = position.is_positive();
    const Quantity size = absolute(position);
    const auto in_base = [&](Result<Money, NumberError> amount) {
        const auto base = amount ? book.in_base(a, instrument.currency, *amount) : std::nullopt;
        if (!base) sums.known = false;
        return base.value_or(Money::zero());
    };
    const auto part = [&](Money value, Ratio rate) {
        // Of a negative price, what could be lost is no less.
        const auto x = scale(Money::from_raw(std::abs(value.raw())), rate);
        if (!x) sums.known = false;
        return x ? magnitude(*x) : 0;
    };
    const Money value = in_base(notional(mark, size, instrument.multiplier));
    (is_long ? sums.long_value : sums.short_value) += value.raw();

    MarginRates rates = rules_.house[static_cast<std::size_t>(instrument.asset_class)];
    const AccountConfig::Margin model = models_[a.value];
    if (model == AccountConfig::Margin::kCash) {
        rates = {percent(100), percent(100), percent(100), percent(100)};
        sums.forbidden = sums.forbidden || !is_long;
    }
    const bool reg_t = model == AccountConfig::Margin::kRegT && is_stock(instrument.asset_class);
    if (reg_t) {
        const bool low = mark < kLowPrice;
        rates = {percent(50), percent(25), percent(50), percent(low ? 100 : 30)};
    }
    const __int128 initial = part(value, is_long ? rates.initial_long : rates.initial_short);
    __int128 maintenance = part(value, is_long ? rates.maintenance_long : rates.maintenance_short);
    if (reg_t && !is_long) {
        const Price least = mark < kLowPrice ? kLeastLow : kLeastHigh;
        const Money by_share = in_base(notional(least, size, instrument.multiplier));
        maintenance = std::max(maintenance, magnitude(by_share));
    }
    // What is needed to keep a position is needed to open it, too.
    sums.initial += std::max(initial, maintenance);
    sums.maintenance += maintenance;
}

void MarginModel::add_instrument(Sums& sums, const AccountBook& book, AccountId a, InstrumentId i,
                                 const MarginOrder* order) const {
    const Price mark = book.mark(i).value_or(order != nullptr ? order->price : Price::zero());
    const Quantity change = order == nullptr            ? Quantity::zero()
                            : order->side == Side::kBuy ? order->quantity
                                                        : -order->quantity;
    const auto moved = [&](Quantity q, Quantity by) {
        std::int64_t raw = 0;
        if (__builtin_add_overflow(q.raw(), by.raw(), &raw)) sums.known = false;
        return Quantity::from_raw(raw);
    };
    if (order != nullptr) {
        // Bought above the mark is lost at once, and the other way round.
        const auto& instrument = instruments_[i];
        const auto paid = notional(order->price, change, instrument.multiplier);
        const auto worth = notional(mark, change, instrument.multiplier);
        const auto fits = paid && worth;
        std::int64_t gain = 0;
        if (!fits || __builtin_sub_overflow(worth->raw(), paid->raw(), &gain)) {
            sums.known = false;
        } else {
            const auto base = book.in_base(a, instrument.currency, Money::from_raw(gain));
            if (!base) sums.known = false;
            sums.equity += base.value_or(Money::zero()).raw();
        }
    }
    if (book.book(a) == AccountConfig::Book::kNetting) {
        add(sums, book, a, i, moved(book.position(a, i), change), mark);
        return;
    }
    for (std::uint16_t n = 0; n < book.strategies(); ++n) {
        const StrategyId s{n};
        const bool orders = order != nullptr && order->strategy == s;
        if (book.account_of(s) != a && !orders) continue;
        const Quantity own =
            book.account_of(s) == a ? book.strategy_position(s, i) : Quantity::zero();
        add(sums, book, a, i, moved(own, orders ? change : Quantity::zero()), mark);
    }
}

MarginState MarginModel::sum(const AccountBook& book, AccountId a, const MarginOrder* order) const {
    FERMATA_ASSERT(book.contains(a) && a.value < models_.size());
    Sums sums;
    sums.known = book.equity_known(a);
    sums.equity = book.equity(a).raw();
    for (std::uint32_t n = 0; n < instruments_.size(); ++n) {
        const InstrumentId i{n};
        add_instrument(sums, book, a, i,
                       order != nullptr && order->instrument == i ? order : nullptr);
    }
    const AccountConfig::Margin model = models_[a.value];
    // Whoever owes cash or is short needs the minimum, but no more than what is held has cost.
    if (model != AccountConfig::Margin::kCash && sums.initial > 0) {
        const bool owes = sums.short_value > 0 || sums.long_value > sums.equity;
        const __int128 least =
            sums.short_value > 0 ? __int128{rules_.minimum_equity.raw()}
                                 : std::min<__int128>(rules_.minimum_equity.raw(), sums.long_value);
        if (owes) sums.initial = std::max(sums.initial, least);
    }
    MarginState state;
    state.known = sums.known;
    state.forbidden = sums.forbidden;
    const auto money = [&](__int128 raw) {
        if (raw > Money::max().raw() || raw < Money::min().raw()) {
            state.known = false;
            return Money::zero();
        }
        return Money::from_raw(static_cast<std::int64_t>(raw));
    };
    state.equity = money(sums.equity);
    state.long_value = money(sums.long_value);
    state.short_value = money(sums.short_value);
    state.initial = money(sums.initial);
    state.maintenance = money(sums.maintenance);
    state.excess = money(sums.equity - sums.initial);
    state.cushion = money(sums.equity - sums.maintenance);
    if (state.excess.is_positive()) {
        __int128 power = state.excess.raw();
        const Ratio rate = rules_.house[static_cast<std::size_t>(AssetClass::kEquity)].initial_long;
        if (model == AccountConfig::Margin::kRegT) power *= kRegTBuying;
        if (model == AccountConfig::Margin::kHouse) {
            power = rate.is_positive() ? power * Ratio::kOne / rate.raw() : Money::max().raw();
        }
        state.buying_power = Money::from_raw(
            static_cast<std::int64_t>(std::min<__int128>(power, Money::max().raw())));
    }
    return state;
}

std::optional<Money> MarginModel::opening(const AccountBook& book, AccountId a, InstrumentId i,
                                          Quantity position, Price price) const {
    Sums sums;
    add(sums, book, a, i, position, price);
    if (!sums.known || sums.initial > Money::max().raw()) return std::nullopt;
    return Money::from_raw(static_cast<std::int64_t>(sums.initial));
}

std::optional<Money> MarginModel::keeping(const AccountBook& book, AccountId a, InstrumentId i,
                                          Quantity position, Price price) const {
    Sums sums;
    add(sums, book, a, i, position, price);
    if (!sums.known || sums.maintenance > Money::max().raw()) return std::nullopt;
    return Money::from_raw(static_cast<std::int64_t>(sums.maintenance));
}

MarginState MarginModel::state(const AccountBook& book, AccountId a) const {
    return sum(book, a, nullptr);
}

MarginState MarginModel::after(const AccountBook& book, AccountId a,
                               const MarginOrder& order) const {
    FERMATA_ASSERT(order.quantity.is_positive() && instruments_.contains(order.instrument));
    return sum(book, a, &order);
}

bool MarginModel::allows(const AccountBook& book, AccountId a, const MarginOrder& order) const {
    const MarginState before = state(book, a);
    const MarginState then = after(book, a, order);
    if (!then.known) return false;
    if (then.forbidden && (!before.forbidden || then.short_value > before.short_value)) {
        return false;
    }
    return !then.excess.is_negative() || (before.known && then.excess >= before.excess);
}

}  // namespace fermata
