#include "daemon/venue/outbox.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata::venue {
namespace {

/// FIX 4.4: PossResend (97) says that the same may have come under another sequence number.
Outgoing again(Outgoing out) {
    out.message.put(97, 'Y');
    return out;
}

}  // namespace

bool is_report(const fix::OutMessage& message) noexcept {
    const std::string& type = message.type();
    return type == "8" || type == "9" || type == "r" || type == "N";
}

void Outbox::add(Outgoing out, const Fault* fault, std::int64_t now_ns) {
    auto& line = lines_[out.session];
    Waiting w{std::move(out), now_ns, false, false, false};
    w.report = is_report(w.out.message);
    if (fault != nullptr) {
        ++faults_;
        if (fault->kind == FaultKind::kDelay) w.due_ns += fault->delay.ns;
        w.drop = fault->kind == FaultKind::kDrop || fault->kind == FaultKind::kDropFill;
        w.twice = fault->kind == FaultKind::kDuplicate;
    }
    // Nothing overtakes what is delayed.
    if (!line.empty()) w.due_ns = std::max(w.due_ns, line.back().due_ns);
    line.push_back(std::move(w));
    ++waiting_;
}

bool Outbox::any_due(std::int64_t now_ns) const noexcept {
    if (waiting_ == 0) return false;
    return std::any_of(lines_.begin(), lines_.end(), [&](const auto& line) {
        return !line.empty() && line.front().due_ns <= now_ns;
    });
}

void Outbox::send_due(std::int64_t now_ns, const std::function<void(const Outgoing&)>& send,
                      const std::function<void(std::size_t, std::uint64_t)>& done) {
    for (std::size_t session = 0; session < lines_.size(); ++session) {
        auto& line = lines_[session];
        std::uint64_t reports = 0;
        while (!line.empty() && line.front().due_ns <= now_ns) {
            const Waiting w = std::move(line.front());
            line.pop_front();
            --waiting_;
            if (w.report) ++reports;
            if (w.drop) continue;
            send(w.out);
            if (w.twice) send(again(w.out));
        }
        if (reports != 0) done(session, reports);
    }
}

void Outbox::remember(std::vector<Outgoing>& out) {
    for (Outgoing& o : out) {
        if (is_report(o.message)) owed_[o.session].push_back(std::move(o));
    }
    out.clear();
}

void Outbox::forget(std::size_t session, std::uint64_t reports) {
    auto& owed = owed_[session];
    FERMATA_ASSERT(reports <= owed.size() && "the journal counts what was made");
    owed.erase(owed.begin(), owed.begin() + static_cast<std::ptrdiff_t>(reports));
}

void Outbox::resend(const std::function<void(const Outgoing&)>& send,
                    const std::function<void(std::size_t, std::uint64_t)>& done) {
    for (std::size_t session = 0; session < owed_.size(); ++session) {
        auto& owed = owed_[session];
        if (owed.empty()) continue;
        const std::uint64_t reports = owed.size();
        for (Outgoing& out : owed) send(again(std::move(out)));
        owed.clear();
        done(session, reports);
    }
}

}  // namespace fermata::venue
