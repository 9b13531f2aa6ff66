#include "core/market/mark_table.hpp"

#include "core/base/state_archive.hpp"

namespace fermata {
namespace {

Price rescale(Price price, const CorporateActionData& split) noexcept {
    const auto raw =
        divide_half_even(static_cast<__int128>(price.raw()) * split.denominator, split.numerator);
    return raw ? Price::from_raw(*raw) : price;
}

}  // namespace

void MarkTable::adjust(Mark& m, const CorporateActionData& action) noexcept {
    if (action.kind == CorporateActionKind::kSplit) {
        m.bid = rescale(m.bid, action);
        m.ask = rescale(m.ask, action);
        m.last = rescale(m.last, action);
    } else {
        // The holder gets `cash` a share; the price is expected to open lower by as much.
        m.bid -= action.cash;
        m.ask -= action.cash;
        m.last -= action.cash;
    }
}

void Mark::persist(StateArchive& a) {
    a.all<Mark>(bid, ask, last, ts, has_quote, has_last, open, stale, halted);
}

void MarkTable::persist(StateArchive& a) {
    a.section("marks", 2, [&] { a(marks_); });
}

}  // namespace fermata
