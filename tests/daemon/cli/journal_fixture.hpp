#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_writer.hpp"
#include "risk/controls.hpp"
#include "tests/support/memory_file_system.hpp"

namespace fermata {

/// A journal in memory with the life of one limit order of the strategy "sma" (trading positions 1
/// to 8), then what happens around it:
///
///     1 new_order  2 verdict, refused  3 execution  4 fill  5 timer of "rsi"
///     6 order_update (Filled)  7 alert about the order, from its venue's repetition
///     8 control: "rsi" halted  9 new_order of "rsi"  10 verdict, approved  11 equity of "second"
///
/// and one record each of the venue's and the shard's stream, and a quote and a trade of the feed.
/// One second lies between records.
class JournalFixture : public testing::Test {
protected:
    // 2024-01-02T14:30:00Z.
    static constexpr std::int64_t kStart = 1'704'205'800'000'000'000;
    static constexpr std::int64_t kSecond = 1'000'000'000;
    static constexpr OrderTag kTag = make_order_tag(StrategyId{0}, 3);
    static constexpr ClientOrderId kOrder{42};
    static constexpr OrderTag kOtherTag = make_order_tag(StrategyId{1}, 1);
    static constexpr ClientOrderId kOtherOrder{43};
    static constexpr Price kLimitPrice = Price::from_raw(187'250'000'000);

    static JournalManifest manifest() {
        JournalManifest manifest;
        manifest.build = "fermata 0.1.0";
        manifest.configuration_hash = "sha256:c0";
        manifest.start = Timestamp{kStart};
        manifest.sources = {{"SPY.csv", "sha256:5b"}};
        manifest.instruments = {"SPY", "Odd, \"name\""};
        manifest.strategies = {"sma", "rsi"};
        manifest.accounts = {"main", "second"};
        manifest.venues = {"sim"};
        manifest.currencies = {"USD"};
        manifest.market = MarketRecord::kRecord;
        return manifest;
    }

    void SetUp() override { write({}); }
    /// The same journal with these records behind its eleventh.
    void write_again(const std::vector<OrderEvent>& more) {
        files_.files.clear();
        position_ = 0;
        write(more);
    }
    void write(const std::vector<OrderEvent>& more) {
        const JournalManifest names = manifest();
        auto writer =
            JournalWriter::create(files_, {"run", 1 << 20, 0, true}, names,
                                  make_run_id(names.configuration_hash, names.start, make_sha256),
                                  {make_sha256, kDefaultChain, make_hasher});
        ASSERT_TRUE(writer.ok());
        put(**writer, new_order());
        put(**writer, verdict());
        put(**writer, execution());
        put(**writer, fill());
        put(**writer, timer());
        put(**writer, update());
        put(**writer, alert());
        put(**writer, control());
        put(**writer, other_order());
        put(**writer, other_verdict());
        put(**writer, equity());
        for (const OrderEvent& e : more) put(**writer, e);
        ASSERT_TRUE((*writer)->append(quote()).ok());
        ASSERT_TRUE((*writer)->append(trade()).ok());
        put_consumed(**writer, venue_stream(0), 4);
        put_consumed(**writer, shard_stream(0), 6);
        ASSERT_TRUE((*writer)->close().ok());
    }

    void put(JournalWriter& writer, const OrderEvent& bare) {
        OrderEvent event = bare;
        event.seq = ++position_;
        event.ts = Timestamp{kStart + static_cast<std::int64_t>(position_ - 1) * kSecond};
        event.feed_position = position_;
        event.cause = make_cause(CauseKind::kMarket, position_);
        ASSERT_TRUE(writer.append(event).ok());
    }
    static void put_consumed(JournalWriter& writer, JournalStream stream, std::uint64_t what) {
        OrderEvent event = make_order_event(OrderEventType::kConsumed,
                                            Timestamp{kStart + 20 * kSecond}, InstrumentId{});
        event.seq = 1;
        event.feed_position = 11;
        event.cause = make_cause(CauseKind::kTrading, what);
        ASSERT_TRUE(writer.append(event, stream).ok());
    }

    static MarketEvent quote() {
        MarketEvent e;
        e.type = MarketEventType::kQuote;
        e.instrument = InstrumentId{1};
        e.seq = 1;
        e.ts = Timestamp{kStart};
        e.data.quote = QuoteData{};
        e.data.quote.bid = kLimitPrice;
        e.data.quote.ask = Price::from_raw(187'260'000'000);
        e.data.quote.bid_quantity = Quantity::from_units(3);
        e.data.quote.ask_quantity = Quantity::from_units(4);
        return e;
    }
    static MarketEvent trade() {
        MarketEvent e;
        e.type = MarketEventType::kTrade;
        e.instrument = InstrumentId{0};
        e.seq = 2;
        e.ts = Timestamp{kStart + kSecond};
        e.data.trade = TradeData{};
        e.data.trade.price = Price::from_raw(470'000'000'000);
        e.data.trade.quantity = Quantity::from_units(7);
        return e;
    }

    static OrderEvent new_order() {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, {}, InstrumentId{1});
        NewOrderData d;
        d.tag = kTag;
        d.order_id = kOrder;
        d.side = Side::kSell;
        d.type = OrderType::kLimit;
        d.tif = TimeInForce::kGtd;
        d.price = kLimitPrice;
        d.quantity = Quantity::from_units(100);
        d.expire_time = Timestamp{kStart + 60 * kSecond};
        e.data.new_order = d;
        return e;
    }
    static OrderEvent verdict() {
        OrderEvent e = make_order_event(OrderEventType::kVerdict, {}, InstrumentId{1});
        VerdictData d;
        d.tag = kTag;
        d.order_id = kOrder;
        d.approved = 0;
        d.failed = bit(ControlId::kMaxNotional) | bit(ControlId::kPosition);
        d.checked = d.failed | bit(ControlId::kState);
        d.first_failed = static_cast<std::uint8_t>(ControlId::kMaxNotional);
        d.scope = static_cast<std::uint8_t>(Scope::kOrder);
        d.unit = static_cast<std::uint8_t>(LimitUnit::kMoney);
        d.observed = Money::from_units(18'725).raw();
        d.limit = Money::from_units(2'000).raw();
        d.action = static_cast<std::uint8_t>(OrderEventType::kNewOrder);
        d.reference = kLimitPrice;
        d.equity = Money::from_units(100'000);
        d.config_hash = 0x9f3a'0c11'd2e4'b576;
        set_quote(d, {Price::from_raw(187'240'000'000), Price::from_raw(187'260'000'000)});
        e.data.verdict = d;
        return e;
    }
    static OrderEvent execution() {
        OrderEvent e = make_order_event(OrderEventType::kExecution, {}, InstrumentId{1});
        ExecutionData d;
        d.order_id = kOrder;
        d.exec_id = ExecId{9};
        d.exec_type = ExecType::kTrade;
        d.last_price = Price::from_raw(187'500'000'000);
        d.last_quantity = Quantity::from_units(40);
        d.leaves_quantity = Quantity::from_units(60);
        d.cumulative_quantity = Quantity::from_units(40);
        d.fee = Money::from_raw(-1'500'000);
        d.liquidity = Liquidity::kMaker;
        e.data.execution = d;
        return e;
    }
    static OrderEvent fill() {
        OrderEvent e = make_order_event(OrderEventType::kFill, {}, InstrumentId{1});
        FillData d;
        d.tag = kTag;
        d.order_id = kOrder;
        d.side = Side::kSell;
        d.price = Price::from_raw(187'500'000'000);
        d.quantity = Quantity::from_units(40);
        d.position_after = Quantity::from_units(-40);
        e.data.fill = d;
        return e;
    }
    static OrderEvent timer() {
        OrderEvent e = make_order_event(OrderEventType::kTimer, {}, InstrumentId{0});
        TimerData d;
        d.timer_id = 7;
        d.strategy = StrategyId{1};
        d.due = Timestamp{kStart};
        e.data.timer = d;
        return e;
    }
    static OrderEvent update() {
        OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, {}, InstrumentId{1});
        OrderUpdateData d;
        d.tag = kTag;
        d.order_id = kOrder;
        d.quantity = Quantity::from_units(100);
        d.cumulative_quantity = Quantity::from_units(100);
        d.previous = OrderState::kPartiallyFilled;
        d.state = OrderState::kFilled;
        e.data.update = d;
        return e;
    }
    static OrderEvent alert() {
        OrderEvent e = make_order_event(OrderEventType::kAlert, {}, InstrumentId{1});
        AlertData d;
        d.code = AlertCode::kDuplicateExecution;
        d.order_id = kOrder;
        d.detail[0] = static_cast<std::int64_t>(ExecType::kTrade);
        d.detail[1] = 9;
        e.data.alert = d;
        return e;
    }
    static OrderEvent control() {
        OrderEvent e = make_order_event(OrderEventType::kControl, {}, InstrumentId{0});
        ControlData d;
        d.scope = ControlScope::kStrategy;
        d.target = 1;
        d.state = TradingState::kHalted;
        d.cancel_orders = 1;
        e.data.control = d;
        return e;
    }
    static OrderEvent other_order() {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, {}, InstrumentId{0});
        NewOrderData d;
        d.tag = kOtherTag;
        d.order_id = kOtherOrder;
        d.strategy = StrategyId{1};
        d.account = AccountId{1};
        d.quantity = Quantity::from_units(5);
        e.data.new_order = d;
        return e;
    }
    static OrderEvent other_verdict() {
        OrderEvent e = make_order_event(OrderEventType::kVerdict, {}, InstrumentId{0});
        VerdictData d;
        d.tag = kOtherTag;
        d.order_id = kOtherOrder;
        d.strategy = StrategyId{1};
        d.account = AccountId{1};
        d.approved = 1;
        d.checked = bit(ControlId::kState) | bit(ControlId::kField);
        d.action = static_cast<std::uint8_t>(OrderEventType::kNewOrder);
        e.data.verdict = d;
        return e;
    }
    static OrderEvent equity() {
        OrderEvent e = make_order_event(OrderEventType::kEquity, {}, InstrumentId{0});
        EquityData d;
        d.account = AccountId{1};
        d.equity = Money::from_units(1'250);
        d.cash = Money::from_units(1'000);
        d.gross = Money::from_units(250);
        d.unrealized = Money::from_units(50);
        d.fees = Money::from_raw(1'500'000);
        e.data.equity = d;
        return e;
    }

    MemoryFileSystem files_;
    std::uint64_t position_ = 0;
};

}  // namespace fermata
