// The accounts against plain_accounts.hpp over long random flows. A flow that fails is shrunk to
// the few events that matter, which are printed with its seed.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "core/account/lot_ledger.hpp"
#include "core/account/margin.hpp"
#include "tests/core/account/account_world.hpp"
#include "tests/core/account/plain_flow.hpp"

namespace fermata {
namespace {

namespace plain = test::plain;
using plain::Event;
using plain::Kind;
using plain::Raw;
using namespace test::flow;

/// Both sides of one run.
class Comparison {
public:
    explicit Comparison(const plain::Rules& rules) : rules_(rules), plain_(rules) {
        for (int a = 0; a < kAccounts; ++a) {
            AccountConfig& c = world_.accounts[static_cast<std::size_t>(a)];
            c.lots = static_cast<LotMethod>(rules.method[static_cast<std::size_t>(a)]);
            c.margin =
                static_cast<AccountConfig::Margin>(rules.margin[static_cast<std::size_t>(a)]);
        }
        book_ =
            std::make_unique<AccountBook>(world_.instruments, world_.accounts, 4, 100'000, 100'000);
        ledger_ = std::make_unique<LotLedger>(world_.instruments, world_.accounts);
        margin_ = std::make_unique<MarginModel>(world_.instruments, world_.accounts);
        for (int c = 0; c < 2; ++c) {
            rates_.interest.push_back(
                {Ratio::from_raw(kInterest[c][0]), Ratio::from_raw(kInterest[c][1])});
        }
        rates_.borrow_default = Ratio::from_raw(kBorrow);
        start(plain_);
        for (const auto& [i, mark] : plain_.marks) book_->on_mark(id(i), price(mark));
        for (int a = 0; a < kAccounts; ++a)
            book_->end_of_day(account(a), now(), now(), rates_, [](auto&) {});
    }

    void play(const Event& e) {
        played_.push_back(e);
        switch (e.kind) {
            case Kind::kFill: {
                const auto named = numbers_.find(e.lot);
                const FillToBook f{now(),
                                   id(e.instrument),
                                   account(e.account),
                                   StrategyId{static_cast<std::uint16_t>(e.strategy)},
                                   e.buy ? Side::kBuy : Side::kSell,
                                   price(e.price),
                                   Quantity::from_units(e.shares),
                                   Money::from_raw(e.shares * e.fee),
                                   world_.instruments[id(e.instrument)].currency,
                                   static_cast<std::uint64_t>(e.id),
                                   named == numbers_.end() ? 0 : named->second};
                numbers_[e.id] = static_cast<std::uint32_t>(numbers_.size()) + 1;
                if (!book_->book_fill(f)) say() << "a fill was refused; ";
                ledger_->fill(f);
                return plain_.fill(e);
            }
            case Kind::kMark:
                book_->on_mark(id(e.instrument), price(e.price));
                plain_.marks[e.instrument] = e.price;
                return;
            case Kind::kDay:
                return end_of_day(e);
            case Kind::kCancel:
                return cancel(e);
        }
    }

    /// What differs; empty if nothing does.
    std::string difference() {
        for (int a = 0; a < kAccounts; ++a) compare_account(a);
        for (const auto& [key, own] : plain_.strategies) {
            same("strategy position", key.first, key.second, own.shares * Quantity::kOne,
                 book_
                     ->strategy_position(StrategyId{static_cast<std::uint16_t>(key.first)},
                                         id(key.second))
                     .raw());
        }
        compare_lots();
        return what_.str();
    }

private:
    using Groups =
        std::map<std::tuple<int, int, std::uint32_t, std::uint32_t, int>, std::array<Raw, 6>>;

