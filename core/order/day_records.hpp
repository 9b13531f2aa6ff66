#pragma once

#include <cstdint>

#include "core/account/account_book.hpp"
#include "core/event/order_event.hpp"
#include "core/order/day_end.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// What a trading stage puts on record once a day of event time (UTC): what the day's end cost or
/// brought, then what every account was worth after the day's last event.
///
/// Owner: the trading stage.
class DayRecords {
public:
    void use(const DayEnd& day_end) noexcept { day_end_ = &day_end; }
    [[nodiscard]] bool due(Timestamp ts) const noexcept { return ts >= next_; }

    /// `ts` begins a new day, `now` was the newest time before. `entry` gets what moved money,
    /// `record` the equity of every account that can be valued.
    template <class Entry, class Record>
    void run(AccountBook& accounts, Timestamp now, Timestamp ts, Entry&& entry, Record&& record) {
        constexpr std::int64_t kDay = 86'400'000'000'000;
        const bool first = next_ == Timestamp::min();
        const Timestamp as_of = first ? ts : now;
        next_ = Timestamp{(ts.ns / kDay + 1) * kDay};
        for (std::size_t a = 0; day_end_ != nullptr && a < accounts.accounts(); ++a) {
            const AccountId account{static_cast<std::uint16_t>(a)};
            if (first) {
                accounts.begin_days(account, ts);
            } else {
                day_end_->run(accounts, account, now, ts, entry);
            }
        }
        for (std::size_t a = 0; a < accounts.accounts(); ++a) {
            const AccountId account{static_cast<std::uint16_t>(a)};
            if (!accounts.equity_known(account)) continue;
            OrderEvent e = make_order_event(OrderEventType::kEquity, as_of, InstrumentId{0});
            e.data.equity = accounts.summary(account);
            record(e);
        }
    }

    /// See core/base/state_archive.hpp; `next_`, as the stage's own section has it first.
    template <class Archive>
    void persist(Archive& a) {
        a(next_);
    }

private:
    const DayEnd* day_end_ = nullptr;
    Timestamp next_ = Timestamp::min();
};

}  // namespace fermata
