#include "daemon/live/drop_copy_desk.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/types/decimal.hpp"
#include "daemon/cli/id_text.hpp"

namespace fermata {
namespace {

/// Reports of one session at one look, so that a long list of them holds up nobody.
constexpr int kBatch = 1'024;
constexpr std::size_t kShown = 20;
/// Copies whose ExecID is remembered: far more than ever differ.
constexpr std::size_t kTexts = 16'384;

/// The venue and number of what a report tells.
std::pair<VenueId, ExecId> told(const OrderEvent& report) {
    if (report.type == OrderEventType::kCorrection) {
        return {report.data.correction.venue, report.data.correction.exec_id};
    }
    return {report.data.execution.venue, report.data.execution.exec_id};
}

}  // namespace

DropCopyDesk::DropCopyDesk(std::vector<CopySession> sessions, std::vector<Venue> venues,
                           std::vector<std::string> instruments,
                           DropCopyReconciler::Settings settings,
                           std::function<void(const std::string&)> report, CopyBegin begun)
    : venues_(std::move(venues)),
      instruments_(std::move(instruments)),
      every_(settings.every),
      begun_(begun),
      report_(std::move(report)),
      reconciler_(std::move(settings)) {
    for (CopySession& s : sessions) sessions_.emplace_back().with = std::move(s);
}

void DropCopyDesk::on_record(const OrderEvent& event) {
    const std::lock_guard lock(mutex_);
    reconciler_.on_record(event);
    if (event.type != OrderEventType::kRiskInput) return;
    const RiskInputData& d = event.data.risk_input;
    if (d.kind != RiskInputKind::kDropCopy || d.values[2] == 0) return;
    compared_[static_cast<std::size_t>(d.values[2] - 1)] = static_cast<std::uint64_t>(d.values[1]);
}

void DropCopyDesk::begin(bool resumed, Timestamp now) {
    const std::lock_guard lock(mutex_);
    reconciler_.begin(now);
    marked_ = taken();
    if (!resumed) return;
    for (Session& s : sessions_) {
        const auto at = compared_.find(s.with.index);
        s.with.link->resume_after(at == compared_.end() ? 0 : at->second);
    }
}

void DropCopyDesk::on_link(std::size_t session, const LinkEvent& event) noexcept try {
    const std::lock_guard lock(mutex_);
    Session& s = sessions_.at(session);
    const std::string about = s.with.name + " (drop copy): ";
    const std::string text =
        event.text.empty() ? std::string() : " (" + std::string(event.text) + ")";
    switch (event.kind) {
        case LinkEventKind::kUp:
            if (s.state != "ended") s.state = "up";
            return say(about + "logged on");
        case LinkEventKind::kDown:
            if (s.state != "ended") s.state = "down";
            return say(about + "the session is down" + text);
        case LinkEventKind::kSequenceReset:
            s.state = "ended";
            reconciler_.lost(event.ts);
            return say(about + "sequence numbers do not go on as they should" + text +
                       "; what it told meanwhile is not known: compare with the venue");
        case LinkEventKind::kUnreadable:  // the link counts it as lost
            return say(about + "a report cannot be understood" + text + "; compare with the venue");
        case LinkEventKind::kRefused:
            return say(about + "the venue refused a message" + text);
        default:
            return;
    }
} catch (const std::exception&) {
    // No memory for a line. What is missing shows as a difference.
}

void DropCopyDesk::take(Timestamp now) {
    for (Session& s : sessions_) {
        DropCopyReport report;
        for (int n = 0; n < kBatch && s.with.link->poll(report); ++n) {
            if (is_from_before(report)) {
                ++earlier_;
                earlier_at_ = now;
                if (report.lost != 0) reconciler_.lost(report.event.ts);
            } else {
                reconciler_.on_copy(report);
                note_text(report);
            }
            if (report.event.cause != 0) s.newest = cause_seq(report.event.cause);
        }
    }
    while (const auto report = reconciler_.book(now)) {
        const auto [venue, id] = told(*report);
        const Venue& v = venues_.at(venue.value);
        v.link->add(*report);
        say(v.name + ": execution " + execution(venue, id) +
            " was told by the drop copy alone, and is booked from it");
    }
}

bool DropCopyDesk::is_from_before(const DropCopyReport& report) const noexcept {
    // A venue may tell whole seconds.
    constexpr std::int64_t kSecond = 1'000'000'000;
    const Timestamp start{begun_.start.ns / kSecond * kSecond};
    if (report.transacted.ns == 0 || report.transacted >= start) return false;
    const OrderEvent& e = report.event;
    const bool correction = e.type == OrderEventType::kCorrection;
    if (!correction &&
        (e.type != OrderEventType::kExecution || e.data.execution.exec_type != ExecType::kTrade)) {
        return false;  // nothing that is compared
    }
    const ClientOrderId order = correction ? e.data.correction.order_id : e.data.execution.order_id;
    const auto day = static_cast<std::uint16_t>(begun_.start.ns / (86'400 * kSecond));
    return order.value < make_client_order_id(day, begun_.epoch, 0).value;
}

/// In one line, once no more of them come.
void DropCopyDesk::tell_earlier(Timestamp now) {
    if (earlier_ == earlier_told_ || now - earlier_at_ < every_) return;
    say("drop copy: " + std::to_string(earlier_ - earlier_told_) +
        " executions from before this session began were told and not compared");
    earlier_told_ = earlier_;
}

void DropCopyDesk::note_text(const DropCopyReport& report) {
    if (report.exec_text[0] == '\0' || report.event.type == OrderEventType::kNone) return;
    const auto end = std::ranges::find(report.exec_text, '\0');
    const auto key = told(report.event);
    if (!texts_.emplace(key, std::string(report.exec_text.begin(), end)).second) return;
    texts_order_.push_back(key);
    if (texts_order_.size() <= kTexts) return;
    texts_.erase(texts_order_.front());
    texts_order_.pop_front();
}

/// As its venue calls it, where a copy said so.
std::string DropCopyDesk::execution(VenueId venue, ExecId id) const {
    const auto found = texts_.find({venue, id});
    return found == texts_.end() ? execution_text(id) : execution_text(id, found->second);
}

std::optional<OrderEvent> DropCopyDesk::work(Timestamp now) {
    const std::lock_guard lock(mutex_);
    if (out_.empty()) {
        take(now);
        if (const auto input = reconciler_.poll(now)) out_.push_back(*input);
        tell_differences(now);
        tell_earlier(now);
        mark(now);
    }
    if (out_.empty()) return std::nullopt;
    OrderEvent next = out_.front();
    out_.pop_front();
    return next;
}

/// Each once, when it has lasted so long that the gate is told of it.
void DropCopyDesk::tell_differences(Timestamp now) {
    if (reconciler_.differences() == 0) return told_.clear();
    std::set<std::pair<VenueId, ExecId>> still;
    for (const CopyDifference& d : reconciler_.differing(now, every_)) {
        still.emplace(d.venue, d.exec_id);
        if (!told_.contains({d.venue, d.exec_id})) say(describe(d));
    }
    told_ = std::move(still);
}

/// Puts on record how far everything was compared, so that a restart begins there.
void DropCopyDesk::mark(Timestamp now) {
    if (taken() == marked_ || now - marked_at_ < every_) return;
    for (const Session& s : sessions_) {
        if (s.newest == 0) continue;
        auto input = reconciler_.agreed(now, s.with.index, s.newest);
        if (!input) return;
        input->data.risk_input.actors[0] = actor_;
        input->data.risk_input.actors[1] = other_;
        out_.push_back(*input);
    }
    marked_ = taken();
    marked_at_ = now;
    actor_ = other_ = kNoActor;
}

bool DropCopyDesk::accept(std::uint32_t actor, std::uint32_t other) {
    const std::lock_guard lock(mutex_);
    const Timestamp end = Timestamp::never();
    if (reconciler_.differs_for(end) == Duration{}) return false;
    reconciler_.accept();
    actor_ = actor;
    other_ = other;
    say("drop copy: accepted as it is");
    return true;
}

CopyStanding DropCopyDesk::standing(Timestamp now) const {
    const std::lock_guard lock(mutex_);
    CopyStanding out;
    for (const Session& s : sessions_) {
        out.sessions.push_back({s.with.name, s.with.venue, s.state});
    }
    out.differs = reconciler_.differs_for(now);
    for (const CopyDifference& d : reconciler_.differing(now, Duration{})) {
        if (out.differences.size() == kShown) break;
        out.differences.push_back(describe(d));
    }
    return out;
}

std::string DropCopyDesk::describe(const CopyDifference& d) const {
    std::string text = venues_.at(d.venue.value).name + ": " +
                       (d.correction ? "correction " : "execution ") +
                       execution(d.venue, d.exec_id) + " of " +
                       (d.order_id.value != 0 ? "order " + client_order_text(d.order_id)
                                              : std::string("an order that is not ours"));
    text += " (" + to_string(d.quantity);
    if (d.instrument.value < instruments_.size()) text += " " + instruments_[d.instrument.value];
    text += " at " + to_string(d.price) + ") ";
    switch (d.kind) {
        case CopyDifference::Kind::kNoCopy:
            return text + "is on record here, and the drop copy does not have it";
        case CopyDifference::Kind::kNotHere:
            return text + "is in the drop copy, and not on record here";
        case CopyDifference::Kind::kOtherTerms:
            return text + "has other terms in the drop copy";
    }
    return text;
}

}  // namespace fermata
