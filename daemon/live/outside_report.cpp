#include "daemon/live/outside_report.hpp"

#include "daemon/config/codec.hpp"

namespace fermata {

Report standing_of(OutsideVenues& venues, const std::vector<std::string>& names) {
    Report rows = Report::array();
    for (std::size_t v = 0; v < names.size(); ++v) {
        const VenueId id{static_cast<std::uint16_t>(v)};
        rows.push_back({{"venue", names[v]},
                        {"session", "fix"},
                        {"state", name(venues.desk()->standing(id))}});
    }
    if (venues.copies() == nullptr) return rows;
    for (const CopyStanding::Session& s : venues.copies()->standing(Timestamp{0}).sessions) {
        rows.push_back({{"venue", names.at(s.venue.value)},
                        {"session", "drop copy " + s.name},
                        {"state", s.state}});
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
