#include "risk/portfolio_weights.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "risk/exact_rows.hpp"

namespace fermata {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr unsigned kEquityBits = 26;
constexpr unsigned kUnitBitsMin = 64;

/// The largest times that a unit must hold, and no more.
unsigned unit_bits_for(Money equity) noexcept {
    const Value value = to_value(equity);
    const auto high = static_cast<std::uint64_t>(value >> 64);
    const unsigned width =
        high != 0 ? 128 - static_cast<unsigned>(std::countl_zero(high)) : kUnitBitsMin;
    return std::max(kUnitBitsMin, width - kEquityBits);
}

Timestamp end_of_day(Timestamp now) noexcept {
    std::int64_t day = now.ns / kDayNs;
    if (now.ns < 0 && now.ns % kDayNs != 0) --day;
    return Timestamp{(day + 1) * kDayNs};
}

void set_bit(std::vector<std::uint64_t>& bits, std::size_t i, bool on) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << (i % 64);
    bits[i / 64] = on ? bits[i / 64] | bit : bits[i / 64] & ~bit;
}

std::int64_t size(std::int64_t v) noexcept { return v < 0 ? -v : v; }

}  // namespace

PortfolioBook::PortfolioBook(const InstrumentTable& instruments, std::size_t accounts, double fall)
    : instruments_(instruments),
      own_(GateSnapshot::unknown(instruments.size(), fall)),
      repriced_(instruments.size()),
      accounts_(accounts) {
    const std::size_t n = instruments.size();
    const auto prepare = [&](PortfolioWeights& x) {
        x.prices.resize(n);
        x.priced.resize(n);
        x.weights.resize(n);
        x.held.resize(own_.words());
        x.is_noted.assign(n, 1);  // what the books began with
        x.noted.reserve(n);
        for (std::uint32_t i = 0; i < n; ++i) x.noted.push_back(i);
        x.risk.resize(n);
        x.profit.reserve(GateSnapshot::kDaysMax);
        x.scenario.reserve(GateSnapshot::kScenariosMax);
    };
    for (PortfolioWeights& x : accounts_) prepare(x);
    if (accounts > 0) prepare(kept_);
    if (accounts > 0) days_.reserve(GateSnapshot::kDaysMax);
    take_shape();
}

bool PortfolioBook::fits(const GateSnapshot& s) const noexcept {
    return s.instruments == instruments_.size() && s.days <= GateSnapshot::kDaysMax &&
           s.scenarios <= GateSnapshot::kScenariosMax;
}

/// Within the capacity that was reserved.
void PortfolioBook::take_shape() noexcept {
    for (PortfolioWeights& x : accounts_) {
        x.profit.resize(current_->days_stride());
        x.scenario.resize(current_->scenarios_stride());
        x.unit_bits = 0;
    }
}

void PortfolioBook::adopt(const GateSnapshot& s, Timestamp now,
                          const Valuation& valuation) noexcept {
    FERMATA_ASSERT(fits(s));
    current_ = &s;
    std::ranges::fill(repriced_, std::uint8_t{0});
    take_shape();
    for (std::uint16_t a = 0; a < accounts_.size(); ++a) {
        const AccountBook& books = valuation.accounts();
        if (!books.equity_known({a}) || !books.equity({a}).is_positive()) continue;
        // A fault shows in the next request, which builds anew.
        static_cast<void>(build({a}, now, books.equity({a}), valuation));
    }
}

void PortfolioBook::note(AccountId a, InstrumentId i) noexcept {
    if (a.value >= accounts_.size() || i.value >= repriced_.size()) return;
    PortfolioWeights& x = accounts_[a.value];
    if (x.is_noted[i.value] != 0) return;
    x.is_noted[i.value] = 1;
    x.noted.push_back(i.value);  // reserved: never more than there are instruments
}

void PortfolioBook::forget_price(InstrumentId i) noexcept {
    repriced_[i.value] = 1;
    for (std::uint16_t a = 0; a < accounts_.size(); ++a) {
        accounts_[a].priced[i.value] = PortfolioWeights::Priced::kNo;
        note({a}, i);
    }
}

