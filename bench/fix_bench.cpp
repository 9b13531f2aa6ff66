/// What the FIX adapter adds to an order and to its cancel: from the venue loop's lane to the bytes
/// in the socket, and to the report on its lane; and 1,000 single cancels in a row, as a kill
/// switch sends them. Against a bare QuickFIX program that does the same over the same kind of
/// session, in turns in the same run. The venue is a QuickFIX acceptor in a process of its own.
///   fix_bench [ORDERS]

#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "adapters/fix/engine.hpp"
#include "adapters/fix/quickfix.hpp"
#include "bench/support.hpp"
#include "core/loop/lane.hpp"
#include "core/order/link_stage.hpp"

namespace fermata::bench {
namespace {

using fix::Engine;

std::uint16_t free_port() {
    const int s = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(s, reinterpret_cast<sockaddr*>(&a), sizeof a);
    socklen_t size = sizeof a;
    ::getsockname(s, reinterpret_cast<sockaddr*>(&a), &size);
    ::close(s);
    return ntohs(a.sin_port);
}

/// Acknowledges every order, and cancels what it is asked to.
class Acceptor final : public FIX::Application {
public:
    Acceptor(std::uint16_t port) {
        FIX::Dictionary defaults;
        defaults.setString("SocketNodelay", "Y");
        settings_.set(defaults);
        FIX::Dictionary d;
        d.setString("ConnectionType", "acceptor");
        d.setInt("SocketAcceptPort", port);
        d.setString("StartTime", "00:00:00");
        d.setString("EndTime", "00:00:00");
        d.setString("UseDataDictionary", "N");
        for (const char* client : {"OURS", "BARE"}) {
            settings_.set(FIX::SessionID("FIX.4.4", "VENUE", client), d);
        }
        acceptor_ = std::make_unique<FIX::ThreadedSocketAcceptor>(*this, stores_, settings_);
        acceptor_->start();
    }
    void onCreate(const FIX::SessionID&) override {}
    void onLogon(const FIX::SessionID&) override {}
    void onLogout(const FIX::SessionID&) override {}
    void toAdmin(FIX::Message&, const FIX::SessionID&) override {}
    void toApp(FIX::Message&, const FIX::SessionID&) override {}
    void fromAdmin(const FIX::Message&, const FIX::SessionID&) override {}
    void fromApp(const FIX::Message& order, const FIX::SessionID& id) override {
        FIX::Message m;
        m.getHeader().setField(FIX::MsgType("8"));
        const bool cancel = order.getHeader().getField(35) == "F";
        for (const int tag : {11, 38, 54, 55}) m.setField(tag, order.getField(tag));
        if (cancel) m.setField(41, order.getField(41));
        m.setField(6, "0");
        m.setField(14, "0");
        m.setField(17, std::to_string(++reports_));
        m.setField(37, std::to_string(reports_));
        m.setField(39, cancel ? "4" : "0");
        m.setField(150, cancel ? "4" : "0");
        m.setField(151, cancel ? "0" : order.getField(38));
        FIX::Session::sendToTarget(m, id);
    }

private:
    FIX::SessionSettings settings_;
    FIX::MemoryStoreFactory stores_;
    std::unique_ptr<FIX::ThreadedSocketAcceptor> acceptor_;
    std::atomic<std::uint64_t> reports_{0};
};

/// Any program that uses QuickFIX as its examples do, without a dictionary, with a file store.
class Bare final : public FIX::Application {
public:
    Bare(std::uint16_t port, const std::string& folder) {
        FIX::Dictionary defaults;
        defaults.setString("SocketNodelay", "Y");
        defaults.setInt("ReconnectInterval", 1);
        settings_.set(defaults);
        FIX::Dictionary d;
        d.setString("ConnectionType", "initiator");
        d.setString("SocketConnectHost", "127.0.0.1");
        d.setInt("SocketConnectPort", port);
        d.setInt("HeartBtInt", 30);
        d.setString("StartTime", "00:00:00");
        d.setString("EndTime", "00:00:00");
        d.setString("UseDataDictionary", "N");
        d.setString("FileStorePath", folder);
        settings_.set(id_, d);
        stores_ = std::make_unique<FIX::FileStoreFactory>(settings_);
        initiator_ = std::make_unique<FIX::SocketInitiator>(*this, *stores_, settings_);
        initiator_->start();
    }
    ~Bare() override { initiator_->stop(true); }
    void send(std::uint32_t n) {
        FIX::Message m;
        m.getHeader().setField(FIX::MsgType(FIX::MsgType_NewOrderSingle));
        m.setField(FIX::ClOrdID(std::to_string(n)));
        m.setField(FIX::Account("U1"));
        m.setField(FIX::HandlInst('1'));
        m.setField(FIX::Symbol("SPY"));
        m.setField(FIX::Side(FIX::Side_BUY));
        m.setField(FIX::TransactTime(FIX::UtcTimeStamp(), 3));
        m.setField(FIX::OrderQty(100));
        m.setField(FIX::OrdType(FIX::OrdType_LIMIT));
        m.setField(FIX::Price(187.25));
        m.setField(FIX::TimeInForce(FIX::TimeInForce_DAY));
        FIX::Session::sendToTarget(m, id_);
    }
    void cancel(std::uint32_t n) {
        FIX::Message m;
        m.getHeader().setField(FIX::MsgType(FIX::MsgType_OrderCancelRequest));
        m.setField(FIX::ClOrdID(std::to_string(n) + "-1"));
        m.setField(FIX::OrigClOrdID(std::to_string(n)));
        m.setField(FIX::Account("U1"));
        m.setField(FIX::Symbol("SPY"));
        m.setField(FIX::Side(FIX::Side_BUY));
        m.setField(FIX::TransactTime(FIX::UtcTimeStamp(), 3));
        m.setField(FIX::OrderQty(100));
        FIX::Session::sendToTarget(m, id_);
    }
    /// Waits until so many reports have come in all.
    void await(std::uint32_t wanted) const {
        while (reports.load(std::memory_order_acquire) != wanted) std::this_thread::yield();
    }
    void onCreate(const FIX::SessionID&) override {}
    void onLogon(const FIX::SessionID&) override { up = true; }
    void onLogout(const FIX::SessionID&) override { up = false; }
    void toAdmin(FIX::Message&, const FIX::SessionID&) override {}
    void toApp(FIX::Message&, const FIX::SessionID&) override {}
    void fromAdmin(const FIX::Message&, const FIX::SessionID&) override {}
    void fromApp(const FIX::Message& m, const FIX::SessionID&) override {
        FIX::LeavesQty leaves;
        FIX::CumQty cumulative;
        FIX::ClOrdID order;
        FIX::ExecType type;
        m.getField(leaves);
        m.getField(cumulative);
        m.getField(order);
        m.getField(type);
        reports.fetch_add(1, std::memory_order_release);
    }

