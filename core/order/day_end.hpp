#pragma once

#include <span>

#include "core/account/account_book.hpp"
#include "core/account/accrual_record.hpp"
#include "core/account/financing.hpp"
#include "core/account/margin.hpp"
#include "core/event/order_event.hpp"

namespace fermata {

/// What the end of a day (UTC, of event time) brings to every account.
struct DayEndRules {
    FinancingRates rates;
    MarginRules margin;
    /// A position valued at a price older than this is said to be; zero: never.
    Duration stale_after = Duration::days(4);
};

/// Interest, borrow fees and settlements are booked and put on record; an account whose equity is
/// below its maintenance margin, and positions that are valued at old prices, raise alerts.
///
/// Owner:  the trading loop. Keeps nothing: what it books is in the account book.
class DayEnd {
public:
    DayEnd(DayEndRules rules, const InstrumentTable& instruments,
           std::span<const AccountConfig> accounts)
        : rules_(std::move(rules)), margin_(instruments, accounts, rules_.margin) {}

    /// f(OrderEvent&) for every record: kPosition, then kAlert. `now` is the day's last event,
    /// `next` the first one after it: what is held over a weekend costs three nights.
    template <class F>
    void run(AccountBook& book, AccountId account, Timestamp now, Timestamp next, F&& f) const {
        book.end_of_day(account, now, next, rules_.rates, [&](const Accrual& accrual) {
            OrderEvent e = to_record(accrual, book, now);
            f(e);
        });
        const auto warn = [&](AlertCode code, InstrumentId instrument, std::int64_t first,
                              std::int64_t second) {
            OrderEvent e = make_order_event(OrderEventType::kAlert, now, instrument);
            e.data.alert = AlertData{};
            e.data.alert.code = code;
            e.data.alert.account = account;
            e.data.alert.strategy = StrategyId{0xffff};
            e.data.alert.detail[0] = first;
            e.data.alert.detail[1] = second;
            f(e);
        };
        const MarginState margin = margin_.state(book, account);
        if (margin.known && margin.cushion.is_negative()) {
            warn(AlertCode::kMarginDeficit, InstrumentId{0}, margin.equity.raw(),
                 margin.maintenance.raw());
        }
        if (rules_.stale_after.ns <= 0) return;
        const MarkReport marks = book.mark_report(account, now, rules_.stale_after);
        if (marks.stale > 0) {
            warn(AlertCode::kStaleMark, marks.oldest, (now - marks.oldest_ts).ns, marks.stale);
        }
    }

private:
    DayEndRules rules_;
    MarginModel margin_;
};

}  // namespace fermata
