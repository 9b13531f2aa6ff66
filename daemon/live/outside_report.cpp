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

std::string accept_all(OutsideVenues& venues, std::uint32_t actor, std::uint32_t other) {
    const bool copies = venues.copies() != nullptr && venues.copies()->accept(actor, other);
    const std::string problem = venues.desk()->accept(actor, other);
    return copies ? std::string() : problem;
}

}  // namespace fermata