    std::atomic<bool> up{false};
    std::atomic<std::uint32_t> reports{0};

private:
    const FIX::SessionID id_{"FIX.4.4", "BARE", "VENUE"};
    FIX::SessionSettings settings_;
    std::unique_ptr<FIX::FileStoreFactory> stores_;
    std::unique_ptr<FIX::SocketInitiator> initiator_;
};

class Silent final : public LinkObserver {
public:
    void on_link(const LinkEvent&) noexcept override {}
    void on_status(const LinkOrderStatus&) noexcept override {}
    void on_raw(Timestamp, VenueId, bool, std::string_view) noexcept override {}
};

struct Figures {
    explicit Figures(std::size_t n)
        : sent(n), answered(n), cancel_sent(n), cancel_answered(n), thousand(n) {}
    void drop_first(std::size_t n) {
        for (Percentiles* p : {&sent, &answered, &cancel_sent, &cancel_answered}) p->drop_first(n);
    }
    Percentiles sent, answered, cancel_sent, cancel_answered;
    Percentiles thousand;  // from the first of 1,000 cancels to the last's bytes in the socket
};

class Ours {
public:
    Ours(std::uint16_t port, const std::string& folder)
        : engine_({settings(port, folder)}, observer_),
          stage_(VenueId{0}, {nullptr, &orders_, &reports_, nullptr, nullptr, 0}) {
        stage_.use(engine_.link(0), nullptr);
        engine_.start();
    }
    [[nodiscard]] bool up() { return engine_.link(0).up(); }
    void send(std::uint32_t n) {
        OrderEvent e = event(OrderEventType::kSendNew);
        e.data.new_order = NewOrderData{};
        e.data.new_order.order_id = make_client_order_id(20'779, 1, n);
        e.data.new_order.price = Price::from_raw(187'250'000'000);
        e.data.new_order.quantity = Quantity::from_units(100);
        e.data.new_order.type = OrderType::kLimit;
        hand_over(e);
    }
    void cancel(std::uint32_t n) {
        OrderEvent e = event(OrderEventType::kSendCancel);
        e.data.change = ChangeOrderData{};
        e.data.change.order_id = make_client_order_id(20'779, 1, n);
        e.data.change.change_id = 1;
        e.data.change.quantity = Quantity::from_units(100);
        hand_over(e);
    }
    /// Waits for as many reports, all of this type.
    void await(ExecType type, std::uint32_t count = 1) {
        while (count > 0) {
            stage_.poll(8);
            OrderEvent e;
            if (!reports_.take(e)) {
                std::this_thread::yield();
            } else if (e.data.execution.exec_type != type) {
                std::abort();
            } else {
                --count;
            }
        }
    }

private:
    static fix::SessionSettings settings(std::uint16_t port, const std::string& folder) {
        fix::SessionSettings s;
        s.host = "127.0.0.1";
        s.port = port;
        s.sender_comp_id = "OURS";
        s.target_comp_id = "VENUE";
        s.reconnect_s = 1;
        s.store_folder = folder;
        s.dialect.symbols = {"SPY"};
        s.dialect.accounts = {"U1"};
        return s;
    }
    OrderEvent event(OrderEventType type) {
        OrderEvent e =
            make_order_event(type, Timestamp{1'767'623'400'000'000'000}, InstrumentId{0});
        e.seq = ++position_;  // in the trading stream
        return e;
    }
    void hand_over(const OrderEvent& e) {
        if (!orders_.try_push(e)) std::abort();
        stage_.poll(8);
    }
    Silent observer_;
    Engine engine_;
    Lane<OrderEvent> orders_{64}, reports_{4'096};
    LinkStage stage_;
    std::uint64_t position_ = 0;
};

void run(Ours& ours, Bare& bare, std::uint32_t orders, Figures& of_ours, Figures& of_bare) {
    constexpr std::uint32_t kTurn = 250;
    std::uint32_t number = 0;
    std::uint32_t reports = 0;  // of the bare program
    for (std::uint32_t done = 0; done < orders; done += kTurn) {
        for (std::uint32_t n = 0; n < kTurn; ++n) {
            std::uint64_t begin = ticks();
            ours.send(++number);
            of_ours.sent.add(ticks() - begin);
            ours.await(ExecType::kNew);
            of_ours.answered.add(ticks() - begin);
            begin = ticks();
            ours.cancel(number);
            of_ours.cancel_sent.add(ticks() - begin);
            ours.await(ExecType::kCanceled);
            of_ours.cancel_answered.add(ticks() - begin);
        }
        for (std::uint32_t n = 0; n < kTurn; ++n) {
            std::uint64_t begin = ticks();
            bare.send(++number);
            of_bare.sent.add(ticks() - begin);
            bare.await(++reports);
            of_bare.answered.add(ticks() - begin);
            begin = ticks();
            bare.cancel(number);
            of_bare.cancel_sent.add(ticks() - begin);
            bare.await(++reports);
            of_bare.cancel_answered.add(ticks() - begin);
        }
    }
    constexpr std::uint32_t kMany = 1'000;
    constexpr int kRounds = 20;
    for (int round = 0; round < kRounds; ++round) {
        const std::uint32_t first = number + 1;
        for (std::uint32_t n = 0; n < kMany; ++n) ours.send(++number);
        ours.await(ExecType::kNew, kMany);
        std::uint64_t begin = ticks();
        for (std::uint32_t n = 0; n < kMany; ++n) ours.cancel(first + n);
        of_ours.thousand.add(ticks() - begin);
        ours.await(ExecType::kCanceled, kMany);

        const std::uint32_t bare_first = number + 1;
        for (std::uint32_t n = 0; n < kMany; ++n) bare.send(++number);
        bare.await(reports += kMany);
        begin = ticks();
        for (std::uint32_t n = 0; n < kMany; ++n) bare.cancel(bare_first + n);
        of_bare.thousand.add(ticks() - begin);
        bare.await(reports += kMany);
    }
}

void print(const char* label, Percentiles Figures::* figure, Figures& of_ours, Figures& of_bare) {
    (of_ours.*figure).print(std::string(label) + ", Fermata");
    (of_bare.*figure).print(std::string(label) + ", bare QuickFIX");
    const auto ratio = [&](double q) { return (of_ours.*figure).ns(q) / (of_bare.*figure).ns(q); };
    std::printf("    ratio p50 %.2f, p99 %.2f\n", ratio(0.5), ratio(0.99));
}

int main_of(std::uint32_t orders) {
    print_machine();
    std::string folder = (std::filesystem::temp_directory_path() / "fix-bench-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return 1;
    const std::uint16_t port = free_port();
    // The venue and the threads that receive share a core, the loop that sends has the other.
    const bool pinned = std::thread::hardware_concurrency() > 1 && pin(1);
    const pid_t venue = ::fork();
    if (venue == 0) {
        const Acceptor acceptor(port);
        for (;;) ::pause();
    }
    {
        Ours ours(port, folder + "/ours");
        std::filesystem::create_directories(folder + "/bare");
        Bare bare(port, folder + "/bare");
        for (int n = 0; n < 1'000 && !(ours.up() && bare.up); ++n) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        if (!ours.up() || !bare.up) {
            std::fprintf(stderr, "fix_bench: no session\n");
            return 1;
        }
        if (pinned) pin(0);
        Figures of_ours(orders), of_bare(orders);
        run(ours, bare, orders, of_ours, of_bare);
        of_ours.drop_first(orders / 10);
        of_bare.drop_first(orders / 10);
        print("order to bytes in the socket", &Figures::sent, of_ours, of_bare);
        print("order to report", &Figures::answered, of_ours, of_bare);
        print("cancel to bytes in the socket", &Figures::cancel_sent, of_ours, of_bare);
        print("cancel to report", &Figures::cancel_answered, of_ours, of_bare);
        print("1,000 cancels to the last's bytes", &Figures::thousand, of_ours, of_bare);
    }
    ::kill(venue, SIGKILL);
    ::waitpid(venue, nullptr, 0);
    std::filesystem::remove_all(folder);
    return 0;
}

}  // namespace
}  // namespace fermata::bench

int main(int argc, char** argv) {
    const int orders = argc > 1 ? std::atoi(argv[1]) : 5'000;
    return orders < 250 ? 2 : fermata::bench::main_of(static_cast<std::uint32_t>(orders));
}
