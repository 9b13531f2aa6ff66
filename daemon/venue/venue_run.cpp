#include "daemon/venue/venue_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/indicator/to_double.hpp"
#include "daemon/live/live_clock.hpp"
#include "daemon/live/paced_source.hpp"
#include "daemon/venue/venue_log.hpp"
#include "daemon/venue/venue_machine.hpp"

namespace fermata::venue {
namespace {

constexpr std::int64_t kNapMax = 1'000'000;       // ns
constexpr std::int64_t kLookUpEvery = 5'000'000;  // ns between two looks at `stopped`
constexpr int kMarketBatch = 256;                 // events before requests are looked at
constexpr int kRequestBatch = 64;
constexpr std::size_t kRequestBytesMax = std::size_t{256} << 10;

class VenueRun final : public fix::AcceptorClient {
public:
    VenueRun(VenueJob job, FileSystem& files)
        : job_(std::move(job)),
          lock_(VenueJournal::lock(files, job_.folder, job_.fresh)),
          queue_(job_.requests_max),
          source_(*job_.source, job_.from, job_.to, to_double(job_.live.speed.factor)),
          log_(job_.log),
          plan_(job_.faults, job_.fault_seed),
          machine_(job_.core, job_.identity, *job_.instruments, *job_.streams),
          journal_(files, job_.folder, [this](const Entry& e) { replay(e); }),
          clock_(machine_.last()),
          arrived_(machine_.arrived()),
          acceptor_(job_.acceptor, *this) {
        if (!machine_.begun()) begin();
    }

    VenueResult execute() {
        recover();
        source_.skip(machine_.market_events());
        acceptor_.start();
        if (job_.listening) job_.listening();
        loop();
        acceptor_.stop();
        while (auto arrival = queue_.pop(std::chrono::nanoseconds{0})) take(std::move(*arrival));
        settle();
        journal_.flush();
        log_.flush();
        if (failed_) throw std::runtime_error("the journal of the venue could not be written");
        result_.market_events = machine_.market_events();
        result_.faults = machine_.outbox().faults() + faults_;
        return result_;
    }

    // --- the acceptor's thread ---

    void on_logon(std::size_t session, CancelOnDisconnect wish) noexcept override {
        Arrival arrival{Arrival::Kind::kLogon, session};
        if (wish != CancelOnDisconnect::kNotSaid) {
            arrival.cancel_wish = wish == CancelOnDisconnect::kYes;
        }
        queue_.push(std::move(arrival));
    }
    void on_logout(std::size_t session) noexcept override {
        queue_.push(Arrival{Arrival::Kind::kLogout, session});
    }
    /// On disk before the session counts it as received: whatever happens then, it is not lost.
    bool on_request(std::size_t session, fix::VenueRequest request,
                    std::string_view bytes) noexcept override {
        if (!queue_.has_room() || bytes.size() > kRequestBytesMax) return false;
        try {
            Entry entry;
            entry.kind = EntryKind::kArrived;
            entry.session = static_cast<std::uint32_t>(session);
            entry.number = ++arrived_;
            entry.text = bytes;
            journal_.append(entry);
            journal_.flush();
            Arrival arrival{Arrival::Kind::kRequest, session};
            arrival.number = entry.number;
            arrival.request = std::move(request);
            arrival.bytes = std::string(bytes);
            queue_.push(std::move(arrival));
            return true;
        } catch (...) {
            failed_ = true;
            return false;
        }
    }
    void on_refused(std::string_view peer, std::string_view why) noexcept override {
        Arrival arrival;
        arrival.kind = Arrival::Kind::kRefused;
        arrival.bytes = "closed the connection of " + std::string(peer) + ": " + std::string(why);
        queue_.push(std::move(arrival));
    }
    void on_text(std::size_t, std::string_view) noexcept override {}

private:
    [[nodiscard]] ExchangeCore& core() noexcept { return machine_.core(); }

    // --- before the acceptor's thread runs ---

    void replay(const Entry& e) {
        machine_.replay(e);
        if (e.kind != EntryKind::kHalt) return;
        halted_until_.erase(e.session);
        if (e.value != 0) {
            halted_until_[e.session] = e.ts + Duration{static_cast<std::int64_t>(e.number)};
        }
    }