void PortfolioBook::price(AccountId a, InstrumentId i, const Valuation& valuation) noexcept {
    using Priced = PortfolioWeights::Priced;
    PortfolioWeights& x = accounts_[a.value];
    x.priced[i.value] = Priced::kNo;
    Price at = current_->prices[i.value];
    Priced by = Priced::kBySnapshot;
    if (repriced_[i.value] != 0 || at.is_zero()) {
        const Mark* mark = valuation.mark(i);
        if (mark == nullptr) return;
        at = mark->price();
        by = Priced::kByMark;
    }
    auto raw = static_cast<Value>(magnitude(at.raw()));
    const AccountBook& books = valuation.accounts();
    const CurrencyId currency = instruments_[i].currency;
    if (currency != books.base(a)) {
        constexpr std::int64_t kMany = 1'000'000;  // twelve digits of the rate
        const auto rate = books.in_base(a, currency, Money::from_units(kMany));
        if (!rate) return;
        constexpr auto kOne = static_cast<Value>(Money::from_units(kMany).raw());
        raw = (raw * magnitude(rate->raw()) + kOne - 1) / kOne;
    }
    const auto largest = static_cast<Value>(Price::max().raw());
    x.prices[i.value] = Price::from_raw(static_cast<std::int64_t>(std::min(raw, largest)));
    x.priced[i.value] = by;
}

std::int64_t PortfolioBook::weight(const PortfolioWeights& x, InstrumentId i,
                                   WideQuantity quantity) const noexcept {
    const WideQuantity many = quantity < 0 ? -quantity : quantity;
    constexpr std::int64_t kTooMuch = PortfolioWeights::kGrossMax + 1;
    if (many > Quantity::max().raw()) return quantity < 0 ? -kTooMuch : kTooMuch;
    const Value value =
        exact_value(x.prices[i.value], Quantity::from_raw(static_cast<std::int64_t>(many)),
                    instruments_[i].multiplier);
    const Value units = value == kValueMax ? kValueMax : value >> x.unit_bits;
    const auto result = static_cast<std::int64_t>(std::min(units, static_cast<Value>(kTooMuch)));
    return quantity < 0 ? -result : result;
}

PortfolioBook::Weight PortfolioBook::weigh(AccountId a, InstrumentId i, WideQuantity quantity,
                                           const Valuation& valuation) noexcept {
    PortfolioWeights& x = accounts_[a.value];
    if (x.priced[i.value] == PortfolioWeights::Priced::kNo) {
        price(a, i, valuation);
        if (x.priced[i.value] == PortfolioWeights::Priced::kNo) {
            return {0, valuation.mark(i) == nullptr ? Fault::kNoMark : Fault::kUnknownEquity};
        }
    }
    const std::int64_t w = weight(x, i, quantity);
    if (x.gross - size(x.weights[i.value]) + size(w) > PortfolioWeights::kGrossMax) {
        return {0, Fault::kOverflow};
    }
    return {w, Fault::kNone};
}

void PortfolioBook::move(PortfolioWeights& x, std::size_t i, std::int32_t to) noexcept {
    const std::int32_t from = x.weights[i];
    if (from == to) return;
    const GateSnapshot& s = *current_;
    const std::int32_t by = to - from;  // at most twice kGrossMax
    const std::int64_t more = size(to) - size(from);
    x.weights[i] = to;
    x.gross += more;
    if (s.measured[i] != 0) {
        const std::int32_t* row = s.covariance_row(i);
        x.variance += static_cast<__int128>(by) *
                      (2 * static_cast<__int128>(x.risk[i]) + static_cast<__int128>(by) * row[i]);
        // No sum is below -2^61: what is below -2^62 says nothing, and leaves room for a step.
        constexpr std::int64_t kNothing = -(std::int64_t{1} << 62);
        const std::int32_t extreme = (by > 0 ? s.lowest_returns : s.highest_returns)[i];
        x.lowest = std::max(x.lowest + std::int64_t{by} * extreme, kNothing);
        x.lowest_is_exact = false;
        x.tail.reset();
        add_scaled(x.risk.data(), row, by, s.instruments);
        add_scaled(x.profit.data(), s.return_row(i), by, s.days_stride());
    } else {
        x.unmeasured += more;
    }
    const std::int32_t longer = std::max(to, 0) - std::max(from, 0);
    if (longer != 0) add_scaled(x.scenario.data(), s.long_row(i), longer, s.scenarios_stride());
    const std::int32_t shorter = std::min(to, 0) - std::min(from, 0);
    if (shorter != 0) add_scaled(x.scenario.data(), s.short_row(i), shorter, s.scenarios_stride());
}

