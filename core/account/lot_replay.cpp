#include "core/account/lot_replay.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

constexpr StrategyId kAll{0xffff};
constexpr std::int64_t kDayNs = 86'400'000'000'000;

/// The share of `left` that falls on `part` of `whole` units; the rest stays in it.
Money take_share(Money& left, Quantity part, Quantity whole) {
    const Money share = cost_share(left, part, whole);
    left -= share;
    return share;
}

bool has_wash_sales(AssetClass c) {
    return c == AssetClass::kEquity || c == AssetClass::kEtf || c == AssetClass::kBond ||
           c == AssetClass::kOption;
}

Quantity border_of(Quantity units, Quantity after, Quantity before) {
    return Quantity::from_raw(
        static_cast<std::int64_t>(static_cast<__int128>(units.raw()) * after.raw() / before.raw()));
}

}  // namespace

LotReplay::Key LotReplay::key(const FillToBook& fill) const {
    const bool hedging = accounts_[fill.account.value].book == AccountConfig::Book::kHedging;
    return {fill.instrument, fill.account, hedging ? fill.strategy : kAll};
}

Date LotReplay::day(InstrumentId i, Timestamp ts) const {
    if (rules_.day) return rules_.day(i, ts);
    const std::int64_t days = ts.ns / kDayNs - (ts.ns % kDayNs < 0 ? 1 : 0);
    return {static_cast<std::int32_t>(days)};
}

WashSales* LotReplay::washes(const TaxLot& lot) {
    if (!rules_.wash_sales || !has_wash_sales(instruments_[lot.instrument].asset_class)) {
        return nullptr;
    }
    const std::uint16_t taxpayer =
        rules_.taxpayers.empty() ? std::uint16_t{0} : rules_.taxpayers[lot.account.value];
    return &washes_[{lot.instrument, taxpayer, lot.side}];
}

void LotReplay::fill(const LotLedger::Entry& entry) {
    const FillToBook& f = entry.fill;
    const Instrument& instrument = instruments_[f.instrument];
    const auto value = notional(f.price, f.quantity, instrument.multiplier);
    if (!value) return;  // it cannot have been booked
    Position& position = positions_[key(f)];
    const FillParts parts = parts_of(position.quantity, f.side, f.quantity, *value);
    Money fee = rules_.fees_in_basis && f.fee_currency == instrument.currency ? f.fee : Money{};
    if (parts.closing.is_positive()) {
        Disposal disposal{
            f.ts,          f.strategy,       entry.number,
            parts.closing, parts.close_flow, take_share(fee, parts.closing, f.quantity)};
        const std::size_t first = closed_.size();
        close(position, parts.closing, disposal, f.lot);
        look_for_losses(first);
    }
    position.quantity += f.side == Side::kBuy ? f.quantity : -f.quantity;
    if (parts.opening.is_positive()) open(position, entry, parts.opening, parts.open_flow, fee);
}

void LotReplay::open(Position& position, const LotLedger::Entry& entry, Quantity quantity,
                     Money flow, Money fee) {
    const FillToBook& f = entry.fill;
    const Date today = day(f.instrument, f.ts);
    TaxLot& lot = lots_.emplace_back();
    lot.account = f.account;
    lot.instrument = f.instrument;
    lot.strategy = f.strategy;
    lot.side = f.side;
    lot.id = entry.number;
    lot.purchase = entry.number;
    if (entry.order.value != 0) {
        lot.purchase = purchases_.emplace(std::pair(entry.order.value, today.days), entry.number)
                           .first->second;
    }
    lot.opened = f.ts;
    lot.opened_on = today;
    lot.quantity = quantity;
    lot.cost = flow;
    lot.fees = fee;
    lot.tranches.push_back({quantity, Money::zero(), today, false});
    auto at = position.lots.end();
    switch (accounts_[f.account.value].lots) {
        case LotMethod::kFifo:
        case LotMethod::kSpecific:
            break;
        case LotMethod::kLifo:
            at = position.lots.begin();
            break;
        case LotMethod::kHifo:
            at = std::ranges::find_if(position.lots, [&](const TaxLot* other) {
                return static_cast<__int128>(other->cost.raw()) * quantity.raw() <
                       static_cast<__int128>(flow.raw()) * other->quantity.raw();
            });
            break;
    }
    position.lots.insert(at, &lot);
    if (WashSales* w = washes(lot)) w->opened(lot, closed_);
}

