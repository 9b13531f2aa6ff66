#pragma once

/// A stage that makes snapshots of portfolio risk, with its lanes and a consumer.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "risk/portfolio_stage.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::portfolio_stage_test {

inline constexpr Duration kDay = Duration::seconds(86'400);
inline constexpr Timestamp kMidnight{19'723 * 86'400'000'000'000};  // 2024-01-01
inline constexpr std::int32_t kFirstDay = 19'723;

inline Price dollars(double value) {
    return Price::from_raw(static_cast<std::int64_t>(std::llround(value * 1e9)));
}
constexpr Duration hours(std::int64_t n) { return Duration::seconds(n * 3600); }

inline MarketEvent trade(Timestamp ts, std::uint32_t i, double at) {
    TradeData data;
    data.price = dollars(at);
    data.quantity = Quantity::from_units(1);
    return make_trade(ts, InstrumentId{i}, StreamId{0}, data);
}
inline MarketEvent bar(Timestamp end, std::uint32_t i, double close) {
    const Price p = dollars(close);
    return make_bar(end, InstrumentId{i}, StreamId{0},
                    BarData{p, p, p, p, Quantity::from_units(1)});
}
inline MarketEvent bar_open(Timestamp start, std::uint32_t i, double open) {
    return make_bar_open(start, InstrumentId{i}, StreamId{0}, dollars(open),
                         Quantity::from_units(1));
}
inline MarketEvent split(Timestamp ts, std::uint32_t i, int numerator, int denominator) {
    MarketEvent e = make_event(MarketEventType::kCorporateAction, ts, InstrumentId{i}, StreamId{0});
    e.data.corporate_action = CorporateActionData{};
    e.data.corporate_action.numerator = numerator;
    e.data.corporate_action.denominator = denominator;
    return e;
}
inline MarketEvent dividend(Timestamp ts, std::uint32_t i, double cash) {
    MarketEvent e = split(ts, i, 1, 1);
    e.data.corporate_action.kind = CorporateActionKind::kDividend;
    e.data.corporate_action.cash = dollars(cash);
    return e;
}

inline InstrumentTable instruments(std::size_t count) {
    InstrumentTable table;
    const CurrencyId usd = table.currency("USD");
    for (std::size_t i = 0; i < count; ++i) {
        Instrument instrument;
        instrument.symbol = "S" + std::to_string(i);
        instrument.currency = usd;
        instrument.sector = i % 2 == 0 ? "Even" : "";
        instrument.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
        table.add(instrument);
    }
    return table;
}

inline PortfolioStageSettings settings(std::size_t days_min, std::size_t window = 8) {
    PortfolioStageSettings s;
    s.window = window;
    s.estimate.method = portfolio::CovarianceMethod::kSample;
    s.estimate.days_min = days_min;
    return s;
}

/// What was sent: the event, and what the shelf had for it.
struct Sent {
    OrderEvent event;
    GateSnapshot content;
};

/// A stage with its lanes, and a consumer who takes everything at once unless told otherwise.
class Bench {
public:
    Bench(std::size_t count, PortfolioStageSettings s, std::size_t slots = 4)
        : table_(instruments(count)), settings_(std::move(s)), slots_(slots) {
        build();
    }

    void give(const MarketEvent& event) {
        MarketEvent e = event;
        e.seq = ++position_;
        ASSERT_TRUE(market_->try_push(e));
        (void)stage_->poll(1);
        if (consumes) consume();
    }
    void consume() {
        OrderEvent e;
        while (snapshots_->take(e)) {
            ASSERT_EQ(e.type, OrderEventType::kRiskSnapshot);
            const GateSnapshot* content = shelf_->find(e.data.risk_snapshot.number);
            ASSERT_NE(content, nullptr);
            sent.push_back({e, *content});
            shelf_->release_before(e.data.risk_snapshot.number);
        }
    }
    /// As a restart from a snapshot of the state does: everything new, and the state of before.
    void restart() {
        std::vector<OrderEvent> under_way;
        OrderEvent e;
        while (snapshots_->take(e)) under_way.push_back(e);
        const std::vector<std::byte> state = test::state_of(*stage_);
        build();
        ASSERT_EQ(test::load_state(*stage_, state), "");
        ASSERT_TRUE(test::state_of(*stage_) == state);
        for (const OrderEvent& event : under_way) {
            ASSERT_TRUE(stage_->restore_on_shelf(event));
            ASSERT_TRUE(snapshots_->try_push(event));
        }
    }
    PortfolioStage& stage() { return *stage_; }
    SnapshotShelf& shelf() { return *shelf_; }

    bool consumes = true;
    std::vector<Sent> sent;

private:
    void build() {
        stage_.reset();
        shelf_ = std::make_unique<SnapshotShelf>(slots_);
        market_ = std::make_unique<Lane<MarketEvent>>(64);
        snapshots_ = std::make_unique<Lane<OrderEvent>>(64);
        stage_ = std::make_unique<PortfolioStage>(
            table_, settings_, *shelf_, PortfolioStage::Lanes{market_.get(), snapshots_.get()});
    }

    InstrumentTable table_;
    PortfolioStageSettings settings_;
    std::size_t slots_;
    std::unique_ptr<SnapshotShelf> shelf_;
    std::unique_ptr<Lane<MarketEvent>> market_;
    std::unique_ptr<Lane<OrderEvent>> snapshots_;
    std::unique_ptr<PortfolioStage> stage_;
    std::uint64_t position_ = 0;
};

/// Returns of one instrument, 1e-9.
inline std::vector<std::int32_t> returns_of(const GateSnapshot& s, std::size_t i) {
    return {s.return_row(i), s.return_row(i) + s.days};
}

}  // namespace fermata::portfolio_stage_test
