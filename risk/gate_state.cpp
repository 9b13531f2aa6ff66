// The gate's state in an archive. See core/base/state_archive.hpp. Limits belong to the
// configuration; only what was changed since is stored.

#include <algorithm>

#include "core/base/state_archive.hpp"
#include "risk/gate.hpp"

namespace fermata {
namespace {

constexpr int kTradingStates = static_cast<int>(TradingState::kHalted) + 1;

void persist(StateArchive& a, std::vector<TradingState>& states) {
    if (a.count(states.size(), states.size()) != states.size()) {
        a.fail("a table has another size than the configuration says");
    }
    for (TradingState& state : states) a(choice(state, kTradingStates));
}

}  // namespace

static_assert(sizeof(TradingStates) == 120, "TradingStates::persist must deal with every member");
static_assert(sizeof(RepeatTable) == 80, "RepeatTable::persist must deal with every member");
static_assert(sizeof(MessageRate) == 64, "MessageRate::persist must deal with every member");
static_assert(sizeof(MessageRates) == 96, "MessageRates::persist must deal with every member");
static_assert(sizeof(Duplicates) == 120, "Duplicates::persist must deal with every member");
static_assert(sizeof(GrossExposure) == 64, "GrossExposure::persist must deal with every member");
static_assert(sizeof(Drawdown) == 32, "Drawdown::persist must deal with every member");
static_assert(sizeof(DayClock) == 16, "DayClock::persist must deal with every member");
static_assert(sizeof(PeriodLosses) == 48, "PeriodLosses::persist must deal with every member");
static_assert(sizeof(MarketQuality) == 32, "MarketQuality::persist must deal with every member");
static_assert(sizeof(OrderToTrade) == 48, "OrderToTrade::persist must deal with every member");
static_assert(sizeof(EventWindow) == 56, "EventWindow::persist must deal with every member");
static_assert(sizeof(StrategyRate) == 32, "StrategyRate::persist must deal with every member");
static_assert(sizeof(Turnover) == 80, "Turnover::persist must deal with every member");
static_assert(sizeof(SectorExposure) == 104, "SectorExposure::persist must deal with every member");
static_assert(sizeof(BasketLimit) == 24, "BasketLimit::persist must deal with every member");
static_assert(sizeof(LiquidityLimit) == 48, "LiquidityLimit::persist must deal with every member");
static_assert(sizeof(FillDrift) == 32, "FillDrift::persist must deal with every member");
static_assert(sizeof(RestrictedList) == 72, "RestrictedList::persist must deal with every member");
static_assert(sizeof(PriceBands) == 24, "PriceBands::persist must deal with every member");
static_assert(sizeof(ClockOffset) == 24, "ClockOffset::persist must deal with every member");
static_assert(sizeof(RunHealth) == 40, "RunHealth::persist must deal with every member");
static_assert(sizeof(DayTrades) == 256, "DayTrades::persist must deal with every member");
static_assert(sizeof(LocateBook) == 96, "LocateBook::persist must deal with every member");
static_assert(sizeof(ShortSales) == 128, "ShortSales::persist must deal with every member");
static_assert(sizeof(PortfolioWeights) == 304,
              "PortfolioWeights::persist must deal with every member");
static_assert(sizeof(PortfolioBook) == 720, "PortfolioBook::persist must deal with every member");
static_assert(sizeof(PortfolioLimits) == 752,
              "PortfolioLimits::persist must deal with every member");
static_assert(sizeof(GateSnapshot) == 312, "GateSnapshot::persist must deal with every member");
static_assert(sizeof(OwnBook) == 136, "OwnBook::persist must deal with every member");

void TradingStates::persist(StateArchive& a) {
    fermata::persist(a, firm_);
    fermata::persist(a, accounts_);
    fermata::persist(a, strategies_);
    fermata::persist(a, instruments_);
    fermata::persist(a, venues_);
}

void RepeatKey::persist(StateArchive& a) {
    a.all<RepeatKey>(strategy, instrument, choice(side, 2), price, stop_price, quantity);
}

/// The attempts from the oldest on; where in the ring they stand does not matter.
void RepeatTable::persist_attempts(StateArchive& a, Entry& e) {
    const std::size_t count = a.count(e.count, kLimitMax);
    a.require(count > 0, "an entry has no attempt");
    for (std::size_t n = 0; n < count; ++n) {
        a(e.attempts[a.reading() ? n : (e.head + kLimitMax - count + n) % kLimitMax]);
    }
    if (!a.reading()) return;
    e.count = static_cast<std::uint8_t>(count);
    e.head = static_cast<std::uint8_t>(count % kLimitMax);
}

/// The entries from the oldest on; slots and chains do not matter.
void RepeatTable::persist(StateArchive& a) {
    if (a.reading()) a.require(size_ == 0, "orders are read over orders");
    const std::size_t count = a.count(size_, entries_.size());
    std::uint32_t at = oldest_;
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        RepeatKey key;
        if (!a.reading()) key = entries_[at].key;
        a(key);
        if (a.reading()) {
            if (!a.require(find(key, bucket_of(key)) == kNone, "an entry comes twice")) return;
            at = take(key, bucket_of(key));
            link_newest(at);
        }
        persist_attempts(a, entries_[at]);
        if (!a.reading()) at = entries_[at].newer;
    }
}

