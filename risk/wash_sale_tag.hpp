#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/account/wash_sale.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// WASH_SALE: says before the order goes out that a loss may be disallowed (IRC 1091). It refuses
/// nothing, and sets no bit of a verdict: what it has to say is an alert behind the verdict.
///
/// Says:    of a purchase: what it would replace of the units that its taxpayer sold at a loss in
///          the last 30 calendar days. Of a sale below average cost: what of it is replaced
///          already, by units bought in the last 30 days that the taxpayer would still hold.
/// Exact:   is the tax report (core/account/wash_sale.hpp), by lots. This is the warning before it:
///          losses are at average cost and before fees, days are UTC, and a purchase that was sold
///          again counts as long as so many units are held. Units are used once, the oldest first,
///          and the losses of one day are one. Short positions and corrections of fills are not
///          looked at.
/// Memory:  fixed at construction: one kilobyte for each taxpayer and instrument.
/// Cost:    constant.
class WashSaleTag {
public:
    WashSaleTag(const LimitTable& limits, const InstrumentTable& instruments,
                std::span<const std::uint16_t> taxpayers, std::size_t accounts);

    /// Requires a known instrument and account.
    void check(const Request& r, Findings& out) const noexcept {
        if (applies(r)) out.checked(ControlId::kWashSale);
    }
    /// An approved request: what there is to say about it.
    [[nodiscard]] std::optional<AlertData> judge(const Request& r,
                                                 const AccountBook& accounts) noexcept;
    void on_fill(const FillData& fill, InstrumentId i, Timestamp now) noexcept;
    void on_split(InstrumentId i, const CorporateActionData& split) noexcept;

    [[nodiscard]] bool watches() const noexcept { return on_; }

    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(AccountId a, InstrumentId i) const noexcept {
        if (on_) __builtin_prefetch(&slots_[taxpayers_[a.value] * taxable_.size() + i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::int32_t kDays = WashSales::kDays + 1;  // today too
    struct Day {
        std::int64_t lost_quantity = 0;  // sold at a loss and not replaced
        std::int64_t lost = 0;           // raw Money of that, positive
        std::int64_t bought = 0;         // and not used as a replacement
        void persist(StateArchive& a);
    };
    struct Slot {
        Day sum;                // of all days
        std::int64_t held = 0;  // by all accounts of the taxpayer
        std::int32_t today = 0;
        std::array<Day, kDays> days;  // by day modulo their number
        void persist(StateArchive& a);
    };

    [[nodiscard]] bool applies(const Request& r) const noexcept {
        return on_ && r.limits->on(LimitId::kWashSale) && taxable_[r.instrument_id.value] != 0;
    }
    [[nodiscard]] Slot& slot(AccountId a, InstrumentId i) noexcept {
        return slots_[taxpayers_[a.value] * taxable_.size() + i.value];
    }
    static void advance(Slot& s, Timestamp now) noexcept;
    /// Takes units out of the days, the oldest first.
    static void use_losses(Slot& s, std::int64_t quantity) noexcept;
    static void use_purchases(Slot& s, std::int64_t quantity) noexcept;
    static Day& day(Slot& s, std::int32_t number) noexcept {
        return s.days[static_cast<std::size_t>(number % kDays)];
    }

    bool on_;
    std::vector<std::uint16_t> taxpayers_;  // by AccountId
    std::vector<std::uint8_t> taxable_;     // by InstrumentId
    std::vector<Slot> slots_;               // by taxpayer, InstrumentId
};

}  // namespace fermata
