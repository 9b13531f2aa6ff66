#include "adapters/fix/acceptor.hpp"

#include <atomic>
#include <deque>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "adapters/fix/acceptor_store.hpp"
#include "adapters/fix/group_dictionary.hpp"
#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/request_decoder.hpp"
#include "adapters/fix/resend_request.hpp"
#include "adapters/fix/wire_acceptor.hpp"

namespace fermata::fix {
namespace {

/// Between two TestRequests that measure what a member has read.
constexpr std::size_t kProbeEvery = std::size_t{32} << 10;

std::string_view text_of(const FIX::FieldMap& fields, int tag) noexcept {
    for (const FIX::FieldBase& field : fields) {
        if (field.getTag() == tag) return field.getString();
    }
    return {};
}

/// One member's session.
struct Member {
    std::size_t number = 0;
    FIX::Session* session = nullptr;
    std::atomic<bool> up{false};
    std::atomic<bool> doomed{false};  // to be disconnected
    // Bytes since the logon: handed over, and known to be read.
    std::atomic<std::uint64_t> sent{0}, read{0};
    std::atomic<std::uint64_t> probed{0};  // `sent` at the newest probe
};

class Callbacks final : public FIX::Application {
public:
    Callbacks(const AcceptorSettings& settings, AcceptorClient& client)
        : settings_(settings), client_(client) {}

    std::map<FIX::SessionID, Member*> members;  // constant while sessions run
    std::atomic<bool> stopping{false};

    void onCreate(const FIX::SessionID&) override {}
    void onLogon(const FIX::SessionID& id) override {
        Member* m = find(id);
        if (m == nullptr) return;
        m->sent = m->read = m->probed = 0;
        m->doomed = false;
        m->up.store(true, std::memory_order_release);
        client_.on_logon(m->number, std::exchange(wish_, AcceptorClient::CancelOnDisconnect{}));
    }
    void onLogout(const FIX::SessionID& id) override {
        Member* m = find(id);
        if (m == nullptr) return;
        if (m->session != nullptr && !stopping) m->session->logon();  // may come back
        if (m->up.exchange(false)) client_.on_logout(m->number);
    }
    void toAdmin(FIX::Message&, const FIX::SessionID&) override {}
    // What is sent again comes from the store, which keeps reports alone.
    void toApp(FIX::Message&, const FIX::SessionID&) override {}
    void fromAdmin(const FIX::Message& message, const FIX::SessionID& id) override {
        Member* m = find(id);
        if (m == nullptr) return;
        const std::string_view type = text_of(message.getHeader(), FIX::FIELD::MsgType);
        if (type == "A") {
            const int tag = settings_.cancel_on_disconnect_tag;
            const std::string_view said = tag == 0 ? std::string_view() : text_of(message, tag);
            wish_ = said == "Y"   ? AcceptorClient::CancelOnDisconnect::kYes
                    : said == "N" ? AcceptorClient::CancelOnDisconnect::kNo
                                  : AcceptorClient::CancelOnDisconnect::kNotSaid;
        }
        if (type == "0") {
            const auto answered = parse_whole(text_of(message, FIX::FIELD::TestReqID));
            if (answered && static_cast<std::uint64_t>(*answered) <= m->sent) {
                m->read = static_cast<std::uint64_t>(*answered);
            }
        }
        end_if_doomed(*m);
        if (type == "2" && m->session != nullptr) {
            const int wrong = wrong_in_resend_request(text_of(message, FIX::FIELD::BeginSeqNo),
                                                      text_of(message, FIX::FIELD::EndSeqNo),
                                                      m->session->getExpectedSenderNum());
            if (wrong != 0) throw FIX::IncorrectTagValue(wrong);  // answered with Reject (3)
        }
    }
    void fromApp(const FIX::Message& message, const FIX::SessionID& id) override {
        Member* m = find(id);
        if (m == nullptr) return;
        take(*m, message);  // also of a member whose connection is about to end: it was received
        end_if_doomed(*m);
    }

private:
    void take(Member& m, const FIX::Message& message) {
        std::string bytes;
        std::optional<RequestProblem> problem;
        try {
            message.toString(bytes);
            auto request = decode_request(bytes);
            if (request) {
                if (!client_.on_request(m.number, std::move(*request), bytes)) too_busy(m, bytes);
                return;
            }
            problem = request.error();
        } catch (const std::exception& e) {
            client_.on_text(m.number, e.what());
            return;
        }
        // What QuickFIX expects here; it answers with Reject (3) or BusinessMessageReject (j).
        switch (problem->kind) {
            case RequestProblem::Kind::kMissing:
                throw FIX::RequiredTagMissing(problem->tag);
            case RequestProblem::Kind::kFormat:
                throw FIX::IncorrectDataFormat(problem->tag, "");
            case RequestProblem::Kind::kValue:
                throw FIX::IncorrectTagValue(problem->tag);
            case RequestProblem::Kind::kType:
                throw FIX::UnsupportedMessageType();
        }
    }
    [[nodiscard]] Member* find(const FIX::SessionID& id) const noexcept {
        const auto at = members.find(id);
        return at == members.end() ? nullptr : at->second;
    }
    static void end_if_doomed(Member& m) {
        if (m.doomed && m.session != nullptr && m.up) m.session->disconnect();
    }
    void too_busy(Member& m, std::string_view bytes) {
        FIX::Message j;
        j.getHeader().setField(FIX::MsgType("j"));
        j.setField(372, std::string(message_type(bytes)));
        j.setField(380, "4");
        j.setField(58, "too many requests wait");
        m.session->send(j);
    }

