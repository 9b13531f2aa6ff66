#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_writer.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// Writes a journal: a strategy that trades with itself, and a purchase that lifts the close.
class SuspiciousJournal {
public:
    /// `files` outlives this.
    SuspiciousJournal(FileSystem& files, std::string directory)
        : files_(files), directory_(std::move(directory)) {}

    // 2024-01-02T20:50:00Z.
    static constexpr std::int64_t kStart = 1'704'228'600'000'000'000;

    static JournalManifest manifest(MarketRecord market) {
        JournalManifest m;
        m.build = "fermata 0.1.0";
        m.configuration_hash = "sha256:c0";
        m.start = Timestamp{kStart};
        m.sources = {{"SPY.csv", "sha256:5b"}};
        m.instruments = {"SPY"};
        m.strategies = {"sma", "rsi"};
        m.accounts = {"main", "second"};
        m.venues = {"sim"};
        m.currencies = {"USD"};
        m.market = market;
        return m;
    }
    static Price dollars(std::int64_t d) { return Price::from_units(d); }

    void begin(MarketRecord market) {
        const JournalManifest names = manifest(market);
        auto writer =
            JournalWriter::create(files_, {directory_, 1 << 20, 0, true}, names,
                                  make_run_id(names.configuration_hash, names.start, make_sha256),
                                  {make_sha256, kDefaultChain, make_hasher});
        ASSERT_TRUE(writer.ok());
        writer_ = std::move(*writer);
        market_ = market;
    }
    void print(MarketEvent e) {
        e.seq = ++feed_position_;
        if (market_ != MarketRecord::kRecord) return;
        ASSERT_TRUE(writer_->append(e).ok());
    }
    void trade(std::int64_t second, Price price, std::int64_t units) {
        TradeData d;
        d.price = price;
        d.quantity = Quantity::from_units(units);
        print(make_trade(time(second), {}, {}, d));
    }
    void close_session(std::int64_t second) {
        MarketEvent e = make_event(MarketEventType::kSession, time(second), {}, {});
        e.data.session = SessionData{};
        print(e);
    }
    void put(OrderEvent e, std::int64_t second) {
        e.ts = time(second);
        e.seq = ++position_;
        e.feed_position = feed_position_;
        e.cause = make_cause(CauseKind::kMarket, feed_position_);
        ASSERT_TRUE(writer_->append(e).ok());
    }
    static Timestamp time(std::int64_t second) { return {kStart + second * 1'000'000'000}; }
    void send(std::uint64_t id, Side side, std::int64_t units, std::int64_t second) {
        OrderEvent e = make_order_event(OrderEventType::kSendNew, {}, {});
        NewOrderData d;
        d.tag = make_order_tag(StrategyId{0}, id);
        d.order_id = {id};
        d.price = dollars(100);
        d.quantity = Quantity::from_units(units);
        d.side = side;
        d.type = OrderType::kLimit;
        e.data.new_order = d;
        put(e, second);
    }
    void fill(std::uint64_t id, Side side, std::int64_t units, Liquidity liquidity,
              std::int64_t second) {
        OrderEvent e = make_order_event(OrderEventType::kFill, {}, {});
        FillData d;
        d.tag = make_order_tag(StrategyId{0}, id);
        d.order_id = {id};
        d.exec_id = {id};
        d.price = dollars(100);
        d.quantity = Quantity::from_units(units);
        d.side = side;
        d.liquidity = liquidity;
        e.data.fill = d;
        put(e, second);
    }
    /// The venue takes the order's fill back.
    void bust(std::uint64_t id, std::int64_t second) {
        OrderEvent e = make_order_event(OrderEventType::kCorrection, {}, {});
        CorrectionData d;
        d.order_id = {id};
        d.exec_id = {1'000 + id};
        d.ref_exec_id = {id};
        e.data.correction = d;
        put(e, second);
    }
    /// Order 1 buys from order 2; order 3 lifts the close. `busted`: its fill is taken back.
    void write(MarketRecord market, std::uint64_t busted = 0) {
        begin(market);
        trade(0, dollars(100), 1'000);
        send(1, Side::kBuy, 10, 1);
        send(2, Side::kSell, 10, 2);
        fill(1, Side::kBuy, 10, Liquidity::kMaker, 2);
        fill(2, Side::kSell, 10, Liquidity::kTaker, 2);
        send(3, Side::kBuy, 500, 300);
        fill(3, Side::kBuy, 500, Liquidity::kTaker, 300);
        trade(590, dollars(101), 1'000);
        close_session(600);
        if (busted != 0) bust(busted, 700);
        ASSERT_TRUE(writer_->close().ok());
    }
    void flush() { ASSERT_TRUE(writer_->flush().ok()); }

private:
    FileSystem& files_;
    std::string directory_;
    std::unique_ptr<JournalWriter> writer_;
    MarketRecord market_ = MarketRecord::kRecord;
    std::uint64_t position_ = 0;
    std::uint64_t feed_position_ = 0;
};

}  // namespace fermata