    void begin() {
        Entry entry;
        entry.kind = EntryKind::kBegin;
        entry.text = job_.identity;
        entry.ts = clock_.read().utc;
        // Order and execution ids of two exchanges of one configuration must differ: seconds do.
        entry.number = static_cast<std::uint32_t>(entry.ts.ns / 1'000'000'000);
        journal_.append(entry);
        journal_.flush();
        machine_.begin(entry.number);
    }

    /// Everybody who was here when the venue ended is gone; what nobody has dealt with comes first.
    void recover() {
        const Timestamp now = clock_.read().utc;
        if (machine_.recovered()) {
            const std::string text = std::to_string(machine_.market_events()) + " market events, " +
                                     std::to_string(core().ledger().live().size()) + " orders open";
            log_.line(now, "recovered", "", text);
            if (job_.report) job_.report("going on with " + job_.folder.string() + ": " + text);
        }
        machine_.outbox().resend(
            [&](const Outgoing& out) { hand_over(out, now); },
            [&](std::size_t session, std::uint64_t reports) { delivered(session, reports, now); });
        journal_.flush();
        for (std::size_t n = 0; n < job_.core.members.size(); ++n) {
            if (core().logged_on(n)) take(Arrival{Arrival::Kind::kLogout, n});
        }
        for (const Instrument& i : job_.instruments->all()) {
            if (core().halted(i.id)) halt_again(i);
        }
        std::sort(resumes_.begin(), resumes_.end());
        for (auto& [number, arrival] : machine_.waiting()) take(std::move(arrival));
        machine_.waiting().clear();
        settle();
    }

    /// A halt is as long as it was to be, wherever in it the venue ended.
    void halt_again(const Instrument& i) {
        const LiveClock::Now now = clock_.read();
        const auto until = halted_until_.find(i.id.value);
        const Duration left = until == halted_until_.end() ? Duration{} : until->second - now.utc;
        if (left <= Duration{}) return halt(i.id, false, Duration{}, now.utc);
        resumes_.emplace_back(now.steady_ns + left.ns, i.id);
        const std::string text = "the halt of " + i.symbol + " goes on for " +
                                 std::to_string(left.ns / 1'000'000) + " ms";
        log_.line(now.utc, "recovered", "", text);
        if (job_.report) job_.report(text);
    }

    // --- the matching thread ---

    void loop() {
        LiveClock::Now now = clock_.read();
        opened_ns_ = now.steady_ns;
        std::int64_t look_up_at = now.steady_ns;
        for (;;) {
            now = clock_.read();
            if (now.steady_ns >= look_up_at) {
                look_up_at = now.steady_ns + kLookUpEvery;
                if (job_.stopped && job_.stopped()) return;
                if (failed_) return;
                journal_.flush();
                log_.flush();
            }
            if (!playing_) play(now);
            const std::int64_t next = step(now);
            std::optional<Arrival> arrival =
                queue_.pop(std::chrono::nanoseconds(std::clamp<std::int64_t>(next, 0, kNapMax)));
            for (int n = 0; arrival && n < kRequestBatch; ++n) {
                take(std::move(*arrival));
                arrival = queue_.pop(std::chrono::nanoseconds{0});
            }
            if (arrival) take(std::move(*arrival));
            settle();
        }
    }

    /// The data begins, unless somebody holds it.
    void play(const LiveClock::Now& now) {
        const bool begins = machine_.market_events() == 0;
        if (begins && job_.held && job_.held()) return;
        playing_ = true;
        std::int64_t wait = 0;
        if (const MarketEvent* first = source_.front();
            first != nullptr && job_.live.start == LiveStart::kAligned) {
            wait = until_time_of_day(now.utc, first->ts).ns;
        }
        source_.begin(now.steady_ns + wait);
        if (begins && job_.held && job_.report) job_.report("the data begins");
    }

    /// Does what is due; how many nanoseconds there is nothing to do.
    std::int64_t step(const LiveClock::Now& now) {
        std::int64_t next = kNapMax;
        if (core().next_due() <= now.utc) {
            advance(now.utc);
            settle();  // before the market moves: the log has reports where they belong
        }
        for (int n = 0; playing_ && n < kMarketBatch && source_.front() != nullptr; ++n) {
            const std::int64_t due = source_.due_ns();
            if (due > now.steady_ns) {
                next = std::min(next, due - now.steady_ns);
                break;
            }
            market(*source_.front(), now.utc);
            source_.pop();
            if (n + 1 == kMarketBatch) next = 0;
        }
        if (core().next_due() < Timestamp::never()) {
            next = std::min(next, (core().next_due() - now.utc).ns);
        }
        const Duration open{now.steady_ns - opened_ns_};
        while (const Fault* fault = plan_.due(open)) strike(*fault, std::nullopt, now);
        while (!resumes_.empty() && resumes_.front().first <= now.steady_ns) {
            halt(resumes_.front().second, false, Duration{}, now.utc);
            resumes_.pop_front();
        }
        settle();
        return next;
    }

    void market(const MarketEvent& recorded, Timestamp now) {
        Entry entry;
        entry.kind = EntryKind::kMarket;
        entry.ts = now;
        entry.market = recorded;
        entry.market.ts = now;
        entry.market.seq = machine_.market_events() + 1;
        journal_.append(entry);
        machine_.on_market(entry.market);
        const InstrumentId i = recorded.instrument;
        if (log_.on()) {
            log_.line(now, "market",
                      job_.instruments->contains(i) ? (*job_.instruments)[i].symbol : "",
                      std::string(name(recorded.type)) + " " + std::to_string(entry.market.seq));
        }
        // Each event by itself: only for members who are behind do changes become one.
        machine_.desk().publish([this](std::size_t session) { return acceptor_.behind(session); });
        if (!core().out().empty()) settle();
    }

    void advance(Timestamp now) {
        record(EntryKind::kAdvance, 0, 0, 0, now);
        core().advance(now);
        log_.line(now, "due", "", "");
    }

    void record(EntryKind kind, std::uint32_t session, std::uint8_t value, std::uint64_t number,
                Timestamp ts) {
        Entry entry;
        entry.kind = kind;
        entry.session = session;
        entry.value = value;
        entry.number = number;
        entry.ts = ts;
        journal_.append(entry);
    }

    void do_entry(EntryKind kind, std::uint32_t session, std::uint8_t value, std::uint64_t number,
                  Timestamp ts) {
        record(kind, session, value, number, ts);
        Entry entry;
        entry.kind = kind;
        entry.session = session;
        entry.value = value;
        entry.number = number;
        entry.ts = ts;
        machine_.apply(entry);
    }

    void take(Arrival arrival) {
        const LiveClock::Now now = clock_.read();
        if (arrival.kind == Arrival::Kind::kRefused) {
            log_.line(now.utc, "refused", "", arrival.bytes);
            if (job_.report) job_.report(arrival.bytes);
            return;
        }
        const std::string& member = job_.core.members[arrival.session].comp_id;
        const auto session = static_cast<std::uint32_t>(arrival.session);
        if (arrival.kind == Arrival::Kind::kLogon) {
            const std::uint8_t wish = !arrival.cancel_wish ? 2 : *arrival.cancel_wish ? 1 : 0;
            log_.line(now.utc, "logon", member, "");
            if (job_.report) job_.report(member + " logged on");
            return do_entry(EntryKind::kLogon, session, wish, 0, now.utc);
        }
        if (arrival.kind == Arrival::Kind::kLogout) {
            log_.line(now.utc, "logout", member, "");
            if (job_.report) job_.report(member + " is gone");
            return do_entry(EntryKind::kLogout, session, 0, 0, now.utc);
        }
        ++result_.requests;
        log_.bytes(now.utc, member, arrival.bytes);
        Verdict verdict = Verdict::kApplied;
        const Fault* fault = plan_.any() ? plan_.on_request(member) : nullptr;
        if (fault != nullptr && fault->kind == FaultKind::kReject) verdict = Verdict::kRefused;
        if (fault != nullptr && fault->kind == FaultKind::kLoseRequest) verdict = Verdict::kLost;
        record(EntryKind::kConsumed, session, static_cast<std::uint8_t>(verdict), arrival.number,
               now.utc);
        machine_.consume(arrival, verdict, now.utc, opened_ns_ != 0);
        if (fault != nullptr) strike(*fault, arrival.session, now);
    }

    /// `length`: when it is halted, for how long.
    void halt(InstrumentId instrument, bool halted, Duration length, Timestamp now) {
        do_entry(EntryKind::kHalt, instrument.value, halted ? 1 : 0,
                 static_cast<std::uint64_t>(length.ns), now);
    }

    /// A fault happens. Those of requests that the verdict says were dealt with already.
    void strike(const Fault& fault, std::optional<std::size_t> session, const LiveClock::Now& now) {
        ++faults_;
        const std::string member = session ? job_.core.members[*session].comp_id : fault.member;
        log_.line(now.utc, "fault", member, name(fault.kind));
        switch (fault.kind) {
            case FaultKind::kDisconnect:
                for (std::size_t n = 0; n < job_.core.members.size(); ++n) {
                    const bool meant =
                        session ? n == *session
                                : member.empty() || member == job_.core.members[n].comp_id;
                    if (meant) acceptor_.disconnect(n);
                }
                return;
            case FaultKind::kHalt:
                for (const Instrument& i : job_.instruments->all()) {
                    if (!fault.instrument.empty() && i.symbol != fault.instrument) continue;
                    if (core().halted(i.id)) continue;
                    halt(i.id, true, fault.delay, now.utc);
                    resumes_.emplace_back(now.steady_ns + fault.delay.ns, i.id);
                }
                std::sort(resumes_.begin(), resumes_.end());
                return;
            case FaultKind::kBust:
                return do_entry(EntryKind::kBust, 0, 0, 0, now.utc);
            case FaultKind::kCorrect:
                return do_entry(EntryKind::kCorrect, 0, 0, static_cast<std::uint64_t>(fault.ticks),
                                now.utc);
            default:
                return;
        }
    }

    /// Sends what is to be sent: first everything that led to it is on record.
    void settle() {
        const LiveClock::Now now = clock_.read();
        MarketDesk& desk = machine_.desk();
        Outbox& outbox = machine_.outbox();
        desk.publish([this](std::size_t session) { return acceptor_.behind(session); });
        for (std::vector<Outgoing>* from : {&core().out(), &desk.out()}) {
            for (Outgoing& out : *from) {
                const Fault* fault = nullptr;
                if (plan_.any() && is_report(out.message)) {
                    const bool fill = out.message.find(150) == "F";
                    fault = plan_.on_report(job_.core.members[out.session].comp_id, fill);
                }
                if (fault != nullptr) {
                    log_.line(now.utc, "fault", job_.core.members[out.session].comp_id,
                              name(fault->kind));
                }
                outbox.add(std::move(out), fault, now.steady_ns);
            }
            from->clear();
        }
        if (!outbox.any_due(now.steady_ns)) return;
        journal_.flush();
        outbox.send_due(
            now.steady_ns, [&](const Outgoing& out) { hand_over(out, now.utc); },
            [&](std::size_t session, std::uint64_t reports) {
                delivered(session, reports, now.utc);
            });
        journal_.flush();
    }

    void delivered(std::size_t session, std::uint64_t reports, Timestamp now) {
        record(EntryKind::kDelivered, static_cast<std::uint32_t>(session), 0, reports, now);
    }
    void hand_over(const Outgoing& out, Timestamp now) {
        log_.message(now, job_.core.members[out.session].comp_id, out.message);
        if (is_report(out.message)) {
            ++result_.reports;
            log_.flush();  // whoever has a report finds it in the log, whatever happens next
        }
        if (!acceptor_.send(out.session, out.message)) {
            throw std::runtime_error("a report could not be stored in " +
                                     job_.acceptor.store_folder);
        }
    }

    VenueJob job_;
    DirectoryLock lock_;  // before whatever opens a file, and until they are closed
    RequestQueue queue_;
    PacedSource source_;
    VenueLog log_;
    FaultPlan plan_;
    VenueResult result_;
    std::deque<std::pair<std::int64_t, InstrumentId>> resumes_;  // steady ns
    std::map<std::uint32_t, Timestamp> halted_until_;  // by instrument; as the journal says
    std::uint64_t faults_ = 0;
    std::int64_t opened_ns_ = 0;
    bool playing_ = false;  // the data
    std::atomic<bool> failed_{false};
    VenueMachine machine_;
    VenueJournal journal_;
    LiveClock clock_;
    std::uint64_t arrived_;  // the acceptor's thread's, once it runs
    fix::Acceptor acceptor_;
};

}  // namespace

VenueResult run_venue(VenueJob job, FileSystem& files) {
    return VenueRun(std::move(job), files).execute();
}

}  // namespace fermata::venue
