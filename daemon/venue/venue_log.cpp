#include "daemon/venue/venue_log.hpp"

#include <algorithm>
#include <stdexcept>

namespace fermata::venue {
namespace {

/// In quotes where CSV (RFC 4180) wants it. What members wrote may hold anything.
std::string cell(std::string_view text) {
    std::string out(text);
    std::replace(out.begin(), out.end(), '\001', '|');
    for (char& c : out) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    if (out.find_first_of(",\"") == std::string::npos) return out;
    std::string quoted = "\"";
    for (const char c : out) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace

VenueLog::VenueLog(const std::filesystem::path& path) : path_(path.string()) {
    if (path_.empty()) return;
    const bool is_new = !std::filesystem::exists(path);
    file_.open(path, std::ios::app);
    if (!file_) throw std::runtime_error("cannot write " + path_);
    if (is_new) file_ << "time_ns,what,member,text\n";
}

void VenueLog::line(Timestamp ts, std::string_view what, std::string_view member,
                    std::string_view text) {
    if (!on()) return;
    file_ << ts.ns << ',' << what << ',' << cell(member) << ',' << cell(text) << '\n';
}

void VenueLog::message(Timestamp ts, std::string_view member, const fix::OutMessage& message) {
    if (!on()) return;
    std::string text = "35=" + message.type();
    for (const auto& field : message.fields()) {
        text += '|' + std::to_string(field.tag) + '=';
        text += message.value(field);
    }
    line(ts, "out", member, text);
}

void VenueLog::bytes(Timestamp ts, std::string_view member, std::string_view bytes) {
    line(ts, "in", member, bytes);
}

void VenueLog::flush() {
    if (!on()) return;
    file_.flush();
    if (!file_) throw std::runtime_error("cannot write " + path_);
}

}  // namespace fermata::venue
