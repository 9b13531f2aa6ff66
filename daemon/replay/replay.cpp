#include "daemon/replay/replay.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <thread>
#include <utility>

#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"

namespace fermata {
namespace {

using WallClock = std::chrono::steady_clock;
constexpr std::uint64_t kLookUpEvery = 8192;  // events between two looks at the wall clock

/// Hands every record to the run's files and to the journal.
class Sinks final : public RecordSink {
public:
    Sinks(ResultFiles& files, TradeLedger& ledger, RecordSink* journal)
        : files_(files), ledger_(ledger), journal_(journal) {}
    void on_record(const OrderEvent& event) override {
        if (journal_ != nullptr) journal_->on_record(event);
        files_.on_record(event);
        if (event.type == OrderEventType::kFill) {
            ledger_.on_fill(event.ts, event.instrument, event.data.fill);
        }
    }

private:
    ResultFiles& files_;
    TradeLedger& ledger_;
    RecordSink* journal_;
};

/// Holds a run back to a multiple of real time.
class Pacer {
public:
    explicit Pacer(double speed) : speed_(speed) {}
    void wait_for(Timestamp t) {
        if (speed_ <= 0) return;
        if (!started_) {
            started_ = true;
            first_ = t;
            start_ = WallClock::now();
            return;
        }
        const auto offset = static_cast<double>((t - first_).ns) / speed_;
        std::this_thread::sleep_until(start_ +
                                      std::chrono::nanoseconds(static_cast<std::int64_t>(offset)));
    }

private:
    double speed_;
    bool started_ = false;
    Timestamp first_;
    WallClock::time_point start_;
};

/// Days since 1970 of an instant, as client order ids hold it.
std::uint16_t day_of(Timestamp t) {
    constexpr std::int64_t kDayNs = 86'400'000'000'000;
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(t.ns / kDayNs, 0, 0xffff));
}

class Run {
public:
    explicit Run(ReplayJob job)
        : job_(std::move(job)),
          first_batch_(job_.first_batch.empty() ? job_.feed->next() : job_.first_batch),
          files_((std::filesystem::create_directories(job_.out), job_.out), job_.names,
                 job_.hasher),
          ledger_(*job_.names.instruments),
          sinks_(files_, ledger_, job_.journal),
          curve_(job_.out, job_.names, job_.setup.accounts.size(), job_.equity_interval,
                 job_.benchmark),
          pipeline_([this] {
              job_.setup.sink = &sinks_;
              // Client order ids carry the day on which the run's data begins, not today's.
              if (!first_batch_.empty()) {
                  job_.setup.day = day_of(std::max(first_batch_.front().ts, job_.from));
              }
              return std::move(job_.setup);
          }()),
          scheduler_(pipeline_, clock_),
          pacer_(job_.speed) {}

    ReplayResult execute() {
        const auto start = WallClock::now();
        consume_feed();
        if (started_) {
            scheduler_.drain(clock_.now() + pipeline_.round_trip());
            pipeline_.stop(clock_.now());
            curve_.finish(clock_.now(), pipeline_.accounts());
        }
        result_.overflowed = pipeline_.overflowed();
        result_.seconds = std::chrono::duration<double>(WallClock::now() - start).count();
        collect();
        return std::move(result_);
    }

private:
    void consume_feed() {
        for (auto batch = first_batch_; !batch.empty(); batch = job_.feed->next()) {
            for (const MarketEvent& e : batch) {
                if (e.ts < job_.from) continue;
                if (e.ts >= job_.to) return;
                if (!started_) begin(e.ts);
                if (e.type != MarketEventType::kSession) {
                    if (result_.first == Timestamp{}) result_.first = e.ts;
                    result_.last = e.ts;
                }
                pacer_.wait_for(e.ts);
                curve_.before(e, pipeline_.accounts());
                scheduler_.step(e);
                if (e.type == MarketEventType::kBar) {
                    ledger_.on_prices(e.instrument, e.data.bar.low, e.data.bar.high);
                } else if (e.type == MarketEventType::kCorporateAction) {
                    ledger_.on_corporate_action(e.ts, e.instrument, e.data.corporate_action);
                }
                if (scheduler_.position() % kLookUpEvery == 0 && !look_up(e.ts)) return;
            }
            if (!look_up(clock_.now())) return;
        }
    }

    void begin(Timestamp first) {
        started_ = true;
        clock_.advance_to(first);
        pipeline_.start(first);
        scheduler_.settle();
    }

    /// False when the run must end here.
    bool look_up(Timestamp now) {
        if (pipeline_.overflowed()) return false;
        if (job_.cancelled && job_.cancelled()) {
            result_.cancelled = true;
            return false;
        }
        if (!job_.progress) return true;
        const auto wall = WallClock::now();
        if (wall < next_report_) return true;
        next_report_ = wall + std::chrono::milliseconds(100);
        job_.progress({job_.feed->progress(), now, scheduler_.position()});
        return true;
    }

    void collect() {
        result_.counts = files_.counts();
        result_.hashes = files_.close();
        result_.feed = job_.feed->stats();
        result_.market_events = scheduler_.position();
        result_.records = pipeline_.records();
        result_.open_orders = pipeline_.orders().open_count();
        const AccountBook& book = pipeline_.accounts();
        for (std::size_t a = 0; a < book.accounts(); ++a) {
            const AccountId id{static_cast<std::uint16_t>(a)};
            ReplayResult::Account account;
            account.cash = book.cash(id, book.base(id));
            account.fees = book.fees(id, book.base(id));
            if (book.equity_known(id)) account.equity = book.equity(id);
            account.daily = curve_.daily(id);
            result_.accounts.push_back(std::move(account));
        }
        result_.trades.assign(ledger_.closed().begin(), ledger_.closed().end());
        result_.traded_value = ledger_.traded_value();
        write_positions(job_.out, job_.names, book);
    }

    ReplayJob job_;
    std::span<const MarketEvent> first_batch_;
    ResultFiles files_;
    TradeLedger ledger_;
    Sinks sinks_;
    EquityCurve curve_;
    Pipeline pipeline_;
    VirtualClock clock_;
    LockstepScheduler<Pipeline> scheduler_;
    Pacer pacer_;
    ReplayResult result_;
    WallClock::time_point next_report_{};
    bool started_ = false;
};

}  // namespace

ReplayResult run_replay(ReplayJob job) { return Run(std::move(job)).execute(); }

}  // namespace fermata