void MessageRate::persist(StateArchive& a) {
    a(next_);
    // Within what any time and rate come to, so that no sum can overflow.
    a.require(next_ >= kLongAgo && next_ <= -kLongAgo, "a rate's next message is out of range");
}

void MessageRates::persist(StateArchive& a) { a(strategies_, firm_); }

void Duplicates::persist(StateArchive& a) { a(last_order_, any_order_, last_tags_, repeats_); }

void GrossExposure::Account::persist(StateArchive& a) {
    a.sized(active, active.capacity());
    a.all<Account>(derived(active), bound, refreshed, configured(mixed));
}

void GrossExposure::Slot::persist(StateArchive& a) { a.all<Slot>(bound, active); }

void GrossExposure::persist(StateArchive& a) {
    a(accounts_, slots_);
    if (!a.reading() || !a.ok()) return;
    // Every active slot stands in its account's list, once.
    std::vector<bool> listed(slots_.size());
    for (std::size_t n = 0; n < accounts_.size(); ++n) {
        for (const std::uint32_t i : accounts_[n].active) {
            if (!a.require(i < instruments_ && !listed[n * instruments_ + i],
                           "an instrument is unknown or comes twice")) {
                return;
            }
            listed[n * instruments_ + i] = true;
        }
    }
    for (std::size_t n = 0; n < slots_.size(); ++n) {
        a.require(listed[n] == slots_[n].active, "an instrument with open orders is not listed");
    }
}

void Drawdown::Account::persist(StateArchive& a) {
    a.all<Account>(high, configured(limit), configured(on), known);
}

void Drawdown::persist(StateArchive& a) { a(accounts_, tripped_); }

void DayClock::persist(StateArchive& a) {
    a(end_, day_);
    constexpr std::int32_t kMost = 200'000;  // a Timestamp has fewer than 107,000 on either side
    if (a.reading()) a.require(day_ > -kMost && day_ < kMost, "a day is out of range");
}

void PeriodLosses::Period::persist(StateArchive& a) {
    a.all<Period>(start, configured(limit), configured(on), tripped);
}
void PeriodLosses::Account::persist(StateArchive& a) { a.all<Account>(last, known, periods); }
void PeriodLosses::persist(StateArchive& a) { a(accounts_, clock_, week_); }

void MarketQuality::Slot::persist(StateArchive& a) { a.all<Slot>(ticked, price, before, known); }
void MarketQuality::persist(StateArchive& a) { a(slots_); }

