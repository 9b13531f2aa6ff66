#include "daemon/replay/run_results.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "daemon/replay/lot_rows.hpp"

namespace fermata {

std::uint16_t day_of(Timestamp t) noexcept {
    constexpr std::int64_t kDayNs = 86'400'000'000'000;
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(t.ns / kDayNs, 0, 0xffff));
}

RunResults::RunResults(const ReplayJob& job)
    : job_(job),
      files_((std::filesystem::create_directories(job.out), job.out), job.names, job.hasher),
      ledger_(*job.names.instruments),
      lots_(*job.names.instruments, job.accounts, job.lot_rules),
      curve_(job.out, job.names, job.names.accounts.size(), job.equity_interval, job.benchmark),
      marks_(job.names.instruments->size()) {}

void RunResults::on_record(const OrderEvent& event) {
    // What a market event led to comes before the event's own prices count, as on one thread; a
    // day's equity follows all prices of that day.
    if (market_ != nullptr && event.feed_position != 0) {
        const bool day = event.type == OrderEventType::kEquity;
        catch_up(day ? event.feed_position : event.feed_position - 1);
    }
    files_.on_record(event);
    lots_.on(event);
    if (event.type == OrderEventType::kFill) {
        ledger_.on_fill(event.ts, event.instrument, event.data.fill);
    } else if (event.type == OrderEventType::kEquity && market_ != nullptr) {
        std::optional<Price> benchmark;
        if (job_.benchmark && marks_[*job_.benchmark].valid()) {
            benchmark = marks_[*job_.benchmark].price();
        }
        curve_.record(event.ts, event.data.equity, benchmark);
    } else if (event.type == OrderEventType::kEquity && accrued_) {
        curve_.end_day(event.ts, event.data.equity);
    }
    if (event.type == OrderEventType::kPosition) {
        const PositionChange change = event.data.position.change;
        if (change == PositionChange::kOpening) {
            ledger_.on_opening(event.instrument, event.data.position);
        }
        accrued_ = change == PositionChange::kFinancing || change == PositionChange::kBorrow;
    } else if (event.type != OrderEventType::kEquity && event.type != OrderEventType::kAlert) {
        accrued_ = false;
    }
}

void RunResults::catch_up(std::uint64_t feed_position) {
    while (feed_position_ < feed_position) {
        const MarketEvent* e = market_->at(feed_position_ + 1);
        if (e == nullptr) return;
        ++feed_position_;
        marks_.update(*e);
        after(*e);
        market_->forget_before(feed_position_ + 1);
    }
}

void RunResults::after(const MarketEvent& e) {
    if (e.type == MarketEventType::kBar) {
        ledger_.on_prices(e.instrument, e.data.bar.low, e.data.bar.high);
    } else if (e.type == MarketEventType::kCorporateAction) {
        ledger_.on_corporate_action(e.ts, e.instrument, e.data.corporate_action);
    }
}

void RunResults::finish(Timestamp now, const AccountBook& accounts, const OrderManager& orders,
                        ReplayResult& result) {
    if (market_ != nullptr) catch_up(result.market_events);
    curve_.finish(now, accounts);
    result.counts = files_.counts();
    result.hashes = files_.close();
    result.feed = job_.feed->stats();
    result.open_orders = orders.open_count();
    for (std::size_t a = 0; a < accounts.accounts(); ++a) {
        const AccountId id{static_cast<std::uint16_t>(a)};
        ReplayResult::Account account;
        account.cash = accounts.cash(id, accounts.base(id));
        account.fees = accounts.fees(id, accounts.base(id));
        if (accounts.equity_known(id)) account.equity = accounts.equity(id);
        account.daily = curve_.daily(id);
        result.accounts.push_back(std::move(account));
    }
    result.trades.assign(ledger_.closed().begin(), ledger_.closed().end());
    result.traded_value = ledger_.traded_value();
    write_positions(job_.out, job_.names, accounts);
    const LotReport lots = lots_.report();
    write_lots(job_.out, job_.names, lots);
    result.unmet_lots = lots.unmet;
}

}  // namespace fermata