void LotReplay::close(Position& position, Quantity quantity, Disposal& disposal,
                      std::uint32_t named) {
    while (quantity.is_positive()) {
        FERMATA_ASSERT(!position.lots.empty());
        auto at =
            named == 0 ? position.lots.end() : std::ranges::find(position.lots, named, &TaxLot::id);
        if (at != position.lots.end()) named_.insert(disposal.fill);
        named = 0;
        if (at == position.lots.end()) at = position.lots.begin();
        TaxLot& lot = **at;
        const Quantity part = std::min(quantity, lot.quantity);
        close_part(lot, part, disposal);
        quantity -= part;
        if (lot.quantity.is_zero()) position.lots.erase(at);
    }
}

void LotReplay::close_part(TaxLot& lot, Quantity quantity, Disposal& disposal) {
    Money cost = take_share(lot.cost, quantity, lot.quantity);
    Money fees = take_share(lot.fees, quantity, lot.quantity);
    Money flow = take_share(disposal.flow, quantity, disposal.left);
    Money fee = take_share(disposal.fee, quantity, disposal.left);
    disposal.left -= quantity;
    lot.quantity -= quantity;
    const Date today = day(lot.instrument, disposal.ts);
    while (quantity.is_positive()) {
        Tranche& t = lot.tranches.front();
        const Quantity part = std::min(quantity, t.quantity);
        ClosedLot c;
        c.account = lot.account;
        c.instrument = lot.instrument;
        c.opened_by = lot.strategy;
        c.closed_by = disposal.strategy;
        c.side = lot.side;
        c.lot = lot.id;
        c.purchase = lot.purchase;
        c.fill = disposal.fill;
        c.quantity = part;
        c.opened = lot.opened;
        c.closed = disposal.ts;
        c.opened_on = lot.opened_on;
        c.closed_on = today;
        c.provisional_until = today;
        c.holding_start = t.holding_start;
        c.adjustment = take_share(t.adjustment, part, t.quantity);
        const Money opening = take_share(cost, part, quantity) + take_share(fees, part, quantity);
        const Money closing = take_share(flow, part, quantity) + take_share(fee, part, quantity);
        if (lot.side == Side::kBuy) {
            c.proceeds = -closing;
            c.basis = opening + c.adjustment;
            c.term = term_of(c.holding_start, today);
        } else {
            // What closes a short sale was bought to close it: short-term (26 CFR 1.1233-1(a)(3)).
            c.proceeds = -opening;
            c.basis = closing + c.adjustment;
        }
        closed_.push_back(c);
        quantity -= part;
        t.quantity -= part;
        if (t.quantity.is_zero()) lot.tranches.erase(lot.tranches.begin());
    }
}

void LotReplay::look_for_losses(std::size_t from) {
    for (std::size_t n = from; n < closed_.size(); ++n) {
        if (closed_[n].proceeds >= closed_[n].basis) continue;
        TaxLot like;
        like.account = closed_[n].account;
        like.instrument = closed_[n].instrument;
        like.side = closed_[n].side;
        if (WashSales* w = washes(like)) w->lost(n, closed_);
    }
}

void LotReplay::split(const LotLedger::Entry& entry) {
    const InstrumentId i = entry.fill.instrument;
    for (auto at = positions_.lower_bound({i, AccountId{0}, StrategyId{0}});
         at != positions_.end() && std::get<0>(at->first) == i; ++at) {
        if (!at->second.quantity.is_zero()) {
            split_position(at->second, std::get<1>(at->first), entry);
        }
    }
    for (auto& [key, w] : washes_) {
        if (std::get<0>(key) == i) w.split(entry.action.numerator, entry.action.denominator);
    }
}

