#include "adapters/fix/engine.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/fix/drop_copy_session.hpp"
#include "adapters/fix/group_dictionary.hpp"
#include "adapters/fix/link.hpp"
#include "adapters/fix/market_session.hpp"
#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/sequence_store.hpp"
#include "adapters/fix/session_times.hpp"
#include "adapters/fix/wire.hpp"

namespace fermata::fix {
namespace {

using Links = std::map<FIX::SessionID, std::unique_ptr<SessionEnd>>;

/// Hands what QuickFIX says of a session to its link. Nothing leaves a callback but what QuickFIX
/// expects there: the library would end the process.
class Callbacks final : public FIX::Application {
public:
    explicit Callbacks(const Links& links) : links_(links) {}

    void onCreate(const FIX::SessionID&) override {}
    void onLogon(const FIX::SessionID& id) override {
        if (SessionEnd* link = find(id)) link->on_logon();
    }
    void onLogout(const FIX::SessionID& id) override {
        if (SessionEnd* link = find(id)) link->on_logout();
    }
    void toAdmin(FIX::Message& message, const FIX::SessionID& id) override {
        SessionEnd* link = find(id);
        if (link == nullptr) return;
        try {
            const std::string& type = message.getHeader().getField(FIX::FIELD::MsgType);
            if (type == "A") link->fill_logon(message);
            if (type == "4") link->on_sent_gap();
            if (type == "5") link->on_sent_logout(message);
        } catch (...) {  // a logon without its tags: the venue refuses it
        }
    }
    void toApp(FIX::Message& message, const FIX::SessionID& id) override {
        SessionEnd* link = find(id);
        if (link == nullptr || !link->may_send(message)) throw FIX::DoNotSend();
    }
    void fromAdmin(const FIX::Message& message, const FIX::SessionID& id) override {
        SessionEnd* link = find(id);
        if (link != nullptr && !link->on_admin(message)) {
            throw FIX::RejectLogon("the sequence numbers were reset");
        }
    }
    void fromApp(const FIX::Message& message, const FIX::SessionID& id) override {
        if (SessionEnd* link = find(id)) link->on_app(message);
    }

private:
    [[nodiscard]] SessionEnd* find(const FIX::SessionID& id) const noexcept {
        const auto at = links_.find(id);
        return at == links_.end() ? nullptr : at->second.get();
    }
    const Links& links_;
};

/// Every byte that goes out or comes in passes QuickFIX's log.
class RawLog final : public FIX::Log {
public:
    explicit RawLog(SessionEnd* link) : link_(link) {}
    void clear() override {}
    void backup() override {}
    void onIncoming(const std::string& bytes) override {
        if (link_ != nullptr) link_->on_raw(false, bytes);
    }
    void onOutgoing(const std::string& bytes) override {
        if (link_ != nullptr) link_->on_raw(true, bytes);
    }
    void onEvent(const std::string& text) override {
        if (link_ != nullptr) link_->on_text(text);
    }

private:
    SessionEnd* link_;
};

/// Owns them: an initiator whose constructor throws destroys none of those that it had.
class RawLogs final : public FIX::LogFactory {
public:
    explicit RawLogs(const Links& links) : links_(links) {}
    FIX::Log* create() override { return keep(nullptr); }
    FIX::Log* create(const FIX::SessionID& id) override {
        const auto at = links_.find(id);
        return keep(at == links_.end() ? nullptr : at->second.get());
    }
    void destroy(FIX::Log*) override {}

private:
    FIX::Log* keep(SessionEnd* link) {
        return logs_.emplace_back(std::make_unique<RawLog>(link)).get();
    }
    const Links& links_;
    std::vector<std::unique_ptr<RawLog>> logs_;
};

FIX::Dictionary settings_of(const SessionSettings& s) {
    FIX::Dictionary d;
    d.setString(FIX::CONNECTION_TYPE, "initiator");
    d.setString(FIX::SOCKET_CONNECT_HOST, s.host);
    d.setInt(FIX::SOCKET_CONNECT_PORT, s.port);
    d.setInt(FIX::HEARTBTINT, s.heartbeat_s);
    d.setString(FIX::START_TIME, s.start_time);
    const bool daily = s.start_day.empty() && s.end_day.empty();
    d.setString(FIX::END_TIME, daily ? daily_end(s.start_time, s.end_time) : s.end_time);
    if (!s.start_day.empty()) d.setString(FIX::START_DAY, s.start_day);
    if (!s.end_day.empty()) d.setString(FIX::END_DAY, s.end_day);
    d.setString(FIX::RESET_ON_LOGON, s.reset_on_logon ? "Y" : "N");
    d.setString(FIX::USE_DATA_DICTIONARY, "N");  // see group_dictionary.hpp
    // A report with a clock that is off is a report all the same; CLOCK watches ours.
    d.setString(FIX::CHECK_LATENCY, "N");
    // SequenceStores keep none all the same. Without this QuickFIX 1.15 answers a resend request
    // and then does not count it, and so takes the next message for one that is too high.
    d.setString(FIX::PERSIST_MESSAGES, "Y");
    if (!s.qualifier.empty()) d.setString(FIX::SESSION_QUALIFIER, s.qualifier);
    return d;
}

}  // namespace

class Engine::Impl {
public:
    Impl(std::vector<SessionSettings> sessions, LinkObserver& observer)
        : callbacks_(links_), logs_(links_) {
        int reconnect_s = 60;
        for (const SessionSettings& s : sessions)
            reconnect_s = std::min(reconnect_s, s.reconnect_s);
        FIX::SessionSettings all;
        for (SessionSettings& s : sessions) {
            std::filesystem::create_directories(s.store_folder);
            const FIX::Dictionary d = settings_of(s);
            std::unique_ptr<SessionEnd> end = make_end(std::move(s), observer);
            const FIX::SessionID id = end->id();
            open_numbers(id, end->settings());
            all.set(id, d);
            links_.emplace(id, std::move(end));
        }
        initiator_ =
            std::make_unique<Wire>(callbacks_, stores_, all, logs_, std::max(reconnect_s, 1));
        for (const auto& [id, link] : links_) {
            FIX::Session* session = FIX::Session::lookupSession(id);
            if (session == nullptr) throw std::runtime_error("FIX: no session " + id.toString());
            read_groups(*session);
            link->attach(*session, stores_.file(id));
        }
    }
    ~Impl() { stop(); }

