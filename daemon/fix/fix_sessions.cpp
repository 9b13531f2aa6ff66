#include "daemon/fix/fix_sessions.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "daemon/assembly/start_refusal.hpp"

namespace fermata {
namespace {

constexpr std::size_t kCopiesKept = 262'144;

int seconds_of(Duration duration) { return static_cast<int>(duration.ns / 1'000'000'000); }

[[noreturn]] void refuse(const SessionConfig& s, const LogonTagConfig& field,
                         const std::string& why) {
    throw StartRefusal("session '" + s.name + "': field " + std::to_string(field.tag) +
                       " of Logon: " + why);
}

/// The first line of a file that others cannot read.
std::string secret_of(const SessionConfig& s, const LogonTagConfig& field) {
    const std::string path = field.file.string();
    std::ifstream in(field.file);
    struct ::stat status{};
    if (!in || ::stat(path.c_str(), &status) != 0) {
        refuse(s, field, "the file '" + path + "' cannot be read; make it, or name another one");
    }
    if ((status.st_mode & S_IRWXO) != 0) {
        refuse(s, field, "everybody can use the file '" + path + "'; run chmod o= on it");
    }
    std::string value;
    std::getline(in, value);
    if (!value.empty() && value.back() == '\r') value.pop_back();
    if (value.empty()) {
        refuse(s, field, "the first line of the file '" + path + "' is empty");
    }
    return value;
}

std::string value_of(const SessionConfig& s, const LogonTagConfig& field) {
    std::string value = field.value;
    if (!field.file.empty()) value = secret_of(s, field);
    if (!field.environment.empty()) {
        const char* const found = std::getenv(field.environment.c_str());
        if (found == nullptr || *found == '\0') {
            refuse(s, field, "the variable " + field.environment + " is not set");
        }
        value = found;
    }
    if (std::any_of(value.begin(), value.end(), [](char c) { return c < ' ' || c > '~'; })) {
        refuse(s, field, "its value is not all visible ASCII characters");
    }
    return value;
}

fix::Dialect dialect_of(const Config& config, const SessionConfig& s) {
    fix::Dialect d;
    d.venue = s.venue;
    d.symbols = s.symbols;
    d.accounts = s.accounts;
    d.currencies = config.instruments.currencies();
    d.account_tag = s.account_tag;
    for (const TagValue& field : s.order_tags) d.order_tags.emplace_back(field.tag, field.value);
    d.executions_by_account = s.executions_by_account;
    d.hand_inst = s.hand_inst;
    d.mass_cancel = s.mass_cancel;
    d.mass_status = s.mass_status;
    d.security_types = s.security_types;
    d.expire_time = s.expire_time;
    return d;
}

}  // namespace

std::vector<FixSession> make_fix_sessions(const Config& config, SessionRole role) {
    std::vector<FixSession> out;
    for (std::size_t n = 0; n < config.sessions.size(); ++n) {
        const SessionConfig& s = config.sessions[n];
        if (s.role != role) continue;
        FixSession made;
        made.index = n;
        fix::SessionSettings& f = made.settings;
        f.host = s.host;
        f.port = s.port;
        f.sender_comp_id = s.sender_comp_id;
        f.target_comp_id = s.target_comp_id;
        f.qualifier = s.qualifier;
        f.heartbeat_s = seconds_of(s.heartbeat);
        f.reconnect_s = seconds_of(s.reconnect);
        f.start_time = s.start_time;
        f.end_time = s.end_time;
        f.start_day = s.start_day;
        f.end_day = s.end_day;
        f.reset_on_logon = s.reset_on_logon;
        for (const LogonTagConfig& field : s.logon_tags) {
            f.logon_tags.emplace_back(field.tag, value_of(s, field));
            if (field.value.empty()) f.secret_tags.push_back(field.tag);
        }
        f.cancel_on_disconnect = {s.cancel_on_disconnect.tag, s.cancel_on_disconnect.value};
        f.store_folder = s.store.string();
        f.dialect = dialect_of(config, s);
        if (role == SessionRole::kDropCopy) f.kind = fix::SessionKind::kDropCopy;
        if (role == SessionRole::kMarketData) {
            f.kind = fix::SessionKind::kMarketData;
            f.market = {s.instruments, s.quotes, s.trades, s.quote_stream, s.trade_stream, s.lane};
        }
        f.orders_max = config.engine.orders_max;
        f.reports_lane = config.engine.order_lane;
        // A day's copies may come at once, and those that do not fit are lost.
        if (role == SessionRole::kDropCopy) f.reports_lane = std::max(f.reports_lane, kCopiesKept);
        out.push_back(std::move(made));
    }
    return out;
}

}  // namespace fermata
