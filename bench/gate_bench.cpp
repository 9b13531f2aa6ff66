/// The pre-trade gate alone, with the books that it reads kept by the real order manager: what a
/// verdict costs with every control on, on an order that passes and on one that is refused, what
/// the events in between cost, and what each control adds.
///   gate_bench [ORDERS [INSTRUMENTS [DAYS]]]

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bench/support.hpp"
#include "core/account/account_book.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/order_manager.hpp"
#include "risk/gate.hpp"
#include "risk/snapshot_shelf.hpp"

namespace fermata::bench {
namespace {

constexpr std::size_t kSectors = 16;

struct Samples {
    explicit Samples(std::size_t expected)
        : accepted(expected), refused(expected), events(expected) {}
    Percentiles accepted, refused;
    Percentiles events;  ///< What the gate takes in for one order: a quote and its order's life.
};

/// Returns of one common factor and of each instrument alone; nobody is correlated above 0.7.
GateSnapshot make_snapshot(std::uint32_t instruments, std::uint32_t days) {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    portfolio::PortfolioSnapshot s;
    s.number = 1;
    s.instruments = instruments;
    s.days = days;
    s.measured.assign(instruments, 1);
    s.average_daily_volumes.resize(instruments);
    s.correlated.assign(instruments * s.words(), 0);
    for (std::uint32_t i = 0; i < instruments; ++i) {
        s.sectors.push_back(static_cast<std::uint16_t>(i % kSectors));
        s.volatilities.push_back(0.005 + 0.01 * (i % 100) / 100);
        s.betas.push_back(0.5 + (i % 10) * 0.1);
    }
    for (std::uint32_t i = 0; i < instruments; ++i) {
        for (std::uint32_t j = 0; j < instruments; ++j) {
            s.covariance.push_back(s.volatilities[i] * s.volatilities[j] * (i == j ? 1.0 : 0.3));
        }
    }
    for (std::uint32_t t = 0; t < days; ++t) {
        const double common = normal(random) * std::sqrt(0.3);
        for (std::uint32_t i = 0; i < instruments; ++i) {
            s.returns.push_back(s.volatilities[i] * (common + normal(random) * std::sqrt(0.7)));
        }
    }
    return make_gate_snapshot(s, std::vector<Price>(instruments, Price::from_units(100)), {});
}

/// One margin account that holds something of every instrument, eight strategies that trade them
/// all. Every order is preceded by a quote of its instrument; it is canceled, one in eight filled,
/// before the next.
class Workload {
public:
    Workload(const RiskConfig& risk, const GateSnapshot& snapshot)
        : instruments_(make_instruments(snapshot.instruments)),
          marks_(instruments_.size()),
          accounts_(instruments_, make_accounts(), kStrategies),
          orders_({.orders_max = 4'096, .day = 20'000, .boot_epoch = 1}, instruments_, accounts_),
          gate_(risk, instruments_, marks_, accounts_, orders_.exposures(), 1),
          out_(64) {
        orders_.use_marks(marks_);
        adopt(snapshot);
        for (std::uint32_t i = 0; i < snapshot.instruments; ++i) {
            now_ = now_ + Duration::seconds(10);  // REPEAT counts the fills of a minute
            quote(InstrumentId{i});
            // The opening position comes from a fill, as every other.
            const OrderEvent e = intent(InstrumentId{i}, Side::kBuy, kHeld);
            out_.clear();
            orders_.accept(e, e.data.new_order.price, out_);
            (void)tell();
            (void)end(e, true);
        }
    }