    void start() {
        for (const auto& end : order_) {
            if (Link* const* link = std::get_if<Link*>(&end)) {
                (*link)->begin(stores_.file((*link)->id()).first_of_run());
            }
            if (auto* const* copy = std::get_if<DropCopySession*>(&end)) {
                (*copy)->begin(stores_.file((*copy)->id()).first_of_run());
            }
        }
        initiator_->start();
        started_ = true;
    }
    void stop() noexcept {
        if (!std::exchange(started_, false)) return;
        try {
            initiator_->stop();
        } catch (...) {  // the sockets are closed with it
        }
    }
    template <class End>
    [[nodiscard]] End& at(std::size_t n) noexcept {
        End* const end = std::get<End*>(order_.at(n));
        return *end;
    }

private:
    void open_numbers(const FIX::SessionID& id, const SessionSettings& s) {
        auto on_record = s.on_record.count();
        const SessionTimes times{s.start_time, s.end_time, s.start_day, s.end_day};
        const bool goes_on =
            on_record && !s.reset_on_logon && in_same_session(times, on_record->newest, utc_time());
        if (!goes_on) on_record.reset();
        stores_.open(id, s.store_folder, s.run, on_record);
        const SequenceFile& file = stores_.file(id);
        if (!file.behind() || !s.report) return;
        const auto both = [](std::uint32_t to_send, std::uint32_t to_receive) {
            return std::to_string(to_send) + " : " + std::to_string(to_receive);
        };
        s.report("the sequence numbers in " + s.store_folder + " (" +
                 both(file.behind()->to_send, file.behind()->to_receive) +
                 ", to send : to receive) are behind the messages on record; it goes on with " +
                 both(file.to_send(), file.to_receive()));
    }
    std::unique_ptr<SessionEnd> make_end(SessionSettings settings, LinkObserver& observer) {
        const auto kept = [this](auto end) -> std::unique_ptr<SessionEnd> {
            order_.emplace_back(end.get());
            return end;
        };
        switch (settings.kind) {
            case SessionKind::kMarketData:
                return kept(std::make_unique<MarketSession>(std::move(settings), observer));
            case SessionKind::kDropCopy:
                return kept(std::make_unique<DropCopySession>(std::move(settings), observer));
            case SessionKind::kOrders:
                break;
        }
        return kept(std::make_unique<Link>(std::move(settings), observer));
    }

    Links links_;
    std::vector<std::variant<Link*, MarketSession*, DropCopySession*>> order_;
    Callbacks callbacks_;
    RawLogs logs_;
    SequenceStores stores_;
    std::unique_ptr<Wire> initiator_;
    bool started_ = false;
};

namespace {

template <class F>
auto described(F f) {
    try {
        return f();
    } catch (const FIX::Exception& e) {
        throw std::runtime_error(std::string("FIX: ") + e.what());
    }
}

}  // namespace

Engine::Engine(std::vector<SessionSettings> sessions, LinkObserver& observer)
    : impl_(described([&] { return std::make_unique<Impl>(std::move(sessions), observer); })) {}
Engine::~Engine() = default;
void Engine::start() {
    described([this] { impl_->start(); });
}
void Engine::stop() noexcept { impl_->stop(); }
OrderLink& Engine::link(std::size_t session) noexcept { return impl_->at<Link>(session); }
MarketLink& Engine::market(std::size_t session) noexcept {
    return impl_->at<MarketSession>(session);
}
DropCopyLink& Engine::drop_copy(std::size_t session) noexcept {
    return impl_->at<DropCopySession>(session);
}
bool Engine::cancel_all(std::size_t session) noexcept {
    return impl_->at<Link>(session).cancel_all();
}
bool Engine::ask_all(std::size_t session) noexcept { return impl_->at<Link>(session).ask_all(); }
bool Engine::ask(std::size_t session, ClientOrderId order) noexcept {
    return impl_->at<Link>(session).ask(order);
}

}  // namespace fermata::fix
