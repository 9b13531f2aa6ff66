/// What CORRELATED, VAR_PARAMETRIC, VAR_HISTORICAL and STRESS cost a request: 512 instruments, half
/// of them held, 512 days of returns, 24 sectors. "none" is the gate with its structural controls
/// alone; the others have one or all four limits beside them. "after a change": an order of another
/// instrument came or went since the last request. Last: what a new snapshot costs the trading
/// loop.
///   portfolio_limits_bench [REQUESTS]

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bench/support.hpp"
#include "core/account/account_book.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/exposure.hpp"
#include "risk/gate.hpp"
#include "risk/snapshot_shelf.hpp"

namespace fermata::bench {
namespace {

constexpr std::uint32_t kInstruments = 512;
constexpr std::uint32_t kDays = 512;
constexpr std::uint16_t kSectors = 24;

using LimitList = std::vector<std::pair<const char*, const char*>>;

GateSnapshot make_snapshot(std::uint64_t number) {
    std::mt19937_64 random(number);
    std::normal_distribution<double> normal;
    portfolio::PortfolioSnapshot s;
    s.number = number;
    s.instruments = kInstruments;
    s.days = kDays;
    s.measured.assign(kInstruments, 1);
    s.average_daily_volumes.resize(kInstruments);
    s.covariance.resize(std::size_t{kInstruments} * kInstruments);
    s.correlated.assign(kInstruments * s.words(), 0);
    for (std::uint32_t i = 0; i < kInstruments; ++i) {
        s.sectors.push_back(static_cast<std::uint16_t>(i % kSectors));
        s.volatilities.push_back(0.01 + 0.02 * (i % 100) / 100);
        s.betas.push_back(0.5 + (i % 10) * 0.1);
    }
    for (std::uint32_t i = 0; i < kInstruments; ++i) {
        for (std::uint32_t j = 0; j < kInstruments; ++j) {
            s.covariance[i * kInstruments + j] =
                s.volatilities[i] * s.volatilities[j] * (i == j ? 1.0 : 0.3);
        }
    }
    for (std::uint32_t t = 0; t < kDays; ++t) {
        const double common = normal(random) * std::sqrt(0.3);
        for (std::uint32_t i = 0; i < kInstruments; ++i) {
            s.returns.push_back(s.volatilities[i] * (common + normal(random) * std::sqrt(0.7)));
        }
    }
    const std::vector<Price> prices(kInstruments, Price::from_units(100));
    return make_gate_snapshot(s, prices, {});
}

class World {
public:
    explicit World(const LimitList& limits) {
        const CurrencyId usd = instruments_.currency("USD");
        for (std::uint32_t n = 0; n < kInstruments; ++n) {
            Instrument i;
            i.symbol = "I" + std::to_string(n);
            i.currency = usd;
            i.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
            instruments_.add(i);
        }
        std::vector<AccountConfig> accounts(1);
        accounts[0].name = std::string("main");
        accounts[0].base = usd;
        accounts[0].cash = {{usd, Money::from_units(10'000'000)}};
        marks_ = std::make_unique<MarkTable>(kInstruments);
        book_ = std::make_unique<AccountBook>(instruments_, accounts, 1);
        exposures_ = std::make_unique<ExposureBook>(instruments_, 1, 1);
        RiskConfig config(RiskProfile::kUnlimited);
        for (const auto& [key, value] : limits) FERMATA_ASSERT(config.set_limit(key, value).ok());
        gate_ = std::make_unique<Gate>(config, instruments_, *marks_, *book_, *exposures_, 1);
        gate_->use_snapshots(shelf_);
        for (std::uint32_t n = 0; n < kInstruments; ++n) {
            TradeData trade;
            trade.price = Price::from_units(100);
            marks_->update(make_trade(now_, {n}, {}, trade));
            book_->on_mark({n}, trade.price);
            if (n % 2 == 0) continue;
            FillToBook fill;
            fill.ts = now_;
            fill.instrument = {n};
            fill.price = trade.price;
            fill.quantity = Quantity::from_units(100);
            fill.fee_currency = usd;
            FERMATA_ASSERT(book_->book_fill(fill).ok());
        }
    }