    const AcceptorSettings& settings_;
    AcceptorClient& client_;
    AcceptorClient::CancelOnDisconnect wish_{};  // of the logon in hand
};

class EventLog final : public FIX::Log {
public:
    EventLog(AcceptorClient& client, std::size_t session) : client_(client), session_(session) {}
    void clear() override {}
    void backup() override {}
    void onIncoming(const std::string&) override {}
    void onOutgoing(const std::string&) override {}
    void onEvent(const std::string& text) override { client_.on_text(session_, text); }

private:
    AcceptorClient& client_;
    std::size_t session_;
};

/// Owns them: an acceptor whose constructor throws destroys none of those that it had.
class EventLogs final : public FIX::LogFactory {
public:
    EventLogs(AcceptorClient& client, const Callbacks& callbacks)
        : client_(client), callbacks_(callbacks) {}
    FIX::Log* create() override { return keep(~std::size_t{0}); }
    FIX::Log* create(const FIX::SessionID& id) override {
        const auto at = callbacks_.members.find(id);
        return keep(at == callbacks_.members.end() ? ~std::size_t{0} : at->second->number);
    }
    void destroy(FIX::Log*) override {}

private:
    FIX::Log* keep(std::size_t member) {
        return logs_.emplace_back(std::make_unique<EventLog>(client_, member)).get();
    }
    std::vector<std::unique_ptr<EventLog>> logs_;
    AcceptorClient& client_;
    const Callbacks& callbacks_;
};

/// The first fields of the entries of our groups.
int delimiter_of(int count_tag) noexcept {
    switch (count_tag) {
        case 268:  // NoMDEntries: MDEntryType of W; X begins with MDUpdateAction
            return 269;
        case 146:
            return 55;
        case 534:
            return 41;
        case 73:
            return 11;
        default:
            return 0;
    }
}

FIX::Message to_quickfix(const OutMessage& out) {
    FIX::Message message;
    message.getHeader().setField(FIX::MsgType(out.type()));
    std::vector<FIX::Group> groups;
    int delimiter = delimiter_of(out.group_tag());
    if (out.type() == "X") delimiter = 279;
    for (std::uint32_t n = 0; n < out.entries(); ++n)
        groups.emplace_back(out.group_tag(), delimiter);
    for (const OutMessage::Field& field : out.fields()) {
        const std::string value(out.value(field));
        if (field.entry == 0) {
            if (field.tag == 97) {
                message.getHeader().setField(field.tag, value);
            } else {
                message.setField(field.tag, value);
            }
        } else {
            groups[field.entry - 1].setField(field.tag, value);
        }
    }
    for (const FIX::Group& group : groups) message.addGroup(group);
    return message;
}

bool is_report(const std::string& type) noexcept {
    return type == "8" || type == "9" || type == "r" || type == "N";
}

template <class F>
auto described(F f) {
    try {
        return f();
    } catch (const FIX::Exception& e) {
        throw std::runtime_error(std::string("FIX: ") + e.what());
    }
}

}  // namespace

class Acceptor::Impl {
public:
    Impl(AcceptorSettings settings, AcceptorClient& client)
        : settings_(std::move(settings)),
          callbacks_(settings_, client),
          logs_(client, callbacks_),
          stores_(settings_.store_folder) {
        std::filesystem::create_directories(settings_.store_folder);
        FIX::Dictionary d;
        d.setString(FIX::CONNECTION_TYPE, "acceptor");
        d.setString(FIX::START_TIME, "00:00:00");
        d.setString(FIX::END_TIME, "00:00:00");
        d.setString(FIX::USE_DATA_DICTIONARY, "N");  // see group_dictionary.hpp
        d.setString(FIX::CHECK_LATENCY, "N");
        d.setString(FIX::PERSIST_MESSAGES, "Y");
        FIX::SessionSettings all;
        for (std::size_t n = 0; n < settings_.members.size(); ++n) {
            const FIX::SessionID id("FIX.4.4", settings_.comp_id, settings_.members[n]);
            all.set(id, d);
            Member& member = members_.emplace_back();
            member.number = n;
            callbacks_.members[id] = &member;
        }
        WireAcceptor::Rules rules;
        rules.port = settings_.port;
        rules.logon_timeout = std::chrono::nanoseconds(settings_.logon_timeout.ns);
        // Who reads too little is logged out long before.
        rules.waiting_max = 2 * settings_.unread_bytes_max + WireConnection::kWaitingMax;
        acceptor_ =
            std::make_unique<WireAcceptor>(callbacks_, stores_, all, logs_, rules,
                                           [&client](std::string_view peer, std::string_view why) {
                                               client.on_refused(peer, why);
                                           });
        for (const auto& [id, member] : callbacks_.members) {
            member->session = FIX::Session::lookupSession(id);
            if (member->session == nullptr) {
                throw std::runtime_error("FIX: no session " + id.toString());
            }
            read_groups(*member->session);
        }
    }
    ~Impl() { stop(); }

