#include "core/account/lot_ledger.hpp"

#include <iterator>

#include "core/account/account_book.hpp"
#include "core/account/lot_replay.hpp"
#include "core/base/assert.hpp"

namespace fermata {

LotLedger::LotLedger(const InstrumentTable& instruments, std::span<const AccountConfig> accounts,
                     LotRules rules)
    : instruments_(instruments), accounts_(accounts), rules_(std::move(rules)) {
    FERMATA_ASSERT(rules_.taxpayers.empty() || rules_.taxpayers.size() == accounts.size());
}

void LotLedger::add(const FillToBook& fill, std::size_t* index) {
    FERMATA_ASSERT(fill.account.value < accounts_.size() &&
                   instruments_.contains(fill.instrument) && fill.quantity.is_positive());
    *index = entries_.size();
    Entry& entry = entries_.emplace_back();
    entry.fill = fill;
    entry.number = ++fills_;
    if (accounts_[fill.account.value].lots != LotMethod::kSpecific || fill.lot != 0) return;
    const auto named = rules_.identified.find(entry.number);
    if (named != rules_.identified.end()) entry.fill.lot = named->second;
}

void LotLedger::fill(const FillToBook& fill) {
    std::size_t index = 0;
    add(fill, &index);
    if (fill.fill_id != 0) by_fill_id_[{fill.account, fill.instrument, fill.fill_id}] = index;
}

bool LotLedger::cancel(AccountId a, InstrumentId i, std::uint64_t fill_id) {
    const auto at = by_fill_id_.find({a, i, fill_id});
    if (at == by_fill_id_.end() || entries_[at->second].canceled) return false;
    entries_[at->second].canceled = true;
    return true;
}

bool LotLedger::change(AccountId a, InstrumentId i, std::uint64_t fill_id, Price price,
                       Quantity quantity, Money fee) {
    FERMATA_ASSERT(quantity.is_positive());
    const auto at = by_fill_id_.find({a, i, fill_id});
    if (at == by_fill_id_.end() || entries_[at->second].canceled) return false;
    FillToBook& fill = entries_[at->second].fill;
    fill.price = price;
    fill.quantity = quantity;
    fill.fee = fee;
    return true;
}

void LotLedger::split(AccountId a, InstrumentId i, Timestamp ts, const CorporateActionData& split,
                      Quantity after, Money cash) {
    FERMATA_ASSERT(split.numerator > 0 && split.denominator > 0);
    // The accounts come one after the other, without a fill in between.
    Entry* entry = entries_.empty() ? nullptr : &entries_.back();
    const bool same = entry != nullptr && entry->number == 0 && entry->fill.instrument == i &&
                      entry->fill.ts == ts && entry->action.numerator == split.numerator &&
                      entry->action.denominator == split.denominator;
    if (!same) {
        entry = &entries_.emplace_back();
        entry->fill.instrument = i;
        entry->fill.ts = ts;
        entry->action = split;
        entry->action.kind = CorporateActionKind::kSplit;
    }
    entry->in_lieu.push_back({a, after, cash});
}

LotReport LotLedger::report() const {
    LotReplay replay(instruments_, accounts_, rules_);
    for (const Entry& entry : entries_) {
        if (entry.number == 0) {
            replay.split(entry);
        } else if (!entry.canceled) {
            replay.fill(entry);
        }
    }
    return replay.finish();
}

void LotLedger::on(const OrderEvent& record) {
    switch (record.type) {
        case OrderEventType::kFill:
            return on_fill(record);
        case OrderEventType::kCorrection:
            return on_correction(record.data.correction);
        case OrderEventType::kPosition:
            return on_position(record);
        default:
            return;
    }
}

void LotLedger::on_fill(const OrderEvent& record) {
    const FillData& d = record.data.fill;
    std::size_t index = 0;
    add({record.ts, record.instrument, d.account, d.strategy, d.side, d.price, d.quantity, d.fee,
         d.fee_currency},
        &index);
    entries_[index].order = d.order_id;
    if (d.exec_id.value != 0) by_report_[{d.exec_id, d.order_id}] = index;
}

/// By both ids; by that of the execution alone if the venue does not name the order and no other
/// fill has it.
std::optional<std::size_t> LotLedger::find(ExecId exec, ClientOrderId order) const {
    if (const auto at = by_report_.find({exec, order}); at != by_report_.end()) return at->second;
    const auto first = by_report_.lower_bound({exec, ClientOrderId{0}});
    if (first == by_report_.end() || first->first.first != exec) return std::nullopt;
    const auto second = std::next(first);
    const bool other = second != by_report_.end() && second->first.first == exec;
    return other ? std::nullopt : std::optional(first->second);
}

void LotLedger::on_correction(const CorrectionData& c) {
    const auto found = find(c.ref_exec_id, c.order_id);
    if (!found || by_report_.contains({c.exec_id, c.order_id})) return;
    const std::size_t index = *found;
    Entry& entry = entries_[index];
    if (entry.canceled) return;
    if (c.kind == CorrectionKind::kBust) {
        entry.canceled = true;
    } else {
        if (!c.quantity.is_positive()) return;  // makes no sense, and was not booked
        entry.fill.price = c.price;
        entry.fill.quantity = c.quantity;
        entry.fill.fee = c.fee;
    }
    if (c.exec_id.value != 0) by_report_[{c.exec_id, c.order_id}] = index;
}

void LotLedger::open(const OrderEvent& record) {
    const PositionData& d = record.data.position;
    const bool is_long = d.lot.is_positive();
    Entry& entry = entries_.emplace_back();
    entry.fill = {d.opened,
                  record.instrument,
                  d.account,
                  d.strategy,
                  is_long ? Side::kBuy : Side::kSell,
                  d.cost,
                  is_long ? d.lot : -d.lot,
                  Money{},
                  d.currency};
    entry.number = kOpeningLots + ++openings_;
}

void LotLedger::on_position(const OrderEvent& record) {
    const PositionData& d = record.data.position;
    if (d.change == PositionChange::kOpening) return open(record);
    if (d.change != PositionChange::kCorporateAction || d.kind != CorporateActionKind::kSplit ||
        d.strategy != StrategyId{0xffff}) {
        return;
    }
    CorporateActionData action;
    action.kind = CorporateActionKind::kSplit;
    action.numerator = d.numerator;
    action.denominator = d.denominator;
    split(d.account, record.instrument, record.ts, action, d.position, d.amount);
}

}  // namespace fermata
