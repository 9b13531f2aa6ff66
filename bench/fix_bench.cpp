/// What the FIX adapter adds to an order: from the venue loop's lane to the bytes in the socket,
/// and to the report on its lane, against a bare QuickFIX program that does the same over the same
/// kind of session, in turns in the same run. The venue is a QuickFIX acceptor in a process of its
/// own.
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

/// Acknowledges every order.
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
        for (const int tag : {11, 38, 54, 55}) m.setField(tag, order.getField(tag));
        m.setField(6, "0");
        m.setField(14, "0");
        m.setField(17, std::to_string(++reports_));
        m.setField(37, std::to_string(reports_));
        m.setField(39, "0");
        m.setField(150, "0");
        m.setField(151, order.getField(38));
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
    explicit Figures(std::size_t n) : sent(n), answered(n) {}
    Percentiles sent, answered;
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
        OrderEvent e = make_order_event(OrderEventType::kSendNew,
                                        Timestamp{1'767'623'400'000'000'000}, InstrumentId{0});
        e.data.new_order = NewOrderData{};
        e.data.new_order.order_id = make_client_order_id(20'779, 1, n);
        e.data.new_order.price = Price::from_raw(187'250'000'000);
        e.data.new_order.quantity = Quantity::from_units(100);
        e.data.new_order.type = OrderType::kLimit;
        if (!orders_.try_push(e)) std::abort();
        stage_.poll(8);
    }
    [[nodiscard]] bool answered() {
        stage_.poll(8);
        OrderEvent e;
        if (!reports_.take(e)) return false;
        if (e.data.execution.exec_type != ExecType::kNew) std::abort();
        return true;
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
    Silent observer_;
    Engine engine_;
    Lane<OrderEvent> orders_{64}, reports_{64};
    LinkStage stage_;
};

void run(Ours& ours, Bare& bare, std::uint32_t orders, Figures& of_ours, Figures& of_bare) {
    constexpr std::uint32_t kTurn = 250;
    std::uint32_t number = 0;
    for (std::uint32_t done = 0; done < orders; done += kTurn) {
        for (std::uint32_t n = 0; n < kTurn; ++n) {
            const std::uint64_t begin = ticks();
            ours.send(++number);
            of_ours.sent.add(ticks() - begin);
            while (!ours.answered()) std::this_thread::yield();
            of_ours.answered.add(ticks() - begin);
        }
        for (std::uint32_t n = 0; n < kTurn; ++n) {
            const std::uint32_t wanted = bare.reports.load() + 1;
            const std::uint64_t begin = ticks();
            bare.send(++number);
            of_bare.sent.add(ticks() - begin);
            while (bare.reports.load(std::memory_order_acquire) != wanted) {
                std::this_thread::yield();
            }
            of_bare.answered.add(ticks() - begin);
        }
    }
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
        for (Figures* f : {&of_ours, &of_bare}) {
            f->sent.drop_first(orders / 10);
            f->answered.drop_first(orders / 10);
        }
        of_ours.sent.print("order to bytes in the socket, Fermata");
        of_bare.sent.print("order to bytes in the socket, bare QuickFIX");
        of_ours.answered.print("order to report, Fermata");
        of_bare.answered.print("order to report, bare QuickFIX");
        for (const double q : {0.5, 0.99}) {
            std::printf("ratio at p%-2.0f: to the socket %.2f, to the report %.2f\n", q * 100,
                        of_ours.sent.ns(q) / of_bare.sent.ns(q),
                        of_ours.answered.ns(q) / of_bare.answered.ns(q));
        }
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
