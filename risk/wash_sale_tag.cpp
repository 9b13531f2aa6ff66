#include "risk/wash_sale_tag.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

std::int32_t day_of_time(Timestamp t) noexcept {
    const std::int64_t day = t.ns / kDayNs - (t.ns % kDayNs < 0 ? 1 : 0);
    return static_cast<std::int32_t>(day);
}

/// amount x part / whole, whole > 0.
std::int64_t share(std::int64_t amount, std::int64_t part, std::int64_t whole) noexcept {
    return static_cast<std::int64_t>(static_cast<__int128>(amount) * part / whole);
}
std::int64_t clamp(__int128 v) noexcept {
    constexpr __int128 most = Money::max().raw();
    return static_cast<std::int64_t>(std::clamp<__int128>(v, 0, most));
}

/// Adds to a day and to the sum of all, as far as the sum has room.
void add(std::int64_t& day, std::int64_t& sum, std::int64_t amount) noexcept {
    const std::int64_t more = std::min(amount, Money::max().raw() - sum);
    day += more;
    sum += more;
}

bool is_taxable(AssetClass c) noexcept {
    return c == AssetClass::kEquity || c == AssetClass::kEtf || c == AssetClass::kBond ||
           c == AssetClass::kOption;
}

}  // namespace

WashSaleTag::WashSaleTag(const LimitTable& limits, const InstrumentTable& instruments,
                         std::span<const std::uint16_t> taxpayers, std::size_t accounts)
    : on_(limits.anywhere(LimitId::kWashSale)), taxpayers_(accounts) {
    if (!on_) return;
    std::size_t owners = 1;
    for (std::size_t a = 0; a < std::min(accounts, taxpayers.size()); ++a) {
        taxpayers_[a] = taxpayers[a];
        owners = std::max<std::size_t>(owners, taxpayers[a] + std::size_t{1});
    }
    for (const Instrument& i : instruments.all()) {
        taxable_.push_back(is_taxable(i.asset_class) ? 1 : 0);
    }
    slots_.resize(owners * taxable_.size());
}

void WashSaleTag::advance(Slot& s, Timestamp now) noexcept {
    const std::int32_t today = day_of_time(now);
    if (today <= s.today) [[likely]]
        return;
    // The place of a day is that of the day that leaves the window.
    for (std::int32_t d = std::max(s.today + 1, today - kDays + 1); d <= today; ++d) {
        Day& old = day(s, d);
        s.sum.lost_quantity -= old.lost_quantity;
        s.sum.lost -= old.lost;
        s.sum.bought -= old.bought;
        old = Day{};
    }
    s.today = today;
}

void WashSaleTag::use_losses(Slot& s, std::int64_t quantity) noexcept {
    for (std::int32_t d = s.today - kDays + 1; quantity > 0 && d <= s.today; ++d) {
        Day& x = day(s, d);
        const std::int64_t used = std::min(x.lost_quantity, quantity);
        if (used == 0) continue;
        const std::int64_t amount = share(x.lost, used, x.lost_quantity);
        x.lost_quantity -= used;
        x.lost -= amount;
        s.sum.lost_quantity -= used;
        s.sum.lost -= amount;
        quantity -= used;
    }
}

void WashSaleTag::use_purchases(Slot& s, std::int64_t quantity) noexcept {
    for (std::int32_t d = s.today - kDays + 1; quantity > 0 && d <= s.today; ++d) {
        Day& x = day(s, d);
        const std::int64_t used = std::min(x.bought, quantity);
        x.bought -= used;
        s.sum.bought -= used;
        quantity -= used;
    }
}

