#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_resume.hpp"
#include "core/journal/journal_writer.hpp"
#include "risk/controls.hpp"

namespace fermata::testing {

/// Journals of made-up order flow: every type of event, nine records an order. The same arguments
/// give the same bytes.
class OrderFlow {
public:
    explicit OrderFlow(Timestamp start = {1'700'000'000'123'456'789}) : now_(start) {}

    /// Records of the trading stream, in order.
    std::vector<OrderEvent> events;

    void order(std::uint32_t number) {
        const ClientOrderId id = make_client_order_id(20'000, 1, number);
        const OrderTag tag = make_order_tag({static_cast<std::uint16_t>(number % 3)}, number);
        const Side side = number % 2 == 0 ? Side::kSell : Side::kBuy;
        const Quantity quantity = Quantity::from_raw(100'000'000LL * (number % 50 + 1) + number);
        const Price price = Price::from_raw(187'250'000'000LL - 10'000'000LL * (number % 777));
        if (number % 10 == 7) return denied(id, tag, quantity);
        OrderEvent ask = next(OrderEventType::kNewOrder, kFlagInput);
        NewOrderData d;
        d.tag = tag;
        d.order_id = id;
        d.price = price;
        d.quantity = quantity;
        d.side = side;
        d.type = OrderType::kLimit;
        ask.data.new_order = d;
        add(ask);
        OrderEvent verdict = next(OrderEventType::kVerdict);
        verdict.data.verdict = VerdictData();
        verdict.data.verdict.tag = tag;
        verdict.data.verdict.order_id = id;
        verdict.data.verdict.checked = 0x3ff;
        verdict.data.verdict.config_hash = 0x8000'0000'0000'0001ULL;
        verdict.data.verdict.reference = price;
        verdict.data.verdict.equity = Money::from_units(100'000);
        verdict.data.verdict.approved = 1;
        verdict.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kNewOrder);
        add(verdict);
        update(id, tag, quantity, {}, OrderState::kPendingNew, OrderState::kPendingNew);
        OrderEvent send = next(OrderEventType::kSendNew);
        send.data = ask.data;
        add(send);
        report(id, ExecType::kNew, {}, {}, quantity);
        update(id, tag, quantity, {}, OrderState::kNew, OrderState::kPendingNew);
        report(id, ExecType::kTrade, price, quantity, {});
        OrderEvent fill = next(OrderEventType::kFill);
        fill.data.fill = FillData();
        fill.data.fill.tag = tag;
        fill.data.fill.order_id = id;
        fill.data.fill.exec_id = {number};
        fill.data.fill.price = price;
        fill.data.fill.quantity = quantity;
        fill.data.fill.fee = Money::from_raw(-1'250'000);
        fill.data.fill.cash_after = Money::from_units(-5);
        fill.data.fill.position_after = quantity;
        fill.data.fill.realized = Money::from_raw(123'456);
        fill.data.fill.side = side;
        fill.data.fill.liquidity = Liquidity::kMaker;
        add(fill);
        update(id, tag, quantity, quantity, OrderState::kFilled, OrderState::kNew);
    }

    /// One of each event that order() does not make.
    void others() {
        OrderEvent cancel = next(OrderEventType::kCancel, kFlagInput);
        cancel.data.change = ChangeOrderData();
        cancel.data.change.tag = make_order_tag({1}, 5);
        cancel.data.change.change_id = 1;
        add(cancel);
        OrderEvent replace = next(OrderEventType::kReplace, kFlagInput);
        replace.data.change = ChangeOrderData();
        replace.data.change.tag = make_order_tag({1}, 6);
        replace.data.change.order_id = make_client_order_id(1, 1, 6);
        replace.data.change.price = Price::from_raw(-37'630'000'000);
        replace.data.change.quantity = Quantity::from_units(3);
        add(replace);
        OrderEvent control = next(OrderEventType::kControl, kFlagInput);
        control.data.control = ControlData{};
        control.data.control.state = TradingState::kHalted;
        control.data.control.cancel_orders = 1;
        control.data.control.control = static_cast<std::uint8_t>(ControlId::kDrawdown);
        add(control);
        OrderEvent holding = next(OrderEventType::kPosition);
        holding.data.position = PositionData{};
        holding.data.position.position = Quantity::from_units(-20);
        holding.data.position.kind = CorporateActionKind::kSplit;
        holding.data.position.numerator = 4;
        holding.data.position.strategy = {0xffff};
        add(holding);
        OrderEvent alert = next(OrderEventType::kAlert);
        alert.data.alert = AlertData{};
        alert.data.alert.code = AlertCode::kOverfill;
        alert.data.alert.order_id = make_client_order_id(20'000, 1, 3);
        alert.data.alert.detail[0] = -7;
        add(alert);
        OrderEvent equity = next(OrderEventType::kEquity);
        equity.data.equity = EquityData();
        equity.data.equity.equity = Money::from_units(101);
        equity.data.equity.gross = Money::from_units(-1);
        add(equity);
        OrderEvent mark = next(OrderEventType::kMark);
        mark.data.mark = MarkData();
        mark.data.mark.equity = Money::from_units(101);
        mark.data.mark.state_hash = 0xfedc'ba98'7654'3210ULL;
        add(mark);
    }

    /// A child order with every field, how its venue was chosen, a fill of it that is taken back
    /// and changed, and what its algorithm began and achieved.
    void in_full() {
        const OrderTag parent = make_order_tag({1}, 7), child = make_order_tag({1}, 8);
        const ClientOrderId id = make_client_order_id(20'000, 1, 9'999);
        OrderEvent algo = next(OrderEventType::kAlgo, kFlagInput);
        algo.data.algo = AlgoData();
        algo.data.algo.tag = parent;
        algo.data.algo.end = {1'700'000'060'000'000'000};
        algo.data.algo.quantity = Quantity::from_units(1'000);
        algo.data.algo.rate = Ratio::from_raw(100'000'000);
        algo.data.algo.seed = 42;
        algo.data.algo.strategy = {1};
        algo.data.algo.kind = AlgoKind::kPov;
        algo.data.algo.action = AlgoAction::kBegin;
        add(algo);
        OrderEvent route = next(OrderEventType::kRoute);
        route.data.route = RouteData();
        route.data.route.parent = parent;
        route.data.route.child = child;
        route.data.route.price = Price::from_units(187);
        route.data.route.displayed = Quantity::from_units(300);
        route.data.route.fee = Price::from_raw(-2'000'000);
        route.data.route.latency = Duration{120'000};
        route.data.route.strategy = {1};
        route.data.route.next_venue = {0xffff};
        route.data.route.candidates = 1;
        add(route);
        OrderEvent ask = next(OrderEventType::kNewOrder, kFlagInput);
        NewOrderData d;
        d.tag = child;
        d.order_id = id;
        d.quantity = Quantity::from_units(100);
        d.display_quantity = Quantity::from_units(20);
        d.offset = -10'000'000;
        d.parent = parent;
        d.link = 7;
        d.strategy = {1};
        d.type = OrderType::kPegged;
        d.tif = TimeInForce::kGtc;
        d.flags = kOrderPostOnly | kOrderExit;
        d.offset_kind = OffsetKind::kPegPrimary;
        d.link_role = LinkRole::kOuo;
        ask.data.new_order = d;
        add(ask);
        OrderEvent replace = next(OrderEventType::kReplace, kFlagInput);
        replace.data.change = ChangeOrderData();
        replace.data.change.tag = child;
        replace.data.change.order_id = id;
        replace.data.change.quantity = Quantity::from_units(90);
        replace.data.change.display_quantity = Quantity::from_units(10);
        replace.data.change.offset = 20'000'000;
        add(replace);
        OrderEvent bust = next(OrderEventType::kCorrection, kFlagInput);
        bust.data.correction = CorrectionData();
        bust.data.correction.order_id = id;
        bust.data.correction.exec_id = {12};
        bust.data.correction.ref_exec_id = {9};
        bust.data.correction.leaves_quantity = Quantity::from_units(100);
        add(bust);
        OrderEvent correct = next(OrderEventType::kCorrection, kFlagInput);
        correct.data.correction = bust.data.correction;
        correct.data.correction.kind = CorrectionKind::kCorrect;
        correct.data.correction.price = Price::from_raw(187'400'000'000);
        correct.data.correction.quantity = Quantity::from_units(30);
        correct.data.correction.fee = Money::from_raw(-1'250'000);
        add(correct);
        OrderEvent holding = next(OrderEventType::kPosition);
        holding.data.position = PositionData{};
        holding.data.position.change = PositionChange::kCorrection;
        add(holding);
        OrderEvent report = next(OrderEventType::kAlgoReport);
        report.data.algo_report = AlgoReportData();
        report.data.algo_report.tag = parent;
        report.data.algo_report.quantity = Quantity::from_units(1'000);
        report.data.algo_report.filled = Quantity::from_units(900);
        report.data.algo_report.arrival = Price::from_units(200);
        report.data.algo_report.average = Price::from_raw(200'100'000'000);
        report.data.algo_report.last = Price::from_raw(200'300'000'000);
        report.data.algo_report.shortfall = Money::from_units(120);
        report.data.algo_report.strategy = {1};
        report.data.algo_report.children = 12;
        report.data.algo_report.kind = AlgoKind::kPov;
        add(report);
    }

private:
    OrderEvent next(OrderEventType type, std::uint8_t flags = 0) {
        now_.ns += 1'777;
        OrderEvent e = make_order_event(type, now_, InstrumentId{events.size() % 2 == 0 ? 0u : 1u});
        e.flags = flags;
        e.cause = make_cause(CauseKind::kTimer, static_cast<std::uint64_t>(now_.ns));
        e.feed_position = events.size() / 4;
        return e;
    }
    void add(OrderEvent& e) {
        e.seq = events.size() + 1;
        events.push_back(e);
    }
    void report(ClientOrderId id, ExecType type, Price price, Quantity quantity, Quantity leaves) {
        OrderEvent e = next(OrderEventType::kExecution, kFlagInput);
        e.data.execution = ExecutionData{};
        e.data.execution.order_id = id;
        e.data.execution.exec_id = {events.size()};
        e.data.execution.exec_type = type;
        e.data.execution.last_price = price;
        e.data.execution.last_quantity = quantity;
        e.data.execution.leaves_quantity = leaves;
        add(e);
    }
    void update(ClientOrderId id, OrderTag tag, Quantity quantity, Quantity filled,
                OrderState state, OrderState previous) {
        OrderEvent e = next(OrderEventType::kOrderUpdate);
        e.data.update = OrderUpdateData();
        e.data.update.tag = tag;
        e.data.update.order_id = id;
        e.data.update.quantity = quantity;
        e.data.update.cumulative_quantity = filled;
        e.data.update.leaves_quantity = quantity - filled;
        e.data.update.type = OrderType::kLimit;
        e.data.update.price = Price::from_units(187);
        e.data.update.state = state;
        e.data.update.previous = previous;
        add(e);
    }
    void denied(ClientOrderId id, OrderTag tag, Quantity quantity) {
        OrderEvent ask = next(OrderEventType::kNewOrder, kFlagInput);
        NewOrderData d;
        d.tag = tag;
        d.order_id = id;
        d.quantity = quantity;
        d.tif = TimeInForce::kGtc;
        ask.data.new_order = d;
        add(ask);
        OrderEvent verdict = next(OrderEventType::kVerdict);
        verdict.data.verdict = VerdictData();
        verdict.data.verdict.tag = tag;
        verdict.data.verdict.order_id = id;
        verdict.data.verdict.failed = bit(ControlId::kMaxNotional) | bit(ControlId::kPosition);
        verdict.data.verdict.observed = 5'120'500'000;
        verdict.data.verdict.limit = 5'000'000'000;
        verdict.data.verdict.first_failed = static_cast<std::uint8_t>(ControlId::kMaxNotional);
        verdict.data.verdict.scope = static_cast<std::uint8_t>(Scope::kOrder);
        verdict.data.verdict.unit = static_cast<std::uint8_t>(LimitUnit::kMoney);
        verdict.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kNewOrder);
        add(verdict);
        update(id, tag, quantity, {}, OrderState::kDenied, OrderState::kPendingNew);
    }

    Timestamp now_;
};

inline JournalManifest flow_manifest() {
    JournalManifest manifest;
    manifest.build = "fermata test";
    manifest.configuration_hash = "sha256:00";
    manifest.start = {1'700'000'000'000'000'001};
    manifest.calendars = "us_equity";
    manifest.time_zones = "2025b";
    manifest.sources = {{"quotes.csv", "sha256:11"}};
    manifest.instruments = {"SPY", "it's \"odd\""};
    manifest.strategies = {"sma", "rsi", "macd"};
    manifest.accounts = {"main"};
    manifest.venues = {"sim"};
    manifest.currencies = {"USD"};
    return manifest;
}

inline RunId flow_run(std::uint8_t number) {
    RunId run{};
    run[0] = std::byte{0xab};
    run[15] = std::byte{number};
    return run;
}

/// Writes a journal whole or, step by step, as a live run does.
class FlowJournal {
public:
    FlowJournal(const std::filesystem::path& directory, const RunId& run,
                std::uint64_t segment_bytes = std::uint64_t{1} << 20,
                JournalManifest manifest = flow_manifest()) {
        JournalOptions options;
        options.directory = directory.string();
        options.segment_bytes = segment_bytes;
        options.durable = false;
        options.configuration = "run:\n  name: test\n";
        manifest.market = MarketRecord::kRecord;
        JournalHashers hashers;
        hashers.records = &make_sha256;
        auto writer = JournalWriter::create(files_, options, manifest, run, hashers);
        if (!writer) throw std::runtime_error(writer.error().message);
        writer_ = std::move(*writer);
    }
    bool with_shard = true;
    /// Orders with what a shard consumed of them and the market events in between.
    void write(const std::vector<OrderEvent>& events, std::size_t first, std::size_t count) {
        for (std::size_t i = first; i < first + count && i < events.size(); ++i) {
            check(writer_->append(events[i]));
            if (i % 5 == 0) {
                MarketEvent quote = make_quote(events[i].ts, {0}, {0},
                                               {Price::from_units(1), Quantity::from_units(2),
                                                Price::from_units(3), Quantity::from_units(4)});
                quote.seq = ++feed_;
                check(writer_->append(quote));
            }
            if (with_shard && events[i].type == OrderEventType::kOrderUpdate) {
                OrderEvent consumed =
                    make_order_event(OrderEventType::kConsumed, events[i].ts, {0});
                consumed.seq = ++shard_;
                consumed.cause = make_cause(CauseKind::kTrading, events[i].seq);
                check(writer_->append(consumed, shard_stream(0)));
            }
        }
    }
    void flush() { check(writer_->flush()); }
    /// As after a SIGKILL, with a few bytes of a frame that was never finished: the next boot.
    void crash_and_resume(const std::filesystem::path& directory, std::uint32_t last_segment) {
        writer_.reset();
        std::ofstream(directory / segment_file_name(last_segment), std::ios::app) << "torn";
        JournalOptions options;
        options.directory = directory.string();
        options.durable = false;
        JournalManifest manifest = flow_manifest();
        manifest.build = "fermata test 2";
        manifest.market = MarketRecord::kRecord;
        JournalHashers hashers;
        hashers.records = &make_sha256;
        auto resumed = resume_journal(files_, options, manifest, hashers);
        if (!resumed) throw std::runtime_error(resumed.error().message);
        writer_ = std::move(resumed->writer);
    }
    void close() {
        if (!writer_->close()) throw std::runtime_error("close");
    }

private:
    static void check(const Status<JournalErrorCode>& status) {
        if (!status) throw std::runtime_error("append");
    }
    PosixFileSystem files_;
    std::unique_ptr<JournalWriter> writer_;
    std::uint64_t feed_ = 0;
    std::uint64_t shard_ = 0;
};

}  // namespace fermata::testing
