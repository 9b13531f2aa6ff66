#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "core/account/account_config.hpp"
#include "core/account/fill_to_book.hpp"
#include "core/account/tax_lot.hpp"
#include "core/event/order_event.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// What the tax lots depend on besides the accounts' LotMethod and Book.
struct LotRules {
    /// Losses are disallowed by the wash-sale rule (wash_sale.hpp), for what it applies to: stocks,
    /// funds, bonds and options, not futures, currencies and coins.
    bool wash_sales = true;
    /// Fees in the instrument's currency raise the basis and lower the proceeds, as brokers report
    /// it. Else gains are before fees, as AccountBook::realized is.
    bool fees_in_basis = true;
    /// Adequate identification (26 CFR 1.1012-1(c)), for accounts with LotMethod::kSpecific: by the
    /// number of a closing fill, the lot that it closes before others. Fills are numbered from 1 in
    /// the order of booking, and a lot has the number of the fill that opened it.
    std::map<std::uint32_t, std::uint32_t> identified;
    /// By AccountId, who owns the account: a purchase in one account can disallow a loss in another
    /// one of the same taxpayer. Empty: all belong to one.
    std::vector<std::uint16_t> taxpayers;
    /// The calendar day of an instant, for holding periods and the 61 days. Empty: the day in UTC;
    /// give the exchange's zone where trading goes past midnight UTC.
    std::function<Date(InstrumentId, Timestamp)> day;
};

/// The tax lots of all accounts, dated and adjusted for wash sales, made from what was booked.
///
/// It keeps the fills and works the lots out anew for every report, so that a fill that is taken
/// back or changed, even much later, changes all that follows from it: the report is a function of
/// the fills as they are known now.
///
/// Owner:     whoever makes results; one thread. Off the hot path: it allocates, and memory grows
///            with the number of fills (some 150 bytes each).
/// Agreement: lots are chosen by what was paid for them, as AccountBook does (disallowed losses do
///            not change which lot is the dearest), and numbered alike: without wash sales and fees
///            the gains of a netting account add up to AccountBook::realized(kLots) to the micro,
///            and so do the bases of its open lots to its cost.
/// Splits:    every lot is rescaled; the cash for a fraction is the proceeds of a sale of it, at
///            the end of the list that is closed first. Where that cash is not on record (hedging
///            accounts; positions that only a correction brought to light) it goes at cost.
class LotLedger {
public:
    /// `accounts[i].id` must be i. Both must outlive this.
    LotLedger(const InstrumentTable& instruments, std::span<const AccountConfig> accounts,
              LotRules rules = {});

    /// Takes a record of the trading stage's stream, in order: kFill, kCorrection (of a fill that
    /// is known; it is not followed by another kFill) and kPosition (splits, and what was held
    /// before the run). Others do not matter.
    void on(const OrderEvent& record);

    // --- the same, by hand ---

    void fill(const FillToBook& fill);
    /// False when there is no such fill (any more).
    bool cancel(AccountId a, InstrumentId i, std::uint64_t fill_id);
    bool change(AccountId a, InstrumentId i, std::uint64_t fill_id, Price price, Quantity quantity,
                Money fee);
    /// A split as one account saw it: what it holds afterwards, and the cash for a fraction. Other
    /// accounts that hold the instrument are rescaled by it, too; call it for each.
    void split(AccountId a, InstrumentId i, Timestamp ts, const CorporateActionData& split,
               Quantity after, Money cash);

    /// All lots as of now. O(n log n) in the fills.
    [[nodiscard]] LotReport report() const;

    [[nodiscard]] const LotRules& rules() const noexcept { return rules_; }

    struct InLieu {  // what a split left of one account's position
        AccountId account;
        Quantity after;
        Money cash;
    };
    struct Entry {
        FillToBook fill;           // kSplit: instrument and ts only
        std::uint32_t number = 0;  // of the fill; 0: a split
        ClientOrderId order;       // zero: not known
        bool canceled = false;
        CorporateActionData action;
        std::vector<InLieu> in_lieu;
    };

private:
    using FillKey = std::tuple<AccountId, InstrumentId, std::uint64_t>;
    using ReportKey = std::pair<ExecId, ClientOrderId>;

    void add(const FillToBook& fill, std::size_t* index);
    void on_fill(const OrderEvent& record);
    [[nodiscard]] std::optional<std::size_t> find(ExecId exec, ClientOrderId order) const;
    void on_correction(const CorrectionData& c);
    void on_position(const OrderEvent& record);
    void open(const OrderEvent& record);

    const InstrumentTable& instruments_;
    std::span<const AccountConfig> accounts_;
    LotRules rules_;
    std::vector<Entry> entries_;
    std::uint32_t fills_ = 0;
    std::uint32_t openings_ = 0;
    std::map<FillKey, std::size_t> by_fill_id_;
    std::map<ReportKey, std::size_t> by_report_;  // also by the ids of corrections
};

}  // namespace fermata
