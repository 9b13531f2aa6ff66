#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

constexpr const char* kSessionName = "session";

/// What can stand in a field: the separator of fields cannot.
bool is_field_text(const std::string& text) {
    return text.size() <= 200 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}
constexpr const char* kFieldTextPhrase = "up to 200 visible ASCII characters";

/// CompIDs also name the files of the sequence numbers.
bool is_comp_id(const std::string& text) {
    return text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return c > ' ' && c <= '~' && c != '/' && c != '\\' && c != '|';
           });
}
constexpr const char* kCompIdPhrase =
    "up to 64 visible ASCII characters without blanks, slashes and bars";

bool is_host(const std::string& text) {
    return text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
               return c > ' ' && c <= '~' && c != '/';
           });
}

bool is_time_of_day(const std::string& text) {
    if (text.size() != 8 || text[2] != ':' || text[5] != ':') return false;
    const auto two = [&](std::size_t at, int below) {
        const auto digit = [](char c) { return c >= '0' && c <= '9'; };
        return digit(text[at]) && digit(text[at + 1]) &&
               (text[at] - '0') * 10 + (text[at + 1] - '0') < below;
    };
    return two(0, 24) && two(3, 60) && two(6, 60);
}

bool is_whole_seconds(const Duration& value) { return value.ns % 1'000'000'000 == 0; }

bool is_lane(const std::size_t& n) { return n != 0 && (n & (n - 1)) == 0; }

/// The fields that the session writes itself.
bool is_session_tag(int tag) {
    constexpr std::array kTags{8, 9, 10, 34, 35, 43, 49, 52, 56, 97, 98, 108, 122, 141, 789};
    return std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}
/// Those of an order that say what it is.
bool is_order_tag(int tag) {
    constexpr std::array kTags{1,  11, 18, 21, 38,  40,  41,  44,  54,
                               55, 59, 60, 99, 111, 114, 126, 210, 1138};
    return is_session_tag(tag) || std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}
/// RawData, Password, NewPassword, EncryptedPassword, EncryptedNewPassword.
bool is_secret_tag(int tag) {
    return tag == 96 || tag == 554 || tag == 925 || tag == 1402 || tag == 1404;
}

void check_logon_tag(Reader& reader, const Node& node, LogonTagSettings& field) {
    if (is_session_tag(field.tag)) {
        reader.problem_at("tag", node.find("tag")->place,
                          "found " + std::to_string(field.tag) +
                              ", expected a field that the session does not write itself");
    }
    const int said =
        (field.value.empty() ? 0 : 1) + (field.file ? 1 : 0) + (field.environment.empty() ? 0 : 1);
    if (said != 1) {
        reader.problem(node.place, "expected exactly one of value, file, environment");
    }
    if (!field.value.empty() && is_secret_tag(field.tag)) {
        Place place = node.find("value")->place;
        // An override is named by its text, which holds the secret.
        if (place.line == 0) place.origin = std::make_shared<const std::string>("--set");
        reader.problem_at("value", place,
                          "a password does not belong into a configuration; give it by 'file' or "
                          "'environment'");
        field.value.clear();
    }
}

Section<LogonTagSettings> logon_tag_section() {
    using S = LogonTagSettings;
    Section<S> s("logon_tags",
                 "Fields added to Logon, such as user name (553) and password (554).");
    s.key("tag", &S::tag, "Number of the field.",
          {.required = true, .minimum = 1, .maximum = 99'999});
    s.key("value", &S::value, "Its value. Never a password.",
          {.default_note = "none", .valid = is_field_text, .expected = kFieldTextPhrase});
    s.key("file", &S::file,
          "A file that holds the value in its first line, read at start; nobody else than its "
          "owner and group may read it.",
          {.default_note = "none"});
    s.key("environment", &S::environment, "A variable that holds the value, read at start.",
          {.default_note = "none", .valid = is_name, .expected = "the name of a variable"});
    s.check(check_logon_tag);
    return s;
}

Section<TagValue> tag_section(const std::string& title, const std::string& doc,
                              void (*rule)(Reader&, const Node&, TagValue&)) {
    Section<TagValue> s(title, doc);
    s.key("tag", &TagValue::tag, "Number of the field.",
          {.required = true, .minimum = 1, .maximum = 99'999});
    s.key("value", &TagValue::value, "Its value.",
          {.required = true, .valid = is_field_text, .expected = kFieldTextPhrase});
    s.check(rule);
    return s;
}

void refuse_reserved(Reader& reader, const Node& node, const TagValue& field, bool reserved) {
    if (!reserved) return;
    reader.problem_at(
        "tag", node.find("tag")->place,
        "found " + std::to_string(field.tag) + ", expected a field that is not written otherwise");
}

/// A key that a role does nothing with says that somebody expects something else of it.
void refuse_key(Reader& reader, const Node& node, const char* key, bool said, SessionRole role) {
    const Node* value = node.find(key);
    if (value == nullptr || !said) return;
    reader.problem_at(
        key, value->place,
        std::string("found it in a session of role ") + session_role_name(role) +
            ", which does nothing with it; expected it in a session of another role only");
}

void check_session(Reader& reader, const Node& node, SessionKeys& keys) {
    const SessionConfig& s = keys.session;
    if (s.start_day.empty() != s.end_day.empty()) {
        reader.problem(node.place, "expected both or none of start_day and end_day");
    }
    const SessionConfig usual;
    const auto refuse = [&](const char* key, bool said) {
        refuse_key(reader, node, key, said, s.role);
    };
    if (s.role != SessionRole::kMarketData) {
        refuse("instruments", !keys.instruments.empty());
        refuse("quotes", s.quotes != usual.quotes);
        refuse("trades", s.trades != usual.trades);
        refuse("lane", s.lane != usual.lane);
    } else if (!s.quotes && !s.trades) {
        reader.problem(node.place, "expected quotes, trades or both of a market data session");
    }
    if (s.role != SessionRole::kDropCopy) {
        refuse("missing", s.missing != usual.missing);
        refuse("book_after", s.book_after != usual.book_after);
    }
    if (s.role == SessionRole::kMarketData || s.role == SessionRole::kDropCopy) {
        refuse("order_tags", !s.order_tags.empty());
        refuse("cancel_on_disconnect", keys.cancel_on_disconnect.has_value());
        refuse("mass_cancel", s.mass_cancel);
        refuse("mass_status", s.mass_status);
        refuse("hand_inst", s.hand_inst != usual.hand_inst);
        refuse("expire_time", s.expire_time != usual.expire_time);
        refuse("security_types", !keys.security_types.empty());
    }
    const auto is_type = [](const TagValue& field) { return field.tag == kSecurityTypeTag; };
    if (!keys.security_types.empty() &&
        std::any_of(s.order_tags.begin(), s.order_tags.end(), is_type)) {
        reader.problem_at("security_types", node.find("security_types")->place,
                          "found it beside the field 167 in order_tags, expected one of the two");
    }
    for (std::size_t n = 0; n < s.order_tags.size(); ++n) {
        for (std::size_t m = 0; m < n; ++m) {
            if (s.order_tags[n].tag != s.order_tags[m].tag) continue;
            reader.problem_at("order_tags", node.find("order_tags")->place,
                              "found the field " + std::to_string(s.order_tags[n].tag) +
                                  " twice, expected every field once");
        }
    }
}

const std::vector<Choice<std::string>>& days() {
    static const std::vector<Choice<std::string>> all = [] {
        std::vector<Choice<std::string>> out;
        out.push_back({"every", "", "One session a day."});
        for (const char* day :
             {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}) {
            out.push_back({day, day, ""});
        }
        return out;
    }();
    return all;
}

Section<SessionConfig> connection_keys() {
    using S = SessionConfig;
    Section<S> s("", "");
    s.choice(
        "role", &S::role, "What the session is for.",
        {{"orders", SessionRole::kOrders,
          "Orders out and execution reports in; at most one for each venue."},
         {"market_data", SessionRole::kMarketData,
          "Quotes, trades and trading status in. Outside of mode replay such sessions take the "
          "place of `feeds`."},
         {"drop_copy", SessionRole::kDropCopy,
          "Copies of the reports about everything that the firm did, to compare with."},
         {"watchdog", SessionRole::kWatchdog,
          "By it the watchdog process cancels when the daemon hangs; at most one for each "
          "venue."}},
        {.required = true});
    s.key("host", &S::host, "Where the venue listens.",
          {.required = true, .valid = is_host, .expected = "a host name or an address"});
    s.key("port", &S::port, "Its port.", {.required = true, .minimum = std::uint16_t{1}});
    s.key("sender_comp_id", &S::sender_comp_id, "Who we are (SenderCompID, 49).",
          {.required = true, .valid = is_comp_id, .expected = kCompIdPhrase});
    s.key("target_comp_id", &S::target_comp_id, "Who they are (TargetCompID, 56).",
          {.required = true, .valid = is_comp_id, .expected = kCompIdPhrase});
    s.key("qualifier", &S::qualifier,
          "Tells sessions with the same two names apart; it is not sent.",
          {.default_note = "none", .valid = is_comp_id, .expected = kCompIdPhrase});
    const Options<Duration> seconds{.minimum = Duration::seconds(1),
                                    .maximum = Duration::minutes(60),
                                    .valid = is_whole_seconds,
                                    .expected = "a duration in whole seconds"};
    s.key("heartbeat", &S::heartbeat,
          "Silence after which a heartbeat is sent (HeartBtInt, 108); after about twice as much "
          "silence of the venue the session is down.",
          seconds);
    s.key("reconnect", &S::reconnect,
          "Pause between two attempts to connect; the smallest of a process's sessions is in "
          "force for all of them.",
          seconds);
    const Options<std::string> time{.valid = is_time_of_day,
                                    .expected = "a time of day such as 14:30:00"};
    s.key("start_time", &S::start_time,
          "UTC time of day at which the session begins. Sequence numbers begin again with it. The "
          "same as end_time: the session lasts a whole day, from that time to that time.",
          time);
    s.key("end_time", &S::end_time, "UTC time of day at which the session ends.", time);
    s.choice("start_day", &S::start_day, "Day of the week on which a weekly session begins.",
             days());
    s.choice("end_day", &S::end_day, "Day of the week on which a weekly session ends.", days());
    s.key("reset_on_logon", &S::reset_on_logon,
          "Begin with sequence number 1 at every logon. Reports that were missed are then not sent "
          "again.");
    return s;
}

void add_dialect_keys(Section<SessionConfig>& s) {
    using S = SessionConfig;
    s.choice("dialect", &S::dialect, "How the venue speaks FIX 4.4; see docs/fix.md.",
             {{"generic", SessionDialect::kGeneric, "As the standard says."},
              {"interactive_brokers", SessionDialect::kInteractiveBrokers,
               "As Interactive Brokers speaks it: CustomerOrFirm (204) = 0 and ExDestination (100) "
               "= SMART where order_tags says nothing else, security_types by the asset class, "
               "expire_time: false."}});
    s.key("account_tag", &S::account_tag, "Field that holds the account in orders; 0: none does.",
          {.minimum = 0, .maximum = 99'999});
    s.key("hand_inst", &S::hand_inst, "Whether orders carry HandlInst (21) = 1.");
    s.key("executions_by_account", &S::executions_by_account,
          "Whether ExecID (17) is unique within an account only, not at the whole venue.");
    s.key("expire_time", &S::expire_time,
          "Whether the venue ends orders at ExpireTime (126). Where it does not, the order manager "
          "ends orders that are good till a time.");
    s.key("mass_cancel", &S::mass_cancel,
          "Whether the venue knows OrderMassCancelRequest (q): one message then cancels all.");
    s.key("mass_status", &S::mass_status,
          "Whether the venue knows OrderMassStatusRequest (AF), by which open orders are compared "
          "at start.");
}

}  // namespace

Section<SessionKeys> session_section() {
    using S = SessionKeys;
    Section<S> s("sessions",
                 "FIX 4.4 sessions that the daemon opens: orders, market data, drop copy, and that "
                 "of its watchdog. See docs/fix.md.");
    s.add([] {
        KeySpec key = scalar_key(
            "name", &SessionConfig::name, "Name of the session, for people.",
            {.required = true, .valid = is_name, .expected = kNamePhrase, .defines = kSessionName});
        return Section<S>("", "")
            .include(
                [&] {
                    Section<SessionConfig> one("", "");
                    one.add(key);
                    return one;
                }(),
                &S::session)
            .spec()
            ->keys.front();
    }());
    s.key("venue", &S::venue, "The venue behind it.",
          {.default_note = "the first venue", .refers_to = kVenueName});
    s.include(connection_keys(), &S::session);
    s.key("store", &S::store,
          "Folder in which the sequence numbers are kept; made when it is not there. It must "
          "survive a restart of the machine.",
          {.required = true});
    s.list("logon_tags", &S::logon_tags, logon_tag_section());
    s.section("cancel_on_disconnect", &S::cancel_on_disconnect,
              tag_section("cancel_on_disconnect",
                          "A field of Logon by which the venue is asked to cancel our orders when "
                          "the connection is lost.",
                          [](Reader& reader, const Node& node, TagValue& field) {
                              refuse_reserved(reader, node, field, is_session_tag(field.tag));
                          }));
    Section<SessionConfig> dialect("", "");
    add_dialect_keys(dialect);
    dialect.list("order_tags", &SessionConfig::order_tags,
                 tag_section("order_tags",
                             "Fields added to every order, replace and cancel, as they are: "
                             "ExDestination (100) and what the venue asks for.",
                             [](Reader& reader, const Node& node, TagValue& field) {
                                 refuse_reserved(reader, node, field, is_order_tag(field.tag));
                             }));
    s.include(dialect, &S::session);
    s.add(value_map_key("accounts", &S::accounts,
                        "What the venue calls our accounts; one that is left out is not sent.",
                        {.valid = is_field_text, .expected = kFieldTextPhrase}, kAccountName));
    s.add(value_map_key("symbols", &S::symbols,
                        "What the venue calls instruments (Symbol, 55) where it is not our symbol.",
                        {.valid = is_field_text, .expected = kFieldTextPhrase}, kSymbolName));
    s.add(value_map_key("security_types", &S::security_types,
                        "What the venue calls the kind of an instrument (SecurityType, 167), sent "
                        "with every order, replace and cancel.",
                        {.default_note = "none; with dialect interactive_brokers by asset_class",
                         .valid = is_field_text,
                         .expected = kFieldTextPhrase},
                        kSymbolName));
    s.values("instruments", &S::instruments, "What a market data session subscribes to.",
             {.default_note = "all instruments", .refers_to = kSymbolName});
    Section<SessionConfig> copy("", "");
    copy.choice(
        "missing", &SessionConfig::missing,
        "A drop copy session: what follows when it tells of a fill, bust or correction that "
        "was not reported.",
        {{"halt", MissingFill::kHalt,
          "It is told, and halts the firm when it lasts (limit drop_copy)."},
         {"book", MissingFill::kBook,
          "If it is of an order of ours, it is booked from the copy; a report that comes "
          "later is a duplicate then."}});
    copy.key("book_after", &SessionConfig::book_after,
             "A drop copy session: how long the report is waited for before it is booked.",
             {.minimum = Duration::milliseconds(100), .maximum = Duration::minutes(5)});
    s.include(copy, &S::session);
    Section<SessionConfig> market("", "");
    market.key("quotes", &SessionConfig::quotes,
               "Whether it subscribes to the best bid and offer.");
    market.key("trades", &SessionConfig::trades, "Whether it subscribes to trades.");
    market.key("lane", &SessionConfig::lane,
               "Market events that wait for the feed's thread; what comes beyond is lost, and "
               "every stream of the session is told to have a gap.",
               {.minimum = 16,
                .maximum = std::size_t{1} << 24,
                .unit = "events",
                .valid = is_lane,
                .expected = "a power of two"});
    s.include(market, &S::session);
    s.check(check_session);
    return s;
}

}  // namespace fermata::config
