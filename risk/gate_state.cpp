// The gate's state in an archive. See core/base/state_archive.hpp. Limits belong to the
// configuration and are not stored.

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

static_assert(sizeof(TradingStates) == 80, "TradingStates::persist must deal with every member");
static_assert(sizeof(RepeatTable) == 80, "RepeatTable::persist must deal with every member");
static_assert(sizeof(MessageRate) == 64, "MessageRate::persist must deal with every member");
static_assert(sizeof(MessageRates) == 96, "MessageRates::persist must deal with every member");
static_assert(sizeof(Duplicates) == 120, "Duplicates::persist must deal with every member");
static_assert(sizeof(GrossExposure) == 56, "GrossExposure::persist must deal with every member");
static_assert(sizeof(Drawdown) == 32, "Drawdown::persist must deal with every member");

void TradingStates::persist(StateArchive& a) {
    a(choice(firm_, kTradingStates));
    fermata::persist(a, accounts_);
    fermata::persist(a, strategies_);
    fermata::persist(a, instruments_);
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
            if (!a.require(find(key) == kNone, "an entry comes twice")) return;
            at = take(key);
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
    a.all<Account>(derived(active), bound, refreshed);
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

void GateCounts::persist(StateArchive& a) {
    a.all<GateCounts>(approved, refused, cancels, by_control);
}

void Gate::persist(StateArchive& a) {
    a.section("gate", 1, [&] {
        a(states_, duplicates_, rates_, gross_, drawdown_, counts_, replaced_, replaced_reserve_);
    });
}

}  // namespace fermata
