#include "risk/sector.hpp"

#include <map>
#include <string_view>

#include "risk/share_limit.hpp"

namespace fermata {

SectorExposure::SectorExposure(const LimitTable& limits, const InstrumentTable& instruments,
                               const AccountBook& accounts)
    : sector_of_(instruments.size(), kNone), any_(limits.anywhere(LimitId::kSector)) {
    if (!any_) return;
    std::map<std::string_view, std::uint32_t> ids;  // numbered by the first instrument of each
    for (const Instrument& i : instruments.all()) {
        if (i.sector.empty()) continue;
        const auto [found, is_new] =
            ids.try_emplace(i.sector, static_cast<std::uint32_t>(members_.size()));
        if (is_new) members_.emplace_back();
        members_[found->second].push_back(i.id);
        sector_of_[i.id.value] = found->second;
    }
    sums_.resize(accounts.accounts() * members_.size());
    slots_.resize(accounts.accounts() * instruments.size());
    for (std::size_t n = 0; n < accounts.accounts(); ++n) {
        const AccountId a{static_cast<std::uint16_t>(n)};
        for (const Instrument& i : instruments.all()) {
            const std::uint32_t s = sector_of_[i.id.value];
            if (s != kNone && i.currency != accounts.base(a)) sector(a, s).mixed = true;
        }
    }
}

void SectorExposure::put(AccountId a, InstrumentId i, std::uint32_t s, Value worst) noexcept {
    Sector& sum = sector(a, s);
    Value& mine = slot(a, i);
    // A saturated sum no longer knows its parts: the next check values them anew.
    if (sum.bound == kValueMax) sum.refreshed = Timestamp::min();
    sum.bound = saturating_add(saturating_subtract(sum.bound, mine), worst);
    mine = worst;
}

void SectorExposure::revalue(InstrumentId i, const Valuation& valuation) noexcept {
    if (!any_) return;
    const std::uint32_t s = sector_of_[i.value];
    if (s == kNone) return;
    for (std::size_t n = 0; n < valuation.accounts().accounts(); ++n) {
        const AccountId a{static_cast<std::uint16_t>(n)};
        const WideQuantity worst = valuation.reach(a, i).worst();
        if (worst == 0 && slot(a, i) == 0) continue;
        put(a, i, s, valuation.value_at_mark(a, i, worst).value);
    }
}

Valued SectorExposure::refresh(AccountId a, std::uint32_t s, InstrumentId left_out, Timestamp now,
                               const Valuation& valuation) noexcept {
    Sector& sum = sector(a, s);
    sum.bound = 0;
    sum.refreshed = now;
    Valued exact{0, Fault::kNone};
    for (const InstrumentId i : members_[s]) {
        // A value that cannot be told is the largest.
        const Valued worst = valuation.value_at_mark(a, i, valuation.reach(a, i).worst());
        slot(a, i) = worst.value;
        sum.bound = saturating_add(sum.bound, worst.value);
        if (i != left_out) exact = sum_of(exact, worst);
    }
    return exact;
}

Valued SectorExposure::exact(AccountId a, std::uint32_t s, InstrumentId left_out,
                             const Valuation& valuation) const noexcept {
    Valued sum{0, Fault::kNone};
    for (const InstrumentId i : members_[s]) {
        if (i == left_out) continue;
        sum = sum_of(sum, valuation.value_at_mark(a, i, valuation.reach(a, i).worst()));
    }
    return sum;
}

void SectorExposure::check(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    if (!r.limits->on(LimitId::kSector)) return;
    out.checked(ControlId::kSector);
    const std::uint32_t s = sector_of_[r.instrument_id.value];
    if (s == kNone || !r.increases()) return;
    const Valued own =
        valuation.value_at_mark(r.account, r.instrument_id, r.reach(r.open_after).worst());
    const Sector& sum = sector(r.account, s);
    if (own.fault == Fault::kNone && r.knows_equity && sum.bound != kValueMax) {
        const bool recent = sum.refreshed != Timestamp::min() && r.now >= sum.refreshed &&
                            (!sum.mixed || r.now - sum.refreshed < kRefreshEvery);
        const Value others = saturating_subtract(sum.bound, slot(r.account, r.instrument_id));
        const Ratio share = r.limits->ratio(LimitId::kSector);
        const Valued bound{saturating_add(own.value, others), Fault::kNone};
        if (recent && within_share(bound.value, share, r.equity)) {
            if (out.explains()) [[unlikely]]
                compare_with_equity(ControlId::kSector, Scope::kAccount, LimitId::kSector, bound, r,
                                    out);
            return;
        }
        if (!out.reports(ControlId::kSector) && !within_share(own.value, share, r.equity)) {
            out.refuse(ControlId::kSector);  // whatever the others come to
            return;
        }
    }
    const Valued others = r.is_preview ? exact(r.account, s, r.instrument_id, valuation)
                                       : refresh(r.account, s, r.instrument_id, r.now, valuation);
    compare_with_equity(ControlId::kSector, Scope::kAccount, LimitId::kSector, sum_of(own, others),
                        r, out);
}

void SectorExposure::approved(const Request& r, const Valuation& valuation) noexcept {
    if (!any_) return;
    const std::uint32_t s = sector_of_[r.instrument_id.value];
    if (s == kNone) return;
    const WideQuantity worst = r.reach(r.open_after).worst();
    put(r.account, r.instrument_id, s,
        valuation.value_at_mark(r.account, r.instrument_id, worst).value);
}

}  // namespace fermata