void LotReplay::split_position(Position& position, AccountId a, const LotLedger::Entry& entry) {
    const Instrument& instrument = instruments_[entry.fill.instrument];
    const auto adjusted = adjust_position(entry.action, position.quantity, instrument.lot,
                                          instrument.multiplier, Price::zero());
    if (!adjusted) return;  // neither was it booked
    const auto parts = parts_of(position.quantity, entry.action, *adjusted);
    if (!parts) return;
    if (!parts->exact.is_zero()) rescale(position, parts->before, parts->exact);
    position.quantity = parts->after;
    const Quantity sold = parts->exact.is_zero() ? parts->before : parts->fraction;
    const bool netting = accounts_[a.value].book == AccountConfig::Book::kNetting;
    const auto in_lieu = std::ranges::find_if(entry.in_lieu, [&](const LotLedger::InLieu& c) {
        return netting && c.account == a && c.after == parts->after;
    });
    if (sold.is_zero()) return;
    Disposal disposal{entry.fill.ts, StrategyId{0xffff}, 0, sold, Money::zero(), Money::zero()};
    if (in_lieu != entry.in_lieu.end()) {
        disposal.flow = -in_lieu->cash;
    } else {
        Quantity rest = sold;  // at cost
        for (const TaxLot* lot : position.lots) {
            const Quantity part = std::min(rest, lot->quantity);
            disposal.flow -= cost_share(lot->cost, part, lot->quantity);
            rest -= part;
            if (rest.is_zero()) break;
        }
    }
    const std::size_t first = closed_.size();
    close(position, sold, disposal, 0);
    look_for_losses(first);
}

/// As LotPool::rescale.
void LotReplay::rescale(Position& position, Quantity before, Quantity after) {
    Quantity old_border, new_border;
    Money cost, fees, adjustment;  // of lots that vanished
    for (auto at = position.lots.begin(); at != position.lots.end();) {
        TaxLot& lot = **at;
        const Quantity old = lot.quantity;
        old_border += old;
        const Quantity border = border_of(old_border, after, before);
        lot.quantity = border - new_border;
        new_border = border;
        lot.cost += cost;
        lot.fees += fees;
        lot.tranches.front().adjustment += adjustment;
        cost = fees = adjustment = Money::zero();
        if (lot.quantity.is_positive()) {
            rescale_tranches(lot, old);
            ++at;
            continue;
        }
        cost = lot.cost;
        fees = lot.fees;
        for (const Tranche& t : lot.tranches) adjustment += t.adjustment;
        lot.tranches.clear();
        at = position.lots.erase(at);
    }
    FERMATA_ASSERT(new_border == after && cost.is_zero() && adjustment.is_zero());
}

void LotReplay::rescale_tranches(TaxLot& lot, Quantity before) {
    Quantity old_border, new_border;
    Money carried;
    std::vector<Tranche> tranches;
    for (Tranche t : lot.tranches) {
        old_border += t.quantity;
        const Quantity border = border_of(old_border, lot.quantity, before);
        t.quantity = border - new_border;
        new_border = border;
        t.adjustment += carried;
        carried = Money::zero();
        if (t.quantity.is_zero()) {
            carried = t.adjustment;
        } else {
            tranches.push_back(t);
        }
    }
    lot.tranches = std::move(tranches);
}

LotReport LotReplay::finish() {
    LotReport report;
    for (const TaxLot& lot : lots_) {
        for (const Tranche& t : lot.tranches) {
            OpenLot o;
            o.account = lot.account;
            o.instrument = lot.instrument;
            o.strategy = lot.strategy;
            o.side = lot.side;
            o.lot = lot.id;
            o.quantity = t.quantity;
            o.opened = lot.opened;
            o.opened_on = lot.opened_on;
            o.holding_start = t.holding_start;
            o.adjustment = t.adjustment;
            report.open.push_back(o);
        }
        Money cost = lot.cost + lot.fees;
        Quantity left = lot.quantity;
        // One share after the other, so that they sum up to the lot's.
        for (std::size_t n = lot.tranches.size(); n > 0; --n) {
            OpenLot& o = report.open[report.open.size() - n];
            const Money share = take_share(cost, o.quantity, left);
            left -= o.quantity;
            o.basis = (lot.side == Side::kBuy ? share + o.adjustment : -share - o.adjustment);
        }
    }
    std::ranges::stable_sort(report.open, {}, [](const OpenLot& o) {
        return std::tuple(o.account, o.instrument, o.lot);
    });
    report.closed = std::move(closed_);
    for (const auto& [fill, lot] : rules_.identified) {
        if (!named_.contains(fill)) report.unmet.push_back(fill);
    }
    return report;
}

}  // namespace fermata