    /// Ticks that it took on the trading loop.
    std::uint64_t adopt() {
        OrderEvent e = make_order_event(OrderEventType::kRiskSnapshot, now_, {});
        e.data.risk_snapshot = RiskSnapshotData{};
        GateSnapshot s = make_snapshot(++snapshots_);
        e.data.risk_snapshot.number = s.number;
        e.data.risk_snapshot.digest = s.digest;
        FERMATA_ASSERT(shelf_.publish(std::move(s)));
        const std::uint64_t begin = ticks();
        FERMATA_ASSERT(!gate_->on_snapshot(e).has_value());
        return ticks() - begin;
    }

    /// Judges a purchase of a random instrument.
    std::uint64_t judge(std::int64_t units) {
        now_ = now_ + Duration::milliseconds(1);
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, now_, {pick()});
        NewOrderData& o = e.data.new_order;
        o = NewOrderData{};
        o.tag = make_order_tag({0}, ++orders_);
        o.order_id = make_client_order_id(20'000, 1, orders_);
        o.side = Side::kBuy;
        o.quantity = Quantity::from_units(units);
        const std::uint64_t begin = ticks();
        const VerdictData v = gate_->check_new(e);
        const std::uint64_t took = ticks() - begin;
        approved += v.approved;
        return took;
    }
    /// An order of a random instrument is open, or the one before is closed.
    void change() {
        const bool opens = !open_;
        if (opens) {
            resting_ = Order{};
            resting_.instrument = {pick()};
            resting_.quantity = Quantity::from_units(100);
            exposures_->open(resting_, kShare);
        } else {
            exposures_->close(resting_, kShare);
        }
        open_ = opens;
        OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, now_, resting_.instrument);
        e.data.update = OrderUpdateData{};
        gate_->on_order_event(e, &resting_);
    }
    std::uint64_t approved = 0;

private:
    static constexpr ExposureShare kShare{Quantity::from_units(100), Money::from_units(10'000)};
    std::uint32_t pick() { return static_cast<std::uint32_t>(random_() % kInstruments); }

    InstrumentTable instruments_;
    std::unique_ptr<MarkTable> marks_;
    std::unique_ptr<AccountBook> book_;
    std::unique_ptr<ExposureBook> exposures_;
    SnapshotShelf shelf_;
    std::unique_ptr<Gate> gate_;
    Timestamp now_{1'700'000'000'000'000'000};
    std::mt19937_64 random_{1};
    std::uint32_t orders_ = 0;
    std::uint64_t snapshots_ = 0;
    Order resting_;
    bool open_ = false;
};

void measure(const std::string& name, const LimitList& limits, std::int64_t units, bool changes,
             std::size_t requests) {
    World w(limits);
    static_cast<void>(w.adopt());
    Percentiles times(requests);
    for (std::size_t n = 0; n < requests; ++n) {
        if (changes) w.change();
        times.add(w.judge(units));
    }
    times.drop_first(requests / 10);
    std::string label = name;
    label += w.approved > requests / 2 ? ", accepted" : ", refused";
    times.print(label);
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    using namespace fermata::bench;
    const std::size_t requests = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200'000;
    pin(0);
    print_machine();
    const LimitList all = {{"correlated", "8192"},
                           {"var_parametric", "50%"},
                           {"var_historical", "50%"},
                           {"stress", "100%"}};
    measure("none", {}, 1, false, requests);
    for (const auto& limit : all) measure(limit.first, {limit}, 1, false, requests);
    measure("all four", all, 1, false, requests);
    measure("all four, after a change", all, 1, true, requests);
    const LimitList tight = {
        {"correlated", "1"}, {"var_parametric", "1%"}, {"var_historical", "1%"}, {"stress", "1%"}};
    measure("all four", tight, 5'000, false, requests);
    World w(all);
    Percentiles adoptions(50);
    for (int n = 0; n < 50; ++n) adoptions.add(w.adopt());
    adoptions.print("a new snapshot, 256 names held");
    return 0;
}
