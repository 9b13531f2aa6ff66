// The account book's state in an archive. See core/base/state_archive.hpp.

#include "core/account/account_book.hpp"
#include "core/base/state_archive.hpp"

namespace fermata {
namespace {

__int128 magnitude(__int128 raw) noexcept { return raw < 0 ? -raw : raw; }

}  // namespace

static_assert(sizeof(LotPool) == 64, "LotPool::persist must deal with every member");
static_assert(sizeof(AccountBook) == 464, "AccountBook::persist must deal with every member");

void LotPool::persist(StateArchive& a) { a(merged_); }

void LotPool::persist(StateArchive& a, LotList& list) {
    std::size_t held = 0;
    for (std::uint32_t i = list.head; i != LotList::kNone; i = lots_[i].next) ++held;
    if (!a.reading()) {
        static_cast<void>(a.count(held, capacity_));
        for (std::uint32_t i = list.head; i != LotList::kNone; i = lots_[i].next) {
            Lot& lot = lots_[i];
            a.all<Lot>(lot.quantity, lot.cost, lot.opened, derived(lot.next), lot.id);
        }
        return;
    }
    a.require(held == 0, "lots are read over lots");
    const std::size_t count = a.count(0, capacity_);
    for (std::size_t n = 0; n < count; ++n) {
        Lot lot;
        a(lot.quantity, lot.cost, lot.opened, lot.id);
        if (!a.require(lot.quantity.is_positive(), "a lot is empty") ||
            !a.require(n == 0 || extra_ < shared_, "there are more lots than there is room for")) {
            return;
        }
        push(list, lot.quantity, lot.cost, lot.opened, lot.id);
    }
}

void AccountBook::Holding::persist(StateArchive& a) {
    a.all<Holding>(average, value, derived(next), derived(previous), lots, unvalued);
}

void AccountBook::Checkpoint::persist(StateArchive& a) { a.all<Checkpoint>(average, lots); }

void AccountBook::Balance::persist(StateArchive& a) {
    a.all<Balance>(cash, fees, interest, borrow, value, gross, base_value, base_gross,
                   configured(pair), configured(inverse), unvalued);
}

void AccountBook::Account::persist(StateArchive& a) {
    a.all<Account>(equity, gross, unvalued, configured(base), configured(type), configured(lots),
                   configured(book), accrued_to);
}

void AccountBook::MarkSlot::persist(StateArchive& a) {
    a.all<MarkSlot>(price, configured(multiplier), ts, derived(first_holder),
                    configured(first_fx_use), derived(holders), configured(fx_uses),
                    configured(currency), known, choice(source, 4));
}

void AccountBook::persist(StateArchive& a) {
    a.section("accounts", 2, [&] {
        a(marks_, holdings_, balances_, accounts_, strategy_positions_, strategy_account_, fills_);
        for (const AccountId id : strategy_account_) {
            a.require(contains(id) || id == AccountId{0xffff}, "an account is not known");
        }
        persist_holders(a);
        a(lots_);
        for (Holding& h : holdings_) persist_lots(a, lots_, h.average, h.lots);
        persist_checkpoint(a);
        if (a.reading() && a.ok()) a.require(sums_are_right(), "the sums of an account are wrong");
    });
}

/// The holders of each instrument in the order of its chain: equities are watched in that order.
void AccountBook::persist_holders(StateArchive& a) {
    std::vector<AccountId> chain;
    std::size_t held = 0;
    for (const Holding& h : holdings_) held += h.average.quantity.is_zero() ? 0 : 1;
    for (std::uint32_t n = 0; n < marks_.size() && a.ok(); ++n) {
        const InstrumentId i{n};
        MarkSlot& m = marks_[n];
        chain.clear();
        for (std::uint32_t h = m.first_holder; h != kNone; h = holdings_[h].next) {
            chain.push_back(account_of_holding(h, i));
        }
        if (a.reading() && !a.require(chain.empty(), "positions are read over positions")) return;
        a.sized(chain, accounts_.size());
        if (!a.reading()) continue;
        std::uint32_t* link = &m.first_holder;
        std::uint32_t previous = kNone;
        for (const AccountId id : chain) {
            if (!a.require(contains(id), "an account is not known")) return;
            const auto index = static_cast<std::uint32_t>(holding_index(id, i));
            Holding& h = holdings_[index];
            // A holder that comes twice is found by the count below.
            if (!a.require(!h.average.quantity.is_zero() && held > 0, "a holder holds nothing"))
                return;
            *link = index;
            h.previous = previous;
            h.next = kNone;
            previous = index;
            link = &h.next;
            ++m.holders;
            --held;
        }
        std::size_t linked = 0;
        for (std::uint32_t h = m.first_holder; h != kNone && linked <= chain.size();
             h = holdings_[h].next) {
            ++linked;
        }
        if (!a.require(linked == chain.size(), "a holder comes twice")) return;
    }
    if (a.reading()) a.require(held == 0, "a position has no holder");
}

void AccountBook::persist_lots(StateArchive& a, LotPool& pool, const AveragePosition& average,
                               LotPosition& position) {
    if (!a.ok()) return;
    pool.persist(a, position.lots);
    if (!a.reading()) return;
    __int128 open = 0;
    for (std::uint32_t l = position.lots.head; l != LotList::kNone; l = pool[l].next) {
        open += pool[l].quantity.raw();
    }
    a.require(open == magnitude(average.quantity.raw()), "the lots do not add up to the position");
}

void AccountBook::persist_checkpoint(StateArchive& a) {
    a(checkpoint_, strategy_checkpoint_, checkpoint_lots_);
    for (Checkpoint& c : checkpoint_) persist_lots(a, checkpoint_lots_, c.average, c.lots);
    a(journal_);
    if (!a.reading() || !a.ok()) return;
    for (std::uint32_t n = 0; n < marks_.size(); ++n) {
        journal_.for_each(InstrumentId{n}, [&](const Booking& b) {
            const bool known =
                b.kind == Booking::Kind::kAction ||
                (b.kind == Booking::Kind::kSettlement && contains(b.account)) ||
                (contains(b.account) && contains(b.strategy) && b.fee_currency.value < currencies_);
            const bool sense = b.kind != Booking::Kind::kAction ||
                               b.action.kind == CorporateActionKind::kDividend ||
                               (b.action.kind == CorporateActionKind::kSplit &&
                                b.action.numerator > 0 && b.action.denominator > 0);
            a.require(known && sense && !b.quantity.is_negative(), "a booking makes no sense");
        });
    }
}

/// What is kept incrementally equals what it is made of. So the wide sums are in range, too.
bool AccountBook::sums_are_right() const noexcept {
    for (std::uint16_t n = 0; n < accounts_.size(); ++n) {
        const AccountId id{n};
        const Account& x = account(id);
        __int128 equity = 0, gross = 0;
        std::uint32_t unvalued = 0;
        for (std::uint16_t c = 0; c < currencies_; ++c) {
            const Balance& b = balance(id, CurrencyId{c});
            __int128 value = 0, size = 0;
            for (std::uint32_t i = 0; i < marks_.size(); ++i) {
                if (marks_[i].currency.value != c) continue;
                const Holding& h = holding(id, InstrumentId{i});
                value += h.value.raw();
                size += magnitude(h.value.raw());
                unvalued += h.unvalued ? 1 : 0;
            }
            if (b.value != value || b.gross != size) return false;
            const bool own = c == x.base.value;
            if (own ? b.base_value != b.cash.raw() + value || b.base_gross != size
                    : !fits(b.base_value) || !fits(b.base_gross)) {
                return false;
            }
            equity += b.base_value;
            gross += b.base_gross;
            unvalued += b.unvalued ? 1 : 0;
        }
        if (x.equity != equity || x.gross != gross || x.unvalued != unvalued) return false;
    }
    return true;
}

}  // namespace fermata
