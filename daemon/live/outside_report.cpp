#include "daemon/live/outside_report.hpp"

#include <utility>

#include "core/market/date.hpp"
#include "daemon/config/codec.hpp"

namespace fermata {

namespace {

Report or_none(std::uint64_t number) { return number == 0 ? Report() : Report(number); }
Report or_none(std::string text) { return text.empty() ? Report() : Report(std::move(text)); }

/// Every row has the same keys: those of the first are the columns of a table.
Report row_of(const SessionBoard::Row& s, const std::string& venue, std::string state) {
    return {
        {"venue", venue},
        {"session", s.name},
        {"role", session_role_name(s.role)},
        {"state", std::move(state)},
        {"since", or_none(s.since.ns == 0 ? std::string() : format_iso_timestamp(s.since))},
        {"sent", or_none(s.sent)},
        {"received", or_none(s.received)},
        {"error", or_none(s.error)},
        {"error_at", or_none(s.error.empty() ? std::string() : format_iso_timestamp(s.error_at))}};
}

/// More than up and down, where somebody compares books.
std::string state_of(OutsideVenues* outside, const SessionBoard::Row& s) {
    if (outside != nullptr && s.role == SessionRole::kOrders && outside->desk() != nullptr) {
        return std::string(name(outside->desk()->standing(s.venue)));
    }
    if (outside != nullptr && s.role == SessionRole::kDropCopy && outside->copies() != nullptr) {
        for (const auto& copy : outside->copies()->standing(Timestamp{0}).sessions) {
            if (copy.name == s.name) return std::string(copy.state);
        }
    }
    return s.up ? "up" : "down";
}

}  // namespace

Report standing_of(OutsideVenues* outside, const SessionBoard& board,
                   const std::vector<std::string>& venues) {
    Report rows = Report::array();
    if (outside == nullptr || outside->desk() == nullptr) {
        const bool shadow = outside != nullptr;
        for (const std::string& venue : venues) {
            SessionBoard::Row inside;
            inside.name = shadow ? "none" : "simulated";
            rows.push_back(row_of(inside, venue, shadow ? "nothing is sent" : "in-process"));
        }
    }
    for (const SessionBoard::Row& s : board.rows()) {
        rows.push_back(row_of(s, venues.at(s.venue.value), state_of(outside, s)));
    }
    return rows;
}

Report copies_report(OutsideVenues& venues, Timestamp now) {
    if (venues.copies() == nullptr) return nullptr;
    const CopyStanding standing = venues.copies()->standing(now);
    Report report;
    report["agrees"] = standing.differs == Duration{};
    const std::int64_t ms = standing.differs.ns / 1'000'000;
    report["differs_for"] = config::format_duration(Duration::milliseconds(ms));
    report["differences"] = standing.differences;
    return report;
}

Report venues_report(OutsideVenues& venues, const std::vector<std::string>& names) {
    Report rows = Report::array();
    const std::vector<VenueReport> reports = venues.desk()->reports();
    for (std::size_t v = 0; v < reports.size(); ++v) {
        rows.push_back({{"venue", names.at(v)},
                        {"state", name(reports[v].standing)},
                        {"accepted", reports[v].accepted},
                        {"differences", reports[v].differences}});
    }
    return rows;
}

Report elsewhere_report(OutsideVenues& venues, ControlScope scope, std::uint64_t target) {
    const ElsewhereOpen open = venues.desk()->open_elsewhere(scope, target);
    return {{"not_ours", open.not_ours},
            {"not_compared", open.not_compared},
            {"cannot_tell", open.cannot_tell}};
}

std::vector<std::string> unsettled(OutsideVenues& venues, const std::vector<std::string>& names,
                                   Timestamp now) {
    std::vector<std::string> all;
    const std::vector<VenueReport> reports = venues.desk()->reports();
    for (std::size_t v = 0; v < reports.size(); ++v) {
        if (reports[v].accepted || reports[v].standing == VenueStanding::kReconciled) continue;
        all.insert(all.end(), reports[v].differences.begin(), reports[v].differences.end());
        if (!reports[v].differences.empty()) continue;
        all.push_back(names.at(v) + ": not reconciled (" + std::string(name(reports[v].standing)) +
                      ")");
    }
    if (venues.copies() != nullptr) {
        const CopyStanding copies = venues.copies()->standing(now);
        all.insert(all.end(), copies.differences.begin(), copies.differences.end());
        if (copies.differences.empty() && copies.differs != Duration{}) {
            all.emplace_back("drop copy: what it told meanwhile is not known");
        }
    }
    return all;
}

Acceptance accept_all(OutsideVenues& venues, const std::vector<std::string>& names,
                      std::uint32_t actor, std::uint32_t other) {
    using Outcome = VenueAcceptance::Outcome;
    constexpr std::string_view kOutcomes[] = {"nothing", "accepted", "refused"};
    Acceptance all;
    Report rows = Report::array();
    const auto row = [&](const std::string& venue, const std::string& session, Outcome outcome,
                         const std::string& said) {
        all.any = all.any || outcome == Outcome::kAccepted;
        all.refused = all.refused || outcome == Outcome::kNot;
        if (outcome == Outcome::kNot) {
            all.problem += (all.problem.empty() ? "" : "; ") + venue + ": " + said;
        }
        rows.push_back({{"venue", venue},
                        {"session", session},
                        {"outcome", kOutcomes[static_cast<std::size_t>(outcome)]},
                        {"said", said}});
    };
    const DeskAcceptance desk = venues.desk()->accept(actor, other);
    for (const VenueAcceptance& v : desk.venues) {
        row(names.at(v.venue.value), "orders", v.outcome, v.said);
    }
    if (DropCopyDesk* const copies = venues.copies()) {
        const bool accepted = copies->accept(actor, other);
        const Outcome outcome = accepted ? Outcome::kAccepted : Outcome::kNothing;
        const std::string said =
            accepted ? "what differs counts as compared; nothing is booked, and a fill that it "
                       "alone tells is not in the positions here"
                     : "they agree with what is on record";
        for (const CopyStanding::Session& s : copies->standing(Timestamp{0}).sessions) {
            row(names.at(s.venue.value), "drop copy " + s.name, outcome, said);
        }
    }
    all.any = all.any || desk.ends_recovering;
    if (all.problem.empty()) all.problem = "nothing differs, and RECOVERING is over";
    all.report["accepted"] = std::move(rows);
    all.report["recovering"] = desk.ends_recovering ? "ends" : desk.waits ? "goes_on" : "over";
    return all;
}

}  // namespace fermata