    static InstrumentId id(int i) { return {static_cast<std::uint32_t>(i)}; }
    static AccountId account(int a) { return {static_cast<std::uint16_t>(a)}; }
    static Price price(Raw micros) { return Price::from_raw(micros * 1'000); }
    Timestamp now() const {
        return Timestamp{} + Duration::hours(24 * std::int64_t{plain_.today} + 15);
    }
    std::ostream& say() { return what_; }
    void same(const char* what, int a, int b, Raw expected, Raw found) {
        if (expected != found) {
            say() << what << " of " << a << "/" << b << " is " << found << ", not " << expected
                  << "; ";
        }
    }

    void start(plain::Accounts& p) const {
        for (const AccountConfig& a : world_.accounts) {
            for (const auto& [c, m] : a.cash) p.cash[{a.id.value, c.value}] += m.raw();
        }
        for (const int i : kInstruments) p.marks[i] = 20'000'000;
        p.marks[kPair] = 1'100'000;
    }

    void end_of_day(const Event& e) {
        plain_.today += e.days;
        std::vector<std::tuple<int, int, Raw>>& facts = accrued_[e.id];
        for (int a = 0; a < kAccounts; ++a) {
            for (int c = 0; c < 2; ++c) {
                Raw amount = plain_.cash[{a, c}], borrow = 0;
                for (const int i : kInstruments) {
                    if (rules_.currency[static_cast<std::size_t>(i)] != c) continue;
                    const Raw value = plain_.position(a, i) * plain_.marks[i];
                    if (value >= 0) continue;
                    amount += value;
                    borrow += plain::round_even(plain::Wide{-value} * kBorrow * e.days,
                                                plain::Wide{360} * 1'000'000'000);
                }
                const Raw interest = plain::round_even(
                    plain::Wide{amount} * kInterest[c][amount < 0 ? 0 : 1] * e.days,
                    plain::Wide{360} * 1'000'000'000);
                plain_.cash[{a, c}] += interest - borrow;
                facts.push_back({a, c, interest - borrow});
            }
        }
        for (int a = 0; a < kAccounts; ++a)
            book_->end_of_day(account(a), now(), now(), rates_, [](auto&) {});
    }

    /// The plain side does all that was played once more, without the fill.
    void cancel(const Event& e) {
        const auto fill = std::ranges::find_if(
            played_, [&](const Event& x) { return x.id == e.lot && x.kind == Kind::kFill; });
        if (fill == played_.end()) return;
        const bool first = gone_.insert({e.lot, true}).second;
        const AccountId a = account(fill->account);
        const auto number = static_cast<std::uint64_t>(e.lot);
        if (book_->cancel_fill(a, id(fill->instrument), number).ok() != first ||
            ledger_->cancel(a, id(fill->instrument), number) != first) {
            say() << "a fill is not taken back exactly once; ";
        }
        plain::Accounts again(rules_);
        start(again);
        for (const Event& x : played_) {
            if (x.kind == Kind::kFill && !gone_.contains(x.id)) again.fill(x);
            if (x.kind == Kind::kMark) again.marks[x.instrument] = x.price;
            if (x.kind != Kind::kDay) continue;
            again.today += x.days;
            for (const auto& [who, c, amount] : accrued_[x.id]) again.cash[{who, c}] += amount;
        }
        plain_ = std::move(again);
    }

    void compare_account(int a) {
        for (const int i : kInstruments) {
            const plain::Average& own = plain_.average[{a, i}];
            const AccountId x = account(a);
            same("position", a, i, plain_.position(a, i) * Quantity::kOne,
                 book_->position(x, id(i)).raw());
            same("average cost", a, i, own.cost, book_->cost(x, id(i), CostMethod::kAverage).raw());
            same("profit", a, i, own.realized,
                 book_->realized(x, id(i), CostMethod::kAverage).raw());
            same("profit by lots", a, i, plain_.realized_lots[{a, i}],
                 book_->realized(x, id(i), CostMethod::kLots).raw());
            Raw cost = 0;
            for (const plain::Share& s : plain_.held[{a, i}]) cost += s.paid;
            same("cost by lots", a, i, cost, book_->cost(x, id(i), CostMethod::kLots).raw());
        }
        for (std::uint16_t c = 0; c < 2; ++c) {
            same("cash", a, c, plain_.cash[{a, c}], book_->cash(account(a), {c}).raw());
            same("fees", a, c, plain_.fees[{a, c}], book_->fees(account(a), {c}).raw());
        }
        const plain::Margin m = plain_.margin(a);
        const MarginState s = margin_->state(*book_, account(a));
        same("margin known", a, 0, m.known, s.known);
        if (!m.known) return;
        same("equity", a, 0, m.equity, book_->equity(account(a)).raw());
        same("equity for margin", a, 0, m.equity, s.equity.raw());
        same("initial margin", a, 0, m.initial, s.initial.raw());
        same("maintenance margin", a, 0, m.maintenance, s.maintenance.raw());
    }

    void compare_lots() {
        const LotReport report = ledger_->report();
        Groups expected, found;
        for (const plain::Sold& s : plain_.sold) {
            auto& g = expected[{s.account, s.instrument, numbers_[s.fill], numbers_[s.share.lot],
                                s.share.held_since}];
            const bool loss =
                s.basis > s.proceeds && rules_.wash[static_cast<std::size_t>(s.instrument)];
            add(g, 1, s.proceeds, s.basis, s.share.added, s.disallowed,
                s.day + (loss && s.disallowed == 0 ? rules_.window : 0));
        }
        for (const ClosedLot& c : report.closed) {
            auto& g = found[{c.account.value, static_cast<int>(c.instrument.value), c.fill, c.lot,
                             c.holding_start.days}];
            add(g, c.quantity.raw() / Quantity::kOne, c.proceeds.raw(), c.basis.raw(),
                c.adjustment.raw(), c.disallowed.raw(), c.provisional_until.days);
        }
        if (expected != found) say() << "closed lots differ" << first_difference(expected, found);
        expected.clear();
        found.clear();
        for (const auto& [key, shares] : plain_.held) {
            for (const plain::Share& s : shares) {
                auto& g = expected[{key.first, key.second, 0, numbers_[s.lot], s.held_since}];
                const Raw basis = s.is_long ? s.paid + s.fee + s.added : -s.paid - s.fee - s.added;
                add(g, 1, 0, basis, s.added, 0, 0);
            }
        }
        for (const OpenLot& o : report.open) {
            auto& g = found[{o.account.value, static_cast<int>(o.instrument.value), 0, o.lot,
                             o.holding_start.days}];
            add(g, o.quantity.raw() / Quantity::kOne, 0, o.basis.raw(), o.adjustment.raw(), 0, 0);
        }
        if (expected != found) say() << "open lots differ" << first_difference(expected, found);
    }

    static void add(std::array<Raw, 6>& g, Raw shares, Raw proceeds, Raw basis, Raw added,
                    Raw disallowed, Raw until) {
        g[0] += shares;
        g[1] += proceeds;
        g[2] += basis;
        g[3] += added;
        g[4] += disallowed;
        g[5] = std::max(g[5], until);
    }
    static std::string first_difference(const Groups& expected, const Groups& found) {
        std::ostringstream out;
        for (const auto& [key, value] : expected) {
            const auto at = found.find(key);
            if (at != found.end() && at->second == value) continue;
            out << " at " << std::get<0>(key) << "/" << std::get<1>(key) << " fill "
                << std::get<2>(key) << " lot " << std::get<3>(key) << " since " << std::get<4>(key)
                << ": expected";
            for (const Raw v : value) out << " " << v;
            out << ", found";
            if (at != found.end()) {
                for (const Raw v : at->second) out << " " << v;
            }
            break;
        }
        out << "; ";
        return out.str();
    }

    plain::Rules rules_;
    plain::Accounts plain_;
    test::AccountWorld world_;
    std::unique_ptr<AccountBook> book_;
    std::unique_ptr<LotLedger> ledger_;
    std::unique_ptr<MarginModel> margin_;
    FinancingRates rates_;
    std::vector<Event> played_;
    std::map<int, std::uint32_t> numbers_;  // of fills, by id
    std::map<int, bool> gone_;
    std::map<int, std::vector<std::tuple<int, int, Raw>>> accrued_;  // by id of the day's event
    std::ostringstream what_;
};

/// What differs after (or, with `every`, during) a flow, and behind which event.
std::string run(const std::vector<Event>& events, const plain::Rules& rules,
                std::size_t every = kEvents, std::size_t* behind = nullptr) {
    Comparison c(rules);
    for (std::size_t n = 0; n < events.size(); ++n) {
        c.play(events[n]);
        if ((n + 1) % every != 0 && n + 1 != events.size()) continue;
        std::string what = c.difference();
        if (what.empty()) continue;
        if (behind != nullptr) *behind = n + 1;
        return what;
    }
    return "";
}

/// The fewest events that still differ at their end, as far as leaving out stretches finds them.
std::vector<Event> shrink(std::vector<Event> events, const plain::Rules& rules) {
    for (std::size_t size = events.size() / 2; size > 0;) {
        bool less = false;
        for (std::size_t at = 0; at < events.size();) {
            std::vector<Event> fewer = events;
            const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(at);
            fewer.erase(from,
                        from + static_cast<std::ptrdiff_t>(std::min(size, fewer.size() - at)));
            if (!fewer.empty() && !run(fewer, rules).empty()) {
                events = std::move(fewer);
                less = true;
            } else {
                at += size;
            }
        }
        if (!less || size > events.size()) size = std::min(size / 2, events.size() / 2);
    }
    return events;
}

/// Flows of a run without FERMATA_ACCOUNT_SEEDS; sanitizers are some ten times as slow.
#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kSeeds = 1;
#else
constexpr std::uint64_t kSeeds = 4;
#endif

TEST(AccountDifferential, AgreesWithThePlainAccountsOverLongFlows) {
    const char* more = std::getenv("FERMATA_ACCOUNT_SEEDS");  // how many; `make nightly` has more
    const char* only = std::getenv("FERMATA_ACCOUNT_SEED");   // this one alone
    const std::uint64_t first = only != nullptr ? std::strtoull(only, nullptr, 10) : 1;
    const std::uint64_t count = only != nullptr   ? 1
                                : more != nullptr ? std::strtoull(more, nullptr, 10)
                                                  : 4;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const plain::Rules rules = rules_of(seed);
        std::vector<Event> events = flow_of(seed);
        std::size_t behind = 0;
        const std::string what = run(events, rules, 10'000, &behind);
        if (what.empty()) continue;
        events.resize(behind);
        const std::vector<Event> few = shrink(events, rules);
        FAIL() << "FERMATA_ACCOUNT_SEED=" << seed << ": " << what << "\nshrunk to " << few.size()
               << " events: " << run(few, rules) << text(few);
    }
}

// The comparison finds a wrong rule, and shrinks what shows it to the least that can.
TEST(AccountDifferential, FindsAWindowThatIsADayTooLongAndShrinksIt) {
    plain::Rules wrong = rules_of(1);
    wrong.window = 31;
    std::vector<Event> events = flow_of(1);
    events.resize(3'000);
    std::size_t behind = 0;
    ASSERT_FALSE(run(events, wrong, 200, &behind).empty());
    events.resize(behind);
    const std::vector<Event> few = shrink(events, wrong);
    // A loss needs a purchase and a sale, its replacement another purchase; and days in between.
    EXPECT_GE(few.size(), 2U);
    EXPECT_LE(few.size(), 20U) << text(few);
    EXPECT_FALSE(run(few, wrong).empty());
    EXPECT_EQ(run(few, rules_of(1)), "");
}

}  // namespace
}  // namespace fermata