void WashSaleTag::on_fill(const FillData& fill, InstrumentId i, Timestamp now) noexcept {
    if (!on_ || i.value >= taxable_.size() || taxable_[i.value] == 0 ||
        fill.account.value >= taxpayers_.size()) {
        return;
    }
    Slot& s = slot(fill.account, i);
    advance(s, now);
    const std::int64_t after = fill.position_after.raw(), quantity = fill.quantity.raw();
    if (fill.side == Side::kBuy) {
        const std::int64_t opened = std::min(quantity, std::max<std::int64_t>(after, 0));
        const std::int64_t replaces = std::min(opened, s.sum.lost_quantity);
        use_losses(s, replaces);
        add(day(s, s.today).bought, s.sum.bought, opened - replaces);
        s.held = clamp(static_cast<__int128>(s.held) + opened);
        return;
    }
    const std::int64_t before = static_cast<std::int64_t>(
        std::min<__int128>(static_cast<__int128>(after) + quantity, Quantity::max().raw()));
    const std::int64_t closed = std::min(quantity, std::max<std::int64_t>(before, 0));
    s.held = std::max<std::int64_t>(s.held - closed, 0);
    if (closed == 0 || !fill.realized.is_negative()) return;
    const std::int64_t replaced = std::min({closed, s.sum.bought, s.held});
    use_purchases(s, replaced);
    const std::int64_t open = closed - replaced;
    const std::int64_t lost =
        share(clamp(-static_cast<__int128>(fill.realized.raw())), open, closed);
    Day& today = day(s, s.today);
    add(today.lost_quantity, s.sum.lost_quantity, open);
    add(today.lost, s.sum.lost, lost);
}

void WashSaleTag::on_split(InstrumentId i, const CorporateActionData& split) noexcept {
    if (!on_ || i.value >= taxable_.size() || split.kind != CorporateActionKind::kSplit ||
        split.denominator <= 0) {
        return;
    }
    const auto scale = [&](std::int64_t& quantity) {
        quantity = clamp(static_cast<__int128>(quantity) * split.numerator / split.denominator);
    };
    for (std::size_t n = i.value; n < slots_.size(); n += taxable_.size()) {
        Slot& s = slots_[n];
        scale(s.held);
        s.sum.lost_quantity = s.sum.bought = 0;
        for (Day& d : s.days) {
            scale(d.lost_quantity);
            scale(d.bought);
            s.sum.lost_quantity += d.lost_quantity;
            s.sum.bought += d.bought;
        }
    }
}

std::optional<AlertData> WashSaleTag::judge(const Request& r,
                                            const AccountBook& accounts) noexcept {
    if (!applies(r) || r.is_parent()) return std::nullopt;
    Slot& s = slot(r.account, r.instrument_id);
    advance(s, r.now);
    const WideQuantity more = r.open_after - r.open_before;
    if (more <= 0 || more > Quantity::max().raw()) return std::nullopt;
    const auto quantity = static_cast<std::int64_t>(more);
    const std::int64_t position = r.position.raw();
    std::int64_t replaced = 0, disallowed = 0;
    if (r.side == Side::kBuy) {
        if (s.sum.lost_quantity == 0) return std::nullopt;
        // What buys back a short position replaces nothing.
        const WideQuantity opened = std::min(more, std::max<WideQuantity>(position + more, 0));
        replaced = std::min(static_cast<std::int64_t>(opened), s.sum.lost_quantity);
        disallowed = share(s.sum.lost, replaced, s.sum.lost_quantity);
    } else {
        if (s.sum.bought == 0 || position <= 0 || r.mark == nullptr) return std::nullopt;
        const std::int64_t closed = std::min(quantity, position);
        const Price price = r.is_limit() ? std::max(r.price, r.reference) : r.reference;
        const auto proceeds = notional(price, Quantity::from_raw(closed), r.instrument->multiplier);
        if (!proceeds) return std::nullopt;
        const Money cost = accounts.cost(r.account, r.instrument_id, CostMethod::kAverage);
        const std::int64_t loss =
            clamp(static_cast<__int128>(share(cost.raw(), closed, position)) - proceeds->raw());
        replaced = std::min({closed, s.sum.bought, std::max<std::int64_t>(s.held - closed, 0)});
        disallowed = share(loss, replaced, closed);
    }
    if (disallowed <= 0 || disallowed < r.limits->raw(LimitId::kWashSale)) return std::nullopt;
    AlertData alert;
    alert.code = AlertCode::kWashSale;
    alert.order_id = r.order_id;
    alert.strategy = r.strategy;
    alert.account = r.account;
    alert.detail[0] = replaced;
    alert.detail[1] = disallowed;
    return alert;
}

}  // namespace fermata