    /// One order; a refused one asks for far too much.
    void step(Samples& samples, bool refuse) {
        now_ = now_ + Duration::milliseconds(100);
        const InstrumentId i{static_cast<std::uint32_t>(random_() % instruments_.size())};
        const std::uint64_t quoted = ticks();
        quote(i);
        std::uint64_t events = ticks() - quoted;
        const Side side = random_() % 2 == 0 ? Side::kBuy : Side::kSell;
        const std::int64_t size = 1 + static_cast<std::int64_t>(random_() % 9);
        const OrderEvent e = intent(i, side, refuse ? 100'000 * size : size);
        const std::uint64_t begin = ticks();
        const VerdictData verdict = gate_.check_new(e);
        const Price reserve = verdict.approved != 0 ? gate_.reserve_price(e) : Price{};
        const std::uint64_t judged = ticks() - begin;
        if ((verdict.approved != 0) == refuse) {
            std::fprintf(stderr, "an order was %s: controls %016llx\n",
                         refuse ? "approved" : "refused",
                         static_cast<unsigned long long>(verdict.failed));
            std::exit(1);
        }
        (refuse ? samples.refused : samples.accepted).add(judged);
        if (refuse) return;
        out_.clear();
        orders_.accept(e, reserve, out_);
        events += tell();
        events += end(e, random_() % 8 == 0);
        samples.events.add(events);
    }

private:
    static constexpr std::size_t kStrategies = 8;
    static constexpr std::int64_t kHeld = 1'000;

    void adopt(const GateSnapshot& snapshot) {
        gate_.use_snapshots(shelf_);
        OrderEvent e = make_order_event(OrderEventType::kRiskSnapshot, now_, InstrumentId{0});
        e.data.risk_snapshot = RiskSnapshotData{};
        e.data.risk_snapshot.number = snapshot.number;
        e.data.risk_snapshot.digest = snapshot.digest;
        GateSnapshot copy = snapshot;
        if (!shelf_.publish(std::move(copy)) || gate_.on_snapshot(e)) {
            std::fprintf(stderr, "the gate did not take the snapshot\n");
            std::exit(1);
        }
    }
    void quote(InstrumentId i) {
        const std::int64_t cents = 10'000 + static_cast<std::int64_t>(random_() % 3) - 1;
        const auto price = [](std::int64_t n) { return Price::from_raw(n * 10'000'000); };
        const MarketEvent e =
            make_quote(now_, i, StreamId{0},
                       QuoteData{price(cents), Quantity::from_units(1'000), price(cents + 1),
                                 Quantity::from_units(1'000), 0});
        marks_.update(e);
        accounts_.on_mark(i, marks_[i].price(), e.ts);
        if (gate_.watches_market()) gate_.on_market(e);
    }
    OrderEvent intent(InstrumentId i, Side side, std::int64_t size) {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, now_, i);
        NewOrderData d;
        d.strategy = StrategyId{static_cast<std::uint16_t>(tags_ % kStrategies)};
        d.tag = make_order_tag(d.strategy, ++tags_);
        d.side = side;
        d.type = OrderType::kLimit;
        d.tif = TimeInForce::kGtc;
        d.price = side == Side::kBuy ? marks_[i].bid : marks_[i].ask;
        d.quantity = Quantity::from_units(size);
        e.data.new_order = d;
        (void)orders_.number(e);
        return e;
    }
    OrderEvent report(const OrderEvent& order, ExecType type, Quantity leaves, Quantity done) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, now_, order.instrument);
        ExecutionData d;
        d.order_id = order.data.new_order.order_id;
        d.exec_id = ExecId{++execs_};
        d.exec_type = type;
        d.leaves_quantity = leaves;
        d.cumulative_quantity = done;
        if (type == ExecType::kTrade) {
            d.last_quantity = done;
            d.last_price = order.data.new_order.price;
        }
        e.data.execution = d;
        return e;
    }
    std::uint64_t end(const OrderEvent& order, bool fills) {
        const Quantity all = order.data.new_order.quantity;
        std::uint64_t events = 0;
        out_.clear();
        orders_.on_execution(report(order, ExecType::kNew, all, Quantity{}), out_);
        events += tell();
        out_.clear();
        orders_.on_execution(fills ? report(order, ExecType::kTrade, Quantity{}, all)
                                   : report(order, ExecType::kCanceled, Quantity{}, Quantity{}),
                             out_);
        return events + tell();
    }
    /// What the order manager said, to the gate.
    std::uint64_t tell() {
        const std::uint64_t begin = ticks();
        if (gate_.watches_orders()) {
            for (const OrderEvent& e : out_.span()) {
                const bool update = e.type == OrderEventType::kOrderUpdate;
                gate_.on_order_event(e, update ? orders_.find(e.data.update.order_id) : nullptr);
            }
        }
        if (gate_.watches_equity()) {
            (void)gate_.on_equity(AccountId{0}, accounts_.equity(AccountId{0}), now_);
        }
        return ticks() - begin;
    }

    static InstrumentTable make_instruments(std::size_t count) {
        InstrumentTable table;
        for (std::size_t i = 0; i < count; ++i) {
            Instrument instrument;
            instrument.symbol = "I" + std::to_string(i);
            instrument.currency = table.currency("USD");
            instrument.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
            instrument.sector = "sector " + std::to_string(i % kSectors);
            instrument.average_daily_volume = Quantity::from_units(100'000'000);
            table.add(instrument);
        }
        return table;
    }
    static std::vector<AccountConfig> make_accounts() {
        AccountConfig account;
        account.name = "main";
        account.cash = {{CurrencyId{0}, Money::from_units(200'000'000)}};
        account.type = AccountConfig::Type::kMargin;
        account.margin = AccountConfig::Margin::kRegT;
        return {account};
    }

    InstrumentTable instruments_;
    MarkTable marks_;
    AccountBook accounts_;
    OrderManager orders_;
    SnapshotShelf shelf_;
    Gate gate_;
    EventBuffer out_;
    std::mt19937_64 random_{1};
    Timestamp now_{1'700'006'400'000'000'000};  // midnight, UTC
    std::uint64_t tags_ = 0;
    std::uint64_t execs_ = 0;
};

void run(const char* label, const RiskConfig& risk, const GateSnapshot& snapshot,
         std::size_t orders) {
    const auto workload = std::make_unique<Workload>(risk, snapshot);
    Samples samples(2 * orders);
    for (std::size_t n = 0; n < orders / 10; ++n) workload->step(samples, false);
    samples = Samples(2 * orders);
    for (std::size_t n = 0; n < orders; ++n) {
        workload->step(samples, false);
        if (risk.profile() == RiskProfile::kHouse) workload->step(samples, true);
    }
    samples.accepted.print(std::string("accepted, ") + label);
    if (samples.refused.size() != 0) samples.refused.print(std::string("refused, ") + label);
    samples.events.print(std::string("events about an order, ") + label);
}

/// What one control adds to a verdict: the median of the differences between blocks with it and
/// without it, in turns, beside the structural controls.
void print_cost(const Control& control, const GateSnapshot& snapshot) {
    RiskConfig with(RiskProfile::kUnlimited);
    bool any = false;
    for (const LimitKey& key : limit_keys()) {
        if (limit_definition(key.id).control != control.id) continue;
        any = any || with.set_limit(key.key, key.default_value).ok();
    }
    if (!any) return;
    Workload base(RiskConfig(RiskProfile::kUnlimited), snapshot), tested(with, snapshot);
    constexpr std::size_t kBlock = 4'000, kBlocks = 9;
    std::vector<double> verdicts, events;
    for (std::size_t n = 0; n < kBlocks; ++n) {
        Samples a(kBlock), b(kBlock);
        for (std::size_t m = 0; m < kBlock; ++m) {
            base.step(a, false);
            tested.step(b, false);
        }
        verdicts.push_back(b.accepted.ns(0.5) - a.accepted.ns(0.5));
        events.push_back(b.events.ns(0.5) - a.events.ns(0.5));
    }
    const auto median = [](std::vector<double>& values) {
        std::sort(values.begin(), values.end());
        return std::max(0.0, values[values.size() / 2]);
    };
    std::printf("| %-14s | %6.0f | %6.0f |\n", std::string(control.code).c_str(), median(verdicts),
                median(events));
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata;
    using namespace fermata::bench;
    const std::size_t orders = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
    const unsigned long instruments = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 512;
    const unsigned long days = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 512;
    const GateSnapshot snapshot =
        make_snapshot(static_cast<std::uint32_t>(instruments), static_cast<std::uint32_t>(days));
    print_machine();
    pin(0);
    for (int round = 1; round <= 3; ++round) {
        std::printf("round %d, %lu instruments, %lu days\n", round, instruments, days);
        run("profile unlimited", RiskConfig(RiskProfile::kUnlimited), snapshot, orders);
        run("profile house", RiskConfig(RiskProfile::kHouse), snapshot, orders);
    }
    std::printf("\n| control | a verdict, ns | the events about an order, ns |\n|---|---|---|\n");
    for (const Control& control : kControls) print_cost(control, snapshot);
}