    void start() {
        acceptor_->start();
        started_ = true;
    }
    void stop() noexcept {
        if (!std::exchange(started_, false)) return;
        callbacks_.stopping = true;
        acceptor_->close_doors();
        try {
            acceptor_->stop();
        } catch (...) {  // the sockets are closed with it
        }
    }

    [[nodiscard]] bool send(std::size_t session, const OutMessage& out) noexcept {
        Member& m = members_[session];
        const bool report = is_report(out.type());
        if (!report && !m.up.load(std::memory_order_acquire)) return true;
        try {
            FIX::Message message = to_quickfix(out);
            (void)m.session->send(message);  // false: the member is away, and it was stored
            if (m.up) measure(m, out.bytes());
            return true;
        } catch (...) {
            return false;
        }
    }
    [[nodiscard]] Member& at(std::size_t session) noexcept { return members_[session]; }
    [[nodiscard]] const AcceptorSettings& settings() const noexcept { return settings_; }

    void disconnect(Member& m) noexcept {
        if (!m.up || m.doomed.exchange(true)) return;
        try {
            probe(m);  // its answer brings the acceptor's thread here
            if (m.session != nullptr) m.session->logout("disconnected by the venue");
        } catch (...) {  // the timeout of the logout ends it
        }
    }

private:
    void measure(Member& m, std::size_t bytes) {
        m.sent += bytes;
        if (m.sent - m.probed > kProbeEvery) probe(m);
        if (m.sent - m.read > settings_.unread_bytes_max) disconnect(m);
    }
    void probe(Member& m) {
        m.probed = m.sent.load();
        FIX::Message test;
        test.getHeader().setField(FIX::MsgType("1"));
        test.setField(FIX::FIELD::TestReqID, std::to_string(m.sent.load()));
        m.session->send(test);
    }

    AcceptorSettings settings_;
    Callbacks callbacks_;
    EventLogs logs_;
    ReportStoreFactory stores_;
    std::deque<Member> members_;
    std::unique_ptr<WireAcceptor> acceptor_;
    bool started_ = false;
};

Acceptor::Acceptor(AcceptorSettings settings, AcceptorClient& client)
    : impl_(described([&] { return std::make_unique<Impl>(std::move(settings), client); })) {}
Acceptor::~Acceptor() = default;
void Acceptor::start() {
    described([this] { impl_->start(); });
}
void Acceptor::stop() noexcept { impl_->stop(); }
bool Acceptor::send(std::size_t session, const OutMessage& message) noexcept {
    return impl_->send(session, message);
}
bool Acceptor::behind(std::size_t session) const noexcept {
    const Member& m = impl_->at(session);
    return m.sent - m.read > impl_->settings().behind_bytes;
}
bool Acceptor::logged_on(std::size_t session) const noexcept { return impl_->at(session).up; }
void Acceptor::disconnect(std::size_t session) noexcept { impl_->disconnect(impl_->at(session)); }

}  // namespace fermata::fix