void OrderToTrade::Slot::persist(StateArchive& a) { a.all<Slot>(day, orders, fills); }
void OrderToTrade::persist(StateArchive& a) { a(slots_, clock_); }

/// The times from the oldest on; where in the ring they stand does not matter.
void EventWindow::persist(StateArchive& a) {
    const std::size_t count = a.count(count_, times_.size());
    const std::size_t first = count < times_.size() ? 0 : next_;
    for (std::size_t n = 0; n < count; ++n) {
        a(times_[a.reading() ? n : (first + n) % times_.size()]);
    }
    if (!a.reading()) return;
    count_ = count;
    next_ = times_.empty() ? 0 : count % times_.size();
}
void StrategyRate::Strategy::persist(StateArchive& a) { a.all<Strategy>(window, tripped); }
void StrategyRate::persist(StateArchive& a) { a(strategies_); }

void Turnover::Sum::persist(StateArchive& a) { a.all<Sum>(value, day); }
void Turnover::persist(StateArchive& a) { a(slots_, accounts_, clock_); }

void SectorExposure::Sector::persist(StateArchive& a) {
    a.all<Sector>(bound, refreshed, configured(mixed));
}
void SectorExposure::persist(StateArchive& a) { a(sums_, slots_); }

void LiquidityLimit::Slot::persist(StateArchive& a) { a.all<Slot>(filled, day); }
void LiquidityLimit::persist(StateArchive& a) { a(slots_, clock_); }

void FillDrift::Second::persist(StateArchive& a) { a.all<Second>(number, lowest, highest); }
void FillDrift::Slot::persist(StateArchive& a) {
    a.all<Slot>(seconds, configured(limit), configured(on), tripped);
}
void FillDrift::persist(StateArchive& a) { a(slots_); }

void AccountOrders::Group::persist(StateArchive& a) { a.all<Group>(high, low); }
void AccountOrders::Entry::persist(StateArchive& a) { a.all<Entry>(order, group, account); }
/// The orders as they lie; index and groups follow from them.
void AccountOrders::persist(StateArchive& a) {
    a(counts_);
    if (a.reading()) a.require(orders_.empty(), "orders are read over orders");
    const std::size_t count = a.count(orders_.size(), orders_.capacity());
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        Entry entry;
        if (!a.reading()) entry = orders_[n];
        a(entry);
        if (!a.reading()) continue;
        if (!a.require(entry.account.value < counts_.size(), "an account is unknown") ||
            !a.require(index_.find(key(entry.order)) == IdIndex::kNone, "an order comes twice")) {
            return;
        }
        index_.insert(key(entry.order), static_cast<std::uint32_t>(n));
        orders_.push_back(entry);
        if (entry.group.some()) join(entry.group);
    }
}

void DayTrades::Slot::persist(StateArchive& a) {
    a.all<Slot>(overnight, day, counted, next);
    a.require(next < kOrdersAtATime, "a day trade's place is out of range");
}
void DayTrades::Day::persist(StateArchive& a) { a.all<Day>(weekday, day_trades, trades); }
void DayTrades::Account::persist(StateArchive& a) {
    a.all<Account>(days, equity, prior_close, equity_day, configured(margin), pattern);
}
void DayTrades::persist(StateArchive& a) {
    a(slots_, accounts_, pending_, pending_day_, clock_, first_session_, last_session_, sessions_,
      filled_, filled_quantity_);
}

void ShortSales::Slot::persist(StateArchive& a) {
    a.all<Slot>(close, last, configured(decline), day, sessions, has_close, has_last,
                configured(on));
    a.require(sessions <= 2, "a short sale's state is out of range");
}
void ShortSales::persist(StateArchive& a) { a(slots_, locates_); }