void PortfolioBook::clear(PortfolioWeights& x) noexcept {
    std::ranges::fill(x.weights, 0);
    std::ranges::fill(x.risk, std::int64_t{0});
    std::ranges::fill(x.profit, std::int64_t{0});
    std::ranges::fill(x.scenario, std::int64_t{0});
    x.gross = x.unmeasured = 0;
    x.variance = 0;
    x.lowest = 0;
    x.lowest_is_exact = true;
    x.tail.reset();
}

void PortfolioBook::keep(AccountId a) noexcept { kept_ = accounts_[a.value]; }

void PortfolioBook::put_back(AccountId a) noexcept { std::swap(accounts_[a.value], kept_); }

void PortfolioBook::tighten(AccountId a) noexcept {
    PortfolioWeights& x = accounts_[a.value];
    if (x.lowest_is_exact) return;
    x.lowest = lowest_of(x.profit.data(), x.profit.size());
    x.lowest_is_exact = true;
}

std::int64_t PortfolioBook::tail_of(AccountId a, std::int64_t allowed) noexcept {
    PortfolioWeights& x = accounts_[a.value];
    if (!x.tail) {
        days_.assign(x.profit.begin(), x.profit.begin() + current_->days);
        const auto decides = days_.begin() + allowed;
        std::ranges::nth_element(days_, decides);
        x.tail = *decides;
    }
    return *x.tail;
}

Fault PortfolioBook::build(AccountId a, Timestamp now, Money equity,
                           const Valuation& valuation) noexcept {
    PortfolioWeights& x = accounts_[a.value];
    clear(x);
    x.unit_bits = unit_bits_for(equity);
    x.priced_until = end_of_day(now);
    for (const std::uint32_t i : x.noted) x.is_noted[i] = 0;
    x.noted.clear();
    bool too_much = false;
    for (std::uint32_t i = 0; i < instruments_.size(); ++i) {
        price(a, {i}, valuation);
        const WideQuantity quantity = signed_worst(valuation.reach(a, {i}));
        set_bit(x.held, i, quantity != 0);
        if (quantity == 0) continue;
        if (x.priced[i] == PortfolioWeights::Priced::kNo) {
            note(a, {i});
            continue;
        }
        const std::int64_t to = weight(x, {i}, quantity);
        too_much = too_much || x.gross + size(to) > PortfolioWeights::kGrossMax;
        if (!too_much) move(x, i, static_cast<std::int32_t>(to));
    }
    if (too_much) {
        x.unit_bits = 0;
        return Fault::kOverflow;
    }
    return x.noted.empty() ? Fault::kNone : Fault::kNoMark;
}

void PortfolioBook::price_by_marks_again(AccountId a, Timestamp now,
                                         const Valuation& valuation) noexcept {
    PortfolioWeights& x = accounts_[a.value];
    x.priced_until = end_of_day(now);
    for (std::uint32_t i = 0; i < instruments_.size(); ++i) {
        if (x.priced[i] == PortfolioWeights::Priced::kBySnapshot) continue;
        price(a, {i}, valuation);
        note(a, {i});
    }
}

