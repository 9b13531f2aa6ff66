#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/fix/engine.hpp"
#include "adapters/fix/quickfix.hpp"
#include "tests/adapters/fix/fix_orders.hpp"

namespace fermata::fix::test {

/// A folder of its own for each test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "fix-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(const std::string& name) const {
        return (path_ / name).string();
    }

private:
    std::filesystem::path path_;
};

inline std::uint16_t free_port() {
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

/// Waits for something that another thread does; a verdict never depends on how long it took.
inline bool eventually(const std::function<bool()>& done) {
    for (int n = 0; n < 3'000; ++n) {
        if (done()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

/// A QuickFIX acceptor: keeps what it is sent, and answers as the test says.
class Venue final : public FIX::Application {
public:
    explicit Venue(std::uint16_t port, const std::string& store) {
        FIX::Dictionary d;
        d.setString("ConnectionType", "acceptor");
        d.setInt("SocketAcceptPort", port);
        d.setString("SocketReuseAddress", "Y");
        d.setString("StartTime", "00:00:00");
        d.setString("EndTime", "00:00:00");
        d.setString("UseDataDictionary", "N");
        d.setString("FileStorePath", store);
        FIX::SessionSettings all;
        all.set(id(), d);
        std::filesystem::create_directories(store);
        stores_ = std::make_unique<FIX::FileStoreFactory>(all);
        acceptor_ = std::make_unique<FIX::SocketAcceptor>(*this, *stores_, all);
        acceptor_->start();
    }
    ~Venue() override { acceptor_->stop(true); }

    static FIX::SessionID id() { return FIX::SessionID("FIX.4.4", "VENUE", "FERMATA"); }
    [[nodiscard]] static FIX::Session& session() { return *FIX::Session::lookupSession(id()); }

    void onCreate(const FIX::SessionID&) override {}
    void onLogon(const FIX::SessionID&) override { up = true; }
    void onLogout(const FIX::SessionID&) override { up = false; }
    void toAdmin(FIX::Message& m, const FIX::SessionID&) override {
        if (to_admin) to_admin(m);
    }
    void toApp(FIX::Message&, const FIX::SessionID&) override {}
    void fromAdmin(const FIX::Message& m, const FIX::SessionID&) override { keep(m); }
    void fromApp(const FIX::Message& m, const FIX::SessionID&) override {
        keep(m);
        if (answer) answer(m);
    }

    [[nodiscard]] std::vector<FIX::Message> got(const std::string& type) {
        const std::lock_guard lock(mutex_);
        std::vector<FIX::Message> wanted;
        for (const FIX::Message& m : got_) {
            if (m.getHeader().getField(35) == type) wanted.push_back(m);
        }
        return wanted;
    }
    /// "tag=value|..." to the client.
    static void send(const std::string& type, const std::string& text) {
        FIX::Message m;
        m.getHeader().setField(FIX::MsgType(type));
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t equals = text.find('=', at);
            const std::size_t end = text.find('|', at);
            m.setField(std::stoi(text.substr(at, equals - at)),
                       text.substr(equals + 1, end - equals - 1));
            at = end + 1;
        }
        session().send(m);
    }

    std::atomic<bool> up{false};
    std::function<void(const FIX::Message&)> answer;  // set before the client connects
    std::function<void(FIX::Message&)> to_admin;

private:
    void keep(const FIX::Message& m) {
        const std::lock_guard lock(mutex_);
        got_.push_back(m);
    }
    std::mutex mutex_;
    std::vector<FIX::Message> got_;
    std::unique_ptr<FIX::FileStoreFactory> stores_;
    std::unique_ptr<FIX::SocketAcceptor> acceptor_;
};

/// Keeps what it is told.
class Told final : public LinkObserver {
public:
    struct Event {
        LinkEventKind kind;
        std::int64_t count;
        std::string text;
    };
    void on_link(const LinkEvent& e) noexcept override {
        const std::lock_guard lock(mutex_);
        events_.push_back({e.kind, e.count, std::string(e.text)});
    }
    void on_status(const LinkOrderStatus& s) noexcept override {
        const std::lock_guard lock(mutex_);
        statuses_.push_back(s);
    }
    void on_raw(Timestamp, VenueId, bool sent, std::string_view bytes) noexcept override {
        const std::lock_guard lock(mutex_);
        (sent ? sent_ : received_).emplace_back(bytes);
    }
    [[nodiscard]] std::vector<Event> events(LinkEventKind kind) {
        const std::lock_guard lock(mutex_);
        std::vector<Event> wanted;
        for (const Event& e : events_) {
            if (e.kind == kind) wanted.push_back(e);
        }
        return wanted;
    }
    [[nodiscard]] std::vector<LinkOrderStatus> statuses() {
        const std::lock_guard lock(mutex_);
        return statuses_;
    }
    [[nodiscard]] std::vector<std::string> raw(bool sent) {
        const std::lock_guard lock(mutex_);
        return sent ? sent_ : received_;
    }

private:
    std::mutex mutex_;
    std::vector<Event> events_;
    std::vector<LinkOrderStatus> statuses_;
    std::vector<std::string> sent_, received_;
};

inline SessionSettings client_settings(std::uint16_t port, const std::string& store) {
    SessionSettings s;
    s.host = "127.0.0.1";
    s.port = port;
    s.sender_comp_id = "FERMATA";
    s.target_comp_id = "VENUE";
    s.reconnect_s = 1;
    s.store_folder = store;
    s.dialect = dialect();
    s.orders_max = 4'096;
    return s;
}

}  // namespace fermata::fix::test