void LocateBook::Slot::persist(StateArchive& a) {
    a.all<Slot>(available, generation, known);
    a.require(available >= 0, "a number of shares to borrow is negative");
}
void LocateBook::Holding::persist(StateArchive& a) {
    a.all<Holding>(order, taken, instrument, generation);
    a.require(taken > 0, "an order holds no shares to borrow");
}
/// The holdings as they lie; the index follows from them.
void LocateBook::persist(StateArchive& a) {
    a(slots_);
    if (a.reading()) a.require(holdings_.empty(), "shares to borrow are read over others");
    const std::size_t count = a.count(holdings_.size(), holdings_.capacity());
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        Holding held;
        if (!a.reading()) held = holdings_[n];
        a(held);
        if (!a.reading()) continue;
        if (!a.require(held.instrument.value < slots_.size(), "an instrument is unknown") ||
            !a.require(index_.find(key(held.order)) == IdIndex::kNone, "an order comes twice")) {
            return;
        }
        index_.insert(key(held.order), static_cast<std::uint32_t>(n));
        holdings_.push_back(held);
    }
}

void RestrictedList::Window::persist(StateArchive& a) { a.all<Window>(from, until); }
void RestrictedList::persist(StateArchive& a) {
    a(at_run_time_);
    if (!a.reading()) return;
    for (std::uint32_t i = 0; i < at_run_time_.size(); ++i) {
        if (at_run_time_[i].from < at_run_time_[i].until) list(i);
    }
}

void PriceBands::Band::persist(StateArchive& a) { a.all<Band>(lowest, highest, known); }
void PriceBands::persist(StateArchive& a) { a(bands_); }
void ClockOffset::persist(StateArchive& a) { a(tripped_, said_); }
void RunHealth::persist(StateArchive& a) {
    constexpr int kStates = static_cast<int>(State::kBad) + 1;
    a(choice(recovering_, kStates), choice(build_, kStates), journal_told_, journal_tripped_,
      drop_copy_told_, drop_copy_tripped_);
}

void BasketLimit::persist(StateArchive& a) { a(sums_); }

/// The orders of each side as they came; slots, index and best prices follow from them.
void OwnBook::persist(StateArchive& a) {
    if (a.reading()) a.require(index_.size() == 0, "orders are read over orders");
    for (std::size_t s = 0; s < sides_.size(); ++s) {
        std::size_t count = 0;
        for (std::uint32_t n = sides_[s].first; n != kNone; n = nodes_[n].next) ++count;
        count = a.count(count, nodes_.size() - index_.size() * (a.reading() ? 1 : 0));
        std::uint32_t at = sides_[s].first;
        for (std::size_t n = 0; n < count && a.ok(); ++n) {
            ClientOrderId id;
            Price price;
            if (!a.reading()) {
                id = nodes_[at].id;
                price = nodes_[at].price;
                at = nodes_[at].next;
            }
            a(id, price);
            if (!a.reading()) continue;
            if (!a.require(index_.find(key(id)) == kNone, "a resting order comes twice")) return;
            insert(id, {static_cast<std::uint32_t>(s / 2)}, static_cast<Side>(s % 2), price);
        }
    }
}

void GateCounts::persist(StateArchive& a) {
    a.all<GateCounts>(approved, refused, cancels, by_control);
}

void Gate::persist(StateArchive& a) {
    a.require(!tag_, "what was said of an order was not taken");
    a.require(trips_.empty(), "a tripped control was not taken");
    a.section("gate", 6, [&] {
        a(limits_, schedule_);
        if (a.reading()) adopt_limits();  // before what depends on them is read
        a(states_, duplicates_, rates_, gross_, drawdown_, counts_, replaced_, replaced_reserve_,
          requested_, requested_at_, released_);
        a(losses_, quality_, order_to_trade_, repeat_, rejects_, parents_, turnover_, sectors_,
          own_, baskets_, liquidity_, drift_, day_trades_, shorts_, bands_, clock_);
        a(restricted_, health_, in_flight_, margin_clock_, credit_, intraday_, wash_sales_,
          portfolio_);
    });
}

}  // namespace fermata