Fault PortfolioBook::settle(const Request& r, const Valuation& valuation) noexcept {
    PortfolioWeights& x = accounts_[r.account.value];
    if (x.unit_bits != 0 && r.now >= x.priced_until) [[unlikely]] {
        if (current_->number == 0) {
            x.unit_bits = 0;  // without rows it is cheap to build all anew
        } else {
            price_by_marks_again(r.account, r.now, valuation);
        }
    }
    // What is valued at marks is valued at the newest whenever more of it is asked for, so that a
    // mark that made no sense, a stub quote's, does not stay.
    const InstrumentId asked = r.instrument_id;
    if (x.unit_bits != 0 && x.priced[asked.value] == PortfolioWeights::Priced::kByMark) {
        const Price before = x.prices[asked.value];
        price(r.account, asked, valuation);
        if (x.prices[asked.value] != before) note(r.account, asked);
    }
    std::size_t kept = 0;
    bool too_much = false;
    for (const std::uint32_t i : x.noted) {
        const WideQuantity quantity = signed_worst(valuation.reach(r.account, {i}));
        set_bit(x.held, i, quantity != 0);
        if (x.unit_bits == 0) {
            x.is_noted[i] = 0;
            continue;
        }
        const Weight to = quantity == 0 ? Weight{} : weigh(r.account, {i}, quantity, valuation);
        if (to.fault == Fault::kOverflow) too_much = true;
        if (to.fault == Fault::kNone) {
            move(x, i, static_cast<std::int32_t>(to.value));
            x.is_noted[i] = 0;
        } else {
            x.noted[kept++] = i;
        }
    }
    x.noted.resize(kept);
    if (too_much) x.unit_bits = 0;
    if (!r.knows_equity) return Fault::kUnknownEquity;
    if (x.unit_bits == 0) {
        if (!r.equity.is_positive()) return Fault::kUnknownEquity;
        return build(r.account, r.now, r.equity, valuation);
    }
    return kept == 0 ? Fault::kNone : Fault::kNoMark;
}

void PortfolioWeights::persist(StateArchive& a) {
    std::uint64_t bits = unit_bits;
    a(bits, prices);
    for (Priced& p : priced) a(choice(p, kPricedCount));
    a(weights, held, is_noted);
    a.sized(noted, prices.size());
    a(priced_until);
    if (!a.reading() || !a.ok()) return;
    unit_bits = static_cast<unsigned>(bits);
    a.require(bits == 0 || (bits >= kUnitBitsMin && bits < 128), "a unit is out of range");
    std::int64_t sizes = 0;
    for (std::size_t i = 0; i < weights.size() && a.ok(); ++i) {
        sizes += size(weights[i]);
        a.require(sizes <= kGrossMax && !prices[i].is_negative(), "a weight is out of range");
        a.require(is_noted[i] <= 1, "an instrument is neither noted nor not");
    }
    std::vector<std::uint8_t> listed(weights.size());
    for (const std::uint32_t i : noted) {
        if (!a.require(i < listed.size() && listed[i] == 0, "an instrument is noted twice")) return;
        listed[i] = 1;
    }
    a.require(listed == is_noted, "what is noted is not listed");
    const std::size_t last = weights.size() % 64;
    a.require(last == 0 || held.back() >> last == 0, "an instrument that is held is not known");
}

void PortfolioBook::persist(StateArchive& a) {
    std::uint64_t number = current_->number;
    a(number);
    if (number != 0) {
        if (a.reading()) {
            own_.persist(a);
            if (!a.require(own_.number == number && fits(own_),
                           "a risk snapshot is of another run")) {
                return;
            }
            take_shape();
        } else {
            GateSnapshot copy = *current_;
            copy.persist(a);
        }
    }
    a(repriced_, accounts_);
    if (!a.reading() || !a.ok()) return;
    // The sums follow from the weights.
    for (PortfolioWeights& x : accounts_) {
        const std::vector<std::int32_t> weights = x.weights;
        clear(x);
        for (std::size_t i = 0; i < weights.size(); ++i) move(x, i, weights[i]);
    }
}

}  // namespace fermata
